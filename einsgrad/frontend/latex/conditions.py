r"""Conditions on the letters of sums: ``\sum_{i \neq j}`` is refused, with the sum that it stands for.

Before: the surface trees of a chain, whose sums with a condition sum the first of its letters. After: the text of the
chain with each of them as a sum over all, of a product with ``(\mathbf{1}_{ij} - \delta_{ij})``. The second letter is
summed, too, unless something around has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.scopes import Scope, outermost, parts_in_scope

_RELATION = re.compile(
    r"\\(?:neq?|not\s*=|leq?|geq?|l[te]|g[te]|[lg]eqslant|notin|in)(?![A-Za-z])|[<>≠≤≥∈:|]|\\(?:mid|substack)"
)
_UNEQUAL = re.compile(r"\s*(.+?)\s*(?:\\neq?(?![A-Za-z])|\\not\s*=|≠)\s*(.+?)\s*", re.DOTALL)

NO_PART_OF_A_RANGE = (
    "sums over part of a range are not part of the language yet: "
    r"multiply by a tensor that is 1 where the condition holds and 0 elsewhere, as in `\sum_{i,j} m_{ij} x_{ij}`"
)
NO_UNEQUAL = (
    "sums over part of a range are not part of the language yet: "
    r"multiply by `(\mathbf{1}_{ij} - \delta_{ij})`, which is 0 where `i = j` and 1 elsewhere"
)


@dataclass(frozen=True, slots=True, eq=False)
class Unequal:
    """The condition that two letters of a sum differ: where its subscript stands, and where the sum's sign ends."""

    first: s.Letter
    second: s.Letter
    start: int
    end: int
    sign_end: int


def has_condition(subscript: str) -> bool:
    r"""Tell whether the subscript of a sum states more than letters and where they begin.

    >>> has_condition(r"_{i \neq j}"), has_condition("_{i=1}"), has_condition(r"_{i,\nu}")
    (True, False, False)
    """
    return _RELATION.search(subscript) is not None


def unequal_sides(subscript: str) -> tuple[str, str] | None:
    r"""Give both sides of a subscript that says of two letters that they differ.

    >>> unequal_sides(r"_{i \neq j}")
    ('i', 'j')
    """
    match = _UNEQUAL.fullmatch(subscript[1:].strip().removeprefix("{").removesuffix("}"))
    return (match[1], match[2]) if match else None


def over_all(text: str, sides: Sequence[s.Content], conditions: Iterable[Unequal], free: frozenset[str]) -> str | None:
    """Give a text with its conditions as factors; ``None`` where one of its sums makes no sense."""
    outside = {condition: _is_around(sides, condition, free) for condition in conditions}
    if None in outside.values():
        return None
    for condition in sorted(outside, key=lambda c: c.start, reverse=True):
        first, second = (text[i.start : i.end] for i in (condition.first, condition.second))
        pair = first + second if len(first) == len(second) == 1 else f"{first} {second}"
        factor = rf" (\mathbf{{1}}_{{{pair}}} - \delta_{{{pair}}})"
        summed = first if outside[condition] else f"{first},{second}"
        between = text[condition.end : condition.sign_end]
        text = f"{text[: condition.start]}_{{{summed}}}{between}{factor}{text[condition.sign_end :]}"
    return text


def _is_around(sides: Sequence[s.Content], condition: Unequal, free: frozenset[str]) -> bool | None:
    """Tell whether something around the sum of a condition has its second letter; ``None`` if there is no such sum."""
    stack: list[tuple[s.Part, Scope]] = [(side, outermost(side, free)) for side in sides]
    while stack:
        part, scope = stack.pop()
        if isinstance(part, s.Term) and any(letter is condition.first for letter in part.bound):
            return condition.second.key in scope.needed | scope.around | {letter.key for letter in part.bound}
        stack.extend(parts_in_scope(part, scope))
    return None
