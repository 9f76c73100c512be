"""The function table: every derivative against finite differences, and every kink as its entry documents."""

from dataclasses import replace

import numpy as np
import pytest
from oracle import central_differences, complex_step

from einsgrad.ir import build
from einsgrad.ir.conditions import AND, OR
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.nodes import Index
from einsgrad.reference import evaluate_expression

i = Index("i")
ARGUMENTS = [build.tensor("u", [i]), build.tensor("v", [i])]
# Where a function is not defined on the whole line: points well inside its domain.
DOMAINS = {
    "log": (0.05, 8),
    "sqrt": (0.05, 8),
    "log1p": (-0.9, 8),
    "asin": (-0.9, 0.9),
    "acos": (-0.9, 0.9),
    "tan": (-1.4, 1.4),
    "acosh": (1.05, 8),
    "atanh": (-0.9, 0.9),
    **dict.fromkeys(("log2", "log10"), (0.05, 8)),
    "mod": (0.3, 9),
    "erfinv": (-0.95, 0.95),
    **dict.fromkeys(("lgamma", "digamma", "polygamma"), (0.2, 8)),
}
# The derivative by each argument at each kink: arguments, then derivatives.
KINKS = {
    "abs": [((0.0,), (0.0,))],
    "sign": [((0.0,), (0.0,))],
    "relu": [((0.0,), (0.0,))],
    "step": [((0.0,), (0.0,))],
    "maximum": [((v, v), (0.5, 0.5)) for v in (-1.5, 0.0, 2.0)],
    "minimum": [((v, v), (0.5, 0.5)) for v in (-1.5, 0.0, 2.0)],
    "floor": [((v,), (0.0,)) for v in (-1.0, 0.0, 2.0)],
    "round": [((v,), (0.0,)) for v in (-1.5, 0.5, 2.5)],
    "mod": [((6.0, 3.0), (1.0, -2.0)), ((0.0, 3.0), (1.0, 0.0)), ((-3.0, 3.0), (1.0, 1.0)), ((3.0, -3.0), (1.0, 1.0))],
}


def value_of(node, points):
    arrays = dict(zip("uv", points, strict=False))
    return evaluate_expression(node, arrays, {i: len(points[0])}, [i])


def arguments_of(function):
    """The arguments of a table entry; the order of a polygamma function is a number."""
    return [build.literal(2), ARGUMENTS[1]] if function.name == "polygamma" else ARGUMENTS[: function.arity]


def slopes(function, points):
    """The derivative of a table entry by each argument, as its expressions give it."""
    arguments = arguments_of(function)
    return [value_of(derivative(*arguments), points) for derivative in function.derivatives]


def points_for(function):
    low, high = DOMAINS.get(function.name, (-3, 3))
    rng = np.random.default_rng(7)
    return [rng.uniform(low, high, 60) for _ in range(function.arity)]


def check(function):
    """Compare the derivatives of an entry with central differences of the reference interpreter."""
    points = points_for(function)
    node = build.apply(function.name, arguments_of(function))
    for number, slope in enumerate(slopes(function, points)):

        def moved(x, number=number):
            return value_of(node, [x if n == number else p for n, p in enumerate(points)])

        expected = np.diagonal(central_differences(moved, points[number]))
        np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-8, err_msg=f"{function.name}, argument {number}")


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in ("stop", AND, OR)])
def test_derivatives_agree_with_finite_differences(name):
    check(FUNCTIONS[name])


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("tanh", lambda u: build.add([build.literal(1), build.power(build.apply("tanh", [u]), build.literal(2))])),
        ("cos", lambda u: build.apply("sin", [u])),
        ("exp", lambda u: build.literal(1)),
    ],
)
def test_the_check_sees_a_wrong_derivative(name, wrong):
    with pytest.raises(AssertionError, match=name):
        check(replace(FUNCTIONS[name], derivatives=(wrong,)))


def test_the_check_sees_swapped_arguments():
    table = FUNCTIONS["maximum"]
    with pytest.raises(AssertionError, match="maximum"):
        check(replace(table, derivatives=table.derivatives[::-1]))


@pytest.mark.parametrize("name", [n for n, f in FUNCTIONS.items() if f.arity == 1 and not f.kink and n != "stop"])
def test_smooth_functions_agree_with_the_complex_step(name):
    points = points_for(FUNCTIONS[name])
    node = build.apply(name, ARGUMENTS[:1])
    exact = np.diagonal(complex_step(lambda x: value_of(node, [x]), points[0]))
    np.testing.assert_allclose(slopes(FUNCTIONS[name], points)[0], exact, rtol=1e-10, atol=1e-14)


def test_every_kink_that_is_documented_is_tested_and_no_other():
    assert set(KINKS) == {name for name, function in FUNCTIONS.items() if function.kink}


@pytest.mark.parametrize(("name", "point", "expected"), [(n, *case) for n, cases in KINKS.items() for case in cases])
def test_kinks(name, point, expected):
    found = slopes(FUNCTIONS[name], [np.array([v]) for v in point])
    assert tuple(float(slope[0]) for slope in found) == expected


def test_step_is_zero_at_zero():
    assert value_of(build.apply("step", ARGUMENTS[:1]), [np.array([-1.0, 0.0, 1.0])]).tolist() == [0, 0, 1]


@pytest.mark.parametrize("name", [n for n, f in FUNCTIONS.items() if f.is_named])
def test_entries_are_well_formed(name):
    function = FUNCTIONS[name]
    assert function.name == name
    assert function.latex.startswith("\\")


def test_the_language_has_all_the_functions_that_its_page_lists():
    page = (
        "exp log log1p expm1 sqrt abs sign sin cos tan asin acos atan sinh cosh tanh sigmoid softplus relu gelu silu "
        "erf step maximum minimum erfc logsigmoid asinh acosh atanh log2 log10 atan2 hypot floor round mod "
        "lgamma digamma polygamma erfinv logndtr stop"
    )
    assert {n for n, f in FUNCTIONS.items() if f.is_named} == {*page.split(), "π"}
