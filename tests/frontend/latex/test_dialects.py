"""Which dialect a text is in, and how each spells what errors propose."""

import pytest

from einsgrad.frontend.dialects import LATEX, PLAIN, detect
from einsgrad.ir.nodes import Index


@pytest.mark.parametrize(
    "text",
    [
        r"y_i = \gamma x_i",
        "y_i = x_i^2  # not \\frac, nor 5%",
        "y_{i} = x_{i}",
        "y_i = x_i^(1/2); z == |h|",
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
        "y_{i} = x_{i} % all of it",
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
