"""Generated modules pass the linters, the formatter and the type checker of their readers, with their defaults."""

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest
from programs import write_program
from test_golden_modules import TEXTS, module_of

import einsgrad as eg
from einsgrad.calculus.joint import make_joint
from einsgrad.frontend.parser import parse_program
from einsgrad.gallery import names, read
from einsgrad.targets.numpy.module import generate

LONG = "; ".join(f"s{k}_i = x_i x{k}_i" for k in range(12))
TRICKY = {
    "keywords": "lambda = in_i class_i",
    "our_words": "y_i = Array_i Scalar ArrayLike_i np_i; z = Outputs_j Gradients_j Pullback_j",
    "imported_words": "y_i = Any_i Callable_i NDArray_i TypedDict_i NamedTuple_i float_i dict_i",
    "look_alikes": "l = O_i I_i",
    "methods_of_tuples": "count_i = 2 x_i; index = x_i x_i",
    "scalars": "l = x y; m = x; n = 2 + 0 x",
    "constants": "y_i = gelu(1) x_i + exp(2)",
    "powers": "y_i = x_i^p + x_i^-2.5 + 2^q + q^p",
    "helpers": "y_i = silu(x_i) + softplus(x_i) + step(x_i) + gelu(x_i); c = silu(q) + erf(q) + softplus(q) + step(q)",
    "second_derivatives": "E = exp(x_i y_i); H_pq = ∂(∂E/∂x_p)/∂x_q",
    "many_outputs": LONG,
    "many_terms": "y_i = " + " + ".join(f"exp(x{k}_i) cos(x{k}_i)" for k in range(40)),
    "many_axes": "y_abcd = x_abij w_ijkl z_klcd u_ac",
}
# Functions that a module offers besides, and names that these might take.
OFFERED = [
    ("m_i = jvp_i dx_i; n = arrays_i x_i np_i Array_i", ["jvp"]),
    ("l = exp(x_i w_i / q) + tangents", ["jvp", "hvp", "hessian"]),
    ("lambda = in_i in_i class", ["hessian"]),
]


def without_gradients():
    return generate(make_joint(parse_program("y = sqrt(2) + 0 x"), None, ()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Modules of the goldens, of tricky texts, of random programs, every fifth of the gallery, and of native code."""
    folder = tmp_path_factory.mktemp("modules")
    programs = {name: parse_program(text) for name, text in TRICKY.items()}
    programs |= {name: parse_program(read(name)) for name in names()[::5]}
    programs |= {f"random_{k}": write_program(random.Random(k)) for k in range(8)}
    modules = {name: generate(make_joint(p, None, None), {"i": 2, "j": 3, "k": 4}) for name, p in programs.items()}
    modules |= {f"offered_{k}": eg.compile(text).module(*named) for k, (text, named) in enumerate(OFFERED)}
    modules |= {name: module_of(name) for name in TEXTS} | {"no_gradients": without_gradients()}
    for name in ("our_words", "many_outputs", "scalars"):
        modules[f"native_{name}"] = eg.compile(TRICKY[name], target="native").files("mine")["mine.py"]
    for name, text in modules.items():
        (folder / f"module_{name}.py").write_text(text, encoding="utf-8")
    return folder


def complaints(tool, *arguments):
    """What a tool says where it does not pass."""
    if importlib.util.find_spec(tool) is None:
        pytest.skip(f"{tool} is not installed")
    command = [sys.executable, "-m", tool, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3])
    return result.stdout + result.stderr if result.returncode else ""


def test_ruff_finds_nothing(folder):
    assert complaints("ruff", "check", "--isolated", "--no-cache", "--extend-select", "E501", str(folder)) == ""


def test_pycodestyle_and_pyflakes_find_nothing(folder):
    rules = "E4,E7,E9,F,E501"  # the defaults of ruff's earlier versions, under which a variable `l` is a finding
    assert complaints("ruff", "check", "--isolated", "--no-cache", "--select", rules, str(folder)) == ""


def test_modules_are_formatted(folder):
    assert complaints("ruff", "format", "--check", "--isolated", "--no-cache", str(folder)) == ""


def test_types_are_right(folder):
    assert complaints("mypy", "--strict", "--no-error-summary", str(folder)) == ""


def test_the_type_checker_sees_a_wrong_type(tmp_path):
    text = module_of("logistic_regression")
    wrong = text.replace("-> Scalar:", "-> Array:")
    assert wrong != text
    path = tmp_path / "wrong.py"
    path.write_text(wrong)
    assert "wrong.py" in complaints("mypy", "--strict", str(path))
