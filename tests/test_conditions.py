"""Conditions: ``[i <= j]``, ``[x_ij > 0]`` and ranges of sums, read, printed, evaluated, differentiated and proved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.ir.program import Program
from einsgrad.reference import evaluate

PROGRAMS = {
    "Coulomb energy": "e = sum_{j != i} q_i q_j / r_ij",
    "pairs in space": "e = sum_{i < j} (x_ik 1_j - 1_i x_jk)^2 w_ij 1_k",
    "causal attention": "a_ij = [j <= i] exp(s_ij) / (sum_{k <= i} exp(s_ik)); o_id = a_ij v_jd",
    "hinge loss": "l = 1_i [m_i < 1] (1 - m_i)",
    "joined": "y_ij = [i < j and x_ij > 1 or not i <= 2] x_ij^2",
    "first positions": "y_j = [j < 2] x_j",
    "a delta": "y_ij = [i == j] x_i z_j",
    "square root": "l = sum_i [x_i > 1] sqrt(x_i - 1)",
    "quotient of differences": "y_i = sum_{j != i} w_j / (x_i 1_j - 1_i x_j)",
    "logarithm of distances": "e = sum_{j != i} log((x_i 1_j - 1_i x_j)^2)",
    "condition alone": "n = sum_{ij} [x_ij > z_ij] w_j",
    "masked factor in a contraction": "y_ik = [i != j] a_ij / (b_i 1_j - 1_i b_j) w_jk",
    "several rows": "e = sum_n sum_{i < j} x_ni x_nj / (z_i 1_j - 1_i z_j)",
    "outer factor": "y_ij = z_i ([x_ij > 1] log(x_ij - 1)) z_j",
}


MASKS = ("[i != j]", "[i < j]", "[j < i and j < 3]", "[not (i == j or w_ij > 1)]")
SINGULAR = ("1/r_ij", "1/(x_i 1_j - 1_i x_j)", "log((x_i 1_j - 1_i x_j)^2)", "(b_ij + r_ij^-2)")
FORMS = (
    "E = sum_ij {mask} ({singular}) q_i q_j",
    "E = sum_i (sum_j {mask} v_jk u_k ({singular}))^2",
    "h_i = sum_j ({singular}) (q_i 1_j + 1_i z_j) {mask}; E = sum_i tanh(h_i)",
    "h_ij = {mask} ({singular}); E = sum_ij h_ij^2 c_ijk u_k",
)


def sample(program: Program, size: int) -> dict[str, Any]:
    """Give arrays for a program whose ranges are ``size``, with zeros where a mask of the diagonal hides them."""
    rng, arrays = np.random.default_rng(2), {}
    for x in program.inputs:
        arrays[x] = rng.uniform(0.5, 1.5, [size for _ in program.index_objects(x)])
        if x == "r":
            np.fill_diagonal(arrays[x], 0)
    return arrays


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_text_and_gradient_read_back(text: str) -> None:
    for program in (eg.parse(text), eg.grad(text)):
        assert eg.parse(str(program)) == program


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [4, 1, 0])
@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_value_and_gradients(text: str, target: Any, size: int) -> None:
    program = eg.parse(text)
    arrays = sample(program, size)
    (output,) = program.outputs
    value, pullback = eg.compile(program, target=target).vjp(**arrays)
    assert np.all(np.isfinite(value))
    np.testing.assert_allclose(value, evaluate(program, arrays)[output], rtol=1e-12)
    upstream = np.random.default_rng(1).normal(size=np.shape(value))
    for x, gradient in pullback(upstream).items():
        np.testing.assert_allclose(gradient, slopes(program, arrays, x, upstream), rtol=1e-9, atol=1e-12)


def slopes(program: Program, arrays: dict[str, Any], x: str, upstream: Any) -> Any:
    """Give the gradient by ``x`` by complex steps of the reference interpreter."""
    (output,) = program.outputs
    found = np.zeros_like(arrays[x])
    for place in np.ndindex(found.shape):
        moved = {**arrays, x: arrays[x].astype(complex)}
        moved[x][place] += 1e-30j
        found[place] = np.sum(upstream * evaluate(program, moved)[output].imag) / 1e-30
    return found


@pytest.mark.parametrize("seed", range(12))
def test_random_masks_of_what_is_singular(seed: int) -> None:
    pick = np.random.default_rng(seed).choice
    text = str(pick(FORMS)).format(mask=pick(MASKS), singular=pick(SINGULAR))
    program = eg.parse(text)
    arrays = sample(program, 4)
    compiled = eg.compile(program)
    value, gradients = compiled.value_and_grad(**arrays)
    np.testing.assert_allclose(value, evaluate(program, arrays)["E"], rtol=1e-10)
    for x, gradient in gradients.items():
        np.testing.assert_allclose(gradient, slopes(program, arrays, x, 1.0), rtol=1e-8, atol=1e-10)
    x = "r" if "r" in gradients else "x"
    direction = np.random.default_rng(seed).normal(size=arrays[x].shape) * (arrays[x] != 0)
    up, down = (compiled.value_and_grad(**{**arrays, x: arrays[x] + step * direction})[1][x] for step in (1e-6, -1e-6))
    product = np.tensordot(compiled.hessian(x, **arrays), direction, direction.ndim)
    np.testing.assert_allclose(product, (up - down) / 2e-6, rtol=1e-4, atol=1e-4 * np.abs(product).max())
