"""Slices: what they give, put together, is what the whole gives; and which programs have none."""

import os
import random

import numpy as np
import pytest
from programs import write_program

import einsgrad as eg
from einsgrad.diagnostics import ArrayError
from einsgrad.ir.ranges import infer_ranges
from einsgrad.planner.planning import nominal_sizes
from einsgrad.planner.slices import Role, find_slicing
from einsgrad.runtime import parts, sliced

ROWS = 101

# What each is here for.
PROGRAMS = {
    "a sum with what is whole beside it": "L = 1_n (x_ni w_i - y_n)^2 + λ w_i w_i",
    "a mean": "N = |n|; z_n = x_ni w_i; L = 1/N 1_n log(1 + exp(z_n))",
    "rows of an output": "y_ni = exp(x_ni) / (1_k exp(x_nk))",
    "an axis that is not the first": "y_in = x_in w_n + tanh(x_in)",
    "several outputs, one of them whole": "y_ni = x_ni w_i; s_i = 1_n x_ni^2; c = w_i w_i",
    "a sum that something linear follows": "s_i = 1_n x_ni v_n; t = a_i s_i + a_i a_i",
    "names that are taken": "L = 1/|n| 1_n (x_ni w_i)^2 share + size share",
    "a batch of inverses": "y_ni = inv_{ij}(a_nij + 1_n λ δ_ij) b_nj",
}
# In each, the index is used in some other way.
WHOLE = {
    "a sum that rows need": "m = 1_b x_b; y_b = exp(x_b - 1_b m)",
    "the root of a sum": "y = sqrt(1_n x_n^2)",
    "two positions at a time": "y = x_n k_nm x_m",
    "the position": "y = 1_n (iota_n x_n)",
    "given positions": "y_n = e_{t_n}",
}


@pytest.fixture(autouse=True)
def small_slices(monkeypatch):
    def sixth(plan, range_, extents, *_):
        return max(1, extents[range_] // 6)

    monkeypatch.setattr(parts, "slice_length", sixth)


def slicing_of(text):
    program = eg.parse(text)
    return find_slicing(program, program.outputs, nominal_sizes(infer_ranges(program), {"n": 1000, "b": 1000}))


def arrays_of(text, rng, dtype=np.float64):
    program = eg.parse(text)
    size = {"n": ROWS}
    return {
        x: rng.uniform(0.3, 1.2, [size.get(i, 3) for i in program.indices(x)]).astype(dtype) for x in program.inputs
    }


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_slices_give_what_the_whole_gives(text, threads):
    rng = np.random.default_rng(1)
    arrays = arrays_of(text, rng)
    sizes = {"n": ROWS}
    function, reference = eg.compile(text, threads=threads, sizes=sizes), eg.compile(text, sizes=sizes)
    found, pullback = function.vjp(**arrays)
    expected, expected_pullback = reference.vjp(**arrays)
    assert all(isinstance(c.code, sliced.SlicedCode) for c in function._compiled.values())
    pairs = [(found, expected)] if len(reference.outputs) == 1 else zip(found, expected, strict=True)
    for one, other in [*pairs, (function(**arrays), expected)] if len(reference.outputs) == 1 else pairs:
        np.testing.assert_allclose(one, other, rtol=1e-12)
    outputs = [expected] if len(reference.outputs) == 1 else expected
    upstream = {y: rng.normal(size=np.shape(v)) for y, v in zip(reference.outputs, outputs, strict=True)}
    for one, other in zip(pullback(upstream).values(), expected_pullback(upstream).values(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_what_has_no_slices_is_computed_as_a_whole(text):
    assert slicing_of(text) is None


def test_the_program_of_a_slice():
    slicing = slicing_of("N = |n|; L = 1/N 1_n (x_ni w_i - y_n)^2 + λ w_i w_i")
    assert str(slicing.program) == "N = size\nL = 1/N 1_n (x_ni w_i - y_n)^2 + share (λ w_i w_i)\n"
    assert slicing.axes == {"x": 0, "y": 0}
    assert (slicing.roles["x"], slicing.roles["w"], slicing.roles["L"]) == (Role.CARRIES, Role.WHOLE, Role.ADDS)


@pytest.mark.parametrize("seed", range(12))
def test_slices_of_random_programs(seed):
    program = write_program(random.Random(seed))
    ranges = infer_ranges(program)
    extents = {r: 4 + k % 4 for k, r in enumerate(sorted(ranges.letter))}
    sizes = {letter.name.rstrip("'"): extents[r] for (_, letter), r in ranges.of_index.items()}
    rng = np.random.default_rng(seed)
    shapes = {x: [extents[ranges.of_axis[x, k]] for k in range(len(program.indices(x)))] for x in program.inputs}
    arrays = {x: rng.uniform(0.3, 1.2, shape) for x, shape in shapes.items()}
    found, expected = (eg.compile(program, sizes=sizes, **options)(**arrays) for options in ({"threads": 2}, {}))
    pairs = zip(found, expected, strict=True) if isinstance(expected, tuple) else [(found, expected)]
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)


def test_an_index_that_no_array_has_is_not_sliced():
    function = eg.compile("y_n = 1_n a", sizes={"n": ROWS}, threads=2)
    assert function(a=2.0).tolist() == [2.0] * ROWS


def test_facts_about_the_whole_are_no_facts_about_a_slice():
    text = "given 1_n t_n == 1; L = 1_n t_n x_n^2 + 1_n t_n"
    arrays = {"t": np.full(ROWS, 1 / ROWS), "x": np.linspace(0, 1, ROWS)}
    found, expected = (eg.compile(text, **options).value_and_grad(**arrays) for options in ({"threads": 2}, {}))
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
    np.testing.assert_allclose(found[1]["x"], expected[1]["x"], rtol=1e-12)


def test_directions_and_second_derivatives():
    text = "N = |n|; L = 1/N 1_n log(1 + exp(x_ni w_i)) + λ w_i w_i"
    arrays = arrays_of(text, np.random.default_rng(3))
    moves = {x: np.ones_like(array) for x, array in arrays.items()}
    function, reference = eg.compile(text, threads=2), eg.compile(text)
    np.testing.assert_allclose(function.jvp(arrays, moves)[1], reference.jvp(arrays, moves)[1], rtol=1e-12)
    np.testing.assert_allclose(function.hessian("w", **arrays), reference.hessian("w", **arrays), rtol=1e-10)
    expected = reference.hvp(moves, **arrays)
    for name, product in function.hvp(moves, **arrays).items():
        np.testing.assert_allclose(product, expected[name], rtol=1e-9, atol=1e-12)


def test_results_are_the_same_in_every_run():
    text = "L = 1_n tanh(x_ni w_i)"
    arrays = arrays_of(text, np.random.default_rng(2), np.float32)
    function = eg.compile(text, threads=2)
    first = function.value_and_grad(**arrays)
    for _ in range(5):
        value, gradients = function.value_and_grad(**arrays)
        assert value == first[0]
        assert value.dtype == np.float32
        assert all((gradients[x] == first[1][x]).all() for x in gradients)


@pytest.mark.parametrize("rows", [0, 1, 31])
def test_few_rows_are_one_slice(rows):
    x, w = np.ones((rows, 3)), np.ones(3)
    text = "N = |n|; L = 1/N 1_n x_ni w_i"
    found, expected = eg.compile(text, threads=2), eg.compile(text)
    np.testing.assert_equal(found(x=x, w=w), expected(x=x, w=w))


def test_an_error_of_a_slice_is_that_of_the_whole():
    a = np.tile(np.eye(3), (ROWS, 1, 1))
    a[-1] = 0
    with pytest.raises(ArrayError) as caught:
        eg.compile("y_ni = inv_{ij}(a_nij) b_nj", threads=2)(a=a, b=np.ones((ROWS, 3)))
    assert caught.value.diagnostics[0].code == "singular-matrix"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_has_threads_of_its_own():
    function, x = eg.compile("L = 1_n x_n^2", threads=2), np.ones(ROWS)
    assert function(x=x) == ROWS
    child = os.fork()
    if child == 0:
        os._exit(0 if function(x=x) == ROWS else 1)
    assert os.waitpid(child, 0)[1] == 0
