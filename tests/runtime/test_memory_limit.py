"""The memory limit: calls keep within it, in slices where the whole does not, or are refused with the least."""

import tracemalloc

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.runtime.modules import NumpyCode
from einsgrad.runtime.sliced import SlicedCode

ATTENTION = "s_bij = q_bid k_bjd; a_bij = exp(s_bij) / (1_k exp(s_bik)); y_bie = a_bij v_bje"
REGRESSION = "h_nj = tanh(x_ni w_ij); L = 1_n (h_nj v_j - y_n)^2"
SIZES = {"b": 16, "i": 96, "j": 96, "k": 96, "d": 16, "e": 16}


def arrays_of(text, sizes):
    program, rng = eg.parse(text), np.random.default_rng(0)
    return {x: rng.normal(size=[sizes[i] for i in program.indices(x)]) for x in program.inputs}


def most_held(call):
    """Give the bytes that a second call holds at a time."""
    call()
    tracemalloc.start()
    try:
        result = call()
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def code_of(function):
    return next(reversed(function._compiled.values())).code


@pytest.mark.parametrize("threads", [None, 2])
def test_forward_values_and_pullback_keep_within_the_limit(threads):
    arrays = arrays_of(ATTENTION, SIZES)
    upstream = np.random.default_rng(1).normal(size=(16, 96, 16))
    limit = 2_200_000
    limited = eg.compile(ATTENTION, memory_limit=limit, threads=threads)

    def call(function):
        value, pullback = function.vjp(**arrays)
        return value, pullback(upstream)

    (value, gradients), held = most_held(lambda: call(limited))
    assert isinstance(code_of(limited), SlicedCode)
    assert held < limit
    whole, whole_gradients = call(eg.compile(ATTENTION))
    np.testing.assert_allclose(value, whole, rtol=1e-12)
    for x, gradient in whole_gradients.items():
        np.testing.assert_allclose(gradients[x], gradient, rtol=1e-10, atol=1e-12)


def test_value_and_gradients_keep_within_the_limit():
    arrays = arrays_of(REGRESSION, sizes := {"n": 4000, "i": 8, "j": 64})
    limited = eg.compile(REGRESSION, sizes=sizes, memory_limit="500kB")
    (value, gradients), held = most_held(lambda: limited.value_and_grad(**arrays))
    assert held < 500_000
    whole, whole_gradients = eg.compile(REGRESSION).value_and_grad(**arrays)
    np.testing.assert_allclose(value, whole)
    for x, gradient in whole_gradients.items():
        np.testing.assert_allclose(gradients[x], gradient, rtol=1e-10)


def test_the_whole_is_computed_where_it_fits():
    f = eg.compile("l = 1_i exp(x_i)", memory_limit="1MB")
    f(x=np.ones(1000))
    assert isinstance(code_of(f), NumpyCode)


def test_a_limit_holds_for_the_sizes_of_each_call():
    f = eg.compile("y = exp(x_i) k_ij exp(x_j)", memory_limit="10kB")
    f(x=np.ones(12), k=np.ones((12, 12)))
    with pytest.raises(eg.UsageError, match="more than the memory limit of 10 kB"):
        f(x=np.ones(2000), k=np.ones((2000, 2000)))


@pytest.mark.parametrize(
    ("text", "sizes", "note"),
    [
        (
            "y_ni = exp(x_ni) / (1_k exp(x_nk))",
            {"n": 10, "i": 1000, "k": 1000},
            "computed for one position of n at a time; ",
        ),
        ("y = sqrt(1_n exp(x_n)^2)", {"n": 1000}, "no index runs through the program, so there are no slices; "),
    ],
)
def test_what_does_not_fit_is_refused_with_the_least(text, sizes, note):
    with pytest.raises(eg.UsageError) as caught:
        eg.compile(text, sizes=sizes, memory_limit="5kB")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "memory-limit"
    assert diagnostic.message.startswith("a call holds ")
    assert diagnostic.message.endswith(" at a time, more than the memory limit of 5 kB")
    assert diagnostic.notes[0].startswith(note)
    least = diagnostic.fix.removeprefix('memory_limit="').removesuffix('"')
    eg.compile(text, sizes=sizes, memory_limit=least)


def test_code_for_the_whole_alone_is_refused():
    f = eg.compile(REGRESSION, sizes={"n": 4000, "i": 8, "j": 64}, memory_limit="500kB")
    for refused in (f.module, lambda: f.files("regression")):
        with pytest.raises(eg.UsageError, match=r"computed as a whole; planned for n=4000, i=8, j=64"):
            refused()
    with pytest.raises(eg.UsageError, match="computed as a whole"):
        eg.compile(REGRESSION, sizes={"n": 4000, "i": 8, "j": 64}, memory_limit="500kB", target="native")
