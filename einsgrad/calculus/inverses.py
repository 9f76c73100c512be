"""Inverses in sums: ``inv(A)_ij A_jk = δ_ik``, on either side, where a matrix is one tensor, or that and a diagonal.

An inverse is an atom that is named after its matrix (:mod:`einsgrad.calculus.matrix_forms`), with the letters of that;
which of its two slots is the row doesn't matter, since the inverse of a transpose is the transpose of the inverse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from einsgrad.calculus.atoms import Atoms, Factor, Form
from einsgrad.calculus.forms import instantiate, join, multiply, rename, scale, single

INVERSE = "inv of "
"""What the name of the atom of an inverse begins with; the number of the atom of its matrix follows."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What a product becomes, as a form beside which ``letter`` is summed no more, and one that is summed as before."""

    letter: str
    alone: Form
    summed: Form


def matrix_of(atoms: Atoms, factor: Factor) -> tuple[Form, tuple[str, str]] | None:
    """Give the matrix that a factor is the inverse of, and its slots, with the letters of the factor."""
    name = str(atoms[factor.atom].name)
    if atoms[factor.atom].kind != "tensor" or not name.startswith(INVERSE) or (factor.exponent, factor.sign) != (1, 1):
        return None
    number = int(name.removeprefix(INVERSE))
    beside = [f for monomial in instantiate(atoms, number, factor.letters, 1) for f in monomial]
    if len(beside) != 1:  # both slots carry one letter
        return None
    row, column = beside[0].letters
    return instantiate(atoms, number, factor.letters), (row, column)


def cancel_inverse(atoms: Atoms, factors: Sequence[Factor], bound: Mapping[str, int]) -> Cancelled | None:
    """``inv(c A + D)_ij A_jk = (δ_ik - inv(c A + D)_ij D_jk) / c``, where ``D`` is a multiple of the identity or zero.

    It ends, since there is a factor ``A`` less in each term.
    """
    for inverse in factors:
        found = matrix_of(atoms, inverse)
        if found is None:
            continue
        matrix, (row, column) = found
        leading = _leading(atoms, matrix)
        if leading is None:
            continue
        for kept, letter in ((row, column), (column, row)):
            carriers = [f for f in factors if f is not inverse and letter in f.letters]
            if letter not in bound or len(carriers) != 1:
                continue
            end = _end_of(leading, carriers[0], kept, letter)
            if end is None:
                continue
            others = [f for f in factors if f is not inverse and f is not carriers[0]]
            rest: Form = {tuple(sorted(others)): Fraction(1) / matrix[leading,]}
            delta = join(atoms, [atoms.symbol("delta", bound[letter], (kept, end))])
            diagonal = rename(atoms, {m: c for m, c in matrix.items() if m != (leading,)}, {kept: letter, letter: end})
            alone = multiply(atoms, rest, delta)
            summed = scale(multiply(atoms, rest, single(inverse), diagonal), -1) if diagonal else {}
            return Cancelled(letter, alone, summed)
    return None


def _leading(atoms: Atoms, matrix: Form) -> Factor | None:
    """Give the one tensor of a matrix whose other terms are multiples of the identity."""
    tensors = [m for m in matrix if len(m) == 1 and m[0].letters and atoms[m[0].atom].kind == "tensor"]
    if len(tensors) != 1 or (tensors[0][0].exponent, tensors[0][0].sign) != (1, 1):
        return None
    others = [f for m in matrix if m != tensors[0] for f in m]
    is_diagonal = all(atoms[f.atom].kind == "delta" or not f.letters for f in others)
    return tensors[0][0] if is_diagonal else None


def _end_of(leading: Factor, factor: Factor, kept: str, letter: str) -> str | None:
    """Give ``k`` if the factor is ``A_jk`` where ``A_ij`` leads; ``kept`` is ``i``, ``letter`` is ``j``."""
    if (factor.atom, factor.exponent, factor.sign) != (leading.atom, 1, 1):
        return None
    pairs = list(zip(leading.letters, factor.letters, strict=True))
    ends = {new for old, new in pairs if old == letter}
    fits = all(new == (letter if old == kept else old) for old, new in pairs if old != letter)
    return ends.pop() if fits and len(ends) == 1 and letter not in ends else None
