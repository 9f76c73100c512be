"""Sums and maxima in C: what goes before, into and after the loops that form them.

A sum is formed in a variable if no loop over its result's axes is inside those that sum, else in its array. Threads
that share the outermost such loop have sums of their own, which are added in the order of the threads: so a result is
the same in every run with as many threads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from einsgrad.planner.iteration import Operation
from einsgrad.planner.nests import Leaf, Loop
from einsgrad.planner.plan import Reduce
from einsgrad.planner.storage import Path, paths
from einsgrad.targets.native.arrays import Arrays, Region
from einsgrad.targets.native.scope import Scope, for_loop, nested, product


class Sums:
    """Writes the sums of one kernel."""

    def __init__(self, arrays: Arrays, scope: Scope, around: Mapping[int, Path], products: Collection[int]) -> None:
        self._arrays = arrays
        self._scope = scope
        self._around = around
        self._products = products

    def starting(self, loop: Loop, path: Path) -> list[Operation]:
        """Give the operations inside whose first loop over what they sum is this one."""
        outer = {p.dim for p in path}
        leaves = (leaf.operation for leaf, _ in paths([loop]))
        return [o for o in leaves if loop.dim in o.summed_dims and outer.isdisjoint(o.summed_dims)]

    def declared_outside(self, loop: Loop) -> list[str]:
        """Declare the sums without axes that an outermost loop forms."""
        lines = []
        for operation in self.starting(loop, ()):
            if not operation.labels:
                lines.append(f"real {self._arrays.declare(operation.number)} = {_neutral(operation)};")
        return lines

    def share_out(self, region: Region) -> None:
        """Give each thread memory for its own part of the sums that an outermost loop forms."""
        for operation in self.starting(region.loop, ()):
            name = self._scope.new(f"{self._scope.telling(operation.number)}_own")
            region.buffers[name] = product([self._scope.extent(d) for d in operation.result_dims])
            self._arrays.sums[operation.number] = name

    def together(self, region: Region) -> list[str]:
        """Add up what threads have summed."""
        return [line for o in self.starting(region.loop, ()) for line in self._added_up(o, region)]

    def _added_up(self, operation: Operation, region: Region) -> list[str]:
        own = self._arrays.sums[operation.number]
        names = list(region.buffers)
        before = "".join(f" + padded({region.buffers[n]})" for n in names[: names.index(own)])
        place = f"memory[shared + thread * own_{region.number}{before}"
        threads = for_loop("thread", "0", "used")
        if not operation.labels:
            return nested([threads], accumulate(operation, self._arrays.variables[operation.number], f"{place}]"))
        target = self._arrays.base(operation.number)
        e = self._scope.new("e")
        elements = for_loop(e, "0", region.buffers[own])
        return [
            *nested([elements], f"{target}[{e}] = {_neutral(operation)};"),
            *nested([threads, elements], accumulate(operation, f"{target}[{e}]", f"{place} + {e}]")),
        ]

    def around_loop(self, loop: Loop, path: Path) -> tuple[list[str], list[str]]:
        """Write what goes before and after a loop for the sums that start there."""
        before, after = [], []
        for operation in self.starting(loop, path):
            if not self._is_in_variable(operation):
                before += self.fill(operation, path, _neutral(operation))
                continue
            is_outside = operation.number not in self._arrays.sums and self._arrays.is_variable(operation.number)
            if is_outside and path:
                self._arrays.declare(operation.number)
            if path or not is_outside:
                before.append(f"real {self._variable(operation)} = {_neutral(operation)};")
            if not is_outside:
                after.append(f"{self._arrays.target(operation)} = {self._variable(operation)};")
        return before, after

    def target(self, operation: Operation) -> str:
        """Give what a sum is added to."""
        return self._variable(operation) if self._is_in_variable(operation) else self._arrays.target(operation)

    def reductions(self, loop: Loop) -> str:
        """Tell the compiler which variables a loop of operations adds to."""
        kinds: dict[str, list[str]] = {}
        for node in loop.body:
            assert isinstance(node, Leaf)
            operation = node.operation
            if loop.dim in operation.summed_dims and self._is_in_variable(operation):
                kinds.setdefault(_reduction(operation).kind, []).append(self._variable(operation))
        return "".join(f" reduction({kind}:{', '.join(names)})" for kind, names in kinds.items())

    def fill(self, operation: Operation, path: Path, value: str) -> list[str]:
        """Set what an operation adds to."""
        fixed = {p.dim for p in path if not p.is_blocked}
        heads = [self._scope.head(d, path) for d in operation.result_dims if d not in fixed]
        return nested(heads, f"{self._arrays.target(operation)} = {value};")

    def _is_in_variable(self, operation: Operation) -> bool:
        if operation.number in self._products:
            return False
        path = self._around[operation.number]
        first = next(k for k, loop in enumerate(path) if loop.dim in operation.summed_dims)
        return not any(loop.dim in operation.result_dims for loop in path[first:])

    def _variable(self, operation: Operation) -> str:
        number = operation.number
        if number in self._arrays.sums:
            return f"{self._arrays.sums[number]}_sum"
        if self._arrays.is_variable(number):
            return self._arrays.variables[number]
        return f"{self._scope.telling(number)}_sum"


class _Reduction(NamedTuple):
    """What a reduction starts with, the statement that takes an element in, and what OpenMP calls it."""

    start: str
    statement: str
    kind: str


_SUM = _Reduction("0", "{0} += {1};", "+")
_REDUCTIONS: Mapping[str, _Reduction] = MappingProxyType(
    {
        "sum": _SUM,
        "prod": _Reduction("1", "{0} *= {1};", "*"),
        "max": _Reduction("-INFINITY", "{0} = maximum({0}, {1});", "largest"),
        "min": _Reduction("INFINITY", "{0} = minimum({0}, {1});", "smallest"),
        "shift": _Reduction("least", "{0} = maximum({0}, {1});", "shift"),
    }
)
DECLARATIONS: Mapping[str, str] = MappingProxyType(
    {
        "largest:": """\
#pragma omp declare reduction(largest : real : omp_out = maximum(omp_out, omp_in)) initializer(omp_priv = -INFINITY)
""",
        "smallest:": """\
#pragma omp declare reduction(smallest : real : omp_out = minimum(omp_out, omp_in)) initializer(omp_priv = INFINITY)
""",
        "= least;": """\
/* Of nothing, or of nothing but -INFINITY, a shift is the least finite number, so that it can be subtracted. */
#define least (-@least)
#pragma omp declare reduction(shift : real : omp_out = maximum(omp_out, omp_in)) initializer(omp_priv = least)
""",
    }
)
"""What a file declares whose text has one of these."""


def accumulate(operation: Operation, target: str, text: str) -> str:
    """Write the statement that takes an element into a sum or another reduction."""
    return _reduction(operation).statement.format(target, text)


def _reduction(operation: Operation) -> _Reduction:
    return _REDUCTIONS[operation.op.function] if isinstance(operation.op, Reduce) else _SUM


def _neutral(operation: Operation) -> str:
    return _reduction(operation).start


def has_only_leaves(loop: Loop, products: Sequence[int] | Collection[int]) -> bool:
    """Tell whether a loop holds nothing but operations on elements."""
    return all(isinstance(node, Leaf) and node.operation.number not in products for node in loop.body)
