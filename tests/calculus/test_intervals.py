"""Intervals: they hold the exact value, are a point where floats are exact, and don't hide what is not finite."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import draw_arrays, write_program

import einsgrad as eg
from einsgrad.calculus.apart import family_ranges, rename_apart
from einsgrad.calculus.intervals import Interval, NotFiniteError, enclose
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.letters import root
from einsgrad.ir.nodes import Index
from einsgrad.ir.traversal import letters
from einsgrad.reference import evaluate

THOROUGH = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def value(expression: str, size: int = 2, **arrays) -> Interval:
    program = eg.parse(f"result = {expression}")
    given_arrays = {name: np.asarray(x, float) for name, x in arrays.items()}
    sizes = {Index(letter): size for letter in "ijk"}
    return enclose(program.definitions, given_arrays, sizes)["result"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x + y - 3", 2.0),
        ("x y", 6.0),
        ("x^3", 27.0),
        ("-x^2", -9.0),
        ("(x - y - 1)^2", 0.0),
        ("1/(y + 2)", 0.25),
        ("sqrt(x + 1)", 2.0),
        ("sqrt(x - 3)", 0.0),
        ("sign(x - y - 1)", 0.0),
        ("step(x - 3)", 0.0),
        ("exp(x - 3) + sin(y - 2) + log(y - 1)", 1.0),
        ("maximum(x, y) - minimum(x, y)", 1.0),
        ("0^y + (x - 3)^0", 1.0),
        ("(-2)^x", -8.0),
    ],
)
def test_whole_numbers_stay_whole(expression, expected):
    found = value(expression, x=3, y=2)
    if expression == "(-2)^x":  # a power by an exponent that is no number is not computed exactly
        assert found.low < expected < found.high
    else:
        assert found.low == found.high == expected


RATIONAL = {
    "x + y + z": lambda x, y, z: x + y + z,
    "x y z": lambda x, y, z: x * y * z,
    "(x + y) z - x z": lambda x, y, z: y * z,
    "x^3 - y^2": lambda x, y, z: x**3 - y**2,
    "x/(1 + y^2) - z": lambda x, y, z: x / (1 + y**2) - z,
    "(x - y) (x + y)": lambda x, y, z: x**2 - y**2,
    "0.1 x": lambda x, y, z: x / 10,
}


@given(
    st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=3, max_size=3),
    st.sampled_from(sorted(RATIONAL)),
)
def test_rational_values_are_enclosed(numbers, expression):
    exact = RATIONAL[expression](*map(Fraction, numbers))
    names = {name: number for name, number in zip("xyz", numbers, strict=True) if name in expression}
    found = value(expression, **names)
    assert Fraction(float(found.low)) <= exact <= Fraction(float(found.high))
    size = max(1, *(abs(n) for n in numbers)) ** 3
    assert found.high - found.low <= 1e-14 * size


@pytest.mark.parametrize("name", [name for name, f in FUNCTIONS.items() if f.arity == 1])
@pytest.mark.parametrize("x", [0.3, 0.9, -0.4, 0.0])
def test_functions_are_enclosed_tightly(name, x):
    positive = dict.fromkeys(("log", "log2", "log10", "lgamma", "digamma"), abs(x) + 0.1)
    inside = {**positive, "sqrt": abs(x), "acosh": 1 + abs(x)}.get(name, x)
    found = value(f"{name}(x)", x=inside)
    expected = float(evaluate(eg.parse(f"result = {name}(x)"), {"x": inside})["result"])
    assert found.low <= expected <= found.high
    assert found.high - found.low <= 1e-12


@pytest.mark.parametrize(
    "name", ["exp", "log", "sqrt", "sin", "cos", "tan", "cosh", "tanh", "gelu", "silu", "abs", "acos", "erfc", "atanh"]
)
def test_bounds_of_an_argument_give_bounds_of_the_value(name):
    # 1e8 + x - 1e8 is known to 1e-8 only, and so is the function of it.
    found, exact = value(f"{name}(1e8 + x - 1e8)", x=0.7), value(f"{name}(x)", x=0.7)
    assert found.low <= exact.low
    assert exact.high <= found.high
    assert 1e-10 < found.high - found.low < 1e-6


@pytest.mark.parametrize("expression", ["log(x)", "1/x", "sqrt(x - 1)", "exp(1/x)", "step(log(x))", "exp(800 + x)"])
def test_what_is_not_finite_has_no_value(expression):
    with pytest.raises(NotFiniteError):
        value(expression, x=0)


def test_an_argument_that_may_be_outside_the_domain_has_no_value():
    with pytest.raises(NotFiniteError):
        value("sqrt(x - 1e17 + 1e17 - 2)", x=3)


def test_sums_over_letters():
    found = value("x_ij y_j 1_i", x=[[1, 2], [3, 4]], y=[10, 1])
    assert found.low == found.high == 46.0


def test_the_constant_is_enclosed():
    found = value("π")
    assert found.low == math.pi < found.high


@THOROUGH
@given(st.integers(0, 10**6))
def test_what_the_reference_computes_is_enclosed(seed):
    program = write_program(random.Random(seed))
    arrays = draw_arrays(program, {"i": 2, "j": 3, "k": 2}, seed % 5)
    program = rename_apart(program)
    families, of_axis = family_ranges(program)
    known = {of_axis[name, axis]: n for name, x in arrays.items() for axis, n in enumerate(x.shape)}
    used = letters(*program.expressions()).union(*(d.indices for d in program.definitions))
    sizes = {i: known.get(families[root(i)], 2) for i in used}
    with np.errstate(all="ignore"):
        values = evaluate(program, arrays, {root(i).name: n for i, n in sizes.items()})
    try:
        found = enclose(program.in_order(), arrays, sizes)
    except NotFiniteError:
        return
    for name, expected in values.items():
        slack = 1e-9 * (1 + np.abs(expected))  # the reference rounds, too
        assert np.all(found[name].low - slack <= expected)
        assert np.all(expected <= found[name].high + slack)


def test_functions_of_two_arguments_are_enclosed():
    for text, expected in [("hypot(3 x, 4 x)", 2.5), ("mod(7 x, 2 x)", 0.5), ("mod(-7 x, 2 x)", 0.5)]:
        assert value(text, x=0.5).low <= expected <= value(text, x=0.5).high
    for y, x in [(1, -1), (-1, -1), (0, -1), (0, 0), (-2, 3)]:
        found = value("atan2(a, b)", a=y, b=x)
        assert found.low <= math.atan2(y, x) <= found.high


def test_an_angle_that_may_lie_on_either_side_of_the_cut_has_no_value():
    with pytest.raises(NotFiniteError):
        value("atan2(1e8 + x - 1e8, -1)", x=0.1e-9)
