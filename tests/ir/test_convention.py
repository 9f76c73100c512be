"""The summation convention, on the uses that the language page gives."""

import pytest
from oracle import indices

from einsgrad.ir import build
from einsgrad.ir.convention import Reading, Use, as_factor, as_group, as_sum, implicit_sums, read, use_of

i, j = indices("ij")
a, b, c = (build.tensor(name, [i]) for name in "abc")


@pytest.mark.parametrize(
    ("uses", "claimed", "reading"),
    [
        ([Use(1, False)], False, Reading.ONCE),
        ([Use(2, False)], False, Reading.SUM),
        ([Use(2, True)], False, Reading.LEAVE),
        ([Use(1, False), Use(1, False)], False, Reading.SUM),
        ([Use(1, False), Use(2, True)], False, Reading.SUM),
        ([Use(1, False), Use(1, False), Use(2, True)], False, Reading.AMBIGUOUS),
        ([Use(2, True), Use(2, True)], False, Reading.AMBIGUOUS),
        ([Use(1, False)], True, Reading.ONCE),
        ([Use(1, False), Use(2, True)], True, Reading.SUM),
        ([Use(1, False), Use(1, False), Use(2, True)], True, Reading.SUM),
    ],
)
def test_read(uses, claimed, reading):
    assert read(uses, claimed) is reading


def test_groups():
    assert as_factor([Use(1, False)]) == Use(1, False)
    assert as_factor([Use(1, False), Use(1, False)]) == Use(2, False)
    assert as_factor([Use(2, True), Use(2, True)]) == Use(4, True)
    assert as_group([Use(1, False)], claimed=False) == Use(1, False)
    assert as_group([Use(1, False), Use(1, False)], claimed=False) == Use(2, True)
    assert as_sum([Use(2, True), Use(2, True)]) == Use(2, True)
    assert as_sum([Use(2, True), Use(1, False)]) == Use(1, False)


@pytest.mark.parametrize(
    ("node", "use"),
    [
        (a, Use(1, False)),
        (build.tensor("x", [i, i]), Use(2, False)),
        (build.delta(i, j), Use(1, False)),
        (build.product([a, b]), Use(2, True)),
        (build.product([a, build.tensor("x", [j])]), Use(1, False)),
        (build.add([a, b]), Use(1, False)),
        (build.add([build.product([a, b]), a]), Use(1, False)),
        (build.add([build.product([a, b]), build.product([a, c])]), Use(2, True)),
        (build.apply("log", [build.product([a, build.reciprocal(b)])]), Use(2, True)),
        (build.power(a, build.literal(2)), Use(1, False)),
        (build.derivative(a, build.tensor("x", [j])), Use(1, False)),
        (build.reduction("max", build.tensor("x", [i, j]), [j]), Use(1, False)),
    ],
)
def test_use_of(node, use):
    assert use_of(node, i, False) == use


@pytest.mark.parametrize(
    ("factors", "implicit"),
    [
        ([a, b], True),
        ([build.tensor("x", [i, i])], True),
        ([a], False),
        ([a, build.apply("log", [build.product([a, build.reciprocal(b)])])], True),
        ([build.product([a, b]), build.product([a, c])], False),
        ([build.one([i]), build.power(build.product([build.tensor("w", [i]), a]), build.literal(2))], True),
        ([build.one([i]), build.power(build.add([a, b]), build.literal(2))], True),
        ([c, build.add([build.product([a, b]), build.tensor("d", [i])])], True),
    ],
)
def test_is_implicit(factors, implicit):
    assert (i in implicit_sums(build.product(factors, [i]))) is implicit
