"""LaTeX that means harm, is far too large, or makes no sense: an error or a result, soon, and never a traceback."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from latex_table import ROWS

from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.parser import parse_program

SECONDS = 20

PIECES = [
    *["x", "y_{ij}", "x_i", "ab", r"\gamma", r"\mathbf{x}", r"\mathrm{loss}", r"\hat{x}", r"\text{where}", "W^{(1)}"],
    *[r"\mathbf{1}_{h}", "1_h", r"\delta_{ij}", "|h|", r"\lvert", r"\rvert", "|", "2", "12", ".5", "1e-5", "e", "T"],
    *["=", "==", ":=", r"\equiv", r"\overset{?}{=}", "+", "-", "*", "/", r"\cdot", "^", "_", "'", ",", ";", ".", "&"],
    *["(", ")", "[", "]", "{", "}", r"\{", r"\}", r"\left(", r"\right)", r"\left.", r"\left", r"\right|", "\\"],
    *[r"\frac", r"\frac12", r"\frac{a}{b}", r"\sqrt", r"\sqrt[3]", "^{2}", "^{ij}", r"^\top", "^T", "_{j}", "_{i+1}"],
    *[r"\exp", r"\log", r"\max", r"\sum", r"\sum_{j=1}^{N}", r"\partial", r"\frac{\partial y}{\partial x_p}"],
    *["\\\\", "\n", "\n\n", "%", "$", "$$", r"\[", r"\]", r"\begin{align}", r"\end{align}", r"\begin{cases}", "#", "~"],
    *[
        r"\text{(no sum $i$)}",
        r"\quad",
        r"\prod",
        r"\foo",
        r"\def",
        r"\label{a}",
        "é",
        "²",
        "∂",
        r"\|",
        "||",
        "‖",
        "½",
        "⁻¹",
        "ᵀ",
        r"\neq",
        r"\sum_{i \neq j}",
        "f(x) =",
        r"\delta_j =",
        "_{t_n}",
        "\0",
        r"\operatorname",
    ],
]

REFUSED = {
    "an input": r"\input{/etc/passwd} y = x",
    "a write": r"\immediate\write18{rm -rf /} = y",
    "a macro that calls itself": r"\def\x{\x\x} y = \x",
    "open brackets": "y = " + "(" * 10_000,
    "open braces": "y = " + "{" * 100_000,
    "closed braces": "y = " + "}" * 10_000,
    "deep braces": "y = " + "{" * 10_000 + "x" + "}" * 10_000,
    "deep fractions": "y = " + r"\frac{1}{" * 2_000 + "x" + "}" * 2_000,
    "fractions without arguments": "y = " + r"\frac" * 20_000,
    "carets": "y = x" + "^" * 50_000,
    "powers": "y = x" + "^2" * 40_000,
    "deep scripts": "y = x" + "_{" * 50_000,
    "closed scripts": "y = x" + "_{" * 5_000 + "i" + "}" * 5_000,
    "styles": "y = " + r"\mathbf" * 10_000 + " x",
    "styles in braces": "y = " + r"\mathbf{" * 10_000 + "x" + "}" * 10_000,
    "accents": r"y = \hat{" + r"\bm" * 10_000 + "}",
    "open texts": r"\text{" * 50_000,
    "open environments": r"\begin{align}" * 50_000,
    "closed environments": r"\end{align}" * 50_000,
    "open comments": r"\begin{comment}" * 50_000,
    "partials": "y = " + r"\partial" * 20_000,
    "functions": "y = " + r"\log" * 20_000,
    "no sums": r"\text{(no sum " * 20_000,
    "sums": "y = a " + r"\sum_i " * 10_000 + "x_i",
    "signs": "y = " + "-" * 90_000 + "x",
    "dollars": "$" * 99_999,
    "backslashes": "\\" * 100_001,
    "bars": "y = " + "|" * 50_000,
    "many errors": r"y = x_i \\ " * 4_000,
    "many statements": r"y \equiv x \\ " * 20_001,
    "a line of 10 MB": "y = " + "x" * 10_000_000,
    "a long statement": "y = " + "x" * 100_000,
    "many letters": "y = x_{" + ",".join(f"i_{{{k}}}" for k in range(3_000)) + "}",
    "norms": "y = " + r"\|" * 40_000,
    "open norms": "y = " + r"\lVert" * 16_000,
    "norms in norms": "y = " + "‖" * 999 + "x_i" + "‖" * 999,
    "open angles": "y = " + r"\langle" * 14_000,
    "open cases": "y = " + r"\begin{cases}" * 7_000,
    "cases": "y = " + r"\begin{cases}\end{cases}" * 4_000,
    "applied names": "f(x) = " + "f(" * 900 + "x" + ")" * 900,
    "conditions": "y = " + r"\sum_{i \neq j} " * 5_000 + "x_{ij}",
    "raised digits": "y = x" + "²₂" * 10_000,
    "many limits": "y = " + " + ".join(rf"\sum_{{j=1}}^{{{c}}} x_j" for c in "NM") + r" \prod",
}

READ = {
    "deep brackets": "y = " + "(" * 990 + "x" + ")" * 990,
    "deep fractions": "y = " + r"\frac{1}{1 + " * 400 + "x" + "}" * 400,
    "deep functions": "y = " + r"\exp(" * 900 + "x" + ")" * 900,
    "functions of functions": "y = " + r"\exp " * 900 + "x",
    "deep roots": "y = " + r"\sqrt{" * 900 + "x" + "}" * 900,
    "deep powers": "y = " + "{a^" * 900 + "x" + "}" * 900,
    "a long sum": "y = " + "+".join(["x"] * 20_000),
    "a long product": "y = " + "x " * 20_000,
    "definitions in the prose": "".join(rf"$\mathrm{{a{k}}} = \mathrm{{a{k + 1}}}$ " for k in range(1_000))
    + r"\[ y = \mathrm{a0} \]",
    "applied names": "f(x) = x; y = " + "f(x) " * 10_000,
    "a long document": "prose $x$ " * 100_000 + r"\begin{align} y = x \end{align}",
    "many rows": r"\begin{align}" + " \\\\ ".join(r"y_{i} &\equiv x_{i}" for _ in range(3_000)) + r"\end{align}",
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    start = time.perf_counter()
    with pytest.raises(LanguageError):
        parse_program(REFUSED[case], dialect=LATEX)
    assert time.perf_counter() - start < SECONDS


@pytest.mark.parametrize("case", READ)
def test_read(case):
    start = time.perf_counter()
    parse_program(READ[case], dialect=LATEX)
    assert time.perf_counter() - start < SECONDS


def read_or_refused(text):
    """Read a text; what is read prints and parses to itself, what is refused has its places in the text."""
    diagnostics = []
    try:
        program = parse_program(text, dialect=LATEX)
    except LanguageError as error:
        diagnostics += error.diagnostics
    else:
        assert parse_program(str(program)) == program
    assert all(0 <= d.span.start <= d.span.end <= len(text) for d in diagnostics)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=14), st.sampled_from(["", " "]))
def test_noise_is_refused_or_read(pieces, space):
    read_or_refused(space.join(pieces))


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=10))
def test_noise_in_an_equation_is_refused_or_read(pieces):
    read_or_refused("y = " + " ".join(pieces))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([latex for latex, _ in ROWS]), st.data())
def test_what_is_left_of_a_text_is_refused_or_read(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 6)))
    read_or_refused(text[:start] + text[end:])


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_any_text_is_refused_or_read(text):
    read_or_refused(text)
