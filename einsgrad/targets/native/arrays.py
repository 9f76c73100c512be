"""Where values lie in C: in the arrays of the caller, in registers, and in memory that a kernel keeps.

What all threads share comes first in that memory, then for each thread what it has for itself in an outermost loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from einsgrad.ir.nodes import Index
from einsgrad.planner.iteration import Access, Iteration, Operation, access_of
from einsgrad.planner.nests import Loop, Node
from einsgrad.planner.plan import Operand, Plan, root
from einsgrad.planner.storage import Path, places
from einsgrad.targets.native.numbers import Numbers
from einsgrad.targets.native.scope import Scope, product


@dataclass(frozen=True, slots=True)
class Stored:
    """An axis of a value that is stored: which, its size, and the position at which it starts."""

    axis: int
    size: str
    start: str


@dataclass
class Region:
    """An outermost loop: the memory that each of its threads has for itself, in numbers of elements by name."""

    loop: Loop
    number: int
    buffers: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Where the memory of the current thread starts."""
        return f"memory + shared + thread * own_{self.number}" if self.loop.is_parallel else "memory + shared"


class Arrays:
    """The values of one kernel in memory."""

    def __init__(
        self,
        plan: Plan,
        iteration: Iteration,
        nodes: Sequence[Node],
        results: Sequence[int],
        scope: Scope,
        block_of: Callable[[Loop], int],
    ) -> None:
        self._plan = plan
        self._iteration = iteration
        self._results = results
        self._scope = scope
        self._block_of = block_of
        self._numbers = Numbers(plan, scope)
        self.kept = self._kept_values()
        self.places = places(iteration, nodes, self.kept)
        self.variables: dict[int, str] = {}
        self.regions: list[Region] = []
        self._shared: dict[str, str] = {}
        self.sums: dict[int, str] = {}
        """What each thread sums up by itself, for values that threads sum up together."""

    @property
    def numbers(self) -> list[str]:
        """The declarations of numbers."""
        return self._numbers.declared

    def _kept_values(self) -> dict[int, int]:
        """Give, for each value that is computed into a result's array, the position of that result."""
        kept: dict[int, int] = {}
        for position, number in enumerate(self._results):
            owner = self.owner(number)
            if owner in self._iteration.operations and self._plan.values[owner].labels and owner not in kept:
                kept[owner] = position
        return kept

    def owner(self, number: int) -> int:
        """Give the value that a result is, or is a view of."""
        return number if number in self._iteration.operations else root(self._plan.values, number)

    def declare(self, number: int, wanted: str | None = None) -> str:
        """Give a value a variable."""
        name = self.variables[number] = self._scope.new(wanted or self._scope.telling(number))
        for r in self._plan.values[number].ranges:
            self._scope.size(r)
        return name

    def is_variable(self, number: int) -> bool:
        """Tell whether a value is a variable, without an array."""
        return number in self.places and not self.places[number].axes and number not in self.kept

    def scalar(self, number: int) -> str:
        """Give the text of a value without axes."""
        return self._numbers.text(number) if self._plan.values[number].is_number else self.variables[number]

    def read(self, access: Access, reader: Operation) -> str:
        """Give the element that an operation reads."""
        number = access.value
        if not self._plan.values[number].labels or self.is_variable(number):
            return self.scalar(number)
        return f"{self.base(number)}[{self.offset(self.stored(number), access.letters, reader)}]"

    def target(self, operation: Operation) -> str:
        """Give the element that an operation computes."""
        base, stored = self.written(operation)
        return f"{base}[{self.offset(stored, operation.labels, operation)}]"

    def written(self, operation: Operation) -> tuple[str, list[Stored]]:
        """Give the array that an operation writes to and its axes: a thread's own, if threads sum up together."""
        number = operation.number
        stored = self.stored(number)
        if number not in self.sums:
            return self.base(number), stored
        return self.sums[number], [
            Stored(a.axis, self._scope.extent(operation.result_dims[a.axis]), "0") for a in stored
        ]

    def base(self, number: int) -> str:
        """Give the array that a value lies in."""
        if number not in self.variables:
            name = self.declare(number)
            operation, place = self._iteration.operations[number], self.places[number]
            dims = [operation.result_dims[k] for k in place.axes]
            self.allocate(name, dims, place.around)
        return self.variables[number]

    def allocate(self, name: str, dims: Sequence[int], around: Path) -> None:
        """Give an array memory: for a block of positions, where a loop around goes through blocks."""
        blocks = {loop.dim: loop for loop in around if loop.is_blocked}
        sizes = [str(self._block_of(blocks[d])) if d in blocks else self._scope.extent(d) for d in dims]
        region = next((r for r in self.regions if around and r.loop is around[0]), None)
        (self._shared if region is None else region.buffers)[name] = product(sizes)

    def stored(self, number: int) -> list[Stored]:
        """Give the axes of a value that are stored, in order."""
        value, place = self._plan.values[number], self.places.get(number)
        if place is None:
            return [Stored(k, self._scope.size(r), "0") for k, r in enumerate(value.ranges)]
        dims = self._iteration.operations[number].result_dims
        found = []
        for k in self._result_order(number) if number in self.kept else place.axes:
            first, _ = self._scope.bounds(dims[k], place.around)
            found.append(Stored(k, self._scope.count(dims[k], place.around), first))
        return found

    def _result_order(self, number: int) -> tuple[int, ...]:
        """Give the order in which a result's array has the axes of the value that is computed into it."""
        result = self._results[self.kept[number]]
        labels = self._plan.values[result].labels
        if result == number:
            return tuple(range(len(labels)))
        access = access_of(self._plan, Operand(result, labels))
        return tuple(access.letters.index(i) for i in labels)

    def offset(self, stored: Sequence[Stored], letters: Sequence[Index], reader: Operation) -> str:
        """Give the offset of an element, by the positions in the loops around what reads or writes it."""
        text = ""
        for axis in stored:
            index = self._scope.index(reader.dims[letters[axis.axis]])
            index = index if axis.start == "0" else f"({index} - {axis.start})"
            outer = f"({text})" if "+" in text else text
            text = f"{outer} * {axis.size} + {index}" if text else index
        return text or "0"

    def memory(self) -> list[str]:
        """Write the allocation of the memory that the kernel keeps."""
        regions = [region for region in self.regions if region.buffers]
        if not self._shared and not regions:
            return []
        lines = [f"const int64_t shared = {_padded(self._shared)};"]
        lines += [f"const int64_t own_{r.number} = {_padded(r.buffers)};" for r in regions]
        if regions:
            lines.append(f"int64_t own = own_{regions[0].number};")
            lines += [f"if (own_{r.number} > own) own = own_{r.number};" for r in regions[1:]]
        lines.append(f"real *const memory = workspace(shared{' + threads * own' if regions else ''} + 16);")
        return [*lines, "if (!memory) return 1;", *pointers(self._shared, "memory")]


def pointers(buffers: Mapping[str, str], base: str) -> list[str]:
    """Give each buffer its place, one after the other."""
    lines = []
    for name, size in buffers.items():
        lines.append(f"real *restrict const {name} = {base};")
        base = f"{name} + padded({size})"
    return lines


def _padded(buffers: Mapping[str, str]) -> str:
    return " + ".join(f"padded({size})" for size in buffers.values()) or "0"
