"""Products as graphs: the contraction of matrices and vectors.

The indices of a product are the nodes of a graph, its matrices the edges, and its vectors labels on nodes. A summed
index is eliminated where it has two edges at most: two edges make one, the matrix product; one edge makes a label, the
product with a vector; none makes a scalar. Edges side by side are a Hadamard product. What is left has the free indices
only. Not attempted: sums in which each summed index joins three matrices and more, and three free indices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from einsgrad.ir.nodes import Index
from einsgrad.render import matrix_nodes as mx
from einsgrad.render.matrix_nodes import MatrixExpr


@dataclass(frozen=True, slots=True)
class Piece:
    """A matrix expression, and the index of each of its axes: two, one or none, and no index twice."""

    node: MatrixExpr
    indices: tuple[Index, ...]


def turned(piece: Piece, indices: Sequence[Index]) -> MatrixExpr:
    """Give the expression whose axes are ``indices``, in this order."""
    return piece.node if piece.indices == tuple(indices) else mx.transposed(piece.node)


def multiplied(pieces: Sequence[Piece]) -> Piece:
    """Give the Hadamard product of matrices with the same two indices, the way the first is turned."""
    indices = pieces[0].indices
    return Piece(mx.hadamard([turned(piece, indices) for piece in pieces]), indices)


def contract(pieces: Iterable[Piece], free: tuple[Index, ...], summed: Iterable[Index]) -> Piece | None:
    """Multiply pieces and sum over indices, or give ``None`` where matrices can't say that.

    An index that no piece has is that of a one-tensor, which multiplies nothing else.
    """
    if len(free) > 2:
        return None
    network = _Network(pieces, free, summed)
    if not network.eliminate_all():
        return None
    body = network.over_free()
    return Piece(mx.scale(network.scalars, body), free)


class _Network:
    """The graph of a product, from which summed indices are eliminated one by one."""

    def __init__(self, pieces: Iterable[Piece], free: tuple[Index, ...], summed: Iterable[Index]) -> None:
        self.free = free
        self.summed = list(summed)
        self.scalars: list[MatrixExpr] = []
        self.vectors: dict[Index, list[MatrixExpr]] = {}
        self.matrices: dict[frozenset[Index], list[Piece]] = {}
        self.around: dict[Index, set[Index]] = {i: set() for i in (*self.free, *self.summed)}
        for piece in pieces:
            self._add(piece)

    def eliminate_all(self) -> bool:
        """Eliminate the summed indices, those with fewest edges first; fail where each left has three or more."""
        while self.summed:
            index = min(self.summed, key=lambda i: len(self.around[i]))
            if len(self.around[index]) > 2:
                return False
            self.summed.remove(index)
            self._eliminate(index)
        return True

    def _add(self, piece: Piece) -> None:
        match piece.indices:
            case ():
                self.scalars.append(piece.node)
            case (i,):
                self.vectors.setdefault(i, []).append(piece.node)
            case (i, j):
                self.matrices.setdefault(frozenset((i, j)), []).append(piece)
                self.around[i].add(j)
                self.around[j].add(i)

    def _eliminate(self, index: Index) -> None:
        match sorted(self.around[index]):
            case []:
                self.scalars.append(self._over(index))
            case [i] if self._is_alone_with(index, i):
                self.summed.remove(i)
                self.scalars.append(_total(self._take(i, index)))
            case [i]:
                self._add(Piece(mx.multiply([self._matrix(i, index), self._vector(index)]), (i,)))
            case [i, j]:
                parts = [self._matrix(i, index), *self._diagonal(index), self._matrix(index, j)]
                self._add(Piece(mx.multiply(parts), (i, j)))

    def _is_alone_with(self, index: Index, other: Index) -> bool:
        """Tell whether nothing but matrices between them carries two summed indices: ``Σ_ij a_ij b_ij``."""
        no_vector = index not in self.vectors and other not in self.vectors
        return other in self.summed and len(self.around[other]) == 1 and no_vector

    def _over(self, index: Index) -> MatrixExpr:
        """Sum the product of the vectors at an index; of none, that is the size of the index."""
        match self.vectors.pop(index, []):
            case []:
                return mx.Count(index)
            case [vector]:
                return mx.total(vector, index)
            case [*rest, last]:
                return mx.dot(mx.hadamard(rest), last)
        raise AssertionError("a list is empty, or has a last item")

    def over_free(self) -> MatrixExpr | None:
        """Give what is left, over the free indices: ``diag(a) M diag(b)`` or ``a bᵀ``."""
        match self.free:
            case (i,):
                return self._vector(i)
            case (i, j) if self.around[i]:
                return mx.multiply([*self._diagonal(i), self._matrix(i, j), *self._diagonal(j)])
            case (i, j):
                return mx.multiply([self._vector(i), mx.transposed(self._vector(j))])
            case _:
                return None

    def _vector(self, index: Index) -> MatrixExpr:
        found = self.vectors.pop(index, [])
        return mx.hadamard(found) if found else mx.Ones(index)

    def _diagonal(self, index: Index) -> list[MatrixExpr]:
        return [mx.DiagonalMatrix(self._vector(index))] if index in self.vectors else []

    def _matrix(self, i: Index, j: Index) -> MatrixExpr:
        return turned(multiplied(self._take(i, j)), (i, j))

    def _take(self, i: Index, j: Index) -> list[Piece]:
        self.around[i].remove(j)
        self.around[j].remove(i)
        return self.matrices.pop(frozenset((i, j)))


def _total(pieces: Sequence[Piece]) -> MatrixExpr:
    """Sum the components of the Hadamard product of matrices with the same two indices."""
    *rest, last = pieces
    if rest:
        first = multiplied(rest)
        return mx.inner(first.node, turned(last, first.indices))
    i, j = last.indices
    match last.node:
        case mx.Power(base=base, exponent=mx.Number(value=value)) if value == 2:
            return mx.square_of_norm(base, is_matrix=True)
        case _:
            return mx.multiply([mx.Transpose(mx.Ones(i)), last.node, mx.Ones(j)])
