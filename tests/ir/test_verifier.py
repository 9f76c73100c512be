"""The verifier: a sound program passes, and each broken invariant is named."""

import re
from fractions import Fraction

import pytest
from oracle import indices

from einsgrad.diagnostics import InternalError
from einsgrad.ir import build
from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.nodes import Apply, Derivative, One, Product, Sum
from einsgrad.ir.program import Program
from einsgrad.ir.verifier import verify

i, j, p = indices("ijp")


def t(name, letters=""):
    return build.tensor(name, indices(letters))


def contract(letters, *factors):
    return build.product(factors, indices(letters))


SQUARE = contract("i", t("a", "i"), t("a", "i"))
LAYER = (
    Definition("m", (i,), contract("j", build.literal(Fraction(1, 2)), build.one([j]), t("x", "ij"))),
    Definition("y", (i, j), build.add([t("x", "ij"), build.product([build.one([j]), t("m", "i")]), t("ε")])),
)


def test_a_sound_program_passes():
    gradient = Definition("∂l/∂x", (i, j), build.derivative(t("l"), t("x", "ij")))
    claims = (Claim(t("y", "ij"), t("x", "ij"), (i, j)), Claim(SQUARE, build.literal(0), ()))
    verify(Program((*LAYER, gradient), claims, loss="l"))


def broken_node(node):
    return Program((Definition("y", node.free, node),))


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (Program((LAYER[0], LAYER[0])), "`m` is defined twice"),
        (Program((Definition("y", (i, i), t("x", "i")),)), "the equation of `y`: its indices i, i are not distinct"),
        (
            Program((Definition("y", (i,), t("x", "ij")),)),
            "the equation of `y`: indices i, but free on the right: i, j",
        ),
        (Program((Definition("y", (i,), build.literal(1)),)), "indices i, but free on the right: none"),
        (
            Program((Definition("y", (i,), contract("", t("b", "i"), SQUARE)),)),
            "the equation of `y`: a bound letter stands outside its sum, too",
        ),
        (
            Program((), (Claim(SQUARE, contract("", SQUARE, SQUARE), ()),)),
            "the right side of claim 1: a bound letter stands outside its sum, too",
        ),
        (
            Program((Definition("y", (i,), t("x", "i")), Definition("z", (), t("x")))),
            "`x` has 1 indices in one place and 0 in another",
        ),
        (
            Program((Definition("y", (i, p), build.derivative(t("x", "i"), t("x", "p"))), Definition("x", (), t("b")))),
            "`x` has 0 indices in one place and 1 in another",
        ),
        (
            Program((Definition("y", (i,), build.product([t("x", "i"), t("∂l/∂x")])),)),
            "`∂l/∂x` has 0 indices, but `x` has 1",
        ),
        (
            Program((Definition("y", (), build.product([t("γ"), t("gamma")])),)),
            "one tensor has two spellings, `γ` and `gamma`",
        ),
        (
            Program((Definition("a", (), t("b")), Definition("b", (), t("c")), Definition("c", (), t("a")))),
            "the equations of `a`, `b`, `c` depend on themselves",
        ),
        (Program((Definition("y", (), t("y")),)), "the equations of `y` depend on themselves"),
        (Program((Definition("l", (), t("x")),), loss="l"), "the downstream loss `l` is defined"),
        (broken_node(build.product([t("x", "i")])), "a product of 1 factors sums nothing"),
        (broken_node(build.product([])), "a product of 0 factors sums nothing"),
        (broken_node(build.add([t("x", "i")])), "a sum has fewer than two terms"),
        (broken_node(build.apply("sofmax", [t("x", "i")])), "no function is called `sofmax`"),
        (broken_node(build.apply("exp", [t("x", "i"), t("x", "i")])), "`exp` takes 1 arguments, not 2"),
        (broken_node(build.reduction("max", t("x", "i"), [j])), "`max` is taken over j of an expression in i"),
        # What the builder refuses, made by hand.
        (
            broken_node(Product((i,), (t("x", "i"), t("x", "i")), (j,))),
            "a product is summed over j, which no factor carries",
        ),
        (
            broken_node(Sum((i, j), (t("x", "i"), t("y", "ij")))),
            "the terms of a sum have different free indices: i; i, j",
        ),
        (broken_node(One((), ())), "a one-tensor has no index"),
        (
            broken_node(Derivative((i, p), t("z", "i"), t("x", "pp"))),
            "a derivative by `x` repeats an index: p, p",
        ),
        (broken_node(Derivative((i,), t("z", "i"), t("x", "i"))), "the indices i of a derivative by `x` are not new"),
    ],
)
def test_a_broken_invariant_is_named(program, message):
    with pytest.raises(InternalError, match=re.escape(message)):
        verify(program)


def test_a_defect_is_found_deep_inside():
    node = Apply((), "nonsense", (t("x"),))
    for _ in range(20_000):
        node = build.apply("sin", [node])
    with pytest.raises(InternalError, match="no function is called `nonsense`"):
        verify(broken_node(node))


def test_the_message_asks_for_a_report():
    with pytest.raises(InternalError, match="please report it"):
        verify(Program((LAYER[0], LAYER[0])))
