"""Wrapping: the same text in narrower lines, broken where a reader would break."""

import re

import pytest

import einsgrad as eg
from einsgrad.gallery import names
from einsgrad.render.wrapping import display_width, wrap, wrap_words

BODY = "∂l/∂y_bh γ_h / sqrt(v_b + ε) + 2 ∂l/∂v_b (x_bh - 1_h m_b)/H"


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (None, ["g = " + BODY]),
        (63, ["g = " + BODY]),
        (62, ["g = ∂l/∂y_bh γ_h / sqrt(v_b + ε)", "  + 2 ∂l/∂v_b (x_bh - 1_h m_b)/H"]),
        (33, ["g = ∂l/∂y_bh γ_h / sqrt(v_b + ε)", "  + 2 ∂l/∂v_b (x_bh - 1_h m_b)/H"]),
        (30, ["g = ∂l/∂y_bh γ_h", "    / sqrt(v_b + ε)", "  + 2 ∂l/∂v_b", "    (x_bh - 1_h m_b)/H"]),
        (16, ["g = ∂l/∂y_bh γ_h", "    / sqrt(v_b", "    + ε)", "  + 2 ∂l/∂v_b", "    (x_bh", "    - 1_h m_b)/H"]),
    ],
)
def test_sums_break_before_products_and_what_is_outside_before_what_is_in_brackets(width, lines):
    assert wrap("g", BODY, width) == lines


def test_arguments_break_after_their_commas():
    assert wrap("y", "maximum(a_i b_i, c_i d_i)", 20) == ["y = maximum(a_i b_i,", "      c_i d_i)"]


@pytest.mark.parametrize("operator", ["+", "-", "/", "*", "⊙", "⊘"])
def test_an_operator_begins_the_line_that_it_breaks(operator):
    indent = "  " if operator in "+-" else "    "
    assert wrap("y", f"aaaa {operator} bbbb", 10) == ["y = aaaa", f"{indent}{operator} bbbb"]


def test_what_has_no_operator_is_not_broken():
    name = "a" * 50
    assert wrap("y", f"{name} + b", 20) == [f"y = {name}", "  + b"]


def test_a_wide_left_side_leaves_half_of_the_width():
    left = "∂Jacobian_ijkl/∂Jacobian_pqrs"
    assert wrap(left, "a_ij b_kl + c_p", 20) == [f"{left} = a_ij", "          b_kl + c_p"]


def test_what_is_deep_in_brackets_stays_within_the_width():
    body = "sin(a + " * 30 + "b" + ")" * 30
    lines = wrap("y", body, 60)
    assert max(map(display_width, lines)) <= 60
    assert joined(lines) == f"y = {body}"


def test_accents_take_no_place():
    assert display_width("x̂_i") == 3
    assert wrap("y", "x̂_i ŷ_i", 11) == ["y = x̂_i ŷ_i"]


def test_words_break_at_spaces():
    assert wrap_words("[chain rule through y, v and m]", 2, 20) == ["  [chain rule", "    through y,", "    v and m]"]
    assert wrap_words("[product rule]", 50, 40) == [" " * 20 + "[product rule]"]


def joined(lines):
    return " ".join(line.strip() for line in lines)


def squeezed(text):
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("name", ["layer_norm", "gru_cell", "gaussian_kl", "hessian_vector_product", "info_nce"])
def test_derivations_keep_to_the_width_and_to_their_text(name, width):
    derivation = eg.derive(eg.load(name))
    text = derivation.text(width)
    assert squeezed(text) == squeezed(derivation.text())
    for line in text.splitlines():
        _, _, body = line.rpartition(" = ")
        whole = re.fullmatch(r"\s*(\S )?\S+", body) or line.startswith("    einsum ")
        assert whole or display_width(line) <= width, line


@pytest.mark.parametrize("name", names())
def test_a_width_changes_nothing_as_long_as_all_lines_fit(name):
    derivation = eg.derive(eg.load(name))
    whole = derivation.text()
    widest = max(map(display_width, whole.splitlines()))
    assert derivation.text(widest) == whole
    assert derivation.text(widest - 1) != whole
