r"""Calls: names directly before a bracket, which may be meant for functions.

A name that stands before brackets and nowhere else is no tensor of the text. What it is applied to then takes no part:
one mistake is one error.
"""

from __future__ import annotations

import dataclasses
import re

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.facts import SIZES, Context, is_word
from einsgrad.frontend.latex.marks import Item

_LETTERS = re.compile(r"\[\s*[^\W\d_](?:[\s,]*[^\W\d_])*\s*\]")
_BRACKETS = ("(", "[", r"\{", r"\lbrace", r"\lbrack", r"\lparen")


def begins_with_bracket(context: Context, part: Item) -> bool:
    """Tell whether a part shows a bracket first: a fraction or braces don't."""
    return context.text.startswith(_BRACKETS, part.start)


def called(context: Context, part: Item, following: Item | None) -> Item:
    """Mark a name that is applied to what follows it; refuse what may be an inverse function."""
    if isinstance(part, s.Power) and is_function(context, part.base) and following is not None:
        shown = context.text[part.start : part.end]
        name = shown.partition("^")[0]
        message = (
            f"`{shown}` before a bracket can be the inverse function, which is not in the language, or the reciprocal: "
            rf"write the latter `\frac{{1}}{{{name}}}`"
        )
        return s.Wrong(part.start, part.end, "function-power", message)
    if not isinstance(part, s.Reference) or not _is_applied(context, part, following):
        return part
    text = context.text
    if is_function(context, part) and following is not None and _LETTERS.match(text, following.start):
        shown = text[part.start : part.end] + "_{" + text[following.start + 1 : following.end - 1].strip() + "}"
        message = f"square brackets hold no indices in LaTeX: write `{shown}`"
        return s.Wrong(part.start, following.end, "subscript", message, shown)
    return dataclasses.replace(part, called=True)


def _is_applied(context: Context, part: s.Reference, following: Item | None) -> bool:
    if is_function(context, part) and context.text.startswith(r"\operatorname", part.start):
        return True
    if following is None or not begins_with_bracket(context, following):
        return False
    if part.indices and not is_function(context, part):
        return False
    between = context.text[part.end : following.start]
    for size in SIZES:
        between = between.replace(size, "")
    return not between or is_word(context.text[part.start : part.end]) or part.key == "σ"


def is_function(context: Context, part: Item) -> bool:
    """Tell whether a part is a name that stands before brackets, or so before a power -1, and nowhere else."""
    return isinstance(part, s.Reference) and part.key in context.facts.functions
