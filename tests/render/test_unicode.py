"""Unicode: one line for terminals."""

import pytest

from einsgrad.frontend.parser import parse_program
from einsgrad.ir.nodes import Index
from einsgrad.render.layout import Fraction, Identifier, Number, Operator, Row, Script, Text
from einsgrad.render.typeset import typeset, typeset_tensor
from einsgrad.render.unicode import unicode

A, B = Identifier("A"), Identifier("B")
T = Identifier("T", "upright")


def partial(name):
    return Row((Operator("∂"), Identifier(name)))


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        (Script(A, above=T), "Aᵀ"),
        (Row((Identifier("x", "bold"), Identifier("gamma", "bold"))), "𝐱 γ"),
        (Script(A, above=Operator("⊤")), "Aᵀ"),
        (Script(Row((A, B)), above=T), "(A B)ᵀ"),
        (Script(A, above=Row((Operator("-"), Number("1")))), "A⁻¹"),
        (Script(A, above=Identifier("p")), "A^p"),
        (Script(A, above=Row((B, Operator("+"), Number("1")))), "A^(B + 1)"),
        (Fraction(partial("L"), partial("X")), "∂L/∂X"),
        (Script(Fraction(partial("L"), partial("X")), above=T), "(∂L/∂X)ᵀ"),
        (Fraction(Row((A, Operator("+"), B)), Row((A, B))), "(A + B)/(A B)"),
        (Fraction(Row((A, B)), A), "A B/A"),
        (Row((A, Operator("⊙"), B)), "A ⊙ B"),
        (Row((Identifier("diag", "function"), A)), "diag A"),
        (Row((A, Text(" where "), B)), "A where B"),
    ],
)
def test_matrix_notation(layout, text):
    assert unicode(layout) == text


@pytest.mark.parametrize(
    ("equation", "text"),
    [
        ("y_i = -x_ij^2 w_j + 1/2 b_i", "-x_ij² w_j + 1/2 b_i"),
        ("y = a/(b c) + a/sqrt(b + c)", "a/(b c) + a/√(b + c)"),
        ("y = sum_i exp(a_i b_i)", "∑_i exp(a_i b_i)"),
        ("y = maximum(a, -b)", "max(a, -b)"),
        ("y = (a + b)^-1", "1/(a + b)"),
    ],
)
def test_index_notation(equation, text):
    assert unicode(typeset(parse_program(equation).definitions[0].rhs)) == text


def test_indices_that_are_words_have_braces():
    assert unicode(typeset_tensor("x", [Index("batch"), Index("hid")])) == "x_{batch,hid}"
