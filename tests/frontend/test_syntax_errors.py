"""Syntax errors: each says what is missing or too much, at its place, and offers the text where there is one."""

import pytest
from pasting import first_error, mended

from einsgrad.frontend.parser import parse_program

MISSING = [
    ("y = ^2", "between `=` and `^` a term is missing", "^"),
    ("y = * x", "between `=` and `*` a term is missing", "*"),
    ("y = x + / z", "between `+` and `/` a term is missing", "/"),
    ("y = x^*2", "between `^` and `*` a term is missing", "*"),
    ("y = ²x", "between `=` and `²` a term is missing", "²"),
    ("y = sum_i ^ 2", "between `sum_i` and `^` a term is missing", "^"),
    ("y = x // half", "between `/` and `/` a term is missing; a comment begins with `#`", "/"),
    ("y = (x + )", "between `+` and `)` a term is missing", ")"),
    ("y = x ()", "there is nothing between the brackets: a term is missing", ")"),
    ("y = maximum(a, )", "between `,` and `)` a term is missing", ")"),
    ("y = maximum(, a)", "between `(` and `,` a term is missing", ","),
    ("= x", "before `=` the tensor that it defines is missing", "="),
    ("== x", "before `==` a term is missing", "=="),
    ("x ==", "nothing follows the `==`: a term is missing", "=="),
    ("y = x^-", "nothing follows the `-`: a term is missing", "-"),
    ("y = ∂/∂", "between `∂` and `/` a term is missing: write `∂y_i/∂x_p`", "/"),
    ("y = ∂y ∂x", "between `y` and `∂` a `/` is missing: write `∂y_i/∂x_p`", "∂"),
    ("y = ∂x/", "the derivative is not complete: write `∂y_i/∂x_p`", "∂x/"),
    ("y = ∂(x z) * 2", "`*` is unexpected here: the derivative is not complete, write `∂y_i/∂x_p`", "*"),
    (
        "y = ∂y*z/∂x",
        "`*` is unexpected here: put brackets around what is differentiated, as in `∂(x_i x_i)/∂x_p`",
        "*",
    ),
    (
        "y = ∂y/∂(x)",
        "`(` is unexpected here: a derivative is taken by a tensor with new indices, as in `∂y_i/∂x_p`",
        "(",
    ),
    ("y = 2 ∂z/∂x_p * * 2", "between `*` and `*` a term is missing", "*"),
    ("y = ∂ / ∂x_p", "between `∂` and `/` a term is missing: write `∂y_i/∂x_p`", "/"),
    ("y = x (no sum i) + z", "`+` is unexpected here: nothing follows `(no sum i)`", "+"),
    ("y = |x", "`|` is unexpected: `|h|` is the size of an index, and `abs(x)` an absolute value", "|"),
    ("y = x \\ z", "`\\` is unexpected: a backslash begins a Greek letter, as in `\\gamma`", "\\"),
    ("y = \\frac{x}{z}", "`{` is unexpected: `\\frac` is a command of LaTeX, and this is read as plain text", "{"),
    ("y = 1_ x", "an underscore with no index after it", "_"),
    ("y = | |", "`|…|` is the size of one index; the absolute value is `abs(…)`", "| |"),
    ("y = x £ z", "`£` is unexpected: it is no sign of the language", "£"),
    ("x == x (no sum)", "what a claim does not sum is stated with its indices, as in `(no sum i)`", "(no sum)"),
    ("y = x if z", "`if`: logic and whole quotients are not in the language", "if"),
]

MENDED = [
    ("y = = x", "y == x"),
    ("y = x = z", "y = x; y == z"),
    ("(y = x)", "y = x"),
    ("y = {x + z} w", "y = (x + z) w"),
    ("y_i = x [i]", "y_i = x[i]"),
    ("y_i = x{i}", "y_i = x_{i}"),
    ("y_i,j = x_ij", "y_{i,j} = x_ij"),
    ("y_i = x_i,j z_j", "y_i = x_{i,j} z_j"),
    ("y = ∂x/x", "y = ∂x/∂x"),
    ("y = A_(i,j) B_ij", "y = A[i,j] B_ij"),
    ("let y = x", "y = x"),
    ("y = x z, where x = 2", "y = x z; x = 2"),
    ("a_i b_i == c_i no sum i", "a_i b_i == c_i (no sum i)"),
    ("y = 1_000 x", "y = 1000 x"),
]


@pytest.mark.parametrize(("text", "message", "place"), MISSING)
def test_what_is_missing_or_too_much(text, message, place):
    error = first_error(text)
    assert (error.message, error.span.text, error.fix) == (message, place, None)


@pytest.mark.parametrize(("text", "fix"), MENDED)
def test_what_can_be_mended(text, fix):
    assert first_error(text).fix == fix
    parse_program(mended(text, 0))


SIGNS = ["+", "-", "*", "/", "^", "=", "==", ",", "(x)", "x_i", "2", "∂", "sum_i", "²", "|h|", "exp(x)", "(no sum i)"]


@pytest.mark.parametrize("first", SIGNS)
def test_no_error_leaves_open_what_should_stand_there(first):
    for second in SIGNS:
        for third in ("", "z", "*"):
            error = first_error(f"y = {first} {second} {third}")
            if error is not None and error.code.startswith("unexpected"):
                assert " missing" in error.message or "here: " in error.message or "not complete" in error.message
