"""Traversal: order, sharing, rebuilding, and depth."""

import pytest
from oracle import indices

from einsgrad.ir import build
from einsgrad.ir.nodes import Literal, Tensor
from einsgrad.ir.traversal import children, count_nodes, letters, postorder, rebuild, stackless, tensors, transform

i, j, k, p = indices("ijkp")
x, y = build.tensor("x", [i, j]), build.tensor("y", [j])
NODES = [
    build.literal(3),
    build.size(i),
    x,
    build.delta(i, j),
    build.one([i]),
    build.product([x, y], [j]),
    build.add([y, build.literal(1)]),
    build.power(x, y),
    build.apply("maximum", [x, x]),
    build.derivative(y, build.tensor("w", [p])),
    build.reduction("max", x, [j]),
]


def test_postorder_yields_children_first_and_each_node_once():
    both = build.add([build.apply("sin", [y]), build.apply("cos", [y])])
    order = list(postorder(both, y))
    assert order == [y, build.apply("sin", [y]), build.apply("cos", [y]), both]


@pytest.mark.parametrize("node", NODES, ids=lambda n: type(n).__name__)
def test_rebuild_is_the_inverse_of_children(node):
    assert rebuild(node, children(node)) is node


@pytest.mark.parametrize("node", [n for n in NODES if children(n)], ids=lambda n: type(n).__name__)
def test_rebuild_takes_new_children_and_keeps_the_rest(node):
    renamed = [build.apply("exp", [child]) for child in children(node)]
    new = rebuild(node, renamed)
    assert type(new) is type(node)
    assert new.free == node.free
    assert children(new) == tuple(renamed)
    assert rebuild(new, children(node)) is node


def test_transform_replaces_from_the_leaves_up():
    node = build.product([x, build.apply("exp", [y])], [j])
    new = transform(node, lambda n: build.tensor("z", n.indices) if isinstance(n, Tensor) and n.name == "y" else n)
    assert new is build.product([x, build.apply("exp", [build.tensor("z", [j])])], [j])
    assert transform(node, lambda n: n) is node


def test_letters_finds_free_bound_and_sizes():
    node = build.product([build.size(k), x, build.derivative(y, build.tensor("w", [p]))], [j])
    assert letters(node) == {i, j, k, p}


def test_tensors_and_count():
    node = build.product([y, x, y], [j])
    assert list(tensors(node)) == [y, x]
    assert count_nodes([node, y]) == 3


def test_stackless_carries_values_both_ways():
    @stackless
    def total(items):
        found = 0
        for item in items:
            found += (yield (item,)) if isinstance(item, list) else item
        return found

    assert total([1, [2, [3], []], 4]) == 10


def test_stackless_hands_on_exceptions():
    @stackless
    def fail(n):
        if n == 0:
            raise ValueError("at the bottom")
        yield (n - 1,)

    with pytest.raises(ValueError, match="at the bottom"):
        fail(10_000)


def test_transform_survives_depth():
    node = build.literal(1)
    for _ in range(30_000):
        node = build.apply("exp", [node])
    new = transform(node, lambda n: build.literal(2) if isinstance(n, Literal) else n)
    assert next(postorder(new)) is build.literal(2)
