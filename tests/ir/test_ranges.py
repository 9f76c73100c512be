"""Ranges: what is tied to what."""

from oracle import indices

from einsgrad.ir import build
from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import infer_ranges

i, j, k, h, p = indices("ijkhp")


def t(name, letters=""):
    return build.tensor(name, indices(letters))


def groups(*definitions, **rest):
    """The tensor axes, grouped by range."""
    ranges = infer_ranges(Program(tuple(definitions), **rest))
    return {frozenset(f"{name}{axis}" for name, axis in ranges.axes[n]) for n in set(ranges.of_axis.values())}


def group(text):
    return frozenset(text.split())


def test_axes_that_share_a_letter_have_one_range():
    product = Definition("y", (i, j), build.product([t("x", "ik"), t("a", "kj")], [k]))
    assert groups(product) == {group("y0 x0"), group("y1 a1"), group("x1 a0")}


def test_a_letter_is_local_to_its_equation():
    first, second = Definition("y", (i,), t("x", "i")), Definition("z", (i,), t("w", "i"))
    assert groups(first, second) == {group("y0 x0"), group("z0 w0")}


def test_ranges_flow_through_tensors():
    first, second = Definition("y", (i,), t("x", "i")), Definition("z", (j,), t("y", "j"))
    assert groups(first, second) == {group("x0 y0 z0")}


def test_a_delta_and_a_repeated_index_tie():
    delta = Definition("y", (i, j), build.product([build.delta(i, j), t("x", "i"), t("w", "j")]))
    assert groups(delta) == {group("y0 y1 x0 w0")}
    assert groups(Definition("y", (i,), t("x", "ii"))) == {group("y0 x0 x1")}


def test_a_derivative_ties_the_tensor_it_is_taken_by():
    jacobian = Definition("g", (i, p), build.derivative(t("y", "i"), t("x", "p")))
    assert groups(Definition("y", (i,), build.apply("sin", [t("x", "i")])), jacobian) == {group("y0 x0 g0 g1")}


def test_a_gradient_has_the_axes_of_its_tensor():
    gradient = Definition("g", (p, j), build.product([t("∂l/∂y", "pk"), t("a", "jk")], [k]))
    forward = Definition("y", (i, k), build.product([t("x", "ij"), t("a", "jk")], [j]))
    found = groups(forward, gradient)
    assert group("y1 a1 ∂l/∂y1") in found
    assert group("y0 x0 g0 ∂l/∂y0") in found


def test_claims_tie_too():
    claim = Claim(t("y", "i"), t("w", "i"), (i,))
    assert groups(Definition("y", (i,), t("x", "i")), claims=(claim,)) == {group("x0 y0 w0")}


def test_a_size_means_the_letter_of_its_own_equation_first():
    own = Definition("n", (), build.product([build.size(h), t("x", "h"), build.one([h])], [h]))
    ranges = infer_ranges(Program((own, Definition("y", (h,), t("w", "h")))))
    assert ranges.of_index[0, h] == ranges.of_axis["x", 0] != ranges.of_axis["w", 0]
    assert ranges.unsettled == ()


def test_a_size_alone_means_the_one_range_elsewhere():
    ranges = infer_ranges(Program((Definition("n", (), build.size(h)), Definition("y", (h,), t("w", "h")))))
    assert ranges.of_index[0, h] == ranges.of_axis["w", 0]
    assert ranges.unsettled == ()


def test_a_size_of_several_ranges_or_none_is_unsettled():
    several = (
        Definition("n", (), build.size(h)),
        Definition("y", (h,), t("w", "h")),
        Definition("z", (h,), t("x", "h")),
    )
    ((number, letter, found),) = infer_ranges(Program(several)).unsettled
    assert (number, letter, len(found)) == (0, h, 2)
    ((number, letter, found),) = infer_ranges(Program(several[:1])).unsettled
    assert (number, letter, found) == (0, h, ())


def test_an_anchor_settles_a_size():
    program = Program((Definition("n", (), build.size(h)), Definition("y", (i,), t("w", "i"))), anchors={h: ("w", 0)})
    ranges = infer_ranges(program)
    assert ranges.of_index[0, h] == ranges.of_axis["w", 0]
    assert ranges.unsettled == ()
