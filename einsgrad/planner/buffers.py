"""Buffers: which values of a plan are written into memory that is kept, and which of them share it.

Fresh memory is dear: the system hands it out page by page, which costs as much as a pass over it. So large values that
are done with before a function returns are written into buffers that it keeps from call to call. A value takes a buffer
over from its operand if it is computed element by element and nothing needs the operand afterwards, else any that is
free.

Before: a plan, and the order in which a target writes its values. After: a buffer for each value that gets one. No two
values that are needed at the same time share one, and nothing that leaves the function is in one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from einsgrad.planner.plan import Plan, Pointwise, operands, root


@dataclass
class Buffers:
    """The buffers of one function.

    Attributes:
        of_value: the number of the buffer that a value is written into.
        shapes: the ranges of each buffer's axes.
    """

    of_value: dict[int, int] = field(default_factory=dict)
    shapes: list[tuple[int, ...]] = field(default_factory=list)


def assign_buffers(
    plan: Plan,
    order: Sequence[int],
    written_with: Mapping[int, int],
    leaving: Collection[int],
    shape: Callable[[int], tuple[int, ...] | None],
) -> Buffers:
    """Give buffers to the values of a function.

    Args:
        plan: the plan.
        order: the values in the order in which they are written.
        written_with: for a value that is written inside the expression of another, that one.
        leaving: the values that leave the function, and so can't be in a buffer.
        shape: gives the ranges of the axes of the buffer that a value can be written into, ``None`` where it can't.
    """
    values = plan.values
    last = _last_uses(plan, order, written_with)
    kept = {root(values, number) for number in leaving}
    found = Buffers()
    free: dict[tuple[int, ...], list[int]] = {}
    ending: dict[int, list[int]] = {}
    for number in order:
        if number in written_with:
            continue
        wanted = None if number in kept else shape(number)
        if wanted is not None:
            buffer = _taken_over(plan, number, found, last)
            if buffer is None:
                buffer = free[wanted].pop() if free.get(wanted) else len(found.shapes)
                if buffer == len(found.shapes):
                    found.shapes.append(wanted)
            found.of_value[number] = buffer
            ending.setdefault(last.get(number, number), []).append(number)
        for ended in ending.pop(number, ()):
            buffer = found.of_value[ended]
            if found.of_value.get(number) != buffer or ended == number:
                free.setdefault(found.shapes[buffer], []).append(buffer)
    return found


def _taken_over(plan: Plan, number: int, found: Buffers, last: Mapping[int, int]) -> int | None:
    """Give the buffer of an operand that ends here and lies just as the result does."""
    value = plan.values[number]
    if isinstance(value.op, Pointwise):
        for operand in value.op.args:
            ends = operand.value in found.of_value and last[operand.value] == number
            if ends and operand.labels == value.labels:
                return found.of_value[operand.value]
    return None


def _last_uses(plan: Plan, order: Sequence[int], written_with: Mapping[int, int]) -> dict[int, int]:
    """Give for each value the last one whose statement needs its memory, by itself or through a view."""
    last: dict[int, int] = {}
    for user in order:
        statement = user
        while statement in written_with:
            statement = written_with[statement]
        for operand in operands(plan.values[user].op):
            memory = root(plan.values, operand.value)
            for needed in {operand.value, memory}:
                last[needed] = max(last.get(needed, statement), statement)
    return last
