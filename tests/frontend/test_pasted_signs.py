"""What is pasted from papers, and has one meaning, is read."""

import pytest

from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.parser import parse_program


@pytest.mark.parametrize(
    ("pasted", "typed"),
    [
        ("E = −x_i z_i – 3", "E = -x_i z_i - 3"),
        ("E = x_i · z_i", "E = x_i * z_i"),
        ("y_i = 2 × x_i ⋅ z_i", "y_i = 2 * x_i * z_i"),
        ("y_i = x_i ÷ 3 ∕ 4", "y_i = x_i / 3 / 4"),
        ("y = 1⁄3", "y = 1/3"),
        ("E = ½ x_i x_i", "E = 1/2 x_i x_i"),
        ("E = 2½ x_i x_i", "E = 2.5 x_i x_i"),
        ("y = a½", "y = a * 0.5"),
        ("y_i = x_i²", "y_i = x_i^2"),
        ("y_i = x_{i}³ z[i]²", "y_i = x_i^3 z_i^2"),
        ("y_i = 10⁻³ x_i⁻¹² λ⁺²", "y_i = 10^-3 x_i^-12 λ^2"),
        ("y = (x_i z_i)² + exp(λ)² |i|²", "y = (x_i z_i)^2 + exp(λ)^2 |i|^2"),
        ("y = 2²", "y = 2^2"),
        ("y_i = x_i^½", "y_i = x_i^(1/2)"),
        ("y_i = 1/xᵢ", "y_i = 1/x_i"),
        ("yᵢⱼ = δᵢⱼ xᵢ", "y_ij = δ_ij x_i"),
        ("y = ∑ᵢ xᵢ² + 1ᵢ₁ zᵢ₁", "y = sum_i x_i^2 + 1_i1 z_i1"),
        ("y_i ≔ x_i; z_i := x_i", "y_i = x_i; z_i = x_i"),
        ("x_i z_i ≡ z_i x_i", "x_i z_i == z_i x_i"),
        ("y_i = ŷ_i − x̂_i", "y_i = ŷ_i - x̂_i"),
        ("g_p = 𝜕(x_i x_i)/𝜕x_p", "g_p = ∂(x_i x_i)/∂x_p"),
        ("𝑦_𝑖 = 𝑥_𝑖", "y_i = x_i"),
        ("y_i = x_i −\n  z_i", "y_i = x_i - z_i"),
        ("y_i ≔\n  z_i", "y_i = z_i"),
    ],
)
def test_pasted_signs_are_read(pasted, typed):
    assert parse_program(pasted) == parse_program(typed)


@pytest.mark.parametrize("text", ["y = x²^3", "y = x^3²"])
def test_a_raised_power_does_not_chain(text):
    with pytest.raises(LanguageError) as caught:
        parse_program(text)
    assert [d.code for d in caught.value.diagnostics] == ["power-chain"]


def test_what_a_broken_statement_defines_is_known_by_any_sign():
    with pytest.raises(LanguageError) as caught:
        parse_program("mean_i ≔ x_i +*; y = mean(3)")
    assert [d.code for d in caught.value.diagnostics] == ["unexpected-token"]
