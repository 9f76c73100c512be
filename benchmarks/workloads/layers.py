"""Layers and small networks."""

from typing import Any

from einsgrad import gallery
from workloads.workload import Workload, one_hot, weights

GRAPH_CONVOLUTION = """
h_mj = relu(a_mn x_ni w_ij)
y_lk = a_lm h_mj u_jk
"""


def mlp(f: Any, w1: Any, b1: Any, w2: Any, b2: Any, x: Any, t: Any) -> Any:
    """Compute the softmax cross-entropy of a network with one hidden layer."""
    return -f.sum(t * f.log_softmax(f.relu(x @ w1 + b1) @ w2 + b2)) / x.shape[0]


def lstm_cell(f: Any, x: Any, h: Any, c: Any, **w: Any) -> Any:
    """Make one step of a long short-term memory."""
    p, forget, o, g = (x @ w[f"w{gate}"] + h @ w[f"u{gate}"] + w[f"b{gate}"] for gate in "pfog")
    state = f.sigmoid(forget) * c + f.sigmoid(p) * f.tanh(g)
    return f.sigmoid(o) * f.tanh(state)


def swiglu(f: Any, x: Any, w1: Any, w2: Any, w3: Any) -> Any:
    """Apply a gated feed-forward layer."""
    return (f.silu(x @ w1) * (x @ w2)) @ w3


def mixture_of_experts(f: Any, x: Any, v: Any, w: Any) -> Any:
    """Blend linear experts by a softmax gate."""
    return f.einsum("be,bi,eio->bo", f.softmax(x @ v), x, w)


def graph_convolution(f: Any, a: Any, x: Any, w: Any, u: Any) -> Any:
    """Apply two layers to the nodes of a graph, each a mean over neighbours and a matrix."""
    return a @ (f.relu(a @ (x @ w)) @ u)


WORKLOADS = {
    "mlp": Workload(
        "mlp",
        gallery.read("mlp"),
        mlp,
        {"b": 32, "i": 20, "j": 32, "c": 10},
        {"b": 512, "i": 784, "j": 1024, "c": 10},
        data=("x", "t"),
        draw={"w1": weights, "w2": weights, "t": one_hot},
    ),
    "lstm_cell": Workload(
        "LSTM cell",
        gallery.read("lstm_cell"),
        lstm_cell,
        {"b": 8, "i": 16, "j": 16, "k": 16},
        {"b": 512, "i": 512, "j": 512, "k": 512},
        draw={f"{matrix}{gate}": weights for matrix in "wu" for gate in "pfog"},
    ),
    "swiglu": Workload(
        "SwiGLU",
        gallery.read("swiglu"),
        swiglu,
        {"b": 8, "i": 16, "j": 32, "o": 16},
        {"b": 512, "i": 512, "j": 1024, "o": 512},
        draw=dict.fromkeys(("w1", "w2", "w3"), weights),
    ),
    "mixture_of_experts": Workload(
        "mixture of experts",
        gallery.read("mixture_of_experts"),
        mixture_of_experts,
        {"b": 8, "i": 16, "e": 4, "o": 16},
        {"b": 512, "i": 256, "e": 8, "o": 256},
        draw={"v": weights, "w": weights},
    ),
    "graph_convolution": Workload(
        "graph convolution",
        GRAPH_CONVOLUTION,
        graph_convolution,
        {"m": 16, "n": 16, "i": 8, "j": 8, "k": 4},
        {"m": 2048, "n": 2048, "i": 256, "j": 128, "k": 16},
        data=("a", "x"),
        draw={"a": weights, "w": weights, "u": weights},
    ),
}
