"""The C text of a joint program: its kernels, and what each takes and gives.

Before: a joint program. After: a C file that compiles on its own. A kernel is a function

    int SYMBOL(const int64_t *sizes, const void *const *in, void *const *out, int threads)

that gives 0, or 1 where memory is short. Its arrays are contiguous, of the one floating type of the file, and apart
from one another; those without axes are scalars. Any sizes will do: the plan is for those given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from einsgrad.calculus.joint import Joint
from einsgrad.ir.letters import root as root_letter
from einsgrad.planner.iteration import access_of
from einsgrad.planner.options import DEFAULT, PlanOptions
from einsgrad.planner.plan import Input, Matrix, Plan, Put, Solve, Take, needed, operands
from einsgrad.planner.planning import DEFAULT_SIZE, make_plan
from einsgrad.targets.native.file import c_file
from einsgrad.targets.native.writer import KernelText, write_kernel
from einsgrad.targets.signature import Signature, unknown_size


class NotNative(Exception):  # noqa: N818 — nobody's error: the program runs in another way
    """A program has an operation that the native target does not write; the message says which."""


_NONE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Argument:
    """An array that a kernel reads or writes.

    Attributes:
        name: of the tensor that it holds, or of a value that is kept for the pullback.
        axes: for each axis the position of its size among those of the kernel.
    """

    name: str
    axes: tuple[int, ...]


@dataclass(frozen=True)
class Kernel:
    """A C function: what it takes and gives.

    Attributes:
        name: ``forward``, ``value_and_grad``, ``vjp`` (outputs and what is kept) or ``pullback``.
        symbol: what it is called in C.
        arguments: the arrays that it reads, in order.
        results: the arrays that it writes, in order.
        sizes: the letter of each size that it is given.
        is_parallel: whether it ever starts threads.
        fixed: the sizes that it has to be given, by their positions.
    """

    name: str
    symbol: str
    arguments: tuple[Argument, ...]
    results: tuple[Argument, ...]
    sizes: tuple[str, ...]
    is_parallel: bool
    fixed: Mapping[int, int]


@dataclass(frozen=True)
class NativeSource:
    """The C text of all kernels of a joint program, for one floating type.

    Attributes:
        text: a whole C file.
        kernels: what it defines.
        uses_blas: whether there is a function ``set_blas(void *gemm)``; until it is called, loops multiply matrices.
    """

    text: str
    kernels: tuple[Kernel, ...]
    uses_blas: bool


def write_kernels(
    joint: Joint,
    signature: Signature,
    sizes: Mapping[str, int],
    dtype: str,
    options: PlanOptions = DEFAULT,
    fixed: Mapping[str, int] = _NONE,
    naming: str = "{}",
) -> NativeSource:
    """Write the kernels of a joint program.

    Args:
        joint: forward and adjoint equations.
        signature: what the program is given.
        sizes: sizes by letter: those that the plan is for.
        dtype: ``float32`` or ``float64``.
        options: how paths are found.
        fixed: sizes by letter that the kernels are only to be called with: short loops are unrolled then.
        naming: the form of the names that other files see.

    Raises:
        NotNative: a matrix is inverted or factored.
        ArrayError: the size of a range is needed that neither an input nor the signature tells.
    """
    writer = _Kernels(joint, signature, dtype, fixed, naming)
    writer.add("forward", make_plan(joint.forward, sizes, options), joint.outputs)
    if joint.is_scalar:
        writer.add("value_and_grad", make_plan(joint.program, sizes, options), writer.all_results)
    elif joint.wrt:
        writer.add_pullback(make_plan(joint.program, sizes, options))
    return writer.source()


def require_native(plan: Plan) -> None:
    """Check that there is native code for all operations of a plan.

    Raises:
        NotNative: there is none.
    """
    if any(isinstance(value.op, Matrix | Solve) for value in plan.values):
        raise NotNative("inverses and determinants are computed by NumPy, there is no native code for them")
    if any(isinstance(value.op, Take | Put) for value in plan.values):
        raise NotNative("what stands at given positions is picked by NumPy, there is no native code for it")


class _Kernels:
    def __init__(self, joint: Joint, signature: Signature, dtype: str, fixed: Mapping[str, int], naming: str) -> None:
        self._joint = joint
        self._signature = signature
        self._dtype = dtype
        self._fixed = fixed
        self._naming = naming
        # The letters of what a plan may do without.
        self._unused = dict(signature.axes)
        for output, upstream in joint.upstream.items():
            indices = joint.program.index_objects(output)
            self._unused[upstream] = tuple(root_letter(i).name for i in indices)
        self._kernels: list[Kernel] = []
        self._texts: list[KernelText] = []

    @property
    def all_results(self) -> tuple[str, ...]:
        return (*self._joint.outputs, *self._joint.gradients.values())

    def add(self, name: str, plan: Plan, results: Sequence[str]) -> None:
        """Write a kernel from the inputs to results."""
        given = [(x, _input(plan, x)) for x in self._signature.inputs]
        self._write(name, plan, given, [(y, plan.results[y]) for y in results])

    def add_pullback(self, plan: Plan) -> None:
        """Write the kernel to the outputs and what the gradients need besides, and that from there to the gradients."""
        joint = self._joint
        outputs = [(y, plan.results[y]) for y in joint.outputs]
        gradients = [(g, plan.results[g]) for g in joint.gradients.values()]
        early = needed(plan.values, {number for _, number in outputs})
        late = needed(plan.values, {number for _, number in gradients}) - early
        crossing = {access_of(plan, o).value for n in late for o in operands(plan.values[n].op) if o.value in early}
        kept = [
            (f"kept {number}", number)
            for number in sorted(crossing)
            if not isinstance(plan.values[number].op, Input) and not plan.values[number].is_number
        ]
        inputs = [(x, _input(plan, x)) for x in self._signature.inputs]
        upstream = [(x, _input(plan, x)) for x in joint.upstream.values()]
        self._write("vjp", plan, inputs, [*outputs, *kept])
        self._write("pullback", plan, [*inputs, *kept, *upstream], gradients)

    def _write(
        self,
        name: str,
        plan: Plan,
        given: Sequence[tuple[str, int | None]],
        results: Sequence[tuple[str, int]],
    ) -> None:
        require_native(plan)
        letters = {r: root_letter(letter).name for r, letter in plan.letters.items()}
        nominal = {r: max(1, plan.extents.get(r, DEFAULT_SIZE)) for r in letters}
        symbol = self._naming.format(name)
        text = write_kernel(plan, symbol, given, results, nominal, self._dtype, self._fixed)
        order = text.sizes
        for tensor, number in given:
            if number is None:
                order += [i for i in self._unused[tensor] if i not in order]

        def argument(tensor: str, number: int | None) -> Argument:
            if number is None:
                axes = tuple(order.index(i) for i in self._unused[tensor])
            else:
                axes = tuple(order.index(letters[r]) for r in plan.values[number].ranges)
            return Argument(tensor, axes)

        arguments = tuple(argument(*pair) for pair in given)
        told = {order[k] for a in arguments for k in a.axes} | self._signature.sizes.keys()
        for letter in text.sizes:
            if letter not in told:
                raise unknown_size(self._signature.spelled.get(letter, letter))
        kernel = Kernel(
            name,
            symbol,
            arguments,
            tuple(argument(*pair) for pair in results),
            tuple(order),
            text.is_parallel,
            {k: self._fixed[letter] for k, letter in enumerate(order) if letter in self._fixed},
        )
        self._kernels.append(kernel)
        self._texts.append(text)

    def source(self) -> NativeSource:
        """Give the file."""
        uses_blas = any(text.uses_blas for text in self._texts)
        text = c_file(self._joint, self._texts, self._dtype, self._naming)
        return NativeSource(text, tuple(self._kernels), uses_blas)


def _input(plan: Plan, name: str) -> int | None:
    """Give the value that an input is; ``None`` if the plan does without it."""
    return next((k for k, value in enumerate(plan.values) if value.op == Input(name)), None)
