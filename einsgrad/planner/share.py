"""Share: what several products have in common becomes a product of its own, so that it is computed once.

Before: products as they were derived, ``a_bh c_bh γ_h`` in one equation and ``a_bh c_bh r_b`` in another. After: the
same factors in other brackets, ``(a_bh c_bh) γ_h`` and ``(a_bh c_bh) r_b``; lowering computes a product that stands in
several places once. Pairs go first that most products gain from. Not attempted: pairs that sum, whose paths are chosen
in :mod:`einsgrad.planner.paths`, and pairs of different letters, whose product would be larger than both.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import TypeAlias

from einsgrad.calculus.rewriting import multiply
from einsgrad.ir import build
from einsgrad.ir.nodes import Expr, One, Product
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import postorder, transform
from einsgrad.planner.networks import flattened

Pair: TypeAlias = tuple[Expr, Expr]

# Products of more factors than this are left alone.
_MOST_FACTORS = 16


def share(program: Program) -> Program:
    """Give the program with the pairs of factors bracketed that several products have in common.

    >>> from einsgrad.frontend.parser import parse_program
    >>> print(share(parse_program("y_h = a_bh c_bh g_b; z_bh = a_bh s_b c_bh")), end="")
    y_h = (a_bh c_bh) g_b
    z_bh = (a_bh c_bh) s_b
    """
    definitions = [dataclasses.replace(d, rhs=transform(d.rhs, flattened)) for d in program.definitions]
    products = [node for node in postorder(*(d.rhs for d in definitions)) if isinstance(node, Product)]
    brackets = _Brackets(products)
    brackets.put()
    definitions = [dataclasses.replace(d, rhs=transform(d.rhs, brackets.apply)) for d in definitions]
    return dataclasses.replace(program, definitions=tuple(definitions))


class _Brackets:
    """The factors of all products of a program, as they are put together."""

    def __init__(self, products: list[Product]) -> None:
        self._factors = {p: list(p.factors) for p in products if len(p.factors) <= _MOST_FACTORS}
        self._holders: dict[Pair, dict[Product, None]] = {}
        for product in self._factors:
            for pair in self._pairs(product):
                self._holders.setdefault(pair, {})[product] = None

    def put(self) -> None:
        """Bracket one pair after the other, for as long as two products gain from one."""
        while self._holders:
            pair = max(self._holders, key=lambda p: (len(self._holders[p]), len(_free(p))))
            holders = self._holders.pop(pair)
            if len(holders) < 2:
                return
            for product in holders:
                self._bracket(product, pair)

    def apply(self, node: Expr) -> Expr:
        """Give a product with its brackets."""
        if not isinstance(node, Product):
            return node
        factors = self._factors.get(node)
        return node if factors is None else multiply(factors, node.summed)

    def _bracket(self, product: Product, pair: Pair) -> None:
        for found in self._pairs(product):
            self._holders.get(found, {}).pop(product, None)
        factors = self._factors[product]
        place = factors.index(pair[0])
        factors[place] = build.product(pair)
        factors.remove(pair[1])
        for found in self._pairs(product):
            self._holders.setdefault(found, {})[product] = None

    def _pairs(self, product: Product) -> Iterator[Pair]:
        """Yield the pairs that a product would multiply element by element anyway, or could at no loss."""
        arrays = [f for f in self._factors[product] if f.free and not isinstance(f, One)]
        if len(arrays) < 2 or (len(arrays) == 2 and product.summed):
            return
        counts = Counter(arrays)
        for a, b in combinations(arrays, 2):
            if counts[a] == counts[b] == 1 and (set(a.free) <= set(b.free) or set(b.free) <= set(a.free)):
                yield a, b


def _free(pair: Pair) -> set[object]:
    return {*pair[0].free, *pair[1].free}
