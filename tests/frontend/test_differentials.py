"""Derivatives as other notations write them: with ``d``, and without indices."""

import numpy as np
import pytest
from pasting import first_error, mended

import einsgrad as eg
from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.parser import parse_program

SQUARES = "f = x_p x_p; "
PRODUCT = "y_ij = x_ik a_kj; "

WITH_D = [
    (PRODUCT + "dy_ij/dx_pq == δ_ip a_qj", "dy_ij/dx_pq", "∂y_ij/∂x_pq == δ_ip a_qj"),
    (PRODUCT + "J_ijpq = dy_ij/dx_pq", "dy_ij/dx_pq", "J_ijpq = ∂y_ij/∂x_pq"),
    (PRODUCT + "J_ijpq = dy[i,j]/dx[p,q]", "dy[i,j]/dx[p,q]", "J_ijpq = ∂y[i,j]/∂x[p,q]"),
    (SQUARES + "g_p = df/dx_p", "df/dx_p", "g_p = ∂f/∂x_p"),
    (SQUARES + "g_p = d f / d x_p", "d f / d x_p", "g_p = ∂f/∂x_p"),
    (SQUARES + "g_p = (d f)/(d x_p)", "(d f)/(d x_p)", "g_p = ∂f/∂x_p"),
    (SQUARES + "g_p = 2 df/dx_p - df/dx_p", "df/dx_p", "g_p = 2 ∂f/∂x_p - ∂f/∂x_p"),
    (SQUARES + "df/dx_p = 2 x_p", "df/dx_p", "∂f/∂x_p = 2 x_p"),
    (SQUARES + "g_p = d(x_i x_i)/dx_p", "d(x_i x_i)/dx_p", "g_p = ∂(x_i x_i)/∂x_p"),
    (SQUARES + "g = df/dx", "df/dx", "g = ∂f/∂x"),
    (SQUARES + "H_pq = d^2 f/dx_p dx_q", "d^2 f/dx_p dx_q", "H_pq = ∂(∂f/∂x_p)/∂x_q"),
]

BARE = [
    (SQUARES + "g = ∂f/∂x", "x", "∂f/∂x_p", "g_p = ∂f/∂x_p"),
    (SQUARES + "g_q = ∂f/∂x", "x", "∂f/∂x_q", "g_q = ∂f/∂x_q"),
    (SQUARES + "y_i = x_i^2; J = ∂y/∂x", "y", "∂y_i/∂x_p", "J_ip = ∂y_i/∂x_p"),
    (SQUARES + "y_i = x_i^2; J_ab = ∂y/∂x", "y", "∂y_a/∂x_b", "J_ab = ∂y_a/∂x_b"),
    (SQUARES + "y_i = x_i^2; J_i = ∂y_i/∂x", "x", "∂y_i/∂x_p", "J_ip = ∂y_i/∂x_p"),
    (SQUARES + "y_i = x_i^2; J_ip = diff(y_i, x)", "x", "diff(y_i, x_p)", "J_ip = diff(y_i, x_p)"),
    (SQUARES + "y_i = x_i^2; J_i = ∂y/∂x_p", "y", "∂y_i/∂x_p", None),
    (SQUARES + "∂f/∂x == 2 x_i", "x", "∂f/∂x_p", None),
    (SQUARES + "u_p = 2 ∂f/∂x", "x", "∂f/∂x_p", None),
]


@pytest.mark.parametrize(("text", "place", "fix"), WITH_D)
def test_a_d_is_no_factor(text, place, fix):
    error = first_error(text)
    assert (error.code, error.span.text, error.fix) == ("notation", place, fix)


def test_both_spellings_are_offered():
    assert first_error(WITH_D[0][0]).message == "a derivative is written `∂y_ij/∂x_pq` or `diff(y_ij, x_pq)`"


@pytest.mark.parametrize(("text", "place", "shown", "fix"), BARE)
def test_a_derivative_has_all_its_indices(text, place, shown, fix):
    error = first_error(text)
    assert (error.code, error.span.text, error.fix) == ("order", place, fix)
    assert error.message == f"a derivative is written with all indices, and those below are new: `{shown}`"


def test_the_indices_of_a_derivative_in_latex():
    text = r"f = x_p x_p; g = \frac{\partial f}{\partial x}"
    with pytest.raises(eg.EinsgradError) as caught:
        parse_program(text, dialect=LATEX)
    assert [d.fix for d in caught.value.diagnostics] == [r"g_{p} = \frac{\partial f}{\partial x_{p}}"]


@pytest.mark.parametrize("text", [text for text, *_ in WITH_D] + [text for text, *_, fix in BARE if fix])
def test_the_fix_is_the_derivative(text):
    program = parse_program(mended(text, 0))
    if program.claims:
        assert [claim.verdict for claim in eg.check(program).claims] == ["proved"]
        return
    x, a = np.arange(1.0, 10).reshape(3, 3), np.eye(3)
    if "y_ij" in text:
        found = eg.compile(program)(x=x, a=a)
        np.testing.assert_allclose(found, np.einsum("ip,jq->ijpq", np.eye(3), np.eye(3)))
        return
    x = x[0]
    found = eg.compile(program)(x=x)
    (name,) = {"g", "H", "J"} & set(program.outputs)
    wanted = {"g": 2 * x, "H": 2 * np.eye(3), "J": np.diag(2 * x)}[name]
    np.testing.assert_allclose(getattr(found, name, found), wanted)


@pytest.mark.parametrize(
    "text",
    [
        "C = u dt/dx",
        "s_i = dy_i/dx_i; z_i = x_i + dx_i; w_i = y_i + dy_i",
        "dx_i = x_i - z_i; s_i = y_i/dx_i",
        "y = d e / d",
        "df = 3; dx_p = x_p; g_p = df/dx_p",
        "y = x; g = ∂y/∂x",
    ],
)
def test_other_names_with_a_d_are_read(text):
    parse_program(text)
