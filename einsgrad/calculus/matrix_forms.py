"""Functions of matrices in forms: an inverse is an atom like a tensor, named after the matrix that it is of.

Before: the form of a matrix over the letters of its slots. After: the form of its inverse or determinant. That of a
product of square matrices is made of theirs, and so is that of an inverse. Any other matrix is closed, with a delta
beside it that tells which of its letters are the slots. Which of the two is the row doesn't matter: the inverse of a
transpose is the transpose of the inverse, and the determinant is the same.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from fractions import Fraction

from einsgrad.calculus.atoms import Atoms, Factor, Form, Item
from einsgrad.calculus.contractions import open_contraction, sum_over
from einsgrad.calculus.forms import add, constant, multiply, power, rename, scale, single
from einsgrad.calculus.inverses import INVERSE, matrix_of
from einsgrad.ir.nodes import MatrixFunction


@dataclass(frozen=True, slots=True)
class _Matrix:
    """A form with two letters as its slots, whose ranges have this number."""

    form: Form
    row: str
    column: str
    range_: int


def matrix_form(atoms: Atoms, node: MatrixFunction, matrix: Form, range_: int) -> Form:
    """Give the form of a function of a matrix, whose row and column have a range of this number."""
    row, column = (i.name for i in node.slots)
    square = _Matrix(matrix, row, column, range_)
    if not node.indices:
        return _determinant(atoms, node.function, square)
    return rename(atoms, _inverse(atoms, square), dict(zip((row, column), (i.name for i in node.indices), strict=True)))


def _inverse(atoms: Atoms, matrix: _Matrix) -> Form:
    """Give the inverse, with its own row and column: ``inv(A B) = inv(B) inv(A)``, ``inv(inv(A)) = A``."""
    inverted = _inverted(atoms, matrix)
    if inverted is not None:
        return inverted
    parts = _parts(atoms, matrix)
    if parts is None:
        closed = _close(atoms, matrix)
        return single(atoms.named(f"{INVERSE}{closed.atom}", closed.letters, like=closed.atom))
    first, second = parts
    middle = atoms.fresh_letter()
    left = rename(atoms, _inverse(atoms, second), {second.row: matrix.row, second.column: middle})
    right = rename(atoms, _inverse(atoms, first), {first.row: middle, first.column: matrix.column})
    return sum_over(atoms, multiply(atoms, left, right), {middle: matrix.range_})


def _determinant(atoms: Atoms, function: str, matrix: _Matrix) -> Form:
    """Give ``det`` or ``logdet``: ``det(A B) = det(A) det(B)``, ``det(inv(A)) = 1/det(A)``."""
    parts = _parts(atoms, matrix)
    if parts is not None:
        both = [_determinant(atoms, function, part) for part in parts]
        return multiply(atoms, *both) if function == "det" else add(*both)
    inverted = _inverted(atoms, matrix)
    if inverted is not None:
        other = _determinant(atoms, function, _Matrix(inverted, matrix.row, matrix.column, matrix.range_))
        return power(atoms, other, -1) if function == "det" else scale(other, -1)
    factor = _sole(matrix.form)
    if factor is not None and atoms[factor.atom].kind == "delta":
        return constant(1 if function == "det" else 0)
    closed = _close(atoms, matrix)
    letters = [i for i in closed.letters if i not in (matrix.row, matrix.column)]
    return single(atoms.symbol("tensor", f"{function} of {closed.atom}", letters))


def _close(atoms: Atoms, matrix: _Matrix) -> Factor:
    items: list[Item] = [(0, monomial, coefficient) for monomial, coefficient in matrix.form.items()]
    items.append((1, (atoms.symbol("delta", matrix.range_, (matrix.row, matrix.column)),), Fraction(1)))
    return atoms.close("function", "matrix", items)[0]


def _sole(form: Form) -> Factor | None:
    """Give the one factor that a form is."""
    if len(form) != 1:
        return None
    ((monomial, coefficient),) = form.items()
    return monomial[0] if len(monomial) == 1 and coefficient == 1 else None


def _inverted(atoms: Atoms, matrix: _Matrix) -> Form | None:
    """Give ``A`` of a matrix ``inv(A)`` with the same slots: it is the inverse of its inverse."""
    factor = _sole(matrix.form)
    found = matrix_of(atoms, factor) if factor is not None else None
    return found[0] if found is not None and set(found[1]) == {matrix.row, matrix.column} else None


def _parts(atoms: Atoms, matrix: _Matrix) -> tuple[_Matrix, _Matrix] | None:
    """Take ``A_ik B_kj`` apart into square matrices, at a letter ``k`` that alone ties one side to the other."""
    factor = _sole(matrix.form)
    if factor is None or atoms[factor.atom].kind != "contraction" or (factor.exponent, factor.sign) != (1, 1):
        return None
    (_, *factors), coefficient, bound = open_contraction(atoms, factor)
    if coefficient != 1:
        return None
    for letter, range_ in bound.items():
        left = _reached(factors, matrix.row, bound.keys() - {letter})
        right = [f for f in factors if f not in left]
        if range_ != matrix.range_ or not _is_square(left, matrix.row, letter, matrix.column):
            continue
        if _is_square(right, letter, matrix.column, matrix.row):
            sides = []
            for side, row, column in ((left, matrix.row, letter), (right, letter, matrix.column)):
                inner = {i: r for i, r in bound.items() if i != letter and any(i in f.letters for f in side)}
                sides.append(_Matrix(sum_over(atoms, {tuple(sorted(side)): Fraction(1)}, inner), row, column, range_))
            return sides[0], sides[1]
    return None


def _reached(factors: list[Factor], start: str, through: Set[str]) -> list[Factor]:
    """Give the factors that letters of ``through`` tie to those that carry ``start``."""
    letters, found = {start}, list[Factor]()
    while new := [f for f in factors if f not in found and not letters.isdisjoint(f.letters)]:
        found += new
        letters |= {i for f in new for i in f.letters if i in through}
    return found


def _is_square(factors: list[Factor], row: str, column: str, other: str) -> bool:
    letters = {i for f in factors for i in f.letters}
    return {row, column} <= letters and other not in letters
