"""The normal form: its identities, what it must never identify, and that a form is worth what its expression is."""

from __future__ import annotations

import functools
import os
import random

import numpy as np
import pytest
from forms import coincide, expression_of
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from programs import PROGRAMS, draw_arrays, shuffled

from einsgrad.calculus.apart import family_ranges, rename_apart
from einsgrad.calculus.atoms import Atoms, Form, TooLargeError, UndefinedError
from einsgrad.calculus.cases import Case
from einsgrad.calculus.facts import draw_facts
from einsgrad.calculus.forms import settle, subtract
from einsgrad.calculus.normal_form import NormalForms, new_atoms
from einsgrad.ir.letters import root
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import letters
from einsgrad.reference import evaluate, evaluate_expression

EXAMPLES = int(os.environ.get("EINSGRAD_EXAMPLES", "150"))
THOROUGH = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)

BUDGET = 50_000


IDENTITIES = [
    # letters, order, brackets
    "a_i b_i + c_i d_i == d_j c_j + b_k a_k",
    "a_ij b_jk c_ki == c_ij a_jk b_ki",
    "(a_i b_i)^2 == a_i b_i a_j b_j",
    "(a_i + b_i) (c_i + d_i) == a_i c_i + a_i d_i + b_i c_i + b_i d_i (no sum i)",
    "a_ij a_kj a_kl a_il == a_ji a_jk a_lk a_li",
    "(1_i x_i)^3 == x_i x_j x_k 1_ijk",
    # deltas, one-tensors, sizes
    "δ_ij δ_jk x_k == x_i",
    "δ_ij a_ik == δ_ij a_jk (no sum i)",
    "exp(δ_ij a_i) == δ_ij (exp(a_i) - 1) + 1_ij (no sum i)",
    "(δ_ij + a_ij)^2 == δ_ij + 2 δ_ij a_ii + a_ij^2 (no sum i, j)",
    "δ_ij δ_ij == |i|",
    "1_i 1_i x_j == |i| x_j",
    "1_ij x_j y_j 1_i == |i| x_j y_j",
    "1/|i| 1_i 1_i a + 0 x_i y_i == a",
    # fractions
    "x_i x_i^-1 == 1_i",
    "1/a - 1/b == (b - a)/(a b)",
    "(u + v)/(u + v) == 1",
    "(2 u + 2 v)/(u + v) == 2",
    "u/(u + v) + v/(u + v) == 1",
    "a/(b/c) == a c/b",
    "(a^2 - b^2)/(a - b) == a + b",
    "1_j exp(x_ij) / (1_k exp(x_ik)) == 1_i",
    "1_i (a_i/(a_i + b_i)) + 1_i (b_i/(a_i + b_i)) == |i|",
    "1_j (a_i b_j/a_i) == 1_i b_j 1_j",
    "1_ij (e_ij/(1_k e_ik)) == |i|",
    "exp((u + v)/(u + v)) == exp(1)",
    # roots and absolute values
    "sqrt(u)^2 == u",
    "sqrt(u) sqrt(u) == u",
    "1/sqrt(u) == sqrt(u)/u",
    "sqrt(u^2) == abs(u)",
    "abs(u)^2 == u^2",
    "abs(u) abs(u)^3 == u^4",
    "sqrt(4 u) == 2 sqrt(u)",
    "sqrt(12) == 2 sqrt(3)",
    "sqrt(2)/2 == 1/sqrt(2)",
    "sqrt(a b) == sqrt(a) sqrt(b)",
    "sqrt(a^2 b) == abs(a) sqrt(b)",
    "(u + v)^(3/2) == (u + v) sqrt(u + v)",
    "1/sqrt(u + v) == sqrt(u + v)/(u + v)",
    "abs(a - b) == abs(b - a)",
    "abs(2 a b) == 2 abs(a) abs(b)",
    # exponentials and logarithms
    "exp(a + b) == exp(a) exp(b)",
    "exp(-a) == 1/exp(a)",
    "exp(3 a) == exp(a)^3",
    "exp(a/2)^2 == exp(a)",
    "log(a b) == log(a) + log(b)",
    "log(a/b) == log(a) - log(b)",
    "log(a^2) == 2 log(abs(a))",
    "log(exp(a)) == a",
    "exp(log(a)) == a",
    "exp(2 log(a) + b) == a^2 exp(b)",
    "log(6) == log(2) + log(3)",
    "log(1/(1_i x_i)) == -log(1_i x_i)",
    "log1p(a) == log(1 + a)",
    "expm1(a) == exp(a) - 1",
    "2^(a + 1) == 2 * 2^a",
    "a^p a == a^(p + 1)",
    "a^p a^q == a^(p + q)",
    "a^p/a^p == 1",
    "(a^p)^2 == a^(2 p)",
    "exp(p log(a)) == a^p",
    # the other functions
    "sigmoid(-x) == 1 - sigmoid(x)",
    "sigmoid(x) == 1/(1 + exp(-x))",
    "tanh(x) == 2 sigmoid(2 x) - 1",
    "tanh(-x) == -tanh(x)",
    "tanh(x) == sinh(x)/cosh(x)",
    "cosh(x)^2 - sinh(x)^2 == 1",
    "softplus(x) - softplus(-x) == x",
    "softplus(x) == log(1 + exp(x))",
    "silu(x) == x sigmoid(x)",
    "gelu(x) - gelu(-x) == x",
    "sin(x)^2 + cos(x)^2 == 1",
    "sin(x)^4 + 2 sin(x)^2 cos(x)^2 + cos(x)^4 == 1",
    "sin(-x) == -sin(x)",
    "cos(-x) == cos(x)",
    "sin(2 x) == 2 sin(x) cos(x)",
    "cos(a - b) == cos(a) cos(b) + sin(a) sin(b)",
    "sin(x/2 + y/2) == sin(x/2) cos(y/2) + cos(x/2) sin(y/2)",
    "tan(x) == sin(x)/cos(x)",
    "asin(x) + acos(x) == π/2",
    "atan(-x) == -atan(x)",
    "erf(-x) == -erf(x)",
    "erf(a - b) == -erf(b - a)",
    "sin(0) + cos(0) == 1",
    # kinks
    "abs(x) == x sign(x)",
    "x == abs(x) sign(x)",
    "sign(x)^3 == sign(x)",
    "sign(-x) == -sign(x)",
    "sign(2 x) == sign(x)",
    "sign(x^2) == sign(x)^2",
    "sign(exp(x)) == 1",
    "relu(x) == x step(x)",
    "relu(x) == maximum(x, 0)",
    "relu(x) - relu(-x) == x",
    "step(x) == 1 - step(-x) - (1 - sign(x)^2)",
    "step(x)^2 == step(x)",
    "maximum(a, b) + minimum(a, b) == a + b",
    "maximum(a, b) == maximum(b, a)",
    "maximum(a, b) minimum(a, b) == a b",
    "minimum(a, b) == -maximum(-a, -b)",
    "abs(1_i exp(x_i)) == 1_i exp(x_i)",
    # antisymmetry
    "1_ij (a_i 1_j - 1_i a_j) == 0",
    "a_i a_j sin(a_i 1_j - 1_i a_j) == 0",
]


@pytest.mark.parametrize("claim", IDENTITIES)
def test_identities(claim):
    assert coincide(claim)


NO_IDENTITIES = [
    "sqrt(u^2) == u",
    "(u^2)^(1/2) == u",
    "abs(u) == u",
    "log(a^2) == log(a)",
    "log(a + b) == log(a) + log(b)",
    "exp(a b) == exp(a) exp(b)",
    "sqrt(a b) == a sqrt(b/a)",
    "sqrt(a + b) == sqrt(a) + sqrt(b)",
    "abs(a + b) == abs(a) + abs(b)",
    "a^p == abs(a)^p",
    "a^p a^q == a^(p q)",
    "sign(x)^2 == 1",
    "step(x) + step(-x) == 1",
    "step(x) == 1/2 + 1/2 sign(x)",
    "x/abs(x) == 1",
    "a_ij == a_ji",
    "a_ij b_jk == a_ij b_kj",
    "a_ij a_ij == a_ij a_ji",
    "1_i x_i^2 == (1_i x_i)^2",
    "log(1_i x_i) == 1_i log(x_i)",
    "exp(1_i x_i) == 1_i exp(x_i)",
    "1/(1_i x_i) == 1_i (1/x_i)",
    "a_i b_j == δ_ij a_i b_j (no sum i, j)",
    "1_i x_i == |i| 1_j y_j",
    "sin(a - b) == sin(b - a)",
    "cos(a) == sin(a)",
    "tanh(x) == sigmoid(2 x) - 1",
    "exp(a)^2 == exp(a^2)",
    "1/(a - b) == 1/(b - a)",
]


@pytest.mark.parametrize("claim", NO_IDENTITIES)
def test_what_is_not_equal_has_another_form(claim):
    assert not coincide(claim)


def test_a_sign_that_one_side_needs_holds_for_both():
    assert coincide("sqrt(x_i)^2 == x_i")
    assert not coincide("sqrt(x_ii)^2 + 0 x_jj == abs(x_ij) 1_j (no sum i)")


def test_what_holds_off_the_diagonal_need_not_hold_on_it():
    assert not coincide("sqrt(δ_ij a + y_ij) 0 + abs(y_ij) == y_ij")


@pytest.mark.parametrize("claim", ["1/(a - a) == 1", "log(a - a) == 1"])
def test_what_is_undefined_everywhere_has_no_form(claim):
    with pytest.raises(UndefinedError):
        coincide(claim)


def test_work_is_bounded():
    product = " ".join(f"(a{k} + b{k})" for k in range(24))
    with pytest.raises(TooLargeError):
        coincide(f"{product} == {product} + c")


def test_depth_is_bounded():
    with pytest.raises(TooLargeError):
        coincide("atan(" * 300 + "x" + ")" * 300 + " == x")


# -- random programs -------------------------------------------------------------------------------------------------


def forms(program: Program, atoms: Atoms) -> dict[str, Form]:
    """The form of each defined tensor, with all that the program implies about signs in use."""
    case = Case.of(program.by_name, family_ranges(program)[0])
    for _ in range(4):
        form_of = NormalForms(case, atoms)
        found = {d.name: settle(atoms, form_of(d.rhs)) for d in program.definitions}
        atoms.use(draw_facts(atoms, case, form_of.known, *(d.rhs for d in program.definitions)))
    return found


def within_budget(test):
    """Look for another example where this one takes too long."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        try:
            test(*args, **kwargs)
        except TooLargeError:
            reject()

    return run


@THOROUGH
@given(PROGRAMS, st.integers(0, 10), st.booleans())
@within_budget
def test_a_form_is_worth_what_its_expression_is(program, seed, multiply_out):
    arrays = draw_arrays(program, {"i": 2, "j": 3, "k": 2}, seed)
    program = rename_apart(program)
    families, of_axis = family_ranges(program)
    by_range = {of_axis[name, axis]: n for name, x in arrays.items() for axis, n in enumerate(np.shape(x))}
    size = {index: by_range.get(number, 2) for index, number in families.items()}
    letter = {number: index for index, number in families.items()}
    with np.errstate(all="ignore"):
        values = evaluate(program, arrays, {i.name: n for i, n in size.items()})
    if not all(np.all(np.isfinite(value)) for value in values.values()):
        return
    atoms = new_atoms(BUDGET, multiply_out)
    for name, form in forms(program, atoms).items():
        node = expression_of(atoms, form, letter)
        axes = program.by_name[name].indices
        sizes = {i: size[root(i)] for i in letters(node) | set(axes)}
        with np.errstate(all="ignore"):
            got = evaluate_expression(node, arrays, sizes, axes)
        np.testing.assert_allclose(got, values[name], rtol=1e-6, atol=1e-6)


@THOROUGH
@given(PROGRAMS)
@within_budget
def test_the_form_of_a_form_is_itself(program):
    program = rename_apart(program)
    families, _ = family_ranges(program)
    atoms = new_atoms(BUDGET, multiply_out=True)
    letter = {number: index for index, number in families.items()}
    for form in forms(program, atoms).values():
        again = NormalForms(Case.of({}, families), atoms)(expression_of(atoms, form, letter))
        assert not settle(atoms, subtract(again, form))


@THOROUGH
@given(PROGRAMS, st.integers(0, 100), st.booleans())
@within_budget
def test_forms_see_through_order_and_letters(program, seed, multiply_out):
    program = rename_apart(program)
    atoms = new_atoms(BUDGET, multiply_out)
    form_of = NormalForms(Case.of(program.by_name, family_ranges(program)[0]), atoms)
    for d in program.definitions:
        assert not settle(atoms, subtract(form_of(shuffled(d.rhs, random.Random(seed))), form_of(d.rhs)))
