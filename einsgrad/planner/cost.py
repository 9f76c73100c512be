"""The cost model: what an operation of a plan costs, in floating point operations, bytes moved, and calls.

The three are weighed with the rates of an ordinary processor. Only comparisons are made with the result, so what counts
is that a matrix product is far cheaper for each operation than a pass over memory is for each number, and that a call
costs as much as a pass over some thousand numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from einsgrad.planner.plan import (
    AffinePositions,
    Arrange,
    Contract,
    Diagonal,
    Extent,
    Input,
    Iota,
    Matrix,
    Number,
    Operand,
    Pointwise,
    Put,
    Reduce,
    Scatter,
    Solve,
    Spread,
    Take,
    Value,
    operands,
)

# Bytes of a number: costs are those of single precision.
ITEM = 4
MATRIX_RATE = 60e9  # operations a second in a matrix product
ELEMENT_RATE = 1.5e9  # elements a second through an elementary function
BYTE_RATE = 8e9  # bytes a second from and to memory
CALL = 1e-6  # seconds

_ARITHMETIC = frozenset({"add", "subtract", "multiply", "divide", "negative", "square", "maximum", "minimum", "abs"})


@dataclass(frozen=True, slots=True)
class Cost:
    """What something costs.

    Attributes:
        flops: additions and multiplications of matrix products, and one for each element and operation elsewhere.
        transcendental: elements that go through an elementary function such as ``exp``.
        bytes: read and written, in single precision.
        calls: of NumPy.
    """

    flops: int = 0
    transcendental: int = 0
    bytes: int = 0
    calls: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.flops + other.flops,
            self.transcendental + other.transcendental,
            self.bytes + other.bytes,
            self.calls + other.calls,
        )

    @property
    def seconds(self) -> float:
        """An estimate of the time it takes."""
        return (
            self.flops / MATRIX_RATE + self.transcendental / ELEMENT_RATE + self.bytes / BYTE_RATE + self.calls * CALL
        )


def total_cost(values: Sequence[Value], which: Iterable[int], sizes: Mapping[int, int]) -> Cost:
    """Give the cost of some values of a plan together."""
    total = Cost()
    for number in which:
        total += cost_of(values, number, sizes)
    return total


def cost_of(values: Sequence[Value], number: int, sizes: Mapping[int, int]) -> Cost:
    """Give the cost of one value of a plan, whose ranges have the given sizes."""

    def count(ranges: Iterable[int]) -> int:
        found = 1
        for r in ranges:
            found *= sizes[r]
        return found

    def read(operand: Operand) -> int:
        return count(values[operand.value].ranges)

    value = values[number]
    size = count(value.ranges)
    moved = ITEM * (size + sum(map(read, operands(value.op))))
    match value.op:
        case Input() | Number() | Extent() | Diagonal() | Arrange(copy=False):
            return Cost()
        case Iota() | AffinePositions():
            return Cost(bytes=ITEM * size, calls=1)
        case Pointwise() if value.is_number:
            return Cost()
        case Pointwise(function=function):
            slow = 0 if function in _ARITHMETIC else size
            return Cost(flops=size, transcendental=slow, bytes=moved, calls=1)
        case Contract(left=left, right=right):
            ranges = {i: r for o in (left, right) for i, r in zip(o.labels, values[o.value].ranges, strict=True)}
            return Cost(flops=2 * count(ranges.values()), bytes=moved, calls=1)
        case Matrix(arg=arg, slots=(row, _)) | Solve(matrix=arg, row=row):
            length = sizes[values[arg.value].ranges[arg.labels.index(row)]]
            return Cost(flops=2 * length * (read(arg) + size), bytes=moved, calls=1)
        case Reduce(arg=arg):
            return Cost(flops=read(arg), bytes=moved, calls=1)
        case Put(arg=arg):
            return Cost(flops=read(arg), bytes=2 * moved, calls=4)
        case Take() | Scatter() | Spread() | Arrange():
            return Cost(bytes=moved + ITEM * size, calls=1)
