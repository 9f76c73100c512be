r"""Sums over letters that differ: refused, each with the sum over all that it stands for, which means the same."""

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.parser import parse_program

WRITTEN_OUT = [
    (r"y = \sum_{i \neq j} x_{ij}", "y = sum_ij (1_ij - δ_ij) x_ij"),
    (r"y = \sum_{i \ne j} x_i x_j", "y = sum_ij (1_ij - δ_ij) x_i x_j"),
    (r"y = \sum_{\mu \neq \nu} x_{\mu\nu}", "y = sum_{μ,ν} (1_{μ,ν} - δ_{μ,ν}) x_{μ,ν}"),
    # The second letter is not summed where something around has it: the left-hand side, a sum, other factors.
    (r"y_i = \sum_{j \neq i} x_{ij}", "y_i = sum_j (1_ji - δ_ji) x_ij"),
    (r"y = \sum_i \sum_{j \not= i} x_i x_j", "y = sum_i sum_j (1_ji - δ_ji) x_i x_j"),
    (r"y = \sum_i a_i \sum_{j ≠ i} x_i x_j", "y = sum_i a_i sum_j (1_ji - δ_ji) x_i x_j"),
    (r"y = a_j \sum_{i \neq j} x_i", "y = a_j sum_i (1_ij - δ_ij) x_i"),
    # Limits, fractions, several sums.
    (r"y_i = \frac{\sum_{j \neq i}^{N} x_{ij}}{N}", "N = |j|; y_i = (sum_j (1_ji - δ_ji) x_ij) / N"),
    (
        r"y = \sum_{i \neq j} x_{ij} + \left( \sum_{k \neq l} z_{kl} \right)^2",
        "y = sum_ij (1_ij - δ_ij) x_ij + (sum_kl (1_kl - δ_kl) z_kl)^2",
    ),
]

NO_FIX = [
    r"y_i = a_i / \sum_{k \neq i} z_{ik}",
    r"\sum_{i \neq j} x_{ij} \equiv z",
    r"y = \sum_{i < j} x_{ij}",
    r"y = \sum_{i \le j} x_{ij}",
    r"y = \sum_{i \in S} x_{i}",
    r"y = \sum_{i : i \neq j} x_{ij}",
    r"y_i = \sum_{j=1, j \neq i}^{N} x_{ij}",
    r"y = \sum_{\substack{i=1 \\ i \neq j}}^{N} x_{ij}",
]


def error(text):
    with pytest.raises(LanguageError) as caught:
        parse_program(text, dialect=LATEX)
    (found,) = caught.value.diagnostics
    assert found.code == "sum-range"
    return found


@pytest.mark.parametrize(("text", "plain"), WRITTEN_OUT)
def test_letters_that_differ_are_refused_with_the_sum_over_all(text, plain):
    assert parse_program(error(text).fix, dialect=LATEX) == parse_program(plain)


@pytest.mark.parametrize("text", NO_FIX)
def test_another_condition_has_no_fix(text):
    assert error(text).fix is None


def test_the_sum_over_all_leaves_the_diagonal_out():
    x = np.arange(9.0).reshape(3, 3)
    y = eg.compile(eg.parse(error(r"y_i = \sum_{j \neq i} x_{ij}").fix, dialect="latex"))(x=x)
    np.testing.assert_allclose(y, x.sum(1) - np.diag(x))
