"""Products of matrices as calls of BLAS: how arrays are read as matrices, and copied where they can't be."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from einsgrad.ir.nodes import Index
from einsgrad.planner.iteration import Access, Operation
from einsgrad.planner.storage import Path
from einsgrad.targets.native.arrays import Arrays, Stored
from einsgrad.targets.native.scope import Scope, nested, product

Group = tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """An array as BLAS reads it: where it starts, whether its axes are the other way round, and its row's length."""

    start: str
    is_transposed: bool
    row: str

    def turned(self) -> Matrix:
        """Give the matrix with its axes exchanged."""
        return Matrix(self.start, not self.is_transposed, self.row)


class MatrixProduct:
    """Writes one product of matrices at a place in the loops."""

    def __init__(self, operation: Operation, path: Path, arrays: Arrays, scope: Scope) -> None:
        self._operation = operation
        self._path = path
        self._arrays = arrays
        self._scope = scope
        self._fixed = {loop.dim for loop in path if not loop.is_blocked}
        self._blocks = {loop.dim for loop in path if loop.is_blocked}

    def lines(self) -> list[str]:
        """Write the call, and what has to be copied before and after it."""
        operation = self._operation
        left, right = operation.reads
        _, stored = self._arrays.written(operation)
        free = self._free(stored, operation.labels)
        rows = tuple(i for i in free if i in left.letters)
        columns = tuple(i for i in free if i in right.letters)
        free = self._free(self._arrays.stored(left.value), left.letters)
        summed = tuple(i for i in free if i in operation.summed)
        a, before_a = self._operand(left, rows, summed)
        b, before_b = self._operand(right, summed, columns)
        m, n, k = (self._count(group) for group in (rows, columns, summed))
        is_sum = any(loop.dim in operation.summed_dims for loop in self._path)
        target, after = self._target(rows, columns, is_sum)
        if target.is_transposed:
            a, b, m, n = b.turned(), a.turned(), n, m
        arguments = [
            str(int(a.is_transposed)),
            str(int(b.is_transposed)),
            *(m, n, k, a.start, a.row, b.start, b.row),
            str(int(is_sum and not after)),
            *(target.start, target.row),
        ]
        return [*before_a, *before_b, f"matrix_product({', '.join(arguments)});", *after]

    def _free(self, stored: Sequence[Stored], letters: Sequence[Index]) -> list[Index]:
        """Give the letters that no loop fixes, in the order in which an array has them."""
        order = [letters[axis.axis] for axis in stored]
        return [i for i in order if self._operation.dims[i] not in self._fixed]

    def _operand(self, access: Access, first: Group, second: Group) -> tuple[Matrix, list[str]]:
        """Give an operand as a matrix, and what copies it into one where it is none."""
        base, stored = self._arrays.base(access.value), self._arrays.stored(access.value)
        matrix = self._matrix(base, stored, access.letters, first, second)
        if matrix is not None:
            return matrix, []
        name, heads, offset = self._temporary([*first, *second])
        lines = nested(heads, f"{name}[{offset}] = {self._arrays.read(access, self._operation)};")
        return Matrix(name, False, self._count(second)), lines

    def _target(self, rows: Group, columns: Group, is_sum: bool) -> tuple[Matrix, list[str]]:
        """Give the result as a matrix, and what copies it where it belongs if that is none."""
        base, stored = self._arrays.written(self._operation)
        matrix = self._matrix(base, stored, self._operation.labels, rows, columns)
        if matrix is not None:
            return matrix, []
        name, heads, offset = self._temporary([*rows, *columns])
        sign = "+=" if is_sum else "="
        lines = nested(heads, f"{self._arrays.target(self._operation)} {sign} {name}[{offset}];")
        return Matrix(name, False, self._count(columns)), lines

    def _matrix(
        self, base: str, stored: Sequence[Stored], letters: Sequence[Index], first: Group, second: Group
    ) -> Matrix | None:
        """Read an array as a matrix; ``None`` if it has to be copied for that."""
        dims = self._operation.dims
        order = [letters[axis.axis] for axis in stored]
        free = self._free(stored, letters)
        is_transposed = free != [*first, *second]
        outer, inner = (second, first) if is_transposed else (first, second)
        if free != [*outer, *inner] or not outer or not inner or order[-1] not in inner:
            return None
        if not all(self._is_one(stored, order, group) for group in (outer, inner)):
            return None
        terms = [base]
        for position, axis in enumerate(stored):
            dim = dims[order[position]]
            stride = "".join(f" * {later.size}" for later in stored[position + 1 :])
            index = self._scope.index(dim)
            if dim in self._fixed:
                terms.append(f"{index if axis.start == '0' else f'({index} - {axis.start})'}{stride}")
            elif dim in self._blocks and axis.start == "0":
                terms.append(f"{index}_start{stride}")
        row = product([axis.size for axis in stored[order.index(outer[-1]) + 1 :]])
        return Matrix(" + ".join(terms), is_transposed, row)

    def _is_one(self, stored: Sequence[Stored], order: Sequence[Index], group: Group) -> bool:
        """Tell whether the axes of a group lie behind one another, so that they are as good as one."""
        for one, other in itertools.pairwise(group):
            position = order.index(one) + 1
            is_cut = self._operation.dims[other] in self._blocks and stored[position].start == "0"
            if order[position] != other or is_cut:
                return False
        return True

    def _count(self, letters: Sequence[Index]) -> str:
        return product([self._scope.count(self._operation.dims[i], self._path) for i in letters])

    def _temporary(self, order: Sequence[Index]) -> tuple[str, list[str], str]:
        """Give memory for a matrix, the loops over it, and the offset of an element."""
        name = self._scope.new(f"{self._scope.telling(self._operation.number)}_matrix")
        dims = [self._operation.dims[i] for i in order]
        self._arrays.allocate(name, dims, self._path)
        heads = [self._scope.head(d, self._path) for d in dims]
        firsts = [self._scope.bounds(d, self._path)[0] for d in dims]
        stored = [Stored(k, self._scope.count(d, self._path), firsts[k]) for k, d in enumerate(dims)]
        return name, heads, self._arrays.offset(stored, order, self._operation)
