"""Expressions of papers and text books: each is accepted, and its gradients agree with differences.

Each row says where the expression is from, how it is written here, and whether as there or rewritten naturally.
"""

from __future__ import annotations

import pytest

import einsgrad as eg

WRITTEN, REWRITTEN = "as written", "rewritten"

EXPRESSIONS = [
    ("Petersen and Pedersen, The Matrix Cookbook: determinants", "d = det_ij(A_ik X_kl B_lj)", WRITTEN),
    ("Petersen and Pedersen, The Matrix Cookbook: inverses", "t = a_i inv(X)_ij b_j", WRITTEN),
    ("Petersen and Pedersen, The Matrix Cookbook: inverses", "t = A_ij inv(X)_jk B_ki", REWRITTEN),
    ("Petersen and Pedersen, The Matrix Cookbook: inverses", "t = inv_ij(X_ij + A_ij)_kk", REWRITTEN),
    ("Bishop, Pattern Recognition: multivariate normal", "E = -1/2 z_i inv(S)_ij z_j - 1/2 logdet(S)", WRITTEN),
    ("Rezende and Mohamed, Normalizing Flows: planar", "l = log(abs(1 + u_i w_i (1 - tanh(w_j z_j + b)^2)))", WRITTEN),
    (
        "Dinh et al., Real NVP: coupling layer",
        "y_i = x_i exp(tanh(a_ij z_j)) + b_ij z_j; l = 1_i tanh(a_ij z_j)",
        REWRITTEN,
    ),
    ("Ramachandran et al., Searching for Activation Functions", "f(x) = x sigmoid(β x); y_i = f(z_i)", WRITTEN),
    ("Misra, Mish", "mish(x) = x tanh(softplus(x)); y_i = mish(w_ij x_j)", WRITTEN),
    ("Lin et al., Focal Loss", "fl(p) = -(1 - p)^2 log(p); L = 1_n fl(sigmoid(z_n))", WRITTEN),
    (
        "Barron, A General and Adaptive Robust Loss: Charbonnier",
        "ρ(x) = sqrt((x / c)^2 + 1) - 1; L = 1_n ρ(y_n - t_n)",
        WRITTEN,
    ),
    (
        "Barron, A General and Adaptive Robust Loss: Geman-McClure",
        "ρ(x) = 2 (x / c)^2 / ((x / c)^2 + 4); L = 1_n ρ(y_n - t_n)",
        WRITTEN,
    ),
    (
        "Hodgkin and Huxley, A quantitative description: rate of m",
        "β(v) = 4 exp(-v / 18); r_n = -β(u_n) m_n",
        REWRITTEN,
    ),
]


@pytest.mark.parametrize(("source", "text", "how"), EXPRESSIONS, ids=[text for _, text, _ in EXPRESSIONS])
def test_expressions_in_use(source: str, text: str, how: str) -> None:
    report = eg.check(text)
    assert source
    assert how in (WRITTEN, REWRITTEN)
    assert report.ok, report.diagnostics
    assert report.gradients
    assert all(gradient.ok and not gradient.note for gradient in report.gradients)
