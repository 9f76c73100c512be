"""The expression nodes: a closed union of frozen dataclasses, made only by :mod:`einsgrad.ir.build`.

Nodes are interned, so two nodes are equal exactly when they are the same object. ``free`` lists a node's free indices
in order of appearance. Spans live beside the tree, never in it. To handle a node, ``match`` over :data:`Expr` and end
in ``assert_never``, so that the type checker names what a pass forgot.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias
from weakref import WeakValueDictionary


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Index:
    """A subscript: today always a letter (or word) that ranges over an axis.

    Interned like the nodes, since nothing in the compiler is compared more often.
    """

    name: str

    def __new__(cls, name: str) -> Index:
        """Give the one index of a name."""
        index = _indices.get(name)
        if index is None:
            with _lock:
                index = _indices.get(name)
                if index is None:
                    index = _indices[name] = object.__new__(cls)
        return index

    @property
    def is_axis(self) -> bool:
        """Whether it stands for an axis of a matrix that is written without letters."""
        return "·" in self.name

    def __lt__(self, other: Index) -> bool:
        return self.name < other.name

    def __str__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[type[Index], tuple[str]]:
        return Index, (self.name,)


@dataclass(frozen=True, slots=True)
class Affine:
    """``2i+k-1`` as a subscript: whole multiples of letters and a constant. Made by :func:`einsgrad.ir.build.affine`.

    Attributes:
        terms: each letter once, with a coefficient that is not zero.
        constant: what is added.
    """

    terms: tuple[tuple[Index, int], ...]
    constant: int

    @property
    def free(self) -> tuple[Index, ...]:
        """The letters."""
        return tuple(letter for letter, _ in self.terms)

    def __str__(self) -> str:
        parts = [
            f"{c:+d}{i}".replace("+1", "+").replace("-1", "-") if abs(c) == 1 else f"{c:+d}{i}" for i, c in self.terms
        ]
        parts += [f"{self.constant:+d}"] if self.constant or not parts else []
        return "".join(parts).removeprefix("+")


_indices: WeakValueDictionary[str, Index] = WeakValueDictionary()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class _Node:
    free: tuple[Index, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Literal(_Node):
    """A number, exact."""

    value: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Size(_Node):
    """``|h|``: the number of values that an index takes. It has no free index."""

    index: Index


@dataclass(frozen=True, slots=True, eq=False)
class Tensor(_Node):
    """``x_ij``: the components of a named tensor. The name of a gradient is ``∂l/∂x``."""

    name: str
    indices: tuple[Index, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Delta(_Node):
    """``δ_ij``: one where the two indices agree, zero elsewhere."""

    indices: tuple[Index, Index]


@dataclass(frozen=True, slots=True, eq=False)
class One(_Node):
    """``1_ij``: the one-tensor."""

    indices: tuple[Index, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Iota(_Node):
    """``iota_i``: the position of ``i`` as a number, counted from 0."""

    index: Index


@dataclass(frozen=True, slots=True, eq=False)
class Gather(_Node):
    """``e_{t_b,j}`` or ``x[i,-1]``: the components of a tensor at positions along some of its axes.

    ``operand`` stands over the letters of its axes (:func:`axis_letters`), and each of ``subscripts`` is what one of
    these is: a letter, or a :data:`Position`.
    """

    operand: Tensor
    subscripts: tuple[Subscript, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Selector(_Node):
    """``δ_{p,t_b}`` or ``δ[p,0]``: one where the index is at the position, zero elsewhere."""

    index: Index
    position: Position


@dataclass(frozen=True, slots=True, eq=False)
class Product(_Node):
    """The product of ``factors``, summed over the indices ``summed``, which are not free outside it."""

    factors: tuple[Expr, ...]
    summed: tuple[Index, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sum(_Node):
    """The sum of ``terms``. Each carries the same free indices, or none: then it is broadcast."""

    terms: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Power(_Node):
    """``base ^ exponent``, element by element. ``a / b`` is the product of ``a`` and ``b ^ -1``."""

    base: Expr
    exponent: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Apply(_Node):
    """A function of the table applied element by element; an index that only one argument carries broadcasts."""

    function: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Derivative(_Node):
    """``∂ operand / ∂ wrt``: the tensor derivative operator; the indices of ``wrt`` are new free indices."""

    operand: Expr
    wrt: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Reduction(_Node):
    """``max_j(x_ij)``: a reduction of the table :mod:`einsgrad.ir.reductions` over the indices ``over``.

    ``shift`` is not part of the language: a maximum that the numerically stable forms subtract. What they compute does
    not depend on it, so it counts as a constant in derivatives; over no index it is the operand itself.
    """

    function: str
    operand: Expr
    over: tuple[Index, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MatrixFunction(_Node):
    """The inverse, determinant or logarithmic determinant of the matrix that ``operand`` is over the letters ``slots``.

    Other letters of the operand are a batch. ``indices`` are the row and the column of an inverse; the determinants
    have none. Where they can be, the slots of an inverse are its indices, and nothing is bound; those of a matrix that
    is one tensor are the letters of its axes (:func:`axis_letters`), which no text has.
    """

    function: str
    operand: Expr
    slots: tuple[Index, Index]
    indices: tuple[Index, ...]

    @property
    def bound(self) -> tuple[Index, ...]:
        """The letters that stand for something in the operand only, and that could be others."""
        return () if self.slots == self.indices or self.is_bare else self.slots

    @property
    def is_bare(self) -> bool:
        """Whether the matrix is one tensor and nothing else, so that its name says it all."""
        return self.slots[0].is_axis and isinstance(self.operand, Tensor) and self.operand.indices == self.slots


Position: TypeAlias = Tensor | Literal | Affine
"""What says where along an axis something is, counted from 0: a tensor of whole numbers, which is data and never
differentiated, one number, which counts from the end where it is negative, or an affine expression of letters."""

Subscript: TypeAlias = Index | Position


def axis_letters(name: str, order: int = 2) -> tuple[Index, ...]:
    """Give the letters that stand for the axes of a tensor where its name stands without letters.

    >>> [str(letter) for letter in axis_letters("A")]
    ['A·0', 'A·1']
    """
    return tuple(Index(f"{name}·{axis}") for axis in range(order))


Expr: TypeAlias = (
    Literal
    | Size
    | Tensor
    | Delta
    | One
    | Iota
    | Gather
    | Selector
    | Product
    | Sum
    | Power
    | Apply
    | Derivative
    | Reduction
    | MatrixFunction
)
