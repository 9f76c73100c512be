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
        for written in (derivation.text(), derivation.text(60), derivation.latex(), derivation.markdown(),
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


def test_claims_with_a_proof_are_proved(without_numpy):
    done = without_numpy("""
report = eg.check('''
    y_ij = x_ik a_kj
    p_ij = exp(x_ij) / (1_k exp(x_ik))
    ∂l/∂a_pq == x_ip ∂l/∂y_iq
    1_j p_ij == 1_i
    sqrt(x_ij^2) == abs(x_ij)
''')
assert report.ok
print(*(claim.verdict for claim in report.claims))
print(*(f"{gradient.outcome}: {gradient.note}" for gradient in report.gradients), sep="\\n")
""")
    assert (done.stderr, done.returncode) == ("", 0)
    needs = (
        "unchecked: to compare it with central differences install NumPy and opt_einsum: pip install numpy opt_einsum"
    )
    assert done.stdout.splitlines() == ["proved proved proved", needs, needs]


def test_a_claim_that_needs_numbers_says_what_to_install(without_numpy):
    done = without_numpy("""
for claim in ("sqrt(x^2) == x", "x/(x - x) == 1"):
    (found,) = eg.check(claim).claims
    print(found.verdict, "|", found.note)
""")
    assert (done.stderr, done.returncode) == ("", 0)
    install = "to look for a counterexample install NumPy: pip install numpy"
    assert done.stdout.splitlines() == [
        f"not proved | their normal forms differ; {install}",
        f"not proved | a part of them divides by zero; {install}",
    ]


def test_check_is_a_command_without_numpy(without_numpy):
    done = without_numpy("sys.exit(main(['check', '-e', 'a_i b_i == b_j a_j']))")
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.splitlines()[-1].startswith("  proved")
