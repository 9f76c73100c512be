"""Stable forms: right where naive ones overflow, forward and backward, however the equations are cut up."""

from __future__ import annotations

import numpy as np
import pytest

import einsgrad as eg

BIG = np.array([[1000.0, 1001.0, 999.0], [-1000.0, -1003.0, -1001.0]])


def softmax(u):
    e = np.exp(u - u.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


SOFTMAX = [
    "p_ij = exp(u_ij) / (1_k exp(u_ik))",
    "e_ij = exp(u_ij); z_i = 1_j e_ij; p_ij = e_ij / z_i",
    "z_i = 1_j exp(u_ij); p_ij = exp(u_ij) / z_i",
    "p_ij = exp(u_ij) (1_k exp(u_ik))^-1",
]


@pytest.mark.parametrize("text", SOFTMAX)
def test_softmax(text):
    f = eg.compile(eg.parse(text))
    p = softmax(BIG)
    np.testing.assert_allclose(f(u=BIG), p, rtol=1e-12)
    _, pullback = f.vjp(u=BIG)
    g = np.arange(6.0).reshape(2, 3)
    expected = p * (g - (p * g).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(pullback(g)["u"], expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("text", ["l_i = log(1_j exp(u_ij))", "e_ij = exp(u_ij); z_i = 1_j e_ij; l_i = log(z_i)"])
def test_logsumexp(text):
    f = eg.compile(eg.parse(text))
    expected = BIG.max(axis=1) + np.log(np.exp(BIG - BIG.max(axis=1, keepdims=True)).sum(axis=1))
    np.testing.assert_allclose(f(u=BIG), expected, rtol=1e-14)
    _, pullback = f.vjp(u=BIG)
    np.testing.assert_allclose(pullback(np.ones(2))["u"], softmax(BIG), rtol=1e-12)


def test_weighted_logsumexp():
    f = eg.compile(eg.parse("l_i = log(w_j exp(u_ij))"))
    w = np.array([0.2, 0.5, 0.3])
    m = BIG.max(axis=1)
    np.testing.assert_allclose(f(u=BIG, w=w), m + np.log((w * np.exp(BIG - m[:, None])).sum(axis=1)), rtol=1e-14)
    _, pullback = f.vjp(u=BIG, w=w)
    weighted = w * np.exp(BIG - m[:, None])
    np.testing.assert_allclose(pullback(np.ones(2))["u"], weighted / weighted.sum(axis=1, keepdims=True), rtol=1e-12)


def test_cross_entropy_of_a_softmax_in_several_equations():
    text = "p_bc = exp(u_bc) / (1_k exp(u_bk)); l = -t_bc log(p_bc) / |b|"
    f = eg.compile(eg.parse(text), wrt="u")
    u, t = np.array([[0.0, 1000.0], [3.0, -2000.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    value, gradients = f.value_and_grad(u=u, t=t)
    assert value == pytest.approx((1000 + 2003) / 2)
    np.testing.assert_allclose(gradients["u"], (softmax(u) - t) / 2, atol=1e-12)


def test_a_row_of_minus_infinity_has_logsumexp_minus_infinity():
    f = eg.compile(eg.parse("l_i = log(1_j exp(u_ij))"))
    with np.errstate(divide="ignore"):
        assert f(u=np.array([[-np.inf, -np.inf], [0.0, -np.inf]])).tolist() == [-np.inf, 0.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("text", "at", "value", "slope"),
    [
        ("y_i = log(1 + exp(x_i))", [-800.0, 0.0, 800.0], [0.0, np.log(2), 800.0], [0.0, 0.5, 1.0]),
        ("y_i = log1p(exp(x_i))", [-800.0, 0.0, 800.0], [0.0, np.log(2), 800.0], [0.0, 0.5, 1.0]),
        ("y_i = 1 / (1 + exp(-x_i))", [-800.0, 0.0, 800.0], [0.0, 0.5, 1.0], [0.0, 0.25, 0.0]),
        ("y_i = exp(x_i) / (1 + exp(x_i))", [-800.0, 0.0, 800.0], [0.0, 0.5, 1.0], [0.0, 0.25, 0.0]),
        ("y_i = log(sigmoid(x_i))", [-800.0, 0.0, 800.0], [-800.0, -np.log(2), 0.0], [1.0, 0.5, 0.0]),
        ("p_i = sigmoid(x_i); y_i = log(1 - p_i)", [-800.0, 0.0, 800.0], [0.0, -np.log(2), -800.0], [0.0, -0.5, -1.0]),
        ("y_i = log(exp(x_i) + exp(-x_i))", [-800.0, 0.0, 800.0], [800.0, np.log(2), 800.0], [-1.0, 0.0, 1.0]),
        ("y_i = log(exp(x_i))", [-800.0, 0.0, 800.0], [-800.0, 0.0, 800.0], [1.0, 1.0, 1.0]),
        ("y_i = softplus(x_i)", [-800.0, 0.0, 800.0], [0.0, np.log(2), 800.0], [0.0, 0.5, 1.0]),
        ("y_i = sigmoid(x_i)", [-800.0, 0.0, 800.0], [0.0, 0.5, 1.0], [0.0, 0.25, 0.0]),
    ],
)
def test_logistic_forms(text, at, value, slope, dtype):
    f = eg.compile(eg.parse(text))
    x = np.array(at, dtype)
    got, pullback = f.vjp(x=x)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, value, rtol=1e-6, atol=1e-30)
    np.testing.assert_allclose(pullback(np.ones(3, dtype))["x"], slope, rtol=1e-6, atol=1e-30)


@pytest.mark.parametrize(
    ("exponent", "slopes"),
    [("2", [0.0, 2.0]), ("1", [1.0, 1.0]), ("0", [0.0, 0.0]), ("3", [0.0, 3.0]), ("0.5", [np.inf, 0.5])],
)
def test_the_slope_of_a_power_at_zero(exponent, slopes):
    x = np.array([0.0, 1.0])
    with np.errstate(divide="ignore"):
        _, pullback = eg.compile(eg.parse(f"y_i = x_i^{exponent}")).vjp(x=x)
        np.testing.assert_array_equal(pullback(np.ones(2))["x"], slopes)
        _, pullback = eg.compile(eg.parse("y_i = x_i^p"), wrt="x").vjp(x=x, p=float(exponent))
        np.testing.assert_array_equal(pullback(np.ones(2))["x"], slopes)


@pytest.mark.parametrize(
    ("text", "slopes"),
    [
        ("y_i = sqrt(x_i^4)", [0.0, 2.0]),
        ("y_i = sqrt(x_i^3)", [0.0, 1.5]),
        ("y_i = (x_i^4)^0.75", [0.0, 3.0]),
        ("y_i = sqrt(x_i^2)", [0.0, 1.0]),  # as abs(x_i)
        ("y_i = abs(x_i)^3", [0.0, 3.0]),
        ("y_i = x_i log(x_i)", [-np.inf, 1.0]),
        ("y_i = sqrt(x_i)", [np.inf, 0.5]),
    ],
)
def test_the_slope_of_a_root_at_zero_is_its_limit(text, slopes):
    with np.errstate(all="ignore"):
        _, pullback = eg.compile(eg.parse(text)).vjp(x=np.array([0.0, 1.0]))
        np.testing.assert_array_equal(pullback(np.ones(2))["x"], slopes)


@pytest.mark.parametrize("text", ["y_i = abs(x_i)^2", "y_i = abs(x_i) abs(x_i)", "y = abs(x_i) abs(x_i)"])
def test_a_squared_absolute_value_is_a_square_before_it_is_differentiated(text):
    assert str(eg.grad(eg.parse(text))).split(" = ")[1].removeprefix("2 ").strip() in ("∂l/∂y_i x_i", "x_i")
    assert "abs" not in str(eg.derive(eg.parse(text)).program)


def test_the_slope_of_a_power_by_its_exponent_at_base_zero():
    _, pullback = eg.compile(eg.parse("y_i = x_i^p_i")).vjp(x=np.array([0.0, 2.0]), p=np.array([2.0, 3.0]))
    np.testing.assert_allclose(pullback(np.ones(2))["p"], [0.0, 8 * np.log(2)])
