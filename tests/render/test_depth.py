"""Depth and length of an expression don't meet the recursion limit, and no part of it is lost."""

import pytest

from einsgrad.ir import build
from einsgrad.render.latex import latex
from einsgrad.render.mathml import mathml
from einsgrad.render.typeset import typeset
from einsgrad.render.unicode import unicode

DEEP = 10_000
X = build.tensor("x")


def nest(wrap):
    node = X
    for _ in range(DEEP):
        node = wrap(node)
    return node


@pytest.mark.parametrize(
    ("node", "written", "element", "shown"),
    [
        (nest(lambda u: build.apply("sin", [u])), r"\sin(", "<mi>sin</mi>", "sin("),
        (nest(build.reciprocal), r"\frac{1}{", "<mfrac>", "1/"),
        (nest(lambda u: build.power(X, u)), "x^{", "<msup>", "^"),
        (nest(lambda u: build.add([X, u])), "x + ", "<mo>+</mo>", "x + "),
        (build.add([X] * (DEEP + 1)), " + x", "<mo>+</mo>", " + x"),
    ],
    ids=["functions", "fractions", "powers", "brackets", "terms"],
)
def test_nothing_is_lost(node, written, element, shown):
    layout = typeset(node)
    assert latex(layout).count(written) == DEEP
    assert mathml(layout).count(element) == DEEP
    assert unicode(layout).count(shown) == DEEP
