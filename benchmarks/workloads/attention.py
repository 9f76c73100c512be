"""Scaled dot-product attention: batch 4, 8 heads, sequences of 256, 64 a head."""

from typing import Any

import numpy

TITLE = "attention 4×8×256×64"
EQUATIONS = """
D      = |d|
s_bhij = q_bhid k_bhjd / sqrt(D)
a_bhij = exp(s_bhij) / (1_n exp(s_bhin))
y_bhie = a_bhij v_bhje
"""
WRT = ("q", "k", "v")


def inputs(rng: numpy.random.Generator) -> dict[str, Any]:
    """Draw the arrays."""
    return {name: rng.normal(size=(4, 8, 256, 64)) for name in WRT}


def forward(np: Any, q: Any, k: Any, v: Any) -> Any:
    """Attend as a user of NumPy writes it."""
    scores = q @ np.swapaxes(k, -1, -2) / 8.0
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True) @ v


def forward_torch(torch: Any, q: Any, k: Any, v: Any) -> Any:
    """Attend as a user of torch writes it from primitives."""
    return torch.softmax(q @ k.transpose(-1, -2) / 8.0, dim=-1) @ v


def forward_builtin(torch: Any, q: Any, k: Any, v: Any) -> Any:
    """Attend by torch's own kernel."""
    return torch.nn.functional.scaled_dot_product_attention(q, k, v)


def truth(upstream: Any, q: Any, k: Any, v: Any) -> tuple[Any, list[Any]]:
    """Give the value and the gradients."""
    scores = q @ k.swapaxes(-1, -2) / 8.0
    weights = numpy.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    dweights = upstream @ v.swapaxes(-1, -2)
    dscores = weights * (dweights - (dweights * weights).sum(-1, keepdims=True)) / 8.0
    return weights @ v, [dscores @ k, dscores.swapaxes(-1, -2) @ q, weights.swapaxes(-1, -2) @ upstream]
