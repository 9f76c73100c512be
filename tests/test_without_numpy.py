"""What runs in a browser: reading, deriving and writing down need neither NumPy nor opt_einsum."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCKED = """\
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numpy", "opt_einsum"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
import einsgrad as eg
from einsgrad.cli import main

"""
LATEX = r"\begin{align} y_{ij} &= \sum_{k} x_{ik} a_{kj} \\ E &= y_{ij} y_{ij} \end{align}"


@pytest.fixture
def without_numpy():
    def run(code):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [sys.executable, "-c", BLOCKED + code],
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run


def test_the_blocker_blocks(without_numpy):
    done = without_numpy("import numpy")
    assert done.returncode == 1
    assert done.stderr.endswith("ModuleNotFoundError: No module named 'numpy'\n")


def test_programs_are_read_differentiated_and_written(without_numpy):
    done = without_numpy(f"""
for program in (eg.load("layer_norm"), eg.load("hessian_vector_product"), eg.parse({LATEX!r})):
    assert eg.parse(str(program)) == program and repr(program).startswith("Program(")
    assert "aligned" in program._repr_latex_()
    gradients = eg.grad(program)
    assert eg.parse(str(gradients)) == gradients and "aligned" in gradients._repr_latex_()
    for derivation in (eg.derive(program), eg.derive(program).without_steps()):
        assert isinstance(derivation, eg.Derivation) and repr(derivation).startswith("Derivation(")
        assert derivation.program == gradients
        for written in (derivation.text(), derivation.latex(), derivation.markdown(),
                        derivation.html(), derivation.matrix(), str(derivation.as_dict())):
            assert "∂" in written or "partial" in written
    print(len(derivation.program.definitions))
assert eg.einsum_grad("bik,bkj->bij") == ["bij,bkj->bik", "bik,bij->bkj"]
try:
    eg.parse("y_i = x_ij")
except eg.LanguageError as error:
    print(error.diagnostics[0].code)
print(eg.Report)
""")
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.splitlines()[-2:] == ["dummy-once", "<class 'einsgrad.report.Report'>"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["derive", "layer_norm"],
        ["derive", "layer_norm", "--steps"],
        ["derive", "layer_norm", "--json", "--steps"],
        *(["derive", "layer_norm", "--steps", "--format", form] for form in ("latex", "markdown", "html")),
        ["einsum", "ik,kj->ij"],
        ["gallery"],
    ],
    ids=" ".join,
)
def test_commands_that_evaluate_nothing(without_numpy, arguments):
    done = without_numpy(f"sys.exit(main({arguments!r}))")
    assert (done.stderr, done.returncode) == ("", 0)
    assert "layer_norm" in done.stdout or "∂" in done.stdout or "partial" in done.stdout or "dl_da" in done.stdout
