"""Traces: the lines from an expression to its normal form, and what is said beside them."""

import itertools
import random

import pytest
from oracle import indices
from programs import write_program

from einsgrad.calculus.canonical import canonical_key
from einsgrad.calculus.derivative_rules import derivative_rules
from einsgrad.calculus.rewriting import Rewriter
from einsgrad.calculus.simplify import SIMPLIFICATION, simplifier
from einsgrad.calculus.trace import tidy, trace
from einsgrad.frontend.parser import parse_program
from einsgrad.ir import build
from einsgrad.ir.nodes import Index
from einsgrad.ir.printer import print_expression


def lines(text, rewriter=None, order=()):
    """The lines for the right-hand side of an equation, as text with their reasons."""
    rhs = parse_program(text).definitions[0].rhs
    return [(print_expression(s.expr), s.rule) for s in trace(rhs, rewriter or simplifier(), order)]


def partial():
    def no_chain(operand, wrt):
        raise AssertionError("no equation is needed")

    return Rewriter((*derivative_rules(lambda wrt: {wrt}, no_chain), *SIMPLIFICATION))


def test_a_delta_is_substituted():
    assert lines("y_kj = δ_ki a_ij") == [("a_kj", "δ_ki: i → k")]


def test_deltas_of_different_terms_go_in_one_line():
    assert lines("y_pq = δ_pi a_iq + δ_qj b_jp") == [("a_pq + b_qp", "δ_pi: i → p, δ_qj: j → q")]


def test_a_line_with_many_reasons_names_the_rule():
    text = "y_p = δ_pi a_i + δ_pj b_j + δ_pk c_k + δ_pm d_m"
    assert lines(text) == [("a_p + b_p + c_p + d_p", "delta substitution")]


def test_a_one_tensor_is_dropped_where_a_tensor_carries_the_index():
    assert lines("a_i = 1_ij b_ij c_j") == [("b_ij c_j", "1_i dropped: b carries i, 1_j dropped: b carries j")]


def test_one_tensors_contract_to_a_size():
    assert lines("a_i = 1_n 1_n x_i") == [("|n| x_i", "1_n 1_n = |n|")]


def test_the_trace_of_a_delta_is_a_one_tensor():
    assert lines("a_j = δ_ii x_j") == [("sum_i 1_i x_j", "δ_ii = 1_i"), ("|i| x_j", "sum_i 1_i = |i|")]


def test_a_delta_of_free_indices_ties_them():
    assert lines("y_ij = δ_ij x_i 1_j") == [
        ("δ_ij x_i 1_i", "δ_ij: j → i"),
        ("δ_ij x_i", "1_i dropped: x carries i"),
    ]


def test_brackets_are_opened_for_a_delta():
    assert lines("y_i = a_j (δ_ij b + c_ij)") == [
        ("a_j δ_ij b + a_j c_ij", "distribute"),
        ("a_i b + a_j c_ij", "δ_ij: j → i"),
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("y = a a^2 b b", "equal factors"),
        ("y_i = x_i + 2 x_i", "equal terms"),
        ("y_i = x_i + 2 1_i", "scalar terms"),
        ("y_i = (2 a_i b_i)^2", "power of a product"),
        ("y_i = exp(0) 1_i", "known values"),
        ("y_i = (x_i^2)^3", "powers"),
        ("y_ij = δ_ij^2", "power of one"),
    ],
)
def test_rules_of_algebra_are_named(text, rule):
    assert lines(text)[0][1] == rule


@pytest.mark.parametrize("text", ["y_i = b_i a", "y_i = 2 (3 (a_i b_i))", "y_i = a_i + (b_i + c_i)"])
def test_what_a_person_does_without_a_word_gets_no_line(text):
    assert lines(text) == []


def test_an_order_that_the_rules_change_is_said_to_be_rearranged():
    assert lines("y_i = 1_i a b_j 1_j") == [("a 1_ij b_j", "rearranged")]


def test_derivatives_come_before_deltas_where_the_order_says_so():
    rhs = parse_program("y = x_i a_ij x_j").definitions[0].rhs
    (p,) = indices("p")
    start = build.derivative(rhs, build.tensor("x", [p]))
    steps = trace(start, partial(), ("product rule", "∂x_i/∂x_p = δ_ip", "delta substitution"))
    assert [(print_expression(s.expr), s.rule) for s in steps] == [
        ("∂x_i/∂x_p a_ij x_j + x_i a_ij ∂x_j/∂x_p", "product rule"),
        ("δ_ip a_ij x_j + x_i a_ij δ_jp", "∂x_i/∂x_p = δ_ip, ∂x_j/∂x_p = δ_jp"),
        ("a_pj x_j + x_i a_ip", "δ_ip: i → p, δ_jp: j → p"),
    ]


@pytest.mark.parametrize("seed", range(200))
def test_a_trace_ends_where_the_rewriter_does(seed):
    program = write_program(random.Random(seed))
    rewriter = partial()
    for d, x in itertools.product(program.definitions, program.inputs):
        new = [Index(f"new{n}") for n in range(len(program.index_objects(x)))]
        start = build.derivative(d.rhs, build.tensor(x, new))
        steps = trace(start, rewriter, ("product rule", "chain rule", "sum rule"))
        expected = tidy(rewriter(start))
        assert canonical_key(steps[-1].expr if steps else tidy(start)) == canonical_key(expected)
        assert all(a.expr is not b.expr for a, b in itertools.pairwise(steps))
