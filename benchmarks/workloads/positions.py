"""Tables, class numbers and edges: what stands at positions that are data, and gradients that add up there."""

from typing import Any

import numpy

from workloads.workload import Workload

CLASS_NUMBERS = "L = 1_n (log(1_k exp(s_nk)) - s_{n,y_n}) / |n|"
# The axes of a table have letters that the text does not: i and j.
EMBEDDING = "y_bk = e_{t_b,k}"
EDGES = "E = c_e (x_{a_e,k} - x_{b_e,k}) (x_{a_e,k} - x_{b_e,k})"


def embedding(_: Any, e: Any, t: Any) -> Any:
    """Look vectors up in a table."""
    return e[t]


def class_numbers(f: Any, s: Any, y: Any) -> Any:
    """Compute the mean cross-entropy of scores with the numbers of classes."""
    return f.mean(f.logsumexp(s) - s[numpy.arange(len(s)), y])


def edges(f: Any, c: Any, x: Any, a: Any, b: Any) -> Any:
    """Add up squared distances along the edges of a graph."""
    return f.sum(c * f.sum((x[a] - x[b]) ** 2, axis=-1))


def class_numbers_builtin(torch: Any, s: Any, y: Any) -> Any:
    """Compute the loss by torch's own kernel."""
    return torch.nn.functional.cross_entropy(s, y)


def embedding_builtin(torch: Any, e: Any, t: Any) -> Any:
    """Look up by torch's own kernel."""
    return torch.nn.functional.embedding(t, e)


WORKLOADS = {
    "embedding": Workload(
        "embedding",
        EMBEDDING,
        embedding,
        {"b": 16, "i": 20, "j": 8},
        {"b": 8192, "i": 30000, "j": 256},
        positions={"t": "i"},
        builtin=embedding_builtin,
    ),
    "class_numbers": Workload(
        "cross-entropy by class number",
        CLASS_NUMBERS,
        class_numbers,
        {"n": 32, "k": 10},
        {"n": 4096, "k": 1000},
        positions={"y": "k"},
        builtin=class_numbers_builtin,
    ),
    "edges": Workload(
        "sum over edges",
        EDGES,
        edges,
        {"e": 40, "i": 16, "j": 3},
        {"e": 200000, "i": 50000, "j": 3},
        positions={"a": "i", "b": "i"},
    ),
}
