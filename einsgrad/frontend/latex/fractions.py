r"""Fractions: ``\frac`` is spliced into the product that it stands in, and braces go.

Before: the parts of a product. After: factors, operators and marks of sums only. ``a \frac{b c}{d} f`` is
``a b c / d f``, and ``a \frac{1}{b}`` is ``a / b``; a numerator or denominator that is a sum is a group.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from lark import Token

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.marks import (
    HOW_TO_DERIVE,
    INVISIBLE,
    Argument,
    Braces,
    Item,
    Operator,
    PartialMark,
    Quotient,
)
from einsgrad.frontend.tree import SumMark, build_term

_Part = Item | Token


def spliced(parts: Sequence[_Part]) -> list[_Part]:
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
                out.append(s.Wrong(part.start, part.end, "derivative", HOW_TO_DERIVE))
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
        case s.Term(factors=(factor,), over=(False,)) if factor.start == fraction.above.start or isinstance(
            factor, s.Number
        ):
            out.append(dataclasses.replace(factor, start=start, end=end))
        case _:
            out.extend(_laid_out(content))


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
    return build_term(spliced([fraction]), fraction.start, fraction.end)


def _visible(braces: Braces, content: s.Content, alone: bool, divides: bool) -> list[_Part]:
    """Give what is in braces among other factors; what would need brackets to be seen is refused."""
    factor = s.sole_factor(content)
    if factor is not None:
        return [factor]
    if alone:
        return [s.Group(braces.start, braces.end, content)]
    if isinstance(content, s.Term) and not (content.negations or content.bound or divides):
        return _laid_out(content)
    return [s.Wrong(braces.start, braces.end, "braces", INVISIBLE)]
