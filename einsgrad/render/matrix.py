"""Matrix notation: equations as layouts of matrices, vectors and scalars.

Matrices are upper-case, vectors bold, scalars italic; ``1`` in bold is the vector of ones, ``I`` the identity, of the
sizes that fit. Functions and the powers ``X^{∘2}`` apply element by element, ``⊙`` and ``⊘`` multiply and divide so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction as Rational
from typing import Any, NamedTuple, assert_never

from einsgrad.ir.equations import Definition
from einsgrad.ir.names import GREEK, split_gradient_name
from einsgrad.ir.printer import print_claim, print_definition, print_number
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import stackless, tensors
from einsgrad.render import matrix_nodes as mx
from einsgrad.render.layout import Fenced, Fraction, Identifier, Layout, Number, Operator, Root, Row, Script, Style
from einsgrad.render.matrix_nodes import MatrixExpr
from einsgrad.render.recognition import MatrixEquation, recognise
from einsgrad.render.typeset import function_name
from einsgrad.render.unicode import unicode

_STYLES: tuple[Style, ...] = ("italic", "bold", "italic")
_MINUS, _PARTIAL, _TRANSPOSE = Operator("-"), Operator("∂"), Identifier("T", "upright")


class _Level(IntEnum):
    """How tightly a layout holds: what may stand in a sum, a Hadamard product, a product, or under a script."""

    SUM, HADAMARD, PRODUCT, FACTOR, ATOM = range(5)


class _Set(NamedTuple):
    """What an expression is set as: the layout, how tightly it holds, and whether a minus stands before it."""

    layout: Layout
    level: _Level = _Level.ATOM
    negative: bool = False


def matrix_definition(definition: Definition, names: Mapping[str, str] | None = None) -> Layout | None:
    """Give an equation in matrix notation, or ``None`` where matrices can't say it.

    Args:
        definition: the equation.
        names: how tensors are called, from :func:`matrix_names` of all equations that are shown together; of this
            equation alone if left out.
    """
    equation = recognise(definition)
    if equation is None:
        return None
    return layout(equation, matrix_names([definition]) if names is None else names)


def matrix_lines(program: Program) -> list[str]:
    """Give a program in matrix notation, a line a statement; what matrices can't say has its indices, after a ``#``.

    >>> from einsgrad.frontend.parser import parse_program
    >>> matrix_lines(parse_program("y_i = a_ij x_j; t_ijk = x_i x_j x_k"))
    ['𝐲 = A 𝐱', '# t_ijk = x_i x_j x_k']
    """
    names = matrix_names(program.definitions)
    lines = []
    for definition in program.definitions:
        shown = matrix_definition(definition, names)
        lines.append(unicode(shown) if shown is not None else f"# {print_definition(definition)}")
    return [*lines, *(f"# {print_claim(claim)}" for claim in program.claims)]


def matrix_names(definitions: Iterable[Definition]) -> dict[str, str]:
    """Give the name of each tensor in matrix notation: a matrix has a capital, unless another tensor has that name.

    >>> from einsgrad.ir import build
    >>> from einsgrad.ir.nodes import Index
    >>> i, j = Index("i"), Index("j")
    >>> matrix_names([Definition("a", (i, j), build.tensor("γ", [j, i]))])
    {'a': 'A', 'γ': 'Γ'}
    """
    orders: dict[str, int] = {}
    for definition in definitions:
        named = [(definition.name, len(definition.indices))]
        for name, order in [*named, *((t.name, len(t.indices)) for t in tensors(definition.rhs))]:
            of, by = split_gradient_name(name) or (None, name)
            orders.setdefault(by, order)
            if of is not None:
                orders.setdefault(of, 0)
    wishes = {name: _capital(name) if order == 2 else name for name, order in orders.items()}
    count = Counter(wishes.values())
    return {name: wish if count[wish] == 1 and wish != "I" else name for name, wish in wishes.items()}


def _capital(name: str) -> str:
    """Write the first letter as a capital, where that looks different from a Latin one."""
    capital = name[0].upper()
    return capital + name[1:] if name[0].isascii() or capital in GREEK.values() else name


def layout(equation: MatrixEquation, names: Mapping[str, str]) -> Layout:
    """Give the layout of a matrix equation, with tensors called by ``names``."""
    left, right = _set_deep(equation.left, names), _set_deep(equation.right, names)
    return Row((left.layout, Operator("="), _signed(right)))


@stackless
def _set_deep(node: MatrixExpr, names: Mapping[str, str]) -> Generator[tuple[Any, ...], Any, _Set]:
    below = []
    for part in _parts(node):
        below.append((yield part, names))
    return _set(node, below, names)


def _parts(node: MatrixExpr) -> Iterator[MatrixExpr]:
    """Yield the parts of an expression, ``a`` for a factor ``1/a``, which is set as a division by ``a``."""
    match node:
        case mx.Symbol() | mx.Number() | mx.Count() | mx.Ones() | mx.Identity():
            return
        case mx.Transpose(of=mx.Inverse(of=of)):  # A⁻ᵀ is one sign
            yield of
        case mx.DiagonalMatrix(of=of) | mx.Diagonal(of=of) | mx.Trace(of=of) | mx.Norm(of=of):
            yield of
        case mx.Transpose(of=of) | mx.Inverse(of=of) | mx.Determinant(of=of):
            yield of
        case mx.Product(parts=below) | mx.Sum(terms=below) | mx.Apply(args=below):
            yield from below
        case mx.Hadamard(parts=below):
            yield from (_divisor(part) or part for part in below)
        case mx.Scale(scalars=scalars, body=body):
            yield from (_divisor(scalar) or scalar for scalar in scalars)
            if body is not None:
                yield body
        case mx.Power(base=base, exponent=exponent):
            yield from (base, exponent)
        case _:
            assert_never(node)


def _divisor(node: MatrixExpr) -> MatrixExpr | None:
    match node:
        case mx.Power(base=base, exponent=mx.Number(value=value)) if value == -1:
            return base
        case _:
            return None


def _set(node: MatrixExpr, below: Sequence[_Set], names: Mapping[str, str]) -> _Set:
    match node:
        case mx.Symbol(name=name, order=order):
            return _symbol(name, order, names)
        case mx.Number(value=value):
            return _number(value)
        case mx.Count(index=index):
            return _Set(Fenced("|", Identifier(index.name, "index"), "|"))
        case mx.Ones():
            return _Set(Identifier("1", "bold"))
        case mx.Identity():
            return _call("diag", Identifier("1", "bold")) if "I" in names.values() else _Set(Identifier("I"))
        case mx.Transpose() | mx.Inverse() | mx.DiagonalMatrix() | mx.Diagonal() | mx.Trace() | mx.Determinant():
            return _of_one(node, below[0])
        case mx.Product(parts=parts):
            return _product(parts, below)
        case mx.Hadamard(parts=parts):
            return _hadamard(parts, below)
        case mx.Norm(is_matrix=is_matrix):
            bars = Fenced("‖", _signed(below[0]), "‖")
            return _Set(Script(bars, Identifier("F", "upright")) if is_matrix else bars)
        case mx.Scale():
            return _scale(node, below)
        case mx.Sum():
            return _Set(Row(tuple(part for k, term in enumerate(below) for part in _term(term, k == 0))), _Level.SUM)
        case mx.Power(elementwise=elementwise):
            return _power(below[0], below[1], elementwise, _divisor(node) is not None)
        case mx.Apply(function=function):
            return _applied(function, [_signed(shown) for shown in below])
        case _:
            assert_never(node)


def _of_one(
    node: mx.Transpose | mx.Inverse | mx.DiagonalMatrix | mx.Diagonal | mx.Trace | mx.Determinant, of: _Set
) -> _Set:
    """Set what is done to one matrix or vector."""
    match node:
        case mx.Transpose(of=mx.Inverse()):
            return _scripted(of, Row((_MINUS, _TRANSPOSE)))
        case mx.Transpose():
            return _Set(Script(_bracket(of, _Level.ATOM), above=_TRANSPOSE), _Level.FACTOR)
        case mx.Inverse():
            return _scripted(of, Row((_MINUS, Number("1"))))
        case mx.DiagonalMatrix() | mx.Diagonal():
            return _call("diag", _signed(of))
        case mx.Trace():
            return _call("tr", _signed(of))
        case mx.Determinant(function="det"):
            return _call("det", _signed(of))
        case mx.Determinant():
            return _Set(Row((Identifier("log", "function"), _call("det", _signed(of)).layout)), _Level.FACTOR)
        case _:
            assert_never(node)


def _symbol(name: str, order: int, names: Mapping[str, str]) -> _Set:
    parts = split_gradient_name(name)
    if parts is None:
        return _Set(Identifier(names.get(name, name), _STYLES[order]))
    above, below = Identifier(names.get(parts[0], parts[0])), Identifier(names.get(parts[1], parts[1]), _STYLES[order])
    return _Set(Fraction(Row((_PARTIAL, above)), Row((_PARTIAL, below))), _Level.FACTOR)


def _number(value: Rational) -> _Set:
    above, slash, below = print_number(abs(value)).partition("/")
    if slash:
        return _Set(Fraction(Number(above), Number(below)), _Level.FACTOR, value < 0)
    return _Set(Number(format(Decimal(above), "f")), negative=value < 0)


def _call(name: str, *arguments: Layout) -> _Set:
    listed = [part for argument in arguments for part in (Operator(","), argument)][1:]
    return _Set(Row((Identifier(name, "function"), Fenced("(", _row(listed), ")"))))


def _applied(function: str, arguments: Sequence[Layout]) -> _Set:
    if not arguments:
        return _Set(Identifier(function))
    if function == "sqrt":
        return _Set(Root(arguments[0]), _Level.FACTOR)
    return _call(function_name(function), *arguments)


def _power(base: _Set, exponent: _Set, elementwise: bool, divides: bool) -> _Set:
    if divides and not elementwise:
        return _Set(Fraction(Number("1"), _signed(base)), _Level.FACTOR)
    above = Row((Operator("∘"), _signed(exponent))) if elementwise else _signed(exponent)
    return _scripted(base, above)


def _scripted(base: _Set, above: Layout) -> _Set:
    """Set a superscript, above a subscript where there is one."""
    match _bracket(base, _Level.ATOM):
        case Script(base=inner, below=below, above=None):
            return _Set(Script(inner, below, above), _Level.FACTOR)
        case bracketed:
            return _Set(Script(bracketed, above=above), _Level.FACTOR)


def _product(parts: Sequence[MatrixExpr], below: Sequence[_Set]) -> _Set:
    match parts:
        case (mx.Transpose(of=mx.Symbol(name=name, order=1)), mx.Symbol(order=1)) if split_gradient_name(name) is None:
            left = below[0].layout
            assert isinstance(left, Script)
            return _Set(Row((left.base, Operator("·"), below[1].layout)), _Level.PRODUCT)
        case _:
            return _Set(_row([_bracket(shown, _Level.FACTOR) for shown in below]), _Level.PRODUCT)


def _hadamard(parts: Sequence[MatrixExpr], below: Sequence[_Set]) -> _Set:
    """Set ``A ⊙ B ⊘ C``: the divisors last, several of them as one."""
    over = [_bracket(shown, _Level.FACTOR) for part, shown in zip(parts, below, strict=True) if not _divisor(part)]
    under = [_bracket(shown, _Level.FACTOR) for part, shown in zip(parts, below, strict=True) if _divisor(part)]
    divisor = [Fenced("(", _joined(under), ")")] if len(under) > 1 else under
    if not over:
        minus_one = _Set(Number("1"), negative=True)
        return _power(_Set(_joined(under), _Level.HADAMARD), minus_one, elementwise=True, divides=True)
    return _Set(_row([_joined(over), *(p for d in divisor for p in (Operator("⊘"), d))]), _Level.HADAMARD)


def _joined(factors: Sequence[Layout]) -> Layout:
    return _row([part for factor in factors for part in (Operator("⊙"), factor)][1:])


def _scale(node: mx.Scale, below: Sequence[_Set]) -> _Set:
    """Set ``p/(q a) b M``: the number and the divisors as a fraction, then the other scalars, then the body."""
    number, start = Rational(1), 0
    if isinstance(node.scalars[0], mx.Number):
        number, start = node.scalars[0].value, 1
    scalars = list(zip(node.scalars[start:], below[start:], strict=False))
    under = [shown for scalar, shown in scalars if _divisor(scalar)]
    after = [shown for scalar, shown in scalars if not _divisor(scalar)] + list(below[len(node.scalars) :])
    over = [_number(Rational(abs(number.numerator)))] if abs(number.numerator) != 1 else []
    if number == -1 and not under and len(after) == 1:
        return _negated(after[0])
    if node.body is None and under:
        over, after = over + after, []
    if number.denominator != 1:
        under.insert(0, _number(Rational(number.denominator)))
    front = over
    if under:
        front = [_Set(Fraction(_alone(over) if over else Number("1"), _alone(under)), _Level.FACTOR)]
    return _Set(_juxtaposed(front + after), _Level.PRODUCT, number < 0)


def _negated(shown: _Set) -> _Set:
    """Set a minus and one factor, which needs brackets only if it is a sum or has a sign itself."""
    bracketed = shown.negative or shown.level == _Level.SUM
    return _Set(_bracket(shown, _Level.HADAMARD), _Level.ATOM if bracketed else shown.level, negative=True)


def _alone(factors: Sequence[_Set]) -> Layout:
    """Set the factors above or below the line of a fraction, where one needs no brackets."""
    return _signed(factors[0]) if len(factors) == 1 else _juxtaposed(factors)


def _juxtaposed(factors: Sequence[_Set]) -> Layout:
    """Set scalars, and perhaps a matrix product after them, side by side."""
    *rest, last = factors
    return _row([*(_bracket(shown, _Level.FACTOR) for shown in rest), _bracket(last, _Level.PRODUCT)])


def _term(shown: _Set, first: bool) -> list[Layout]:
    layout = Fenced("(", shown.layout, ")") if shown.level == _Level.SUM else shown.layout
    if first:
        return [_MINUS, layout] if shown.negative else [layout]
    return [_MINUS if shown.negative else Operator("+"), layout]


def _signed(shown: _Set) -> Layout:
    return Row((_MINUS, shown.layout)) if shown.negative else shown.layout


def _bracket(shown: _Set, least: _Level) -> Layout:
    return Fenced("(", _signed(shown), ")") if shown.negative or shown.level < least else shown.layout


def _row(parts: Sequence[Layout]) -> Layout:
    return parts[0] if len(parts) == 1 else Row(tuple(parts))
