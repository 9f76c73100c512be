"""The libraries that are compared: each makes, from a workload and its arrays, a call that gives value and gradients.

Every library is used as its users would: compiled where it compiles, its own arrays made beforehand, its results
waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

Arrays = dict[str, Any]
Call = Callable[[], tuple[Any, Any]]


def einsgrad(workload: Any, arrays: Arrays, upstream: Any) -> Call:
    """Make the call for einsgrad."""
    import einsgrad as eg

    function = eg.compile(eg.parse(workload.EQUATIONS), wrt=list(workload.WRT))
    if upstream is None:
        return lambda: _in_order(workload, function.value_and_grad(**arrays))

    def call() -> tuple[Any, Any]:
        value, pullback = function.vjp(**arrays)
        return _in_order(workload, (value, pullback(upstream)))

    return call


def _in_order(workload: Any, result: tuple[Any, dict[str, Any]]) -> tuple[Any, Any]:
    value, gradients = result
    return value, [gradients[name] for name in workload.WRT]


def jax(workload: Any, arrays: Arrays, upstream: Any) -> Call:
    """Make the call for jax, compiled by ``jit``."""
    import jax

    leaves = [jax.numpy.asarray(array) for array in arrays.values()]
    wrt = tuple(range(len(workload.WRT)))

    def forward(*values: Any) -> Any:
        return workload.forward(jax.numpy, **dict(zip(arrays, values, strict=True)))

    def with_upstream(g: Any, *values: Any) -> tuple[Any, Any]:
        value, pullback = jax.vjp(lambda *inner: forward(*inner, *values[len(wrt) :]), *values[: len(wrt)])
        return value, pullback(g)

    if upstream is None:
        compiled, given = jax.jit(jax.value_and_grad(forward, argnums=wrt)), leaves
    else:
        compiled, given = jax.jit(with_upstream), [jax.numpy.asarray(upstream), *leaves]
    return lambda: jax.block_until_ready(compiled(*given))


def torch(workload: Any, arrays: Arrays, upstream: Any) -> Call:
    """Make the call for torch, run eagerly."""
    return _torch(workload.forward_torch, workload, arrays, upstream)


def torch_builtin(workload: Any, arrays: Arrays, upstream: Any) -> Call:
    """Make the call for the operation as torch ships it, where it does."""
    return _torch(workload.forward_builtin, workload, arrays, upstream)


def _torch(forward: Callable[..., Any], workload: Any, arrays: Arrays, upstream: Any) -> Call:
    import torch

    torch.set_num_threads(2)
    leaves = {name: torch.tensor(array, requires_grad=name in workload.WRT) for name, array in arrays.items()}
    wrt = [leaves[name] for name in workload.WRT]
    g = None if upstream is None else torch.tensor(upstream)

    def call() -> tuple[Any, Any]:
        value = forward(torch, **leaves)
        return value.detach(), torch.autograd.grad(value, wrt, g)

    return call


def autograd(workload: Any, arrays: Arrays, upstream: Any) -> Call:
    """Make the call for HIPS autograd."""
    import autograd
    import autograd.numpy as anp

    wrt = tuple(arrays[name] for name in workload.WRT)
    rest = {name: array for name, array in arrays.items() if name not in workload.WRT}

    def forward(values: Any) -> Any:
        return workload.forward(anp, **dict(zip(workload.WRT, values, strict=True)), **rest)

    seed = numpy.float32(1) if upstream is None else upstream

    def call() -> tuple[Any, Any]:
        pullback, value = autograd.make_vjp(forward)(wrt)
        return value, pullback(seed)

    return call


LIBRARIES: dict[str, Callable[[Any, Arrays, Any], Call]] = {
    "einsgrad": einsgrad,
    "jax": jax,
    "torch": torch,
    "autograd": autograd,
    "torch built-in": torch_builtin,
}
"""The libraries, as the table calls them."""

PEERS = ("jax", "torch", "autograd")
"""Those that einsgrad is measured against; the built-in kernels of torch stand beside them, for orientation."""
