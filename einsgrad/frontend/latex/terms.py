r"""Terms: the factors, operators and marks of a product to the surface tree.

Before: what stands side by side in a product. After: a `Term` as the plain dialect would have it. ``\partial`` takes
what follows, and two of them in a fraction are a derivative; a function without brackets takes one factor, and where
it might take more the text is refused; a fraction is spliced into its product.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TypeAlias

from lark import Token

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.facts import Context
from einsgrad.frontend.latex.marks import (
    Argument,
    Arguments,
    Bare,
    Braces,
    Differential,
    FunctionMark,
    Mark,
    Operator,
    PartialMark,
    Quotient,
)
from einsgrad.frontend.tree import SumMark, build_term, counted
from einsgrad.ir.functions import FUNCTIONS

Item: TypeAlias = s.Factor | SumMark | Mark
_Part: TypeAlias = Item | Token
_HOW_TO_DERIVE = r"a derivative is written `\frac{\partial y_{i}}{\partial x_{p}}`"


def term_of(context: Context, parts: Sequence[_Part], start: int, end: int) -> s.Term:
    """Put a product together."""
    return build_term(_spliced(_applied(context, _derived(parts)), end), start, end)


# --- derivatives


def _derived(parts: Sequence[_Part]) -> list[_Part]:
    r"""Let each ``\partial`` take the factor after it, and ``\partial y / \partial x`` be a derivative."""
    out: list[_Part] = []
    k = 0
    while k < len(parts):
        part = parts[k]
        k += 1
        if isinstance(part, PartialMark):
            following = parts[k] if k < len(parts) else None
            part, took = _differential(part, following)
            k += took
            divides = len(out) >= 2 and isinstance(out[-1], Token) and out[-1].type == "SLASH"
            if divides and isinstance(out[-2], Differential):
                below = Argument(part.start, part.end, s.single(part))
                above = out[-2]
                del out[-2:]
                out.append(derivative(Argument(above.start, above.end, s.single(above)), below, above.start, part.end))
                continue
        out.append(part)
    return out


def _differential(mark: PartialMark, following: _Part | None) -> tuple[Differential, bool]:
    """Give ``∂`` with the factor that follows it, and tell whether there is one."""
    if following is None or isinstance(following, Token | PartialMark):
        return Differential(mark.start, mark.end, "derivative", _HOW_TO_DERIVE, None, None, mark.order), False
    content = _content(following)
    return Differential(mark.start, following.end, "derivative", _HOW_TO_DERIVE, None, content, mark.order), True


def _content(item: Item) -> s.Content | None:
    """Give what a factor is as an expression, without its brackets; ``None`` for a mark."""
    match item:
        case s.Group(content=content) | Braces(content=content):
            return content
        case Quotient():
            return fraction_term(item)
        case Bare() | FunctionMark() | PartialMark() | Operator() | SumMark():
            return None
        case _:
            return s.single(item)


def is_derivative(above: Argument) -> bool:
    r"""Tell whether the numerator of a fraction is ``\partial …``."""
    return isinstance(s.sole_factor(above.content), Differential)


def derivative(above: Argument, below: Argument, start: int, end: int) -> s.Factor | Operator:
    r"""Give the derivative that a fraction of ``∂`` is: of several orders by several tensors, from left to right."""
    of = s.sole_factor(above.content)
    assert isinstance(of, Differential)
    by = below.content.factors if isinstance(below.content, s.Term) else ()
    wrt = [s.sole_reference(d.operand) if isinstance(d, Differential) and d.operand else None for d in by]
    names = [reference for reference in wrt if reference is not None]
    if not names or len(names) < len(wrt) or any(isinstance(d, Differential) and d.order > 1 for d in by):
        message = r"a derivative is taken by a tensor with new indices, as in `\frac{\partial y_{i}}{\partial x_{p}}`"
        return s.Wrong(below.start, below.end, "derivative-by", message)
    if len(names) != of.order:
        message = (
            f"a derivative of order {of.order} is taken by {counted(of.order, 'tensor')}, not {len(names)}: "
            r"`\frac{\partial^2 l}{\partial x_{p} \partial x_{q}}`"
        )
        return s.Wrong(start, end, "derivative-by", message)
    if of.operand is None:
        if of.end > of.start + len(r"\partial^{9}"):
            return s.Wrong(start, end, "derivative", "put brackets around what is differentiated")
        return Operator(start, end, tuple(names))
    return _nested(of.operand, names, start, end)


def _nested(operand: s.Content, wrt: Sequence[s.Reference], start: int, end: int) -> s.Derivative:
    result = s.Derivative(start, end, operand, wrt[0])
    for reference in wrt[1:]:
        result = s.Derivative(start, end, s.single(result), reference)
    return result


# --- functions without brackets


def _applied(context: Context, parts: Sequence[_Part]) -> list[_Part]:
    """Give functions and operators their arguments, the last first, so that ``log log x`` is one of the other."""
    rest: list[tuple[_Part, bool]] = []  # what follows, nearest last; with each part whether it was a mark
    for part in reversed(parts):
        if isinstance(part, FunctionMark | Operator):
            rest.append((_apply(context, part, rest), True))
        else:
            following = rest[-1][0] if rest else None
            rest.append((_called(context, part, following), False))
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
        return _application(context, mark, (build_term(_spliced(parts, end), following.start, end),), end)
    rest.pop()
    if isinstance(mark, FunctionMark):
        bracketed = _bracketed_call(context, mark, following)
        if bracketed is not None:
            return bracketed
    if rest and _could_go_on(*rest[-1]):
        return _two_readings(context, mark, following, rest)
    content = _content(following)
    assert content is not None
    return _application(context, mark, (content,), following.end)


def _application(
    context: Context, mark: FunctionMark | Operator, contents: tuple[s.Content, ...], end: int
) -> s.Factor:
    if isinstance(mark, Operator):
        return _nested(contents[0], mark.wrt, mark.start, end)
    wanted = FUNCTIONS[mark.function].arity
    if len(contents) != wanted:
        message = f"`{context.text[mark.start : mark.end]}` takes {counted(wanted, 'argument')}, not {len(contents)}"
        return s.Wrong(mark.start, end, "arity", message)
    call = s.Call(mark.start, end, mark.function, contents)
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
        case s.Power(base=base, exponent=exponent) if _is_bracket(context, base):
            call = _bracketed_call(context, mark, base)
            assert call is not None
            return s.Power(mark.start, following.end, call, exponent, 0)
        case _:
            return None


def _is_bracket(context: Context, part: Item) -> bool:
    """Tell whether a group shows its brackets: a fraction or braces don't."""
    return isinstance(part, s.Group | Arguments) and context.text[part.start :].startswith(_BRACKETS)


_BRACKETS = ("(", "[", r"\{", r"\lbrace", r"\lbrack", r"\lparen")


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


def _called(context: Context, part: _Part, following: _Part | None) -> _Part:
    """Mark a name that a bracket follows directly: it may be meant for a function."""
    if not isinstance(part, s.Reference) or part.indices:
        return part
    if not isinstance(following, s.Group | Arguments) or not _is_bracket(context, following):
        return part
    between = context.text[part.end : following.start]
    for size in _SIZES:
        between = between.replace(size, "")
    is_word = len(part.spelling) > 1 and context.text[part.start] == "\\" and part.spelling == part.key
    if between and not is_word and part.key != "σ":
        return part
    return s.Reference(part.start, part.end, part.key, part.spelling, (), called=True)


_SIZES = (r"\left", r"\biggl", r"\Biggl", r"\bigl", r"\Bigl", r"\big", r"\Big")


# --- fractions


def _spliced(parts: Sequence[_Part], end: int) -> list[_Part]:
    r"""Put the parts of fractions in their place; what is left are factors, operators and marks of sums.

    ``a \frac{b c}{d} f`` is ``a b c / d f``, and ``a \frac{1}{b}`` is ``a / b``.
    """
    out: list[_Part] = []
    for k, part in enumerate(parts):
        divides = bool(out) and isinstance(out[-1], Token) and out[-1].type == "SLASH"
        match part:
            case Quotient() if divides:
                out.append(s.Group(part.start, part.end, fraction_term(part)))
            case Quotient(below=below):
                _splice_above(part, out)
                out.append(Token("SLASH", "/", start_pos=below.start))
                out.append(grouped(below))
            case Braces(content=content):
                alone = not out and k == len(parts) - 1
                out.extend(_visible(part, content, alone, divides))
            case Operator() | PartialMark():
                out.append(s.Wrong(part.start, part.end, "derivative", _HOW_TO_DERIVE))
            case _:
                out.append(part)
    return out


def _splice_above(fraction: Quotient, out: list[_Part]) -> None:
    """Append the factors of a numerator.

    Where it is one factor without braces, or a group, its place begins with the fraction's: what is put before it then
    doesn't come between the command and its argument.
    """
    content, start, end = fraction.above.content, fraction.start, fraction.above.end
    if not isinstance(content, s.Term) or content.negations or content.bound:
        out.append(s.Group(start, end, content))
        return
    match content:
        case s.Term(factors=(s.Number(value=1),), over=(False,)) if _follows_factor(out):
            if isinstance(out[-1], Token) and out[-1].type == "STAR":
                out.pop()
        case s.Term(factors=(factor,), over=(False,)) if factor.start == fraction.above.start or _is_number(factor):
            out.append(dataclasses.replace(factor, start=start, end=end))
        case _:
            out.extend(_laid_out(content))


def _is_number(factor: s.Factor) -> bool:
    return isinstance(factor, s.Number)


def _follows_factor(out: Sequence[_Part]) -> bool:
    """Tell whether a factor stands before, in the same product: after a sum's mark another begins."""
    for part in reversed(out):
        if not isinstance(part, Token):
            return not isinstance(part, SumMark)
    return False


def _laid_out(term: s.Term) -> list[_Part]:
    """Give the factors of a product with the operators between them."""
    out: list[_Part] = []
    for factor, over in zip(term.factors, term.over, strict=True):
        if over:
            out.append(Token("SLASH", "/", start_pos=factor.start))
        elif out and isinstance(factor, s.Number):
            out.append(Token("STAR", "*", start_pos=factor.start))
        out.append(factor)
    return out


def grouped(argument: Argument) -> s.Factor:
    """Give an argument as a factor: itself if it is one, else a group."""
    content = argument.content
    if (
        isinstance(content, s.Term)
        and len(content.factors) == 1
        and not (content.negations or content.bound or content.over[0])
    ):
        return content.factors[0]
    return s.Group(argument.start, argument.end, content)


def fraction_term(fraction: Quotient) -> s.Term:
    """Give a fraction as a product of its own."""
    return build_term(_spliced([fraction], fraction.end), fraction.start, fraction.end)


def _visible(braces: Braces, content: s.Content, alone: bool, divides: bool) -> list[_Part]:
    """Give what is in braces among other factors; what would need brackets to be seen is refused."""
    factor = s.sole_factor(content)
    if factor is not None:
        return [factor]
    if alone:
        return [s.Group(braces.start, braces.end, content)]
    if isinstance(content, s.Term) and not (content.negations or content.bound or divides):
        return _laid_out(content)
    message = "braces don't show: put brackets around what belongs together"
    return [s.Wrong(braces.start, braces.end, "braces", message)]


def _end(part: _Part) -> int:
    return part.end_pos or 0 if isinstance(part, Token) else part.end
