"""What stages and targets know of the functions: each table has all of them, or einsgrad does not start."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.diagnostics import InternalError
from einsgrad.ir.functions import FUNCTIONS, of_every_function
from einsgrad.reference import evaluate
from einsgrad.render.latex import latex_program

TABLES = {
    "einsgrad.reference": "reference values",
    "einsgrad.calculus.identities": "normal forms",
    "einsgrad.calculus.intervals": "enclosures",
    "einsgrad.targets.numpy.elementwise": "NumPy calls",
}
WITH_CBRT = """
import importlib
from einsgrad.ir import functions
module = importlib.import_module({module!r})
functions.FUNCTIONS = {{**functions.FUNCTIONS, "cbrt": functions.FUNCTIONS["erf"]}}
importlib.reload(module)
"""


@pytest.mark.parametrize(("module", "what"), TABLES.items())
def test_function_that_a_table_lacks_is_refused_at_import(module, what):
    command = [sys.executable, "-c", WITH_CBRT.format(module=module)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert result.returncode == 1
    assert f"internal error: the table of {what} lacks cbrt\n" in result.stderr


def test_function_that_the_language_lacks_is_refused():
    with pytest.raises(InternalError, match=r"the table of ranks has rank, which the language lacks"):
        of_every_function("ranks", {**dict.fromkeys(FUNCTIONS, 0), "rank": 1})


def test_table_is_read_only():
    table = of_every_function("orders", dict.fromkeys(FUNCTIONS, 0))
    assert table == dict.fromkeys(FUNCTIONS, 0)
    with pytest.raises(TypeError):
        table["exp"] = 1


def arguments(function, *names):
    """Arguments of these names; the order of a polygamma function is a number."""
    return f"2, {names[0]}" if function.name == "polygamma" else ", ".join(names[: function.arity])


@pytest.mark.parametrize("function", [f for f in FUNCTIONS.values() if f.arity and f.is_named], ids=lambda f: f.name)
def test_every_function_goes_all_ways(function):
    program = eg.parse(f"y_i = {function.name}({arguments(function, 'x_i', 'z_i')})")
    x = np.array([0.1, 0.5, 0.9]) + (function.name == "acosh")
    arrays = {"x": x, "z": np.array([0.2, 0.5, 0.7])}
    arrays = {name: arrays[name] for name in program.inputs}
    np.testing.assert_allclose(eg.compile(program)(**arrays), evaluate(program, arrays)["y"], rtol=1e-14)
    assert eg.parse(latex_program(program), dialect="latex") == program
    applied = f"{function.name}({arguments(function, 'a', 'b')})"
    assert eg.check(f"{applied} == {applied}").claims[0].verdict == "proved"
    assert eg.check(f"{applied} == 2 + {applied}").claims[0].verdict == "refuted"
    assert "∂l/∂" in eg.derive(program, wrt="x").matrix()
