"""``iota_i``, the position as a number: read, printed, evaluated, differentiated and proved like a given tensor."""

from __future__ import annotations

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.reference import evaluate
from einsgrad.render.latex import latex_program

TEXT = "E = iota_i x_i^2; y_ij = iota_j x_i; c_i = iota_i / |i|"


def test_text_reads_back() -> None:
    program = eg.parse(TEXT)
    assert program.inputs == ("x",)
    assert eg.parse(str(program)) == program


def test_latex_reads_back() -> None:
    assert eg.parse(r"E = \mathrm{iota}_{i} x_{i}^{2}", dialect="latex") == eg.parse("E = iota_i x_i^2")
    # A letter ι of the same look would be a tensor.
    program = eg.parse("E = iota_i x_i^2")
    assert eg.parse(latex_program(program), dialect="latex") == program


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("size", [0, 1, 4])
def test_value_and_gradient(target: str, size: int) -> None:
    x = np.arange(1.0, size + 1)
    value, gradients = eg.compile("E = iota_i x_i^2", target=target).value_and_grad(x=x)
    assert value == evaluate(eg.parse("E = iota_i x_i^2"), {"x": x})["E"] == np.sum(np.arange(size) * x**2)
    np.testing.assert_array_equal(gradients["x"], 2 * np.arange(size) * x)


def test_single_precision_stays() -> None:
    assert eg.compile("y_i = iota_i x_i")(x=np.ones(3, np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [("E == x_i iota_i", "proved"), ("∂E/∂x_p == iota_p", "proved"), ("E == 1_i x_i", "refuted")],
)
def test_claims(claim: str, verdict: str) -> None:
    (found,) = eg.check(f"E = iota_i x_i; {claim}").claims
    assert found.verdict == verdict


def test_a_tensor_of_that_name_stays_a_tensor() -> None:
    assert eg.parse("y_i = ι_i").inputs == ("ι",)
    assert eg.parse("iota_i = x_i; y_i = 2 iota_i").inputs == ("x",)
