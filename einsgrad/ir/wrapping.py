"""Wrapping: a printed equation as lines of a given width, broken where it is held together least.

The lines are for reading: one that begins with a sign is no statement of its own, so they do not read back.
"""

from __future__ import annotations

import itertools
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

# Where a line would have less room than this it begins further to the left.
_ROOM = 24
_SIGNS = frozenset("+-")
_OPERATORS = _SIGNS | frozenset("*/@")


class _Break(NamedTuple):
    """A space where a line may end.

    Attributes:
        place: where it stands in the text.
        bracket: where the innermost bracket around it stands, or -1.
        depth: the number of brackets around it.
        is_inside: whether it is inside of a product, not before a sign or after a comma.
    """

    place: int
    bracket: int
    depth: int
    is_inside: bool

    @property
    def looseness(self) -> tuple[int, bool]:
        """How loosely the text is held together there: the less, the looser."""
        return self.depth, self.is_inside


def width(text: str) -> int:
    """Count the columns that a text takes in a fixed-width font: an accent takes none.

    >>> width("x̂_i"), width("∂l/∂γ")
    (3, 5)
    """
    return sum(map(_columns, text))


def wrapped(head: str, text: str, columns: int) -> list[str]:
    r"""Break an expression into lines, its signs under the relation before it, its factors after that.

    Args:
        head: what stands before the expression: a left side or spaces, then a relation and a space.
        text: the expression, as it is printed.
        columns: how wide a line may be. One that has no place to break is wider.

    >>> print("\n".join(wrapped("∂l/∂a_i = ", "2 ∂l/∂y_i (b_i + c_i) / sqrt(v + ε) + 1_i ∂l/∂m/H", 40)))
    ∂l/∂a_i = 2 ∂l/∂y_i (b_i + c_i)
              / sqrt(v + ε)
            + 1_i ∂l/∂m/H
    """
    if width(head) + width(text) <= columns:
        return [head + text]
    left = width(head)
    if columns - left >= _ROOM:
        return _lines(head, text, left, columns)
    left = width(head) - width(head.lstrip()) + 4
    return [head.rstrip(), *_lines(" " * left, text, left, columns)]


def _lines(head: str, text: str, left: int, columns: int) -> list[str]:
    """Fill line after line, each up to the place where the text is held together least.

    What follows on a looser sign does not join the line of a factor: that would make it look like one more.
    """
    breaks = _breaks(text)
    places = [b.place for b in breaks]
    reached = list(itertools.accumulate(map(_columns, text), initial=0))
    begun = [(0, left)]
    chosen: _Break | None = None
    lines: list[str] = []
    while True:
        start, column = begun[-1]
        before = " " * column if lines else head
        end = bisect_right(reached, reached[start] + columns - column) - 1
        first, last = bisect_right(places, start), bisect_right(places, end)
        looser = next((b for b in breaks[first:last] if chosen and b.looseness < chosen.looseness), None)
        if looser is None and (end == len(text) or first == len(places)):
            return [*lines, before + text[start:]]
        chosen = looser or min(breaks[first : max(last, first + 1)], key=lambda b: (b.looseness, -b.place))
        lines.append(before + text[start : chosen.place])
        begun.append((chosen.place + 1, _indent(chosen, begun, reached, columns)))


def _indent(chosen: _Break, begun: Sequence[tuple[int, int]], reached: Sequence[int], columns: int) -> int:
    """Give the column of what follows a break: after the innermost bracket around it, or under the expression."""
    left = begun[0][1]
    if chosen.bracket < 0:
        return left if chosen.is_inside else left - 2
    start, column = begun[bisect_right(begun, chosen.bracket, key=lambda line: line[0]) - 1]
    found = column + reached[chosen.bracket] - reached[start] + (3 if chosen.is_inside else 1)
    return found if columns - found >= _ROOM else left


def _breaks(text: str) -> list[_Break]:
    """Give the spaces where a line may end: before operators and between factors, and after commas."""
    found: list[_Break] = []
    brackets: list[int] = []
    before = ""
    place = 0
    for word in text.split(" "):
        if place and before not in _OPERATORS:
            is_loose = word in _SIGNS or before.endswith(",")
            found.append(_Break(place - 1, brackets[-1] if brackets else -1, len(brackets), not is_loose))
        for k, c in enumerate(word, place):
            if c in "([{":
                brackets.append(k)
            elif c in ")]}" and brackets:
                brackets.pop()
        place += len(word) + 1
        before = word
    return found


def _columns(character: str) -> int:
    return 0 if unicodedata.combining(character) else 1
