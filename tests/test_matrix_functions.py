"""Inverses and determinants: values, gradients and Hessians against jax, and what the texts nearest to them mean."""

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.ir.verifier import verify
from einsgrad.reference import evaluate
from einsgrad.render.latex import latex_program

jax = pytest.importorskip("jax")
jnp = jax.numpy
L = jnp.linalg
RNG = np.random.default_rng(0)
ARRAYS = {
    "A": RNG.normal(size=(3, 3)) + 3 * np.eye(3),
    "B": RNG.normal(size=(3, 3)),
    "C": RNG.normal(size=(3, 4)),
    "S": RNG.normal(size=(2, 3, 3)) + 4 * np.eye(3),
    "X": RNG.normal(size=(2, 3)),
    "x": RNG.normal(size=3),
    "λ": np.float64(0.7),
}
EYE = jnp.eye(3)

CASES = [
    ("E = x_i inv(A)_ij x_j", lambda A, x: x @ L.inv(A) @ x),
    ("E = x_i inv(A)_ji x_j + logdet(A)", lambda A, x: x @ L.inv(A).T @ x + L.slogdet(A)[1]),
    ("E = inv(A)_ii", lambda A: jnp.trace(L.inv(A))),
    ("E = det(A)^2 + inv(A)_ij B_ji", lambda A, B: L.det(A) ** 2 + jnp.trace(L.inv(A) @ B)),
    ("E = 1_n logdet_ij(S_nij + λ 1_n δ_ij)", lambda S, λ: L.slogdet(S + λ * EYE)[1].sum()),
    ("E = 1_n logdet_{ij}(S_nij + λ δ_ij)", lambda S, λ: L.slogdet(S + λ * EYE)[1].sum()),
    (
        "E = X_ni inv_ij(B_ij + S_nij + 2 δ_ij - A_ij) X_nj",
        lambda A, B, S, X: jnp.einsum("ni,nij,nj", X, L.inv(B + S + 2 * EYE - A), X),
    ),
    ("E = X_ni inv_ij(S_nij) X_nj", lambda S, X: jnp.einsum("ni,nij,nj", X, L.inv(S), X)),
    (
        "E = X_ni inv_ij(S_nij + S_nji)^2 X_nj",
        lambda S, X: jnp.einsum("ni,nij,nj", X, L.inv(S + S.transpose(0, 2, 1)) ** 2, X),
    ),
    (
        "E = x_i inv(A)_ij inv_jk(B_jk + 4 δ_jk) C_kl C_ml x_m",
        lambda A, B, C, x: x @ L.inv(A) @ L.inv(B + 4 * EYE) @ C @ C.T @ x,
    ),
    ("E = 1_i inv(A)_ij C_jk C_jk", lambda A, C: (L.inv(A) @ (C * C)).sum()),
    ("E = X_ni inv(A)_ij X_nj", lambda A, X: jnp.einsum("ni,ij,nj", X, L.inv(A), X)),
    ("E = 1_ij inv(A)_ij", lambda A: L.inv(A).sum()),
    ("E = inv(A)_ij A_ij", lambda A: (L.inv(A) * A).sum()),
    ("E = x_i x_i inv(A)_ii", lambda A, x: (x * x * jnp.diag(L.inv(A))).sum()),
    (
        "E = inv_ij(x_i x_j + δ_ij)_kk + det_ij(1_i x_j + δ_ij)",
        lambda x: jnp.trace(L.inv(jnp.outer(x, x) + EYE)) + L.det(jnp.outer(jnp.ones(3), x) + EYE),
    ),
    ("E = tanh(x_i inv(A)_ij x_j) / det(A)", lambda A, x: jnp.tanh(x @ L.inv(A) @ x) / L.det(A)),
    ("E = log(det(A)) + log(abs(det(B)))", lambda A, B: L.slogdet(A)[1] + L.slogdet(B)[1]),
]
TEXTS = [
    *(text for text, _ in CASES),
    "y_i = (A^-1)_ij b_j",
    "B_ij = inv_ij(inv(A)_ik C_kj)",
    "y_i = x_i det(A) logdet(Σ)".replace("Σ", "Sigma"),
    "t = inv_kl(A_kl + A_lk)_ii",
    "g_pq = ∂(logdet(A))/∂A_pq; H_pqrs = ∂g_pq/∂A_rs",
    "y_{a,b} = inv_{row,col}(S_{a,row,col} 1_b) 1_{row,col}",
    "y_ni = inv(W_in[])_ij x_nj",
    "y_ij = inv(A)_ik inv(A)_kj",
    "y_n = inv(k)_nm x_m + logdet(n) x_n",
]


@pytest.mark.parametrize(("text", "function"), CASES, ids=[text for text, _ in CASES])
def test_values_gradients_and_hessians_are_those_of_jax(text, function):
    with jax.enable_x64(True):
        program = eg.parse(text)
        arrays = {name: ARRAYS[name] for name in program.inputs}
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        value, gradients = jax.value_and_grad(function, range(len(names)))(*(arrays[name] for name in names))
        compiled = eg.compile(program)
        found, slopes = compiled.value_and_grad(**arrays)
        np.testing.assert_allclose(found, value, rtol=1e-10)
        np.testing.assert_allclose(evaluate(program, arrays)["E"], value, rtol=1e-10)
        for name, gradient in zip(names, gradients, strict=True):
            np.testing.assert_allclose(slopes[name], gradient, rtol=1e-9, atol=1e-10)
        second = jax.hessian(function)(*(arrays[name] for name in names))
        np.testing.assert_allclose(compiled.hessian(names[0], **arrays), second, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("text", TEXTS)
def test_programs_and_their_gradients_read_back(text):
    program = eg.parse(text)
    verify(program)
    assert eg.parse(str(program)) == program
    gradients = eg.grad(program)
    verify(gradients)
    assert eg.parse(str(gradients)) == gradients


def test_a_term_without_letters_of_the_batch_stands_for_each_matrix_of_it():
    assert str(eg.parse("Y_nij = inv_ij(S_nij - λ δ_ij)")) == "Y_nij = inv_ij(S_nij - 1_n λ δ_ij)\n"
    assert str(eg.parse("y_nm = logdet_ij(S_nij + T_mij)")) == "y_nm = logdet_ij(1_m S_nij + 1_n T_mij)\n"


def test_letters_of_a_determinants_derivative_are_not_those_of_other_equations():
    # No axis tells the size of k. A letter k of the determinant's own would say that it is that of i.
    function = eg.compile("y = det_ij(5 δ_ij + sin((1_k a) (δ_ij (1_k x)) b_i))", sizes={"k": 3})
    b = ARRAYS["C"][0, :2]

    def value(x):
        return L.det(5 * jnp.eye(2) + jnp.sin(jnp.diag(3 * 0.7 * x * b)))

    with jax.enable_x64(True):
        expected = jax.hessian(value)(0.4)
    np.testing.assert_allclose(function.hessian("x", a=0.7, b=b, x=0.4), expected, rtol=1e-9)


def test_an_inverse_of_a_tensor_is_derived_as_on_paper():
    steps = eg.derive("Y_ij = inv(A)_ij", wrt="A").text()
    assert "∂Y_ij/∂A_pq = ∂(inv(A)_ij)/∂A_pq" in steps or "∂inv(A)_ij/∂A_pq" in steps
    assert "-inv(A)_ip inv(A)_qj    [∂inv(A)_ij/∂A_pq = -inv(A)_ip inv(A)_qj]" in steps


def test_determinants_are_derived_by_jacobis_formula():
    assert str(eg.grad("d = logdet(A)")) == "∂d/∂A_ij = inv(A)_ji\n"
    assert str(eg.grad("d = det(A)")) == "∂d/∂A_ij = det(A) inv(A)_ji\n"


@pytest.mark.parametrize(
    ("text", "solves", "inverts"),
    [
        ("E = x_i inv(A)_ij x_j", 2, 0),
        ("Y_ik = inv(A)_ij B_jk", 2, 0),
        ("y_i = 1_j inv(A)_ij", 2, 0),
        ("Y_ij = inv(A)_ij", 0, 1),
        ("y_i = inv(A)_ii", 0, 1),
    ],
)
def test_an_inverse_against_a_vector_or_matrix_is_a_solve(text, solves, inverts):
    forward = eg.compile(text).source.split("def _forward")[1].split("\ndef ")[0]
    assert ("_solve(" in forward) == bool(solves)
    assert ("_inverse(" in forward) == bool(inverts)


@pytest.mark.parametrize(
    ("text", "name", "notes"),
    [("y_i = inv(A)_ij x_j", "A", ()), ("Y_ij = inv_ij(A_ij + A_ji)", "u1", ("u1_ij = A_ij + A_ji",))],
)
def test_a_singular_matrix_is_an_error_that_names_it(text, name, notes):
    f = eg.compile(text)
    arrays = {"A": np.ones((3, 3)), "x": np.ones(3)}
    with pytest.raises(eg.EinsgradError) as caught:
        f(**{k: arrays[k] for k in f.inputs})
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.message) == ("singular-matrix", f"`{name}` is singular: it has no inverse")
    assert problem.notes == notes


def test_a_singular_matrix_met_by_a_pullback_is_an_error_too():
    _, pullback = eg.compile("y_n = x_n det(A)").vjp(A=np.ones((3, 3)), x=np.ones(2))
    with pytest.raises(eg.EinsgradError, match="`A` is singular"):
        pullback(np.ones(2))


def test_float32_stays_and_a_matrix_is_square():
    f = eg.compile("y_i = inv(A)_ij x_j")
    assert f(A=np.eye(3, dtype=np.float32), x=np.ones(3, np.float32)).dtype == np.float32
    with pytest.raises(eg.EinsgradError, match="size"):
        f(A=np.ones((3, 4)), x=np.ones(4))


CLAIMS = [
    ("inv(A)_ij x_j == x_k inv(A)_ik", "proved"),
    ("inv_ij(A_ji) == inv(A)_ji", "proved"),
    ("det_ij(A_ji) == det(A)", "proved"),
    ("inv_ij(x_ni x_nj + δ_ij) == inv_ji(x_ni x_nj + δ_ij)", "proved"),
    ("inv_ij(inv(A)_ij) == A_ij", "proved"),
    ("inv_ij(inv(A)_ji) == A_ji", "proved"),
    ("inv_ij(inv_ij(S_nij + S_nji)) == S_nij + S_nji", "proved"),
    ("inv_ij(inv(A)_ij) == A_ji", "refuted"),
    ("inv_ij(2 inv(A)_ij) == 2 A_ij", "refuted"),
    ("inv_nj(inv_ij(S_nij + S_nji)) == S_nij + S_nji", "refuted"),
    ("logdet_ij(A_ij + B_ij) == logdet_kl(B_kl + A_kl)", "proved"),
    ("∂(logdet(A))/∂A_pq == inv(A)_qp", "proved"),
    ("∂inv(A)_ij/∂A_pq == -inv(A)_ip inv(A)_qj", "proved"),
    ("∂(inv(A)_ij)/∂A_pq == -inv(A)_ip inv(A)_jq", "refuted"),
    ("inv(A)_ij == inv(A)_ji", "refuted"),
    ("∂(logdet(A))/∂A_pq == inv(A)_pq", "refuted"),
    ("inv(A)_ii == inv_ij(A_ij δ_ij)_kk", "refuted"),
    ("inv_ij(S_nij + S_nji) == inv_nj(S_nij + S_nji)", "refuted"),
    ("det_ij(A_ij + B_ij) == det(A) + det(B)", "refuted"),
    ("inv(A)_ij inv(B)_jk == inv_ik(A_ij B_jk)", "refuted"),
    # Inverses against their matrices, on either side, transposed, traced and in batches.
    ("inv(A)_ij A_jk == δ_ik", "proved"),
    ("A_ij inv(A)_jk x_k == x_i", "proved"),
    ("inv(A)_ji A_ik == δ_jk", "proved"),
    ("inv(A)_ij A_ji == |i|", "proved"),
    ("inv_ij(2 A_ij) A_jk == 1/2 δ_ik", "proved"),
    ("inv_ij(S_nij) S_njk == 1_n δ_ik (no sum n)", "proved"),
    ("inv(A)_ij A_jk inv(A)_kl == inv(A)_il", "proved"),
    ("inv_ij(S_ij + λ δ_ij) S_jk == δ_ik - λ inv_ik(S_ik + λ δ_ik)", "proved"),
    ("S_ij inv_jk(S_jk + δ_jk) == inv_ij(S_ij + δ_ij) S_jk", "proved"),
    ("inv(A)_ij A_kj == δ_ik", "refuted"),
    ("inv(A)_ij B_jk == δ_ik", "refuted"),
    ("inv(A)_ij A_ij == |i|", "refuted"),
    ("inv_ij(S_ij + λ δ_ij) S_jk == δ_ik", "refuted"),
    ("inv_ij(S_ij + T_ij) S_jk == δ_ik - inv_ij(S_ij + T_ij) T_kj", "refuted"),
    ("inv_ij(S_nij) S_mjk == 1_n 1_m δ_ik", "refuted"),
    ("sum_j inv(A)_ij A_jk x_j == 1_k x_i", "refuted"),
    # Products and inverses inside.
    ("inv_ij(A_ik B_kj) == inv(B)_ik inv(A)_kj", "proved"),
    ("inv_ij(A_ik B_kl inv(A)_lj) == A_ik inv(B)_kl inv(A)_lj", "proved"),
    ("det_ij(A_ik B_kj) == det(A) det(B)", "proved"),
    ("det_ij(A_ik A_jk) == det(A)^2", "proved"),
    ("det_ij(inv(A)_ik B_kl A_lj) == det(B)", "proved"),
    ("det_ij(S_nik T_nkj) == det_ij(S_nij) det_ij(T_nij) (no sum n)", "proved"),
    ("logdet_ij(A_ik B_kl C_lj) == logdet(C) + logdet(B) + logdet(A)", "proved"),
    ("logdet_ij(inv(A)_ij) == -logdet(A)", "proved"),
    ("inv_ij(A_ik B_kj) == inv(A)_ik inv(B)_kj", "refuted"),
    ("det_ij(inv(A)_ij) == det(A)", "refuted"),
    ("det_ij(2 A_ij) == 2 det(A)", "refuted"),
    ("det_ij(A_ik B_jk x_k) == det(A) det(B)", "refuted"),
    ("det_ij(S_nik T_nkj) == det_ij(S_nij) det_ij(T_nij)", "refuted"),
    ("logdet_ij(X_ni X_nj) == 2 logdet_ij(X_ni A_nj)", "refuted"),
]


@pytest.mark.parametrize(("text", "verdict"), CLAIMS, ids=[text for text, _ in CLAIMS])
def test_claims(text, verdict):
    (claim,) = eg.check(text).claims
    assert claim.verdict == verdict


NEAREST = [
    ("y_ij = a^-1_ij", "inverse"),
    ("y_ij = inv(A_ij)", "matrix-letters"),
    ("y = inv(A)", "matrix-letters"),
    ("y_i = inv(A)_i", "matrix-letters"),
    ("y_ij = inv_ij(A)", "matrix-letters"),
    ("y_ij = inv_ii(A_ij)", "matrix-letters"),
    ("y_ij = inv(A + B)_ij", "matrix-letters"),
    ("d = det(A_ij)", "matrix-letters"),
    ("d = logdet(A)_ij", "matrix-letters"),
    ("d = det_ij(x_i)", "free-missing"),
    ("d = det(A, B)", "arity"),
    ("y_ij = inv(A)_ij + A_i", "order"),
    ("y_n = logdet_ij(S_nij + u_i)", "free-missing"),
    ("y_ni = logdet_ij(S_nij + δ_ij)", "free-missing"),
]


@pytest.mark.parametrize(("text", "code"), NEAREST, ids=[text for text, _ in NEAREST])
def test_the_nearest_texts_that_mean_something_else_are_errors(text, code):
    with pytest.raises(eg.EinsgradError) as caught:
        eg.parse(text)
    assert caught.value.diagnostics[0].code == code


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"y_i = (A^{-1})_{ij} b_j", "y_i = inv(A)_ij b_j"),
        (r"y_i = \Sigma^{-1}_{ij} b_j", "y_i = inv(Sigma)_ij b_j"),
        (r"y_i = (A^{-\top})_{ij} b_j", "y_i = inv(A)_ji b_j"),
        (r"d = \det A", "d = det(A)"),
        (r"d = \log\det\Sigma", "d = logdet(Sigma)"),
        (r"d = \log \lvert \Sigma \rvert + \Sigma_{ii}", "d = logdet(Sigma) + Sigma_ii"),
        (r"d_n = \log \det_{ij}(S_{nij})", "d_n = logdet_ij(S_nij)"),
        (r"y_{ni} = \operatorname{inv}_{ij}(S_{nij}) x_{nj}", "y_ni = inv_ij(S_nij) x_nj"),
    ],
)
def test_latex(latex, plain):
    program = eg.parse(latex, dialect="latex")
    assert program == eg.parse(plain)
    assert eg.parse(latex_program(program), dialect="latex") == program
