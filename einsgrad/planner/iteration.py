"""Iteration: the operations of a plan as statements in loops, and which of their letters run through the same loop.

Before: a plan, whose letters are local to each operation. After: its operations, views looked through, with a
*dimension* for each of their letters. Letters of two operations share a dimension where one reads what the other
computes at the same place, so that one loop can hold both; two letters of one operation never do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from einsgrad.ir.nodes import Index
from einsgrad.planner.plan import (
    Arrange,
    Contract,
    Diagonal,
    Input,
    Labels,
    Op,
    Operand,
    Plan,
    Reduce,
    Scatter,
    Spread,
    Value,
    operands,
)


@dataclass(frozen=True, slots=True)
class Access:
    """What an operation reads: a value that has memory, with a letter of the operation for each of its axes."""

    value: int
    letters: Labels


@dataclass(frozen=True, slots=True)
class Operation:
    """A value of a plan as a statement that is carried out for each combination of positions.

    Attributes:
        number: of the value.
        value: what it computes.
        reads: what it reads, in the order of its operands.
        summed: the letters that the result lacks.
        dims: the dimension of each letter, first those of the result's axes.
    """

    number: int
    value: Value
    reads: tuple[Access, ...]
    summed: Labels
    dims: dict[Index, int]

    @property
    def op(self) -> Op:
        """What is computed."""
        return self.value.op

    @property
    def labels(self) -> Labels:
        """The letters of the result's axes."""
        return self.value.labels

    @property
    def result_dims(self) -> tuple[int, ...]:
        """The dimensions of the result's axes."""
        return tuple(self.dims[i] for i in self.labels)

    @property
    def summed_dims(self) -> tuple[int, ...]:
        """The dimensions that are summed, or maximised, over."""
        return tuple(self.dims[i] for i in self.summed)


@dataclass(frozen=True)
class Iteration:
    """The operations of a plan that have loops, in order.

    Attributes:
        operations: by the number of their value.
        ranges: the range of each dimension.
    """

    operations: dict[int, Operation]
    ranges: dict[int, int]

    def is_aligned(self, reader: Operation, written: Operation, dim: int) -> bool:
        """Tell whether ``reader`` reads at each position of ``dim`` only what ``written`` computes there."""
        if dim not in written.result_dims:
            return False
        axis = written.result_dims.index(dim)
        return all(reader.dims[a.letters[axis]] == dim for a in reader.reads if a.value == written.number)


def iterate(plan: Plan, wanted: Iterable[int], given: Collection[int]) -> Iteration:
    """Give the operations that compute the values ``wanted`` of a plan; the values ``given`` have memory already."""
    numbers = [n for n in sorted(wanted) if n not in given and _has_loops(plan.values[n])]
    reads = {n: _reads(plan, n) for n in numbers}
    letters = {n: _letters(plan.values[n], reads[n]) for n in numbers}
    classes = _Classes()
    for number in numbers:
        for letter in letters[number]:
            classes.add(number, letter)
    for number in numbers:
        for access in reads[number]:
            if access.value in letters:
                for own, other in zip(plan.values[access.value].labels, access.letters, strict=True):
                    classes.join((access.value, own), (number, other))
    _join_readers(numbers, reads, letters, classes)
    operations = {}
    ranges: dict[int, int] = {}
    for number in numbers:
        value = plan.values[number]
        dims = {letter: classes.of(number, letter) for letter in letters[number]}
        known = dict(zip(value.labels, value.ranges, strict=True))
        for access in reads[number]:
            known.update(zip(access.letters, plan.values[access.value].ranges, strict=True))
        ranges.update({dims[letter]: known[letter] for letter in dims})
        summed = tuple(i for i in dims if i not in value.labels)
        operations[number] = Operation(number, value, reads[number], summed, dims)
    return Iteration(operations, ranges)


def _join_readers(
    numbers: Iterable[int], reads: dict[int, tuple[Access, ...]], letters: dict[int, Labels], classes: _Classes
) -> None:
    """Let operations that read one array that is given share loops, so that it is read once."""
    first: dict[tuple[int, int], tuple[int, Index]] = {}
    for number in numbers:
        for access in reads[number]:
            if access.value not in letters:
                for axis, letter in enumerate(access.letters):
                    classes.join(first.setdefault((access.value, axis), (number, letter)), (number, letter))


def _has_loops(value: Value) -> bool:
    match value.op:
        case Input() | Diagonal() | Arrange(copy=False):
            return False
        case _:
            return not value.is_number


def _reads(plan: Plan, number: int) -> tuple[Access, ...]:
    value = plan.values[number]
    return tuple(access_of(plan, operand) for operand in operands(value.op))


def access_of(plan: Plan, operand: Operand) -> Access:
    """Give the array that an operand is a view of, and the letters of its axes."""
    number, labels = operand.value, operand.labels
    while True:
        value = plan.values[number]
        match value.op:
            case Diagonal(arg=arg) | Arrange(arg=arg, copy=False):
                renamed = dict(zip(value.labels, labels, strict=True))
                number, labels = arg.value, tuple(renamed[i] for i in arg.labels)
            case _:
                return Access(number, labels)


def _letters(value: Value, reads: tuple[Access, ...]) -> Labels:
    """Give the letters that are looped over: those of the result, then others."""
    found = dict.fromkeys(value.labels)
    if isinstance(value.op, Scatter):
        for _, letters in value.op.pieces:
            found.update(dict.fromkeys(letters))
    elif isinstance(value.op, Reduce | Contract | Spread):
        for access in reads:
            found.update(dict.fromkeys(access.letters))
    return tuple(found)


class _Classes:
    """Classes of letters; one class never has two letters of one operation."""

    def __init__(self) -> None:
        self._class: dict[tuple[int, Index], int] = {}
        self._members: list[dict[int, Index]] = []

    def add(self, number: int, letter: Index) -> None:
        self._class[number, letter] = len(self._members)
        self._members.append({number: letter})

    def of(self, number: int, letter: Index) -> int:
        return self._class[number, letter]

    def join(self, one: tuple[int, Index], other: tuple[int, Index]) -> None:
        """Make two classes one, unless an operation is in both."""
        kept, gone = self._class[one], self._class[other]
        if kept == gone or not self._members[kept].keys().isdisjoint(self._members[gone]):
            return
        for number, letter in self._members[gone].items():
            self._class[number, letter] = kept
        self._members[kept] |= self._members[gone]
        self._members[gone] = {}
