"""Simplification: what each rule gives, that it changes no value, and that it has no more to do after itself."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import PROGRAMS, SIZES, draw_arrays, shuffled, write_program

import einsgrad as eg
from einsgrad.calculus.canonical import canonical_key
from einsgrad.calculus.simplify import simplifier
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import separate
from einsgrad.ir.nodes import Index
from einsgrad.ir.printer import print_expression
from einsgrad.ir.program import Program
from einsgrad.ir.verifier import verify
from einsgrad.reference import evaluate

EXAMPLES = int(os.environ.get("EINSGRAD_EXAMPLES", "300"))
THOROUGH = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def simplified(equation: str) -> str:
    (definition,) = eg.parse(equation).definitions
    return print_expression(simplifier()(definition.rhs))


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        # deltas
        ("y_kj = δ_ki a_ij", "a_kj"),
        ("y_kj = δ_ik b_ij c_ij", "b_kj c_kj"),
        ("y_pq = δ_ij b_ip c_qj", "b_jp c_qj"),
        ("y_ik = δ_ij δ_jk", "δ_ik"),
        ("y_ij = δ_ij δ_ij", "δ_ij"),
        ("y_ij = δ_ij x_j", "δ_ij x_i"),
        ("y_i = δ_ij 1_j", "1_i"),
        ("y_j = δ_ii x_j", "|i| x_j"),
        ("y_p = exp(δ_ip x_i)", "exp(x_p)"),
        # one-tensors
        ("y_i = 1_ij b_ij c_j", "b_ij c_j"),
        ("y = 1_n 1_n", "|n|"),
        ("y = 1_n 1_n 1_n x", "|n| x"),
        ("y_ij = 1_i 1_j", "1_ij"),
        ("y_i = 1_i x_i", "x_i"),
        ("y = 1_i x_i", "1_i x_i"),
        ("y = 1_i x_i 1_i", "1_i x_i"),
        ("y_i = 1_i 1_i a", "a 1_i"),
        ("y_i = a/b 1_i", "a 1_i/b"),
        ("y_i = a^2 1_i", "a^2 1_i"),
        ("y_i = (x_i/z_i)^-1", "z_i/x_i"),
        # numbers, factors, terms
        ("y_i = 2 x_i * 3", "6 x_i"),
        ("y_i = 0 x_i + z_i", "z_i"),
        ("y_i = 0 x_i", "0 1_i"),
        ("y_i = x_i x_i", "x_i^2"),
        ("y = x_i x_i", "x_i x_i"),
        ("y_i = x_i^2 / x_i", "x_i"),
        ("y_i = x_i (1/z_i) 2", "2 x_i/z_i"),
        ("y_i = x_i + 2 x_i", "3 x_i"),
        ("y_i = x_i - x_i", "0 1_i"),
        ("y = a_i b_i + b_j a_j", "2 a_i b_i"),
        ("y = 1 + a + 2", "3 + a"),
        ("y_i = (x_i + z_i) + (z_i + w_i)", "x_i + 2 z_i + w_i"),
        ("y_i = (x_i^2)^3", "x_i^6"),
        ("y_i = (x_i^2)^0.5", "abs(x_i)"),
        ("y_i = sqrt(x_i^2)", "abs(x_i)"),
        ("y_i = sqrt(x_i^4)", "x_i^2"),
        ("y_i = sqrt(x_i^6)", "abs(x_i)^3"),
        ("y_i = sqrt(x_i^3)", "sqrt(x_i)^3"),
        ("y_i = (x_i^4)^(3/2)", "x_i^6"),
        ("y_i = (x_i^3)^(1/3)", "x_i"),
        ("y_i = (x_i^4)^(1/3)", "abs(x_i)^(4/3)"),
        ("y_i = 1/sqrt(x_i^4)", "x_i^-2"),
        ("y_i = sqrt(x_i^-2)", "1 / abs(x_i)"),
        ("y = sqrt(x_i x_i)", "sqrt(x_i x_i)"),
        ("y_i = (x_i z_i)^3", "x_i^3 z_i^3"),
        ("y_i = (x_i z_i)^(1/2)", "(x_i z_i)^(1/2)"),  # both may be negative
        ("y_i = (-2 x_i)^(3/2)", "(-2 x_i)^(3/2)"),
        ("y_i = (x_i / z_i)^(1/3)", "(x_i/z_i)^(1/3)"),
        ("y_i = abs(x_i)^2", "x_i^2"),
        ("y_i = abs(x_i)^4", "x_i^4"),
        ("y_i = 1/abs(x_i)^2", "x_i^-2"),
        ("y_i = abs(x_i)^3", "abs(x_i)^3"),
        ("y_i = abs(x_i) abs(x_i)", "x_i^2"),
        ("y = abs(x_i) abs(x_i)", "x_i x_i"),
        ("y = abs(x_i) z_i abs(x_i)", "x_i z_i x_i"),
        ("y_i = abs(x_i) sign(x_i)", "x_i"),
        ("y_i = abs(x_i) sign(z_i)", "abs(x_i) sign(z_i)"),
        ("y_i = x_i^1 + x_i^0", "x_i + 1"),
        ("y_i = x_i + 2 1_i a", "x_i + 2 a"),
        ("y_i = exp(0) x_i + log(1)", "x_i"),
        ("y_i = a_ij (b_j (c_jk d_k))", "a_ij b_j c_jk d_k"),
    ],
)
def test_simplification(equation, expected):
    assert simplified(equation) == expected


def test_author_s_brackets_stay():
    assert simplified("v_b = 1_h (x_bh - 1_h m_b)^2") == "1_h (x_bh - 1_h m_b)^2"


def test_merging_products_renames_what_would_be_captured():
    text = simplified("y = (a_i b_i) c_j d_j (1_k (e_k)^2)")
    assert text == "1_k a_i b_i c_j d_j e_k^2"
    inner = build.product([build.tensor("a", [Index("i")]), build.tensor("b", [Index("i")])], [Index("i")])
    squared = build.product([inner, build.tensor("c", [Index("i")])])
    assert print_expression(simplifier()(squared)) == "a_i' b_i' c_i"


def values(program: Program, sizes: dict[str, int], seed: int) -> dict[str, np.ndarray]:
    with np.errstate(all="ignore"):
        return evaluate(program, draw_arrays(program, sizes, seed), sizes)


def with_inputs_of(program: Program, rewritten: list[Definition]) -> Program:
    """The rewritten equations, and one that keeps each input in use, so that it still settles sizes."""
    keep = [Definition(f"keep{x}", program.index_objects(x), build.tensor(x, program.index_objects(x))) for x in "bcdq"]
    return Program((*rewritten, *keep))


@THOROUGH
@given(st.integers(0, 10**6), SIZES)
def test_rewriting_changes_no_value(seed, sizes):
    sizes = {**sizes, "i1": sizes["i"], "j1": sizes["j"]}
    program = write_program(random.Random(seed))
    done = simplifier()
    rewritten = Program(tuple(separate(Definition(d.name, d.indices, done(d.rhs))) for d in program.definitions))
    verify(rewritten)
    before = values(program, sizes, seed % 7)
    arrays = draw_arrays(program, sizes, seed % 7)
    with np.errstate(all="ignore"):
        after = evaluate(rewritten, {x: arrays[x] for x in rewritten.inputs}, sizes)
    for y, expected in before.items():
        if np.all(np.isfinite(expected)):
            np.testing.assert_allclose(after[y], expected, rtol=1e-8, atol=1e-8)


@THOROUGH
@given(PROGRAMS)
def test_simplification_has_no_more_to_do_after_itself(program):
    for d in program.definitions:
        once = simplifier()(d.rhs)
        assert simplifier()(once) is once


@THOROUGH
@given(PROGRAMS, st.integers(0, 100))
def test_canonical_keys_see_through_order_and_letters(program, seed):
    for d in program.definitions:
        assert canonical_key(shuffled(d.rhs, random.Random(seed))) == canonical_key(d.rhs)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("y = a_ij b_jk c_ki", "y = a_ij b_ik c_kj"),
        ("y = a_ij a_ij", "y = a_ij a_ji"),
        ("y = d_i exp(u_ij v_j)", "y = d_i exp(u_ji v_j)"),
        ("y = a_ij b_ij", "y = 1_ij a_ij 1_kl b_kl"),
        ("y_i = a_i^2", "y_i = a_i^3"),
    ],
)
def test_canonical_keys_differ_where_expressions_do(a, b):
    one, other = (eg.parse(t).definitions[0].rhs for t in (a, b))
    assert canonical_key(one) != canonical_key(other)
