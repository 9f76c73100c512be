"""Kernels in C: a plan's tree of loops written down."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from einsgrad.ir.printer import print_definition
from einsgrad.planner.iteration import Operation, iterate
from einsgrad.planner.nests import Leaf, Loop, Node, matrix_products, nest
from einsgrad.planner.plan import Contract, Iota, Plan, Pointwise, Scatter, operands
from einsgrad.planner.storage import Path, paths
from einsgrad.targets.names import python_name
from einsgrad.targets.native.arrays import Arrays, Region, pointers
from einsgrad.targets.native.functions import operation as apply
from einsgrad.targets.native.products import MatrixProduct
from einsgrad.targets.native.scope import Scope, for_loop, indented, nested, product
from einsgrad.targets.native.sums import Sums, accumulate, has_only_leaves

# The bytes that the values of a block may take: about half of a core's own cache.
_CACHE = 2**19
# What a block gives a matrix product to go over if the cache can't keep its other operand: with fewer rows, getting
# that from memory for each block would take longer than the arithmetic.
_ROWS = 256
_MOST = 512


@dataclass
class KernelText:
    """A kernel in C, the letters of the sizes that it is given, and what it uses."""

    lines: list[str]
    sizes: list[str]
    is_parallel: bool
    uses_blas: bool


def write_kernel(
    plan: Plan,
    name: str,
    given: Sequence[tuple[str, int | None]],
    results: Sequence[tuple[str, int]],
    nominal: Mapping[int, int],
    dtype: str,
    fixed: Mapping[str, int],
) -> KernelText:
    """Write the kernel that computes some values of a plan from others.

    Args:
        plan: the plan.
        name: of the function.
        given: the arrays that it reads, by name, with their value in the plan if it needs them.
        results: the values that it writes, by name.
        nominal: the size of each range that costs are estimated with.
        dtype: ``float32`` or ``float64``.
        fixed: sizes by letter that are known.
    """
    return _Kernel(plan, given, [number for _, number in results], nominal, dtype).text(name, fixed)


class _Kernel:
    def __init__(
        self,
        plan: Plan,
        given: Sequence[tuple[str, int | None]],
        results: Sequence[int],
        nominal: Mapping[int, int],
        dtype: str,
    ) -> None:
        self._plan = plan
        self._given = given
        self._results = results
        self._suffix = "f" if dtype == "float32" else ""
        self._item = 4 if dtype == "float32" else 8
        known = {number for _, number in given if number is not None}
        self._iteration = iterate(plan, _between(plan, results, known), known)
        self._extents = {d: nominal[r] for d, r in self._iteration.ranges.items()}
        self._products = matrix_products(self._iteration, self._extents)
        self._nodes = nest(self._iteration, self._products, self._extents)
        self._scope = Scope(plan, self._iteration)
        self._arrays = Arrays(plan, self._iteration, self._nodes, results, self._scope, self._block_of)
        around = {leaf.operation.number: path for leaf, path in paths(self._nodes)}
        self._sums = Sums(self._arrays, self._scope, around, self._products)
        self._definitions = {block.definition.name: block.definition for block in plan.blocks}

    def text(self, name: str, fixed: Mapping[str, int]) -> KernelText:
        """Write the whole function."""
        arguments = self._arguments()
        body = [*self._body(self._nodes, ()), *self._finish()]
        sizes = [
            f"const int64_t {size} = {fixed.get(letter, f'sizes[{k}]')};"
            for k, (letter, size) in enumerate(self._scope.sizes.items())
        ]
        inside = [*sizes, *arguments, *self._arrays.numbers, *self._arrays.memory(), *body, "return 0;"]
        head = f"int {name}(const int64_t *sizes, const void *const *in, void *const *out, int threads)"
        is_parallel = any(region.loop.is_parallel for region in self._arrays.regions)
        return KernelText(
            [head, "{", *indented(inside), "}"], list(self._scope.sizes), is_parallel, bool(self._products)
        )

    def _arguments(self) -> list[str]:
        """Declare the arrays, and the scalars among what is given."""
        lines = []
        for position, (tensor, number) in enumerate(self._given):
            if number is not None:
                is_input = number not in self._plan.names and not tensor.startswith("kept")
                name = self._arrays.declare(number, python_name(tensor) if is_input else None)
                if self._plan.values[number].labels:
                    lines.append(f"const real *restrict const {name} = in[{position}];")
                else:
                    lines.append(f"const real {name} = *(const real *)in[{position}];")
        for owner, position in self._arrays.kept.items():
            lines.append(f"real *restrict const {self._arrays.declare(owner)} = out[{position}];")
        return lines

    def _finish(self) -> list[str]:
        """Write the results that no array was computed into."""
        lines = []
        for position, number in enumerate(self._results):
            value, owner = self._plan.values[number], self._arrays.owner(number)
            if self._arrays.kept.get(owner) == position:
                continue
            if not value.labels:
                lines.append(f"*(real *)out[{position}] = {self._arrays.scalar(owner)};")
            else:
                size = product([self._scope.size(r) for r in value.ranges])
                source = self._arrays.variables[owner]
                lines.append(f"memcpy(out[{position}], {source}, (size_t)({size}) * sizeof(real));")
        return lines

    def _body(self, nodes: Sequence[Node], path: Path) -> list[str]:
        lines: list[str] = []
        for node in nodes:
            if isinstance(node, Leaf):
                lines += self._leaf(node.operation, path)
            elif path:
                lines += self._loop(node, path, *self._scope.bounds(node.dim, path))
            else:
                lines += self._outermost(node)
        return lines

    def _outermost(self, loop: Loop) -> list[str]:
        """Write a loop that may run on threads, each of which takes a range of positions."""
        region = Region(loop, len(self._arrays.regions) + 1)
        self._arrays.regions.append(region)
        extent, index = self._scope.extent(loop.dim), self._scope.index(loop.dim)
        declared = self._sums.declared_outside(loop)
        if not loop.is_parallel:
            lines = self._loop(loop, (), "0", extent)
            return [*declared, *_block([*pointers(region.buffers, region.base), *lines] if region.buffers else lines)]
        self._sums.share_out(region)
        first, last = f"{index}_first", f"{index}_last"
        inside = self._loop(loop, (), first, last)
        lines = [
            "const int64_t thread = omp_get_thread_num(), count = omp_get_num_threads();",
            f"const int64_t {first} = {extent} * thread / count, {last} = {extent} * (thread + 1) / count;",
            "if (thread == 0) used = count;",
            *pointers(region.buffers, region.base),
            *inside,
        ]
        together = self._sums.together(region)
        region_lines = ["int64_t used = 1;", "#pragma omp parallel num_threads(threads)", *_block(lines), *together]
        return [*declared, *_block(region_lines)]

    def _loop(self, loop: Loop, path: Path, first: str, last: str) -> list[str]:
        before, after = self._sums.around_loop(loop, path)
        inside = self._blocked(loop, first, last) if loop.is_blocked else self._simple(loop, path, first, last)
        return [*before, *inside, *after]

    def _simple(self, loop: Loop, path: Path, first: str, last: str) -> list[str]:
        is_innermost = has_only_leaves(loop, self._products)
        pragma = [f"#pragma omp simd{self._sums.reductions(loop)}"] if is_innermost else []
        body = self._body(loop.body, (*path, loop))
        return [*pragma, f"{for_loop(self._scope.index(loop.dim), first, last)} {{", *indented(body), "}"]

    def _blocked(self, loop: Loop, first: str, last: str) -> list[str]:
        index, block = self._scope.index(loop.dim), self._block_of(loop)
        start, end = f"{index}_start", f"{index}_end"
        bound = f"const int64_t {end} = {start} + {block} < {last} ? {start} + {block} : {last};"
        head = f"for (int64_t {start} = {first}; {start} < {last}; {start} += {block})"
        return [f"{head} {{", *indented([bound, *self._body(loop.body, (loop,))]), "}"]

    def _block_of(self, loop: Loop) -> int:
        """Choose how many positions make a block: as many as leave its values in the cache, but enough for products."""
        size, fewest = 0, 1
        for leaf, _ in paths([loop]):
            operation = leaf.operation
            place = self._arrays.places[operation.number]
            if operation.number in self._products:
                fewest = max(fewest, self._enough_for(operation, loop.dim))
            if loop in place.around:
                dims = (operation.result_dims[k] for k in place.axes)
                size += self._item * math.prod(self._extents[d] for d in dims if d != loop.dim)
        return max(fewest, min(_MOST, _CACHE // max(1, size)))

    def _enough_for(self, operation: Operation, dim: int) -> int:
        """Give how many positions of a dimension a product of matrices should go over at a time."""
        left, right = ({operation.dims[i] for i in access.letters} for access in operation.reads)
        groups = (left - right, right - left, set(operation.summed_dims))
        for group in groups:
            if dim in group:
                beside = math.prod(self._extents[d] for d in group if d != dim)
                other = math.prod(self._extents[d] for g in groups if g is not group for d in g)
                return math.ceil(_ROWS / beside) if self._item * other > _CACHE else 1
        return 1

    def _leaf(self, operation: Operation, path: Path) -> list[str]:
        comment = self._comment(operation)
        if operation.number in self._products:
            return [*comment, *MatrixProduct(operation, path, self._arrays, self._scope).lines()]
        if isinstance(operation.op, Scatter):
            return [*comment, *self._scatter(operation, operation.op)]
        expression = self._expression(operation)
        if operation.summed:
            return [*comment, accumulate(operation, self._sums.target(operation), expression)]
        if self._arrays.is_variable(operation.number):
            return [*comment, f"const real {self._arrays.declare(operation.number)} = {expression};"]
        return [*comment, f"{self._arrays.target(operation)} = {expression};"]

    def _comment(self, operation: Operation) -> list[str]:
        """Show the equation of a tensor of the program above what computes it."""
        definition = self._definitions.get(self._plan.names.get(operation.number, ""))
        return [] if definition is None else [f"/* {print_definition(definition)} */"]

    def _expression(self, operation: Operation) -> str:
        read = [self._arrays.read(access, operation) for access in operation.reads]
        match operation.op:
            case Pointwise(function=function):
                return apply(function, read, self._suffix)
            case Iota():
                return f"(real){self._scope.index(operation.result_dims[0])}"
            case Contract():
                return apply("multiply", read, self._suffix)
            case _:
                return read[0]

    def _scatter(self, operation: Operation, op: Scatter) -> list[str]:
        """Write an array of zeros with operands added onto its diagonals."""
        lines = self._sums.fill(operation, (), "0")
        base, stored = self._arrays.written(operation)
        for access, (_, letters) in zip(operation.reads, op.pieces, strict=True):
            heads = [self._scope.head(operation.dims[i], ()) for i in dict.fromkeys(letters)]
            target = f"{base}[{self._arrays.offset(stored, letters, operation)}]"
            lines += nested(heads, f"{target} += {self._arrays.read(access, operation)};")
        return lines


def _between(plan: Plan, results: Sequence[int], given: set[int]) -> set[int]:
    """Give the values that results need, from given ones on."""
    found: set[int] = set()
    stack = list(results)
    while stack:
        number = stack.pop()
        if number not in found and number not in given:
            found.add(number)
            stack += [operand.value for operand in operands(plan.values[number].op)]
    return found


def _block(lines: Sequence[str]) -> list[str]:
    return ["{", *indented(lines), "}"]
