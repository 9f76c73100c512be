"""Several mistakes in one statement: one paste mends them all."""

import itertools

import pytest
from pasting import mended

from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.dialects import LATEX, PLAIN
from einsgrad.frontend.parser import parse_program

# Terms with a mistake, and the terms mended, in an equation of a scalar: of what is seen in the first place, and of
# what is seen where nothing of that kind is wrong.
PARTS = [("|v - w|", "abs(v - w)"), ("sigmod(r)", "sigmoid(r)"), ("3 s₂", "3 s2"), ("2 tahn(t)", "2 tan(t)")]
SUMS = [
    ("x_h", "1_h x_h"),
    ("2 o_kl", "2 1_k 1_l o_kl"),
    ("a_i b_ij", "a_i 1_j b_ij"),
    ("c / d_q", "1_q c / d_q"),
    ("(e_p + f_p)^2", "1_p (e_p + f_p)^2"),
    ("exp(g_m n_mr)", "1_r exp(g_m n_mr)"),
]

TEXTS = [
    ("y = x_ih", "y = 1_i 1_h x_ih"),
    ("y_ij = x_i + z_j + c", "y_ij = 1_j x_i + 1_i z_j + c"),
    ("y = 1_k x_kih", "y = 1_k 1_i 1_h x_kih"),
    ("a == sigmod(x) + tahn(z)", "a == sigmoid(x) + tan(z)"),
]


def errors(text, dialect=PLAIN):
    with pytest.raises(LanguageError) as caught:
        parse_program(text, dialect=dialect)
    return [d for d in caught.value.diagnostics if d.severity == "error"]


LATEX_TEXTS = [
    ("y = x_{ih}", r"y = \mathbf{1}_{i} \mathbf{1}_{h} x_{ih}"),
    ("y_{ij} = x_i + z_j", r"y_{ij} = \mathbf{1}_{j} x_i + \mathbf{1}_{i} z_j"),
]


@pytest.mark.parametrize(
    ("text", "fix", "dialect"), [(*row, PLAIN) for row in TEXTS] + [(*row, LATEX) for row in LATEX_TEXTS]
)
def test_one_fix_mends_a_statement(text, fix, dialect):
    found = errors(text, dialect)
    assert len(found) > 1
    assert {error.fix for error in found} == {fix}
    parse_program(fix, dialect=dialect)


@pytest.mark.parametrize("pair", [*itertools.combinations(PARTS, 2), *itertools.combinations(SUMS, 2)])
def test_two_mistakes_of_a_statement_are_mended_by_one_paste(pair):
    (one, mended_one), (other, mended_other) = pair
    found = errors(f"y = {one} + {other}")
    assert len(found) > 1
    fix = f"y = {mended_one} + {mended_other}"
    assert {error.fix for error in found} == {fix}
    parse_program(fix)


@pytest.mark.parametrize("pair", list(itertools.product(PARTS, SUMS)))
def test_mistakes_that_are_seen_one_after_the_other_are_mended_by_two_pastes(pair):
    (part, mended_part), (term, mended_term) = pair
    assert mended(f"y = {part} + {term}", 0) == f"y = {mended_part} + {mended_term}"


def test_fixes_of_statements_of_one_line_are_their_own():
    assert [error.fix for error in errors("y = x_i; z = w_j")] == ["y = 1_i x_i", "z = 1_j w_j"]


def test_fixes_that_change_one_place_or_offer_a_choice_stay_as_they_are():
    found = errors("theta_hat = 1 + x_q")
    assert len({error.fix for error in found}) == len(found) > 1
