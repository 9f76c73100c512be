"""The squared residual of a sum of 32 rank-one tensors, against a dense tensor of 200³."""

from typing import Any

import numpy

from einsgrad import gallery

TITLE = "CP residual 200³, rank 32"
EQUATIONS = gallery.read("cp")
WRT = ("a", "b", "c")


def inputs(rng: numpy.random.Generator) -> dict[str, Any]:
    """Draw the arrays."""
    return {**{name: rng.normal(size=(200, 32)) for name in WRT}, "t": rng.normal(size=(200, 200, 200))}


def forward(np: Any, a: Any, b: Any, c: Any, t: Any) -> Any:
    """Compute the residual as a user of NumPy writes it."""
    return np.sum((t - np.einsum("ir,jr,kr->ijk", a, b, c)) ** 2)


def forward_torch(torch: Any, a: Any, b: Any, c: Any, t: Any) -> Any:
    """Compute the residual as a user of torch writes it."""
    return ((t - torch.einsum("ir,jr,kr->ijk", a, b, c)) ** 2).sum()


def truth(upstream: Any, a: Any, b: Any, c: Any, t: Any) -> tuple[Any, list[Any]]:
    """Give the value and the gradients."""
    residual = t - ((a[:, None, :] * b).reshape(-1, 32) @ c.T).reshape(200, 200, 200)
    by_ab = (residual.reshape(-1, 200) @ c).reshape(200, 200, 32)
    dc = numpy.einsum("ijk,ijr->kr", residual, a[:, None, :] * b, optimize=True)
    return (residual**2).sum(), [-2 * (by_ab * b).sum(1), -2 * (by_ab * a[:, None, :]).sum(0), -2 * dc]
