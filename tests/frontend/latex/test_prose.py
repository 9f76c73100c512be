"""Formulas in the prose of a document: which are read beside its displays, and which are named."""

import pytest

import einsgrad as eg
from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.parser import parse_program

DISPLAY = r"\begin{equation} y_i = a_i c \end{equation}"


def read(text):
    return parse_program(text, dialect=LATEX)


def skipped(text):
    """Give what the warning about a text says of each formula."""
    (warning,) = read(text).warnings
    assert warning.code == "prose"
    return list(warning.notes)


def test_what_defines_what_a_display_uses_is_read_and_what_defines_that():
    text = rf"With $b_i = c d_i$ and $a_i = 2 b_i$, {DISPLAY} where \(c = 3\)."
    assert read(text) == parse_program("b_i = c d_i; a_i = 2 b_i; y_i = a_i c; c = 3")
    assert read(text).warnings == ()


def test_a_claim_in_a_display_is_about_the_tensors_of_the_prose():
    text = r"The loss $L = x_i x_i$ has \[ \frac{\partial L}{\partial x_p} \equiv 3 x_p \]"
    assert read(text) == parse_program("L = x_i x_i; ∂L/∂x_p == 3 x_p")
    (claim,) = eg.check(text).claims
    assert claim.verdict == "refuted"


def test_what_is_skipped_and_looks_like_an_equation_is_named():
    text = (
        f"Let $n = 100$ and\n{DISPLAY} with $y_i = 3$, $c_i = b$,\n"
        r"$a_{ij} = b_{i+1}$, $b \equiv 2$, $b \in C$, $x$ and $i = 1, \ldots, n$."
    )
    assert skipped(text) == [
        "line 1: `n = 100`: no display uses `n`",
        "line 2: `y_i = 3`: `y` is defined elsewhere",
        "line 2: `c_i = b`: `c` has other indices in the displays",
        "line 3: `a_{ij} = b_{i+1}`: `a` has other indices in the displays",
        r"line 3: `b \equiv 2`: it defines no tensor",
    ]


def test_the_first_of_two_definitions_is_read():
    text = rf"$c = 3$ {DISPLAY} $c = 4$ $c = 3$"
    assert read(text) == parse_program("c = 3; y_i = a_i c")
    assert skipped(text) == ["line 1: `c = 4`: `c` is defined elsewhere"]


def test_the_place_is_the_first_formula_and_many_are_counted():
    text = DISPLAY + "".join(f" $n = {k}$" for k in range(12))
    (warning,) = read(text).warnings
    assert warning.span.text == "n = 0"
    assert (len(warning.notes), warning.notes[-1]) == (11, "and 2 more")


def test_what_is_repeated_in_the_prose_is_not_named():
    assert read(rf"As $y_i = a_i c$, {DISPLAY} holds.").warnings == ()


@pytest.mark.parametrize(
    ("formula", "code", "place", "fix"),
    [
        ("c = x_i", "dummy-once", "i", r"c = \mathbf{1}_{i} x_i"),
        ("c = x_{i+1}", "index-arithmetic", "+1", None),
        (r"c = \oint_j x_j", "unsupported-command", r"\oint", None),
        ("c = (2", "bracket-unclosed", "(", None),
    ],
)
def test_an_error_in_a_formula_that_defines_what_a_display_uses_has_its_place(formula, code, place, fix):
    with pytest.raises(LanguageError) as caught:
        read(rf"With ${formula}$, {DISPLAY}")
    (error,) = caught.value.diagnostics
    assert (error.code, error.span.text, error.fix) == (code, place, fix)
