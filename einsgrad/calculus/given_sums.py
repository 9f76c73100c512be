"""Sums in forms that are given: ``1_c t_bc == 1``, ``q_ki q_kj == δ_ij``.

Where nothing else carries the letters that such a sum is over, it is what it is given to be. A component that occurs
in a power counts as many times as its exponent says: ``q_ki^2`` is ``q_ki q_ki``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from einsgrad.calculus.atoms import Atoms, Factor


@dataclass(frozen=True, slots=True)
class KnownSum:
    """What is left of the factors of a sum that is given.

    Attributes:
        factors: instead of those that carried the letters, with those that did not.
        number: what they are multiplied by.
        letters: the letters that are summed no more.
    """

    factors: tuple[Factor, ...]
    number: Fraction
    letters: frozenset[str]


def known_sum(atoms: Atoms, factors: Sequence[Factor], bound: Mapping[str, int]) -> KnownSum | None:
    """Give what the first sum is that is given; ``None`` where none of a product is."""
    for factor in factors:
        atom = atoms[factor.atom]
        if atom.kind != "tensor":
            continue
        for total in atoms.given.totals.get(str(atom.name), ()):
            letters = frozenset(factor.letters[axis] for axis in total.axes)
            is_alone = factor.exponent == 1 and _carriers(factors, letters) == [factor]
            if is_alone and _own(factor, letters, total.axes, bound):
                return KnownSum(tuple(f for f in factors if f is not factor), total.value, letters)
        for axis in atoms.given.orthogonal.get(str(atom.name), ()):
            found = _orthogonal(atoms, factors, factor, axis, bound)
            if found is not None:
                return found
    return None


def _own(factor: Factor, letters: frozenset[str], axes: Sequence[int], bound: Mapping[str, int]) -> bool:
    """Tell whether letters are summed, and stand on these axes of a factor and on no other."""
    count = sum(letter in letters for letter in factor.letters)
    return letters <= bound.keys() and count == len(letters) == len(axes)


def _carriers(factors: Sequence[Factor], letters: frozenset[str]) -> list[Factor]:
    return [f for f in factors if not letters.isdisjoint(f.letters)]


def _orthogonal(
    atoms: Atoms, factors: Sequence[Factor], first: Factor, axis: int, bound: Mapping[str, int]
) -> KnownSum | None:
    """``q_ki q_kj = δ_ij`` where nothing else carries ``k``."""
    letters = frozenset({first.letters[axis]})
    carriers = _carriers(factors, letters)
    if not all(f.atom == first.atom and _own(f, letters, (axis,), bound) for f in carriers):
        return None
    if [f.exponent for f in carriers] not in ([1, 1], [2]):
        return None
    ends = (carriers[0].letters[1 - axis], carriers[-1].letters[1 - axis])
    others = tuple(f for f in factors if f not in carriers)
    if ends[0] == ends[1]:
        return KnownSum(others, Fraction(1), letters)
    delta = atoms.symbol("delta", atoms.given.ranges[str(atoms[first.atom].name), 1 - axis], ends)
    return KnownSum((*others, delta), Fraction(1), letters)
