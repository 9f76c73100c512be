"""Conditions in a statement: comparisons as calls of the functions that their signs are, and ranges of sums.

Before: the sides of comparisons, in which a letter is still a name without indices. After (:func:`with_positions`):
a name that is an index of the statement stands for its position.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Generator, Sequence
from typing import Any

from einsgrad.frontend import surface as s
from einsgrad.frontend.lexis import canonical, read_number
from einsgrad.ir.conditions import AND, COMPARISONS, OR, SIGNS, opposite
from einsgrad.ir.traversal import stackless

_SIGN = re.compile(r"<=|>=|!=|==|[<>≤≥≠⩽⩾]")
_INDEX = re.compile(r"[^\W\d_][^\W_]*'*")
_PLAIN_SIGNS = {"≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "≠": "!="}
_TURNED = {">": "<", ">=": "<="}


def is_condition(factor: s.Factor) -> bool:
    """Tell whether a factor is a condition."""
    return isinstance(factor, s.Call) and factor.function in SIGNS


def compared(left: s.Content, sign: str, right: s.Content) -> s.Call:
    """Make a comparison; ``a > b`` is ``b < a``."""
    sign = _PLAIN_SIGNS.get(sign, sign)
    sides = (right, left) if sign in _TURNED else (left, right)
    return s.Call(left.start, right.end, _TURNED.get(sign, sign), sides)


def joined(sign: str, conditions: Sequence[s.Factor]) -> s.Factor:
    """Join conditions by *and* or *or*."""
    result = conditions[0]
    for condition in conditions[1:]:
        result = s.Call(result.start, condition.end, sign, (s.single(result), s.single(condition)))
    return result


@stackless
def opposite_of(condition: s.Factor) -> Generator[tuple[Any, ...], Any, s.Factor]:
    """Give the condition that holds where another doesn't: comparisons are turned, *and* and *or* exchanged."""
    assert isinstance(condition, s.Call)
    function, is_turned = opposite(condition.function)
    arguments = condition.arguments[::-1] if is_turned else condition.arguments
    if function in (AND, OR):
        below = []
        for argument in arguments:
            assert isinstance(argument, s.Term)
            below.append(s.single((yield (argument.factors[0],))))
        arguments = tuple(below)
    return dataclasses.replace(condition, function=function, arguments=arguments)


def is_range(mark: str) -> bool:
    """Tell whether the mark of a sum compares letters.

    >>> is_range("sum_{j < i}"), is_range("sum_{i,j}")
    (True, False)
    """
    return _SIGN.search(mark) is not None


def read_range(text: str, start: int) -> tuple[s.Letter, tuple[s.Factor, ...]] | None:
    """Read what stands below a sum, and begins at ``start``: the letter that is summed, and the conditions on it.

    ``None`` if it is no comparison of letters and numbers, the summed letter first.

    >>> letter, (condition,) = read_range("i < j", 0)
    >>> letter.key, condition.function
    ('i', '<')
    """
    signs = list(_SIGN.finditer(text))
    starts, ends = [0, *(m.end() for m in signs)], [*(m.start() for m in signs), len(text)]
    sides = [_side(text[a:b], start + a) for a, b in zip(starts, ends, strict=True)]
    first, found = sides[0], [s.single(side) for side in sides if side is not None]
    if not isinstance(first, s.Position) or len(found) < len(sides):
        return None
    pairs = zip(found[:-1], signs, found[1:], strict=True)
    return first.letter, tuple(compared(left, sign[0], right) for left, sign, right in pairs)


def _side(text: str, start: int) -> s.Position | s.Number | None:
    """Read a letter or a number."""
    word = text.strip()
    at = start + text.find(word)
    end = at + len(word)
    if word.isdecimal():
        return s.Number(at, end, read_number(word))
    if not _INDEX.fullmatch(word):
        return None
    return s.Position(at, end, s.Letter(at, end, canonical(word), word))


def with_positions(statement: s.Statement) -> s.Statement:
    """Give a statement in whose conditions each name that is an index of it stands for its position."""
    conditions = any(isinstance(p, s.Call) and p.function in COMPARISONS for p in s.walk(*statement.sides))
    if not conditions:
        return statement
    letters = frozenset(letter.key for letter in s.letters(*statement.sides))
    lhs, rhs = (_settled(side, letters, False) for side in statement.sides)
    return dataclasses.replace(statement, lhs=lhs, rhs=rhs)


@stackless
def _settled(part: Any, letters: frozenset[str], inside: bool) -> Generator[tuple[Any, ...], Any, Any]:
    """Rebuild a part, in which names are positions if it is ``inside`` a condition."""
    if isinstance(part, s.Reference) and inside and part.key in letters and not (part.indices or part.called):
        return s.Position(part.start, part.end, s.Letter(part.start, part.end, part.key, part.spelling))
    if isinstance(part, s.Leaf):
        return part
    inside = inside or is_condition(part)
    changes: dict[str, Any] = {}
    for name in ("content", "base", "exponent", "operand"):
        if hasattr(part, name):
            changes[name] = yield getattr(part, name), letters, inside
    for name in ("arguments", "factors", "terms"):
        if hasattr(part, name):
            below = []
            for each in getattr(part, name):
                below.append((yield each, letters, inside))
            changes[name] = tuple(below)
    return dataclasses.replace(part, **changes)
