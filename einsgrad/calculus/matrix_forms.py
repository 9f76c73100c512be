"""Functions of matrices in forms: an inverse is an atom like a tensor, named after the matrix that it is of.

Before: the form of a matrix over the letters of its slots. After: the form of its inverse or determinant. The matrix is
closed first, with a delta beside it that tells which of its letters are the slots. Which of the two is the row doesn't
matter: the inverse of a transpose is the transpose of the inverse, and the determinant is the same.
"""

from __future__ import annotations

from fractions import Fraction

from einsgrad.calculus.atoms import Atoms, Form, Item
from einsgrad.calculus.forms import instantiate, rename, single
from einsgrad.ir.nodes import MatrixFunction

_INVERSE = "inv"


def matrix_form(atoms: Atoms, node: MatrixFunction, matrix: Form, range_: int) -> Form:
    """Give the form of a function of a matrix, whose row and column have a range of this number."""
    row, column = (i.name for i in node.slots)
    if node.indices:
        inverted = _inverted(atoms, matrix, {row, column})
        if inverted is not None:
            return rename(atoms, inverted, dict(zip((row, column), (i.name for i in node.indices), strict=True)))
    items: list[Item] = [(0, monomial, coefficient) for monomial, coefficient in matrix.items()]
    items.append((1, (atoms.symbol("delta", range_, (row, column)),), Fraction(1)))
    closed, _ = atoms.close("function", "matrix", items)
    name = f"{_INVERSE if node.indices else node.function} of {closed.atom}"
    if node.indices:
        outside = dict(zip((row, column), (i.name for i in node.indices), strict=True))
        letters = tuple(outside.get(i, i) for i in closed.letters)
        return single(atoms.named(name, letters, like=closed.atom))
    return single(atoms.symbol("tensor", name, [i for i in closed.letters if i not in (row, column)]))


def _inverted(atoms: Atoms, matrix: Form, slots: set[str]) -> Form | None:
    """Give ``A`` of a matrix ``inv(A)`` with the same slots: it is the inverse of its inverse."""
    if len(matrix) != 1:
        return None
    ((monomial, coefficient),) = matrix.items()
    if coefficient != 1 or len(monomial) != 1 or (monomial[0].exponent, monomial[0].sign) != (1, 1):
        return None
    (factor,) = monomial
    kind, _, number = str(atoms[factor.atom].name).partition(" of ")
    if atoms[factor.atom].kind != "tensor" or kind != _INVERSE or not number:
        return None
    ((beside, _),) = instantiate(atoms, int(number), factor.letters, 1).items() or [((), 1)]
    if {letter for f in beside for letter in f.letters} != slots:
        return None
    return instantiate(atoms, int(number), factor.letters)
