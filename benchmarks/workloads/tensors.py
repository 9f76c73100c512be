"""Tensor decompositions and networks."""

from typing import Any

from einsgrad import gallery
from workloads.workload import Workload, scaled

TENSOR_TRAIN = """
N   = |n|
y_n = x1_ni a_ip x2_nj b_pjq x3_nk c_qkr x4_nl d_rl
L   = 1/N 1_n (y_n - t_n)^2
"""


def bilinear(f: Any, x: Any, w: Any, y: Any) -> Any:
    """Compute a bilinear form of two vectors."""
    return x @ w @ y


def cp(f: Any, t: Any, a: Any, b: Any, c: Any) -> Any:
    """Compute the squared residual of a sum of rank-one tensors."""
    return f.sum((t - f.einsum("ir,jr,kr->ijk", a, b, c)) ** 2)


def tucker(f: Any, t: Any, g: Any, a: Any, b: Any, c: Any) -> Any:
    """Compute the squared residual of a core and a factor for each axis."""
    return f.sum((t - f.einsum("pqr,ip,jq,kr->ijk", g, a, b, c)) ** 2)


def tensor_train(f: Any, x1: Any, a: Any, x2: Any, b: Any, x3: Any, c: Any, x4: Any, d: Any, t: Any) -> Any:
    """Compute the mean squared error of a regression whose coefficients are a tensor train."""
    y = f.einsum("ni,ip,nj,pjq,nk,qkr,nl,rl->n", x1, a, x2, b, x3, c, x4, d)
    return f.mean((y - t) ** 2)


def mps_overlap(f: Any, **sites: Any) -> Any:
    """Contract two matrix product states of four sites with one another."""
    names = ("a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4")
    return f.einsum("ip,is,pjq,sjt,qkr,tku,rl,ul->", *(sites[name] for name in names))


def _chain(bond: int, physical: int) -> dict[str, int]:
    return {**dict.fromkeys("pqrstu", bond), **dict.fromkeys("ijkl", physical)}


WORKLOADS = {
    "bilinear": Workload(
        "bilinear form", gallery.read("bilinear"), bilinear, {"i": 64, "j": 64}, {"i": 4096, "j": 4096}
    ),
    "cp": Workload(
        "CP residual",
        gallery.read("cp"),
        cp,
        {"i": 8, "j": 8, "k": 8, "r": 4},
        {"i": 200, "j": 200, "k": 200, "r": 32},
        data=("t",),
    ),
    "tucker": Workload(
        "Tucker residual",
        gallery.read("tucker"),
        tucker,
        {"i": 8, "j": 8, "k": 8, "p": 2, "q": 2, "r": 2},
        {"i": 160, "j": 160, "k": 160, "p": 16, "q": 16, "r": 16},
        data=("t",),
        draw={"g": scaled(0.1)},
    ),
    "tensor_train": Workload(
        "tensor-train regression",
        TENSOR_TRAIN,
        tensor_train,
        {"n": 16, **dict.fromkeys("ijkl", 4), **dict.fromkeys("pqr", 2)},
        {"n": 20000, **dict.fromkeys("ijkl", 16), **dict.fromkeys("pqr", 8)},
        data=("x1", "x2", "x3", "x4", "t"),
        draw=dict.fromkeys(("x1", "x2", "x3", "x4", "a", "b", "c", "d"), scaled(0.3)),
    ),
    "mps_overlap": Workload(
        "MPS overlap",
        gallery.read("mps_overlap"),
        mps_overlap,
        _chain(bond=4, physical=2),
        _chain(bond=256, physical=16),
        draw=dict.fromkeys(("a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"), scaled(0.1)),
        dtype="float64",
    ),
}
