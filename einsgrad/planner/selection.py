"""Selection: products with selectors ``δ_{p,t_b}``, none of which becomes an array.

Before: a product, and the arrays of its positions. After: the other factors are multiplied first; a selector whose
index they carry picks from them, and one whose index is free says where their product is added up. A second selector of
one index, and one that selects another's position, is a factor like others, an array of ones and zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from einsgrad.ir import build
from einsgrad.ir.nodes import Expr, Index, Position, Product, Selector
from einsgrad.planner.interning import PlanBuilder, union
from einsgrad.planner.plan import Operand


@dataclass(frozen=True, slots=True)
class Selection:
    """A product taken apart: the positions of some indices, and the product of the other factors, summed over some."""

    places: Mapping[Index, Position]
    inner: Expr
    inside: tuple[Index, ...]


def selection_of(node: Product) -> Selection:
    """Take a product with selectors apart; what only the other factors carry is summed inside.

    >>> from einsgrad.ir.printer import print_expression
    >>> b, j, p = map(Index, "bjp")
    >>> rest = build.tensor("g", [b, j])
    >>> found = selection_of(build.product([build.selector(p, build.tensor("t", [b])), rest], [b, j]))
    >>> print_expression(found.inner), [(str(i), print_expression(t)) for i, t in found.places.items()]
    ('sum_j g_bj', [('p', 't_b')])
    """
    places: dict[Index, Position] = {}
    others: list[Expr] = []
    positions = [f.position for f in node.factors if isinstance(f, Selector)]
    for factor in node.factors:
        if isinstance(factor, Selector) and not any(factor.index in (*places, *t.free) for t in positions):
            places[factor.index] = factor.position
        else:
            others.append(factor)
    outside = {*places, *union(t.free for t in places.values())}
    inside = tuple(i for i in node.summed if i not in outside and any(i in f.free for f in others))
    is_one = len(others) == 1 and not inside
    return Selection(places, others[0] if is_one else build.product(others or [build.literal(1)], inside), inside)


def pick(
    builder: PlanBuilder, array: Operand, letters: Mapping[Index, Index], places: Mapping[Index, Operand | int]
) -> Operand:
    """Give components of an array: some axes get other letters, along others the positions are given."""
    renamed = Operand(array.value, tuple(letters.get(i, i) for i in array.labels))
    array = builder.diagonal(renamed)
    here = {axis: position for axis, position in places.items() if axis in array.labels}
    for axis, position in here.items():
        if isinstance(position, int):
            array = builder.take(array, ((axis, position),))
    given = tuple((axis, position) for axis, position in here.items() if not isinstance(position, int))
    return builder.take(array, given) if given else array


def select(
    builder: PlanBuilder,
    node: Product,
    array: Operand,
    inside: tuple[Index, ...],
    places: Mapping[Index, Operand | int],
    ranges: Mapping[Index, int],
) -> Operand:
    """Give a product with selectors.

    Args:
        builder: where the operations go.
        node: the product.
        array: what its other factors multiply to.
        inside: the letters that are summed there already.
        places: the positions that some indices are at.
        ranges: the range of each letter.
    """
    array = pick(builder, array, {}, places)
    put = {i: position for i, position in places.items() if i in node.free}
    at = union(position.labels for position in put.values() if isinstance(position, Operand))
    accounted = {*inside, *places, *at, *array.labels}
    array = builder.reduce("sum", array, [i for i in array.labels if i in node.summed and i not in at])
    for index in node.summed:
        if index not in accounted:
            array = builder.pointwise("multiply", (array, builder.extent(ranges[index])))
    if not put:
        return array
    over = union([at, array.labels])
    if set(over) != set(array.labels) or builder.is_number(array):
        array = builder.spread(array, over, {i: ranges[i] for i in over})
    kept = tuple(i for i in over if i in node.free and i not in put)
    return builder.put(array, tuple(put.items()), kept, ranges)
