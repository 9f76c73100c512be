"""Expand: brackets multiplied out, so that equal polynomials get equal terms.

Before: no derivatives. After: as :mod:`einsgrad.calculus.simplify`, with no sum inside a product and no whole power of
a product or of a sum. Longer than a person would write it: for comparing, not for reading. Not attempted: identities of
functions; powers that would take more terms than a bound.
"""

from __future__ import annotations

from einsgrad.calculus.algebra_rules import ALGEBRA_RULES
from einsgrad.calculus.rewriting import Rewriter, Rule, broadcast, is_number, multiply
from einsgrad.calculus.tensor_rules import ONE_RULES, TENSOR_RULES
from einsgrad.ir import build
from einsgrad.ir.letters import fresh, rename
from einsgrad.ir.nodes import Expr, Literal, Power, Product, Sum
from einsgrad.ir.traversal import letters

_MOST_TERMS = 256
_LARGEST_POWER = 8


def distribute(node: Product) -> Expr | None:
    """``a (b + c) = a b + a c``; a term without the indices of its bracket gets their one-tensor.

    Ends: one sum inside a product fewer.
    """
    for position, factor in enumerate(node.factors):
        if isinstance(factor, Sum) and len(factor.terms) <= _MOST_TERMS:
            before, after = node.factors[:position], node.factors[position + 1 :]
            terms = [multiply([*before, broadcast(t, factor.free), *after], node.summed) for t in factor.terms]
            return build.add(terms)
    return None


def broadcast_terms(node: Sum) -> Expr | None:
    """``a_i + b = a_i + 1_i b``: what a sum broadcasts silently gets its one-tensor. Ends: fewer such terms."""
    if not node.free or all(t.free for t in node.terms):
        return None
    return build.add([broadcast(t, node.free) for t in node.terms])


def divisor_of_product(node: Power) -> Expr | None:
    """``1/(a b) = a^-1 b^-1`` where nothing is summed. Ends: powers of smaller bases."""
    if not isinstance(node.base, Product) or node.base.summed or not is_number(node.exponent, -1):
        return None
    return multiply([build.power(f, node.exponent) for f in node.base.factors])


def multinomial(node: Power) -> Expr | None:
    """``(a + b)^2 = (a + b) (a + b)``, and ``(a_i b_i)^2 = a_i b_i a_j b_j``. Ends: one power fewer."""
    base = node.base
    if not isinstance(node.exponent, Literal) or node.exponent.value.denominator != 1:
        return None
    times = int(node.exponent.value)
    if not 2 <= times <= _LARGEST_POWER:
        return None
    if isinstance(base, Sum) and len(base.terms) ** times <= _MOST_TERMS:
        return multiply([base] * times)
    if isinstance(base, Product) and base.summed:
        taken = letters(base)
        copies: list[Expr] = []
        for _ in range(times):
            mapping = {}
            for index in base.summed:
                mapping[index] = fresh(taken, like=index)
                taken.add(mapping[index])
            copies.append(build.product([rename(f, mapping) for f in base.factors], mapping.values()))
        return multiply(copies)
    return None


EXPANSION = (
    Rule(Product, "distribute", distribute),
    Rule(Sum, "broadcast", broadcast_terms),
    Rule(Power, "power of a product", divisor_of_product),
    Rule(Power, "multiply out", multinomial),
)


def expander() -> Rewriter:
    """Make a rewriter that expands and simplifies.

    >>> from einsgrad.ir.nodes import Index
    >>> from einsgrad.ir.printer import print_expression
    >>> a, b = build.tensor("a"), build.tensor("b")
    >>> print_expression(expander()(build.power(build.add([a, b]), build.literal(2))))
    'a^2 + 2 a b + b^2'
    """
    # First, or equal brackets would be merged into the power that has just been multiplied out.
    return Rewriter((*EXPANSION, *TENSOR_RULES, *ALGEBRA_RULES, *ONE_RULES))
