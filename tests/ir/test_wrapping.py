"""Wrapping: no line is too wide, nothing is lost, and lines break where the mathematics is held together least."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einsgrad.ir.wrapping import width, wrapped


def shown(head, text, columns):
    return "\n".join(wrapped(head, text, columns))


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        (34, "y_i = aaaa_i + bbbb_i (c_i + dd_i)"),
        (33, "y_i = aaaa_i\n    + bbbb_i (c_i + dd_i)"),
        (30, "y_i = aaaa_i\n    + bbbb_i (c_i + dd_i)"),
    ],
)
def test_a_sum_breaks_before_its_last_sign_that_fits(columns, wanted):
    assert shown("y_i = ", "aaaa_i + bbbb_i (c_i + dd_i)", columns) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("-(aaaaaaaa_i + b_i) cccccccc_i / d_i", "-(aaaaaaaa_i + b_i) cccccccc_i\n  / d_i"),
        ("aaaaaaaaaa_i bbbbbbbbbbbbbb_i / cccccccccc_i", "aaaaaaaaaa_i bbbbbbbbbbbbbb_i\n  / cccccccccc_i"),
        ("a_i - f_i * gggggggggggggggggggggg_i", "a_i\n- f_i * gggggggggggggggggggggg_i"),
        ("exp(aaaaaaaaaaaa_i b_i - cccccc_i)", "exp(aaaaaaaaaaaa_i b_i\n      - cccccc_i)"),
        ("maximum(aaaaaaaaaaaaaaaa_i, bbbbbbbb_i)", "maximum(aaaaaaaaaaaaaaaa_i,\n  bbbbbbbb_i)"),
        ("aaaaaaaa_i + (bbbbbbbb_i c_i - d_i) - e_i", "aaaaaaaa_i\n+ (bbbbbbbb_i c_i - d_i) - e_i"),
    ],
)
def test_lines_break_where_least_is_held_together(text, wanted):
    assert shown("= ", text, 32) == "= " + wanted


def test_what_is_broken_inside_a_bracket_stands_after_it():
    text = "2 (aaaaaaaaaaaa_ij + bbbbbbbbbbbb_ij cccccccccccccccccccccc_ij) ddd_ij"
    assert shown("x = ", text, 50).split("\n") == [
        "x = 2",
        "    (aaaaaaaaaaaa_ij",
        "     + bbbbbbbbbbbb_ij cccccccccccccccccccccc_ij)",
        "    ddd_ij",
    ]


def test_factors_inside_a_bracket_stand_further_in_than_its_signs():
    text = "(aaaaaaaaaaaaaaaaa_ij - bbbbbbbbbbbbbbbbbb_ij ccccccccccccccccccccccccc_ij)"
    assert shown("x = ", text, 40).split("\n") == [
        "x = (aaaaaaaaaaaaaaaaa_ij",
        "     - bbbbbbbbbbbbbbbbbb_ij",
        "       ccccccccccccccccccccccccc_ij)",
    ]


def test_a_long_left_side_has_a_line_of_its_own():
    assert shown("  ∂l/∂a_long_name = ", "bbbbbbbbbbbbbbb_i c_i + d_i", 40).split("\n") == [
        "  ∂l/∂a_long_name =",
        "      bbbbbbbbbbbbbbb_i c_i + d_i",
    ]


def test_accents_take_no_column():
    text = "x̂_i + ŷ_i"
    assert width(text) == 9
    assert wrapped("z̃ = ", text, 13) == ["z̃ = " + text]


WORDS = st.sampled_from(["+", "-", "/", "*", "a_ij", "(b_i", "c_i)", "exp((x_i", "y_i))", "max(u_i,", "x̂_i"])


@given(words=st.lists(WORDS, min_size=1, max_size=60), columns=st.integers(30, 60))
def test_nothing_is_lost_and_no_line_is_too_wide(words, columns):
    text = " ".join(words)
    lines = wrapped("y_ij = ", text, columns)
    assert " ".join(line.strip() for line in lines) == f"y_ij = {text}"
    assert all(width(line) <= columns for line in lines)


def test_a_word_that_fits_nowhere_stands_alone():
    long = "a" * 50
    assert wrapped("y = ", f"{long} b {long}", 40) == ["y = " + long, "    b", "    " + long]


def test_long_sums_take_no_time():
    text = " + ".join(f"a{k}_i (b{k}_i + c_i)" for k in range(20_000))
    assert len(wrapped("y_i = ", text, 88)) < 10_000
