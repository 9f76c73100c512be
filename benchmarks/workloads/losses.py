"""Losses of classifiers and of embeddings."""

from typing import Any

from einsgrad import gallery
from workloads.workload import Workload, constant, distributions, labels, one_hot, weights

SOFTMAX_REGRESSION = """
N    = |n|
s_nc = x_ni w_ic + 1_n b_c
L    = -1/N t_nc (s_nc - 1_c log(1_k exp(s_nk)))
"""
DISTILLATION = """
N    = |b|
p_bc = exp(z_bc/τ) / (1_k exp(z_bk/τ))
A    = -α τ^2/N p_bc (s_bc/τ - 1_c log(1_k exp(s_bk/τ)))
B    = -(1 - α)/N t_bc (s_bc - 1_c log(1_k exp(s_bk)))
L    = A + B
"""
COSINES = """
p_id = u_id / sqrt(u_ie u_ie)
q_jd = v_jd / sqrt(v_je v_je)
s_ij = p_id q_jd
"""
FEW, MANY = {"i": 16, "j": 16, "d": 8}, {"i": 2048, "j": 2048, "d": 128}


def logistic_regression(f: Any, x: Any, w: Any, b: Any, t: Any) -> Any:
    """Compute the mean negative log-likelihood of labels that are 0 or 1."""
    z = x @ w + b
    return f.mean(f.softplus(z) - t * z)


def softmax_regression(f: Any, x: Any, w: Any, b: Any, t: Any) -> Any:
    """Compute the mean negative log-likelihood of classes."""
    return -f.sum(t * f.log_softmax(x @ w + b)) / x.shape[0]


def distillation(f: Any, z: Any, τ: Any, α: Any, s: Any, t: Any) -> Any:
    """Compare the scores of a student with those of its teacher and with targets."""
    soft = -f.mean(f.sum(f.softmax(z / τ) * f.log_softmax(s / τ), axis=-1))
    hard = -f.mean(f.sum(t * f.log_softmax(s), axis=-1))
    return α * τ**2 * soft + (1 - α) * hard


def unit(f: Any, x: Any) -> Any:
    """Divide each row by its length."""
    return x / f.sqrt(f.sum(x**2, axis=-1, keepdims=True))


def cosines(f: Any, u: Any, v: Any) -> Any:
    """Compare all pairs of rows."""
    return unit(f, u) @ unit(f, v).T


def info_nce(f: Any, u: Any, v: Any, τ: Any) -> Any:
    """Compute the contrastive loss of matched pairs of embeddings."""
    p, q = unit(f, u), unit(f, v)
    return f.mean(f.logsumexp(p @ q.T / τ) - f.sum(p * q, axis=-1) / τ)


WORKLOADS = {
    "logistic_regression": Workload(
        "logistic regression",
        gallery.read("logistic_regression"),
        logistic_regression,
        {"n": 32, "i": 8},
        {"n": 20000, "i": 500},
        data=("x", "t"),
        draw={"w": lambda rng, shape: rng.normal(size=shape) / shape[0] ** 0.5, "t": labels},
    ),
    "softmax_regression": Workload(
        "softmax regression",
        SOFTMAX_REGRESSION,
        softmax_regression,
        {"n": 32, "i": 8, "c": 4},
        {"n": 20000, "i": 300, "c": 20},
        data=("x", "t"),
        draw={"w": weights, "t": one_hot},
    ),
    "distillation": Workload(
        "distillation",
        DISTILLATION,
        distillation,
        {"b": 16, "c": 10},
        {"b": 4096, "c": 1000},
        data=("z", "t", "τ", "α"),
        draw={"t": distributions, "τ": constant(2.0), "α": constant(0.5)},
    ),
    "cosines": Workload("cosine similarities", COSINES, cosines, FEW, MANY),
    "info_nce": Workload(
        "InfoNCE", gallery.read("info_nce"), info_nce, FEW, MANY, data=("τ",), draw={"τ": constant(0.1)}
    ),
}
