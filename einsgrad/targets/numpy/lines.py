"""Lines of Python of a given width, laid out as formatters do: what is in brackets goes on lines of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from einsgrad.ir.equations import Definition
from einsgrad.ir.printer import print_expression, print_tensor
from einsgrad.render.wrapping import display_width, wrap, wrap_words

LINE = 88
"""No line of a generated module is longer, unless a name in it is."""

STEP = 4
"""How far one block stands inside another."""

# What ends in brackets around a list, and holds together by dots and by brackets, up to two deep.
_GROUP = r"\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\]"
_LAST_BRACKET = re.compile(rf"((?:[\w.]|{_GROUP})+[\[(])([^()\[\]]*)([\])])")


def indented(lines: Iterable[str]) -> list[str]:
    """Put lines one block further in."""
    return [" " * STEP + line if line else "" for line in lines]


def call(head: str, items: Sequence[str], tail: str = ")", columns: int = LINE) -> list[str]:
    """Write what has a list in round brackets: on one line, with the list on a line of its own, or an item a line.

    >>> call("f(", ["a", "b"]), call("def f(", ["a: int", "b: int"], ") -> None:", 20)
    (['f(a, b)'], ['def f(', '    a: int, b: int', ') -> None:'])
    """
    inside = ", ".join(items)
    if display_width(head + inside + tail) <= columns or not items:
        return [head + inside + tail]
    if display_width(inside) + STEP <= columns:
        return [head, " " * STEP + inside, tail]
    return display(head, items, tail)


def display(head: str, items: Sequence[str], tail: str) -> list[str]:
    """Write what has a list in brackets, an item a line.

    >>> display("sizes = {", ['"i": 2', '"j": 3'], "}")
    ['sizes = {', '    "i": 2,', '    "j": 3,', '}']
    """
    return [head, *(f"{' ' * STEP}{item}," for item in items), tail]


def equation(definition: Definition, columns: int) -> list[str]:
    """Write an equation, which is no Python."""
    left = print_tensor(definition.name, definition.indices)
    return wrap(left, print_expression(definition.rhs), columns)


def assignment(target: str, code: str, comment: str, columns: int, sign: str = "=") -> list[str]:
    """Write the assignment of an expression, with a comment at its end or, without room for it, before.

    >>> assignment("y", "a + b", "(i, j)", 80), assignment("y", "a + b", "(i, j)", 12)
    (['y = a + b  # (i, j)'], ['# y has the axes (i, j)', 'y = a + b'])
    >>> assignment("y", "x.transpose(1, 0).reshape(n_i, n_j)", "(i, j)", 36)
    ['y = x.transpose(1, 0).reshape(', '    n_i, n_j', ')  # (i, j)']
    """
    line = f"{target} {sign} {code}"
    note = f"  # {comment}" if comment else ""
    if display_width(line + note) <= columns:
        return [line + note]
    before = [f"# {target.split(':')[0]} has the axes {comment}"] if comment else []
    if display_width(line) <= columns:
        return [*before, line]
    if last := _LAST_BRACKET.fullmatch(code):
        return call(f"{target} {sign} {last[1]}", last[2].split(", "), last[3] + note, columns)
    return [*before, f"{target} {sign} (", *wrap_words(code, STEP, columns), ")"]
