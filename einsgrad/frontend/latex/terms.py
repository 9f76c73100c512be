r"""Terms: the factors, operators and marks of a product to the surface tree.

Before: what stands side by side in a product. After: a `Term` as the plain dialect would have it. A function without
brackets takes one factor, or the explicit sum that follows; where it might take more the text is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.calls import begins_with_bracket, called, is_function
from einsgrad.frontend.latex.derivatives import content_of, nested, with_derivatives, without_totals
from einsgrad.frontend.latex.facts import Context
from einsgrad.frontend.latex.fractions import spliced
from einsgrad.frontend.latex.marks import (
    Arguments,
    Braces,
    Determinant,
    FunctionMark,
    Item,
    MatrixProduct,
    Operator,
    PartialMark,
    Transposed,
)
from einsgrad.frontend.latex.matrices import MATRIX_NOTATION, matrices_of, with_indices
from einsgrad.frontend.lexis import counted
from einsgrad.frontend.matrix_functions import MatrixCall, function_of, matrix_function
from einsgrad.frontend.tree import SumMark, build_term
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.matrix_functions import MATRIX_FUNCTIONS
from einsgrad.ir.reductions import OPERATORS

_Part = Item | Token
_NOT_OF_POWERS = OPERATORS - {"prod"}
"""The operators whose value of a power is not the power of their value."""


def term_of(context: Context, parts: Sequence[_Part], start: int, end: int) -> s.Term:
    """Put a product together."""
    if len(parts) > 1 and any(isinstance(part, Transposed) for part in parts):
        return s.single(_matrix_notation(context, parts, start, end))
    operands = _with_operands(context, without_totals(parts))
    return build_term(spliced(_applied(context, with_derivatives(operands))), start, end)


def _matrix_notation(context: Context, parts: Sequence[_Part], start: int, end: int) -> MatrixProduct:
    """Refuse a product with a transpose that has no indices, and show it with indices."""
    factors = [part for part in parts if not isinstance(part, Token)]
    matrices = matrices_of(context.text, factors)
    shown = with_indices(matrices, [], context.indices) if matrices else None
    message = MATRIX_NOTATION + (f", as in `{shown}`" if shown else r": the transpose of `a_{ij}` is `a_{ji}`")
    return MatrixProduct(start, end, "transpose", message, None, matrices)


def _with_operands(context: Context, parts: Sequence[_Part]) -> list[_Part]:
    r"""Give each function that a ``\partial`` stands before its argument in brackets: ``\partial \exp(x_{i})``."""
    out: list[_Part] = []
    for part in parts:
        match out[-2:], part:
            case [PartialMark(), FunctionMark() as mark], s.Group() | Arguments():
                call = _bracketed_call(context, mark, part)
                out[-1:] = [mark, part] if call is None else [call]
            case _:
                out.append(part)
    return out


def _applied(context: Context, parts: Sequence[_Part]) -> list[_Part]:
    """Give functions and operators their arguments, the last first, so that ``log log x`` is one of the other."""
    rest: list[tuple[_Part, bool]] = []  # what follows, nearest last; with each part whether it was a mark
    for part in reversed(parts):
        if isinstance(part, FunctionMark | Operator):
            rest.append((_apply(context, part, rest), True))
        else:
            following = rest[-1][0] if rest else None
            if not isinstance(part, Token) and not isinstance(following, Token):
                name, part = part, called(context, part, following)
                if part is not name and rest and (isinstance(part, s.Wrong) or is_function(context, name)):
                    rest.pop()
            rest.append((part, False))
    return [part for part, _ in reversed(rest)]


def _apply(context: Context, mark: FunctionMark | Operator, rest: list[tuple[_Part, bool]]) -> s.Factor:
    """Take the argument of a function or operator off what follows it."""
    following = rest[-1][0] if rest else None
    shown = context.text[mark.start : mark.end]
    if following is None or isinstance(following, Token):
        message = f"`{shown}` has no argument: put brackets around it"
        return s.Wrong(mark.start, mark.end, "function-argument", message)
    if isinstance(following, SumMark):
        parts = [part for part, _ in reversed(rest)]
        rest.clear()
        end = _end(parts[-1])
        return _application(context, mark, (build_term(spliced(parts), following.start, end),), end)
    rest.pop()
    if isinstance(mark, FunctionMark):
        bracketed = _bracketed_call(context, mark, following)
        if bracketed is not None:
            return bracketed
    if isinstance(mark, Operator) and isinstance(following, s.Group) and _is_bracket(context, following):
        return _application(context, mark, (following.content,), following.end)
    if rest and _could_go_on(*rest[-1]) and not is_function(context, following):
        return _two_readings(context, mark, following, rest)
    content = content_of(following)
    assert content is not None
    return _application(context, mark, (content,), following.end)


def _application(
    context: Context, mark: FunctionMark | Operator, contents: tuple[s.Content, ...], end: int
) -> s.Factor:
    if isinstance(mark, Operator):
        return nested(contents[0], mark.wrt, mark.start, end)
    if mark.function in MATRIX_FUNCTIONS:
        call = matrix_function(MatrixCall(mark.start, end, mark.function, contents, mark.named))
        return _raised(call, mark, end)
    if mark.function in context.facts.own:
        return _raised(s.Call(mark.start, end, mark.function, contents), mark, end)
    if mark.function in OPERATORS:
        return _operator(context, mark, contents, end)
    wanted = FUNCTIONS[mark.function].arity
    if len(contents) != wanted:
        message = f"`{context.text[mark.start : mark.end]}` takes {counted(wanted, 'argument')}, not {len(contents)}"
        return s.Wrong(mark.start, end, "arity", message)
    inner = s.sole_factor(contents[0])
    if mark.function == "log" and isinstance(inner, Determinant) and inner.matrix is not None:
        arguments = [s.single(inner.matrix)]
        return _raised(matrix_function(MatrixCall(mark.start, end, "logdet", arguments)), mark, end)
    return _raised(function_of(s.Call(mark.start, end, mark.function, contents)), mark, end)


def _operator(context: Context, mark: FunctionMark, contents: tuple[s.Content, ...], end: int) -> s.Factor:
    shown = context.text[mark.start : mark.end]
    if not mark.named:
        message = f"`{shown}` names its indices: write `{shown}_{{i}}`, with the indices that it is over"
        return s.Wrong(mark.start, end, "sum-index", message)
    if len(contents) != 1:
        return s.Wrong(mark.start, end, "arity", f"`{shown}` over indices takes 1 argument, not {len(contents)}")
    return s.Operator(mark.start, end, mark.function, contents[0], mark.named)


def _raised(call: s.Factor, mark: FunctionMark, end: int) -> s.Factor:
    """Give a call to the power that its function is raised to."""
    if mark.power is None:
        return call
    exponent = s.sole_factor(mark.power.content) or s.Group(mark.power.start, mark.power.end, mark.power.content)
    return s.Power(mark.start, end, call, exponent, 0)


def _bracketed_call(context: Context, mark: FunctionMark, following: Item) -> s.Factor | None:
    """Give the call of a function whose argument is in brackets, to a power if the brackets are raised to one."""
    match following:
        case Arguments(contents=contents):
            return _application(context, mark, contents, following.end)
        case s.Group(content=content) if _is_bracket(context, following):
            return _application(context, mark, (content,), following.end)
        case Braces(content=content):
            return _application(context, mark, (content,), following.end)
        case s.Power(base=base) if mark.function in _NOT_OF_POWERS and _is_bracket(context, base):
            shown, inner, end = context.text[mark.start : mark.end], context.text[base.start : base.end], following.end
            readings = f"({shown}{inner}){context.text[base.end : end]}\n{shown}({context.text[base.start : end]})"
            message = f"`{shown}` may take the bracket or its power: put brackets around its argument"
            return s.Wrong(mark.start, end, "function-argument", message, readings)
        case s.Power(base=base, exponent=exponent) if _is_bracket(context, base):
            call = _bracketed_call(context, mark, base)
            assert call is not None
            return s.Power(mark.start, following.end, call, exponent, 0)
        case _:
            return None


def _is_bracket(context: Context, part: Item) -> bool:
    """Tell whether a group shows its brackets: a fraction or braces don't."""
    return isinstance(part, s.Group | Arguments) and begins_with_bracket(context, part)


def _could_go_on(following: _Part, was_mark: bool) -> bool:
    """Tell whether an argument without brackets could go on with what follows."""
    if isinstance(following, Token):
        return following.type == "SLASH"
    return not was_mark and not isinstance(following, SumMark)


def _two_readings(
    context: Context, mark: FunctionMark | Operator, argument: Item, rest: list[tuple[_Part, bool]]
) -> s.Wrong:
    r"""Refuse ``\log x y``, and show what it can mean."""
    text = context.text
    following = rest[-1][0]
    while isinstance(following, Token) and len(rest) > 1:
        rest.pop()
        following = rest[-1][0]
    end = _end(following)
    function, inner, more = text[mark.start : mark.end], text[argument.start : argument.end], text[argument.end : end]
    readings = f"{function}({inner}){more}\n{function}({inner}{more})"
    message = f"`{function}` may take one factor or all that follows: put brackets around its argument"
    return s.Wrong(mark.start, end, "function-argument", message, readings)


def _end(part: _Part) -> int:
    return part.end_pos or 0 if isinstance(part, Token) else part.end
