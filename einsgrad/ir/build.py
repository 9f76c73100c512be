"""The interning builder: the only place that makes nodes.

Each function returns the one node with the given fields, so identity is equality, common subexpressions are shared,
and nothing recurses to compare or to hash. The builder checks what a node's type promises and does not simplify.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import (
    Affine,
    Apply,
    Delta,
    Derivative,
    Expr,
    Gather,
    Index,
    Iota,
    Literal,
    MatrixFunction,
    One,
    Power,
    Product,
    Reduction,
    Selector,
    Size,
    Subscript,
    Sum,
    Tensor,
    axis_letters,
)

_nodes: WeakValueDictionary[tuple[Any, ...], Any] = WeakValueDictionary()
_lock = threading.Lock()
_N = TypeVar("_N", bound=Expr)


def _intern(cls: type[_N], free: tuple[Index, ...], *fields: Any) -> _N:
    key = (cls, *fields)
    node: _N | None = _nodes.get(key)
    if node is None:
        with _lock:
            node = _nodes.get(key)
            if node is None:
                node = _nodes[key] = cls(free, *fields)
    return node


def _union(groups: Iterable[Iterable[Index]]) -> tuple[Index, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(groups)))


def literal(value: int | Fraction) -> Literal:
    """Make a number."""
    return _intern(Literal, (), Fraction(value))


def size(index: Index) -> Size:
    """Make ``|index|``."""
    return _intern(Size, (), index)


def tensor(name: str, indices: Sequence[Index] = ()) -> Tensor:
    """Make ``name_indices``."""
    return _intern(Tensor, _union([indices]), name, tuple(indices))


def delta(i: Index, j: Index) -> Delta:
    """Make ``δ_ij``."""
    return _intern(Delta, _union([(i, j)]), (i, j))


def one(indices: Sequence[Index]) -> One:
    """Make ``1_indices``; at least one index."""
    assert indices, "a one-tensor has an index"
    return _intern(One, _union([indices]), tuple(indices))


def iota(index: Index) -> Iota:
    """Make ``iota_index``, the position as a number."""
    return _intern(Iota, (index,), index)


def affine(terms: Iterable[tuple[Index, int]], constant: int) -> Index | Affine:
    """Make the subscript ``Σ c i + constant``; a letter with coefficient 1 and nothing else is itself.

    >>> i, k = Index("i"), Index("k")
    >>> str(affine([(i, 2), (k, 1), (i, -1)], -1)), affine([(i, 1)], 0) is i
    ('i+k-1', True)
    """
    total: dict[Index, int] = {}
    for letter, coefficient in terms:
        total[letter] = total.get(letter, 0) + coefficient
    left = tuple((letter, coefficient) for letter, coefficient in total.items() if coefficient)
    return left[0][0] if not constant and len(left) == 1 and left[0][1] == 1 else Affine(left, constant)


def gather(name: str, subscripts: Sequence[Subscript]) -> Tensor | Gather:
    """Make ``name_subscripts``, of which some may be positions."""
    if all(isinstance(s, Index) for s in subscripts):
        return tensor(name, [s for s in subscripts if isinstance(s, Index)])
    free = _union((s,) if isinstance(s, Index) else s.free for s in subscripts)
    return _intern(Gather, free, tensor(name, axis_letters(name, len(subscripts))), tuple(subscripts))


def selector(index: Index, position: Subscript) -> Selector | Delta:
    """Make ``δ_{index,position}``."""
    if isinstance(position, Index):
        return delta(index, position)
    return _intern(Selector, _union([(index,), position.free]), index, position)


def product(factors: Sequence[Expr], summed: Iterable[Index] = ()) -> Product:
    """Make the product of ``factors`` summed over ``summed``, each of which some factor carries."""
    carried = _union(f.free for f in factors)
    wanted = set(summed)
    assert wanted <= set(carried), f"summed indices {wanted} that no factor carries"
    bound = tuple([i for i in carried if i in wanted])
    free = tuple([i for i in carried if i not in wanted])
    return _intern(Product, free, tuple(factors), bound)


def add(terms: Sequence[Expr]) -> Sum:
    """Make the sum of ``terms``, whose free indices agree, or are none."""
    free = _union(t.free for t in terms)
    assert all(not t.free or len(t.free) == len(free) for t in terms), "terms of different free indices"
    return _intern(Sum, free, tuple(terms))


def power(base: Expr, exponent: Expr) -> Power:
    """Make ``base ^ exponent``."""
    return _intern(Power, _union([base.free, exponent.free]), base, exponent)


def apply(function: str, args: Sequence[Expr]) -> Apply:
    """Make ``function(args)``."""
    return _intern(Apply, _union(a.free for a in args), function, tuple(args))


def derivative(operand: Expr, wrt: Tensor) -> Derivative:
    """Make ``∂ operand / ∂ wrt``; the indices of ``wrt`` are new and distinct."""
    assert not set(operand.free) & set(wrt.indices), "the derivative operator uses new free indices"
    assert len(set(wrt.indices)) == len(wrt.indices), "the derivative operator uses distinct indices"
    return _intern(Derivative, _union([operand.free, wrt.indices]), operand, wrt)


def reduction(function: str, operand: Expr, over: Sequence[Index]) -> Reduction:
    """Make a reduction of ``operand`` over the indices ``over``."""
    free = tuple(i for i in operand.free if i not in over)
    return _intern(Reduction, free, function, operand, tuple(over))


def matrix_function(
    function: str, operand: Expr, slots: tuple[Index, Index], indices: tuple[Index, ...] = ()
) -> MatrixFunction:
    """Make ``function`` of the matrix that ``operand`` is over ``slots``; ``indices`` are those of an inverse.

    A matrix that is one tensor gets the letters of its axes, so that there is one node for it whatever it was made of.
    """
    assert set(slots) <= set(operand.free), f"slots {slots} that the matrix does not carry"
    if isinstance(operand, Tensor) and operand.indices == slots and split_gradient_name(operand.name) is None:
        row, column = axis_letters(operand.name)
        slots = (row, column)
        operand = tensor(operand.name, slots)
    free = _union([[i for i in operand.free if i not in slots], indices])
    return _intern(MatrixFunction, free, function, operand, slots, indices)


def reciprocal(node: Expr) -> Power:
    """Make ``node ^ -1``, the factor that a division by ``node`` is."""
    return power(node, literal(-1))


def negate(node: Expr) -> Expr:
    """Make ``-node``: a leading number changes its sign, anything else gets the factor -1.

    The factors of a product that sums stay together with their sum.
    """
    match node:
        case Literal(value=value):
            return literal(-value)
        case Product(factors=factors, summed=summed):
            first = factors[0]
            if isinstance(first, Literal) and first.value > 0:
                return product((literal(-first.value), *factors[1:]), summed)
            return product((literal(-1), *factors), summed)
        case _:
            return product((literal(-1), node))
