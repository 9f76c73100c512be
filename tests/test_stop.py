"""What ``stop`` gives counts as a constant in derivatives of every order, and as its argument everywhere else."""

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.diagnostics import EinsgradError

X = np.array([0.3, -1.2, 2.0])


@pytest.mark.parametrize(
    ("text", "gradient"),
    [
        ("E = x_i stop(x_i)", X),
        ("E = 1_i stop(x_i^2)", 0 * X),
        ("E = 1_i (x_i - stop(x_i))^2", 0 * X),
        ("E = 1_i x_i^2 stop(x_j x_j)", 2 * X * (X @ X)),
        ("s_i = stop(exp(x_i)); E = s_i x_i", np.exp(X)),
        ("E = 1_i (x_i + stop(round(x_i) - x_i))", np.ones(3)),
        ("E = 1_i exp(x_i - stop(x_i))", np.ones(3)),
    ],
)
def test_gradient_takes_it_for_a_constant(text, gradient):
    f = eg.compile(text)
    value, gradients = f.value_and_grad(x=X)
    np.testing.assert_allclose(value, eg.compile(text.replace("stop", ""))(x=X), rtol=1e-14)
    np.testing.assert_allclose(gradients["x"], gradient, rtol=1e-14)


def test_hessian_takes_it_for_a_constant():
    np.testing.assert_allclose(eg.compile("E = x_i^3 stop(x_i)").hessian("x", x=X), np.diag(6 * X * X), rtol=1e-14)


def test_result_is_no_view_of_the_input():
    x = X.copy()
    y = eg.compile("y_i = stop(x_i)")(x=x)
    x[0] = 7
    assert y.tolist() == X.tolist()


def test_differences_are_not_asked():
    report = eg.check("E = x_i stop(x_i)")
    assert report.ok
    assert [(g.outcome, g.note) for g in report.gradients] == [
        ("unchecked", "gradients hold what `stop` gives constant, and differences don't")
    ]
    source = eg.compile("E = x_i stop(x_i)").source
    assert "differences can't check them" in source
    assert "_self_test" not in source
    assert source.endswith('print("no test: the gradients hold what stop() gives constant")\n')


def test_claims():
    right = eg.check("stop(a) == a; ∂(a stop(a))/∂a == a; ∂stop(a)/∂a == 0; ∂(a^2 stop(a))/∂a == 2 a^2")
    assert [claim.verdict for claim in right.claims] == ["proved"] * 4
    wrong = eg.check("stop(a) == 0; ∂(a stop(a))/∂a == 2 a; ∂stop(a)/∂a == 1; ∂(a^2 stop(a))/∂a == 3 a^2")
    assert [claim.verdict for claim in wrong.claims] == ["refuted"] * 4


def test_derivation_says_that_it_is_constant():
    assert str(eg.grad("E = x_i stop(x_i)", wrt="x")) == "∂E/∂x_i = stop(x_i)\n"


@pytest.mark.parametrize("name", ["detach", "stop_gradient"])
def test_other_names(name):
    with pytest.raises(EinsgradError) as error:
        eg.parse(f"y_i = {name}(x_i)")
    (found,) = error.value.diagnostics
    assert (found.code, found.fix) == ("unknown-function", "y_i = stop(x_i)")
