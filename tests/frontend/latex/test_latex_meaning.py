"""LaTeX and plain text that mean the same are the same program."""

import numpy as np
import pytest
from latex_table import ROWS

import einsgrad as eg
from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.functions import FUNCTIONS


@pytest.mark.parametrize(("latex", "plain"), ROWS)
def test_a_text(latex, plain):
    assert parse_program(latex, dialect=LATEX) == parse_program(plain)


@pytest.mark.parametrize("function", [f for f in FUNCTIONS.values() if f.arity and f.is_named], ids=lambda f: f.name)
def test_every_function_as_the_table_writes_it(function):
    arguments = "2, a" if function.name == "polygamma" else ", ".join("ab"[: function.arity])
    brackets = ("{", "}") if function.name == "sqrt" else (r"\left(", r"\right)")
    latex = f"y = {function.latex}{brackets[0]}{arguments}{brackets[1]}"
    assert parse_program(latex, dialect=LATEX) == parse_program(f"y = {function.name}({arguments})")


def test_the_size_that_a_sum_runs_to_is_no_output():
    program = parse_program(r"L = \frac{1}{2} \sum_{i=1}^{D} x_{i}^{2}", dialect=LATEX)
    assert (program.outputs, program.forward_outputs) == (("L",), ("L",))
    again = parse_program(str(program))
    assert (again, again.outputs) == (program, ("L",))
    assert eg.grad(program).outputs == ("∂L/∂x",)


def test_the_size_that_a_sum_runs_to_can_be_asked_for():
    program = parse_program(r"L = \sum_{i=1}^{D} x_{i}^{2}", dialect=LATEX)
    assert eg.compile(program, of="D")(x=np.ones(3)) == 3
    assert parse_program("D = |i|; x_i == x_i").outputs == ("D",)


@pytest.mark.parametrize(
    ("latex", "place"),
    [
        (r"E = \sum_{i=1}^{N} \sum_{j=1}^{N} x_i A_{ij} y_j", "axis 0 of `y`"),
        (r"E = \sum_{i=1}^{N} x_i^2 + \frac{1}{N} \sum_{j=1}^{N} y_j^3", "axis 0 of `y`"),
        (r"a = \sum_{i=1}^{N} x_i; b = a \sum_{i=1}^{N} y_i", "axis 0 of `y`"),
        (r"E = \sum_{i=1}^{N} \sum_{k=1}^{M} \sum_{j=1}^{N} x_i B_{ik} y_j", "axis 0 of `y`"),
    ],
)
def test_all_that_runs_to_one_limit_has_one_size(latex, place):
    program = parse_program(latex, dialect=LATEX)
    sizes = {"x": 3, "y": 3, "A": (3, 3), "B": (3, 2)}
    arrays = {name: np.ones(sizes[name]) for name in program.inputs}
    for derived in (program, eg.grad(program)):
        eg.compile(derived)(**arrays, **{name: np.ones(()) for name in derived.inputs if name not in arrays})
        with pytest.raises(eg.ArrayError) as caught:
            eg.compile(derived)(**arrays | {"y": np.ones(4)})
        (problem,) = caught.value.diagnostics
        assert problem.code == "size-mismatch"
        assert place in problem.message


def test_other_limits_are_other_sizes():
    program = parse_program(r"E = \sum_{i=1}^{N} \sum_{j=1}^{M} x_i y_j", dialect=LATEX)
    assert eg.compile(program)(x=np.ones(3), y=np.ones(4)) == 12


def test_a_loss_after_a_sum_depends_on_no_size():
    program = parse_program(r"y_i = \sum_{k=1}^{D} a_{ik} x_k; g_p = \frac{\partial l}{\partial x_p}", dialect=LATEX)
    assert program.inputs == ("a", "x", "∂l/∂y")
