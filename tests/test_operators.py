"""Operators that bind letters: read, printed, evaluated, differentiated and proved; ties, zeros, nothing."""

from __future__ import annotations

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.ir.reductions import OPERATORS
from einsgrad.reference import evaluate
from einsgrad.render.latex import latex_program

RNG = np.random.default_rng(7)
TARGETS = pytest.mark.parametrize("target", ["numpy", "native"])

PROGRAMS = {
    "max": "y_i = max_j(x_ij w_j)",
    "min": "y_i = min_jk(x_ij w_k) + min_j x_ij",
    "prod": "y_i = prod_j(x_ij + w_j 1_i)",
    "mean": "y_i = mean_j(x_ij^2) w_i",
    "logsumexp": "y_i = logsumexp_j(x_ij) * logsumexp_j(w_j)",
    "norm": "y_i = norm_j(x_ij - 1_i w_j)",
    "softmax": "y_ij = softmax_j(x_ij w_i)",
    "cumsum": "y_ij = cumsum_j(x_ij w_j)",
}
"""One program an operator, in two square inputs."""

MEANT = {
    "max": lambda x, w: (x * w).max(axis=1),
    "min": lambda x, w: np.min(x[:, :, None] * w, axis=(1, 2)) + x.min(axis=1),
    "prod": lambda x, w: (x + w).prod(axis=1),
    "mean": lambda x, w: (x**2).mean(axis=1) * w,
    "logsumexp": lambda x, w: np.log(np.exp(x).sum(axis=1)) * np.log(np.exp(w).sum()),
    "norm": lambda x, w: np.linalg.norm(x - w, axis=1),
    "softmax": lambda x, w: np.exp(x * w[:, None]) / np.exp(x * w[:, None]).sum(axis=1, keepdims=True),
    "cumsum": lambda x, w: np.cumsum(x * w, axis=1),
}


def square() -> tuple[np.ndarray, np.ndarray]:
    return RNG.normal(size=(3, 3)), RNG.normal(size=3)


def test_each_operator_has_a_program() -> None:
    assert PROGRAMS.keys() == OPERATORS == MEANT.keys()


@pytest.mark.parametrize("name", PROGRAMS)
def test_text_reads_back(name: str) -> None:
    program = eg.parse(PROGRAMS[name])
    assert eg.parse(str(program)) == program
    derived = eg.derive(program, wrt=["x", "w"]).program
    assert eg.parse(str(derived)) == derived


@TARGETS
@pytest.mark.parametrize("name", PROGRAMS)
def test_value(name: str, target: str) -> None:
    x, w = square()
    expected = MEANT[name](x, w)
    np.testing.assert_allclose(evaluate(eg.parse(PROGRAMS[name]), {"x": x, "w": w})["y"], expected)
    np.testing.assert_allclose(eg.compile(PROGRAMS[name], target=target)(x=x, w=w), expected)


@TARGETS
@pytest.mark.parametrize("name", PROGRAMS)
def test_gradient(name: str, target: str) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    x, w = square()
    y, pullback = eg.compile(PROGRAMS[name], wrt=["x", "w"], target=target).vjp(x=x, w=w)
    g = RNG.normal(size=y.shape)
    found = pullback(g)
    like = {
        "max": lambda x, w: (x * w).max(axis=1),
        "min": lambda x, w: jnp.min(x[:, :, None] * w, axis=(1, 2)) + x.min(axis=1),
        "prod": lambda x, w: (x + w).prod(axis=1),
        "mean": lambda x, w: (x**2).mean(axis=1) * w,
        "logsumexp": lambda x, w: jax.nn.logsumexp(x, axis=1) * jax.nn.logsumexp(w),
        "norm": lambda x, w: jnp.linalg.norm(x - w, axis=1),
        "softmax": lambda x, w: jax.nn.softmax(x * w[:, None], axis=1),
        "cumsum": lambda x, w: jnp.cumsum(x * w, axis=1),
    }[name]
    expected = jax.vjp(like, x, w)[1](jnp.asarray(g))
    for tensor, value in zip("xw", expected, strict=True):
        np.testing.assert_allclose(found[tensor], value, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["max", "min", "prod", "norm"])
def test_hessian(name: str) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    like = {"max": jnp.max, "min": jnp.min, "prod": jnp.prod, "norm": jnp.linalg.norm}[name]
    x = RNG.normal(size=4)
    text = f"z = {name}_j(x_j^2 + 2 x_j); g_p = ∂z/∂x_p; h_pq = ∂g_p/∂x_q"
    np.testing.assert_allclose(
        eg.compile(text, of="h")(x=x), jax.hessian(lambda x: like(x**2 + 2 * x))(x), rtol=1e-9, atol=1e-12
    )


@TARGETS
def test_equal_largest_share_the_gradient(target: str) -> None:
    x = np.array([[2.0, 5.0, 5.0], [1.0, 1.0, 1.0], [-np.inf, 0.0, -1.0]])
    _, gradients = eg.compile("y = 1_i max_j(x_ij)", target=target).value_and_grad(x=x)
    np.testing.assert_allclose(gradients["x"], [[0, 0.5, 0.5], [1 / 3] * 3, [0, 1, 0]])
    _, gradients = eg.compile("y = 1_i min_j(x_ij)", target=target).value_and_grad(x=-x)
    np.testing.assert_allclose(gradients["x"], [[0, 0.5, 0.5], [1 / 3] * 3, [0, 1, 0]])


@TARGETS
def test_a_product_with_zeros_has_its_gradient(target: str) -> None:
    x = np.array([[2.0, 3.0, 5.0], [0.0, 3.0, 5.0], [0.0, 0.0, 5.0]])
    _, gradients = eg.compile("y = 1_i prod_j(x_ij)", target=target).value_and_grad(x=x)
    np.testing.assert_array_equal(gradients["x"], [[15, 10, 6], [15, 0, 0], [0, 0, 0]])


@TARGETS
def test_a_norm_at_zero_has_gradient_zero(target: str) -> None:
    x = np.array([[0.0, 0.0], [3.0, 4.0]])
    value, gradients = eg.compile("y = 1_i norm_j(x_ij)", target=target).value_and_grad(x=x)
    assert value == 5
    np.testing.assert_allclose(gradients["x"], [[0, 0], [0.6, 0.8]])


@TARGETS
def test_of_nothing(target: str) -> None:
    f = eg.compile("a_i = max_j(x_ij); b_i = min_j(x_ij); c_i = prod_j(x_ij); d_i = norm_j(x_ij)", target=target)
    for value, expected in zip(f(x=np.ones((2, 0))), [-np.inf, np.inf, 1, 0], strict=True):
        np.testing.assert_array_equal(value, [expected] * 2)


@TARGETS
def test_infinities_stay(target: str) -> None:
    f = eg.compile("a = max_j(x_j); b = min_j(z_j)", target=target)
    assert f(x=np.full(20, -np.inf), z=np.full(20, np.inf)) == (-np.inf, np.inf)


@TARGETS
def test_long_rows(target: str) -> None:
    x = RNG.normal(size=(50, 700))
    f = eg.compile("a_i = max_j(x_ij); b = min_ij(x_ij); c_i = prod_j(1 + 0.01 x_ij)", target=target)
    a, b, c = f(x=x)
    np.testing.assert_array_equal(a, x.max(axis=1))
    assert b == x.min()
    np.testing.assert_allclose(c, (1 + 0.01 * x).prod(axis=1))


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("max_j(x_j) == max_k(x_k)", "proved"),
        ("max_j(x_j + w_j) == max_j(w_j + x_j)", "proved"),
        ("norm_j(x_j)^2 == x_j x_j", "proved"),
        ("norm_j(2 x_j) == 2 norm_j(x_j)", "proved"),
        ("logsumexp_j(x_j) == log(1_j exp(x_j))", "proved"),
        ("1_j softmax_j(x_j) == 1", "proved"),
        ("mean_j(x_j) |j| == 1_j x_j", "proved"),
        ("max_j(x_j) == min_j(x_j)", "refuted"),
        ("max_j(x_j w_j) == max_j(x_j) max_k(w_k)", "refuted"),
        ("prod_j(x_j + w_j) == prod_j(x_j) + prod_k(w_k)", "refuted"),
        ("max_j(x_j) == max_j(w_j)", "refuted"),
        ("norm_j(x_j + w_j) == norm_j(x_j) + norm_k(w_k)", "refuted"),
        ("cumsum_j(x_j) == x_j", "refuted"),
        ("max_j(-x_j) == -min_j(x_j)", "not proved"),
    ],
)
def test_claims(claim: str, verdict: str) -> None:
    (found,) = eg.check(f"y = x_j w_j; {claim}").claims
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("y = max_j(x_j)^2", "y = max_j(x_j^2)"),
        ("y = max_j(x_j)", "y = min_j(x_j)"),
        ("y_i = max_j(x_ij)", "y_i = max_j(x_ji)"),
        ("y_i = max_j(x_ij) w_i", "y_i = max_j(x_ij w_i)"),
        ("y = max_j(x_j + 1)", "y = max_j(x_j) + 2"),
        ("y = max_ij(x_ij)", "y = max_i(1_j x_ij)"),
        ("y = max_j(x_j) + z", "y = max_j x_j - z"),
        ("y_ij = softmax_j(x_ij)", "y_ij = softmax_i(x_ij)"),
        ("y_ij = softmax_ij(x_ij)", "y_ij = softmax_i(x_ij)"),
        ("y_i = mean_j(x_ij)", "mean_j = z_j; y_i = mean_j (x_ij)"),
    ],
)
def test_near_texts_differ(one: str, other: str) -> None:
    assert str(eg.parse(one)) != str(eg.parse(other))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("y_i = max(x_ij)", "unknown-function"),
        ("y = max_j(x_i)", "sum-unused"),
        ("y_i = max_i(x_i)", "sum-taken"),
        ("y = max_jj(x_jj)", "sum-taken"),
        ("y = max_j x_j z_j", "operator-factors"),
        ("y = mean_j x_j", "operator-name"),
        ("y = norm_j x_j", "operator-name"),
        ("y = max_j", "reserved-name"),
        ("max_j = x_j", "reserved-name"),
        ("y = max^2_j(x_j)", "power-index"),
        ("y = max_j(x_j, z_j)", "arity"),
        ("y_i = softmax_j(x_ij)", "dummy-once"),
        ("y = softmax(x)_i", "unknown-function"),
        ("y_ij = cumsum_j(x_i)", "sum-unused"),
    ],
)
def test_near_texts_are_errors(text: str, code: str) -> None:
    with pytest.raises(eg.LanguageError) as error:
        eg.parse(text)
    assert code in [d.code for d in error.value.diagnostics]


@pytest.mark.parametrize("text", ["y = cumsum_j(x_i)", "y_j = softmax_j(x_i)", "y = softmax_ij(x_i)"])
def test_an_operator_that_keeps_letters_needs_them_in_what_it_takes(text: str) -> None:
    with pytest.raises(eg.LanguageError) as error:
        eg.parse(text)
    (found,) = [d for d in error.value.diagnostics if d.code == "sum-unused"]
    assert found.span is not None
    assert text[found.span.start : found.span.end] == text[text.index("_") + 1 : text.index("(")][-1]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"y_i = \max_j x_{ij}", "y_i = max_j(x_ij)"),
        (r"y_i = \min_{jk} (x_{ij} w_k)", "y_i = min_jk(x_ij w_k)"),
        (r"y = \prod_{j} (x_j + 1)^2", "y = prod_j(x_j + 1)^2"),
        (r"y_{ij} = \operatorname{softmax}_j(x_{ij})", "y_ij = softmax_j(x_ij)"),
        (r"y_i = \operatorname{logsumexp}_{j} \left( x_{ij} \right)", "y_i = logsumexp_j(x_ij)"),
        (r"y = \left( \max_i x_i \right)^2", "y = max_i(x_i)^2"),
    ],
)
def test_latex(text: str, plain: str) -> None:
    assert eg.parse(text, dialect="latex") == eg.parse(plain)


@pytest.mark.parametrize(("name", "command"), [("max", r"\max"), ("prod", r"\prod"), ("norm", r"\operatorname{norm}")])
def test_latex_reads_back(name: str, command: str) -> None:
    program = eg.parse(f"y_i = {name}_j(x_ij + 1)")
    text = latex_program(program)
    assert command + "_{j}" in text
    assert eg.parse(text, dialect="latex") == program


def test_the_rule_has_its_name() -> None:
    assert "product of the others" in eg.derive("y = prod_j(x_j)", wrt="x").text()


def test_squares_have_no_bars() -> None:
    assert str(eg.parse("y = abs(x)^2; z = norm_i(w_i)^2")) == "y = x^2\nz = sum_i w_i^2\n"


@TARGETS
@pytest.mark.parametrize("text", ["y = max_j(c_j c_j a)", "y_i = min_j(d_ij / ((b_i c_j)^2 + 0.7))"])
def test_what_is_compared_with_the_maximum_is_computed_once(text: str, target: str) -> None:
    program = eg.parse(text)
    arrays = {name: RNG.normal(size=(40,) * len(program.indices(name))) for name in program.inputs}
    y, pullback = eg.compile(program, target=target).vjp(**arrays)
    gradients = pullback(np.ones_like(y))
    linear = "a" if "a" in gradients else "d"
    assert np.sum(gradients[linear] * arrays[linear]) == pytest.approx(np.sum(y))
