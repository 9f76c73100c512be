"""The fixes that errors offer: pasted into random texts, they mend what they say they mend."""

import random
from collections import Counter

import pytest

from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.verifier import verify

ATOMS = ["x_i", "y_i", "z_j", "w_ij", "a_ii", "s", "1_i", "1_ij", "δ_ij", "2", "-3", "1/2", "λ", "π"]
# All tensors occur here too, so that they are inputs whatever the equation before says.
REST = "\nuse_i = x_i a_ii y_i z_j w_ij w_ji λ λ s"


def expression(rng, depth):
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(ATOMS)
    below = [expression(rng, depth - 1) for _ in range(3)]
    kind = rng.choice(["product", "product", "sum", "function", "arguments", "power", "bare power", "explicit"])
    if kind == "product":
        return rng.choice([" ", " * ", " / "]).join(f"({u})" if rng.random() < 0.5 else u for u in below[1:])
    if kind == "sum":
        return rng.choice([" + ", " - "]).join(below[:2])
    if kind == "power":
        return f"({below[0]}){rng.choice(['^2', '^-1', '^(1/2)', '^s'])}"
    if kind == "bare power":
        return rng.choice(["x_i", "a_ii", "w_ij"]) + rng.choice(["^2", "^-1"])
    if kind == "function":
        return f"exp({below[0]})"
    return f"maximum({below[0]}, {below[1]})" if kind == "arguments" else f"sum_{rng.choice('ij')} ({below[0]})"


def errors(text):
    try:
        verify(parse_program(text))
    except LanguageError as error:
        return [d for d in error.diagnostics if d.severity == "error"]
    return []


@pytest.mark.parametrize("seed", range(400))
def test_a_fix_mends(seed):
    rng = random.Random(seed)
    found = errors(f"{rng.choice(['u', 'u_i', 'u_ij', 'u_j'])} = {expression(rng, rng.choice([1, 2, 3]))}{REST}")
    before = Counter(d.code for d in found)
    for diagnostic in found:
        if diagnostic.code in ("dummy-once", "free-missing"):
            after = Counter(d.code for d in errors(diagnostic.fix + REST))
            assert after[diagnostic.code] < before[diagnostic.code]
        elif diagnostic.code == "ambiguous-sum" and diagnostic.fix:
            one, separate = diagnostic.fix.splitlines()
            assert errors(one + REST) == errors(separate + REST) == []
            assert parse_program(one) != parse_program(separate)
