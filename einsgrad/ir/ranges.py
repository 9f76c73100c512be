"""Ranges: which indices and which tensor axes have one size.

Axes that share a letter in an equation have one range, and so have indices that a delta ties, and axes that are
declared to have one size. A range is named by the first axis or letter that belongs to it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import (
    Affine,
    Delta,
    Derivative,
    Expr,
    Gather,
    Index,
    MatrixFunction,
    Position,
    Selector,
    Size,
    Tensor,
)
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import postorder

Axis: TypeAlias = tuple[str, int]
Statement: TypeAlias = Definition | Claim


class _UnionFind:
    def __init__(self) -> None:
        self.parent: dict[Hashable, Hashable] = {}

    def find(self, item: Hashable) -> Hashable:
        self.parent.setdefault(item, item)
        while self.parent[item] != item:
            self.parent[item] = self.parent[self.parent[item]]
            item = self.parent[item]
        return item

    def union(self, a: Hashable, b: Hashable) -> None:
        root_a, root_b = self.find(a), self.find(b)
        if root_a != root_b:
            self.parent[root_b] = root_a


@dataclass(frozen=True)
class Window:
    """An affine subscript on an axis.

    Attributes:
        range: the range of the axis.
        text: the subscript as it is written.
        terms: the ranges of its letters, with their coefficients.
        constant: what is added.
    """

    range: int
    text: str
    terms: tuple[tuple[int, int], ...]
    constant: int

    def reach(self, size_of: Mapping[int, int]) -> tuple[int, int] | None:
        """Give the least and the greatest value for ranges of given sizes; ``None`` if a letter has no value.

        >>> Window(0, "2i+k-1", ((1, 2), (2, 1)), -1).reach({1: 4, 2: 3})
        (-1, 7)
        """
        if any(size_of[number] == 0 for number, _ in self.terms):
            return None
        ends = [coefficient * (size_of[number] - 1) for number, coefficient in self.terms]
        return self.constant + sum(min(e, 0) for e in ends), self.constant + sum(max(e, 0) for e in ends)

    def fits(self, size_of: Mapping[int, int]) -> bool:
        """Tell whether the subscript stays on its axis for ranges of given sizes."""
        reach = self.reach(size_of)
        return reach is None or (reach[0] >= 0 and reach[1] < size_of[self.range])


def derived(sizes: Mapping[int, int], windows: Sequence[Window]) -> dict[int, int]:
    """Give ranges that no axis settles the largest size for which no subscript leaves its axis.

    That follows from subscripts with a positive coefficient whose other letters have a size.

    >>> derived({0: 10, 1: 3}, [Window(0, "2i+k", ((2, 2), (1, 1)), 0)])
    {0: 10, 1: 3, 2: 4}
    """
    found = dict(sizes)
    while True:
        new: dict[int, int] = {}
        for window in windows:
            unknown = [(n, c) for n, c in window.terms if n not in found]
            if len(unknown) == 1 and unknown[0][1] > 0 and window.range in found:
                ((number, coefficient),) = unknown
                others = sum(max(0, c * (found[n] - 1)) for n, c in window.terms if n in found)
                last = found[window.range] - 1 - window.constant - others
                new[number] = min(new.get(number, last // coefficient + 1), last // coefficient + 1)
        if not new:
            return found
        found |= {number: max(0, size) for number, size in new.items()}


def widened(sizes: Mapping[int, int], windows: Sequence[Window]) -> dict[int, int]:
    """Make axes so long that no subscript goes beyond their ends, where that is possible."""
    found = dict(sizes)
    for _ in windows:
        for window in windows:
            reach = window.reach(found)
            found[window.range] = max(found[window.range], reach[1] + 1 if reach else 0)
    return found


@dataclass(frozen=True)
class Ranges:
    """The ranges of a program.

    A range is a number. ``of_axis`` gives that of a tensor's axis, ``of_index`` that of a letter in a statement
    (by the statement's position, claims after definitions, then facts). ``letter`` is a letter for each range.
    ``unsettled`` are the ``|h|`` that mean no range, or several. ``positions`` are the ranges in which the values of a
    tensor of positions lie, ``least`` the sizes that some ranges have at least, since a number is a position there,
    ``windows`` what affine subscripts say about sizes.
    """

    of_axis: dict[Axis, int]
    of_index: dict[tuple[int, Index], int]
    letter: dict[int, Index]
    unsettled: tuple[tuple[int, Index, tuple[int, ...]], ...]
    positions: dict[str, tuple[int, ...]]
    least: dict[int, int]
    windows: tuple[Window, ...]

    @cached_property
    def axes(self) -> dict[int, list[Axis]]:
        """The tensor axes of each range that has any."""
        found: dict[int, list[Axis]] = {}
        for axis, number in self.of_axis.items():
            found.setdefault(number, []).append(axis)
        return found

    @cached_property
    def by_statement(self) -> dict[int, dict[Index, int]]:
        """The ranges of each statement's letters."""
        found: dict[int, dict[Index, int]] = {}
        for (statement, index), number in self.of_index.items():
            found.setdefault(statement, {})[index] = number
        return found


def _expressions(statement: Statement) -> tuple[Expr, ...]:
    return (statement.rhs,) if isinstance(statement, Definition) else (statement.lhs, statement.rhs)


def infer_ranges(program: Program) -> Ranges:
    """Find the ranges of a program; linear in its size."""
    sets = _UnionFind()
    statements: list[Statement] = [*program.definitions, *program.claims, *program.facts]
    sizes: list[tuple[int, Index]] = []
    positions: dict[tuple[Position, tuple[int, Index]], None] = {}
    for number, statement in enumerate(statements):
        if isinstance(statement, Definition):
            _tie(sets, statement.name, statement.indices, number)
        for node in postorder(*_expressions(statement)):
            match node:
                case Tensor(name=name, indices=indices) | Derivative(wrt=Tensor(name=name, indices=indices)):
                    _tie(sets, name, indices, number)
                case Gather() | Selector():
                    _note_positions(sets, positions, node, number)
                case Delta(indices=(i, j)):
                    sets.union((number, i), (number, j))
                case MatrixFunction(slots=(i, j), indices=indices):
                    sets.union((number, i), (number, j))
                    for k in indices:
                        sets.union((number, i), (number, k))
                    for k in node.free:
                        sets.find((number, k))
                case Size(index=index):
                    sizes.append((number, index))
                case _:
                    for i in node.free:
                        sets.find((number, i))
    _tie_declared(sets, program.ties)
    _tie_gradients(sets, program)
    places: dict[Index, list[tuple[int, Index]]] = {}
    for item in list(sets.parent):
        if isinstance(item, tuple) and isinstance(item[1], Index):
            places.setdefault(item[1], []).append((item[0], item[1]))
    unsettled = _settle_sizes(sets, places, sizes, program)
    return _number(sets, unsettled, positions)


def _note_positions(
    sets: _UnionFind,
    positions: dict[tuple[Position, tuple[int, Index]], None],
    node: Gather | Selector,
    number: int,
) -> None:
    """Tie the letters of axes to those that stand there, and note what else does."""
    for i in node.free:
        sets.find((number, i))
    if isinstance(node, Gather):
        axes = [*zip(node.operand.indices, node.subscripts, strict=True)]
    else:
        axes = [(node.index, node.position)]
    for axis, subscript in axes:
        if isinstance(subscript, Index):
            sets.union((number, axis), (number, subscript))
        else:
            sets.find((number, axis))
            positions[subscript, (number, axis)] = None


def _tie(sets: _UnionFind, name: str, indices: Iterable[Index], number: int) -> None:
    for axis, index in enumerate(indices):
        sets.union((name, axis), (number, index))


def _tie_declared(sets: _UnionFind, ties: Iterable[tuple[Axis, Axis]]) -> None:
    """Tie those of the axes that occur; each is paired with the first of its size, which itself may not."""
    occurring: dict[Axis, Axis] = {}
    for first, other in ties:
        for axis in (first, other):
            if axis in sets.parent:
                sets.union(occurring.setdefault(first, axis), axis)


def _tie_gradients(sets: _UnionFind, program: Program) -> None:
    """Give each gradient the axes of the tensor it is taken by."""
    mentioned = [item[0] for item in sets.parent if isinstance(item, tuple) and isinstance(item[0], str)]
    for name in dict.fromkeys([*mentioned, *program.inputs]):
        parts = split_gradient_name(name)
        if parts:
            for axis in range(len(program.index_objects(name))):
                sets.union((parts[1], axis), (name, axis))


def _settle_sizes(
    sets: _UnionFind,
    places: dict[Index, list[tuple[int, Index]]],
    sizes: list[tuple[int, Index]],
    program: Program,
) -> list[tuple[int, Index, tuple[Hashable, ...]]]:
    """Tie each ``|h|`` of an equation without another ``h`` to the one range that ``h`` has elsewhere."""
    unsettled = []
    elsewhere: dict[Index, tuple[Hashable, ...]] = {}
    for number, index in dict.fromkeys(sizes):
        if (number, index) in sets.parent:
            continue
        if index in program.anchors:
            sets.union(program.anchors[index], (number, index))
            continue
        if index not in elsewhere:
            elsewhere[index] = tuple(dict.fromkeys(sets.find(place) for place in places.get(index, [])))
        found = elsewhere[index]
        if len(found) == 1:
            sets.union(found[0], (number, index))
        else:
            sets.find((number, index))
            unsettled.append((number, index, found))
    return unsettled


def _number(
    sets: _UnionFind,
    unsettled: list[tuple[int, Index, tuple[Hashable, ...]]],
    positions: Iterable[tuple[Position, tuple[int, Index]]],
) -> Ranges:
    numbers: dict[Hashable, int] = {}
    of_axis: dict[Axis, int] = {}
    of_index: dict[tuple[int, Index], int] = {}
    letter: dict[int, Index] = {}
    for item in list(sets.parent):
        assert isinstance(item, tuple)
        number = numbers.setdefault(sets.find(item), len(numbers))
        if isinstance(item[1], Index):
            of_index[item[0], item[1]] = number
            if number not in letter or letter[number].is_axis:
                letter[number] = item[1]
        else:
            of_axis[item[0], item[1]] = number
    open_sizes = tuple((n, i, tuple(numbers[f] for f in found)) for n, i, found in unsettled)
    lies_in: dict[str, dict[int, None]] = {}
    least: dict[int, int] = {}
    windows: dict[Window, None] = {}
    for position, item in positions:
        number = of_index[item]
        if isinstance(position, Tensor):
            lies_in.setdefault(position.name, {})[number] = None
        elif isinstance(position, Affine):
            terms = tuple((of_index[item[0], i], c) for i, c in position.terms)
            windows[Window(number, str(position), terms, position.constant)] = None
        else:
            at = int(position.value)
            least[number] = max(least.get(number, 0), at + 1, -at)
    return Ranges(
        of_axis,
        of_index,
        letter,
        open_sizes,
        {name: tuple(found) for name, found in lies_in.items()},
        least,
        tuple(windows),
    )
