"""Wrapping: a line of mathematics over several, no wider than a terminal, broken before its operators.

Nothing is added or left out: each break takes the place of a space. The outermost operators break first, sums before
products, so that the lines show how an expression is made.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_SUMS = frozenset("+-")
_OPERATORS = _SUMS | frozenset("*/=·⊙⊘")
_OPENERS, _CLOSERS = frozenset("([{"), frozenset(")]}")
# What is deeper in brackets is indented no further.
_DEEPEST = 4


def display_width(text: str) -> int:
    """Count the places that a text takes on a terminal: an accent takes none."""
    return len(text) if text.isascii() else sum(not unicodedata.combining(c) for c in text)


def wrap(head: str, body: str, width: int | None) -> list[str]:
    """Give ``head = body`` as lines of at most ``width`` places, where ``body`` has operators to break at.

    Terms go below one another, their signs below the ``=``.

    >>> for line in wrap("  c", "a_i b_i + exp(a_j + b_j c_j) - 2 a_k b_k", 20):
    ...     print(line)
      c = a_i b_i
        + exp(a_j
          + b_j c_j)
        - 2 a_k b_k

    Args:
        head: what stands before the ``=``.
        body: what follows it.
        width: the most places of a line; any number if ``None``.
    """
    start = f"{head} = "
    if width is None:
        return [start + body]
    hang = min(display_width(start), width // 2)
    return list(_lines(start, body, hang, width))


def wrap_words(text: str, indent: int, width: int) -> list[str]:
    """Give words as lines of at most ``width`` places, all indented, but by no more than half of it."""
    indent = min(indent, width // 2)
    return list(_lines(" " * indent, text, indent, width))


@dataclass(frozen=True, slots=True)
class _Break:
    """A space at which a line can end.

    Attributes:
        place: where it stands in the text.
        rank: how far inside it is: sums before products, what is outside before what is in brackets.
        shift: how far the line after it is moved from where the body starts.
    """

    place: int
    rank: int
    shift: int


def _lines(start: str, body: str, hang: int, width: int) -> Iterator[str]:
    ends = [0, *itertools.accumulate(not unicodedata.combining(c) for c in body)]
    breaks = list(_breaks(body))
    line, begin, room, first = start, 0, width - display_width(start), 0
    while ends[-1] - ends[begin] > room and first < len(breaks):
        last = first
        while last < len(breaks) and ends[breaks[last].place] - ends[begin] <= room:
            last += 1
        # The outermost of those that keep the line short enough, of these the last; where there is none, the next.
        chosen = min(range(first, last), key=lambda k: (breaks[k].rank, -k), default=first)
        yield line + body[begin : breaks[chosen].place]
        indent = hang + breaks[chosen].shift
        line, begin, room, first = " " * indent, breaks[chosen].place + 1, width - indent, chosen + 1
    yield line + body[begin:]


def _breaks(body: str) -> Iterator[_Break]:
    """Find the spaces that stand before an operator or between factors, not those after an operator."""
    depth = 0
    place = -1
    for word, following in itertools.pairwise(body.split(" ")):
        place += len(word) + 1
        depth += sum((c in _OPENERS) - (c in _CLOSERS) for c in word)
        if word in _OPERATORS:
            continue
        begins_term = following in _SUMS
        rank = 2 * depth + (not begins_term and not word.endswith(","))
        yield _Break(place, rank, 2 * min(depth, _DEEPEST) - 2 * begins_term)
