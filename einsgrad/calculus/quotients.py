"""Quotients of exponentials: softmax, sigmoid, tanh and their like, however they are written."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from einsgrad.calculus.exponentials import ZERO, Factor, Reader, Term, add, ratio, scaled, subtract
from einsgrad.calculus.matching import match
from einsgrad.calculus.rewriting import multiply
from einsgrad.calculus.shifts import Shifts
from einsgrad.ir import build
from einsgrad.ir.nodes import Apply, Expr, Power, Product, Tensor

# Products of more exponentials than this are not tried in all combinations.
_MOST_TOGETHER = 4


@dataclass
class _Above:
    """An exponential above: the factor as written, its number and exponent, and whether a shift was subtracted."""

    factor: Factor
    number: Fraction
    exponent: Expr
    is_shifted: bool = False


class Quotients:
    """The rules for products and powers."""

    def __init__(self, reader: Reader, shifts: Shifts) -> None:
        self._reader = reader
        self._shifts = shifts

    def quotient(self, node: Product | Power | Apply) -> Expr | None:
        """``exp(u_ij) / (1_k exp(u_ik))`` with ``max_k u_ik`` subtracted from both exponents; sigmoids where they are.

        Ends: no divisor that is left is a sum with an exponential without a shift.
        """
        if isinstance(node, Apply) and node.function != "sqrt":
            return None
        factors = self._reader.factors(node, lambda name, exponent: False)
        below = [f for f in factors if f.exponent < 0 and self._reader.is_sum(f.base)]
        if not below and not any(self._reader.is_exponential(f.base) for f in factors):
            return None
        work = _Work(self._reader, self._shifts, [f for f in factors if f not in below])
        if not below and not work.sums:
            return None
        for factor in below:
            work.divide_by(factor)
        if work.shifts or (work.sums and work.above):
            work.shift_sums()
        work.subtract_shifts()
        return _assemble(node, work.kept, work.results)

    def exponentials(self, node: Product) -> Expr | None:
        """``exp(a_i) / exp(b_i) = exp(a_i - b_i)``, and products of exponentials of the same letters.

        Exponentials of other letters are cheaper apart. Ends: fewer exponentials.
        """
        written = [f for f in node.factors if self._reader.is_exponential(f)]
        read = [(f, self._reader.terms(self._reader.seen_through(f))[0]) for f in written]
        for (f, a), (g, b) in itertools.combinations(read, 2):
            divides = isinstance(f, Power) != isinstance(g, Power)
            nested = set(f.free) <= set(g.free) or set(g.free) <= set(f.free)
            alike = set(f.free) == set(g.free) and not isinstance(f, Tensor) and not isinstance(g, Tensor)
            if alike or (divides and nested):
                kept = [h for h in node.factors if h is not f and h is not g]
                joined = build.apply("exp", [add(a.exponent, b.exponent)])
                number = [build.literal(a.number * b.number)] if a.number * b.number != 1 else []
                return _assemble(node, [*number, *kept], [joined])
        return None


class _Work:
    """A product on its way to its stable form.

    Attributes:
        above: the exponentials that are factors.
        sums: the sums with an exponential in them that are factors.
        kept: the other factors.
        results: what the divisors and all that was cancelled against them have become.
        shifts: the shifts that are still to be subtracted from an exponent: how often, which, and the terms it is from.
    """

    def __init__(self, reader: Reader, shifts: Shifts, factors: Sequence[Factor]) -> None:
        self._reader = reader
        self._new_shifts = shifts
        self.sums = [f for f in factors if f.exponent > 0 and reader.is_sum(f.base)]
        self.above = [self._read(f) for f in factors if reader.is_exponential(f.base)]
        taken = [*self.sums, *(a.factor for a in self.above)]
        self.kept = [f.node for f in factors if f not in taken]
        self.results: list[Expr] = []
        self.shifts: list[tuple[Fraction, Expr, Sequence[Term]]] = []

    def _read(self, factor: Factor) -> _Above:
        (term,) = self._terms(factor)
        return _Above(factor, term.number, scaled(factor.exponent, term.exponent))

    def _terms(self, factor: Factor) -> list[Term]:
        return self._reader.terms(self._reader.seen_through(factor.base))

    def divide_by(self, factor: Factor) -> None:
        """Divide by a sum: as a tangent, as sigmoids, or with a shift."""
        terms = self._terms(factor)
        if len(terms) == 2 and all(t.is_plain and t.number > 0 for t in terms):
            a, b = (t.whole_exponent() for t in terms)
            if self._tangent(factor, a, b) or self._sigmoids(-factor.exponent, a, b):
                return
        shift, total = self._new_shifts.scaled_sum(terms, factor.base.free)
        self.results.append(Factor(total, factor.exponent).node)
        self.shifts.append((factor.exponent, shift, terms))

    def _tangent(self, below: Factor, a: Expr, b: Expr) -> bool:
        """``(exp(a) - exp(b)) / (exp(a) + exp(b)) = tanh((a - b)/2)``."""
        for factor in self.sums:
            terms = self._terms(factor)
            if len(terms) != 2 or not all(t.is_plain for t in terms) or factor.exponent != -below.exponent:
                continue
            larger, smaller = sorted(terms, key=lambda t: -t.number)
            c, d = larger.whole_exponent(), smaller.whole_exponent()
            if not smaller.number < 0 < larger.number:
                continue
            sign = 1 if subtract(c, a) is subtract(d, b) else -1 if subtract(c, b) is subtract(d, a) else 0
            surplus = subtract(c, a if sign > 0 else b)
            if not sign or surplus.free:
                continue
            tangent = build.apply("tanh", [scaled(Fraction(sign, 2), subtract(a, b))])
            self.results.append(Factor(tangent, factor.exponent).node)
            self.results += [] if surplus is ZERO else [build.apply("exp", [scaled(factor.exponent, surplus)])]
            self.sums.remove(factor)
            return True
        return False

    def _sigmoids(self, n: Fraction, a: Expr, b: Expr) -> bool:
        """``exp((n - k) a + k b) / (exp(a) + exp(b))^n = sigmoid(a - b)^(n - k) sigmoid(b - a)^k``, for whole ``n, k``.

        Exponentials beyond that stay as factors. Without any, one exponent has to be zero.
        """
        if n.denominator != 1:
            return False
        step = subtract(b, a)
        for chosen in _subsets(self.above):
            missing = subtract(add(*(c.exponent for c in chosen)) if chosen else ZERO, scaled(n, a))
            times = ratio(missing, step)
            if times is None:
                continue
            if times.denominator != 1:
                return False
            k = min(max(times, Fraction(0)), n)
            for c in chosen:
                self.above.remove(c)
                self.kept += [build.literal(c.number)] if c.number != 1 else []
            for power, argument in ((n - k, scaled(-1, step)), (k, step)):
                self.results += [Factor(build.apply("sigmoid", [argument]), power).node] if power else []
            if times != k:
                exponent = scaled(times - k, step)
                self.above.append(_Above(Factor(build.apply("exp", [exponent]), Fraction(1)), Fraction(1), exponent))
            return True
        return False

    def shift_sums(self) -> None:
        """Take a shift out of the sums above, too, to be joined with those below."""
        for factor in self.sums:
            terms = self._terms(factor)
            shift, total = self._new_shifts.scaled_sum(terms, factor.base.free)
            self.results.append(Factor(total, factor.exponent).node)
            self.shifts.append((factor.exponent, shift, ()))
        self.sums.clear()

    def subtract_shifts(self) -> None:
        """Subtract the shifts from exponents above, first from those that they are the largest of."""
        loose: list[Expr] = []
        for times, shift, terms in self.shifts:
            left = times
            for above in self.above:
                if left <= -1 and not above.is_shifted and _is_of(above.exponent, terms):
                    above.exponent, above.is_shifted = subtract(above.exponent, shift), True
                    left += 1
            if left:
                loose.append(scaled(left, shift))
        while loose:
            first = loose.pop()
            for other in loose:
                if set(other.free) <= set(first.free) or set(first.free) <= set(other.free):
                    loose[loose.index(other)] = add(first, other)
                    break
            else:
                self._place(first)
        for above in self.above:
            number = [build.literal(above.number)] if above.is_shifted and above.number != 1 else []
            value = build.apply("exp", [above.exponent]) if above.is_shifted else above.factor.node
            self.kept += [*number, value]
        self.kept += [f.node for f in self.sums]

    def _place(self, exponent: Expr) -> None:
        """Add what is left of shifts to an exponent that carries their letters, or make it a factor of its own."""
        if exponent is ZERO:
            return
        for above in self.above:
            if not above.is_shifted and set(exponent.free) <= set(above.exponent.free):
                above.exponent, above.is_shifted = add(above.exponent, exponent), True
                return
        self.results.append(build.apply("exp", [exponent]))


def _subsets(found: Sequence[_Above]) -> Iterator[tuple[_Above, ...]]:
    """Yield the combinations of a few exponentials, the larger ones first, and the empty one at last."""
    for size in range(min(len(found), _MOST_TOGETHER), -1, -1):
        yield from itertools.combinations(found[:_MOST_TOGETHER], size)


def _is_of(exponent: Expr, terms: Sequence[Term]) -> bool:
    """Tell whether a sum has an exponential with the given exponent, up to the letters that it sums over."""
    return any(match(t.exponent, exponent, t.over) is not None for t in terms)


def _assemble(node: Expr, kept: Sequence[Expr], results: Sequence[Expr]) -> Expr:
    summed = node.summed if isinstance(node, Product) else ()
    factors = [*kept, *results]
    carried = {i for f in factors for i in f.free}
    missing = [i for i in (*node.free, *summed) if i not in carried]
    return multiply([build.one(missing), *factors] if missing else factors, summed)
