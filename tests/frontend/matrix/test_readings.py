"""What matrix notation means: the index notation of each text, its value, and the way back."""

import inspect

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.frontend.matrix.reading import parse_matrix
from einsgrad.render.matrix import matrix_lines
from tests.frontend.matrix.readings import DECLARED, READINGS

SIZES = {"n": 4, "d": 3}


def arrays():
    random = np.random.default_rng(7)
    shapes = {"X": "nd", "Z": "dn", "A": "dd", "S": "dd", "w": "d", "v": "d", "y": "n", "u": "n", "λ": "", "c": ""}
    found = {name: random.normal(size=[SIZES[size] for size in sizes]) for name, sizes in shapes.items()}
    found["A"] += 4 * np.eye(3)
    return found


@pytest.mark.parametrize(("text", "indexed", "by_numpy"), READINGS, ids=[row[0] for row in READINGS])
def test_reading(text, indexed, by_numpy):
    program = parse_matrix(DECLARED + text)
    assert str(program) == indexed + "\n"
    values = arrays()
    value = eg.compile(program)(**{name: values[name] for name in program.inputs})
    expected = by_numpy(**{name: values[name] for name in inspect.signature(by_numpy).parameters})
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("text", [row[0] for row in READINGS])
def test_matrix_notation_that_is_written_is_read(text):
    program = parse_matrix(DECLARED + text)
    (shown,) = matrix_lines(program)
    if "|i|" in shown:  # a size has no name in index notation
        return
    values = arrays()
    again = parse_matrix(DECLARED + shown)
    expected, found = (eg.compile(p)(**{name: values[name] for name in p.inputs}) for p in (program, again))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "gradients"),
    [
        ("f = wᵀ A⁻¹ v", ["∂f/∂A = -A⁻ᵀ 𝐰 𝐯ᵀ A⁻ᵀ", "∂f/∂𝐯 = A⁻ᵀ 𝐰", "∂f/∂𝐰 = A⁻¹ 𝐯"]),
        ("f = log|A|", ["∂f/∂A = A⁻ᵀ"]),
        ("f = det(A)", ["∂f/∂A = det(A) A⁻ᵀ"]),
    ],
)
def test_gradients_of_inverses_and_determinants(text, gradients):
    assert sorted(eg.derive(DECLARED + text).matrix().splitlines()) == gradients


@pytest.mark.parametrize(
    "declared",
    [
        "X: n×d, w: d, y: n",
        "X: n*d; w: d; y: n",
        "X: n x d\nw: d\ny: n",
        "X ∈ R^{n×d}, w ∈ R^d, y ∈ R^n",
        "X ∈ ℝ^{n×d}, w ∈ ℝ^d, y ∈ ℝ^n",
        r"X \in \mathbb{R}^{n \times d}, w \in \mathbb{R}^d, y \in \mathbb{R}^{n} \\",
        "X: (n×d), w: d, y: n  # data",
    ],
)
def test_declarations(declared):
    assert str(eg.parse(declared + "\nf = ‖X w - y‖²")) == "f = 1_i (X_ij w_j - y_i)^2\n"


def test_several_names_of_one_shape():
    assert str(parse_matrix("a, b: n, c, d: n; f = aᵀ b cᵀ d")) == "f = a_i b_i c_j d_j\n"


def test_shapes_that_follow():
    program = parse_matrix("X: n×d, w: d, y: n\nf = rᵀ r\nr = X w - y\ng = Xᵀ r")
    assert str(program) == "f = r_i r_i\nr_i = X_ij w_j - y_i\ng_j = X_ij r_i\n"


def test_derivatives():
    program = parse_matrix("A: n×n, x: n; f = xᵀ A x; g = ∂f/∂x; H = ∂g/∂x; h = ∇_A f; J = ∂(A x)/∂x")
    assert str(program) == (
        "f = x_i A_ij x_j\ng_i = ∂f/∂x_i\nH_ij = ∂g_i/∂x_j\nh_ij = ∂f/∂A_ij\nJ_ij = ∂(A_ik x_k)/∂x_j\n"
    )


def test_downstream_loss():
    program = parse_matrix("X: n×d, W: d×k; Y = X W; ∂l/∂W = Xᵀ ∂l/∂Y")
    assert str(program) == "Y_ik = X_ij W_jk\n∂l/∂W_jk = X_ij ∂l/∂Y_ik\n"


def test_equation_of_a_derivative_is_a_claim():
    program = parse_matrix("A: n×n, x: n; f = xᵀ A x; ∂f/∂x = (A + Aᵀ) x; ∂f/∂x = 2 A x")
    (right, wrong) = eg.check(program).claims
    assert (right.verdict, wrong.verdict) == ("proved", "refuted")
    assert wrong.span.text == "∂f/∂x = 2 A x"


def test_claims_count_on_declared_sizes():
    """Where the text says that matrices are square, counterexamples and proofs know, although no letter does."""
    claimed = "∂det(A X B)/∂X == det(A X B) X⁻ᵀ"
    for declared, verdict in [("A: n×n, X: n×n, B: n×n", "proved"), ("A: m×n, X: n×n, B: n×m", "refuted")]:
        (claim,) = eg.check(f"{declared}; {claimed}").claims
        assert claim.verdict == verdict


def test_arrays_have_the_declared_sizes():
    f = eg.compile("A: n×n, B: n×n, x: n; y = A B x")
    with pytest.raises(eg.EinsgradError) as error:
        f(A=np.ones((2, 3)), B=np.ones((3, 2)), x=np.ones(2))
    assert {d.code for d in error.value.diagnostics} == {"size-mismatch"}


def test_names_are_told_from_their_letters():
    assert str(parse_matrix("W_1: m×n, x_0: n; y = W_1 x_0")) == "y_i = W1_ij x0_j\n"
    assert str(parse_matrix(r"W_{1} \in \mathbb{R}^{m \times n}, \mu_0 \in \mathbb{R}^n \\ y = W_{1} \mu_0")) == (
        "y_i = W1_ij μ0_j\n"
    )


@pytest.mark.parametrize("name", ["matrix", "auto"])
def test_dialects(name):
    assert str(eg.parse("x: n; f = xᵀ x", dialect=name)) == "f = x_i x_i\n"


def test_files(tmp_path):
    path = tmp_path / "ridge.mat.ein"
    path.write_text("X: n×d, w: d, y: n, λ: scalar\nf = ‖X w - y‖² + λ ‖w‖²\n", encoding="utf-8")
    assert str(eg.load(path)) == "f = 1_i (X_ij w_j - y_i)^2 + λ w_j w_j\n"


def test_gradient_reads_back_in_matrix_notation():
    derivation = eg.derive("X: n×d, w: d, y: n; r = X w - y; f = rᵀ r", wrt="w")
    assert derivation.matrix() == "∂f/∂𝐫 = 2 𝐫\n∂f/∂𝐰 = Xᵀ ∂f/∂𝐫"
