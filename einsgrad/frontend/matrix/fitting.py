"""Fitting: what shapes an operation takes, and what is said where they don't fit.

Each function here makes sizes one that have to be one, or raises a :class:`ShapeError` that names both, with the
transpose that fits where there is one.
"""

from __future__ import annotations

from dataclasses import dataclass

from einsgrad.frontend.matrix import tree as t
from einsgrad.frontend.matrix.shapes import Shape, fits, would_fit


class ShapeError(Exception):
    """What does not fit: a code, a message, the part of the tree, what to write in place of it, and notes."""

    def __init__(self, code: str, message: str, part: t.Matrix, fix: str | None = None, *notes: str) -> None:
        super().__init__(message)
        self.code, self.message, self.part, self.fix, self.notes = code, message, part, fix, notes


@dataclass(frozen=True)
class Operand:
    """A part of the tree, as it is written and with the shape that it has, for messages."""

    part: t.Matrix
    shape: Shape
    text: str

    @property
    def factor(self) -> str:
        """The text, in brackets where a sign after it would belong to its last factor only."""
        is_open = isinstance(self.part, t.Sum | t.Product | t.Hadamard | t.Negative) and self.text[0] not in "([{"
        return f"({self.text})" if is_open else self.text

    def __str__(self) -> str:
        return f"`{self.text}` is {self.shape}"


def require_same(left: Operand, right: Operand) -> None:
    """Make two shapes one: of terms, or of factors by component."""
    a, b = left.shape, right.shape
    if fits(a.rows, b.rows) and fits(a.columns, b.columns):
        return
    is_turned = would_fit(a.rows, b.columns) and would_fit(a.columns, b.rows)
    fix = _transposed(right.factor) if is_turned else None
    raise ShapeError("matrix-shape", f"the shapes differ: {left}, {right}", right.part, fix)


def require_square(operand: Operand, what: str) -> None:
    """Make the sizes of a matrix one; ``what`` is taken of it."""
    shape = operand.shape
    if not shape.is_matrix or len(shape.axes) != 2 or not fits(shape.rows, shape.columns):
        raise ShapeError("matrix-shape", f"{what} is that of a square matrix, and {operand}", operand.part)


def require_product(rows: int, left: Operand, right: Operand) -> None:
    """Make the columns on the left and the rows on the right one.

    Args:
        rows: the number of axes that the rows of all on the left are: a column takes a row only.
        left: the last factor before.
        right: the factor.
    """
    a, b = left.shape, right.shape
    if fits(a.columns, b.rows) and (a.columns or (rows and b.columns and not b.rows)):
        return
    message = f"`{left.factor} {right.factor}` does not fit: {left}, {right}"
    fixes = _products_that_fit(left, right)
    both = t.Product(left.part.start, right.part.end, (left.part, right.part), ("", ""))
    notes = [f"what fits: `{fix}`" for fix in fixes[1:]]
    raise ShapeError("matrix-shape", message, both, fixes[0] if fixes else None, *notes)


def _products_that_fit(left: Operand, right: Operand) -> list[str]:
    """Give the products with one of the two transposed, or both, that fit, and the one by component."""
    a, b, x, y = left.shape, right.shape, left.factor, right.factor
    is_column = a.is_vector and bool(a.rows)
    found = []
    if a.rows and would_fit(a.rows, b.rows):
        found.append(f"{_transposed(x)} {y}")
    if (b.columns and would_fit(a.columns, b.columns)) or (is_column and b.is_vector and b.rows):
        found.append(f"{x} {_transposed(y)}")
    if is_column and would_fit(a.rows, b.columns):
        found.append(f"{_transposed(x)} {_transposed(y)}")
    if would_fit(a.rows, b.rows) and would_fit(a.columns, b.columns):
        found.append(f"{x} ⊙ {y}")
    return found


def _transposed(text: str) -> str:
    for sign in ("ᵀ", "^T", "'", r"^\top"):
        if text.endswith(sign):
            return text.removesuffix(sign)
    return text + "ᵀ"
