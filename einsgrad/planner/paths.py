"""Contraction paths: the order in which the operands of a product are contracted, found by opt_einsum."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from opt_einsum import paths

from einsgrad.ir.nodes import Index
from einsgrad.planner.plan import Labels

Path: TypeAlias = list[tuple[int, ...]]
"""The pairs to contract, as positions in a list of operands from which they go and whose end their result joins."""

# Up to this many operands the best path is searched for exhaustively.
_EXHAUSTIVE = 4


def find_path(operands: Sequence[Labels], keep: Collection[Index], sizes: Mapping[Index, int]) -> Path:
    """Find a path along which a product of operands is contracted, where the letters ``keep`` are not summed.

    >>> i, j, k = map(Index, "ijk")
    >>> find_path([(i, j), (j, k), (k,)], {i}, dict.fromkeys((i, j, k), 10))
    [(1, 2), (0, 1)]
    """
    if len(operands) <= 2:
        return [(0, 1)] if len(operands) == 2 else []
    # Numbers for letters: opt_einsum breaks ties by set order, which is the same in every run for numbers only.
    number = {letter: k for k, letter in enumerate(dict.fromkeys(i for labels in operands for i in labels))}
    extents = {k: sizes[letter] for letter, k in number.items()}
    # opt_einsum remembers what a pair leaves by the letters of the two, which is wrong where a letter stands on three
    # operands and two of them look alike. A letter of size one on each, never summed, tells all operands apart.
    tags = range(len(number), len(number) + len(operands))
    extents.update(dict.fromkeys(tags, 1))
    inputs = [frozenset([*(number[i] for i in labels), tag]) for labels, tag in zip(operands, tags, strict=True)]
    output = frozenset([*(number[i] for i in number if i in keep), *tags])
    search = paths.optimal if len(operands) <= _EXHAUSTIVE else paths.auto
    return list(search(inputs, output, extents, None))
