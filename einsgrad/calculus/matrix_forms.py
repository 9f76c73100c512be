"""Functions of matrices in forms: an inverse is an atom like a tensor, named after the matrix that it is of.

Before: the form of a matrix over the letters of its slots. After: the form of its inverse or determinant. The matrix is
closed first, with a delta beside it that tells which of its letters are the slots. Which of the two is the row doesn't
matter: the inverse of a transpose is the transpose of the inverse, and the determinant is the same.
"""

from __future__ import annotations

from fractions import Fraction

from einsgrad.calculus.atoms import Atoms, Form, Item
from einsgrad.calculus.forms import single
from einsgrad.ir.nodes import MatrixFunction


def matrix_form(atoms: Atoms, node: MatrixFunction, matrix: Form, range_: int) -> Form:
    """Give the form of a function of a matrix, whose row and column have a range of this number."""
    row, column = (i.name for i in node.slots)
    items: list[Item] = [(0, monomial, coefficient) for monomial, coefficient in matrix.items()]
    items.append((1, (atoms.symbol("delta", range_, (row, column)),), Fraction(1)))
    closed, _ = atoms.close("function", "matrix", items)
    name = f"{node.function} of {closed.atom}"
    if node.indices:
        outside = dict(zip((row, column), (i.name for i in node.indices), strict=True))
        letters = tuple(outside.get(i, i) for i in closed.letters)
        return single(atoms.named(name, letters, like=closed.atom))
    return single(atoms.symbol("tensor", name, [i for i in closed.letters if i not in (row, column)]))
