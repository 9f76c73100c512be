"""The part of a joint program that one slice computes, and how long slices are to be: for speed, or for memory."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping

from einsgrad.calculus.joint import Joint
from einsgrad.ir.ranges import infer_ranges
from einsgrad.planner.cost import ITEM
from einsgrad.planner.joint import plan_joint
from einsgrad.planner.options import PlanOptions
from einsgrad.planner.planning import make_plan, nominal_sizes
from einsgrad.planner.slice_cost import slice_length
from einsgrad.planner.slices import Slicing
from einsgrad.runtime import memory_limit
from einsgrad.runtime.memory_limit import too_little
from einsgrad.targets.numpy.memory import peak_bytes


class Part:
    """The joint program of a slice, and how long slices are to be."""

    def __init__(self, joint: Joint, slicing: Slicing, sizes: Mapping[str, int], options: PlanOptions) -> None:
        self.joint = plan_joint(slicing.program, joint.outputs, joint.wrt, sizes, options)
        self._plan = make_plan(self.joint.program, sizes, options)
        self._slicing = slicing
        self._sizes = sizes
        self._options = options
        program = self.joint.program
        ranges = infer_ranges(program)
        self._extents = nominal_sizes(ranges, sizes)
        self._range = next(ranges.of_axis[x, axis] for x, axis in slicing.axes.items() if x in program.inputs)
        placed = {*slicing.axes, *(g for x, g in self.joint.gradients.items() if x in slicing.axes)}
        self._added = [number for y, number in self._plan.results.items() if y not in placed]

    def quickest(self, threads: int) -> int | None:
        """Choose how many positions make a slice, ``None`` where the whole is computed in less time."""
        is_strided = any(self._slicing.axes.values())
        peak = functools.partial(self._peak, item=ITEM)
        return slice_length(self._plan, self._range, self._extents, self._added, peak, threads, is_strided)

    def fitting(self, threads: int) -> int:
        """Choose the longest slices that fit into memory, of those that come from halving the whole.

        Raises:
            UsageError: slices of one position don't.
        """
        limit = self._options.memory_limit
        assert limit is not None
        values, results = self._plan.values, self._plan.results.values()
        sums = sum(math.prod(self._extents[r] for r in values[n].ranges) for n in self._added)
        given = sum(math.prod(self._extents[r] for r in values[n].ranges) for n in results)
        count = self._extents[self._range]
        while True:
            count = max(1, count // 2)
            held = threads * (self._peak(count, memory_limit.ITEM) + memory_limit.ITEM * sums)
            held += memory_limit.ITEM * given
            if held <= limit:
                return count
            if count == 1:
                letter = infer_ranges(self.joint.program).letter[self._range]
                raise too_little(held, self._sizes, self._options, f"computed for one position of {letter} at a time")

    def _peak(self, count: int, item: int) -> int:
        """Give the bytes that a slice of so many positions holds."""
        return peak_bytes(self._plan, self.joint, {**self._extents, self._range: count}, item)
