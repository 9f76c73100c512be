"""Statements: an equation, which defines a tensor; a claim, which is to be proved; a fact, which is a claim given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias
from weakref import WeakKeyDictionary

from einsgrad.ir.nodes import Expr, Index, Tensor
from einsgrad.ir.traversal import postorder


@dataclass(frozen=True, slots=True)
class Definition:
    """An equation ``name_indices = rhs``; ``indices`` are distinct and free in ``rhs`` (a scalar has none)."""

    name: str
    indices: tuple[Index, ...]
    rhs: Expr


Relation: TypeAlias = Literal["==", ">", ">="]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim ``lhs == rhs`` for each value of the indices ``free``; ``stated`` if "(no sum …)" names them.

    What is given, not claimed, may have another ``relation``.
    """

    lhs: Expr
    rhs: Expr
    free: tuple[Index, ...]
    stated: bool = False
    relation: Relation = "=="


# Every stage asks who uses whom, so each right-hand side is looked through once.
_used: WeakKeyDictionary[Expr, tuple[str, ...]] = WeakKeyDictionary()


def uses(rhs: Expr) -> tuple[str, ...]:
    """Give the names of the tensors whose values an expression takes, in order of appearance."""
    names = _used.get(rhs)
    if names is None:
        names = tuple(dict.fromkeys(node.name for node in postorder(rhs) if isinstance(node, Tensor)))
        _used[rhs] = names
    return names
