r"""Matrix notation: what ``x^T A x`` says, with indices. It is refused, and shown so.

A capital is a matrix, another Latin or transposed letter a vector, what is left a scalar; bold letters are no scalars.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.marks import Matrix, Quotient, Transposed

MATRIX_NOTATION = "matrix notation is not part of this language: write the indices"

_LETTERS = "ijklmnpqrstuvwabcdefgh"


def matrices_of(text: str, factors: Sequence[object]) -> tuple[Matrix, ...] | None:
    """Give the factors of a product as matrices; ``None`` if one of them is none."""
    found = []
    for factor in factors:
        if isinstance(factor, s.Number | Quotient):
            found.append(Matrix(text[factor.start : factor.end], "scalar", False))
            continue
        reference = factor.reference if isinstance(factor, Transposed) else factor
        if not isinstance(reference, s.Reference) or reference.indices:
            return None
        is_transposed = isinstance(factor, Transposed)
        shown = text[reference.start : reference.end].rstrip()
        if is_transposed:
            shown = shown.rpartition("^")[0].strip().removeprefix("(").removesuffix(")") or shown
        found.append(Matrix(shown, _kind(reference.key, shown, is_transposed), is_transposed))
    return tuple(found)


def _kind(key: str, text: str, is_transposed: bool) -> Literal["matrix", "vector", "scalar"]:
    if key[0].isupper():
        return "matrix"
    return (
        "vector" if key[0].isascii() or is_transposed or text.startswith((r"\bold", r"\bm", r"\mathbf")) else "scalar"
    )


def with_indices(factors: Sequence[Matrix], outer: Sequence[str], taken: Collection[str]) -> str | None:
    """Give a matrix product with indices; ``None`` where the shapes don't fit.

    Args:
        factors: from left to right.
        outer: the free indices of the product, if they are known.
        taken: letters that its sums can't have.

    >>> x, a = Matrix("x", "vector", False), Matrix("A", "matrix", False)
    >>> with_indices([Matrix("x", "vector", True), a, x], [], [])
    'x_{i} A_{ij} x_{j}'
    >>> with_indices([a, Matrix("B", "matrix", True)], ["i", "j"], ["i", "j"])
    'A_{ik} B_{jk}'
    """
    places = _places(factors)
    if places is None:
        return None
    pairs, free = places
    if outer and len(outer) != len(free):
        return None
    letters: Iterator[str] = (letter for letter in _LETTERS if letter not in taken)
    named = dict(zip(free, outer, strict=True)) if outer else {}
    for place in itertools.chain.from_iterable(pairs):
        if place not in named:
            letter = next(letters, None)
            if letter is None:
                return None
            named[place] = letter
    indices = ("".join(named[place] for place in pair) for pair in pairs)
    return " ".join(m.text + (f"_{{{i}}}" if i else "") for m, i in zip(factors, indices, strict=True))


def _places(factors: Sequence[Matrix]) -> tuple[list[tuple[int, ...]], list[int]] | None:
    """Give numbers for the indices of each factor, equal ones where two meet, and those that meet none."""
    count = itertools.count()
    pairs: list[tuple[int, ...]] = []
    free: list[int] = []
    meeting: int | None = None
    for factor in factors:
        if factor.kind == "scalar":
            pairs.append(())
            continue
        if factor.kind == "vector" and factor.is_transposed:
            if meeting is not None:
                return None
            meeting = next(count)
            pairs.append((meeting,))
            continue
        row, meeting = (next(count) if meeting is None else meeting), None
        if not any(row in pair for pair in pairs):
            free.append(row)
        if factor.kind == "vector":
            pairs.append((row,))
        else:
            meeting = next(count)
            pairs.append((meeting, row) if factor.is_transposed else (row, meeting))
    return pairs, free if meeting is None else [*free, meeting]
