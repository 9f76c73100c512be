"""Pieces of Python text: expressions with how tightly they hold, and arrays brought into line with one another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from einsgrad.planner.plan import Labels
from einsgrad.planner.products import is_decimal

# Names and numbers, which a power holds without spaces.
_PLAIN = re.compile(r"[\w.]+(e-\d+)?")


class Level(IntEnum):
    """How tightly an expression holds together."""

    ADD = 1
    MULTIPLY = 2
    UNARY = 3
    POWER = 4
    ATOM = 5


@dataclass(frozen=True, slots=True)
class Text:
    """A Python expression: its text, how tightly it holds, and how deep its brackets nest."""

    code: str
    level: Level = Level.ATOM
    depth: int = 0

    def at(self, least: Level) -> str:
        """Give the text, in brackets if it holds less tightly than ``least``."""
        return self.code if self.level >= least else f"({self.code})"


def nested(code: str, level: Level, *parts: Text) -> Text:
    """Make an expression from the texts of its parts."""
    return Text(code, level, 1 + max((p.depth for p in parts), default=0))


def number(value: Fraction) -> Text:
    """Write a number so that Python reads the nearest float, or the same small integer.

    >>> [number(Fraction(v)).code for v in ("2", "1/2", "2/3", "-1e-5", "1e400")]
    ['2', '0.5', '2 / 3', '-1e-05', '1e400']
    """
    if value < 0:
        positive = number(-value)
        return Text("-" + positive.at(Level.UNARY), Level.UNARY)
    if value.denominator == 1 and value < 2**53:
        return Text(str(value.numerator))
    if max(value.numerator, value.denominator) < 2**53 and not is_decimal(value):
        return Text(f"{value.numerator} / {value.denominator}", Level.MULTIPLY)
    try:
        return Text(repr(float(value)))
    except OverflowError:
        return Text("1e400")


def tuple_of(items: list[str]) -> str:
    """Write a tuple.

    >>> tuple_of(["n_b"]), tuple_of(["n_b", "n_h"])
    ('(n_b,)', '(n_b, n_h)')
    """
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def permuted(array: Text, labels: Labels, wanted: Labels) -> Text:
    """Bring all axes of an array into another order.

    >>> from einsgrad.ir.nodes import Index
    >>> i, j, k = map(Index, "ijk")
    >>> permuted(Text("x"), (i, j), (j, i)).code, permuted(Text("x"), (i, j, k), (j, i, k)).code
    ('x.T', 'x.transpose(1, 0, 2)')
    """
    if labels == wanted:
        return array
    if len(labels) == 2:
        return nested(f"{array.at(Level.ATOM)}.T", Level.ATOM, array)
    axes = ", ".join(str(labels.index(i)) for i in wanted)
    return nested(f"{array.at(Level.ATOM)}.transpose({axes})", Level.ATOM, array)


def aligned(array: Text, labels: Labels, wanted: Labels) -> Text:
    """Bring axes into the order of ``wanted``, with new axes of size one where NumPy's broadcasting needs them.

    >>> from einsgrad.ir.nodes import Index
    >>> b, h = Index("b"), Index("h")
    >>> aligned(Text("m"), (b,), (b, h)).code, aligned(Text("g"), (h,), (b, h)).code
    ('m[:, None]', 'g')
    """
    array = permuted(array, labels, tuple(i for i in wanted if i in labels))
    axes = [":" if i in labels else "None" for i in wanted]
    while axes and axes[0] == "None":
        del axes[0]
    if "None" not in axes:
        return array
    while axes[-1] == ":":
        del axes[-1]
    return nested(f"{array.at(Level.ATOM)}[{', '.join(axes)}]", Level.ATOM, array)


def subscripts(labels: Labels, among: Labels = ()) -> str:
    """Give letters for :func:`numpy.einsum`, numbered by first appearance in ``among``.

    >>> from einsgrad.ir.nodes import Index
    >>> subscripts((Index("batch"), Index("i"), Index("batch")))
    'iji'
    """
    order = list(dict.fromkeys(among or labels))
    letters = "ijklmnopqrstuvwxyzabcdefghABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "".join(letters[order.index(i)] for i in labels)


def power(base: Text, exponent: Text) -> Text:
    """Write a power, without spaces between names and numbers.

    >>> power(Text("x"), Text("2")).code, power(Text("x[:, None]"), Text("n")).code
    ('x**2', 'x[:, None] ** n')
    """
    below, above = base.at(Level.ATOM), exponent.at(Level.ATOM)
    sign = "**" if _PLAIN.fullmatch(below) and _PLAIN.fullmatch(above) else " ** "
    return nested(f"{below}{sign}{above}", Level.POWER, base, exponent)
