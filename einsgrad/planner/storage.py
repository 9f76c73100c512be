"""Storage: where the values of a tree of loops lie.

A value needs only the axes that the loops around its producer and all of its readers do not fix: a value that is read
where it is computed is a register, one that is read in a later loop of the same row is a row.

Before: a tree of loops. After: for each value its place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from einsgrad.planner.iteration import Iteration
from einsgrad.planner.nests import Leaf, Loop, Node

Path = tuple[Loop, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value lies.

    Attributes:
        axes: which axes of the value are stored, in order.
        blocked: the dimensions of which only the positions of the current block are stored.
        around: the loops around the producer and all readers, outermost first; in none of them, all threads share it.
    """

    axes: tuple[int, ...]
    blocked: frozenset[int]
    around: Path


def paths(nodes: Sequence[Node], around: Path = ()) -> Iterator[tuple[Leaf, Path]]:
    """Yield the leaves, each with the loops around it."""
    for node in nodes:
        if isinstance(node, Leaf):
            yield node, around
        else:
            yield from paths(node.body, (*around, node))


def places(iteration: Iteration, nodes: Sequence[Node], kept: Collection[int]) -> dict[int, Place]:
    """Give the place of each value; those ``kept`` leave the function whole."""
    path = {leaf.operation.number: around for leaf, around in paths(nodes)}
    common = {number: () if number in kept else around for number, around in path.items()}
    for operation in iteration.operations.values():
        for access in operation.reads:
            if access.value in common:
                common[access.value] = _shared(common[access.value], path[operation.number])
    found = {}
    for number, around in common.items():
        fixed = {loop.dim for loop in around if not loop.is_blocked}
        dims = iteration.operations[number].result_dims
        axes = tuple(k for k, d in enumerate(dims) if d not in fixed)
        blocked = frozenset(loop.dim for loop in around if loop.is_blocked) - fixed
        found[number] = Place(axes, blocked, around)
    return found


def _shared(one: Path, other: Path) -> Path:
    count = 0
    while count < min(len(one), len(other)) and one[count] is other[count]:
        count += 1
    return one[:count]
