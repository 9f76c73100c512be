"""The cost of slices: how many positions make the slices that take the least time, if they take less than the whole.

Slices run on threads, and what lies between stays in the cache. But each computes again what does not know the index,
and what adds up is added once more for each. Large matrix products of the whole run on threads without slices, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping

from einsgrad.planner.cost import BYTE_RATE, CALL, ELEMENT_RATE, ITEM, MATRIX_RATE, Cost, cost_of, total_cost
from einsgrad.planner.plan import Contract, Input, Plan, needed

# Bytes that the cores' common cache keeps of what slices hold, and bytes a second from and to it, for each core.
_CACHE = 2**24
_CACHE_RATE = 20e9
# Seconds for starting threads and putting together what they give.
_START = 1e-4
# The part of the time of the whole that slices have to stay below.
_WORTH = 0.8
# Operations of a matrix product from which on BLAS makes use of threads.
_THREADED = 1e6


def slice_length(
    plan: Plan,
    range_: int,
    extents: Mapping[int, int],
    added: Collection[int],
    peak: Callable[[int], int],
    threads: int,
    is_strided: bool,
) -> int | None:
    """Choose how many positions make a slice, ``None`` where the whole is estimated to take less time.

    Args:
        plan: the plan of one slice.
        range_: the range that is sliced.
        extents: the size of each range.
        added: the results that are added up.
        peak: gives the bytes that a slice of so many positions holds.
        threads: how many slices run at a time.
        is_strided: whether slices of some tensors lie in pieces, of which the cache keeps more than is used.
    """
    values = needed(plan.values, set(plan.results.values()))
    best, least = None, _WORTH * _whole(plan, values, extents, threads)
    length = extents[range_]
    sums = Cost(bytes=3 * ITEM * sum(_size(plan, n, extents) for n in added), calls=len(added))
    slices, is_kept = threads, False
    while slices <= length:
        count = math.ceil(length / slices)
        sizes = {**extents, range_: count}
        outside = ITEM * sum(_size(plan, n, sizes) for n in values if _is_outside(plan, n))
        is_kept = is_kept or (not is_strided and (peak(count) + outside) * threads <= _CACHE)
        slice_ = total_cost(plan.values, values, sizes) + sums
        seconds = _seconds(slice_, MATRIX_RATE, _CACHE_RATE if is_kept else BYTE_RATE)
        seconds += outside / BYTE_RATE if is_kept else 0
        together = _START + slices / threads * seconds
        if together < least:
            best, least = count, together
        slices *= 2
    return best


def _whole(plan: Plan, values: Collection[int], extents: Mapping[int, int], threads: int) -> float:
    """Estimate the time of the whole, whose large matrix products BLAS computes on threads."""
    total = 0.0
    for number in values:
        cost = cost_of(plan.values, number, extents)
        cores = threads if _is_one_product(plan, number) and cost.flops >= _THREADED else 1
        total += _seconds(cost, MATRIX_RATE * cores, BYTE_RATE * cores)
    return total


def _is_outside(plan: Plan, number: int) -> bool:
    """Tell whether a value comes from memory, whatever the cache keeps."""
    return isinstance(plan.values[number].op, Input)


def _is_one_product(plan: Plan, number: int) -> bool:
    """Tell whether a value is one matrix product, or one by a vector, not a batch of small ones."""
    value = plan.values[number]
    if not isinstance(value.op, Contract):
        return False
    return not set(value.labels) & set(value.op.left.labels) & set(value.op.right.labels)


def _seconds(cost: Cost, matrix_rate: float, byte_rate: float) -> float:
    computing = cost.flops / matrix_rate + cost.transcendental / ELEMENT_RATE
    return computing + cost.bytes / byte_rate + cost.calls * CALL


def _size(plan: Plan, number: int, extents: Mapping[int, int]) -> int:
    return math.prod(extents[r] for r in plan.values[number].ranges)
