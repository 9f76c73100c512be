"""Attention, alone and in a transformer block."""

import math
from typing import Any

from einsgrad import gallery
from workloads.normalisation import layer_norm
from workloads.workload import Workload, causal, weights

EQUATIONS = """
D      = |d|
s_bhij = q_bhid k_bhjd / sqrt(D)
a_bhij = exp(s_bhij) / (1_n exp(s_bhin))
y_bhie = a_bhij v_bhje
"""
SMALL = {"b": 1, "h": 2, "i": 8, "j": 8, "d": 8, "e": 8}
LARGE = {"b": 4, "h": 8, "i": 256, "j": 256, "d": 64, "e": 64}


def scores(f: Any, q: Any, k: Any) -> Any:
    """Compare each query with each key."""
    return q @ f.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1])


def attention(f: Any, q: Any, k: Any, v: Any) -> Any:
    """Attend to all positions."""
    return f.softmax(scores(f, q, k)) @ v


def attention_builtin(torch: Any, q: Any, k: Any, v: Any) -> Any:
    """Attend by torch's own kernel."""
    return torch.nn.functional.scaled_dot_product_attention(q, k, v)


def causal_attention(f: Any, q: Any, k: Any, m: Any, v: Any) -> Any:
    """Attend to where an additive mask lets look."""
    return f.softmax(scores(f, q, k) + m) @ v


def causal_attention_builtin(torch: Any, q: Any, k: Any, m: Any, v: Any) -> Any:
    """Attend to earlier positions by torch's own kernel, which needs no mask for it."""
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)


def transformer_block(f: Any, x: Any, **w: Any) -> Any:
    """Attend, then a feed-forward layer, each after a layer norm and beside the identity."""
    normal = layer_norm(f, x, w["γ1"], w["β1"])
    q, k, v = (f.einsum("btd,dhk->bhtk", normal, w[name]) for name in ("wq", "wk", "wv"))
    x = x + f.einsum("bhtc,hcd->btd", attention(f, q, k, v), w["wo"])
    hidden = f.gelu(layer_norm(f, x, w["γ2"], w["β2"]) @ w["w1"] + w["b1"])
    return x + hidden @ w["w2"] + w["b2"]


WORKLOADS = {
    "attention": Workload("attention", EQUATIONS, attention, SMALL, LARGE, builtin=attention_builtin),
    "causal_attention": Workload(
        "causal attention",
        gallery.read("attention"),
        causal_attention,
        SMALL,
        LARGE,
        data=("m",),
        draw={"m": causal},
        builtin=causal_attention_builtin,
    ),
    "transformer_block": Workload(
        "transformer block",
        gallery.read("transformer_block"),
        transformer_block,
        {"b": 1, "t": 8, "d": 16, "e": 16, "h": 2, "k": 8, "c": 8, "f": 32},
        {"b": 4, "t": 128, "d": 256, "e": 256, "h": 4, "k": 64, "c": 64, "f": 1024},
        draw=dict.fromkeys(("wq", "wk", "wv", "wo", "w1", "w2"), weights),
    ),
}
