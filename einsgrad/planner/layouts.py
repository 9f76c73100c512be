"""Layouts: the order of an intermediate result's axes, chosen by what uses it.

A contraction reads each operand as a matrix, its letters in groups: batch, own and summed. That takes a copy where the
letters of a group are not neighbours in the operand. What is computed by a contraction may have its groups either way
round, and the letters of a group in any order; a product of smaller arrays may have any order at all.

Before: a plan. After: the same operations, some with their axes in another order, so that fewer elements are copied.
Not attempted: results, whose order is the equation's, what a reduction reads, and choices that depend on one another.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from einsgrad.planner.plan import Contract, Labels, Op, Operand, Plan, Pointwise, Reduce, Value, operands, replaced

# As many orders of one value are tried, and as many other users of its operands looked at.
_MOST_WISHES = _MOST_OTHERS = 16


@dataclass(frozen=True, slots=True)
class Groups:
    """The letters of a contraction: in both operands and kept, in the left or the right only, and summed."""

    batch: Labels
    rows: Labels
    columns: Labels
    summed: Labels


# Most contractions stay as they are while layouts are tried for one value after the other.
@lru_cache(maxsize=4096)
def groups_of(left: Labels, right: Labels, labels: Labels) -> Groups:
    """Group the letters of a contraction; what is summed is in the order of an operand that takes the fewer copies.

    >>> from einsgrad.ir.nodes import Index
    >>> i, j, k, n = map(Index, "ijkn")
    >>> groups_of((j, n, k), (k, j, i), (n, i)).summed == (k, j)
    True
    """
    batch = tuple(i for i in labels if i in left and i in right)
    rows = tuple(i for i in labels if i not in right)
    columns = tuple(i for i in labels if i not in left)
    first, second = (left, right) if len(left) >= len(right) else (right, left)
    orders = (tuple(i for i in operand if i in left and i in right and i not in labels) for operand in (first, second))
    grouped = [Groups(batch, rows, columns, summed) for summed in orders]
    return min(grouped, key=lambda g: sum(map(len, copied(left, right, g))))


def copied(left: Labels, right: Labels, groups: Groups) -> Iterator[Labels]:
    """Yield the operands of a contraction that are copied to be read as matrices."""
    if not _are_neighbours(left, groups.rows, groups.summed):
        yield left
    if not _are_neighbours(right, groups.summed, groups.columns):
        yield right


def _are_neighbours(labels: Labels, *groups: Labels) -> bool:
    """Tell whether the letters of each group are neighbours, in order."""
    starts = (labels.index(group[0]) if group else 0 for group in groups)
    return all(labels[start : start + len(group)] == group for start, group in zip(starts, groups, strict=True))


def choose_layouts(plan: Plan, sizes: Mapping[int, int]) -> Plan:
    """Give the plan with the axes of its intermediate results in the order that its contractions need."""
    values = list(plan.values)
    users: dict[int, list[int]] = {}
    fixed = set(plan.results.values())
    for number, value in enumerate(values):
        used = {operand.value for operand in operands(value.op)}
        for operand in used:
            users.setdefault(operand, []).append(number)
        if isinstance(value.op, Reduce):
            fixed |= used
    for number in reversed(range(len(values))):  # what uses a value has its own order by then
        if number not in fixed and users.get(number) and len(values[number].labels) > 2:
            others = {user for operand in operands(values[number].op) for user in users[operand.value]}
            _choose(values, number, users[number], sorted(others)[:_MOST_OTHERS], sizes)
    return dataclasses.replace(plan, values=tuple(values))


def _choose(
    values: list[Value], number: int, users: Sequence[int], others: Collection[int], sizes: Mapping[int, int]
) -> None:
    """Bring the axes of one value into the order by which it, its users and the others copy least."""
    best = around = {place: values[place] for place in (number, *users, *others)}
    least = _elements_copied(best, values, sizes)
    wishes = dict.fromkeys(_wishes(values, number, users)) if least else ()
    for order in itertools.islice(wishes, _MOST_WISHES):
        changed = {**around, **_reordered(values, number, users, order)}
        found = _elements_copied(changed, values, sizes)
        if found < least:
            best, least = changed, found
    for place, value in best.items():
        values[place] = value


def _wishes(values: Sequence[Value], number: int, users: Sequence[int]) -> Iterator[Labels]:
    """Yield the orders that contractions would like best, as far as the operation can give them."""
    value = values[number]
    for user in users:
        op = values[user].op
        if isinstance(op, Contract):
            for operand, other in ((op.left, op.right), (op.right, op.left)):
                if operand.value == number:
                    letter = dict(zip(operand.labels, value.labels, strict=True))
                    for order in _groupings(operand.labels, other.labels, values[user].labels):
                        yield from _possible(value, tuple(letter[i] for i in order))


def _groupings(labels: Labels, other: Labels, result: Labels) -> Iterator[Labels]:
    """Yield the orders in which an operand can be read as it lies."""
    batch = tuple(i for i in result if i in labels and i in other)
    own = tuple(i for i in result if i in labels and i not in other)
    for source in (other, labels):
        summed = tuple(i for i in source if i in labels and i in other and i not in result)
        yield batch + own + summed
        yield batch + summed + own


def _possible(value: Value, wanted: Labels) -> Iterator[Labels]:
    """Yield the orders like the wanted one that an operation can give its result."""
    match value.op:
        case Pointwise(args=args) if all(len(a.labels) < len(value.labels) for a in args):
            yield wanted
        case Contract(left=left, right=right):
            batch = tuple(i for i in wanted if i in left.labels and i in right.labels)
            rows = tuple(i for i in wanted if i not in right.labels)
            columns = tuple(i for i in wanted if i not in left.labels)
            yield batch + rows + columns
            yield batch + columns + rows


def _reordered(values: Sequence[Value], number: int, users: Sequence[int], order: Labels) -> dict[int, Value]:
    """Give a value with its axes in another order, and its users as they name them then."""
    value = values[number]
    places = [value.labels.index(i) for i in order]

    def turned(operand: Operand) -> Operand:
        if operand.value != number:
            return operand
        return Operand(number, tuple(operand.labels[place] for place in places))

    op: Op = value.op
    if isinstance(op, Contract):
        own = [i for i in order if i not in op.left.labels or i not in op.right.labels]
        if own and own[0] not in op.left.labels:
            op = Contract(op.right, op.left)
    ranges = tuple(value.ranges[place] for place in places)
    changed = {user: dataclasses.replace(values[user], op=replaced(values[user].op, turned)) for user in users}
    changed[number] = dataclasses.replace(value, op=op, labels=order, ranges=ranges)
    return changed


def _elements_copied(some: Mapping[int, Value], values: Sequence[Value], sizes: Mapping[int, int]) -> int:
    """Give the number of elements that contractions among some values copy, those that are copied alike once."""
    copies: dict[tuple[object, ...], int] = {}
    for value in some.values():
        if isinstance(value.op, Contract):
            left, right = value.op.left, value.op.right
            groups = groups_of(left.labels, right.labels, value.labels)
            read = {left.labels: (groups.rows, groups.summed), right.labels: (groups.summed, groups.columns)}
            for operand in (left, right):
                if operand.labels in copied(left.labels, right.labels, groups):
                    ranges = some.get(operand.value, values[operand.value]).ranges
                    copies[_reading(operand, *read[operand.labels])] = math.prod(sizes[r] for r in ranges)
    return sum(copies.values())


def _reading(operand: Operand, first: Labels, second: Labels) -> tuple[object, ...]:
    """Give the value that is read, and in which groups of its axes."""
    return operand.value, *(tuple(operand.labels.index(i) for i in group) for group in (first, second))
