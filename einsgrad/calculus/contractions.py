"""Sums in forms: a contraction is an atom that holds exactly those factors that the letters it sums tie together.

What doesn't carry a summed letter leaves the sum, deltas are substituted, a letter that nothing carries counts its
size, and a contraction inside a contraction is opened where its power is whole. So there is one way to write a sum,
whatever the order in which its letters were summed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from einsgrad.calculus.atoms import Atoms, Factor, Form, Monomial
from einsgrad.calculus.forms import (
    add,
    instantiate,
    join,
    multiply,
    rename,
    scale,
    single,
    subtract,
    whole_part,
    without_powers,
)
from einsgrad.calculus.given_sums import known_sum
from einsgrad.calculus.inverses import cancel_inverse


def sum_over(atoms: Atoms, form: Form, bound: Mapping[str, int]) -> Form:
    """Sum a form over letters, given with their ranges."""
    return add(*(_sum_term(atoms, m, c, bound) for m, c in form.items())) if bound else form


def _sum_term(atoms: Atoms, monomial: Monomial, coefficient: Fraction, bound: Mapping[str, int]) -> Form:
    inside = [f for f in monomial if not bound.keys().isdisjoint(f.letters)]
    for f in inside:
        if atoms[f.atom].kind == "delta":
            old, new = f.letters if f.letters[0] in bound else reversed(f.letters)
            rest = rename(atoms, {tuple(g for g in monomial if g is not f): coefficient}, {old: new})
            return sum_over(atoms, rest, {i: r for i, r in bound.items() if i != old})
    outside = [f for f in monomial if f not in inside]
    known = known_sum(atoms, inside, bound)
    if known is not None:
        product = join(atoms, [*outside, *known.factors], coefficient * known.number)
        return sum_over(atoms, product, {i: r for i, r in bound.items() if i not in known.letters})
    opened = [open_contraction(atoms, f) for f in inside]
    if any(more for _, _, more in opened):
        number = math.prod((c for _, c, _ in opened), start=coefficient)
        product = join(atoms, [*outside, *(f for factors, _, _ in opened for f in factors)], number)
        return sum_over(atoms, product, {**bound, **{i: r for _, _, more in opened for i, r in more.items()}})
    cancelled = cancel_inverse(atoms, inside, bound)
    if cancelled is not None:
        alone, summed = (multiply(atoms, {tuple(outside): coefficient}, f) for f in (cancelled.alone, cancelled.summed))
        others = {i: r for i, r in bound.items() if i != cancelled.letter}
        return add(sum_over(atoms, alone, others), sum_over(atoms, summed, bound))
    result = join(atoms, outside, coefficient)
    carried = {i for f in inside for i in f.letters}
    sizes = [single(atoms.symbol("size", r)) for i, r in bound.items() if i not in carried]
    return multiply(atoms, result, *sizes, *(_contraction(atoms, *part) for part in _components(inside, bound)))


def open_contraction(atoms: Atoms, factor: Factor) -> tuple[list[Factor], Fraction, dict[str, int]]:
    """Take a contraction apart, once for each whole power: give its factors, its number, and the letters it sums."""
    atom = atoms[factor.atom]
    times = whole_part(atoms, factor) if atom.kind == "contraction" else 0
    if not times:
        return [factor], Fraction(1), {}
    factors, letters = [without_powers(factor, times)], dict[str, int]()
    ((_, monomial, coefficient),) = atom.items
    for _ in range(times):
        atoms.spend(len(monomial))
        new = {atoms.fresh_letter(): range_ for range_ in atom.ranges}
        slots = (*factor.letters, *new)
        factors += [f._replace(letters=tuple(slots[i] for i in f.letters)) for f in monomial]
        letters |= new
    return factors, coefficient**times, letters


def _components(factors: Sequence[Factor], bound: Mapping[str, int]) -> list[tuple[tuple[Factor, ...], dict[str, int]]]:
    """Group factors that bound letters tie together."""
    groups: list[tuple[tuple[Factor, ...], set[str]]] = []
    for factor in factors:
        letters = {i for i in factor.letters if i in bound}
        tied = [g for g in groups if not letters.isdisjoint(g[1])]
        groups = [g for g in groups if g not in tied]
        groups.append(((*(f for g in tied for f in g[0]), factor), letters.union(*(g[1] for g in tied))))
    return [(found, {i: bound[i] for i in sorted(letters)}) for found, letters in groups]


def _contraction(atoms: Atoms, factors: Sequence[Factor], bound: Mapping[str, int]) -> Form:
    """Make the sum of a product whose factors its letters tie together."""
    for divisor in factors:
        if atoms[divisor.atom].kind == "contraction":
            again = _cancel(atoms, factors, bound, divisor)
            if again is not None:
                return again
    atom, sign = atoms.close("contraction", "", [(0, tuple(sorted(factors)), Fraction(1))], bound, parity=-1)
    return single(atom, sign)


def _cancel(atoms: Atoms, factors: Sequence[Factor], bound: Mapping[str, int], divisor: Factor) -> Form | None:
    """``e_jk / (1_k e_jk)`` is one where only ``e`` carries ``k``: a sum inside a sum meets its own inverse."""
    for i in bound:
        carriers = [f for f in factors if i in f.letters]
        if divisor in carriers:
            continue
        inner, sign = atoms.close("contraction", "", [(0, tuple(sorted(carriers)), Fraction(1))], {i: bound[i]}, -1)
        if atoms.arrange(inner)[0][:2] == atoms.arrange(divisor)[0][:2]:
            product = join(atoms, [*(f for f in factors if f not in carriers), inner], sign)
            return sum_over(atoms, product, {j: r for j, r in bound.items() if j != i})
    return None


# -- denominators inside sums ------------------------------------------------------------------------------------------


def divide(atoms: Atoms, form: Form, letters: Mapping[str, int]) -> Form:
    """``a_i / (a_i + b_i) = 1 - b_i / (a_i + b_i)``: divide by brackets that carry letters that are about to be summed.

    Outside the sum their denominators can't be cleared any more. The leading term of a bracket, which is of the highest
    degree, goes in favour of the others, so it ends.
    """
    done: Form = {}
    pending = dict(form)
    while pending:
        monomial, coefficient = pending.popitem()
        quotient = _divided(atoms, monomial, letters)
        if quotient is None:
            done = add(done, {monomial: coefficient})
        else:
            pending = add(pending, scale(quotient, coefficient))
    return done


def _divided(atoms: Atoms, monomial: Monomial, letters: Mapping[str, int]) -> Form | None:
    for factor in monomial:
        if factor.exponent >= 0 or atoms[factor.atom].kind != "bracket" or letters.keys().isdisjoint(factor.letters):
            continue
        bracket = instantiate(atoms, factor.atom, factor.letters)
        leading = max(bracket, key=lambda m: (sum(f.exponent for f in m), m))
        if not _divides(leading, monomial):
            continue
        inverse = [f._replace(exponent=-f.exponent) for f in leading]
        others = {m: c for m, c in bracket.items() if m != leading}
        one_power_less = join(atoms, [*monomial, *inverse, atoms.factor(factor.atom, factor.letters)])
        rest = add(*(join(atoms, [*monomial, *inverse, *m], c) for m, c in others.items()))
        return scale(subtract(one_power_less, rest), 1 / bracket[leading])
    return None


def _divides(leading: Monomial, monomial: Monomial) -> bool:
    found = {(f.atom, f.letters): f for f in monomial}
    return all((f.atom, f.letters) in found and found[f.atom, f.letters].exponent >= f.exponent > 0 for f in leading)
