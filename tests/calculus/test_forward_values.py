"""Gradients name forward values: where they do, where they don't, and that nothing changes but the names."""

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.reference import evaluate


def last_line(text, wrt=None):
    return str(eg.grad(text, wrt=wrt)).splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y_bc = exp(x_bc) / (1_k exp(x_bk))", "∂l/∂x_bc = y_bc (∂l/∂y_bc - 1_c ∂l/∂y_bc' y_bc')"),
        ("y_i = tanh(x_i)", "∂l/∂x_i = ∂l/∂y_i (1 - y_i^2)"),
        ("y_i = sigmoid(x_i)", "∂l/∂x_i = ∂l/∂y_i y_i (1 - y_i)"),
        ("y_i = x_i / sqrt(x_j x_j)", "∂l/∂x_i = (∂l/∂y_i - ∂l/∂y_i' y_i' y_i) / sqrt(x_j' x_j')"),
        ("y_i = sqrt(x_i)", "∂l/∂x_i = 1/2 ∂l/∂y_i/y_i"),
        ("y_i = x_ij w_j / s", "∂l/∂s = -∂l/∂y_i y_i/s"),
        # Not shorter, or nothing that is there.
        ("y_i = x_i^3", "∂l/∂x_i = 3 ∂l/∂y_i x_i^2"),
        ("y_i = a_i b_i x_i", "∂l/∂x_i = ∂l/∂y_i a_i b_i"),
        # Beside that of the scalar, the equation of its gradient would be a claim.
        ("l = sqrt(x_i x_i)", "∂l/∂x_i = x_i / sqrt(x_i' x_i')"),
    ],
)
def test_a_gradient_is_shorter_for_a_forward_value(text, expected):
    assert last_line(text, wrt=expected[expected.index("/∂") + 2]) == expected


def test_the_normalised_tensor_of_layer_norm():
    text = "v_b = 1/|h| 1_h x_bh^2; n_bh = x_bh / sqrt(v_b + c); y_bh = n_bh g_h"
    assert "∂l/∂v_b = -1/2 ∂l/∂n_bh n_bh / (v_b + c)" in str(eg.grad(text)).splitlines()


def test_the_steps_say_so():
    step = eg.derive("y_i = tanh(x_i)").steps[-1]
    assert step.rule == "forward value y"


def test_a_multiple_of_a_function_keeps_its_tail():
    x = np.array([-40.0, 40.0])
    _, pullback = eg.compile("y_i = 1 - 2 sigmoid(x_i)").vjp(x=x)
    np.testing.assert_allclose(pullback(np.ones(2))["x"], -2 * np.exp(-40.0), rtol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "y_bc = exp(x_bc) / (1_k exp(x_bk))",
        "p_bd = exp(s_bj) v_jd / (1_k exp(s_bk))",
        "n = sqrt(x_i x_i); y_i = x_i / n",
        "r_i = sigmoid(x_i); y_i = r_i tanh(z_i) + exp(-x_i) / 3",
        "y_ij = a_i x_ij b_j / (1_k x_ik^2)",
    ],
)
def test_values_are_those_of_the_compiled_function(text):
    gradient = eg.grad(text)
    assert str(eg.parse(str(gradient))) == str(gradient)
    random = np.random.default_rng(0)
    program, sizes = eg.parse(text), {"b": 2, "c": 3, "k": 3, "d": 2, "j": 3, "i": 3}
    arrays = {x: random.uniform(0.5, 1.5, [sizes[i] for i in program.indices(x)]) for x in program.inputs}
    value, pullback = eg.compile(program).vjp(**arrays)
    upstream = random.uniform(-1, 1, value.shape)
    derived = evaluate(gradient, {**arrays, f"∂l/∂{program.outputs[0]}": upstream})
    for x, expected in pullback(upstream).items():
        np.testing.assert_allclose(derived[f"∂l/∂{x}"], expected, rtol=1e-12)
