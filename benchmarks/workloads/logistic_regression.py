"""Logistic regression of 20000 samples with 500 features."""

from typing import Any

import numpy

from einsgrad import gallery

TITLE = "logistic regression 20000×500"
EQUATIONS = gallery.read("logistic_regression")
WRT = ("w", "b")


def inputs(rng: numpy.random.Generator) -> dict[str, Any]:
    """Draw the arrays."""
    labels = rng.integers(2, size=20000).astype(float)
    return {"w": rng.normal(size=500) / 500**0.5, "b": rng.normal(), "x": rng.normal(size=(20000, 500)), "t": labels}


def forward(np: Any, w: Any, b: Any, x: Any, t: Any) -> Any:
    """Compute the loss as a user of NumPy writes it."""
    z = x @ w + b
    return np.mean(np.logaddexp(z, 0.0) - t * z)


def forward_torch(torch: Any, w: Any, b: Any, x: Any, t: Any) -> Any:
    """Compute the loss as a user of torch writes it."""
    return torch.nn.functional.binary_cross_entropy_with_logits(x @ w + b, t)


def truth(upstream: Any, w: Any, b: Any, x: Any, t: Any) -> tuple[Any, list[Any]]:
    """Give the value and the gradients."""
    z = x @ w + b
    dz = (1 / (1 + numpy.exp(-z)) - t) / len(t)
    return numpy.mean(numpy.logaddexp(z, 0) - t * z), [x.T @ dz, dz.sum()]
