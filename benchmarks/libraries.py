"""The libraries that are compared: each makes, from a workload and its arrays, a call that gives value and gradients.

Every library is used as its users would: compiled where it compiles, its own arrays made beforehand, its results
waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import functions
from workloads.workload import Workload

Arrays = dict[str, Any]
Call = Callable[[], tuple[Any, Any]]


class CannotCompileError(Exception):
    """A library has no compiler here, or its compiler fails."""


@dataclass(frozen=True)
class Problem:
    """A workload at one size.

    ``upstream`` is the upstream gradient, ``None`` for a scalar. einsgrad is given ``sizes`` where there are some, and
    finds them out at the first call otherwise.
    """

    workload: Workload
    arrays: Arrays
    upstream: Any
    sizes: Mapping[str, int] | None = None

    @property
    def wrt(self) -> Arrays:
        """The arrays that gradients are taken by."""
        return {name: self.arrays[name] for name in self.workload.wrt}

    @property
    def data(self) -> Arrays:
        """The other arrays."""
        return {name: array for name, array in self.arrays.items() if name not in self.workload.wrt}


def einsgrad(problem: Problem) -> Call:
    """Make the call for einsgrad, in NumPy code."""
    return _einsgrad(problem, "numpy")


def einsgrad_native(problem: Problem) -> Call:
    """Make the call for einsgrad, in native code."""
    return _einsgrad(problem, "native")


def _einsgrad(problem: Problem, target: str) -> Call:
    import einsgrad as eg

    arrays, wrt = problem.arrays, problem.workload.wrt
    program = eg.parse(problem.workload.equations)
    function = eg.compile(program, wrt=list(wrt), sizes=problem.sizes, target=target)

    def scalar() -> tuple[Any, Any]:
        value, gradients = function.value_and_grad(**arrays)
        return value, [gradients[name] for name in wrt]

    def with_upstream() -> tuple[Any, Any]:
        value, pullback = function.vjp(**arrays)
        gradients = pullback(problem.upstream)
        return value, [gradients[name] for name in wrt]

    return scalar if problem.upstream is None else with_upstream


def jax(problem: Problem) -> Call:
    """Make the call for jax, compiled by ``jit``."""
    import jax

    if problem.workload.dtype == "float64":
        jax.config.update("jax_enable_x64", True)
    own = functions.of_jax()
    wrt, data, g = jax.tree.map(jax.numpy.asarray, (problem.wrt, problem.data, problem.upstream))

    def forward(wrt: Arrays, data: Arrays) -> Any:
        return problem.workload.forward(own, **wrt, **data)

    def with_upstream(wrt: Arrays, data: Arrays, g: Any) -> tuple[Any, Any]:
        value, pullback = jax.vjp(lambda inner: forward(inner, data), wrt)
        return value, pullback(g)[0]

    given = (wrt, data) if g is None else (wrt, data, g)
    compiled = jax.jit(jax.value_and_grad(forward) if g is None else with_upstream)

    def call() -> tuple[Any, Any]:
        value, gradients = jax.block_until_ready(compiled(*given))
        return value, [gradients[name] for name in problem.workload.wrt]

    return call


def torch(problem: Problem) -> Call:
    """Make the call for torch, run eagerly."""
    return _torch(problem, _torch_forward(problem))


def torch_compile(problem: Problem) -> Call:
    """Make the call for torch, compiled by inductor."""
    import torch

    torch.compiler.reset()  # or the second size would be compiled for all sizes
    call = _torch(problem, torch.compile(_torch_forward(problem)))

    def compiled() -> tuple[Any, Any]:
        try:
            return call()
        except (torch._dynamo.exc.TorchDynamoException, torch._inductor.exc.InductorError) as error:
            raise CannotCompileError(str(error).strip().partition("\n")[0]) from error

    compiled()
    return call


def torch_builtin(problem: Problem) -> Call:
    """Make the call for the operation as torch ships it, where it does."""
    import torch

    builtin = problem.workload.builtin
    assert builtin is not None
    return _torch(problem, lambda **arrays: builtin(torch, **arrays))


def _torch_forward(problem: Problem) -> Callable[..., Any]:
    own, forward = functions.of_torch(), problem.workload.forward
    return lambda **arrays: forward(own, **arrays)


def _torch(problem: Problem, forward: Callable[..., Any]) -> Call:
    import torch

    torch.set_num_threads(2)
    wrt = {name: torch.tensor(array, requires_grad=True) for name, array in problem.wrt.items()}
    data = {name: torch.tensor(array) for name, array in problem.data.items()}
    g = None if problem.upstream is None else torch.tensor(problem.upstream)

    def call() -> tuple[Any, Any]:
        value = forward(**wrt, **data)
        return value.detach(), torch.autograd.grad(value, list(wrt.values()), g)

    return call


def autograd(problem: Problem) -> Call:
    """Make the call for HIPS autograd."""
    import autograd
    import numpy

    own, data = functions.of_autograd(), problem.data

    def forward(wrt: Any) -> Any:
        return problem.workload.forward(own, **dict(zip(problem.workload.wrt, wrt, strict=True)), **data)

    wrt = tuple(problem.wrt.values())
    seed = numpy.ones((), problem.workload.dtype)[()] if problem.upstream is None else problem.upstream

    def call() -> tuple[Any, Any]:
        pullback, value = autograd.make_vjp(forward)(wrt)
        return value, pullback(seed)

    return call


LIBRARIES: dict[str, Callable[[Problem], Call]] = {
    "einsgrad": einsgrad,
    "native": einsgrad_native,
    "jax": jax,
    "torch": torch,
    "torch.compile": torch_compile,
    "autograd": autograd,
    "torch built-in": torch_builtin,
}
"""The libraries, as the table calls them."""

MODULES = {
    "einsgrad": "einsgrad",
    "native": "einsgrad",
    "jax": "jax",
    "torch": "torch",
    "torch.compile": "torch",
    "autograd": "autograd",
    "torch built-in": "torch",
}
"""The module of each."""

PEERS = ("jax", "torch", "torch.compile", "autograd")
"""Those that einsgrad is measured against; the built-in kernels of torch stand beside them, for orientation."""
