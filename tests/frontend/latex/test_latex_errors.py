"""Every error of a LaTeX text: its code, its message, its place in the source, and its fix."""

import re
from pathlib import Path

import pytest
from latex_error_table import LATEX_ERRORS

import einsgrad as eg
from einsgrad.diagnostics import LanguageError
from einsgrad.frontend import latex
from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.parser import parse_program


def errors(text):
    with pytest.raises(LanguageError) as caught:
        parse_program(text, dialect=LATEX)
    return [d for d in caught.value.diagnostics if d.severity == "error"]


@pytest.mark.parametrize(("text", "code", "message", "place", "fix"), LATEX_ERRORS, ids=lambda value: str(value)[:40])
def test_each_error(text, code, message, place, fix):
    (found,) = errors(text)
    assert (found.code, found.message, found.span.text, found.fix) == (code, message, place, fix)


@pytest.mark.parametrize(
    ("text", "code"),
    [(text, code) for text, code, *_ in LATEX_ERRORS if code in ("dummy-once", "free-missing", "left-repeated")]
    + [(r"y_i = 2 \frac{a}{b}", "free-missing"), (r"y = \frac x2 a_i a_i z_h", "dummy-once")]
    + [(r"y_{ij} = \frac ab", "free-missing"), (r"y_{i} = -\frac{1}{a}", "free-missing")]
    + [(r"y = \frac{x_h}{2}", "dummy-once"), (r"y = \frac{a}{x_h}", "dummy-once")],
)  # fmt: skip
def test_a_fix_mends(text, code):
    (found,) = errors(text)
    assert found.code == code
    parse_program(found.fix, dialect=LATEX)


def test_both_readings_of_a_function_without_brackets_can_be_pasted():
    (found,) = errors(r"y_i = \log x_i z_i")
    programs = [parse_program(f"y_i = {line}", dialect=LATEX) for line in found.fix.splitlines()]
    assert programs == [parse_program("y_i = log(x_i) z_i"), parse_program("y_i = log(x_i z_i)")]


def test_each_reading_of_a_sum_can_be_pasted():
    (found,) = errors("y = x_{ii}^2")
    assert found.notes == (r"one sum: y = \sum_{i} x_{ii}^{2}", "separate sums: y = (x_{ii})^{2}")
    assert found.fix is not None
    readings = [eg.parse(line, dialect="latex") for line in found.fix.splitlines()]
    assert readings == [eg.parse("y = sum_i x_ii^2"), eg.parse("y = (x_ii)^2")]


def test_all_errors_of_a_document_are_reported_in_order():
    text = "\n".join(
        [
            r"\begin{document} Let $x = $ be",
            r"\begin{align}",
            r"  y &= x_i, \\",
            r"  z_i &= \oint_i (a + b, \\",
            r"  w &= c) + d \\",
            r"  u_i &= a",
            r"\end{align}",
            r"\begin{equation} t = v_0. \end{equation}",
            r"\end{document}",
        ]
    )
    assert [(d.code, d.span.line, d.span.text) for d in errors(text)] == [
        ("dummy-once", 3, "i"),
        ("unsupported-command", 4, r"\oint"),
        ("bracket-unclosed", 4, "("),
        ("bracket-unopened", 5, ")"),
        ("free-missing", 6, "a"),
        ("fixed-component", 8, "0"),
    ]


def test_an_equation_that_has_no_parse_defines_its_tensor_all_the_same():
    found = errors(r"m_i = x_i + * \\[2pt] \\ g_{ip} = \frac{\partial m_i}{\partial x_p}")
    assert [d.code for d in found] == ["unexpected-token"]


def test_what_is_wrong_with_the_first_side_of_a_chain_is_said_once():
    assert [d.code for d in errors(r"y_{0} &= a \\ &= b \\ &= c")] == ["fixed-component"]
    assert [d.code for d in errors(r"y_{ij} &= \mathbf{1}_{ij} y \\ &= \mathbf{1}_{ij} b")] == ["cycle", "order"]


def test_an_error_shows_the_latex_source():
    with pytest.raises(LanguageError) as caught:
        parse_program("\\begin{align}\n  y_{i} &= x_{ih} \\\\\n\\end{align}", "paper.tex", LATEX)
    assert str(caught.value) == (
        "paper.tex:2:16: error[dummy-once]: `h` occurs once: to sum over it multiply by `\\mathbf{1}_{h}`\n"
        "      y_{i} &= x_{ih} \\\\\n"
        "                   ^\n"
        "  fix: y_{i} &= \\mathbf{1}_{h} x_{ih}"
    )


def test_every_code_is_documented_and_tested():
    makers = "_report|Diagnostic|LexicalError|Wrong|Top|Transposed|Arguments|Differential"
    slug = rf'(?:{makers})\((?:[^"`\[]*?)"([a-z]+(?:-[a-z]+)*)"'
    sources = [source.read_text(encoding="utf-8") for source in Path(latex.__file__).parent.glob("*.py")]
    codes = {code for source in sources for code in re.findall(slug, source)}
    table = Path("grammar/README.md").read_text(encoding="utf-8").split("## Errors")[1]
    assert codes >= {"macro", "script-braces", "upper-index", "environment"}
    assert codes <= set(re.findall(r"`([a-z0-9-]+)`", table))
    warnings = {"prose"}  # see test_prose
    assert codes - warnings <= {code for _, code, *_ in LATEX_ERRORS}
