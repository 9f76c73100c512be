"""Statistical models."""

import math
from typing import Any

from einsgrad import gallery
from workloads.workload import Workload, scaled

KERNEL_REGRESSION = """
N    = |n|
k_ni = exp(-1_d (1_i x_nd - 1_n c_id)^2)
L    = 1/N 1_n (k_ni α_i - t_n)^2
"""


def squared_distances(x: Any, c: Any) -> Any:
    """Give the differences of all pairs of rows, squared."""
    return (x[:, None, :] - c) ** 2


def gaussian_mixture(f: Any, a: Any, s: Any, x: Any, m: Any) -> Any:
    """Compute the mean log-likelihood of points."""
    quadratic = f.sum(f.exp(s) * squared_distances(x, m), axis=-1)
    constants = f.log_softmax(a) + 0.5 * f.sum(s, axis=-1) - 0.5 * s.shape[1] * math.log(2 * math.pi)
    return f.mean(f.logsumexp(constants - 0.5 * quadratic))


def factorisation_machine(f: Any, x: Any, v: Any, b: Any, w: Any) -> Any:
    """Add to a linear model all products of two features, with weights of low rank."""
    return b + x @ w + 0.5 * f.sum((x @ v) ** 2 - x**2 @ v**2, axis=-1)


def kernel_regression(f: Any, x: Any, c: Any, α: Any, t: Any) -> Any:
    """Compute the mean squared error of a sum of Gaussian kernels."""
    return f.mean((f.exp(-f.sum(squared_distances(x, c), axis=-1)) @ α - t) ** 2)


WORKLOADS = {
    "gaussian_mixture": Workload(
        "Gaussian mixture",
        gallery.read("gaussian_mixture"),
        gaussian_mixture,
        {"n": 32, "d": 4, "k": 3},
        {"n": 20000, "d": 32, "k": 16},
        data=("x",),
        draw={"s": scaled(0.3)},
    ),
    "factorisation_machine": Workload(
        "factorisation machine",
        gallery.read("factorisation_machine"),
        factorisation_machine,
        {"n": 32, "i": 16, "f": 4},
        {"n": 20000, "i": 256, "f": 32},
        data=("x",),
        draw={"v": scaled(0.1), "w": scaled(0.1)},
    ),
    "kernel_regression": Workload(
        "kernel regression",
        KERNEL_REGRESSION,
        kernel_regression,
        {"n": 32, "i": 8, "d": 4},
        {"n": 4000, "i": 256, "d": 16},
        data=("x", "t"),
        draw={"x": scaled(0.3), "c": scaled(0.3)},
    ),
}
