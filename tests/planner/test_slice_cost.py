"""Which programs are computed in slices, and in how long ones."""

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.runtime.sliced import SlicedCode

# What each is here for: text, sizes, the length of a slice (at least, at most).
IN_SLICES = {
    "passes over memory": ("y_bc = exp(x_bc) / (1_k exp(x_bk))", {"b": 4096, "c": 1000, "k": 1000}, (50, 2048)),
    "batches of small products": (
        "s_bhij = q_bhid k_bhjd; y_bhie = exp(s_bhij) v_bhje",
        {"b": 4, "h": 8, "i": 256, "j": 256, "d": 64, "e": 64},
        (1, 2),
    ),
}
AS_WHOLE = {
    "a large matrix product, which has threads": ("y_bj = tanh(x_bi w_ij)", {"b": 512, "i": 1024, "j": 1024}),
    "products by a vector, which have threads": ("L = 1_n log(1 + exp(x_ni w_i))", {"n": 20_000, "i": 500}),
    "small arrays": ("y_bc = exp(x_bc) / (1_k exp(x_bk))", {"b": 16, "c": 32, "k": 32}),
}


def code_of(text, sizes):
    return eg.compile(text, sizes=sizes, threads=2)._compile((), None, sizes).code


@pytest.mark.parametrize(("text", "sizes", "bounds"), IN_SLICES.values(), ids=IN_SLICES)
def test_what_gains_is_computed_in_slices(text, sizes, bounds):
    code = code_of(text, sizes)
    assert isinstance(code, SlicedCode)
    least, most = bounds
    assert least <= code._count <= most


@pytest.mark.parametrize(("text", "sizes"), AS_WHOLE.values(), ids=AS_WHOLE)
def test_what_gains_nothing_is_computed_as_a_whole(text, sizes):
    assert not isinstance(code_of(text, sizes), SlicedCode)


def test_more_threads_than_positions(monkeypatch):
    monkeypatch.setattr("einsgrad.runtime.parts.slice_length", lambda *_: 1)
    function = eg.compile("L = 1_b 1_i exp(x_bi)", threads=3)
    x = np.random.default_rng(0).normal(size=(2, 5))
    value, gradients = function.value_and_grad(x=x)
    np.testing.assert_allclose([value, *gradients["x"].ravel()], [np.exp(x).sum(), *np.exp(x).ravel()])
