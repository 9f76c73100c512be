r"""The fixes that errors offer for LaTeX: pasted, the text is right and means what its author meant, or stops later."""

import pytest
from latex_error_table import LATEX_ERRORS
from latex_pasting import mended

from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.parser import parse_program

FIXES = [(text, choice) for text, *_, fix in LATEX_ERRORS for choice in range(len((fix or "").splitlines()))]


@pytest.mark.parametrize(("text", "choice"), FIXES, ids=lambda value: str(value)[:40])
def test_each_fix_of_the_error_table_mends(text, choice):
    _, error = mended(text, choice)
    assert error is None


MISTAKES = [
    # One-tensors, several in one equation.
    (r"m_b = \frac{1}{H} x_{bh}; H = |h|; z_{bh} = x_{bh}", "m_b = 1/H 1_h x_bh; H = |h|; z_bh = x_bh"),
    (r"v_b = (x_{bh} - m_b)^2; m_b = z_b", "v_b = 1_h (x_bh - 1_h m_b)^2; m_b = z_b"),
    (r"y_{ij} = a_i + b_j + c", "y_ij = 1_j a_i + 1_i b_j + c"),
    (r"L = \log(x_{i})", "L = 1_i log(x_i)"),
    (r"y_{ij} = \exp(x_i) / z_j + \frac{w_j}{2}", "y_ij = exp(x_i) / z_j + 1_i w_j/2"),
    (r"y_{bj} &= x_{bi} w_{ij} + b_j \\ z_b &= y_{bj}", "y_bj = x_bi w_ij + 1_b b_j; z_b = 1_j y_bj"),
    # Names: scripts, letters, words.
    ("y_ijk = x_ij z_k", "y_ijk = x_ij z_k"),
    (r"z = \mathbf{x_i} \mathbf{w_{ij}} \mathbf{y_j}", "z = x_i w_ij y_j"),
    ("y = 3^12 x^25", "y = 3^12 x^25"),
    ("y_i = e^x_i + e^z_i", "y_i = exp(x_i) + exp(z_i)"),
    ("y_i = xᵢⱼ z_j + wᵢ", "y_i = x_ij z_j + w_i"),
    ("z = x[i] w[i,j] y[j]", "z = x_i w_ij y_j"),
    ("C(i,j) = A(i,k) B(k,j)", "C_ij = A_ik B_kj"),
    # Matrices in brackets.
    ("y_{ij} = (A B C)_{ij}", "y_ij = A_ik B_kl C_lj"),
    (r"y_i = (W x)_i + b_i", "y_i = W_ij x_j + b_i"),
    (r"K_{ij} = (X X^\top)_{ij}", "K_ij = X_ik X_jk"),
    (r"s = x_i (A^T B y)_i", "s = x_i A_ji B_jk y_k"),
    # Functions.
    (r"y_n = \log \sigma(z_n) + \log(1 - \sigma(-z_n))", "y_n = log(sigmoid(z_n)) + log(1 - sigmoid(-z_n))"),
    (r"y = \operatorname{sofplus}(x) \operatorname{sqr}(z)", "y = softplus(x) sqrt(z)"),
    (r"y = \alpha(a + b) - \beta(c - d)", "y = α (a + b) - β (c - d)"),
    (r"y_i = (a_i - b_i)_+ + [c_i]_+", "y_i = relu(a_i - b_i) + relu(c_i)"),
    (r"y_i = \log x_i z_i + \exp w_i / 2", "y_i = log(x_i) z_i + exp(w_i) / 2"),
    # Norms and sums.
    (r"L = \frac{1}{2} \|y_n - t_n\|^2 + \frac{\lambda}{2} \|w_{ij}\|_F^2",
     "L = 1/2 (sum_n (y_n - t_n)^2) + λ/2 (sum_ij w_ij^2)"),
    (r"d_{nm} = \|x_{nk} - y_{mk}\|^2", "d_nm = sum_k (1_m x_nk - 1_n y_mk)^2"),
    (r"E = \sum_{i \neq j} \frac{q_i q_j}{r_{ij}}", "E = sum_ij (1_ij - δ_ij) q_i q_j / r_ij"),
    (r"y_i = \sum_{j \neq i} w_{ij} (x_j - x_i)", "y_i = sum_j (1_ji - δ_ji) w_ij (1_i x_j - 1_j x_i)"),
    # Left-hand sides.
    (r"\sigma^2 = \frac{1}{N} \sum_{n=1}^{N} (x_n - \mu)^2", "N = |n|; σ = sqrt(1/N sum_n (x_n - μ)^2)"),
    (r"\sigma_b^{2} &= x_{bh} x_{bh}", "σ_b = sqrt(x_bh x_bh)"),
    ("y_{ii} = a_i b_i", "y_ij = δ_ij a_i b_i"),
    ("2 a_i = b_i + c_i", "2 a_i == b_i + c_i"),
    (r"a_i b_i = b_i a_i \text{(no sum $i$)}", "a_i b_i == b_i a_i (no sum i)"),
    (r"y_{ij} = a_i b_j \quad \text{(no sum $i$, $j$)}", "y_ij = a_i b_j"),
    # Readings: the first is one sum.
    ("y = x_{ii}^2 + a", "y = (sum_i x_ii^2) + a"),
    (r"c = \frac{a_i b_i}{\sqrt{a_i a_i}}", "c = sum_i a_i b_i / sqrt(a_i a_i)"),
    (r"y = |b| b + x_b z_b", "y = abs(b) b + x_b z_b"),
    (r"y_{ij} = a_{ij}^T; T = b", "y_ij = a_ji; T = b"),
]  # fmt: skip
"""Mistakes, and what they mean when all their fixes are pasted."""


@pytest.mark.parametrize(("text", "plain"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_mended_mistake_means_what_its_author_meant(text, plain):
    mended_text, error = mended(text)
    assert error is None
    assert parse_program(mended_text, dialect=LATEX) == parse_program(plain)
