"""Which dialect a text is in, and how each spells what errors propose."""

import pytest

import einsgrad as eg
from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.dialects import LATEX, PLAIN, detect
from einsgrad.ir.nodes import Index


@pytest.mark.parametrize(
    "text",
    [
        r"y_i = \gamma x_i",
        "y_i = x_i^2  # not \\frac, nor 5%",
        "y_{i} = x_{i}",
        "y_i = x_i^(1/2); z == |h|",
        "y_i = x_i % 2",
        "y_i = sum_{k} x_{i k} % the row sum",
        "",
    ],
)
def test_plain(text):
    assert detect(text) is PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "y_{i} = x_{i}^{2}",
        "y_{i} &= x_{i}",
        "y_{i} = x_{i} \\\\",
        r"y_{i} = \frac{1}{2} x_{i}",
        r"y_{i} = 2\,x_{i}",
        "$y_{i} = x_{i}$",
        r"\varepsilon = 2",
    ],
)
def test_latex(text):
    assert detect(text) is LATEX


@pytest.mark.parametrize(
    ("letters", "written"),
    [
        ("ij", r"\mathbf{1}_{ij}"),
        (["i1", "j'"], r"\mathbf{1}_{i1 j'}"),
        (["μ", "ν"], r"\mathbf{1}_{\mu\nu}"),
        (["μ", "i"], r"\mathbf{1}_{\mu i}"),
        (["hid", "i"], r"\mathbf{1}_{\mathit{hid}, i}"),
    ],
)
def test_a_one_tensor_in_latex(letters, written):
    assert LATEX.one([Index(letter) for letter in letters]) == written


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("y_{i} = ab_{i}", "ab"),
        ("Y_{ij} = WX_{ij}", "WX"),
        (r"y_{i} = \gamma ax_{i}", "ax"),
        (r"y = \sigma ab c", "ab"),
        ("z = a; E = xx z", None),
        ("y_{ij} = a_{ik} b_{kj}", None),
        (r"y_{i} = \gamma x_{i}", None),
        ("y_{i} = ab_{i}  # plain", None),
        ("y_{i} = pred_{i} - ab_{i}", None),
        ("y_{i} = exp(ab_{i})", None),
        ("y_{i} = gamma ab_{i}", None),
        ("y_{i} = sum_{j} ab_{ij}", None),
        ("y_{i} = W1_{ij} ab_{j}", None),
        ("y_{batch,hid} = ab_{batch,hid}", None),
        ("out_{i} = ab_{i}", None),
        ("y_{i} = ab_i c", None),
    ],
)
def test_a_text_that_means_something_else_in_each_dialect_is_an_error(text, word):
    if word is None:
        assert eg.parse(text) == eg.parse(text, dialect="plain")
        return
    assert eg.parse(text, dialect="plain") != eg.parse(text, dialect="latex")
    with pytest.raises(LanguageError) as caught:
        eg.parse(text)
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.text) == ("dialect", word)
    assert (
        found.message == f"`{word}` is one name in the plain dialect, and a product in LaTeX: say which dialect this is"
    )
    assert [note.split(":")[0] for note in found.notes] == ["plain", "LaTeX"]
    assert eg.check(text).diagnostics == (found,)


def test_each_way_to_say_the_dialect_that_the_error_names():
    plain = eg.parse("y_{i} = ab_{i}", dialect="plain")
    assert eg.parse("y_i = ab_i") == plain
    latex = eg.parse("y_{i} = ab_{i}", dialect="latex")
    assert eg.parse(r"\[ y_{i} = ab_{i} \]") == latex != plain
