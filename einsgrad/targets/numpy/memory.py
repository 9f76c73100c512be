"""Memory: the bytes that the functions of a module hold at a time, as they are written.

An array with a variable is there until its function returns; one that is written where it is used is there while its
statement runs; buffers are there all the time. What a pullback needs of the forward values stays until it is called.
What helper functions such as ``_erf`` hold while they run is not counted.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from einsgrad.calculus.joint import Joint
from einsgrad.planner.plan import Arrange, Diagonal, Input, Plan, needed, operands, root
from einsgrad.targets.names import Names
from einsgrad.targets.numpy.lines import LINE
from einsgrad.targets.numpy.statements import Constants, Statements


def peak_bytes(plan: Plan, joint: Joint, extents: Mapping[int, int], item: int) -> int:
    """Give the most bytes that a call holds at a time, its arguments and upstream gradients apart.

    Args:
        plan: the plan of ``joint``.
        joint: forward and adjoint equations.
        extents: the size of each range.
        item: the bytes of a number.
    """
    outputs = {plan.results[y] for y in joint.outputs}
    gradients = {plan.results[g] for g in joint.gradients.values()}
    memory = _Memory(plan, extents)
    if joint.is_scalar or not gradients:
        results = outputs | gradients
        return item * memory.of_function(needed(plan.values, results), results, ())
    early = needed(plan.values, outputs)
    late = needed(plan.values, gradients) - early
    captured = {o.value for n in late for o in operands(plan.values[n].op)} & early
    first = memory.of_function(early, outputs, captured)
    # An output that the pullback needs as well is given out as a copy.
    copied = sum(memory.size(n) for n in outputs if root(plan.values, n) in captured)
    kept = sum(memory.size(n) for n in captured | outputs if memory.is_new(n)) + memory.buffers + copied
    return item * max(first + copied, kept + memory.of_function(late, gradients, ()))


class _Memory:
    """The arrays of the functions of one plan, in numbers of elements."""

    def __init__(self, plan: Plan, extents: Mapping[int, int]) -> None:
        self._plan = plan
        self._extents = extents
        inputs = [value.op.name for value in plan.values if isinstance(value.op, Input)]
        tensors = {name: f"x{k}" for k, name in enumerate([*inputs, *(b.definition.name for b in plan.blocks)])}
        names = Names(tensors.values())
        self._statements = Statements(plan, names, tensors, "np", Constants(names))
        self.buffers = 0

    def size(self, number: int) -> int:
        """Give the number of elements of a value."""
        return math.prod(self._extents[r] for r in self._plan.values[number].ranges)

    def is_new(self, number: int) -> bool:
        """Tell whether a value has memory of its own, outside of buffers."""
        value = self._plan.values[number]
        is_view = isinstance(value.op, Input | Diagonal) or (isinstance(value.op, Arrange) and not value.op.copy)
        return bool(value.labels) and not is_view and number not in self._statements.buffered

    def of_function(self, wanted: Collection[int], results: Collection[int], captured: Collection[int]) -> int:
        """Give the most that a function holds at a time."""
        statements, values = self._statements, self._plan.values
        statements.write(wanted, results, LINE, "function", captured)
        self.buffers = sum(math.prod(self._extents[r] for r in shape) for shape in statements.buffer_shapes)
        new = [n for n in wanted if self.is_new(n)]
        lasting = sum(self.size(n) for n in new if n in statements.named or n in results)
        user = {o.value: n for n in wanted for o in operands(values[n].op)}
        passing: dict[int, int] = {}
        for number in new:
            statement = number
            while statement not in statements.named and statement in user:
                statement = user[statement]
            if statement != number:
                passing[statement] = max(passing.get(statement, 0), self.size(number))
        return self.buffers + lasting + max(passing.values(), default=0)
