"""Fusion: the operations of a plan in as few loops as their dependences allow.

A loop over a dimension holds an operation if everything that it reads from inside the loop is computed at the same
position: a chain of element-wise operations with the sums over its rows becomes one loop over the rows. Large matrix
products are left whole, inside a loop over their batch letters. The outermost loops run on threads; where one holds
matrix products that its dimension runs through, it goes through blocks of positions, so that a product has something
to multiply and what lies between stays in the cache.

Before: the operations in order. After: a tree of loops, whose leaves are the operations.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from einsgrad.planner.iteration import Iteration, Operation
from einsgrad.planner.plan import Contract, Pointwise, Scatter

# A product of matrices with fewer multiplications than this is a loop: reaching BLAS would take longer.
_SMALL_PRODUCT = 16384
# A loop of fewer elementary operations than this is over before threads have started.
_SMALL_LOOP = 200_000
# How much of its work counts for a dimension that an operation sums over.
_SUMMED = 0.9
# What an operation that goes through an elementary function costs, in multiplications.
_FUNCTION = 8
# An operation is little work if all of them are as many times more.
_SHARE = 50
# As many positions of a dimension make an outer loop worth while.
_FEW = 8


@dataclass
class Leaf:
    """An operation at one combination of positions; a matrix product at those of the loops around it."""

    operation: Operation


@dataclass
class Loop:
    """A loop over the positions of a dimension.

    Attributes:
        dim: the dimension.
        body: what is in it.
        is_blocked: whether it takes blocks of positions instead; loops inside go over those of a block.
        is_parallel: whether it runs on threads.
    """

    dim: int
    body: list[Node] = field(default_factory=list)
    is_blocked: bool = False
    is_parallel: bool = False


Node: TypeAlias = Loop | Leaf


def nest(iteration: Iteration, products: Mapping[int, frozenset[int]], sizes: Mapping[int, int]) -> list[Node]:
    """Put the operations into loops.

    Args:
        iteration: the operations.
        products: those that are left whole as products of matrices, and the dimensions of their batch.
        sizes: the size of each dimension, by which costs are estimated.
    """
    return _Nests(iteration, products, sizes).outermost()


def matrix_products(iteration: Iteration, sizes: Mapping[int, int]) -> dict[int, frozenset[int]]:
    """Give the operations that are products of matrices large enough for BLAS, and the dimensions of their batch."""
    found = {}
    for number, operation in iteration.operations.items():
        if isinstance(operation.op, Contract) and operation.summed:
            left, right = (set(access.letters) for access in operation.reads)
            batch = {i for i in operation.labels if i in left and i in right}
            groups = (left - right, right - left, set(operation.summed))
            extents = [math.prod(sizes[operation.dims[i]] for i in group) for group in groups]
            are_distinct = all(len(set(a.letters)) == len(a.letters) for a in operation.reads)
            if are_distinct and min(extents) > 2 and math.prod(extents) >= _SMALL_PRODUCT:
                found[number] = frozenset(operation.dims[i] for i in batch)
    return found


@dataclass
class _Group:
    """A loop that is being filled, or with no dimension operations that need none."""

    dim: int | None
    operations: list[Operation]


class _Nests:
    def __init__(self, iteration: Iteration, products: Mapping[int, frozenset[int]], sizes: Mapping[int, int]) -> None:
        self._iteration = iteration
        self._products = products
        self._sizes = sizes

    def outermost(self) -> list[Node]:
        """Make the loops that can run on threads."""
        nodes: list[Node] = []
        small, large = self._parted()
        groups = [g for part in (small, large) for g in self._grouped(part, frozenset(), is_outermost=True)]
        for group in groups:
            if group.dim is None:
                nodes += map(Leaf, group.operations)
                continue
            loop = Loop(group.dim)
            loop.is_parallel = sum(map(self._work, group.operations)) >= _SMALL_LOOP and self._sizes[group.dim] > 1
            loop.is_blocked = any(
                o.number in self._products and group.dim not in self._products[o.number] for o in group.operations
            )
            loop.body = self._inside(group.operations, frozenset() if loop.is_blocked else frozenset({group.dim}))
            nodes.append(loop)
        return nodes

    def _parted(self) -> tuple[list[Operation], list[Operation]]:
        """Part the operations: those that are little work and depend on such only go first, to part no large loops."""
        operations = list(self._iteration.operations.values())
        small = sum(map(self._work, operations)) / _SHARE
        late: set[int] = set()
        for operation in operations:
            if self._work(operation) > small or any(a.value in late for a in operation.reads):
                late.add(operation.number)
        return [o for o in operations if o.number not in late], [o for o in operations if o.number in late]

    def _inside(self, operations: Sequence[Operation], fixed: frozenset[int]) -> list[Node]:
        nodes: list[Node] = []
        for group in self._grouped(operations, fixed, is_outermost=False):
            if group.dim is None:
                nodes += map(Leaf, group.operations)
            else:
                nodes.append(Loop(group.dim, self._inside(group.operations, fixed | {group.dim})))
        return nodes

    def _grouped(self, operations: Sequence[Operation], fixed: frozenset[int], is_outermost: bool) -> list[_Group]:
        """Divide operations into loops of one dimension each, in an order that dependences allow."""
        groups: list[_Group] = []
        place: dict[int, int] = {}
        weights = self._weights(operations)
        for operation in operations:
            written = [place[a.value] for a in operation.reads if a.value in place]
            earliest = max(written, default=0)
            dims = self._open(operation, fixed, is_outermost)
            for position in range(earliest, len(groups)):
                if self._joins(operation, groups[position], dims):
                    break
            else:
                position = len(groups)
                groups.append(_Group(self._outer(operation, dims, weights), []))
            groups[position].operations.append(operation)
            place[operation.number] = position
        return groups

    def _open(self, operation: Operation, fixed: frozenset[int], is_outermost: bool) -> list[int]:
        """Give the dimensions that a loop around an operation may have next."""
        if isinstance(operation.op, Scatter):
            return []
        dims = [d for d in operation.dims.values() if d not in fixed]
        batch = self._products.get(operation.number)
        if batch is None:
            return dims
        if is_outermost:
            return [d for d in dims if d not in operation.summed_dims or self._accumulates(operation)]
        return [d for d in dims if d in batch]

    def _joins(self, operation: Operation, group: _Group, dims: Sequence[int]) -> bool:
        if group.dim is None:
            return not dims
        if group.dim not in dims or self._is_strided(operation, group.dim, dims):
            return False
        inside = {o.number: o for o in group.operations}
        written = (inside[a.value] for a in operation.reads if a.value in inside)
        return all(self._iteration.is_aligned(operation, o, group.dim) for o in written)

    def _is_strided(self, operation: Operation, dim: int, dims: Sequence[int]) -> bool:
        """Tell whether a loop over ``dim`` would leave an operation to go through memory in strides."""
        return len(dims) > 1 and operation.number not in self._products and dim == self._innermost(operation)

    def _accumulates(self, operation: Operation) -> bool:
        """Tell whether a product may be summed up block by block: its result is no larger than what it reads."""
        read = sum(math.prod(self._sizes[operation.dims[i]] for i in a.letters) for a in operation.reads)
        return math.prod(self._sizes[d] for d in operation.result_dims) <= read

    def _outer(self, operation: Operation, dims: Sequence[int], weights: Mapping[int, float]) -> int | None:
        """Choose the dimension of a new loop: one that many operations share, and not the one to be innermost."""
        if not dims:
            return None
        innermost = None if operation.number in self._products else self._innermost(operation)
        candidates = [d for d in dims if d != innermost] or list(dims)
        return max(candidates, key=lambda d: (weights[d], -candidates.index(d)))

    def _weights(self, operations: Sequence[Operation]) -> dict[int, float]:
        """Give how well a dimension would do as the outermost loop.

        That is how much work such loops hold, more for long ones, and most where nothing is summed over it and it cuts
        no product of matrices.
        """
        weights: dict[int, float] = {}
        summed: set[int] = set()
        cut: set[int] = set()
        for operation in operations:
            summed.update(operation.summed_dims)
            if operation.number in self._products:
                cut |= set(operation.dims.values()) - self._products[operation.number]
            for dim in operation.dims.values():
                share = _SUMMED if dim in operation.summed_dims else 1.0
                weights[dim] = weights.get(dim, 0.0) + self._work(operation) * share
        for dim in weights:
            size = self._sizes[dim]
            weights[dim] *= min(1.0, size / _FEW) * (1 + math.log2(size) / 16)
            weights[dim] *= (1 if dim in summed else 2) * (1 if dim in cut else 2)
        return weights

    def _work(self, operation: Operation) -> float:
        is_cheap = not isinstance(operation.op, Pointwise) or operation.op.function in _ARITHMETIC
        return math.prod(self._sizes[d] for d in operation.dims.values()) * (1 if is_cheap else _FUNCTION)

    def _innermost(self, operation: Operation) -> int | None:
        """Give the dimension along which most of what is read and written lies without gaps."""
        votes: Counter[int] = Counter()
        for letters in (operation.labels, *(access.letters for access in operation.reads)):
            dims = [operation.dims[i] for i in letters]
            if dims:
                votes[dims[-1]] += math.prod(self._sizes[d] for d in dims)
        return votes.most_common(1)[0][0] if votes else None


_ARITHMETIC = frozenset({"add", "subtract", "multiply", "divide", "negative", "square", "maximum", "minimum", "abs"})
