"""Normalisations, from their primitives."""

from typing import Any

from einsgrad import gallery
from workloads.workload import Workload

SMALL, LARGE = {"b": 16, "h": 32}, {"b": 4096, "h": 1024}


def normalised(f: Any, x: Any, γ: Any, β: Any, axis: int) -> Any:
    """Centre, divide by the standard deviation along an axis, and give each feature a scale and a shift."""
    centred = x - f.mean(x, axis=axis, keepdims=True)
    variance = f.mean(centred**2, axis=axis, keepdims=True)
    return centred / f.sqrt(variance + 1e-5) * γ + β


def layer_norm(f: Any, x: Any, γ: Any, β: Any) -> Any:
    """Normalise each row."""
    return normalised(f, x, γ, β, axis=-1)


def layer_norm_builtin(torch: Any, x: Any, γ: Any, β: Any) -> Any:
    """Normalise each row by torch's own kernel."""
    return torch.nn.functional.layer_norm(x, γ.shape, γ, β, 1e-5)


def batch_norm(f: Any, x: Any, γ: Any, β: Any) -> Any:
    """Normalise each column."""
    return normalised(f, x, γ, β, axis=0)


def batch_norm_builtin(torch: Any, x: Any, γ: Any, β: Any) -> Any:
    """Normalise each column by torch's own kernel."""
    return torch.nn.functional.batch_norm(x, None, None, γ, β, training=True, eps=1e-5)


def rms_norm(f: Any, x: Any, γ: Any) -> Any:
    """Divide each row by the root of its mean square."""
    return x / f.sqrt(f.mean(x**2, axis=-1, keepdims=True) + 1e-5) * γ


def rms_norm_builtin(torch: Any, x: Any, γ: Any) -> Any:
    """Divide each row by torch's own kernel."""
    return torch.nn.functional.rms_norm(x, γ.shape, γ, 1e-5)


WORKLOADS = {
    "layer_norm": Workload(
        "layer norm", gallery.read("layer_norm"), layer_norm, SMALL, LARGE, builtin=layer_norm_builtin
    ),
    "batch_norm": Workload(
        "batch norm",
        gallery.read("batch_norm"),
        batch_norm,
        {"b": 32, "c": 16},
        {"b": 4096, "c": 1024},
        builtin=batch_norm_builtin,
    ),
    "rms_norm": Workload("RMS norm", gallery.read("rms_norm"), rms_norm, SMALL, LARGE, builtin=rms_norm_builtin),
}
