"""Derivatives without indices: ``∂y/∂x`` of a vector by a vector, as matrix calculus writes it.

Before: the names of the text. After: a derivative of or by a tensor that has indices elsewhere, and none in it, is
refused and shown with all of them; where it is the right-hand side of an equation the whole equation is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from einsgrad.frontend import surface as s
from einsgrad.frontend.dialects import PLAIN
from einsgrad.frontend.names import Names
from einsgrad.ir.letters import unused
from einsgrad.ir.nodes import Index

_Edit: TypeAlias = tuple[int, Sequence[Index]]
"""Indices that are put in at a place."""


def check_bare_derivatives(names: Names) -> None:
    """Report derivatives whose tensors lack their indices; all that is differentiated, or differentiated by."""
    orders = {o.reference.key: len(o.reference.indices) for o in names.occurrences if o.reference.indices}
    for statement in names.statements:
        for part in s.walk(*statement.sides):
            if isinstance(part, s.Derivative) and statement not in names.faulty:
                _check(names, statement, part, orders)


def _check(names: Names, statement: s.Statement, derivative: s.Derivative, orders: Mapping[str, int]) -> None:
    parts = [part for part in (derivative.bare, derivative.wrt) if part is not None]
    bare = [part for part in parts if not part.indices and orders.get(part.key)]
    if not bare:
        return
    numbers = [orders[part.key] for part in bare]
    new = _from_the_left(names, statement, derivative, sum(numbers))
    usual = [letter for part, number in zip(bare, numbers, strict=True) for letter in _usual(part, derivative, number)]
    letters = new or _unused(names, statement, usual)
    edits: list[_Edit] = []
    for part, number in zip(bare, numbers, strict=True):
        edits.append((part.end, letters[:number]))
        letters = letters[number:]
    shown = _with_indices(names, names.text(statement, derivative), derivative.start, edits)
    message = f"a derivative is written with all indices, and those below are new: `{shown}`"
    fix = None
    left = s.sole_reference(statement.lhs)
    if left is not None and not statement.is_claim and s.sole_factor(statement.rhs) is derivative:
        free, own = ({i.key for i in s.letters(part)} for part in (left, derivative))
        if own <= free if new else own == free:
            added = [] if new else [index for _, indices in edits for index in indices]
            fix = _equation(names, statement, left, added, edits)
    names.refuse(statement, bare[0], "order", message, fix=fix)


def _equation(
    names: Names, statement: s.Statement, left: s.Reference, added: Sequence[Index], edits: Sequence[_Edit]
) -> str | None:
    """Give an equation with the indices of its derivative, and with those that its left-hand side lacks."""
    text = names.text(statement)
    right = _with_indices(names, text[left.end :], left.end, edits)
    if not added:
        return text[: left.end] + right
    if left.indices and names.dialect is not PLAIN:
        return None
    name = left.spelling if left.indices else names.text(statement, left)
    return text[: left.start] + name + names.dialect.script([*names.indices(left.indices), *added]) + right


def _from_the_left(names: Names, statement: s.Statement, derivative: s.Derivative, number: int) -> list[Index]:
    """Give the indices of the left-hand side that a derivative has not, if they are as many as it lacks."""
    left = None if statement.is_claim else s.sole_reference(statement.lhs)
    own = {letter.key for letter in s.letters(derivative)}
    free = [letter for letter in (left.indices if left is not None else ()) if letter.key not in own]
    return names.indices(free) if len(free) == number else []


def _usual(part: s.Reference, derivative: s.Derivative, number: int) -> Sequence[str]:
    return ("pqrstuvw" if part is derivative.wrt else "ijklmn")[:number]


def _unused(names: Names, statement: s.Statement, usual: Sequence[str]) -> list[Index]:
    taken = set(names.indices(s.letters(*statement.sides)))
    found = []
    for letter in usual:
        index = Index(letter) if Index(letter) not in taken else unused(taken)
        taken.add(index)
        found.append(index)
    return found


def _with_indices(names: Names, text: str, start: int, edits: Sequence[_Edit]) -> str:
    for end, letters in sorted(edits, key=lambda edit: edit[0], reverse=True):
        text = text[: end - start] + names.dialect.script(letters) + text[end - start :]
    return text
