"""Logarithms of exponentials: of products, quotients and sums of them, however they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from einsgrad.calculus.exponentials import ZERO, Factor, Reader, Term, add, scaled, subtract
from einsgrad.calculus.rewriting import broadcast, is_number, multiply
from einsgrad.calculus.shifts import Shifts
from einsgrad.ir import build
from einsgrad.ir.nodes import Apply, Expr, Literal, One, Product, Sum

# Where log(1 - exp(u)) goes over from one of its forms to the other; about log(1/2).
_BEND = build.literal(Fraction(-7, 10))


class Logarithms:
    """The rules for logarithms."""

    def __init__(self, reader: Reader, shifts: Shifts, tail: Callable[[Sum], Expr | None]) -> None:
        self._reader = reader
        self._shifts = shifts
        self._tail = tail

    def logarithm(self, node: Apply) -> Expr | None:
        """``log(exp(u) w / v) = u + log(w / v)``, with ``softplus`` and shifted sums for sums of exponentials.

        Ends: of the logarithms that are left none has an exponential without a shift.
        """
        if node.function not in ("log", "log1p") or self._shifts.are_in(node):
            return None
        argument = node.args[0]
        if node.function == "log1p":
            argument = build.add([build.literal(1), self._reader.seen_through(argument)])
        parts: list[Expr] = []
        rest: list[Factor] = []
        differences: list[tuple[Factor, list[Term]]] = []
        for factor in self._factors(argument):
            base = self._reader.seen_through(factor.base)
            function = self._reader.function(factor.base)
            if function is not None and function.function == "sigmoid":
                parts.append(scaled(-factor.exponent, _softplus(scaled(-1, function.args[0]))))
            elif self._reader.is_exponential(base):
                (term,) = self._reader.terms(base)
                parts.append(scaled(factor.exponent, term.exponent))
                rest += [] if term.number == 1 else [Factor(build.literal(term.number), factor.exponent)]
            elif self._reader.is_sum(base):
                terms = self._reader.terms(base)
                if all(t.number > 0 and not t.rest for t in terms):
                    parts.append(scaled(factor.exponent, self._log_of_sum(terms, base)))
                else:
                    differences.append((Factor(base, factor.exponent), terms))
            else:
                rest.append(factor)
        parts += self._log_of_differences(differences, rest)
        if not parts:
            return _one_plus(node) if node.function == "log" else None
        return broadcast(add(*parts, *_log_of(rest)), node.free)

    def _factors(self, node: Expr) -> list[Factor]:
        """Give the factors of an argument; a name is one unless there is something to read in what it stands for."""
        seen = self._reader.seen_through(node)
        if isinstance(seen, Product) and seen.summed:
            return [Factor(node, Fraction(1))]
        found = []
        stack = self._reader.factors(seen if self._is_read(node) else node, lambda name, _: self._is_read(name))
        while stack:
            factor = stack.pop()
            base = self._reader.seen_through(factor.base)
            changed = self._tail(base) if isinstance(base, Sum) else None
            if changed is None:
                found.append(factor)
            else:
                power = Factor(changed, factor.exponent).node
                stack += self._reader.factors(power, lambda name, _: self._is_read(name))
        return [f for f in reversed(found) if not isinstance(f.base, One)]

    def _is_read(self, node: Expr) -> bool:
        """Tell whether a node, or what its name stands for, is or has as a factor an exponential or a sigmoid."""
        seen = self._reader.seen_through(node)
        factors = (
            self._reader.factors(seen, lambda name, _: False)
            if isinstance(seen, Product)
            else [Factor(seen, Fraction(1))]
        )
        return any(self._reader.has_exponential(f.base) or self._is_sigmoid(f.base) for f in factors)

    def _is_sigmoid(self, node: Expr) -> bool:
        function = self._reader.function(node)
        return function is not None and function.function == "sigmoid"

    def _log_of_sum(self, terms: Sequence[Term], base: Expr) -> Expr:
        """``log(exp(a) + exp(b)) = b + softplus(a - b)``, ``log(1_j exp(u_ij)) = m_i + log(1_j exp(u_ij - m_i))``."""
        if len(terms) == 2 and all(t.is_plain for t in terms):
            a, b = sorted(terms, key=lambda t: t.exponent is ZERO)
            return add(b.whole_exponent(), _softplus(subtract(a.whole_exponent(), b.whole_exponent())))
        outside, inside = self._shifted(terms, base)
        return add(*outside, build.apply("log", [inside]))

    def _shifted(self, terms: Sequence[Term], base: Expr) -> tuple[list[Expr], Expr]:
        """Give terms to take out of the logarithm of a sum, and what is left inside.

        With ``1 + w exp(u)`` the sum is close to one where ``u`` is small: ``log(s) = log1p(q) + log(s / (1 + q))`` for
        any ``q``, so for what is added to the one where the shift is zero, and for zero elsewhere.
        """
        shift, total = self._shifts.scaled_sum(terms, base.free)
        others = [t for t in terms if not (t.is_plain and t.number == 1 and t.exponent is ZERO)]
        if len(others) != len(terms) - 1 or not any(t.exponent is not ZERO for t in others):
            return [shift], total
        added = add(*(t.shifted(shift) for t in others))
        is_zero = add(build.literal(1), scaled(-1, build.apply("step", [shift])))
        q = self._shifts.constant(build.product([added, is_zero]))
        return [shift, build.apply("log1p", [q])], build.product([total, build.reciprocal(add(build.literal(1), q))])

    def _log_of_differences(self, found: Sequence[tuple[Factor, list[Term]]], rest: list[Factor]) -> list[Expr]:
        """Give what leaves the logarithm of sums that may be negative; what is left of them goes to the ``rest``.

        A difference of two exponentials with nothing but numbers beside it is that of the larger and the smaller one.
        """
        if len(found) == 1 and all(isinstance(f.base, Literal) for f in rest):
            (factor, terms), sign = found[0], 1
            for number in rest:
                sign *= -1 if isinstance(number.base, Literal) and number.base.value < 0 else 1
            if abs(factor.exponent) == 1 and len(terms) == 2 and all(t.is_plain for t in terms):
                larger, smaller = sorted(terms, key=lambda t: -sign * t.number)
                if sign * smaller.number < 0 < sign * larger.number:
                    rest[:] = [Factor(build.literal(abs(f.base.value)), f.exponent) for f in rest]  # type: ignore[union-attr]
                    return [scaled(factor.exponent, self._log_of_difference(larger, smaller))]
        parts = []
        for factor, terms in found:
            outside, inside = self._shifted(terms, factor.base)
            parts += [scaled(factor.exponent, part) for part in outside]
            rest.append(Factor(inside, factor.exponent))
        return parts

    def _log_of_difference(self, larger: Term, smaller: Term) -> Expr:
        """``log(exp(a) - exp(b)) = a + log(1 - exp(u))`` for ``u = b - a``, which is negative.

        ``log(1 - exp(u)) = log1p(-exp(m)) + log(expm1(u) / expm1(m))`` for any ``m``. With the smaller of ``u`` and
        ``log(1/2)`` the first term is exact where ``u`` is small, the second one where it is near zero.
        """
        a = larger.whole_exponent()
        u = subtract(smaller.whole_exponent(), a)
        m = self._shifts.constant(build.apply("minimum", [u, _BEND]))
        far = build.apply("log1p", [build.negate(build.apply("exp", [m]))])
        near = build.product([build.apply("expm1", [u]), build.reciprocal(build.apply("expm1", [m]))])
        return add(a, far, build.apply("log", [near]))


def _softplus(u: Expr) -> Expr:
    return build.apply("softplus", [u])


def _log_of(factors: Sequence[Factor]) -> list[Expr]:
    """Give the logarithm of a product, none where it is one; that of a divisor alone is negative."""
    factors = [f for f in factors if not is_number(f.base, 1)]
    if not factors:
        return []
    if len(factors) == 1 and factors[0].exponent == -1:
        return [build.negate(build.apply("log", [factors[0].base]))]
    return [build.apply("log", [multiply([f.node for f in factors])])]


def _one_plus(node: Apply) -> Expr | None:
    """``log(1 + u) = log1p(u)``, also where the one is a one-tensor."""
    argument = node.args[0]
    if not isinstance(argument, Sum):
        return None
    ones = [t for t in argument.terms if is_number(t, 1) or isinstance(t, One)]
    others = [t for t in argument.terms if t not in ones]
    if len(ones) != 1 or not others:
        return None
    return broadcast(build.apply("log1p", [others[0] if len(others) == 1 else build.add(others)]), node.free)
