"""Simplify: a program to one of the same values that is as short as a person would write it.

Before: no derivatives. After: deltas and one-tensors stand only where they are needed, equal factors and terms are
merged, numbers are folded. Not attempted: factoring, expanding brackets, identities of functions, a normal form.
"""

from __future__ import annotations

from einsgrad.calculus.algebra_rules import ALGEBRA_RULES
from einsgrad.calculus.condition_rules import MASK_RULES
from einsgrad.calculus.rewriting import Rewriter
from einsgrad.calculus.tensor_rules import BROADCAST_RULES, ONE_RULES, TENSOR_RULES

# Deltas go before numbers and equal factors are looked at, since substitution makes factors equal; one-tensors go last,
# since all other rules may free an index of its last carrier or give it a new one.
SIMPLIFICATION = (*MASK_RULES, *TENSOR_RULES, *ALGEBRA_RULES, *ONE_RULES, *BROADCAST_RULES)


def simplifier() -> Rewriter:
    """Make a rewriter with the rules of simplification.

    >>> from einsgrad.ir import build
    >>> from einsgrad.ir.nodes import Index
    >>> from einsgrad.ir.printer import print_expression
    >>> k, i, j = map(Index, "kij")
    >>> product = build.product([build.delta(k, i), build.tensor("a", [i, j])], [i])
    >>> print_expression(simplifier()(product))
    'a_kj'
    """
    return Rewriter(SIMPLIFICATION)
