"""The work of the compiler grows with the size of a program and of what is asked for, and not with their product.

Work is counted, not timed: rules tried, nodes walked over, nodes shown. Each count may grow by the factor by which the
program grows, and a little for what is done once.
"""

from contextlib import contextmanager

import pytest

import einsgrad as eg
from einsgrad.calculus import rewriting
from einsgrad.ir import traversal

SMALL, FACTOR, SLACK = 20, 4, 1.2


def sum_of_products(n):
    return "E = " + " + ".join(f"a{k}_i b{k}_i" for k in range(n))


def sum_of_names(n):
    return "E = " + " + ".join(f"a{k}" for k in range(n))


def scaled_sum(n):
    return "c = sin(z); E = 2 c (" + " + ".join(f"exp(a{k}) b{k}" for k in range(n)) + ")"


def layers(n):
    equations = [f"h{k + 1}_i = tanh(W{k}_ij h{k}_j)" for k in range(n)]
    return "; ".join([*equations, f"E = h{n}_i h{n}_i"])


def derivatives_by_name(n):
    return "; ".join(["E = " + " + ".join(f"exp(a{k})" for k in range(n)), *(f"g{k} = ∂E/∂a{k}" for k in range(n))])


PROGRAMS = [sum_of_products, sum_of_names, scaled_sum, layers, derivatives_by_name]


@contextmanager
def counted_work(monkeypatch):
    """Count the nodes that traversals come to and the rules that are tried."""
    counts = {"nodes": 0, "rules": 0}
    children, first = traversal.children, rewriting._first

    def counting_children(node):
        counts["nodes"] += 1
        return children(node)

    def counting_first(node, rules):
        counts["rules"] += 1
        return first(node, rules)

    with monkeypatch.context() as patch:
        patch.setattr(traversal, "children", counting_children)
        patch.setattr(rewriting, "children", counting_children)
        patch.setattr(rewriting, "_first", counting_first)
        yield counts


def size_of_grad(program):
    return sum(traversal.count_nodes([d.rhs]) for d in eg.grad(program).definitions)


def size_of_derivation(program):
    return sum(traversal.count_nodes([step.expr]) for step in eg.derive(program).steps)


@pytest.mark.parametrize("make", PROGRAMS)
@pytest.mark.parametrize("task", [eg.grad, eg.derive, lambda program: eg.compile(program).source])
def test_work_grows_with_the_program(make, task, monkeypatch):
    counts = []
    for n in (SMALL, SMALL * FACTOR):
        program = eg.parse(make(n))
        with counted_work(monkeypatch) as work:
            task(program)
        counts.append(work)
    small, large = counts
    assert small["nodes"] > SMALL
    assert small["rules"] > SMALL
    assert large["nodes"] <= FACTOR * SLACK * small["nodes"]
    assert large["rules"] <= FACTOR * SLACK * small["rules"]


@pytest.mark.parametrize("size", [size_of_grad, size_of_derivation])
@pytest.mark.parametrize("make", PROGRAMS)
def test_results_grow_with_the_program(make, size):
    small, large = (size(eg.parse(make(n))) for n in (SMALL, SMALL * FACTOR))
    assert small >= SMALL
    assert large <= FACTOR * SLACK * small


def test_a_long_sum_is_shown_by_the_terms_that_are_not_constant():
    derivation = eg.derive(eg.parse(sum_of_products(20)), wrt="a3")
    assert [step.rule for step in derivation.steps] == [
        "definition of E, whose other terms are constant",
        "product rule",
        "∂a3_i/∂a3_p = δ_ip",
        "δ_ip: i → p",
    ]
    assert "∂E/∂a3_p = ∂(a3_i b3_i)/∂a3_p " in derivation.text()
    assert "+ a11_i b11_i)/∂a3_p" in eg.derive(eg.parse(sum_of_products(12)), wrt="a3").text()
