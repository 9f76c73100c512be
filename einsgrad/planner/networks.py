"""Networks: products as the planner looks at them, in one level and without one-tensors that say nothing."""

from __future__ import annotations

from collections.abc import Sequence

from einsgrad.ir import build
from einsgrad.ir.nodes import Expr, One, Product


def flattened(node: Expr) -> Expr:
    """Merge the products in a product into it, where their letters are apart from its own; other nodes as they are."""
    if not isinstance(node, Product) or not any(isinstance(f, Product) for f in node.factors):
        return node
    factors: list[Expr] = []
    summed = list(node.summed)
    stack = [*reversed(node.factors)]
    while stack:
        factor = stack.pop()
        if isinstance(factor, Product) and set(factor.summed).isdisjoint([*summed, *node.free]):
            stack += reversed(factor.factors)
            summed += factor.summed
        else:
            factors.append(factor)
    return build.product(factors, summed)


def without_ones(factors: Sequence[Expr]) -> list[Expr]:
    """Take the letters off the one-tensors of a product that its other factors carry.

    >>> from einsgrad.ir.nodes import Index
    >>> from einsgrad.ir.printer import print_expression
    >>> i, j = Index("i"), Index("j")
    >>> [print_expression(f) for f in without_ones([build.one([i, j]), build.tensor("x", [i])])]
    ['1_j', 'x_i']
    """
    carried = {i for f in factors if not isinstance(f, One) for i in f.free}
    found: list[Expr] = []
    for factor in factors:
        if isinstance(factor, One):
            left = [i for i in factor.free if i not in carried]
            carried.update(left)
            found += [build.one(left)] if left else []
        else:
            found.append(factor)
    return found
