"""Functions of one's own: an equation with parameters is a name for what it says."""

from __future__ import annotations

import numpy as np
import pytest
from oracle import complex_step

import einsgrad as eg
from einsgrad.calculus.canonical import canonical_key
from einsgrad.ir.nodes import Size

EXPANDED = [
    ("swish(u) = u sigmoid(u); y_i = swish(x_i)", "y_i = x_i sigmoid(x_i)"),
    ("y_ij = f(x_ij, b_j); f(u, v) = a u^2 + g(v); g(w) = w exp(-w)", "y_ij = a x_ij^2 + 1_i b_j exp(-b_j)"),
    ("f(u) = sum_j sigmoid(u + w_j); y_i = f(x_i)", "y_i = sum_j sigmoid(1_j x_i + 1_i w_j)"),
    ("f(u) = u^2; y = f(2 f(x))", "y = (2 x^2)^2"),
    ("f(x) = x^2; y = f(x); z_i = f(w_i) + x", "y = x^2; z_i = w_i^2 + x"),
    ("f(u, v) = u / v; y = 1/f(a, b)", "y = 1/(a / b)"),
    ("f(u, v) = u - v; y = f(v, u)", "y = v - u"),
    ("f(u) = u^2; y = 2^f(x)", "y = 2^(x^2)"),
    ("f(u) = u w_j w_j; y_j = f(x_j)", "y_j = x_j w_k w_k"),
    ("f(u) = sum_j sigmoid(u w_j); y_j = w_j f(x_j)", "y_j = w_j sum_k sigmoid(x_j w_k)"),
    ("f(u) = u^2; h_ip = ∂f(x_i)/∂x_p", "h_ip = ∂(x_i^2)/∂x_p"),
    ("f(u) = u^2; f(x_i z_i) == (x_j z_j)^2", "(x_i z_i)^2 == (x_j z_j)^2"),
    ("f(u) = c u; c = d^2; y_i = f(x_i)", "c = d^2; y_i = c x_i"),
    ("\\gamma(u) = u^2; y_i = γ(x_i)", "y_i = x_i^2"),
]


LATEX = [
    (r"f(x) = x^{2}, y_{i} = f(x_{i})", "y_i = x_i^2"),
    (r"\phi(u, v) = \frac{u}{1 + v^2} \\ y_{ij} = \phi\left(x_i, z_j\right)^2", "y_ij = (x_i / (1 + z_j^2))^2"),
    (r"f(u) = u^{2} \\ g_{ip} = \frac{\partial f(x_{i})}{\partial x_{p}}", "g_ip = ∂(x_i^2)/∂x_p"),
    (r"\sigma(x) = \frac{1}{1 + e^{-x}}, y_i = \sigma(w_i)", "y_i = 1 / (1 + exp(-w_i))"),
    (r"\operatorname{act}(u) = \sum_{j=1}^{N} w_j u, y_i = \operatorname{act}(x_i)", "y_i = sum_j w_j x_i"),
    (r"f(x) = x^2, f(y_{i}) \equiv y_{i}^{2}", "y_i^2 == y_i^2"),
]


def keys(program: eg.Program) -> list[object]:
    """What a program says, whatever its letters; sizes aside."""
    equations = [(d.name, canonical_key(d.rhs)) for d in program.definitions if not isinstance(d.rhs, Size)]
    return [*equations, *((canonical_key(claim.lhs), canonical_key(claim.rhs)) for claim in program.claims)]


@pytest.mark.parametrize(("text", "meaning"), EXPANDED)
def test_a_function_is_what_it_says(text: str, meaning: str) -> None:
    program = eg.parse(text)
    assert keys(program) == keys(eg.parse(meaning))
    assert eg.parse(str(program)) == program


@pytest.mark.parametrize(("text", "meaning"), LATEX)
def test_in_latex(text: str, meaning: str) -> None:
    assert keys(eg.parse(text, dialect="latex")) == keys(eg.parse(meaning))


def test_a_name_that_is_applied_to_its_own_arguments_alone_is_a_tensor() -> None:
    assert eg.parse("f(u) = u^2; y = f(u) + 1") == eg.parse("f = u^2; y = f + 1")


def test_a_parameter_is_no_tensor_of_the_text() -> None:
    program = eg.parse("f(u) = u^2; y_i = f(x_i) + u_ij v_j")
    assert program.inputs == ("x", "u", "v")
    assert not program.warnings


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_values_and_gradients(target: str) -> None:
    text = "bump(u, v) = exp(-v u^2) / (1 + exp(v)); l = 1_i bump(x_i, s)^2 + bump(s, 2)"
    x, s = np.array([0.3, -1.2, 2.0]), np.array(0.7)

    def value(x: np.ndarray, s: np.ndarray) -> np.ndarray:
        def bump(u: np.ndarray, v: np.ndarray | float) -> np.ndarray:
            return np.exp(-v * u**2) / (1 + np.exp(v))

        return np.sum(bump(x, s) ** 2) + bump(s, 2)

    found, gradients = eg.compile(text, target=target).value_and_grad(x=x, s=s)
    np.testing.assert_allclose(found, value(x, s), rtol=1e-14)
    np.testing.assert_allclose(gradients["x"], complex_step(lambda x: value(x, s), x), rtol=1e-13)
    np.testing.assert_allclose(gradients["s"], complex_step(lambda s: value(x, s), s), rtol=1e-13)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [("f(a + b) == f(b + a)", "proved"), ("∂f(x_i)/∂x_p == 2 f(x_i) δ_ip / x_i", "proved"), ("f(a) == a", "refuted")],
)
def test_claims(claim: str, verdict: str) -> None:
    (found,) = eg.check(f"f(u) = u^2; {claim}").claims
    assert found.verdict == verdict
