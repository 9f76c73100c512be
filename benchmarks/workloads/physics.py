"""Energies."""

from typing import Any

from einsgrad import gallery
from workloads.workload import Workload, between, constant

ELASTIC_ENERGY = """
N     = |n|
s_nij = 1/2 (g_nij + g_nji)
L     = 1/N (λ/2 1_n (s_nii)^2 + μ s_nij s_nij)
"""


def mp2_energy(np: Any, /, e: Any, f: Any, g: Any) -> Any:
    """Compute the closed-shell second-order Møller-Plesset correlation energy."""
    pairs = e[:, None] - f
    gaps = pairs[:, :, None, None] + pairs
    return np.sum(g * (2 * g - np.swapaxes(g, 1, 3)) / gaps)


def elastic_energy(f: Any, g: Any, λ: Any, μ: Any) -> Any:
    """Compute the mean energy density of an isotropic linear elastic solid."""
    strain = 0.5 * (g + f.swapaxes(g, 1, 2))
    trace = strain[:, 0, 0] + strain[:, 1, 1] + strain[:, 2, 2]
    return f.mean(λ / 2 * trace**2 + μ * f.sum(strain**2, axis=(1, 2)))


WORKLOADS = {
    "mp2_energy": Workload(
        "MP2 energy",
        gallery.read("mp2_energy"),
        mp2_energy,
        {"i": 2, "j": 2, "a": 3, "b": 3},
        {"i": 30, "j": 30, "a": 60, "b": 60},
        draw={"e": between(-1.5, -0.5), "f": between(0.5, 1.5)},
        dtype="float64",
    ),
    "elastic_energy": Workload(
        "elastic energy",
        ELASTIC_ENERGY,
        elastic_energy,
        {"n": 16, "i": 3, "j": 3},
        {"n": 200000, "i": 3, "j": 3},
        data=("λ", "μ"),
        draw={"λ": constant(1.0), "μ": constant(2.0)},
        dtype="float64",
    ),
}
