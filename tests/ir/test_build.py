"""The builder: interning, free indices, and what it refuses."""

import gc
import threading
from fractions import Fraction

import pytest
from oracle import indices

from einsgrad.ir import build
from einsgrad.ir.nodes import Index, Literal, Product
from einsgrad.ir.traversal import postorder

i, j, k, p, q = indices("ijkpq")


def test_equal_nodes_are_one_object():
    def make():
        x, w = build.tensor("x", [i, j]), build.tensor("w", [j])
        return build.apply("exp", [build.add([build.product([x, w], [j]), build.tensor("y", [i])])])

    assert make() is make()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (build.tensor("x", [i, j]), build.tensor("x", [j, i])),
        (build.tensor("x", [i]), build.tensor("y", [i])),
        (build.product([build.tensor("x", [i, i])], [i]), build.product([build.tensor("x", [i, i])] * 2, [i])),
        (build.delta(i, j), build.delta(j, i)),
        (build.one([i]), build.size(i)),
        (build.literal(1), build.literal(-1)),
        (build.add([build.literal(1), build.literal(2)]), build.product([build.literal(1), build.literal(2)])),
    ],
)
def test_different_nodes_are_different_objects(one, other):
    assert one is not other


def test_numbers_are_exact():
    assert build.literal(Fraction("0.1")).value == Fraction(1, 10)
    assert build.literal(2) is build.literal(Fraction(4, 2))


def test_free_indices_come_in_order_of_appearance():
    product = build.product([build.tensor("b", [k, j]), build.tensor("a", [j, i])], [j])
    assert product.free == (k, i)
    assert build.tensor("x", [j, i, j]).free == (j, i)
    assert build.add([build.literal(1), build.tensor("x", [j, i]), build.tensor("y", [i, j])]).free == (j, i)
    assert build.derivative(build.tensor("y", [i]), build.tensor("x", [p, q])).free == (i, p, q)
    assert build.reduction("max", build.tensor("x", [i, j, k]), [j]).free == (i, k)
    assert build.size(i).free == ()


def test_summed_indices_are_ordered_by_appearance_whatever_the_order_given():
    factors = [build.tensor("a", [i, j]), build.tensor("b", [j, k])]
    assert build.product(factors, [k, i, j]) is build.product(factors, [i, j, k])
    assert build.product(factors, {k, j}).summed == (j, k)


def test_what_breaks_a_promise_is_refused():
    x = build.tensor("x", [i])
    with pytest.raises(AssertionError, match="no factor carries"):
        build.product([x, x], [j])
    with pytest.raises(AssertionError, match="different free indices"):
        build.add([x, build.tensor("y", [i, j])])
    with pytest.raises(AssertionError, match="new free indices"):
        build.derivative(x, build.tensor("x", [i]))
    with pytest.raises(AssertionError, match="distinct"):
        build.derivative(x, build.tensor("a", [p, p]))
    with pytest.raises(AssertionError, match="has an index"):
        build.one([])


def test_the_builder_does_not_simplify():
    product = build.product([build.literal(1), build.literal(0)])
    assert isinstance(product, Product)
    assert product.factors == (build.literal(1), build.literal(0))


@pytest.mark.parametrize(
    ("node", "negated"),
    [
        (build.literal(2), build.literal(-2)),
        (build.tensor("x", [i]), build.product([build.literal(-1), build.tensor("x", [i])])),
        (
            build.product([build.literal(2), build.tensor("x", [i])]),
            build.product([build.literal(-2), build.tensor("x", [i])]),
        ),
        (
            build.product([build.tensor("x", [i]), build.tensor("y", [i])], [i]),
            build.product([build.literal(-1), build.tensor("x", [i]), build.tensor("y", [i])], [i]),
        ),
    ],
)
def test_negate(node, negated):
    assert build.negate(node) is negated


def test_unused_nodes_are_forgotten():
    build.tensor("only_here", [i])
    gc.collect()
    assert not any(key[1:2] == ("only_here",) for key in list(build._nodes))


def test_threads_agree_on_one_node():
    ready, found = threading.Barrier(8), []

    def work():
        ready.wait()
        found.append([build.product([build.literal(n), build.tensor("t", [Index(f"i{n}")])]) for n in range(200)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(a is b for nodes in found for a, b in zip(nodes, found[0], strict=True))


def test_depth_is_no_matter():
    node = build.tensor("x", [i])
    for _ in range(20_000):
        node = build.apply("sin", [node])
    assert sum(1 for _ in postorder(node)) == 20_001
    assert isinstance(build.literal(0), Literal)
