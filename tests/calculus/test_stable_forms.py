"""Every form that the compiler stabilises, in all the ways to write it, against hundreds of digits."""

from __future__ import annotations

import itertools

import exact
import numpy as np
import pytest

import einsgrad as eg
from einsgrad.calculus.joint import make_joint
from einsgrad.calculus.passes import FOR_RUNNING, run_passes
from einsgrad.ir.verifier import verify

# In both tails, up to where exponentials of a double overflow and beyond, and around zero.
POINTS = [-1000.0, -700.0, -40.0, -3.0, 0.25, 2.0, 40.0, 90.0, 1000.0]
# Around zero a slope may be a difference that cancels; in the tails nothing is forgiven.
ROUNDING = np.where(np.abs(POINTS) < 20, 1e-15, 0.0)
BESIDE = np.array([0.3, 1.7, 0.9, 0.3, 1.7, 0.9, 0.3, 1.7, 0.9])


def judge(text, points, rtol=1e-12, atol=0.0, dtype=np.float64):
    program = eg.parse(text)
    x = np.array(points, dtype)
    arrays = {
        n: x if n == "x" else np.asarray(BESIDE[: len(x)] if program.indices(n) else 0.7, dtype) for n in program.inputs
    }
    value, gradients = exact.evaluate(program, arrays)
    f = eg.compile(program)
    y, pullback = f.vjp(**arrays)
    assert y.dtype == dtype
    found = {"y": y, **pullback(np.ones(y.shape, dtype))}
    for name, expected in {"y": value, **gradients}.items():
        off = np.abs(found[name] - expected) > rtol * np.abs(expected) + (atol if expected.shape else 1e-15)
        assert not np.any(off | np.isnan(found[name])), f"{text}: {name} is {found[name]}, not {expected}"


def every_way(text: str) -> list[str]:
    """The ways to write a form: ``1`` as a one-tensor, terms in either order, with ``EXP`` named or scaled."""
    found = []
    for one, swap, named in itertools.product(("1", "1_i"), (False, True), (False, True)):
        way = text.replace("ONE", one)
        left, right = ("B", "A") if swap else ("A", "B")
        while "[" in way:
            before, _, rest = way.partition("[")
            inside, _, after = rest.partition("]")
            terms = dict(zip("AB", inside.split(" + "), strict=True))
            way = f"{before}({terms[left]} + {terms[right]}){after}"
        if named:
            if "exp(x_i)" not in way:
                continue
            way = "e_i = exp(x_i); " + way.replace("exp(x_i)", "e_i")
        found.append(way)
    return list(dict.fromkeys(found))


# The number one is ONE, and [ + ] are terms in either order.
FORMS = [
    # softplus
    "y_i = log([ONE + exp(x_i)])",
    "y_i = log([ONE + exp(-x_i)])",
    "y_i = -log([ONE + exp(x_i)])",
    "y_i = z_i log([ONE + exp(x_i)]) + 2 z_i",
    "y_i = log([2 + 3 exp(x_i)])",
    "y_i = log([exp(x_i) + 1_i exp(s)])",
    "y_i = log([exp(x_i) + exp(-x_i)])",
    "y_i = log([exp(x_i) + exp(z_i)]^3)",
    "y_i = log(z_i / [ONE + exp(x_i)])",
    "y_i = log(sqrt[ONE + exp(x_i)])",
    "y_i = log1p(exp(x_i))",
    "y_i = log(cosh(x_i))",
    # weights, and more terms
    "y_i = log([ONE + z_i exp(x_i)])",
    "y_i = log1p(z_i exp(x_i))",
    "y_i = log([z_i + exp(x_i)])",
    "y_i = log([ONE + exp(x_i)] + exp(x_i/2))",
    # sigmoid
    "y_i = ONE / [ONE + exp(-x_i)]",
    "y_i = ONE / [ONE + exp(x_i)]",
    "y_i = exp(x_i) / [ONE + exp(x_i)]",
    "y_i = z_i exp(x_i) / [ONE + exp(x_i)]",
    "y_i = ONE / [ONE + exp(x_i)]^2",
    "y_i = exp(x_i) / [ONE + exp(x_i)]^2",
    "y_i = exp(-x_i) / [ONE + exp(-x_i)]^2",
    "y_i = exp(x_i) / [exp(x_i) + exp(z_i)]",
    "y_i = exp(z_i) / [exp(x_i) + exp(z_i)]",
    "y_i = ONE / [ONE + exp(-(x_i - z_i))]",
    "y_i = x_i / [ONE + exp(-x_i)]",
    "y_i = ONE - sigmoid(x_i)",
    "y_i = z_i - z_i sigmoid(x_i)",
    "p_i = sigmoid(x_i); y_i = ONE - p_i",
    "p_i = sigmoid(x_i); y_i = p_i (ONE - p_i)",
    "p_i = ONE / [ONE + exp(-x_i)]; y_i = p_i (ONE - p_i)",
    # logarithms of them
    "y_i = log(sigmoid(x_i))",
    "y_i = log(ONE - sigmoid(x_i))",
    "y_i = log1p(-sigmoid(x_i))",
    "p_i = ONE / [ONE + exp(-x_i)]; y_i = log(p_i)",
    "p_i = ONE / [ONE + exp(-x_i)]; y_i = log(ONE - p_i)",
    "p_i = ONE / [ONE + exp(-x_i)]; y_i = (ONE - p_i)^2 log(p_i)",
    # tanh
    "y_i = (exp(x_i) - exp(-x_i)) / [exp(x_i) + exp(-x_i)]",
    "y_i = (ONE - exp(-2 x_i)) / [ONE + exp(-2 x_i)]",
    "y_i = 2 / [ONE + exp(-2 x_i)] - ONE",
    "y_i = ONE - 2 sigmoid(x_i)",
    "y_i = sinh(x_i) / cosh(x_i)",
    "y_i = ONE - tanh(x_i)^2",
    # the error function
    "y_i = ONE - erf(x_i)",
    "y_i = z_i - z_i erf(x_i)",
    "e_i = erf(x_i); y_i = ONE - e_i",
    "t_i = tanh(x_i); y_i = ONE - t_i^2",
    # shifts without a name of their own
    "y_i = exp(x_i/2) / [ONE + exp(x_i)]",
    "y_i = 1 / sqrt[ONE + exp(x_i)]",
    "y_i = sqrt(1 / [ONE + exp(x_i)])",
    "y_i = ONE / cosh(x_i)",
    "y_i = exp(x_i) / exp(x_i - z_i x_i / 9)",
    # expm1 and log1p
    "y_i = exp(x_i/1000) - ONE",
    "y_i = z_i exp(x_i/1000) - z_i",
    "y_i = log(ONE - exp(-x_i^2))",
    "y_i = log(exp(x_i^2) - ONE)",
    "y_i = log1p(-exp(-x_i^2))",
    "y_i = log(exp(x_i) - exp(x_i - 1))",
    "y_i = ONE / (exp(x_i) - ONE)",
    "y_i = log([ONE + x_i^2])",
    # functions of the language
    "y_i = tanh(x_i)",
    "y_i = sigmoid(x_i)",
    "y_i = softplus(x_i)",
    "y_i = silu(x_i)",
]


@pytest.mark.parametrize("form", FORMS)
def test_values_and_slopes_of_functions_of_one_exponential(form):
    for text in every_way(form):
        judge(text, POINTS, atol=ROUNDING)


def test_an_input_that_cancels_keeps_its_gradient():
    _, pullback = eg.compile(eg.parse("y_i = exp(x_i) / exp(x_i - 1)")).vjp(x=np.ones(3))
    np.testing.assert_allclose(pullback(np.ones(3))["x"], 0, atol=1e-15)


SUMS = [
    "y_i = log(exp(x_i) / (1 + exp(x_i)))",
    "y = log(1_i exp(x_i))",
    "y = log(z_i exp(x_i))",
    "y = log(1/3 1_i exp(x_i))",
    "y = log(exp(s) 1_i exp(x_i))",
    "y = log(1 + 1_i exp(x_i))",
    "y = log(1 + z_i exp(x_i))",
    "y = log(1_i exp(x_i) + 1_i exp(-x_i))",
    "a = 1_i exp(x_i); b = z_i exp(-x_i); y = log(a + b)",
    "y = 2 log(1_i exp(x_i)) - 3 log(z_i exp(-x_i))",
    "y_i = exp(x_i) / (1_j exp(x_j))",
    "y_i = exp(x_i) / (1 + 1_j exp(x_j))",
    "y_i = exp(x_i) z_i / (z_j exp(x_j))",
    "y_i = exp(x_i)^2 / (1_j exp(x_j))^2",
    "y_i = exp(2 x_i) / (1_j exp(x_j))^2",
    "y = exp(x_i) z_i / (1_j exp(x_j))",
    "y = (exp(x_i) z_i) / (1_j exp(x_j))",
    "n = exp(x_i) z_i; d = 1_j exp(x_j); y = n / d",
    "p_i = exp(x_i) / (1_j exp(x_j)); y = z_i log(p_i)",
    "e_i = exp(x_i); d = 1_i e_i; p_i = e_i / d; y = z_i log(p_i)",
    "y = -z_i log(exp(x_i) / (1_j exp(x_j)))",
    "y = -z_i (x_i - log(1_j exp(x_j)))",
]


@pytest.mark.parametrize("text", [*(every_way(form)[0] for form in FORMS), *SUMS])
def test_stable_forms_are_well_formed(text):
    verify(run_passes(eg.parse(text), FOR_RUNNING))
    verify(make_joint(eg.parse(text), None, None).program)


@pytest.mark.parametrize("text", SUMS)
def test_sums_of_exponentials(text):
    for points in ([-1000.0, -1001.0, -999.5], [0.25, -3.0, 2.0], [1000.0, 1001.0, 999.5], [-1e4, 0.0, 1e4]):
        judge(text, points, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("text", [*(form for form in FORMS if "log" in form or "sigmoid" in form), *SUMS])
def test_single_precision(text):
    for points in ([-200.0, -88.0, -5.0, 0.25, -3.0, 2.0, 5.0, 89.0, 200.0],):
        judge(every_way(text)[0], points, rtol=2e-4, atol=1e-6, dtype=np.float32)


MODELS = {
    "softmax cross-entropy": "z_nc = x_ni w_ic; p_nc = exp(z_nc) / (1_k exp(z_nk)); y = -t_nc log(p_nc) / |n|",
    "logistic regression": "s_n = x_ni w_i; p_n = 1_n / (1_n + exp(-s_n)); y = -t_n log(p_n) - (1 - t_n) log(1 - p_n)",
    "focal loss": "p_n = sigmoid(x_ni w_i); y = -t_n (1 - p_n)^2 log(p_n) - (1 - t_n) p_n^2 log(1 - p_n)",
    "Gaussian mixture": "s_nk = -1/2 (1_k x_ni - 1_n w_ik)^2 1_i; y = -1_n log(1_k c_k exp(s_nk))",
    "squashed Gaussian": "u_n = x_ni w_i / 10; y = 1_n log(1 - tanh(u_n)^2)",
    "complementary log-log": "u_n = x_ni w_i / 400; y = t_n log(1 - exp(-exp(u_n)))",
    "log cosh": "y = 1_n log(cosh(x_ni w_i - t_n))",
}


@pytest.mark.parametrize("model", MODELS)
def test_losses_far_from_the_data(model):
    """Where naive losses are nan: with scores of up to a few thousand, forward and backward are finite and right."""
    program = eg.parse(MODELS[model])
    rng = np.random.default_rng(1)
    sizes = {"n": 3, "i": 2, "c": 3, "k": 3}
    arrays = {x: rng.normal(size=[sizes[i] for i in program.indices(x)]) for x in program.inputs}
    arrays["x"] *= 1000
    for positive in {"t", "c"} & arrays.keys():
        arrays[positive] = np.abs(arrays[positive]) / 3
    source = eg.parse(MODELS[model].replace(" / |n|", " / 3"))
    value, expected = exact.evaluate(source, arrays)
    y, gradients = eg.compile(program).value_and_grad(**arrays)
    np.testing.assert_allclose(y, value, rtol=1e-11)
    for x, gradient in gradients.items():
        np.testing.assert_allclose(gradient, expected[x], rtol=1e-10, atol=1e-12, err_msg=x)
