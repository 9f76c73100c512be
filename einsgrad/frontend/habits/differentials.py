"""Differentials: ``dy_ij/dx_pq``, which would be a quotient of two inputs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from einsgrad.frontend.habits.brackets import closing
from einsgrad.frontend.habits.notation import Answer, Context, habit
from einsgrad.frontend.lexis import canonical

_REFERENCE = r"\\?[^\W\d_][^\W_]*(?:_(?:\{[^{}]*\}|[^\W_]\w*)|\[[^\[\]]*\])?(?!\w)"
_ABOVE = rf"(?<![\w\\.])d\s*(?P<of>{_REFERENCE})|\(\s*d\s*(?P<bracketed>{_REFERENCE})\s*\)"
_BELOW = rf"\s*/\s*(?:d\s*(?P<by>{_REFERENCE})|\(\s*d\s*(?P<inside>{_REFERENCE})\s*\))"
_QUOTIENT = re.compile(rf"(?:{_ABOVE}){_BELOW}")
_OF_BRACKET = re.compile(r"(?<![\w\\.])d\s*(?=\()")
_NAME = re.compile(r"(?<![\w\\])\\?([^\W\d_][^\W_]*)")


def tensors_of(texts: Iterable[str]) -> frozenset[str]:
    """Give the names, by key, that occur in statements other than as ``dy/dx``, and perhaps more.

    >>> sorted(tensors_of(["y_i = x_i a", "g_ip = dy_i/dx_p"]))
    ['a', 'g', 'x', 'y']
    """
    return frozenset(canonical(name) for text in texts for name in _NAME.findall(_QUOTIENT.sub(" ", text)))


@habit(_QUOTIENT.pattern)
def quotient(context: Context, match: re.Match[str]) -> Answer | None:
    """``dy_ij/dx_pq``, ``d y_i / d x_p``, where ``y`` or ``x`` is a tensor, and ``dy`` and ``dx`` are none."""
    if not _is_derivative(context, match):
        return None
    found = [each for each in _QUOTIENT.finditer(context.text) if _is_derivative(context, each)]
    edits = [(*each.span(), "∂{}/∂{}".format(*_parts(each))) for each in found]
    return _answer(match.start(), match.end(), *_parts(match), context.edited(*edits))


@habit(_OF_BRACKET.pattern)
def of_bracket(context: Context, match: re.Match[str]) -> Answer | None:
    """``d(x_i x_i)/dx_p``."""
    end = closing(context.text, match.end()) + 1
    below = re.compile(_BELOW).match(context.text, end)
    if below is None or "d" in context.known:
        return None
    operand, by = context.text[match.end() : end], below["by"] or below["inside"]
    fix = context.edited((match.start(), below.end(), f"∂{operand}/∂{by}"))
    return _answer(match.start(), below.end(), operand, by, fix)


def _answer(start: int, end: int, of: str, by: str, fix: str) -> Answer:
    bare = of[1:-1] if of.startswith("(") else of
    message = f"a derivative is written `∂{of}/∂{by}` or `diff({bare}, {by})`"
    return Answer("notation", message, start, end, [fix])


def _parts(match: re.Match[str]) -> tuple[str, str]:
    return match["of"] or match["bracketed"], match["by"] or match["inside"]


def _is_derivative(context: Context, match: re.Match[str]) -> bool:
    names = [canonical(_NAME.findall(part)[0]) for part in _parts(match)]
    is_apart = re.search(r"d\s", match[0]) is not None
    inputs = {"d"} if is_apart else {f"d{name}" for name in names}
    return not context.tensors.isdisjoint(names) and context.tensors.isdisjoint(inputs)
