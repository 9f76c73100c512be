r"""Norms in LaTeX: refused, each with the sum that it stands for, which can be pasted and means the norm."""

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.parser import parse_program

WRITTEN_OUT = [
    # Each sign of a norm.
    (r"d = \|x_i - y_i\|", "d = sqrt(sum_i (x_i - y_i)^2)"),
    (r"d = ||x_i - y_i||", "d = sqrt(sum_i (x_i - y_i)^2)"),
    (r"d = \lVert x_i - y_i \rVert_2^2", "d = sum_i (x_i - y_i)^2"),
    (r"d = \left\| x_i - y_i \right\|^{2}", "d = sum_i (x_i - y_i)^2"),
    (r"d = \left\lVert x_i \right\rVert + \Vert z_i \Vert", "d = sqrt(sum_i x_i^2) + sqrt(sum_i z_i^2)"),
    (r"d = \bigl\| x_i \bigr\| + \big\| z_i \big\|", "d = sqrt(sum_i x_i^2) + sqrt(sum_i z_i^2)"),
    (r"d = \left|\left| x_i \right|\right| + \lvert\lvert z_i \rvert\rvert^2", "d = sqrt(sum_i x_i^2) + sum_i z_i^2"),
    ("d = ‖x_i‖ + ‖z_i‖_2² + ‖w_i‖²", "d = sqrt(sum_i x_i^2) + sum_i z_i^2 + sum_i w_i^2"),
    # Orders.
    (r"d = \|x_{ij}\|_F + \|z_i\|_{\mathrm{F}}^2", "d = sqrt(sum_ij x_ij^2) + sum_i z_i^2"),
    (r"d = |w_i|_2 + \|w_i\|^{2}_2", "d = sqrt(sum_i w_i^2) + sum_i w_i^2"),
    (r"d = \|x_i\|_1 + \|z_i\|_{\ell_1}^2", "d = sum_i abs(x_i) + (sum_i abs(z_i))^2"),
    (r"d = \|x_i\|^3", "d = sqrt(sum_i x_i^2)^3"),
    # The letters that are summed are those that nothing outside needs.
    (r"d_n = \|x_{ni}\|", "d_n = sqrt(sum_i x_ni^2)"),
    (
        r"d_{ij} = \| \mathbf{1}_j x_{ik} - \mathbf{1}_i y_{jk} \|^2 / 2",
        "d_ij = (sum_k (1_j x_ik - 1_i y_jk)^2) / 2",
    ),
    (r"c = \frac{x_i y_i}{\|x_i\| \|y_i\|}", "c = x_i y_i / (sqrt(sum_j x_j^2) sqrt(sum_k y_k^2))"),
    (
        r"c = a_i b_i \lVert x_{ij} - \mathbf{1}_{ij} \lVert y_k\rVert\rVert",
        "c = a_i b_i sqrt(sum_mj (x_mj - 1_mj sqrt(sum_k y_k^2))^2)",
    ),
    (r"L = \|A_{ij} x_j - b_i\|^2 + \lambda \|x_j\|_1", "L = sum_i (A_ij x_j - b_i)^2 + λ (sum_j abs(x_j))"),
    (r"L = \sum_n w_n \|x_{ni} - \mathbf{1}_n m_i\|^2", "L = sum_n w_n (sum_i (x_ni - 1_n m_i)^2)"),
    (r"L = a_n \|x_{ni}\|", "L = a_n sqrt(sum_i x_ni^2)"),
    (r"y_i = x_i / \|x_j\|^2", "y_i = x_i / (sum_j x_j^2)"),
    (r"y_i = \frac{x_i}{\|x_j\|}", "y_i = x_i / sqrt(sum_j x_j^2)"),
    (r"k = e^{-\gamma \|x_i - z_i\|^2}", "k = exp(-γ (sum_i (x_i - z_i)^2))"),
    (r"L = a - \|x_i\|^2 - \log \|x_i\|^2", "L = a - (sum_i x_i^2) - log(sum_i x_i^2)"),
    (r"\|x_i\|^2 \equiv x_i x_i", "(sum_i x_i^2) == x_i x_i"),
    # A norm in a norm.
    (r"d = \| \|x_{ij}\| - b_i \|^2", "d = sum_i (sqrt(sum_j x_ij^2) - b_i)^2"),
]  # fmt: skip

NO_LETTER = "the norm has no index of its own to sum: write all indices, and letters that stand only in it"
NO_FIX = [
    (r"d = \|x\|", NO_LETTER),
    (r"y_i = x_i / \|x_i\|", NO_LETTER),
    (r"L = \sum_i \|x_i - m\|", NO_LETTER),
    (r"y_h = x_h ||h||", NO_LETTER),
    (r"d = \|x_i\|_\infty", "only norms of order 1 and 2 are sums"),
    (r"d = \|x_{ij}\|_*^2", "only norms of order 1 and 2 are sums"),
]  # fmt: skip


def error(text):
    with pytest.raises(LanguageError) as caught:
        parse_program(text, dialect=LATEX)
    (found,) = caught.value.diagnostics
    assert found.code == "norm"
    return found


@pytest.mark.parametrize(("text", "plain"), WRITTEN_OUT)
def test_a_norm_is_refused_with_its_sum(text, plain):
    found = error(text)
    assert found.notes == ()
    assert parse_program(found.fix, dialect=LATEX) == parse_program(plain)


@pytest.mark.parametrize(("text", "note"), NO_FIX)
def test_a_norm_that_is_no_sum_has_no_fix(text, note):
    found = error(text)
    assert (found.fix, found.notes) == (None, (note,))


def test_a_norm_is_the_norm():
    x = np.array([[3.0, -4.0], [1.0, 2.0]])
    fix = error(r"y = \|x_{ij}\|_F + \|x_{ij} a_j\|_1").fix
    y = eg.compile(eg.parse(fix, dialect="latex"))(x=x, a=x[0])
    np.testing.assert_allclose(y, np.linalg.norm(x) + np.abs(x @ x[0]).sum())


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"y = | |x_i| - 1 | \mathbf{1}_i", "y = abs(abs(x_i) - 1) 1_i"),
        (r"y = ||x_i| - 1| \mathbf{1}_i", "y = abs(abs(x_i) - 1) 1_i"),
        (r"y = |x_i||z_i|", "y = abs(x_i) abs(z_i)"),
    ],
)
def test_bars_that_are_not_double_are_absolute_values(text, plain):
    assert parse_program(text, dialect=LATEX) == parse_program(plain)


def test_the_place_is_the_first_norm():
    found = error("y = a\nd = b + \\|x_i\\|^2 - \\|z_i\\|_1 \\\\ u = v")
    assert (found.span.text, found.span.line) == (r"\|x_i\|^2", 2)
    assert found.fix == r"d = b + \sum_{i} x_i^{2} - \sum_{i} \lvert z_i \rvert"
