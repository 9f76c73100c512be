"""Texts that mean harm, or are far too large: an error or a result, soon, and never a traceback."""

import random
import subprocess
import sys
import time

import pytest

from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.parser import parse_program

# Generous: a slow machine that does other things must not fail.
SECONDS = 20

REFUSED = {
    "a call": "__import__('os')_ij = 3",
    "an f-string": 'y = f"{x}"',
    "a path": "y = ../../etc/passwd",
    "ten thousand brackets": "y = " + "(" * 10_000 + "x" + ")" * 10_000,
    "ten thousand open brackets": "y = " + "(" * 10_000,
    "ten thousand closed brackets": "y = " + ")" * 10_000,
    "open brackets on many lines": "y = (\n" * 10_000,
    "a million terms": "y = " + "+".join(["x"] * 1_000_000),
    "a line of 10 MB": "y = " + "x" * 10_000_000,
    "signs": "y = " + "-" * 90_000 + "x",
    "explicit sums": "y = a " + "sum_i " * 10_000 + "x_i",
    "many letters": "y = x_{" + ",".join(f"i{k}" for k in range(15_000)) + "}",
    "many errors": "".join(f"y{k} = x{k}_i\n" for k in range(15_000)),
    "a huge exponent": "y = 1e999999999",
    "nested derivatives": "y = " + "∂(" * 900 + "x" + ")/∂x_i" * 900,
    "powers": "y = x" + "^2" * 40_000,
    "NUL bytes": "\0" * 1000,
    "a dunder": "x__class_i = y_i",
    "controls": "y = \x1b[31m x",
}

READ = {
    "deep brackets": "y = " + "(" * 999 + "x" + ")" * 999,
    "deep functions": "y = " + "exp(" * 999 + "x" + ")" * 999,
    "deep sums": "y = " + "(a + " * 900 + "x" + ")" * 900,
    "a long sum": "y = " + "+".join(["x"] * 20_000),
    "a long product": "y = " + "x " * 20_000,
    "a long fraction": "y = 1" + "/3" * 20_000 + " x",
    "a long chain of equations": "\n".join(f"y{k} = y{k - 1}" for k in range(1, 5000)),
    "names of Python": "class_i = self_i np_i lambda_i def_i in_i None_i",
}


PIECES = [
    *["x_ij", "x[i,j]", "x_{hid,}", "y", "1_i", "δ_ij", "|h|", "π", "é", "𝕩", "2", ".5", "1e", "e5"],
    *["=", "==", "+", "-", "*", "/", "^", "_", "|", "'", ",", ";", "#", "\n", "\t", "\0", "\\"],
    *["(", ")", "[", "]", "{", "}", "exp(", "diff(", "∂", "∂y/∂x_p", "sum_i", "Σ", "(no sum i)", "²", "ᵢ", "½"],
]


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    start = time.perf_counter()
    with pytest.raises(LanguageError):
        parse_program(REFUSED[case])
    assert time.perf_counter() - start < SECONDS


@pytest.mark.parametrize("case", READ)
def test_read(case):
    start = time.perf_counter()
    parse_program(READ[case])
    assert time.perf_counter() - start < SECONDS


def test_deep_programs_print_and_parse():
    program = parse_program(READ["deep functions"])
    assert parse_program(str(program)) == program


def test_many_equations_are_read_fast():
    parse_program("y = x")
    lines = [f"y{k}_bh = (x{k}_bh - 1_h m{k}_b) / sqrt(v{k}_b + ε) γ_h + 1_b β{k}_h" for k in range(300)]
    start = time.perf_counter()
    program = parse_program("\n".join(lines))
    assert len(program.definitions) == 300
    assert time.perf_counter() - start < 5


def test_importing_does_not_load_the_parser_generator():
    code = "import sys, einsgrad, einsgrad.frontend.parser; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("seed", range(200))
def test_noise_is_refused_or_read(seed):
    rng = random.Random(seed)
    text = " ".join(rng.choice(PIECES) for _ in range(rng.randint(1, 12)))
    text = text.replace(" ", "") if rng.random() < 0.5 else text
    try:
        program = parse_program(text)
    except LanguageError:
        return
    assert parse_program(str(program)) == program
