"""Every error and warning: its code, its message, its place, and its fix."""

import re
from pathlib import Path

import pytest
from error_table import ERRORS, WARNINGS
from habit_table import HABITS

from einsgrad.diagnostics import LanguageError
from einsgrad.frontend import lexis
from einsgrad.frontend.parser import parse_program


@pytest.mark.parametrize(("text", "code", "message", "place", "fix"), ERRORS, ids=lambda value: str(value)[:40])
def test_each_error(text, code, message, place, fix):
    with pytest.raises(LanguageError) as caught:
        parse_program(text)
    (found,) = (d for d in caught.value.diagnostics if d.code == code)
    assert len([d for d in caught.value.diagnostics if d.severity == "error"]) == 1
    assert (found.message, found.span.text, found.fix) == (message, place, fix)


@pytest.mark.parametrize(("text", "code", "message", "place"), WARNINGS)
def test_each_warning(text, code, message, place):
    (found,) = parse_program(text).warnings
    assert (found.code, found.message, found.span.text, found.severity) == (code, message, place, "warning")


@pytest.mark.parametrize(
    "text",
    [
        "y_bh = x_bh + 1_b β_h",
        "m_b = 1_h x_bh",
        "y_i = 1_ij B_ij c_j",
        "h = x y; z = h W1 + W2",
        "W1 = x; y = W2 W1",
        "m_i = x_i; y = M_ij m_i m_j",
        "p = ∂(x_i x_i)/∂x_p 1_p",
        "γ = gamma2",
        "o_i = sigmoid(x_i); y = o_i O_i",
        "W_ij = w_i w_j",
        "W1_ij = a_i b_j; s = W1_ij w1_ij",
        "Mean_i = 2 m_i; m_i = mean_i / 3",
    ],
)
def test_no_warning_without_cause(text):
    assert parse_program(text).warnings == ()


def test_all_errors_of_a_text_are_reported_in_order():
    text = "y = x_i\nz = 3 )(\nw = (a\nv = b)\nu_i = a\nt = y_0\n"
    with pytest.raises(LanguageError) as caught:
        parse_program(text)
    places = [(d.code, d.span.line) for d in caught.value.diagnostics]
    assert places == [
        ("dummy-once", 1),
        ("bracket-unopened", 2),
        ("bracket-unclosed", 3),
        ("bracket-unopened", 4),
        ("free-missing", 5),
        ("fixed-component", 6),
    ]


def test_a_statement_without_a_parse_defines_its_tensor_all_the_same():
    with pytest.raises(LanguageError) as caught:
        parse_program("mean_i = x_i +*\ng_ip = ∂mean_i/∂x_p\ny = mean(3)")
    assert [d.code for d in caught.value.diagnostics] == ["unexpected-token"]


def test_many_errors_are_cut_short():
    with pytest.raises(LanguageError) as caught:
        parse_program("".join(f"y{k} = x_i\n" for k in range(1200)))
    assert len(caught.value.diagnostics) == lexis.MAX_ERRORS + 1
    assert caught.value.diagnostics[-1].code == "errors-many"
    assert caught.value.diagnostics[-1].message == "200 more findings are not listed"


def test_an_error_shows_the_place():
    with pytest.raises(LanguageError) as caught:
        parse_program("a = b\n  y_i = x_ih\n", "demo.ein")
    assert str(caught.value) == (
        "demo.ein:2:12: error[dummy-once]: `h` occurs once: to sum over it multiply by `1_h`\n"
        "      y_i = x_ih\n"
        "               ^\n"
        "  fix: y_i = 1_h x_ih"
    )


def test_every_code_is_documented_and_tested():
    folder = Path(lexis.__file__).parent
    sources = [*folder.glob("*.py"), *folder.glob("habits/*.py")]
    slug = r'(?:report|refuse|warn|_report|Diagnostic|LexicalError|Wrong|Answer)\((?:[^"`\[]*?)"([a-z0-9-]+)"'
    codes = {code for source in sources for code in re.findall(slug, source.read_text(encoding="utf-8"))} - {"warning"}
    documented = set(
        re.findall(r"`([a-z0-9-]+)`", Path("grammar/README.md").read_text(encoding="utf-8").split("## Errors")[1])
    )
    assert codes >= {"dummy-once", "order", "bars"}
    assert codes <= documented
    elsewhere = {"errors-many", "bracket-broadcast", "dialect", "no-file", "not-utf8", "nul-byte"} | {
        c for c in codes if c.startswith("einsum-")
    }
    assert codes - elsewhere <= {code for _, code, *_ in [*ERRORS, *WARNINGS, *HABITS]}
