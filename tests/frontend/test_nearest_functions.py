"""Texts that nearly say a function and mean something else: each is an error, or differs visibly."""

import pytest

import einsgrad as eg
from einsgrad.diagnostics import EinsgradError


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("y = polygamma(n, x)", "arity", "the first argument of `polygamma` is a whole number"),
        ("y = polygamma(1/2, x)", "arity", "the first argument of `polygamma` is a whole number"),
        ("y = polygamma(x)", "arity", "takes 2 arguments, not 1"),
        ("y = atan2(x)", "arity", "takes 2 arguments, not 1"),
        ("y = log2(x, 3)", "arity", "takes 1 argument, not 2"),
        ("y = gamma(x)", "unknown-function", "of the gamma function there is the logarithm"),
        ("y = floor_i(x_i)", "unknown-function", ""),
        ("y = x mod 2", "notation", "the remainder of `a` by `b` is `mod(a, b)`"),
        ("mod = x", "reserved-name", ""),
        ("y = stop", "reserved-name", ""),
    ],
)
def test_refused(text, code, part):
    with pytest.raises(EinsgradError) as error:
        eg.parse(text)
    assert code in [d.code for d in error.value.diagnostics]
    assert part in error.value.diagnostics[0].message
