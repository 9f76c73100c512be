"""Summaries: what an object holds, in the one line of a ``repr`` or of a note."""

from __future__ import annotations

from collections.abc import Sequence

# Of more names than this only the first are told.
_MOST_NAMES = 12


def listed(names: Sequence[str]) -> str:
    """Give names with commas between; of many the first, and how many there are.

    >>> listed(["x", "a"]), listed([f"x{n}" for n in range(40)])
    ('x, a', 'x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, … (40)')
    """
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[: _MOST_NAMES - 1])}, … ({len(names)})"


def arrow(inputs: Sequence[str], outputs: Sequence[str]) -> str:
    """Give what is computed from what.

    >>> arrow(["x", "a"], ["y"]), arrow([], ["y"])
    ('x, a -> y', '-> y')
    """
    return f"{listed(inputs)} -> {listed(outputs)}".lstrip()


def counted(number: int, noun: str) -> str:
    """Give a number with its noun.

    >>> counted(1, "claim"), counted(2, "claim")
    ('1 claim', '2 claims')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
