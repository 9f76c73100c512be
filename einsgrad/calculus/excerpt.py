"""Excerpts: of a long sum the terms that some tensors stand in, which are all that its derivative depends on.

Before: an expression that is differentiated. After: one with the same derivative, whose outermost sum is no longer than
it need be, so that the derivations of a sum of many terms by the inputs of each are not as long as the sum, each.
Short sums stay as the author wrote them, since there a reader looks for the whole equation.
"""

from __future__ import annotations

from collections.abc import Set

from einsgrad.calculus.occurrences import Occurrences
from einsgrad.calculus.rewriting import total
from einsgrad.ir.nodes import Expr, Product, Sum
from einsgrad.ir.traversal import rebuild

# A sum of this many terms is shown whole.
_MOST_TERMS = 12


def excerpt(node: Expr, names: Set[str], occurrences: Occurrences) -> Expr:
    """Give an expression without terms that none of the tensors ``names`` stands in, where it has many.

    >>> from einsgrad.ir import build
    >>> from einsgrad.ir.printer import print_expression
    >>> long = build.add([build.tensor(f"a{k}") for k in range(100)])
    >>> twice = build.product([build.literal(2), long])
    >>> print_expression(excerpt(twice, {"a7", "a9"}, Occurrences()))
    '2 (a7 + a9)'
    """
    wrappers: list[tuple[Product, int]] = []
    inner = node
    while isinstance(inner, Product) and len(places := occurrences.positions(inner, names)) == 1:
        wrappers.append((inner, places[0]))
        inner = inner.factors[places[0]]
    if not isinstance(inner, Sum) or len(inner.terms) <= _MOST_TERMS:
        return node
    kept = [inner.terms[k] for k in occurrences.positions(inner, names)]
    inner = total(kept, inner.free) if kept else inner
    for product, place in reversed(wrappers):
        inner = rebuild(product, [*product.factors[:place], inner, *product.factors[place + 1 :]])
    return inner
