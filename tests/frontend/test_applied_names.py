"""A name with its arguments on the left is the name."""

import pytest

from einsgrad.frontend.parser import parse_program


@pytest.mark.parametrize(
    ("applied", "bare"),
    [
        ("f(x) = x_i A_ij x_j", "f = x_i A_ij x_j"),
        ("f(x, y) = x_i y_i; g_p = ∂f(x,y)/∂x_p", "f = x_i y_i; g_p = ∂f/∂x_p"),
        ("y_i(θ) = θ x_i; E = y_i(θ) z_i + y_j( θ ) w_j", "y_i = θ x_i; E = y_i z_i + y_j w_j"),
        ("L(θ) = θ_i θ_i + 1; M = L(θ)^2", "L = θ_i θ_i + 1; M = L^2"),
        ("p(x, μ) = exp(-(x - μ)^2)  # p(x, μ)", "p = exp(-(x - μ)^2)"),
        ("E = f(x)^2; f(x) = x_i x_i", "E = f^2; f = x_i x_i"),
        ("f = a; y = f(x)", "f = a; y = f x"),
    ],
)
def test_applied_names(applied, bare):
    assert parse_program(applied) == parse_program(bare)
