"""Shapes: how many rows and columns a matrix has, and when two sizes are one.

A size has a name or a number, as the text declares it; that of a vector of ones or of an identity is open until what
it is multiplied by or added to says it. Two names are two sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias


class Size:
    """A size: named, a number, or open. Open ones are joined to what they turn out to be (union-find)."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self._parent: Size | None = None

    def found(self) -> Size:
        """Give the size that stands for all that are known to be equal to this one."""
        size = self
        while size._parent is not None:
            size = size._parent
        return size

    def join(self, other: Size) -> bool:
        """Make two sizes one; ``False`` where they are known to be two."""
        a, b = self.found(), other.found()
        if a is not b:
            if a.name is None:
                a._parent = b
            elif b.name is None:
                b._parent = a
            else:
                return False
        return True

    def __str__(self) -> str:
        return self.found().name or "?"


Axis: TypeAlias = tuple[Size, ...]
"""The sizes that one axis has: none of a scalar, two of the columns of a matrix one below the other (``vec``)."""


class Shape(NamedTuple):
    """The rows and the columns; a vector is a column, unless it is transposed."""

    rows: Axis
    columns: Axis

    @property
    def is_scalar(self) -> bool:
        """Whether it has one component."""
        return not self.rows and not self.columns

    @property
    def is_vector(self) -> bool:
        """Whether it is a column or a row."""
        return bool(self.rows) != bool(self.columns)

    @property
    def is_matrix(self) -> bool:
        """Whether it has rows and columns."""
        return bool(self.rows) and bool(self.columns)

    @property
    def transposed(self) -> Shape:
        """Rows for columns."""
        return Shape(self.columns, self.rows)

    @property
    def axes(self) -> Axis:
        """All sizes, rows first."""
        return self.rows + self.columns

    def __str__(self) -> str:
        if self.is_scalar:
            return "a scalar"
        if not self.columns:
            return f"a vector of length {_length(self.rows)}"
        if not self.rows:
            return f"a row of length {_length(self.columns)}"
        return f"{_length(self.rows)}×{_length(self.columns)}"


SCALAR = Shape((), ())


def fits(a: Sequence[Size], b: Sequence[Size]) -> bool:
    """Tell whether two axes are or can be made one, and make them one if so.

    >>> n, open_size = Size("n"), Size()
    >>> fits([n], [open_size]), str(open_size), fits([open_size], [Size("m")])
    (True, 'n', False)
    """
    return len(a) == len(b) and all(x.join(y) for x, y in zip(a, b, strict=True))


def would_fit(a: Sequence[Size], b: Sequence[Size]) -> bool:
    """Tell whether two axes are known to be one, or one of them is open, without making them one."""
    names = [(x.found().name, y.found().name) for x, y in zip(a, b, strict=False)]
    return len(a) == len(b) and all(x == y or None in (x, y) for x, y in names)


def _length(axis: Axis) -> str:
    return "·".join(map(str, axis))
