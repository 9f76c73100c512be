"""LaTeX and plain text that mean the same are the same program."""

import pytest
from latex_table import ROWS

from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.functions import FUNCTIONS


@pytest.mark.parametrize(("latex", "plain"), ROWS)
def test_a_text(latex, plain):
    assert parse_program(latex, dialect=LATEX) == parse_program(plain)


@pytest.mark.parametrize("function", [f for f in FUNCTIONS.values() if f.arity], ids=lambda f: f.name)
def test_every_function_as_the_table_writes_it(function):
    arguments = ", ".join("ab"[: function.arity])
    brackets = ("{", "}") if function.name == "sqrt" else (r"\left(", r"\right)")
    latex = f"y = {function.latex}{brackets[0]}{arguments}{brackets[1]}"
    assert parse_program(latex, dialect=LATEX) == parse_program(f"y = {function.name}({arguments})")
