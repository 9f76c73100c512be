"""Substitution: expressions put in for the scalars of another."""

from __future__ import annotations

from collections.abc import Mapping

from einsgrad.ir import build
from einsgrad.ir.letters import fresh, rename_all
from einsgrad.ir.nodes import Expr, Index, Product, Sum
from einsgrad.ir.traversal import children, letters, postorder, rebuild


def substitute(body: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """Put ``values`` in for scalars of an expression that has no free letter.

    Letters that the body binds make way for those of the values, and terms of a sum get the letters of one another.

    >>> from einsgrad.ir.printer import print_expression
    >>> u, v, i, j = build.tensor("u"), build.tensor("v"), Index("i"), Index("j")
    >>> body = build.add([u, build.power(v, build.literal(2))])
    >>> print_expression(substitute(body, {u: build.tensor("x", [i]), v: build.tensor("y", [j])}))
    '1_j x_i + 1_i y_j^2'
    """
    inside, outside = letters(body), letters(*values.values())
    clash: dict[Index, Index] = {}
    for index in sorted(inside & outside):
        clash[index] = fresh(inside, outside, clash.values(), like=index)
    body = rename_all(body, clash)
    done: dict[Expr, Expr] = {}
    for node in postorder(body):
        below = [done[child] for child in children(node)]
        below = _alike(below) if isinstance(node, Sum) else below
        done[node] = values[node] if node in values else rebuild(node, below)
    return done[body]


def _alike(terms: list[Expr]) -> list[Expr]:
    """Give each term that has letters those of the other terms, as their sum needs: ``x_ij + 1_i b_j``."""
    free = list(dict.fromkeys(i for term in terms for i in term.free))
    found = []
    for term in terms:
        missing = [i for i in free if i not in term.free]
        if missing and term.free:
            factors, summed = (term.factors, term.summed) if isinstance(term, Product) else ((term,), ())
            term = build.product([build.one(missing), *factors], summed)
        found.append(term)
    return found
