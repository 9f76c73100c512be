"""Matrix expressions: a closed union of frozen dataclasses, and the few ways to put them together.

A vector is a column; its transpose is a row. Made by :mod:`einsgrad.render.recognition` from index notation, and
written down by :mod:`einsgrad.render.matrix`. Compared by identity: nothing recurses to compare.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from einsgrad.ir.nodes import Index
from einsgrad.ir.traversal import stackless


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """A tensor of ``order`` 0, 1 or 2, by its name in the program."""

    name: str
    order: int


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A number, exact."""

    value: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """``|i|``: the size of an index."""

    index: Index


@dataclass(frozen=True, slots=True, eq=False)
class Ones:
    """``𝟏``: the vector of ones, as long as ``index`` is large."""

    index: Index


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """``I``: the identity matrix, as wide as ``index`` is large."""

    index: Index


@dataclass(frozen=True, slots=True, eq=False)
class Transpose:
    """``Aᵀ`` of a matrix, ``aᵀ`` of a vector."""

    of: MatrixExpr


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """The matrix product of ``parts``: two or more, none of which is a product or a scalar."""

    parts: tuple[MatrixExpr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Hadamard:
    """``A ⊙ B``: the product component by component, of two or more parts of one shape."""

    parts: tuple[MatrixExpr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DiagonalMatrix:
    """``diag(a)``: the matrix with the vector ``of`` on its diagonal."""

    of: MatrixExpr


@dataclass(frozen=True, slots=True, eq=False)
class Diagonal:
    """``diag(A)``: the diagonal of the matrix ``of``, as a vector."""

    of: MatrixExpr


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """``tr(A)``."""

    of: MatrixExpr


@dataclass(frozen=True, slots=True, eq=False)
class Inverse:
    """``A⁻¹``."""

    of: MatrixExpr


@dataclass(frozen=True, slots=True, eq=False)
class Determinant:
    """``det(A)``, or its logarithm: the function's name is that of the language."""

    function: str
    of: MatrixExpr


@dataclass(frozen=True, slots=True, eq=False)
class Norm:
    """``‖a‖`` of a vector; ``‖A‖_F``, ``is_matrix``, of a matrix."""

    of: MatrixExpr
    is_matrix: bool


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """The product of scalars, at most one of them a number, which is first, and of ``body`` if there is one."""

    scalars: tuple[MatrixExpr, ...]
    body: MatrixExpr | None


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """The sum of terms of one shape."""

    terms: tuple[MatrixExpr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Power:
    """A power with a scalar exponent, of a scalar, or, ``elementwise``, of each component."""

    base: MatrixExpr
    exponent: MatrixExpr
    elementwise: bool


@dataclass(frozen=True, slots=True, eq=False)
class Apply:
    """A function of scalars, or of each component; the arguments have one shape, or are scalars."""

    function: str
    args: tuple[MatrixExpr, ...]


MatrixExpr: TypeAlias = (
    Symbol
    | Number
    | Count
    | Ones
    | Identity
    | Transpose
    | Product
    | Hadamard
    | DiagonalMatrix
    | Diagonal
    | Trace
    | Inverse
    | Determinant
    | Norm
    | Scale
    | Sum
    | Power
    | Apply
)


@stackless
def transposed(node: MatrixExpr) -> Generator[tuple[Any, ...], Any, MatrixExpr]:
    """``(A B)ᵀ = Bᵀ Aᵀ``, ``(Aᵀ)ᵀ = A``: give the transpose, with fewest signs in products."""
    match node:
        case Transpose(of=of):
            return of
        case Identity() | DiagonalMatrix():
            return node
        case Product(parts=parts):
            turned = []
            for part in reversed(parts):
                turned.append((yield (part,)))
            return Product(tuple(turned))
        case Scale(scalars=scalars, body=body) if body is not None:
            return Scale(scalars, (yield (body,)))
        case _:
            return Transpose(node)


@stackless
def transposed_inside(node: MatrixExpr) -> Generator[tuple[Any, ...], Any, MatrixExpr]:
    """``(A + Bᵀ)ᵀ = Aᵀ + B``: give the transpose, carried out on the terms of a sum and on Hadamard factors."""
    match node:
        case Sum(terms=below) | Hadamard(parts=below):
            turned = []
            for part in below:
                turned.append((yield (part,)))
            return Sum(tuple(turned)) if isinstance(node, Sum) else Hadamard(tuple(turned))
        case Scale(scalars=scalars, body=body) if body is not None:
            return Scale(scalars, (yield (body,)))
        case _:
            return transposed(node)


def multiply(parts: Sequence[MatrixExpr]) -> MatrixExpr:
    """Give the matrix product, without identities: ``A (B C) = A B C``, ``I A = A``."""
    flat = [p for part in parts for p in (part.parts if isinstance(part, Product) else (part,))]
    kept = [part for part in flat if not isinstance(part, Identity)] or flat[:1]
    return kept[0] if len(kept) == 1 else Product(tuple(kept))


def hadamard(parts: Sequence[MatrixExpr]) -> MatrixExpr:
    """Give the product component by component: ``A ⊙ (B ⊙ C) = A ⊙ B ⊙ C``."""
    flat = [p for part in parts for p in (part.parts if isinstance(part, Hadamard) else (part,))]
    return flat[0] if len(flat) == 1 else Hadamard(tuple(flat))


def scale(scalars: Sequence[MatrixExpr], body: MatrixExpr | None) -> MatrixExpr:
    """Give the product of scalars and a body, its numbers multiplied together in front."""
    number = Fraction(1)
    rest: list[MatrixExpr] = []
    for scalar in scalars:
        for factor in scalar.scalars if isinstance(scalar, Scale) else (scalar,):
            if isinstance(factor, Number):
                number *= factor.value
            else:
                rest.append(factor)
    if number != 1 or not (rest or body):
        rest.insert(0, Number(number))
    if body is None:
        return rest[0] if len(rest) == 1 else Scale(tuple(rest), None)
    return Scale(tuple(rest), body) if rest else body


def dot(a: MatrixExpr, b: MatrixExpr) -> MatrixExpr:
    """``aᵀ b = bᵀ a`` for vectors: the one with fewer transposes; ``aᵀ a = ‖a‖²``."""
    if a is b:
        return square_of_norm(a, is_matrix=False)
    return _simpler(multiply([transposed(a), b]), multiply([transposed(b), a]))


def inner(a: MatrixExpr, b: MatrixExpr) -> MatrixExpr:
    """``Σ_ij a_ij b_ij = tr(Aᵀ B) = tr(A Bᵀ)``: the one with fewer transposes; ``‖A‖²_F`` for ``A`` and itself."""
    if a is b:
        return square_of_norm(a, is_matrix=True)
    return Trace(_simpler(multiply([transposed(a), b]), multiply([a, transposed(b)])))


def square_of_norm(of: MatrixExpr, is_matrix: bool) -> MatrixExpr:
    """Give ``‖a‖²``."""
    return Power(Norm(of, is_matrix), Number(Fraction(2)), elementwise=False)


def total(vector: MatrixExpr, index: Index) -> MatrixExpr:
    """``Σ_i a_i``: ``tr(A)`` for a diagonal, ``‖a‖²`` for squares, else ``𝟏ᵀ a``."""
    match vector:
        case Diagonal(of=of):
            return Trace(of)
        case Power(base=base, exponent=Number(value=value)) if value == 2:
            return square_of_norm(base, is_matrix=False)
        case _:
            return multiply([Transpose(Ones(index)), vector])


def _simpler(a: MatrixExpr, b: MatrixExpr) -> MatrixExpr:
    return b if transposes(b) < transposes(a) else a


def transposes(node: MatrixExpr) -> int:
    """Count the transposes in a product or a multiple, those inside other parts apart."""
    if isinstance(node, Scale) and node.body is not None:
        node = node.body
    parts = node.parts if isinstance(node, Product) else (node,)
    return sum(isinstance(part, Transpose) for part in parts)
