"""Matrix notation: refused where a transpose gives it away, else warned of, and shown with indices as NumPy has it."""

import numpy as np
import pytest
from pasting import first_error, mended

import einsgrad as eg
from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.parser import parse_program

TRANSPOSED = [
    ("y = X^T A X", "X^T", ["y = X_i A_ij X_j", "y_ij = X_ki A_kl X_lj"], ["X @ A @ X", "X.T @ A @ X"]),
    ("Y = X^T A X", "X^T", ["Y_ij = X_ki A_kl X_lj"], ["X.T @ A @ X"]),
    ("y = x^(T) A x", "x^(T)", ["y = x_i A_ij x_j"], ["x @ A @ x"]),
    ("y = x' A x", "x'", ["y = x_i A_ij x_j"], ["x @ A @ x"]),
    ("y = x^⊤ A", "x^⊤", ["y_i = x_j A_ji"], ["x @ A"]),
    ("Y = X'", "X'", ["Y_ij = X_ji"], ["X.T"]),
    ("Y = X.T @ A @ X", "X.T", ["Y_ij = X_ki A_kl X_lj"], ["X.T @ A @ X"]),
    ("E = xᵀ A x / 2 + bᵀ x + c", "xᵀ", ["E = x_i A_ij x_j / 2 + b_k x_k + c"], ["x @ A @ x / 2 + b @ x + c"]),
    (
        "f = (A x - b)^{T} (A x - b)",
        "(A x - b)^{T}",
        ["f = (A_ij x_j - b_i) (A_ik x_k - b_i)"],
        ["np.sum((A @ x - b) ** 2)"],
    ),
    ("Y = x yᵀ A", "yᵀ", ["Y_ij = x_i y_k A_kj"], ["np.outer(x, y) @ A"]),
    ("Z = (X A)^T + λ B", "(X A)^T", ["Z_ij = (X_jk A_ki) + λ B_ij"], ["(X @ A).T + λ * B"]),
    ("f = xᵀ x yᵀ A / (xᵀ x)", "xᵀ", ["f_i = x_j x_j y_k A_ki / (x_l x_l)"], ["y @ A"]),
    ("s = log(1 + exp(w^T x))", "w^T", ["s = log(1 + exp(w_i x_i))"], ["np.log(1 + np.exp(w @ x))"]),
    ("P = X (X^T X)^-1 X^T", "X^T", [], []),
    ("f = x^T A y^T", "x^T", [], []),
    ("f = x^T g_i", "x^T", [], []),
]

ALL_SCALARS = [
    ("Y = X A", "X A", "Y_ij = X_ik A_kj", "X @ A"),
    ("Y = 2 X A + B", "2 X A", "Y_ij = 2 X_ik A_kj + B_ij", "2 * X @ A + B"),
    ("S = sigmoid(X W)", "X W", "S_ij = sigmoid(X_ik W_kj)", "1 / (1 + np.exp(-X @ W))"),
    ("E = WX", "WX", "E_ij = W_ik X_kj", "W @ X"),
]


def value_of(program, text):
    rng = np.random.default_rng(5)
    arrays = {name: rng.uniform(0.2, 0.9, (3,) * len(program.indices(name))) for name in program.inputs}
    return eg.compile(program)(**arrays), eval(text, {"np": np, **arrays})


@pytest.mark.parametrize(("text", "place", "fixes", "meant"), TRANSPOSED)
def test_a_transpose_is_no_power(text, place, fixes, meant):
    error = first_error(text)
    assert (error.code, error.span.text) == ("transpose", place)
    assert [line.split("  # ")[0] for line in (error.fix or "").splitlines()] == fixes
    for choice, value in enumerate(meant):
        np.testing.assert_allclose(*value_of(parse_program(mended(text, choice)), value))


def test_readings_say_what_they_take_names_for():
    error = first_error("y = X^T A X")
    assert error.message == (
        "matrix notation is written with indices, as in `y = X_i A_ij X_j`: "
        "`T` is defined nowhere, so `X^T` is no power"
    )
    assert error.fix == "y = X_i A_ij X_j  # X a vector\ny_ij = X_ki A_kl X_lj  # X a matrix"


@pytest.mark.parametrize(
    "text",
    ["T = 2; y = x^T + A^(T)", "G = γ^T", "y = P (1 + r)^T", "y_ij = (a^T)_ij", "y_i = x_i^T", "y[i',j'] = a[i',j'] x"],
)
def test_powers_and_primes_are_read(text):
    program = parse_program(text)
    assert parse_program(str(program)) == program


@pytest.mark.parametrize(("text", "place", "fix", "meant"), ALL_SCALARS)
def test_products_of_capitals_that_are_scalars(text, place, fix, meant):
    (warning,) = parse_program(text).warnings
    assert (warning.code, warning.span.text, warning.fix) == ("matrix-notation", place, fix)
    np.testing.assert_allclose(*value_of(parse_program(fix), meant))


def test_claims_about_gradients_by_matrices():
    first, second = parse_program("Y = X A; ∂l/∂X == ∂l/∂Y A").warnings
    assert (first.fix, second.fix) == ("Y_ij = X_ik A_kj", "∂l/∂X_ij == ∂l/∂Y_ik A_kj")


def test_fixes_of_a_whole_text_go_together():
    text = "Y = X A; ∂l/∂X == ∂l/∂Y A^T"
    assert first_error(text).fix == "∂l/∂X_ij == ∂l/∂Y_ik A_jk"
    program = parse_program("Y_ij = X_ik A_kj; ∂l/∂X_ij == ∂l/∂Y_ik A_jk")
    assert [claim.verdict for claim in eg.check(program).claims] == ["proved"]


def test_latex_is_warned_of_in_its_own_words():
    (warning,) = parse_program(r"\mathbf{Y} = \mathbf{X} A", dialect=LATEX).warnings
    assert warning.fix == r"\mathbf{Y}_{ij} = \mathbf{X}_{ik} A_{kj}"
    assert warning.message == (
        f"every tensor of this text is a scalar: matrices are written with indices, as in `{warning.fix}`"
    )
    text = r"\frac{\partial l}{\partial X} \equiv \frac{\partial l}{\partial Y} A"
    (warning,) = parse_program(text, dialect=LATEX).warnings
    assert warning.fix == r"\frac{\partial l}{\partial X_{ij}} \equiv \frac{\partial l}{\partial Y_{ik}} A_{kj}"


@pytest.mark.parametrize(
    "text",
    [
        "V = I R",
        "F = m a",
        "E = m c^2",
        "P V == n R T",
        "F = G M m / r^2",
        "W1 = x; y = W2 W1",
        "z = h W1 + W2",
        "L = KL + CE",
        "Y = X A / n",
        "Y = X A; y_i = x_i",
        "P = ∂F/∂V",
        "A = b h",
    ],
)
def test_scalars_are_left_alone(text):
    assert all(warning.code != "matrix-notation" for warning in parse_program(text).warnings)


@pytest.mark.parametrize(
    "text", ["(" * 900 + "X^T" + ")" * 900, "X' " * 20_000, "{" * 400 + "a' " * 10_000 + "}" * 400]
)
def test_hostile_transposes_are_refused(text):
    assert first_error(f"y = {text}").fix is None
