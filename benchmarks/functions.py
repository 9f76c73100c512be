"""The functions that workloads are written with, as each library has them, along the last axis where they need one."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

COMMON = ("einsum", "exp", "log", "mean", "sqrt", "sum", "swapaxes", "tanh")


def of_jax() -> Any:
    """Give jax's functions."""
    import jax

    nn = jax.nn
    return SimpleNamespace(
        **{name: getattr(jax.numpy, name) for name in COMMON},
        gelu=partial(nn.gelu, approximate=False),
        log_softmax=nn.log_softmax,
        logsumexp=partial(nn.logsumexp, axis=-1),
        relu=nn.relu,
        sigmoid=nn.sigmoid,
        silu=nn.silu,
        softmax=nn.softmax,
        softplus=nn.softplus,
    )


def of_torch() -> Any:
    """Give torch's functions."""
    import torch

    nn = torch.nn.functional
    return SimpleNamespace(
        **{name: getattr(torch, name) for name in COMMON},
        gelu=nn.gelu,
        log_softmax=partial(torch.log_softmax, dim=-1),
        logsumexp=partial(torch.logsumexp, dim=-1),
        relu=torch.relu,
        sigmoid=torch.sigmoid,
        silu=nn.silu,
        softmax=partial(torch.softmax, dim=-1),
        softplus=nn.softplus,
    )


def of_autograd() -> Any:
    """Give autograd's functions; those of neural networks are written as its users write them.

    Its own ``einsum`` would contract all operands at once in the gradients.
    """
    import autograd.numpy as np
    import opt_einsum
    from autograd.scipy import special

    def log_softmax(x: Any) -> Any:
        return x - special.logsumexp(x, axis=-1, keepdims=True)

    common = {name: getattr(np, name) for name in COMMON}
    return SimpleNamespace(
        **{**common, "einsum": partial(opt_einsum.contract, backend="autograd")},
        gelu=lambda x: 0.5 * x * (1 + special.erf(x * 0.5**0.5)),
        log_softmax=log_softmax,
        logsumexp=partial(special.logsumexp, axis=-1),
        relu=lambda x: np.maximum(x, 0),
        sigmoid=special.expit,
        silu=lambda x: x * special.expit(x),
        softmax=lambda x: np.exp(log_softmax(x)),
        softplus=lambda x: np.logaddexp(x, 0),
    )
