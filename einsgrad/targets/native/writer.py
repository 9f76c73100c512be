"""Kernels in C: a plan's tree of loops written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from einsgrad.ir.letters import root as root_letter
from einsgrad.ir.nodes import Index
from einsgrad.ir.printer import print_definition
from einsgrad.planner.iteration import Access, Iteration, Operation, access_of, iterate
from einsgrad.planner.nests import Leaf, Loop, Node, matrix_products, nest
from einsgrad.planner.plan import (
    Contract,
    Extent,
    Number,
    Operand,
    Plan,
    Pointwise,
    Reduce,
    Scatter,
    operands,
    root,
)
from einsgrad.planner.storage import Path, Place, paths, places
from einsgrad.targets.names import Names, python_name
from einsgrad.targets.native.functions import apply
from einsgrad.targets.native.products import Matrix, MatrixProduct, Stored, matrix_of

# Names that mean something in C, or in a kernel.
_KEYWORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
"""
_OURS = """
real in out sizes threads thread count memory own shared used padded workspace matrix_product blas_gemm
"""
# Functions of C, or ours, that a variable would hide; libraries of mathematics have some under short names.
_FUNCTIONS = """
sign relu step maximum minimum sigmoid silu softplus gelu logsigmoid angle mod main free div abs gamma y0 y1 yn j0 j1 jn
"""

_INFINITE = "-INFINITY"
_OPERATORS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
# The bytes that the values of a block may take: about half of a core's own cache.
_CACHE = 2**19
_FEWEST, _MOST = 32, 512


@dataclass
class KernelText:
    """A kernel in C, the letters of the sizes that it is given, and what it uses."""

    lines: list[str]
    sizes: list[str]
    is_parallel: bool
    uses_blas: bool
    functions: set[str]


def write_kernel(
    plan: Plan,
    name: str,
    given: Sequence[tuple[str, int | None]],
    results: Sequence[tuple[str, int]],
    nominal: Mapping[int, int],
    dtype: str,
) -> KernelText:
    """Write the kernel that computes some values of a plan from others.

    Args:
        plan: the plan.
        name: of the function.
        given: the arrays that it reads, by name, with their value in the plan if it needs them.
        results: the values that it writes, by name.
        nominal: the size of each range that costs are estimated with.
        dtype: ``float32`` or ``float64``.
    """
    return _Kernel(plan, given, results, nominal, dtype).text(name)


@dataclass
class _Region:
    """An outermost loop: the memory that each of its threads has for itself."""

    loop: Loop
    number: int
    buffers: dict[str, str] = field(default_factory=dict)
    sums: list[Operation] = field(default_factory=list)


class _Kernel:
    def __init__(
        self,
        plan: Plan,
        given: Sequence[tuple[str, int | None]],
        results: Sequence[tuple[str, int]],
        nominal: Mapping[int, int],
        dtype: str,
    ) -> None:
        self._plan = plan
        self._given = given
        self._results = results
        self._suffix = "f" if dtype == "float32" else ""
        self._item = 4 if dtype == "float32" else 8
        self._nominal = nominal
        known = {number for _, number in given if number is not None}
        self._iteration = _iteration(plan, [n for _, n in results], known)
        sizes = {d: nominal[r] for d, r in self._iteration.ranges.items()}
        self._products = matrix_products(self._iteration, sizes)
        self._nodes = nest(self._iteration, self._products, sizes)
        self._paths = {leaf.operation.number: path for leaf, path in paths(self._nodes)}
        self._kept = self._kept_values()
        self._places = places(self._iteration, self._nodes, self._kept)
        self._names = Names([*_KEYWORDS.split(), *_OURS.split(), *_FUNCTIONS.split()])
        self._sizes: dict[str, str] = {}
        self._variables: dict[int, str] = {}
        self._indices: dict[int, str] = {}
        self._numbers: dict[int, str] = {}
        self._head: list[str] = []
        self._shared: dict[str, str] = {}
        self._regions: list[_Region] = []
        self._accumulators: dict[int, str] = {}
        self._functions: set[str] = set()
        self._definitions = {b.definition.name: b.definition for b in plan.blocks}
        self._told: set[str] = set()

    def text(self, name: str) -> KernelText:
        """Write the whole function."""
        arguments = self._arguments()
        body = self._body(self._nodes, ())
        finish = self._finish()
        sizes = [f"const int64_t {name} = sizes[{k}];" for k, name in enumerate(self._sizes.values())]
        head = "int {}(const int64_t *sizes, const void *const *in, void *const *out, int threads)"
        inside = [*sizes, *arguments, *self._head, *self._memory(), *body, *finish, "return 0;"]
        lines = [head.format(name), "{", *_indented(inside), "}"]
        is_parallel = any(region.loop.is_parallel for region in self._regions)
        return KernelText(lines, list(self._sizes), is_parallel, bool(self._products), self._functions)

    # What the kernel is given and gives.

    def _kept_values(self) -> dict[int, int]:
        """Give, for each value that is computed into a result's array, the position of that result."""
        kept: dict[int, int] = {}
        for position, (_, number) in enumerate(self._results):
            owner = self._owner(number)
            if owner in self._iteration.operations and self._plan.values[owner].labels and owner not in kept:
                kept[owner] = position
        return kept

    def _owner(self, number: int) -> int:
        return number if number in self._iteration.operations else root(self._plan.values, number)

    def _arguments(self) -> list[str]:
        """Declare the arrays, and the scalars among what is given."""
        lines = []
        for position, (tensor, number) in enumerate(self._given):
            if number is None:
                continue
            name = self._names.distinct(python_name(tensor) if "kept" not in tensor else self._telling(number))
            self._variables[number] = name
            value = self._plan.values[number]
            for r in value.ranges:
                self._size(r)
            kind = (
                f"const real *restrict const {name} = in" if value.labels else f"const real {name} = *(const real *)in"
            )
            lines.append(f"{kind}[{position}];")
        for owner, position in self._kept.items():
            name = self._names.distinct(self._telling(owner))
            self._variables[owner] = name
            for r in self._plan.values[owner].ranges:
                self._size(r)
            lines.append(f"real *restrict const {name} = out[{position}];")
        return lines

    def _telling(self, number: int) -> str:
        tensor = self._plan.names.get(number)
        return python_name(tensor) if tensor is not None else f"t{number}"

    def _finish(self) -> list[str]:
        """Write the results that no array was computed into."""
        lines = []
        for position, (_, number) in enumerate(self._results):
            value = self._plan.values[number]
            owner = self._owner(number)
            if self._kept.get(owner) == position:
                continue
            for r in value.ranges:
                self._size(r)
            if not value.labels:
                lines.append(f"*(real *)out[{position}] = {self._scalar(owner)};")
            else:
                size = self._product([self._size(r) for r in value.ranges])
                lines.append(f"memcpy(out[{position}], {self._variables[owner]}, (size_t)({size}) * sizeof(real));")
        return lines

    def _scalar(self, number: int) -> str:
        return self._number(number) if self._plan.values[number].is_number else self._variables[number]

    # Memory.

    def _memory(self) -> list[str]:
        """Allocate what intermediate values need."""
        regions = [region for region in self._regions if region.buffers]
        if not self._shared and not regions:
            return []
        lines = []
        shared = " + ".join(f"padded({size})" for size in self._shared.values()) or "0"
        lines.append(f"const int64_t shared = {shared};")
        for region in regions:
            own = " + ".join(f"padded({size})" for size in region.buffers.values())
            lines.append(f"const int64_t own_{region.number} = {own};")
        if regions:
            lines.append(f"int64_t own = own_{regions[0].number};")
            lines += [f"if (own_{r.number} > own) own = own_{r.number};" for r in regions[1:]]
        per_thread = " + threads * own" if regions else ""
        lines.append(f"real *const memory = workspace(shared{per_thread} + 16);")
        lines.append("if (!memory) return 1;")
        if self._shared:
            lines += _pointers(self._shared, "memory")
        return lines

    def _size(self, range_: int) -> str:
        """Give the variable of a size: ranges with one letter have one."""
        letter = root_letter(self._plan.letters[range_]).name
        if letter not in self._sizes:
            self._sizes[letter] = self._names.distinct(f"n_{python_name(letter)}")
        return self._sizes[letter]

    def _extent(self, dim: int) -> str:
        return self._size(self._iteration.ranges[dim])

    def _index(self, dim: int) -> str:
        if dim not in self._indices:
            letter = python_name(root_letter(self._plan.letters[self._iteration.ranges[dim]]).name)
            self._indices[dim] = self._names.distinct(letter)
        return self._indices[dim]

    def _count(self, dim: int, path: Path) -> str:
        """Give how many positions of a dimension there are at a place: those of a block, if one is around."""
        index = self._index(dim)
        return f"({index}_end - {index}_start)" if self._block(dim, path) else self._extent(dim)

    def _block(self, dim: int, path: Path) -> bool:
        return any(loop.dim == dim and loop.is_blocked for loop in path)

    # Loops.

    def _body(self, nodes: Sequence[Node], path: Path) -> list[str]:
        lines: list[str] = []
        for node in nodes:
            if isinstance(node, Leaf):
                lines += self._leaf(node.operation, path)
            elif path:
                lines += self._loop(node, path)
            else:
                lines += self._outermost(node)
        return lines

    def _outermost(self, loop: Loop) -> list[str]:
        """Write a loop that may run on threads, each of which takes a range of positions."""
        region = _Region(loop, len(self._regions) + 1)
        self._regions.append(region)
        index, extent = self._index(loop.dim), self._extent(loop.dim)
        if loop.is_parallel:
            region.sums = [o for o in self._starting(loop, ()) if not self._is_scalar(o)]
            scalars = [o for o in self._starting(loop, ()) if self._is_scalar(o)]
            for operation in [*region.sums, *scalars]:
                self._accumulators[operation.number] = self._own(region, operation)
        first, last = (f"{index}_first", f"{index}_last") if loop.is_parallel else ("0", extent)
        declared = self._declared_outside(loop)
        inside = self._bounded(loop, first, last)
        if not loop.is_parallel:
            start = _pointers(region.buffers, "memory + shared") if region.buffers else []
            lines = [*start, *inside]
            return [*declared, *(["{", *_indented(lines), "}"] if start else lines)]
        base = f"memory + shared + thread * own_{region.number}"
        lines = [
            "const int64_t thread = omp_get_thread_num(), count = omp_get_num_threads();",
            f"const int64_t {first} = {extent} * thread / count, {last} = {extent} * (thread + 1) / count;",
            "if (thread == 0) used = count;",
            *(_pointers(region.buffers, base) if region.buffers else []),
            *inside,
        ]
        sums = self._starting(loop, ())
        return [
            *declared,
            "{",
            *_indented(["int64_t used = 1;", "#pragma omp parallel num_threads(threads)", "{", *_indented(lines), "}"]),
            *_indented([line for o in sums for line in self._together(region, o)]),
            "}",
        ]

    def _own(self, region: _Region, operation: Operation) -> str:
        name = self._names.distinct(f"{self._telling(operation.number)}_own")
        region.buffers[name] = self._product([self._extent(d) for d in operation.result_dims])
        return name

    def _declared_outside(self, loop: Loop) -> list[str]:
        """Declare the scalars that a loop computes for what comes after it, and shared arrays."""
        lines = []
        for operation in self._starting(loop, ()):
            number = operation.number
            if not operation.labels and number not in self._variables:
                self._variables[number] = self._names.distinct(self._telling(number))
            if not operation.labels:
                lines.append(f"real {self._variables[number]} = {_neutral(operation)};")
        return lines

    def _together(self, region: _Region, operation: Operation) -> list[str]:
        """Add up what threads have summed, in their order."""
        own = self._accumulators[operation.number]
        names = list(region.buffers)
        before = " + ".join(f"padded({region.buffers[n]})" for n in names[: names.index(own)]) or "0"
        size = region.buffers[own]
        place = f"memory[shared + thread * own_{region.number} + {before}"
        if not operation.labels:
            variable = self._variables[operation.number]
            return [
                "for (int64_t thread = 0; thread < used; ++thread)",
                f"    {_accumulate(operation, variable, place + ']')}",
            ]
        target = self._base(operation.number)
        e = self._names.distinct("e")
        return [
            f"for (int64_t {e} = 0; {e} < {size}; ++{e}) {target}[{e}] = {_neutral(operation)};",
            "for (int64_t thread = 0; thread < used; ++thread)",
            f"    for (int64_t {e} = 0; {e} < {size}; ++{e})",
            f"        {_accumulate(operation, f'{target}[{e}]', f'{place} + {e}]')}",
        ]

    def _bounded(self, loop: Loop, first: str, last: str) -> list[str]:
        """Write an outermost loop between bounds."""
        index = self._index(loop.dim)
        before, after = self._accumulations(loop, ())
        if not loop.is_blocked:
            lines = self._simple(loop, (), first, last)
            return [*before, *lines, *after]
        start, end = f"{index}_start", f"{index}_end"
        block = self._block_size(loop)
        body = self._body(loop.body, (loop,))
        return [
            *before,
            f"for (int64_t {start} = {first}; {start} < {last}; {start} += {block}) {{",
            f"    const int64_t {end} = {start} + {block} < {last} ? {start} + {block} : {last};",
            *_indented(body),
            "}",
            *after,
        ]

    def _block_size(self, loop: Loop) -> int:
        """Choose how many positions make a block: as many as leave its values in the cache."""
        size = 0
        for number, place in self._places.items():
            if loop in place.around:
                operation = self._iteration.operations[number]
                others = 1
                for k in place.axes:
                    if operation.result_dims[k] != loop.dim:
                        others *= self._nominal[operation.value.ranges[k]]
                size += self._item * others
        fitting = _CACHE // max(1, size)
        return max(_FEWEST, min(_MOST, fitting // 16 * 16))

    def _loop(self, loop: Loop, path: Path) -> list[str]:
        index = self._index(loop.dim)
        is_inside_block = self._block(loop.dim, path)
        first, last = (f"{index}_start", f"{index}_end") if is_inside_block else ("0", self._extent(loop.dim))
        before, after = self._accumulations(loop, path)
        return [*before, *self._simple(loop, path, first, last), *after]

    def _simple(self, loop: Loop, path: Path, first: str, last: str) -> list[str]:
        index = self._index(loop.dim)
        pragma = []
        if all(isinstance(node, Leaf) and node.operation.number not in self._products for node in loop.body):
            pragma = [f"#pragma omp simd{self._reductions(loop, path)}"]
        body = self._body(loop.body, (*path, loop))
        return [*pragma, f"for (int64_t {index} = {first}; {index} < {last}; ++{index}) {{", *_indented(body), "}"]

    def _reductions(self, loop: Loop, path: Path) -> str:
        """Name the scalars that a loop accumulates into."""
        kinds: dict[str, list[str]] = {}
        for node in loop.body:
            assert isinstance(node, Leaf)
            operation = node.operation
            if loop.dim in operation.summed_dims and self._is_scalar(operation):
                kinds.setdefault("max" if _is_max(operation) else "+", []).append(self._sum_variable(operation))
        return "".join(f" reduction({kind}:{', '.join(names)})" for kind, names in kinds.items())

    # Sums.

    def _starting(self, loop: Loop, path: Path) -> list[Operation]:
        """Give the operations inside whose first loop over what they sum is this one."""
        outer = {p.dim for p in path}
        found = []
        for leaf, _ in paths([loop]):
            summed = set(leaf.operation.summed_dims)
            if loop.dim in summed and not summed & outer:
                found.append(leaf.operation)
        return found

    def _is_scalar(self, operation: Operation) -> bool:
        """Tell whether a sum is formed in a variable: all loops over its result's axes are around those that sum."""
        if operation.number in self._products:
            return False
        path = self._paths[operation.number]
        first = next(k for k, loop in enumerate(path) if loop.dim in operation.summed_dims)
        return not any(loop.dim in operation.result_dims for loop in path[first:])

    def _sum_variable(self, operation: Operation) -> str:
        """Give the variable in which a sum is formed."""
        number = operation.number
        if number in self._accumulators:
            return self._accumulators[number] + "_sum"
        place = self._places[number]
        if not place.axes and number not in self._kept:
            return self._variables[number]
        return self._telling(number) + "_sum"

    def _accumulations(self, loop: Loop, path: Path) -> tuple[list[str], list[str]]:
        """Write what goes before and after a loop for the sums that start there."""
        before, after = [], []
        for operation in self._starting(loop, path):
            number = operation.number
            neutral = _neutral(operation)
            if not self._is_scalar(operation):
                before += self._fill(operation, path, neutral)
                continue
            own = self._accumulators.get(number)
            is_variable = not self._places[number].axes and number not in self._kept
            if own is None and is_variable and path:
                self._variables[number] = self._names.distinct(self._telling(number))
            variable = self._sum_variable(operation)
            if own is not None or not is_variable or path:
                before.append(f"real {variable} = {neutral};")
            if own is not None:
                after.append(f"{own}[0] = {variable};")
            elif not is_variable:
                after.append(f"{self._target(operation)} = {variable};")
        return before, after

    def _fill(self, operation: Operation, path: Path, value: str) -> list[str]:
        """Set what a sum is added to."""
        fixed = {p.dim for p in path if not p.is_blocked}
        target = self._target(operation)
        loops = [d for d in operation.result_dims if d not in fixed]
        if operation.number in self._accumulators or not path:
            loops = list(operation.result_dims)
        heads = []
        for dim in loops:
            index = self._index(dim)
            is_block = self._block(dim, path)
            first, last = (f"{index}_start", f"{index}_end") if is_block else ("0", self._extent(dim))
            heads.append(f"for (int64_t {index} = {first}; {index} < {last}; ++{index})")
        return _nested(heads, f"{target} = {value};")

    # Operations.

    def _leaf(self, operation: Operation, path: Path) -> list[str]:
        lines = self._comment(operation)
        if operation.number in self._products:
            return [*lines, *self._product_call(operation, path)]
        if isinstance(operation.op, Scatter):
            return [*lines, *self._scatter(operation, operation.op)]
        expression = self._expression(operation)
        if operation.summed:
            target = self._sum_variable(operation) if self._is_scalar(operation) else self._target(operation)
            return [*lines, _accumulate(operation, target, expression)]
        if not self._places[operation.number].axes and operation.number not in self._kept:
            name = self._variables.setdefault(operation.number, self._names.distinct(self._telling(operation.number)))
            return [*lines, f"const real {name} = {expression};"]
        return [*lines, f"{self._target(operation)} = {expression};"]

    def _comment(self, operation: Operation) -> list[str]:
        """Show the equation of a tensor of the program above what computes it."""
        definition = self._definitions.get(self._plan.names.get(operation.number, ""))
        if definition is None:
            return []
        return [f"/* {print_definition(definition)} */"]

    def _base(self, number: int) -> str:
        """Give the array that a value lies in."""
        if number not in self._variables:
            name = self._variables[number] = self._names.distinct(self._telling(number))
            operation, place = self._iteration.operations[number], self._places[number]
            sizes = []
            for k in place.axes:
                dim = operation.result_dims[k]
                loop = next((loop for loop in place.around if loop.dim == dim and loop.is_blocked), None)
                sizes.append(str(self._block_size(loop)) if loop else self._extent(dim))
            region = self._region(place)
            (self._shared if region is None else region.buffers)[name] = self._product(sizes)
        return self._variables[number]

    def _region(self, place: Place) -> _Region | None:
        return next((r for r in self._regions if place.around and r.loop is place.around[0]), None)

    def _target(self, operation: Operation) -> str:
        """Give the element of its array that an operation computes."""
        number = operation.number
        if number in self._accumulators:
            return f"{self._accumulators[number]}[{self._offset(self._full(operation), operation.labels, operation)}]"
        base = self._base(number)
        return f"{base}[{self._offset(self._stored(number), operation.labels, operation)}]"

    def _full(self, operation: Operation) -> list[Stored]:
        """Give the axes of what a thread sums up by itself: all, in the order of the array that it is added to."""
        return [
            Stored(a.axis, self._extent(operation.result_dims[a.axis]), "0") for a in self._stored(operation.number)
        ]

    def _stored(self, number: int) -> list[Stored]:
        """Give the axes of a value that are stored, their sizes, and the positions at which they start."""
        value = self._plan.values[number]
        place = self._places.get(number)
        if place is None:
            return [Stored(k, self._size(r), "0") for k, r in enumerate(value.ranges)]
        operation = self._iteration.operations[number]
        axes = self._result_order(number) if number in self._kept else place.axes
        found = []
        for k in axes:
            dim = operation.result_dims[k]
            if dim in place.blocked:
                index = self._index(dim)
                found.append(Stored(k, f"({index}_end - {index}_start)", f"{index}_start"))
            else:
                found.append(Stored(k, self._extent(dim), "0"))
        return found

    def _result_order(self, number: int) -> tuple[int, ...]:
        """Give the order in which a result's array has the axes of the value that is computed into it."""
        _, result = self._results[self._kept[number]]
        labels = self._plan.values[number].labels
        if result == number:
            return tuple(range(len(labels)))
        access = access_of(self._plan, Operand(result, self._plan.values[result].labels))
        order = {letter: k for k, letter in enumerate(access.letters)}
        return tuple(order[i] for i in self._plan.values[result].labels)

    def _offset(self, stored: Sequence[Stored], letters: Sequence[Index], reader: Operation) -> str:
        """Give the offset of an element, by the loops of what reads or writes it."""
        text = ""
        for axis in stored:
            index = self._index(reader.dims[letters[axis.axis]])
            index = index if axis.start == "0" else f"({index} - {axis.start})"
            text = (
                f"({text}) * {axis.size} + {index}"
                if "+" in text
                else f"{text} * {axis.size} + {index}"
                if text
                else index
            )
        return text or "0"

    def _read(self, access: Access, reader: Operation) -> str:
        number = access.value
        value = self._plan.values[number]
        if value.is_number:
            return self._number(number)
        if not value.labels and (number in self._variables or number not in self._iteration.operations):
            return self._variables[number]
        place = self._places.get(number)
        if place is not None and not place.axes and number not in self._kept:
            return self._variables[number]
        base = self._variables[number] if place is None else self._base(number)
        return f"{base}[{self._offset(self._stored(number), access.letters, reader)}]"

    def _expression(self, operation: Operation) -> str:
        read = [self._read(access, operation) for access in operation.reads]
        match operation.op:
            case Pointwise(function=function):
                return self._apply(function, read, self._suffix)
            case Contract():
                return f"{read[0]} * {read[1]}"
            case _:
                return read[0]

    def _apply(self, function: str, read: Sequence[str], suffix: str) -> str:
        match function:
            case "add" | "subtract" | "multiply" | "divide":
                return f"{read[0]} {_OPERATORS[function]} {read[1]}"
            case "negative":
                return f"-{read[0]}"
            case "square":
                return f"{read[0]} * {read[0]}"
            case "power":
                return f"pow{suffix}({read[0]}, {read[1]})"
            case _:
                self._functions.add(function)
                return apply(function, read, suffix)

    def _number(self, number: int) -> str:
        """Give the text of a number, which has the precision of the arrays that it meets."""
        value = self._plan.values[number]
        if isinstance(value.op, Number) and value.op.value.denominator == 1 and abs(value.op.value) < 2**20:
            return str(value.op.value) if value.op.value >= 0 else f"({value.op.value})"
        return f"(real){self._double(number)}"

    def _double(self, number: int) -> str:
        if number in self._numbers:
            return self._numbers[number]
        op = self._plan.values[number].op
        match op:
            case Number(value=known):
                text = repr(float(known)) if known >= 0 else f"({float(known)!r})"
            case Extent(range=range_):
                text = f"(double){self._size(range_)}"
            case Pointwise(function="π"):
                text = "3.141592653589793"
            case Pointwise(function=function, args=args):
                text = self._names.distinct(f"c{number}")
                expression = self._apply(function, [self._double(a.value) for a in args], "")
                self._head.append(f"const double {text} = {expression};")
            case _:
                raise AssertionError(f"{op} is no number")
        self._numbers[number] = text
        return text

    def _scatter(self, operation: Operation, op: Scatter) -> list[str]:
        """Write an array of zeros with operands added onto its diagonals."""
        lines = self._fill(operation, (), "0")
        base, stored = self._base(operation.number), self._stored(operation.number)
        for access, (_, letters) in zip(operation.reads, op.pieces, strict=True):
            dims = [operation.dims[i] for i in dict.fromkeys(letters)]
            heads = [
                f"for (int64_t {i} = 0; {i} < {n}; ++{i})" for i, n in ((self._index(d), self._extent(d)) for d in dims)
            ]
            target = f"{base}[{self._offset(stored, letters, operation)}]"
            lines += _nested(heads, f"{target} += {self._read(access, operation)};")
        return lines

    # Products of matrices.

    def _product_call(self, operation: Operation, path: Path) -> list[str]:
        is_sum = any(loop.dim in operation.summed_dims for loop in path)
        fixed = frozenset(p.dim for p in path if not p.is_blocked)
        return MatrixProduct(self, operation, path, fixed, is_sum).lines()

    def matrix(
        self,
        number: int,
        letters: Sequence[Index],
        operation: Operation,
        path: Path,
        groups: tuple[tuple[Index, ...], ...],
    ) -> Matrix | None:
        """Give how BLAS reads or writes an array as a matrix, if it can."""
        is_target = number == operation.number
        own = self._accumulators.get(number) if is_target else None
        if own is not None:
            base, stored = own, self._full(operation)
        else:
            base = self._variables[number] if number not in self._places else self._base(number)
            stored = self._stored(number)
        fixed = {p.dim for p in path if not p.is_blocked}
        blocks = {p.dim for p in path if p.is_blocked}
        return matrix_of(base, stored, letters, operation.dims, groups, fixed, blocks, self._index)

    def storage_letters(self, number: int, letters: Sequence[Index]) -> list[Index]:
        """Give the letters of an array's axes in the order in which they are stored."""
        return [letters[axis.axis] for axis in self._stored(number)]

    def count(self, letters: Sequence[Index], operation: Operation, path: Path) -> str:
        """Give the number of combinations of positions of letters at a place."""
        return self._product([self._count(operation.dims[i], path) for i in letters])

    def packed(
        self, operation: Operation, access: Access, order: Sequence[Index], path: Path
    ) -> tuple[Matrix, list[str]]:
        """Copy an operand into a matrix of its own, whose axes are as they have to be."""
        name, heads, offset = self._temporary(operation, order, path)
        lines = _nested(heads, f"{name}[{offset}] = {self._read(access, operation)};")
        return Matrix(name, False, ""), lines

    def unpacked(
        self, operation: Operation, order: Sequence[Index], path: Path, is_sum: bool
    ) -> tuple[Matrix, list[str]]:
        """Give a matrix for a result that can't be written as one, and the loops that put it where it belongs."""
        name, heads, offset = self._temporary(operation, order, path)
        sign = "+=" if is_sum else "="
        return Matrix(name, False, ""), _nested(heads, f"{self._target(operation)} {sign} {name}[{offset}];")

    def _temporary(self, operation: Operation, order: Sequence[Index], path: Path) -> tuple[str, list[str], str]:
        name = self._names.distinct(f"{self._telling(operation.number)}_matrix")
        region = next(r for r in self._regions if r.loop is path[0])
        dims = [operation.dims[i] for i in order]
        sizes = [str(self._block_size(path[0])) if self._block(d, path) else self._extent(d) for d in dims]
        region.buffers[name] = self._product(sizes)
        heads = []
        stored = []
        for k, dim in enumerate(dims):
            index = self._index(dim)
            is_block = self._block(dim, path)
            first, last = (f"{index}_start", f"{index}_end") if is_block else ("0", self._extent(dim))
            heads.append(f"for (int64_t {index} = {first}; {index} < {last}; ++{index})")
            stored.append(Stored(k, self._count(dim, path), first))
        return name, heads, self._offset(stored, order, operation)

    def _product(self, factors: Sequence[str]) -> str:
        return " * ".join(factors) or "1"


def _iteration(plan: Plan, results: Sequence[int], given: set[int]) -> Iteration:
    """Give the operations that compute results, those from given values on."""
    wanted = _between(plan, results, given)
    return iterate(plan, wanted, given)


def _between(plan: Plan, results: Sequence[int], given: set[int]) -> set[int]:
    found: set[int] = set()
    stack = list(results)
    while stack:
        number = stack.pop()
        if number not in found and number not in given:
            found.add(number)
            stack += [operand.value for operand in operands(plan.values[number].op)]
    return found


def _is_max(operation: Operation) -> bool:
    return isinstance(operation.op, Reduce) and operation.op.function == "max"


def _neutral(operation: Operation) -> str:
    return _INFINITE if _is_max(operation) else "0"


def _accumulate(operation: Operation, target: str, text: str) -> str:
    if _is_max(operation):
        return f"{target} = {target} > {text} ? {target} : {text};"
    return f"{target} += {text};"


def _pointers(buffers: Mapping[str, str], base: str) -> list[str]:
    """Give each buffer its place, one after the other."""
    lines = []
    at = base
    for name, size in buffers.items():
        lines.append(f"real *restrict const {name} = {at};")
        at = f"{name} + padded({size})"
    return lines


def _nested(heads: Sequence[str], statement: str) -> list[str]:
    return [*("    " * k + head for k, head in enumerate(heads)), "    " * len(heads) + statement]


def _indented(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.startswith("#") else "    " + line
