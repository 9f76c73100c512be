"""Factor: what all terms of a sum have in common goes in front of a bracket.

Before: a simplified expression. After: ``a_i/n - b_i/n`` is ``(a_i - b_i)/n``. The rulebook's condition holds: the
terms that are left have the same free indices, with one-tensors where they need them, and no index of a common factor
is summed in its term. Only the outermost sum is looked at, and only what every term has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from einsgrad.calculus.algebra_rules import joined_power, order_factors, split_power
from einsgrad.calculus.rewriting import broadcast, multiply
from einsgrad.ir import build
from einsgrad.ir.nodes import Delta, Expr, Index, Literal, One, Product, Sum


@dataclass(frozen=True)
class _Term:
    """A term as a number times powers of bases, some indices summed."""

    number: Fraction
    powers: dict[Expr, Fraction]
    summed: tuple[Index, ...]

    def without(self, number: Fraction, common: dict[Expr, Fraction]) -> Expr:
        """Give what is left of the term."""
        factors = [
            joined_power(base, exponent - common.get(base, Fraction(0)))
            for base, exponent in self.powers.items()
            if exponent != common.get(base)
        ]
        left = self.number / number
        if left != 1 or not factors:
            factors.insert(0, build.literal(left))
        return multiply(factors, self.summed)


def factor_terms(node: Expr, simplify: Callable[[Expr], Expr]) -> Expr:
    """Give a sum as the product of what its terms share and the sum of what is left; other nodes as they are.

    Args:
        node: a simplified expression.
        simplify: applied to the sum that is left.
    """
    if not isinstance(node, Sum):
        return node
    terms = [_split(term) for term in node.terms]
    shared = {base: _shared(base, terms) for base in terms[0].powers}
    common = {base: exponent for base, exponent in shared.items() if exponent != 0}
    numbers = {abs(term.number) for term in terms}
    number = numbers.pop() if len(numbers) == 1 else Fraction(1)
    if not common and number == 1:
        return node
    rest = [term.without(number, common) for term in terms]
    free = tuple(dict.fromkeys(i for r in rest for i in r.free))
    rest = [broadcast(r, free) if r.free else r for r in rest]
    factors = [joined_power(base, exponent) for base, exponent in common.items()]
    if number != 1:
        factors.insert(0, build.literal(number))
    bracket = simplify(build.add(rest))
    product = multiply([*factors, bracket])
    if set(product.free) != set(node.free):
        return node
    return (order_factors(product) if isinstance(product, Product) else None) or product


def _split(term: Expr) -> _Term:
    factors, summed = (term.factors, term.summed) if isinstance(term, Product) else ((term,), ())
    number = Fraction(1)
    powers: dict[Expr, Fraction] = {}
    for factor in factors:
        if isinstance(factor, Literal):
            number *= factor.value
        else:
            base, exponent = split_power(factor)
            powers[base] = powers.get(base, Fraction(0)) + exponent
    return _Term(number, powers, summed)


def _shared(base: Expr, terms: list[_Term]) -> Fraction:
    """Give the exponent of ``base`` that all terms have, zero if there is none."""
    if isinstance(base, One | Delta) or any(set(base.free) & set(term.summed) for term in terms):
        return Fraction(0)
    exponents = [term.powers.get(base, Fraction(0)) for term in terms]
    if all(e > 0 for e in exponents):
        return min(exponents)
    return max(exponents) if all(e < 0 for e in exponents) else Fraction(0)
