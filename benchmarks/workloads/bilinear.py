"""A bilinear form of two vectors of 64: a few microseconds of arithmetic."""

from typing import Any

import numpy

from einsgrad import gallery

TITLE = "bilinear x W y, 64"
EQUATIONS = gallery.read("bilinear")
WRT = ("x", "w", "y")


def inputs(rng: numpy.random.Generator) -> dict[str, Any]:
    """Draw the arrays."""
    return {"x": rng.normal(size=64), "w": rng.normal(size=(64, 64)), "y": rng.normal(size=64)}


def forward(np: Any, x: Any, w: Any, y: Any) -> Any:
    """Compute the form as a user of NumPy writes it."""
    return x @ w @ y


def forward_torch(torch: Any, x: Any, w: Any, y: Any) -> Any:
    """Compute the form as a user of torch writes it."""
    return x @ w @ y


def truth(upstream: Any, x: Any, w: Any, y: Any) -> tuple[Any, list[Any]]:
    """Give the value and the gradients."""
    return x @ w @ y, [w @ y, numpy.outer(x, y), x @ w]
