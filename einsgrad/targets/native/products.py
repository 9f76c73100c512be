"""Products of matrices as calls of BLAS: how arrays are read as matrices, and copied where they can't be."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from einsgrad.ir.nodes import Index
from einsgrad.planner.iteration import Operation
from einsgrad.planner.storage import Path

if TYPE_CHECKING:
    from einsgrad.targets.native.writer import _Kernel


@dataclass(frozen=True, slots=True)
class Stored:
    """An axis of a value that is stored: which, its size, and the position at which it starts."""

    axis: int
    size: str
    start: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """An array as BLAS reads it: where it starts, whether its two axes are the other way round, and its row length."""

    start: str
    is_transposed: bool
    row: str


def matrix_of(
    base: str,
    stored: Sequence[Stored],
    letters: Sequence[Index],
    dims: Mapping[Index, int],
    groups: tuple[tuple[Index, ...], ...],
    fixed: Collection[int],
    blocks: Collection[int],
    index: Callable[[int], str],
) -> Matrix | None:
    """Give how an array with two groups of letters is read as a matrix; ``None`` if it has to be copied for that."""
    order = [letters[axis.axis] for axis in stored]
    free = [i for i in order if dims[i] not in fixed]
    first, second = groups
    is_transposed = free != [*first, *second]
    if is_transposed:
        first, second = second, first
    if free != [*first, *second] or not first or not second or order[-1] not in second:
        return None
    for group in (first, second):
        for one, other in itertools.pairwise(group):
            position = order.index(one)
            is_cut = dims[other] in blocks and stored[position + 1].start == "0"
            if order[position + 1] != other or is_cut:
                return None
    terms = []
    for position, axis in enumerate(stored):
        dim = dims[order[position]]
        stride = "".join(f" * {later.size}" for later in stored[position + 1 :])
        if dim in fixed:
            at = index(dim) if axis.start == "0" else f"({index(dim)} - {axis.start})"
            terms.append(at + stride)
        elif dim in blocks and axis.start == "0":
            terms.append(f"{index(dim)}_start{stride}")
    row = " * ".join(axis.size for axis in stored[order.index(first[-1]) + 1 :])
    return Matrix(" + ".join([base, *terms]), is_transposed, row)


@dataclass
class MatrixProduct:
    """Writes one product of matrices."""

    kernel: _Kernel
    operation: Operation
    path: Path
    fixed: frozenset[int]
    is_sum: bool

    def lines(self) -> list[str]:
        """Write the call, and what has to be copied before and after it."""
        kernel, operation, path = self.kernel, self.operation, self.path
        left, right = operation.reads
        free = [
            i for i in kernel.storage_letters(operation.number, operation.labels) if operation.dims[i] not in self.fixed
        ]
        rows = tuple(i for i in free if i in left.letters)
        columns = tuple(i for i in free if i in right.letters)
        stored = kernel.storage_letters(left.value, left.letters)
        summed = tuple(i for i in stored if i in operation.summed and operation.dims[i] not in self.fixed)
        before: list[str] = []
        matrices = []
        for access, groups in ((left, (rows, summed)), (right, (summed, columns))):
            matrix = kernel.matrix(access.value, access.letters, operation, path, groups)
            if matrix is None:
                matrix, lines = kernel.packed(operation, access, [*groups[0], *groups[1]], path)
                matrix = Matrix(matrix.start, False, kernel.count(groups[1], operation, path))
                before += lines
            matrices.append(matrix)
        m, n, k = (kernel.count(group, operation, path) for group in (rows, columns, summed))
        target = kernel.matrix(operation.number, operation.labels, operation, path, (rows, columns))
        after: list[str] = []
        is_sum = self.is_sum
        if target is None:
            target, after = kernel.unpacked(operation, [*rows, *columns], path, is_sum)
            target = Matrix(target.start, False, n)
            is_sum = False
        a, b = matrices
        if target.is_transposed:
            a, b, m, n = _turned(b), _turned(a), n, m
        call = (
            f"matrix_product({int(a.is_transposed)}, {int(b.is_transposed)}, {m}, {n}, {k}, {a.start}, {a.row}, "
            f"{b.start}, {b.row}, {int(is_sum)}, {target.start}, {target.row});"
        )
        return [*before, call, *after]


def _turned(matrix: Matrix) -> Matrix:
    return Matrix(matrix.start, not matrix.is_transposed, matrix.row)
