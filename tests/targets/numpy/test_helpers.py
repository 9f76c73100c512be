"""The helper functions of generated modules: exact to round-off, stable, and of the type that they are given."""

import math
import re
from typing import Any

import mpmath
import numpy as np
import pytest

from einsgrad.targets.numpy.helpers import numeric_helpers

NAMES = ["_sigmoid", "_silu", "_softplus", "_logsigmoid", "_step", "_erf", "_erfc", "_gelu"]
EXTREME = np.array([-1e3, -40.0, -1.0, -0.0, 0.0, 1e-300, 1.0, 40.0, 1e3])


def helper(name):
    namespace = {"np": np, "Any": Any}
    for text in numeric_helpers(f"{name}("):
        exec(text, namespace)
    return namespace[name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_helpers_keep_the_type_and_raise_no_warning(name, dtype):
    result = helper(name)(EXTREME.astype(dtype))
    assert result.dtype == dtype
    assert np.isfinite(result).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("x", [np.array(0.3), np.array(-2.0, np.float32), np.float64(1.5)])
def test_helpers_give_a_scalar_where_there_are_no_axes(name, x):
    result = helper(name)(x)
    assert isinstance(result, np.floating)
    assert result.dtype == x.dtype


def test_erf_is_exact_to_round_off():
    x = np.concatenate([np.linspace(-7, 7, 20_001), [1e-300, 0.46875, np.nextafter(0.46875, 1), 6.0, 1e308, np.inf]])
    wanted = np.array([math.erf(v) for v in x])
    np.testing.assert_allclose(helper("_erf")(x), wanted, rtol=5e-16)


def test_erf_of_single_precision_is_exact_to_its_round_off_and_monotone():
    x = np.linspace(-5, 5, 20_001, dtype=np.float32)
    y = helper("_erf")(x)
    np.testing.assert_allclose(y, [math.erf(v) for v in x], rtol=2e-7)
    assert (np.diff(y) >= -6e-8).all()
    assert helper("_erf")(np.array([-np.inf, -4.0, 4.0, np.inf], np.float32)).tolist() == [-1, -1, 1, 1]


@pytest.mark.parametrize("name", NAMES)
def test_large_arrays_in_blocks_give_what_their_parts_give(name):
    x = np.random.default_rng(0).normal(size=(3, 2**15 + 5, 2)).transpose(2, 1, 0)
    y = helper(name)(x)
    assert y.shape == x.shape
    np.testing.assert_array_equal(y[1, ::100], helper(name)(x[1, ::100]))


@pytest.mark.parametrize("name", sorted({*NAMES} - {"_step"}))
@pytest.mark.parametrize("rows", [3, 5000])
def test_results_are_written_where_they_are_wanted(name, rows):
    x = np.random.default_rng(0).normal(size=(rows, 8))
    wanted = helper(name)(x)
    assert helper(name)(x, out=x) is x
    np.testing.assert_array_equal(x, wanted)


def test_erfc_is_exact_to_round_off_in_its_tail():
    x = np.concatenate([np.linspace(-7, 26.5, 20_001), [0.46875, np.nextafter(0.46875, 1), 4.0, np.nextafter(4.0, 5)]])
    wanted = np.array([float(mpmath.erfc(v)) for v in x])
    np.testing.assert_allclose(helper("_erfc")(x), wanted, rtol=1e-15)
    assert helper("_erfc")(np.array([-np.inf, 30.0, np.inf])).tolist() == [2, 0, 0]


def test_there_is_one_zero_for_the_angle_of_a_point():
    y, x = np.array([0.0, -0.0, 0.0, -0.0]), np.array([-1.0, -1.0, -0.0, 0.0])
    assert helper("_atan2")(y, x).tolist() == [math.pi, math.pi, 0, 0]
    assert helper("_atan2")(y.astype(np.float32), x.astype(np.float32)).dtype == np.float32


def test_sigmoid_is_exact_on_both_sides():
    x = np.linspace(-700, 700, 1401)
    wanted = np.array([1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v)) for v in x])
    np.testing.assert_allclose(helper("_sigmoid")(x), wanted, rtol=1e-15)


def test_softplus_is_exact_on_both_sides():
    x = np.linspace(-700, 700, 1401)
    wanted = np.array([max(v, 0) + math.log1p(math.exp(-abs(v))) for v in x])
    np.testing.assert_allclose(helper("_softplus")(x), wanted, rtol=1e-15)


def test_logsigmoid_is_exact_on_both_sides():
    x = np.linspace(-700, 700, 1401)
    wanted = np.array([min(v, 0) - math.log1p(math.exp(-abs(v))) for v in x])
    np.testing.assert_allclose(helper("_logsigmoid")(x), wanted, rtol=1e-15)


def test_step_is_zero_at_zero():
    assert helper("_step")(np.array([-1.0, -0.0, 0.0, 2.0])).tolist() == [0, 0, 0, 1]


def test_gelu_and_silu_are_what_they_are_defined_to_be():
    x = np.linspace(-5, 5, 101)
    gelu = [0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in x]
    np.testing.assert_allclose(helper("_gelu")(x), gelu, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(helper("_silu")(x), x / (1 + np.exp(-x)), rtol=1e-14)


def test_only_what_is_called_comes_along():
    assert numeric_helpers("y = np.exp(x)") == []
    assert [re.findall(r"^def (\w+)", text, re.MULTILINE) for text in numeric_helpers("y = _gelu(x)")] == [
        ["_blockwise"],
        ["_polynomial"],
        ["_scaled_erfc"],
        ["_single_erf"],
        ["_erf"],
        ["_gelu"],
    ]
