"""Conditions: how they are read and printed, near texts that are errors, claims, and derivatives of what is masked."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.reference import evaluate

RNG = np.random.default_rng(12)
DISTANCES = RNG.uniform(1, 2, (4, 4)) * (1 - np.eye(4))
ARRAYS = {
    "q": RNG.normal(size=4),
    "r": DISTANCES,
    "x": np.array([0.7, -0.4, 0.0, 1.3]),
    "z": np.array([0.2, 0.9, -1.0, 2.0]),
    "w": RNG.normal(size=(4, 4)),
    "a": RNG.normal(size=(4, 4)),
    "s": RNG.normal(size=(4, 4)),
}
OTHER = ~np.eye(4, dtype=bool)

READ = [
    ("y_i = [i <= j] x_j", "y_i = [i <= j] x_j"),
    ("y_i = [x_i >= 1] x_i", "y_i = [x_i >= 1] x_i"),
    ("y_i = x_i [j < i] z_j", "y_i = [j < i] x_i z_j"),
    ("y_i = [z_j > 2 and i ≠ j] z_j", "y_i = [z_j > 2 and i != j] z_j"),
    ("y_i = [not (i < 2 or x_i == 1)] x_i", "y_i = [i >= 2 and x_i != 1] x_i"),
    ("y_i = [0 <= x_i <= 1] x_i", "y_i = [x_i >= 0 and x_i <= 1] x_i"),
    ("y_i = sum_{j < i} w_ij", "y_i = [j < i] w_ij"),
    ("s = sum_{i < j < k} x_i x_j x_k", "s = [i < j] [j < k] x_i x_j x_k"),
    ("y_i = sum_{j < 3} z_j x_i", "y_i = [j < 3] z_j x_i"),
    ("s = sum_{i >= 2} x_i", "s = [i >= 2] x_i"),
    ("s = sum_i [x_i > 0]", "s = sum_i [x_i > 0]"),
    ("y_ij = [i == j] x_i", "y_ij = δ_ij x_i"),
    ("y_i = 2 [x[i] > 0] / x_i", "y_i = 2 [x_i > 0]/x_i"),
    ("y_i = 1[x_i > 0] x_i", "y_i = 1 [x_i > 0] x_i"),
    ("y_i = [x_i > c] x_i", "y_i = [c < x_i] x_i"),
    ("y_i = [x_i > 0] (w_ij z_j)", "y_i = [x_i > 0] (w_ij z_j)"),
    ("y_i = exp([i < 2]/x_i)", "y_i = exp([i < 2]/x_i)"),
    ("y_i = [(1_j a) z_j < 1] x_i", "y_i = [(1_j a) z_j < 1] x_i"),
    ("y_i = [(a + 1) < x_i] x_i", "y_i = [a + 1 < x_i] x_i"),
    ("y_i = [i < 3 and ((a) < 2 or (b + 1) a == 2)] x_i", "y_i = [i < 3 and (a < 2 or (b + 1) a == 2)] x_i"),
    ("y_i = [((i < 2))] x_i", "y_i = [i < 2] x_i"),
    ("y_i = [-(a + b) < 1] x_i", "y_i = [-(a + b) < 1] x_i"),
    ("g_ip = ∂([x_i > 0] x_i)/∂x_p", "g_ip = ∂([x_i > 0] x_i)/∂x_p"),
]


@pytest.mark.parametrize(("text", "printed"), READ)
def test_text_reads_back(text: str, printed: str) -> None:
    program = eg.parse(text)
    assert str(program) == printed + "\n"
    assert eg.parse(printed) == program


def test_a_name_that_is_no_index_of_the_statement_is_a_tensor() -> None:
    assert eg.parse("y_i = [i < n] x_i").inputs == ("n", "x")
    assert eg.parse("y_i = [i < j] x_ij").inputs == ("x",)


VALUES = [
    ("y_ij = [i <= j] w_ij", np.triu(ARRAYS["w"])),
    ("y_i = [x_i > 0] x_i", np.maximum(ARRAYS["x"], 0)),
    ("y_i = [x_i > 0 or i == 1] / x_i", [1 / 0.7, -2.5, 0, 1 / 1.3]),
    ("y = sum_i [x_i > 0 and z_i > 1]", 1.0),
    ("y_i = sum_{j != i} q_j / r_ij", ((ARRAYS["q"] / (DISTANCES + np.eye(4))) * OTHER).sum(1)),
]


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_values(text: str, expected: object, target: str) -> None:
    program = eg.parse(text)
    arrays = {name: ARRAYS[name] for name in program.inputs}
    np.testing.assert_allclose(eg.compile(program, target=target)(**arrays), expected, rtol=1e-14)
    np.testing.assert_allclose(evaluate(program, arrays)["y"], expected, rtol=1e-14)


LOSSES = [
    "E = sum_{j != i} q_i q_j / r_ij",
    "E = [x_i > 0] x_i^2",
    "E = [i < j] (1_j x_i - 1_i x_j)^2",
    "E = x_i [j < i] w_ij log(z_j^2) x_j",
    "E = [x_i > 0.1 or i < 1] sqrt(x_i^2)",
    "p_ij = [j <= i] exp(s_ij); E = p_ij a_ij / (1_k p_ik)",
    "E = [i == j] x_i x_j z_j",
    "E = sum_{i < j < k} x_i x_j x_k",
    "E = ([x_i > 0.1] x_i)^3 1_i",
    "E = z_i [j <= i] w_jk a_ik",
    "E = [x_i > z_i] log(x_i - z_i)",
    "E = sum_i [z_i x_i < 2] [i != 2] sin(x_i) / x_i",
    "E = [w_ij > 0] tanh(a_ij z_j)",
]


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("text", LOSSES)
def test_gradients(text: str, target: str) -> None:
    program = eg.parse(text)
    arrays = {name: ARRAYS[name] for name in program.inputs}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, gradients = eg.compile(program, target=target).value_and_grad(**arrays)
    assert value == pytest.approx(float(evaluate(program, arrays)["E"]), rel=1e-12)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, by_complex_step(program, arrays, name), rtol=1e-10, atol=1e-12)


def by_complex_step(program: eg.Program, arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    found = np.zeros_like(arrays[name])
    for place in np.ndindex(found.shape):
        moved = arrays[name].astype(complex)
        moved[place] += 1e-30j
        found[place] = evaluate(program, {**arrays, name: moved})["E"].imag / 1e-30
    return found


@pytest.mark.parametrize("text", LOSSES[:6])
def test_gradients_read_back_and_can_be_rendered(text: str) -> None:
    gradients = eg.grad(eg.parse(text))
    assert eg.parse(str(gradients)) == gradients
    shown = eg.derive(text)
    assert "NaN" not in shown.latex() + shown.html() + shown.text()


def test_the_hessian_of_what_is_masked_is_finite() -> None:
    compiled = eg.compile("E = sum_{j != i} q_i q_j / r_ij")
    arrays = {name: ARRAYS[name] for name in ("q", "r")}
    rr = compiled.hessian("r", **arrays)
    expected = np.zeros((4, 4, 4, 4))
    for i, j in zip(*np.nonzero(OTHER), strict=True):
        expected[i, j, i, j] = 2 * ARRAYS["q"][i] * ARRAYS["q"][j] / DISTANCES[i, j] ** 3
    np.testing.assert_allclose(rr, expected, rtol=1e-12)


def test_single_precision_stays() -> None:
    x = ARRAYS["x"].astype(np.float32)
    value, gradients = eg.compile("E = [x_i > 0 and i < 3] x_i^2").value_and_grad(x=x)
    assert value.dtype == gradients["x"].dtype == np.float32


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("E == [0 < x_i] x_i x_i", "proved"),
        ("∂E/∂x_p == 2 [x_p > 0] x_p", "proved"),
        ("E == [x_i >= 0] x_i^2", "not proved"),
        ("E == [x_i < 0] x_i^2", "refuted"),
        ("E == x_i^2 1_i", "refuted"),
        ("[i == j] x_j == x_i", "proved"),
        ("[i < j] w_ij + [j <= i] w_ij == w_ij", "proved"),
        ("[i < j] w_ij == [i <= j] w_ij", "refuted"),
        ("[i < j or z_i > 0] w_ij == [i < j] w_ij + [z_i > 0] w_ij", "refuted"),
    ],
)
def test_claims(claim: str, verdict: str) -> None:
    (found,) = eg.check(f"E = [x_i > 0] x_i^2; {claim}").claims
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ("y_i = (x_i > 0) x_i", "condition", "(x_i > 0)"),
        ("y_i = x_i > 0", "condition", ">"),
        ("y_i = x[i > 0]", "subscript", ">"),
        ("s = sum_{2 < i} x_i", "sum-range", "sum_{2 < i}"),
        ("s = sum_{i < x_j} x_i", "sum-range", "sum_{i < x_j}"),
        ("s = sum_{i = 2} x_i", "sum-range", "sum_{i = 2}"),
        ("y_i = [i < 3 x_i", "bracket-unclosed", "["),
        ("y_i = [x_i] z_i", "unexpected-character", "["),
        ("y_i = [i > 2 and -(x_i < 1)] x_i", "condition", "-(x_i < 1)"),
        ("y_i = [(x_i < 1) z_i < 2] x_i", "unexpected-token", "z_i"),
        ("y_i = [x_i > ] z_i", "unexpected-token", "]"),
        ("s = [x_i > 0]", "dummy-once", "i"),
        ("y_i = [x_i < z_j < 2] x_i", "dummy-once", "j"),
    ],
)
def test_near_texts_are_errors(text: str, code: str, marked: str) -> None:
    with pytest.raises(eg.LanguageError) as caught:
        eg.parse(text)
    first = caught.value.diagnostics[0]
    assert first.code == code
    assert first.span is not None
    assert text[first.span.start : first.span.end] == marked
