"""Typesetting: programs as layouts of index notation.

The counterpart of :mod:`einsgrad.ir.printer`: signs, brackets and explicit sums are decided alike, in
:mod:`einsgrad.ir.notation`, so that what the layouts are written as reads back as the same program. A division is a
fraction here, whose numerator begins after the fraction before it.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from decimal import Decimal
from fractions import Fraction as Rational
from typing import Any, NamedTuple, assert_never

from einsgrad.ir.conditions import AND, MASK, OR, SIGNS, comparison
from einsgrad.ir.derivation import Reason
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import (
    Affine,
    Apply,
    Delta,
    Derivative,
    Expr,
    Gather,
    Index,
    Iota,
    Literal,
    MatrixFunction,
    One,
    Power,
    Product,
    Reduction,
    Selector,
    Size,
    Subscript,
    Sum,
    Tensor,
)
from einsgrad.ir.notation import Level, WrittenFactor, are_letters, arrange, is_bare_operand, is_gradient
from einsgrad.ir.printer import print_number
from einsgrad.ir.reductions import REDUCTIONS
from einsgrad.ir.traversal import stackless
from einsgrad.render.layout import Fenced, Fraction, Identifier, Layout, Number, Operator, Root, Row, Script, Text
from einsgrad.render.spelling import spell

PARTIAL = Operator("∂")
_MINUS = Operator("-")
_SYMBOL = re.compile(r"([=→≡])")


class _Set(NamedTuple):
    """What an expression is set as: a sign, the layout after it, and how tightly it holds."""

    negative: bool
    layout: Layout
    level: Level = Level.ATOM


def typeset(node: Expr) -> Layout:
    """Give the layout of an expression.

    >>> from einsgrad.ir import build
    >>> typeset(build.negate(build.tensor("x")))
    Row(parts=(Operator(text='-'), Identifier(text='x', style='italic')))
    """
    return _signed(_typeset(node))


def typeset_tensor(name: str, indices: Sequence[Subscript]) -> Layout:
    """Give the layout of a tensor with its indices; a gradient is a fraction."""
    parts = split_gradient_name(name)
    if parts:
        above, below = typeset_tensor(parts[0], ()), typeset_tensor(parts[1], indices)
        return Fraction(Row((PARTIAL, above)), Row((PARTIAL, below)))
    return _subscripted(Identifier(name), indices)


def typeset_index(index: Index) -> Layout:
    """Give the layout of an index that stands by itself."""
    return Identifier(index.name, "index")


def typeset_reason(reason: Reason) -> Layout:
    """Give the layout of a reason: words, and mathematics between them."""
    parts: list[Layout] = []
    for part in reason:
        if isinstance(part, Index):
            parts.append(typeset_index(part))
        elif isinstance(part, str):
            pieces = filter(None, _SYMBOL.split(part))
            parts += [Operator(p) if _SYMBOL.fullmatch(p) else Text(p) for p in pieces if not p.isspace()]
        else:
            parts.append(typeset(part))
    return Row(tuple(parts))


_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def function_name(function: str) -> str:
    """Give the name that a function of the table has in mathematics.

    >>> [function_name(name) for name in ("exp", "asin", "relu", "maximum", "log2")]
    ['exp', 'arcsin', 'relu', 'max', 'log₂']
    """
    name, _, base = re.sub(r"\\(operatorname)?|[{}]", "", FUNCTIONS[function].latex).partition("_")
    return name + base.translate(_LOWERED)


@stackless
def _typeset(node: Expr) -> Generator[tuple[Any, ...], Any, _Set]:
    match node:
        case Literal(value=value):
            return _number(value)
        case Size(index=index):
            return _Set(False, Fenced("|", typeset_index(index), "|"))
        case Tensor(name=name, indices=indices):
            return _Set(False, typeset_tensor(name, indices), Level.PRODUCT if is_gradient(node) else Level.ATOM)
        case Delta() | One() | Iota() | Gather() | Selector():
            return _Set(False, _lettered(node))
        case Power(base=base, exponent=Literal(value=value)) if value == -1 and not isinstance(base, Literal):
            return _Set(False, Fraction(Number("1"), _enclosed(base, (yield (base,)))), Level.PRODUCT)
        case Power(base=base, exponent=exponent):
            below = yield (base,)
            above = yield (exponent,)
            return _Set(False, _power(base, below, _enclosed(exponent, above)), Level.POWER)
        case Apply(function=function) if function in SIGNS:
            return _Set(False, Fenced("[", (yield from _condition(node)), "]"))
        case Apply(function=function, args=args) if function != MASK:
            arguments = []
            for argument in args:
                arguments.append(_signed((yield (argument,))))
            return _Set(False, _applied(function, arguments))
        case Derivative(operand=operand, wrt=wrt):
            above = yield (operand,)
            over = above.layout if is_bare_operand(operand) else _parenthesised(_signed(above))
            below = typeset_tensor(wrt.name, wrt.indices)
            return _Set(False, Fraction(Row((PARTIAL, over)), Row((PARTIAL, below))), Level.PRODUCT)
        case Reduction(function=function, operand=operand, over=over):
            operator = Script(Identifier(REDUCTIONS[function].name, "function"), typeset_indices(over))
            return _Set(False, Row((operator, _parenthesised(_signed((yield (operand,)))))))
        case MatrixFunction(operand=operand):
            return _Set(False, _matrix_function(node, _signed((yield (operand,)))))
        case Sum(terms=terms):
            parts: list[Layout] = []
            for term in terms:
                parts += _term((yield (term,)), first=not parts)
            return _Set(False, Row(tuple(parts)), Level.SUM)
        case Product() | Apply():
            shown = arrange(node)
            factors = []
            for factor in shown.factors:
                factors.append((yield (factor.node,)))
            return _Set(shown.negative, _product(shown.sums, shown.factors, factors), Level.PRODUCT)
        case _:
            assert_never(node)


def _condition(node: Expr, inner: bool = False) -> Generator[tuple[Any, ...], Any, Layout]:
    """Set what stands in the square brackets of a condition."""
    if isinstance(node, Apply) and node.function in (AND, OR):
        left = yield from _condition(node.args[0], inner=True)
        right = yield from _condition(node.args[1], inner=True)
        joined = Row((left, Operator("∧" if node.function == AND else "∨"), right))
        return _parenthesised(joined) if inner else joined
    sides = []
    first, sign, second = comparison(node)
    for side in (first, second):
        sides.append(typeset_index(side.index) if isinstance(side, Iota) else _signed((yield (side,))))
    return Row((sides[0], Operator(_COMPARISONS[sign]), sides[1]))


_COMPARISONS = {"<": "<", ">": ">", "<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}


def typeset_indices(indices: Sequence[Subscript]) -> Layout:
    """Give the layout of indices as they stand below a base: side by side, or with commas where one is no letter."""
    shown = [_typeset_subscript(i) for i in indices]
    letters = [i for i in indices if isinstance(i, Index)]
    if len(letters) == len(indices) and are_letters(letters):
        return _row(shown)
    return _listed(shown)


def _typeset_subscript(subscript: Subscript) -> Layout:
    match subscript:
        case Index():
            return typeset_index(subscript)
        case Literal(value=value):
            return Fenced("[", _signed(_number(value)), "]")
        case Affine():
            return _typeset_affine(subscript)
        case Tensor(name=name, indices=indices):
            return _subscripted(Identifier(name), indices)


def _typeset_affine(subscript: Affine) -> Layout:
    """Set ``2i+k-1``."""
    parts: list[Layout] = []
    for letter, coefficient in [*subscript.terms, *([(None, subscript.constant)] if subscript.constant else [])]:
        if parts or coefficient < 0:
            parts.append(Operator("-" if coefficient < 0 else "+"))
        if letter is None or abs(coefficient) != 1:
            parts.append(Number(str(abs(coefficient))))
        if letter is not None:
            parts.append(typeset_index(letter))
    return _row(parts or [Number("0")])


def _lettered(node: Delta | One | Iota | Gather | Selector) -> Layout:
    """Set a factor that is told by what stands below it."""
    match node:
        case Delta(indices=indices):
            return _subscripted(Identifier("δ"), indices)
        case Selector(index=index, position=position):
            return _subscripted(Identifier("δ"), [index, position])
        case One(indices=indices):
            return _subscripted(Identifier("1", "bold"), indices)
        case Iota(index=index):
            return _subscripted(Identifier("iota", "upright"), [index])
        case Gather(operand=operand, subscripts=subscripts):
            return typeset_tensor(operand.name, subscripts)


def _subscripted(base: Layout, indices: Sequence[Subscript]) -> Layout:
    return Script(base, typeset_indices(indices)) if indices else base


def _listed(parts: Sequence[Layout]) -> Layout:
    separated = [part for shown in parts for part in (Operator(","), shown)]
    return _row(separated[1:])


def _number(value: Rational) -> _Set:
    """Set a number, written out where the printer has ``1e-5``, which would be a product here."""
    text = print_number(abs(value))
    above, slash, below = text.partition("/")
    if slash:
        return _Set(value < 0, Fraction(Number(above), Number(below)), Level.PRODUCT)
    return _Set(value < 0, Number(format(Decimal(text), "f")))


def _signed(shown: _Set) -> Layout:
    return Row((_MINUS, shown.layout)) if shown.negative else shown.layout


def _parenthesised(layout: Layout) -> Layout:
    return Fenced("(", layout, ")")


def _enclosed(node: Expr, shown: _Set) -> Layout:
    """Set what a fraction's line or an exponent's place encloses. A trace keeps brackets: they close its sum."""
    layout = _signed(shown)
    alone = isinstance(node, Product) and len(node.factors) == 1 and not isinstance(layout, Row | Fenced)
    return _parenthesised(layout) if alone else layout


def _bracket(shown: _Set, least: Level) -> Layout:
    return _parenthesised(_signed(shown)) if shown.negative or shown.level < least else shown.layout


def _term(shown: _Set, first: bool) -> list[Layout]:
    negative, layout, level = shown
    if level == Level.SUM:
        layout = _parenthesised(layout)
    if first:
        return [_MINUS, layout] if negative else [layout]
    return [_MINUS if negative else Operator("+"), layout]


def _power(base: Expr, below: _Set, above: Layout) -> Layout:
    """Set a power. A tensor's name has brackets where its own digits are raised, or where it is Euler's number."""
    raised = isinstance(base, Tensor) and (spell(base.name).number or (base.name == "e" and not base.indices))
    layout = _parenthesised(below.layout) if raised else _bracket(below, Level.ATOM)
    if isinstance(layout, Script) and layout.above is None:
        return Script(layout.base, layout.below, above)
    return Script(layout, above=above)


def _applied(function: str, arguments: Sequence[Layout]) -> Layout:
    """Set a function. Bars around a bare name are the size of an index, so there they are no absolute value."""
    if not arguments:
        return Identifier(function)
    if function == "sqrt":
        return Root(arguments[0])
    if function == "abs" and not isinstance(arguments[0], Identifier | Number):
        return Fenced("|", arguments[0], "|")
    return Row((Identifier(function_name(function), "function"), _parenthesised(_listed(arguments))))


def _matrix_function(node: MatrixFunction, operand: Layout) -> Layout:
    """Set a function of a matrix: ``(A⁻¹)_ij``, ``det(A)``, and with the letters of row and column ``inv_ij(…)``."""
    matrix = node.operand
    bare = typeset_tensor(matrix.name, ()) if node.is_bare and isinstance(matrix, Tensor) else None
    if bare is not None and node.indices:
        inverse = Script(bare, above=Row((_MINUS, Number("1"))))
        return _subscripted(_parenthesised(inverse), node.indices)
    name = Identifier(node.function, "function")
    if bare is not None:
        return Row((name, _parenthesised(bare)))
    kept = () if node.slots == node.indices else node.indices
    return Row((_subscripted(name, node.slots), _subscripted(_parenthesised(operand), kept)))


def _product(sums: Sequence[Index], factors: Sequence[WrittenFactor], shown: Sequence[_Set]) -> Layout:
    """Set a product. A division takes what stands before it, back to the last fraction, for its numerator.

    Reading drops a numerator 1 that other factors stand before, so a factor 1 takes all of these along.
    """
    parts: list[Layout] = [Script(Operator("∑"), typeset_indices(sums))] if sums else []
    begin = start = len(parts)
    for position, (factor, one) in enumerate(zip(factors, shown, strict=True)):
        if not factor.divides:
            if factor.dotted:
                start += start == len(parts)
                parts.append(Operator("·"))
            parts.append(_bracket(one, factor.least))
            start = len(parts) if isinstance(parts[-1], Fraction) else start
            continue
        if parts[start:] == [Number("1")]:
            start = begin
        if start == len(parts):
            numerator: Layout = Number("1")
        elif start == len(parts) - 1 and shown[position - 1].level == Level.SUM:
            numerator = shown[position - 1].layout
        else:
            numerator = _row(parts[start:])
        parts[start:] = [Fraction(numerator, _enclosed(factor.node, one))]
        start = len(parts)
    return _row(parts)


def _row(parts: Sequence[Layout]) -> Layout:
    return parts[0] if len(parts) == 1 else Row(tuple(parts))
