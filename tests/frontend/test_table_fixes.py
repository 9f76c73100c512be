"""The fixes of every row of the error table: pasted, they lead on, and to what the author meant.

What a text with such an error means is written in the plain dialect, once for each line of the fix.
"""

import numpy as np
import pytest
from error_table import ERRORS
from pasting import first_error, mended

import einsgrad as eg
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.nodes import Derivative
from einsgrad.ir.traversal import postorder
from einsgrad.reference import evaluate

SIZES = dict.fromkeys([*"abcdefghijklmnopqrstuvwxyz", "hid"], 3)
MEANT = {
    "y = softmax_j(X_j)": ["y = 1_j softmax_j(X_j)"],
    "y_i = mean_j X_ij": ["y_i = X_ij 1_j/|j|"],
    "y_i = 2 norm_j X_ij + Z_i": ["y_i = 2 sqrt(X_ij X_ij) + Z_i"],
    "given y_ij == y_ji; y_ij = x_i x_j": ["y_ij == y_ji; y_ij = x_i x_j"],
    "y = 3 x₂": ["y = 3 x2"],
    "y = xⁿ": ["y = x^n"],
    "y = (a + b)ⁿ": ["y = (a + b)^n"],
    "y = |x_i|": ["y = 1_i abs(x_i)"],
    "y = x = z": ["y = x; y == z"],
    "2 y = x": ["2 y == x"],
    "a_i b_i = x": ["a_i b_i == x"],
    "δ_ij = x_ij": ["δ_ij == x_ij"],
    "y_ii = x_i": ["y_ij = δ_ij x_i"],
    "y_ii = x_i + z_i": ["y_ij = δ_ij (x_i + z_i)"],
    "y = sigmod(x)": ["y = sigmoid(x)"],
    "y = x_ih 1_i": ["y = sum_ih x_ih"],
    "y = x_{hid,}": ["y = sum_{hid,} x_{hid,}"],
    "y = 2x_h": ["y = 2 (sum_h x_h)"],
    "y = a / x_h": ["y = sum_h a / x_h"],
    "y = (a_k b_k + c_k)": ["y = sum_k (a_k b_k + c_k)"],
    "y_ij = b_ij (c_ij + d_j)": ["y_ij = b_ij c_ij + b_ij d_j"],
    "y_ij = a": ["y_ij = a 1_i 1_j"],
    "theta_hat = 1": ["theta_hat[] = 1", "theta[h,a,t] = 1_h 1_a 1_t"],
    "f(u) = u^2; y_i = f (x_i + z_i) + f(x_i)": ["y_i = (x_i + z_i)^2 + x_i^2"],
    "f(u) = u w_j; y = f(x)": ["y = x sum_j w_j"],
    "y = x_ii^2": ["y = sum_i x_ii^2", "t = x_ii; y = t^2"],
    "y_ij = x_ij; g_ij = ∂y_ij/∂x_ij": ["g_ij = x_ij / x_ij"],
    "g_p = ∂(x_p x_p)/∂x_p": ["g_p = 2 x_p"],
    "l = X_ij X_ij; g_p = ∂l/∂X_pp": ["g_p = 2 X_pp"],
    "a_ij b_ij = c_ij d_ij (no sum i)": ["a_ij b_ij == c_ij d_ij (no sum i)"],
}


def values(program):
    """Give the value of every output, at one point for each name, with three components along each axis."""
    arrays = {
        name: np.random.default_rng(list(name.encode())).uniform(0.5, 1.5, (3,) * len(program.indices(name)))
        for name in program.inputs
    }
    if any(isinstance(node, Derivative) for d in program.definitions for node in postorder(d.rhs)):
        found = eg.compile(program)(**arrays)
        return {program.outputs[0]: found} if len(program.outputs) == 1 else found._asdict()
    defined = evaluate(program, arrays, SIZES)
    return {name: defined[name] for name in program.outputs}


def check_meaning(found, meant):
    assert [str(claim) for claim in found.claims] == [str(claim) for claim in meant.claims]
    ours = values(found)
    for name, value in values(meant).items():
        np.testing.assert_allclose(ours[name], value, rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "choice"),
    [(text, choice) for text, *_, fix in ERRORS if fix for choice in range(len(fix.splitlines()))],
)
def test_a_pasted_fix_leads_on_to_what_was_meant(text, choice):
    right = mended(text, choice)
    assert first_error(right) is None
    check_meaning(parse_program(right), parse_program(MEANT[text][choice]))
