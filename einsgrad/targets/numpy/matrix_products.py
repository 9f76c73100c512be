"""Pairwise contractions as calls of NumPy that end in BLAS.

The letters of a pair fall into four groups: batch (in both, kept), rows (in the left only), columns (in the right
only) and summed (in both, gone). With the groups in order, and one axis a group, the pair is a matrix product. Views
are enough for that wherever no group has several letters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from einsgrad.ir.nodes import Index
from einsgrad.planner.layouts import groups_of
from einsgrad.planner.plan import Labels
from einsgrad.targets.numpy.text import Level, Text, nested, permuted, subscripts

Lettered = tuple[Text, Labels]


@dataclass(frozen=True)
class Contraction:
    """A product of two arrays, in parts.

    Attributes:
        left: the first factor, its axes in groups.
        right: the second.
        multiply: gives the product of the factors, or of the names that stand for them.
    """

    left: Text
    right: Text
    multiply: Callable[[Text, Text], Text]

    @property
    def text(self) -> Text:
        """The product as one expression."""
        return self.multiply(self.left, self.right)


def contraction(
    left: Lettered, right: Lettered, labels: Labels, size: Callable[[Index], str], np: str, out: str = ""
) -> Contraction:
    """Give the product of two arrays, summed over the letters that ``labels`` lacks.

    Args:
        left: the text of an array, and its letters.
        right: the same of the other; batch letters apart, its letters come last in the result.
        labels: the letters of the result: batch, rows, columns.
        size: gives the text of a letter's size.
        np: what NumPy is called.
        out: the array that the product is written into, where :func:`is_plain_product`.

    >>> i, j, k = map(Index, "ijk")
    >>> contraction((Text("x"), (i, k)), (Text("a"), (j, k)), (i, j), str, "np").text.code
    'x @ a.T'
    """
    groups = groups_of(left[1], right[1], labels)
    batch, rows, columns, summed = groups.batch, groups.rows, groups.columns, groups.summed
    if batch and _is_awkward(left[1], right[1], labels):
        return _einsum(left, right, labels, np)
    if not rows and not columns:
        return _dot(left, right, batch, summed, size, np)
    a = _grouped(left, [batch, rows, summed], size)
    b = _grouped(right, [batch, summed, columns], size)

    def multiply(x: Text, y: Text) -> Text:
        if out:
            return nested(f"{np}.matmul({x.code}, {y.code}, out={out})", Level.ATOM, x, y)
        product = _matmul(x, y, bool(batch and not rows), bool(batch and not columns))
        if len(rows) > 1 or len(columns) > 1:
            shape = ", ".join(size(i) for i in labels)
            return nested(f"{product.at(Level.ATOM)}.reshape({shape})", Level.ATOM, product)
        return product

    return Contraction(a, b, multiply)


def is_plain_product(left: Labels, right: Labels, labels: Labels) -> bool:
    """Tell whether a contraction is a product of matrices, or of a batch of them, as it stands.

    >>> is_plain_product(tuple(map(Index, "ik")), tuple(map(Index, "jk")), tuple(map(Index, "ij")))
    True
    """
    rows = [i for i in labels if i not in right]
    columns = [i for i in labels if i not in left]
    return len(rows) == len(columns) == 1


def _dot(
    left: Lettered, right: Lettered, batch: Labels, summed: Labels, size: Callable[[Index], str], np: str
) -> Contraction:
    """Sum over all letters that are not in the batch; without a batch that is a number, and no array.

    NumPy's type stubs know that of ``dot`` and not of ``@``.
    """
    if batch:
        a, b = (_grouped(side, [batch, summed], size) for side in (left, right))
    else:
        a, b = left[0], permuted(right[0], right[1], left[1])
        if len(summed) > 1:
            a, b = (nested(f"{x.at(Level.ATOM)}.ravel()", Level.ATOM, x) for x in (a, b))
    function = "vecdot" if batch else "dot"
    return Contraction(a, b, lambda x, y: nested(f"{np}.{function}({x.code}, {y.code})", Level.ATOM, x, y))


def _is_awkward(left: Labels, right: Labels, labels: Labels) -> bool:
    """Tell whether a batch of products with vectors lies so that BLAS would take a number at a time from far apart.

    That is so for dot products unless what is summed is last in both, in one order; and where the matrices of a batch
    are interleaved, their last axis being one of the batch.
    """
    rows, columns = set(left) - set(right), set(right) - set(left)
    if rows and columns:
        return False
    if rows or columns:
        last = (left if rows else right)[-1]
        return last in labels and last not in rows | columns
    summed = tuple(i for i in left if i not in labels)
    return not left[-len(summed) :] == right[-len(summed) :] == summed


def _einsum(left: Lettered, right: Lettered, labels: Labels, np: str) -> Contraction:
    """Call NumPy's einsum: slow for all that BLAS does well, but a loop along what is last in memory otherwise."""
    letters = tuple(dict.fromkeys((*left[1], *right[1])))
    spec = f"{subscripts(left[1], letters)},{subscripts(right[1], letters)}->{subscripts(labels, letters)}"

    def multiply(x: Text, y: Text) -> Text:
        return nested(f'{np}.einsum("{spec}", {x.code}, {y.code})', Level.ATOM, x, y)

    return Contraction(left[0], right[0], multiply)


def _matmul(a: Text, b: Text, row_missing: bool, column_missing: bool) -> Text:
    """Write ``a @ b``; in a batch a missing row or column is one of size one for the time being."""
    if row_missing:
        a = nested(f"{a.at(Level.ATOM)}[..., None, :]", Level.ATOM, a)
    if column_missing:
        b = nested(f"{b.at(Level.ATOM)}[..., None]", Level.ATOM, b)
    product = nested(f"{a.at(Level.MULTIPLY)} @ {b.at(Level.UNARY)}", Level.MULTIPLY, a, b)
    if row_missing:
        return nested(f"({product.code})[..., 0, :]", Level.ATOM, product)
    if column_missing:
        return nested(f"({product.code})[..., 0]", Level.ATOM, product)
    return product


def _grouped(array: Lettered, groups: Sequence[Labels], size: Callable[[Index], str]) -> Text:
    """Bring axes into the order of the groups; all but the first group, the batch, become one axis each."""
    text, labels = array
    text = permuted(text, labels, tuple(i for group in groups for i in group))
    batch, *others = groups
    if all(len(group) <= 1 for group in others):
        return text
    shape = [*(size(i) for i in batch), *(" * ".join(size(i) for i in group) for group in others if group)]
    return nested(f"{text.at(Level.ATOM)}.reshape({', '.join(shape)})", Level.ATOM, text)
