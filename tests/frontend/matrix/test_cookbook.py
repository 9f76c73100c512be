"""Known results of matrix calculus, each proved; the nearest wrong ones, each refuted."""

from pathlib import Path

import pytest

import einsgrad as eg

COOKBOOK = eg.load(Path(__file__).with_name("cookbook.mat.ein"))


def test_results_are_proved():
    report = eg.check(COOKBOOK)
    assert [claim.span.text for claim in report.claims if claim.verdict != "proved"] == []
    assert len(report.claims) >= 60


@pytest.mark.parametrize(
    "wrong",
    [
        "∂(xᵀ A x)/∂x == 2 A x",
        "∂tr(X A)/∂X == A",
        "∂tr(X^2)/∂X == 2 X",
        "∂(aᵀ X b)/∂X == b aᵀ",
        "∂log|X|/∂X == X⁻¹",
        "∂‖x - a‖/∂x == 2 (x - a)",
        "∂tr(X⁻¹)/∂X == (X⁻¹ X⁻¹)ᵀ",
        "∂tr(A X B X)/∂X == 2 Aᵀ Xᵀ Bᵀ",
        "(A B)ᵀ == Aᵀ Bᵀ",
        "tr(A B C) == tr(A C B)",
    ],
)
def test_wrong_results_are_refuted(wrong):
    (claim,) = eg.check(f"A: n×n, B: n×n, C: n×n, X: n×n, a: n, b: n, x: n\n{wrong}").claims
    assert claim.verdict == "refuted"


@pytest.mark.parametrize("right", ["tr(∂(A x)/∂x) == tr(A)", "diag(∂(A x)/∂x) == diag(A)", "tr(∂tr(A B)/∂A) == tr(B)"])
def test_derivatives_are_new_tensors_where_one_letter_is_row_and_column(right):
    (claim,) = eg.check(f"A: n×n, B: n×n, x: n\n{right}").claims
    assert claim.verdict == "proved"
