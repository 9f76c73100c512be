"""Layer normalisation of 4096 rows of 1024, from its primitives."""

from typing import Any

import numpy

from einsgrad import gallery

TITLE = "layer norm 4096×1024"
EQUATIONS = gallery.read("layer_norm")
WRT = ("x", "γ", "β")


def inputs(rng: numpy.random.Generator) -> dict[str, Any]:
    """Draw the arrays."""
    return {"x": rng.normal(size=(4096, 1024)), "γ": rng.normal(size=1024), "β": rng.normal(size=1024)}


def forward(np: Any, x: Any, γ: Any, β: Any) -> Any:
    """Normalise as a user of NumPy writes it."""
    centred = x - x.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1, keepdims=True)
    return centred / np.sqrt(variance + 1e-5) * γ + β


def forward_torch(torch: Any, x: Any, γ: Any, β: Any) -> Any:
    """Normalise as a user of torch writes it from primitives."""
    centred = x - x.mean(dim=1, keepdim=True)
    variance = (centred**2).mean(dim=1, keepdim=True)
    return centred / torch.sqrt(variance + 1e-5) * γ + β


def forward_builtin(torch: Any, x: Any, γ: Any, β: Any) -> Any:
    """Normalise by torch's own kernel."""
    return torch.nn.functional.layer_norm(x, (1024,), γ, β, 1e-5)


def truth(upstream: Any, x: Any, γ: Any, β: Any) -> tuple[Any, list[Any]]:
    """Give the value and the gradients."""
    scale = 1 / numpy.sqrt(x.var(1, keepdims=True) + 1e-5)
    normal = (x - x.mean(1, keepdims=True)) * scale
    g = upstream * γ
    dx = scale * (g - g.mean(1, keepdims=True) - normal * (g * normal).mean(1, keepdims=True))
    return normal * γ + β, [dx, (upstream * normal).sum(0), upstream.sum(0)]
