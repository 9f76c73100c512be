"""Recognition: equations in index notation as matrix equations, where matrices can say them.

Before: any equation. After: an equation of matrices, vectors and scalars with the same components, or ``None``: a
matrix expression has two indices at most at every step, so tensors of higher order, and what
:mod:`einsgrad.render.matrix_network` can't contract, have none.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, assert_never

from einsgrad.ir import nodes as ir
from einsgrad.ir.equations import Definition
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.letters import separate
from einsgrad.ir.nodes import Expr, Index
from einsgrad.ir.traversal import children, stackless
from einsgrad.render import matrix_nodes as mx
from einsgrad.render.matrix_network import Piece, contract, turned
from einsgrad.render.matrix_nodes import MatrixExpr
from einsgrad.render.products import flatten

_HALF, _MINUS_ONE = Fraction(1, 2), Fraction(-1)


@dataclass(frozen=True, slots=True)
class MatrixEquation:
    """The equation ``left = right``."""

    left: mx.Symbol
    right: MatrixExpr


def recognise(definition: Definition) -> MatrixEquation | None:
    """Give an equation as a matrix equation, or ``None`` where matrices can't say it.

    >>> from einsgrad.ir import build
    >>> i, j, k = Index("i"), Index("j"), Index("k")
    >>> rhs = build.product([build.tensor("b", [i, k]), build.tensor("c", [j, k])], [k])
    >>> [type(part).__name__ for part in recognise(Definition("a", (i, j), rhs)).right.parts]
    ['Symbol', 'Transpose']
    """
    if len(definition.indices) > 2:
        return None
    found = _piece(separate(definition).rhs, {})
    if found is None:
        return None
    return MatrixEquation(mx.Symbol(definition.name, len(definition.indices)), _aligned(found, definition.indices))


def _aligned(piece: Piece, indices: tuple[Index, ...]) -> MatrixExpr:
    """Give the expression whose axes are ``indices``, with the terms of sums turned one by one."""
    return piece.node if piece.indices == indices else mx.transposed_inside(piece.node)


@stackless
def _piece(node: Expr, known: dict[Expr, Piece | None]) -> Generator[tuple[Any, ...], Any, Piece | None]:
    if node in known:
        return known[node]
    below: list[Piece] = []
    for part in _parts(node):
        piece = yield part, known
        if piece is None:
            break
        below.append(piece)
    else:
        known[node] = _combined(node, below)
    return known.setdefault(node, None)


def _parts(node: Expr) -> Sequence[Expr]:
    """Give what an expression is put together of; one-tensors are no part of a product, they change nothing in it."""
    if isinstance(node, ir.Product):
        return [f for f in flatten(node)[0] if not isinstance(f, ir.One)]
    return children(node)


def _combined(node: Expr, below: Sequence[Piece]) -> Piece | None:
    """Give an expression from the pieces of its parts."""
    match node:
        case ir.Literal(value=value):
            return Piece(mx.Number(value), ())
        case ir.Size(index=index):
            return Piece(mx.Count(index), ())
        case ir.Tensor(name=name, indices=indices):
            return _symbol(name, indices)
        case ir.Delta(indices=(i, j)):
            return Piece(mx.Identity(i), (i, j)) if i != j else Piece(mx.Ones(i), (i,))
        case ir.One():
            return _ones(node.free)
        case ir.Sum():
            return _sum(node.free, below)
        case ir.Apply(function=function):
            return _applied(function, node.free, below)
        case ir.Power():
            return _power(below[0], below[1])
        case ir.Product():
            return contract(below, node.free, flatten(node)[1])
        case ir.MatrixFunction():
            return _of_matrix(node, below[0])
        case ir.Iota() | ir.Gather() | ir.Selector() | ir.Derivative() | ir.Reduction():
            return None
        case _:
            assert_never(node)


def _of_matrix(node: ir.MatrixFunction, operand: Piece) -> Piece | None:
    """An inverse or a determinant of a matrix that is no batch."""
    if set(operand.indices) != set(node.slots):
        return None
    matrix = _aligned(operand, node.slots)
    match node.indices:
        case (i, j) if i == j:
            return Piece(mx.Diagonal(mx.Inverse(matrix)), (i,))
        case (i, j):
            return Piece(mx.Inverse(matrix), (i, j))
        case _:
            return Piece(mx.Determinant(node.function, matrix), ())


def _symbol(name: str, indices: tuple[Index, ...]) -> Piece | None:
    if len(indices) > 2:
        return None
    symbol = mx.Symbol(name, len(indices))
    if len(set(indices)) < len(indices):
        return Piece(mx.Diagonal(symbol), indices[:1])
    return Piece(symbol, indices)


def _ones(indices: tuple[Index, ...]) -> Piece | None:
    match indices:
        case (i,):
            return Piece(mx.Ones(i), indices)
        case (i, j):
            return Piece(mx.multiply([mx.Ones(i), mx.Transpose(mx.Ones(j))]), indices)
        case _:
            return None


def _sum(free: tuple[Index, ...], below: Sequence[Piece]) -> Piece | None:
    """``a_i + b = a + b 𝟏``: the terms turned the way that takes fewest transposes, and scalars spread out."""
    terms = list(below)
    if free:
        ones = _ones(free)
        if ones is None:
            return None
        terms = [p if p.indices else Piece(mx.scale([p.node], ones.node), free) for p in below]
    ways = [[_aligned(piece, way) for piece in terms] for way in dict.fromkeys((free, free[::-1]))]
    best = min(ways, key=lambda nodes: sum(map(mx.transposes, nodes)))
    return Piece(mx.Sum(tuple(best)), free if best is ways[0] else free[::-1])


def _applied(function: str, free: tuple[Index, ...], below: Sequence[Piece]) -> Piece | None:
    """A function of components: of one argument, or of several that have the same indices, or none.

    A condition has no form in matrix notation, nor has what it masks.
    """
    if not FUNCTIONS[function].is_named:
        return None
    indices = next((p.indices for p in below if p.indices), ())
    if any(p.indices and set(p.indices) != set(free) for p in below):
        return None
    if function == "sqrt":
        return _root(below[0])
    return Piece(mx.Apply(function, tuple(turned(p, indices) if p.indices else p.node for p in below)), indices)


def _root(piece: Piece) -> Piece:
    """``√(‖a‖²) = ‖a‖``; the root of each component is the power ``½``."""
    match piece.node:
        case mx.Power(base=mx.Norm(), exponent=mx.Number(value=value)) if value == 2:
            return Piece(piece.node.base, ())
        case _ if piece.indices:
            return Piece(mx.Power(piece.node, mx.Number(_HALF), elementwise=True), piece.indices)
        case _:
            return Piece(mx.Apply("sqrt", (piece.node,)), ())


def _power(base: Piece, exponent: Piece) -> Piece | None:
    """A power with a scalar exponent. ``(a^{m/2})^n = a^{mn/2}`` for odd ``m`` and ``n``: both need ``a > 0``."""
    if exponent.indices:
        return None
    match base.node, exponent.node:
        case mx.Power(base=inner, exponent=mx.Number(value=m)), mx.Number(value=n) if m.denominator == 2 and n % 2 == 1:
            return Piece(mx.Power(inner, mx.Number(m * n), elementwise=bool(base.indices)), base.indices)
        case mx.Number(value=value), mx.Number(value=n) if n == _MINUS_ONE and value:
            return Piece(mx.Number(1 / value), ())
        case _:
            return Piece(mx.Power(base.node, exponent.node, elementwise=bool(base.indices)), base.indices)
