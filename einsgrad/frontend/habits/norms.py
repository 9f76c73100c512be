"""Norms and inner products: double bars and angles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from einsgrad.frontend.habits.brackets import as_factor, bare
from einsgrad.frontend.habits.expressions import free_letters, renamed, square, summed_letters, total
from einsgrad.frontend.habits.notation import Answer, Context, habit

_KIND = r"_\{?(?P<kind>\w+|∞)\}?|(?P<lowered>[₀-₉])"
_EUCLIDEAN = (None, "2", "₂", "F")
_ABSOLUTE = ("1", "₁")


@habit(rf"(?P<bars>\|\||[‖∥])(?P<operand>[^‖∥\n]+?)(?P=bars)(?:{_KIND})?(?P<square>\^2(?![\w.])|²)?")
def norm(context: Context, match: re.Match[str]) -> Answer:
    """``||x_i - y_i||``."""
    kind = match["kind"] or match["lowered"]
    if kind not in _EUCLIDEAN + _ABSOLUTE:
        message = f"`{match[0]}`: of norms there are the Euclidean one and, with index 1, the sum of absolute values"
        return Answer("norm", message, *match.span())
    written, labels = norms(context, match["operand"].strip(), *match.span(), kind, match["square"] is not None)
    if not written:
        message = "a norm has to say which indices it sums over: `‖x‖` is `sqrt(x_i x_i)`"
        return Answer("norm", message, *match.span())
    shown = " or ".join(f"`{bare(text)}`" for text in written)
    message = f"norms are not in the language yet: write {shown}"
    return Answer("norm", message, *match.span(), [context.replaced(*match.span(), text) for text in written], labels)


def norms(
    context: Context, operand: str, start: int, end: int, kind: str | None = None, squared: bool = False
) -> tuple[list[str], list[str]]:
    """Give what the norm of an operand at ``start:end`` of a statement may mean, and over what it sums then."""
    written, labels = [], []
    for letters in summed_letters(context, operand, start, end):
        own, inner = apart(context, letters, operand)
        if kind in _ABSOLUTE:
            text = f"({total(own, f'abs({inner})')})"
            text = f"{text}^2" if squared else text
        else:
            text = total(own, square(inner))
            text = f"({text})" if squared else f"sqrt({text})"
        written.append(text)
        labels.append("over " + " and ".join(letters))
    return written, labels


def apart(context: Context, letters: Sequence[str], operand: str) -> tuple[list[str], str]:
    """Give letters to sum over that are not free around the operand, and the operand with them."""
    taken = [letter for letter in letters if letter in context.free]
    new = dict(zip(taken, context.new_letters(len(taken)), strict=True))
    return [new.get(letter, letter) for letter in letters], renamed(operand, new)


@habit(r"\|\||[‖∥]")
def lone_bars(context: Context, match: re.Match[str]) -> Answer:
    """Double bars without a partner."""
    message = f"`{match[0]}` belongs to a norm, which is written with its indices: `‖x‖` is `sqrt(x_i x_i)`"
    return Answer("norm", message, *match.span())


@habit(r"⟨(?P<left>[^⟨⟩|,]+)[|,](?P<right>[^⟨⟩|,]+)⟩|<(?P<a>[^<>|,=]+),(?P<b>[^<>|,=]+)>")
def inner_product(context: Context, match: re.Match[str]) -> Answer:
    """``⟨x_i, y_i⟩``."""
    left, right = (part.strip() for part in (match["left"] or match["a"], match["right"] or match["b"]))
    if set(free_letters(left)) & set(free_letters(right)):
        fix = context.replaced(*match.span(), f"({as_factor(left)} {as_factor(right)})")
        return Answer("notation", "an inner product is a product with a repeated index", *match.span(), [fix])
    message = "an inner product is a product with a repeated index: `⟨x, y⟩` is `x_i y_i`"
    return Answer("notation", message, *match.span())
