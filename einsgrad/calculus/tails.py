"""Tails: differences that rounding would leave nothing of, where a function is close to one.

``1 - sigmoid(u)`` is ``sigmoid(-u)``, and so on. Each rule takes two terms of a sum, ``t`` and ``-t f(u)`` with any
factors ``t`` in common, so that it applies to gradients, where factors are multiplied out, as well as to the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from einsgrad.calculus.exponentials import Reader, scaled
from einsgrad.calculus.rewriting import broadcast, multiply
from einsgrad.ir import build
from einsgrad.ir.nodes import Apply, Expr, Literal, One, Power, Product, Sum

# Powers of terms up to this are looked into.
_HIGHEST_POWER = 4


@dataclass(frozen=True)
class Tail:
    """A rule ``t + number t f(u)^power = t g(u)``.

    Attributes:
        function: ``f``.
        power: how often it occurs.
        number: the number of the second term where that of the first one is 1.
        result: ``g``.
    """

    function: str
    power: int
    number: int
    result: Callable[[Expr], Expr]


def _sigmoid(u: Expr) -> Expr:
    return build.apply("sigmoid", [u])


def _complement_of_sigmoid(u: Expr) -> Expr:
    """``1 - sigmoid(u) = sigmoid(-u)``."""
    return _sigmoid(scaled(-1, u))


def _centred_sigmoid(u: Expr) -> Expr:
    """``1 - 2 sigmoid(u) = -tanh(u/2)``."""
    return build.negate(build.apply("tanh", [scaled(Fraction(1, 2), u)]))


def _complement_of_tanh(u: Expr) -> Expr:
    """``1 - tanh(u)^2 = 4 sigmoid(2 u) sigmoid(-2 u)``, where ``1/cosh(u)^2`` would overflow."""
    return build.product([build.literal(4), _sigmoid(scaled(2, u)), _sigmoid(scaled(-2, u))])


def _complement_of_exp(u: Expr) -> Expr:
    """``1 - exp(u) = -expm1(u)``."""
    return build.negate(build.apply("expm1", [u]))


def _complement_of_erf(u: Expr) -> Expr:
    """``1 - erf(u) = erfc(u)``."""
    return build.apply("erfc", [u])


TAILS = (
    Tail("sigmoid", 1, -1, _complement_of_sigmoid),
    Tail("sigmoid", 1, -2, _centred_sigmoid),
    Tail("tanh", 2, -1, _complement_of_tanh),
    Tail("exp", 1, -1, _complement_of_exp),
    Tail("erf", 1, -1, _complement_of_erf),
)
_FUNCTIONS = frozenset(tail.function for tail in TAILS)


class Tails:
    """The rule for sums, with the equations that it looks through."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def join_terms(self, node: Sum) -> Expr | None:
        """``t - t sigmoid(u) = t sigmoid(-u)`` and the like, see :data:`TAILS`. Ends: fewer terms."""
        read = [_read(term) for term in node.terms]
        places = {(number, frozenset(factors.items())): n for n, (number, factors) in enumerate(read)}
        for position, (number, factors) in enumerate(read):
            for factor in factors:
                seen = self._seen(factor)
                for tail in TAILS:
                    if seen is None or seen.function != tail.function or factors[factor] < tail.power:
                        continue
                    common = factors - Counter({factor: tail.power})
                    other = places.get((number / tail.number, frozenset(common.items())))
                    if other is not None and other != position:
                        joined = [build.literal(number / tail.number), *common.elements(), tail.result(seen.args[0])]
                        kept = [t for n, t in enumerate(node.terms) if n not in (position, other)]
                        new = broadcast(_product(joined), node.free)
                        return build.add([*kept, new]) if kept else new
        return None

    def _seen(self, node: Expr) -> Apply | None:
        seen = self._reader.function(node)
        return seen if seen is not None and seen.function in _FUNCTIONS else None


def _read(term: Expr) -> tuple[Fraction, Counter[Expr]]:
    """Give the number and the factors of a term, powers as so many factors, without one-tensors."""
    if isinstance(term, Product) and term.summed:
        return Fraction(1), Counter([term])
    number, factors = Fraction(1), Counter[Expr]()
    for factor in term.factors if isinstance(term, Product) else (term,):
        match factor:
            case Literal(value=value):
                number *= value
            case One():
                pass
            case Power(base=base, exponent=Literal(value=value)) if value in range(1, _HIGHEST_POWER + 1):
                factors[base] += int(value)
            case _:
                factors[factor] += 1
    return number, factors


def _product(factors: list[Expr]) -> Expr:
    return scaled(1, multiply(factors))
