"""Array operations as Python expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import assert_never

from einsgrad.ir.nodes import Index
from einsgrad.planner.interning import union
from einsgrad.planner.plan import (
    AffinePositions,
    Arrange,
    Contract,
    Diagonal,
    Extent,
    Input,
    Iota,
    Labels,
    Matrix,
    Number,
    Operand,
    Places,
    Plan,
    Pointwise,
    Put,
    Reduce,
    Scatter,
    Solve,
    Spread,
    Take,
    Value,
)
from einsgrad.planner.products import is_decimal
from einsgrad.targets.numpy.elementwise import call, writes_out
from einsgrad.targets.numpy.matrix_products import Contraction, contraction, is_plain_product
from einsgrad.targets.numpy.text import Level, Text, aligned, nested, number, permuted, power, subscripts, tuple_of

_OPERATORS = {
    "add": ("+", Level.ADD, Level.ADD, Level.MULTIPLY),
    "subtract": ("-", Level.ADD, Level.ADD, Level.MULTIPLY),
    "multiply": ("*", Level.MULTIPLY, Level.MULTIPLY, Level.UNARY),
    "divide": ("/", Level.MULTIPLY, Level.MULTIPLY, Level.UNARY),
}


_ALONE = frozenset({"negative", "square"})


@dataclass(frozen=True)
class Context:
    """What the text of an operation needs to know besides its operands.

    Attributes:
        plan: the plan.
        constant: the numbers of the plan that depend on no size.
        size: gives the text of a range's size.
        dtype: gives the text of the floating type that the inputs have in common.
        np: what NumPy is called.
    """

    plan: Plan
    constant: Set[int]
    size: Callable[[int], str]
    dtype: Callable[[], str]
    np: str

    def shape(self, ranges: Sequence[int]) -> str:
        """Give the text of a shape."""
        return tuple_of([self.size(r) for r in ranges])

    def sizes(self, *operands: Operand) -> Callable[[Index], str]:
        """Give the function from a letter of some operands to the text of its size."""
        values = self.plan.values
        ranges = {i: r for o in operands for i, r in zip(o.labels, values[o.value].ranges, strict=True)}
        return lambda letter: self.size(ranges[letter])


def expression(value: Value, texts: Sequence[Text], context: Context, out: str = "") -> Text:
    """Give an operation as an expression of the texts of its operands.

    Where ``out`` is given, it writes its result there; :func:`takes_out` tells of which operations that can be asked.
    Inputs have names, and a :class:`Scatter` takes several statements: they don't come here.
    """
    np = context.np
    match value.op:
        case Number(value=known):
            return number(known)
        case Extent(range=range_):
            return Text(context.size(range_))
        case Iota():
            return nested(f"{np}.arange({context.size(value.ranges[0])}, dtype={context.dtype()})", Level.ATOM)
        case AffinePositions(coefficients=coefficients, constant=constant):
            return _affine(value, coefficients, constant, context)
        case Pointwise():
            return _numeric(value.op, texts, context) if value.is_number else _pointwise(value, texts, context, out)
        case Reduce(function="sum", arg=arg):
            return _sum(texts[0], arg.labels, value.labels, context)
        case Reduce(function=function, arg=arg):
            return _reduction(function, texts[0], arg.labels, value.labels, context)
        case Contract():
            return contraction_of(value, value.op, texts, context, out).text
        case Diagonal(arg=arg):
            spec = f"{subscripts(arg.labels)}->{subscripts(value.labels, arg.labels)}"
            return nested(f'{np}.einsum("{spec}", {texts[0].code})', Level.ATOM, texts[0])
        case Matrix():
            return _matrix(value.op, texts[0], np)
        case Solve():
            return _solve(value, value.op, texts)
        case Take(arg=arg, places=places):
            return _take(arg, places, texts, context)
        case Put(places=places):
            return _put(value, places, texts, context)
        case Spread(arg=arg):
            return _spread(value, arg, texts[0], context)
        case Arrange(arg=arg, copy=copy):
            turned = permuted(texts[0], arg.labels, value.labels)
            return nested(f"{turned.at(Level.ATOM)}.copy()", Level.ATOM, turned) if copy else turned
        case Input() | Scatter():
            raise AssertionError("not an expression")
        case _:
            assert_never(value.op)


def contraction_of(value: Value, op: Contract, texts: Sequence[Text], context: Context, out: str = "") -> Contraction:
    """Give a contraction in parts."""
    left, right = ((text, operand.labels) for text, operand in zip(texts, (op.left, op.right), strict=True))
    return contraction(left, right, value.labels, context.sizes(op.left, op.right), context.np, out)


def takes_out(value: Value) -> bool:
    """Tell whether an operation can write its result into an array that is given, of the shape of the result."""
    match value.op:
        case Pointwise(function=function):
            return not value.is_number and (function in _OPERATORS or function in _ALONE or writes_out(function))
        case Contract(left=left, right=right):
            return is_plain_product(left.labels, right.labels, value.labels)
        case _:
            return False


def _pointwise(value: Value, texts: Sequence[Text], context: Context, out: str) -> Text:
    np, op = context.np, value.op
    assert isinstance(op, Pointwise)
    args = [aligned(t, o.labels, value.labels) for t, o in zip(texts, op.args, strict=True)]
    function = op.function
    if function == "divide" and op.args[1].value not in context.constant:
        args[1] = _divisor(op.args[1], args[1], context)
    elif function == "multiply" and (divisor := _whole_divisor(op.args, context)) is not None:
        function, args = "divide", [args[1 - divisor[0]], Text(str(divisor[1]))]
    if out:
        return nested(_call_into(function, args, np, out), Level.ATOM, *args)
    match function:
        case "add" | "subtract" | "multiply" | "divide":
            return _binary(function, args[0], args[1])
        case "negative":
            return nested("-" + args[0].at(Level.UNARY), Level.UNARY, *args)
        case "square":
            return nested(f"{np}.square({args[0].code})", Level.ATOM, *args)
        case "power":
            return power(args[0], args[1])
        case _:
            return nested(call(function, [a.code for a in args], np), Level.ATOM, *args)


def _call_into(function: str, args: Sequence[Text], np: str, out: str) -> str:
    codes = [a.code for a in args]
    own = function in _OPERATORS or function in _ALONE
    code = f"{np}.{function}({', '.join(codes)})" if own else call(function, codes, np)
    return f"{code.removesuffix(')')}, out={out})"


def _whole_divisor(factors: Sequence[Operand], context: Context) -> tuple[int, int] | None:
    """Give which factor is one over a whole number, and that number, where a quotient reads better and rounds once."""
    for position, factor in enumerate(factors):
        op = context.plan.values[factor.value].op
        if isinstance(op, Number) and op.value.numerator == 1 and not is_decimal(op.value):
            return position, op.value.denominator
    return None


def _binary(function: str, left: Text, right: Text) -> Text:
    sign, level, least_left, least_right = _OPERATORS[function]
    code = f"{left.at(least_left)} {sign} {right.at(least_right)}"
    brackets = (left.level < least_left) or (right.level < least_right)
    return Text(code, level, max(left.depth, right.depth) + (1 if brackets else 0))


def _numeric(op: Pointwise, args: Sequence[Text], context: Context) -> Text:
    """Compute with Python numbers only, so that the result promotes no float32 array."""
    np = context.np
    match op.function:
        case "divide":
            return _binary("divide", args[0], _divisor(op.args[1], args[1], context))
        case "add" | "subtract" | "multiply":
            return _binary(op.function, args[0], args[1])
        case "negative":
            return nested("-" + args[0].at(Level.UNARY), Level.UNARY, *args)
        case "square":
            return nested(f"{np}.square({args[0].code}).item()", Level.ATOM, *args)
        case "power":
            return nested(f"{np}.float_power({args[0].code}, {args[1].code}).item()", Level.ATOM, *args)
        case "π":
            return Text(f"{np}.pi")
        case function:
            return nested(call(function, [a.code for a in args], np) + ".item()", Level.ATOM, *args)


def _divisor(operand: Operand, text: Text, context: Context) -> Text:
    """Give what to divide by; a number that may be zero, such as the size of an empty axis, counts as nan there.

    So a mean over nothing is nan, without a warning for its gradient, which has no components.
    """
    value = context.plan.values[operand.value]
    if not value.is_number or (isinstance(value.op, Number) and value.op.value):
        return text
    return nested(f"({text.code} or {context.np}.nan)", Level.ATOM, text)


def _sum(text: Text, labels: Labels, kept: Labels, context: Context) -> Text:
    """Sum over axes: one of the last two at a time as a matrix product, those before them as NumPy does.

    A sum over everything is left to NumPy, which adds in pairs.
    """
    left = list(labels)
    while kept and len(left) > len(kept):
        if left[-1] not in kept:
            text = nested(f"_row_sums({text.code})", Level.ATOM, text)
            del left[-1]
        elif left[-2] not in kept:
            text = nested(f"_column_sums({text.code})", Level.ATOM, text)
            del left[-2]
        else:
            break
    return text if tuple(left) == kept else _reduction("sum", text, tuple(left), kept, context)


def _reduction(function: str, text: Text, labels: Labels, kept: Labels, context: Context) -> Text:
    """Call a method that reduces an array.

    A shift starts at the least finite number: it shifts exponents that may all be minus infinity, or be none.
    """
    axes = [str(k) for k, i in enumerate(labels) if i not in kept]
    inside = []
    if len(axes) == 1 and len(labels) > 1:
        inside.append(f"axis={axes[0]}")
    elif len(axes) < len(labels):
        inside.append(f"axis={tuple_of(axes)}")
    match function:
        case "max":
            inside.append(f"initial=-{context.np}.inf")
        case "min":
            inside.append(f"initial={context.np}.inf")
        case "shift":
            inside.append(f"initial={context.np}.finfo({context.dtype()}).min")
        case _:
            pass
    method = "max" if function == "shift" else function
    return nested(f"{text.at(Level.ATOM)}.{method}({', '.join(inside)})", Level.ATOM, text)


def _spread(value: Value, arg: Operand, text: Text, context: Context) -> Text:
    shape = context.shape(value.ranges)
    if context.plan.values[arg.value].is_number:
        code = f"{context.np}.full({shape}, {text.code}, {context.dtype()})"
    else:
        code = f"{context.np}.broadcast_to({aligned(text, arg.labels, value.labels).code}, {shape}).copy()"
    return nested(code, Level.ATOM, text)


def _matrix(op: Matrix, text: Text, np: str) -> Text:
    batch = tuple(i for i in op.arg.labels if i not in op.slots)
    matrices = permuted(text, op.arg.labels, (*batch, *op.slots))
    match op.function:
        case "inv":
            code = f"_inverse({matrices.code}, {_quoted(op.name)})"
        case "logdet":
            code = f"{np}.linalg.slogdet({matrices.code})[1]"
        case _:
            code = f"{np}.linalg.{op.function}({matrices.code})"
    return nested(code, Level.ATOM, matrices)


def _solve(value: Value, op: Solve, texts: Sequence[Text]) -> Text:
    *rows, column = value.labels
    batch = tuple(i for i in rows if i in op.matrix.labels)
    matrices = permuted(texts[0], op.matrix.labels, (*batch, op.row, column))
    right = permuted(texts[1], op.right.labels, (*rows, op.row))
    code = f"_solve({matrices.code}, {right.code}, {_quoted(op.name)})"
    return nested(code, Level.ATOM, matrices, right)


def _take(arg: Operand, places: Places, texts: Sequence[Text], context: Context) -> Text:
    """Pick components at positions: the axes that take part come first."""
    at = dict(zip((letter for letter, _ in places), _positions(places, texts[1:]), strict=True))
    over = union(labels for labels, _ in at.values())
    shared = [i for i in arg.labels if i in over]
    first = [i for i in arg.labels if i in at or i in over]
    array = permuted(texts[0], arg.labels, (*first, *(i for i in arg.labels if i not in first)))
    if len(places) == 1 and not shared:
        ((_, position),) = at.values()
        return nested(f"{array.at(Level.ATOM)}.take({position.code}, 0)", Level.ATOM, array, position)
    inside = [aligned(at[i][1], at[i][0], over) if i in at else _along(i, over, arg, context) for i in first]
    return nested(f"{array.at(Level.ATOM)}[{', '.join(t.code for t in inside)}]", Level.ATOM, array, *inside)


def _positions(places: Places, texts: Sequence[Text]) -> list[tuple[Labels, Text]]:
    """Give the letters and the text of each position."""
    left = iter(texts)
    return [(p.labels, next(left)) if isinstance(p, Operand) else ((), Text(str(p))) for _, p in places]


def _put(value: Value, places: Places, texts: Sequence[Text], context: Context) -> Text:
    """Add components up at positions: the axes that take part come first."""
    op = value.op
    assert isinstance(op, Put)
    at = _positions(places, texts[1:])
    over = union(labels for labels, _ in at)
    kept = tuple(i for i in value.labels if i in op.arg.labels)
    shared = [i for i in kept if i in over]
    array = permuted(texts[0], op.arg.labels, (*over, *(i for i in kept if i not in over)))
    inside = []
    for (_, position), (labels, text), range_ in zip(places, at, value.ranges, strict=False):
        if isinstance(position, int):
            counted = f"{context.size(range_)} - {-position}" if position < 0 else text.code
            text = nested(f"{context.np}.asarray({counted})", Level.ATOM)
        inside.append(aligned(text, labels, over))
    inside += [_along(i, over, op.arg, context) for i in shared]
    shape = context.shape(value.ranges[: len(inside)])
    code = f"_put({array.code}, {shape}, {', '.join(t.code for t in inside)})"
    return nested(code, Level.ATOM, array, *inside)


def _affine(value: Value, coefficients: Sequence[int], constant: int, context: Context) -> Text:
    """Give the values of an affine subscript as an array of whole numbers."""
    parts = []
    for letter, coefficient, range_ in zip(value.labels, coefficients, value.ranges, strict=True):
        arange = nested(f"{context.np}.arange({context.size(range_)})", Level.ATOM)
        text = aligned(arange, (letter,), value.labels)
        parts.append(f"{coefficient} * {text.at(Level.ATOM)}" if coefficient != 1 else text.code)
    if constant or not parts:
        parts.append(str(constant))
    return nested(f"{context.np}.asarray({' + '.join(parts)})", Level.ATOM)


def _along(letter: Index, over: Labels, operand: Operand, context: Context) -> Text:
    """Give the positions along an axis as an array that broadcasts over some letters."""
    text = nested(f"{context.np}.arange({context.sizes(operand)(letter)})", Level.ATOM)
    return aligned(text, (letter,), over)


def _quoted(name: str) -> str:
    return f'"{name}"'
