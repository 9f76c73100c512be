"""Each pass on its own: the invariants hold after it, and no value has changed."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import SIZES, draw_arrays, write_program

import einsgrad as eg
from einsgrad.calculus.passes import FOR_RUNNING, run_passes
from einsgrad.gallery import names
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.traversal import postorder
from einsgrad.ir.verifier import verify
from einsgrad.reference import evaluate

THOROUGH = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def assert_same_values(before: eg.Program, after: eg.Program, arrays, sizes) -> None:
    with np.errstate(all="ignore"):
        expected = evaluate(before, arrays, sizes)
        got = evaluate(after, arrays, sizes)
    for name, value in expected.items():
        if np.all(np.isfinite(value)):
            np.testing.assert_allclose(got[name], value, rtol=1e-9, atol=1e-9)


@THOROUGH
@given(st.integers(0, 10**6), SIZES)
def test_passes_keep_values_and_invariants(seed, sizes):
    program = write_program(random.Random(seed))
    arrays = draw_arrays(program, sizes, seed % 5)
    ranges = infer_ranges(program)
    settled = {number for (name, _), number in ranges.of_axis.items() if name in arrays}
    for step in FOR_RUNNING:
        after = step(program)
        verify(after)
        if settled == set(ranges.of_index.values()):  # the arrays tell all sizes, whatever the letters
            assert_same_values(program, after, arrays, {})
        program = after


@pytest.mark.parametrize("name", [n for n in names() if "∂" not in str(eg.load(n))])
def test_passes_keep_the_values_of_the_gallery(name):
    program = eg.load(name)
    ranges = infer_ranges(program)
    rng = np.random.default_rng(0)
    size = {number: 2 + number % 2 for number in {*ranges.of_index.values(), *ranges.of_axis.values()}}
    arrays = {}
    for x in program.inputs:
        shape = [size[ranges.of_axis[x, axis]] for axis in range(len(program.indices(x)))]
        arrays[x] = rng.uniform(0.5, 1.5, shape)
        if x in program.positions:
            arrays[x] = rng.integers(0, min(size.values()), shape)
    sizes = {i.name: size[number] for (_, i), number in ranges.of_index.items()}
    for step in FOR_RUNNING:
        after = step(program)
        verify(after)
        assert_same_values(program, after, arrays, sizes)
        program = after


def letters_of(text: str) -> str:
    return str(run_passes(eg.parse(text), FOR_RUNNING[:1]))


def test_letters_of_one_range_stay():
    text = "h_b = w_bi x_i\ny_b = h_b x_i x_i\n"
    assert letters_of(text) == text


def test_a_letter_of_several_ranges_is_renamed_where_it_comes_again():
    assert letters_of("h_i = w_ij x_j\ny_i = v_ij h_j\n") == "h_i = w_ij x_j\ny_k = v_ki h_i\n"
    assert letters_of("h_i = k_ij x_j\ny_i = v_ij h_j\n") == "h_i = k_ij x_j\ny_m = v_mi h_i\n"


def test_compound_arguments_are_named_and_others_stay():
    named = str(run_passes(eg.parse("y_b = sigmoid(x_bi w_i + c) + exp(2 z_b) + sqrt(z_b z_b)"), FOR_RUNNING))
    assert named == "u1_b = x_bi w_i + c\ny_b = sigmoid(u1_b) + exp(2 z_b) + sqrt(z_b z_b)\n"


def test_a_name_that_is_taken_is_not_given_again():
    named = str(run_passes(eg.parse("y_b = tanh(u1_bi w_i)"), FOR_RUNNING))
    assert named == "u2_b = u1_bi w_i\ny_b = tanh(u2_b)\n"


def test_shifts_are_equations_of_their_own():
    text = "p_i = exp(u_ij) 1_j / (1_k exp(u_ik)); q_i = log(1_j exp(u_ij)); r_j = log(1_i exp(u_ij))"
    program = run_passes(eg.parse(text), FOR_RUNNING)
    shifts = [d for d in program.definitions if d.name.startswith("shift")]
    assert [len(d.indices) for d in shifts] == [1, 1], "those of p and q are one, whatever letter they sum over"
    assert sum(1 for d in program.definitions for n in postorder(d.rhs) if type(n).__name__ == "Reduction") == 2
