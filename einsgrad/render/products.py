"""Products of products as one product."""

from __future__ import annotations

from einsgrad.ir.nodes import Expr, Index, Product


def flatten(node: Expr) -> tuple[list[Expr], list[Index]]:
    """Give the factors of a product and of the products in it, and the indices that these sum.

    ``a_i (b_j c_j) = a_i b_j c_j``: no letter is bound in one factor and stands in another. What is no product is its
    own one factor.
    """
    factors: list[Expr] = []
    summed: list[Index] = []
    stack = [node]
    while stack:
        factor = stack.pop()
        if isinstance(factor, Product):
            summed += factor.summed
            stack.extend(reversed(factor.factors))
        else:
            factors.append(factor)
    return factors, summed
