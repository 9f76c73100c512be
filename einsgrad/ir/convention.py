"""The summation convention: where an index without an explicit sum is summed.

One rule, used by the frontend to read a text and by the printer to write one that reads the same. An index that a
product has to account for is looked at through the factors that carry it: how often each does, and whether a factor is
a group (brackets, a function's argument, a power, a denominator) that could sum the index by itself.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, assert_never

from einsgrad.ir.conditions import is_condition, written
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
)
from einsgrad.ir.traversal import children, stackless


@dataclass(frozen=True, slots=True)
class Use:
    """How one factor carries an index: how often, and whether it is a group that could sum it by itself."""

    count: int
    closes: bool


class Reading(Enum):
    """What a product does about an index that is not free and that no explicit sum binds."""

    SUM = "summed at this product"
    LEAVE = "left to the one factor that carries it"
    ONCE = "occurs once"
    AMBIGUOUS = "one sum here and separate sums inside both make sense"


def read(uses: Iterable[Use], claimed: bool) -> Reading:
    """Apply the convention to the factors that carry an index.

    Args:
        uses: one entry for each factor of the product that carries the index; not empty.
        claimed: a one-tensor that is a factor of this very product has the index.

    ``p_i log(p_i / q_i)`` has one reading, since without the logarithm ``i`` would occur once:

    >>> read([Use(1, False), Use(2, True)], claimed=False)
    <Reading.SUM: 'summed at this product'>
    >>> read([Use(2, True), Use(2, True)], claimed=False).name
    'AMBIGUOUS'
    """
    found = list(uses)
    total = sum(use.count for use in found)
    if claimed:
        return Reading.SUM if total >= 2 else Reading.ONCE
    if len(found) == 1:
        if found[0].closes:
            return Reading.LEAVE
        return Reading.SUM if total >= 2 else Reading.ONCE
    if any(use.closes for use in found) and sum(use.count for use in found if not use.closes) != 1:
        return Reading.AMBIGUOUS
    return Reading.SUM


def as_factor(counts: Iterable[Use]) -> Use:
    """Give the use of a function or power from the uses of its arguments that carry the index.

    Each argument is a group. One argument alone decides; several that can't each close the index leave it to the
    product around, and count together there.
    """
    found = list(counts)
    if len(found) == 1:
        return found[0]
    return Use(sum(use.count for use in found), read(found, claimed=False) is not Reading.SUM)


def as_condition(uses: Iterable[Use]) -> Use:
    """Give the use of a condition: a letter that its sides don't sum is there once, however often it stands there."""
    use = as_factor(uses)
    return use if use.closes else Use(1, closes=False)


def as_group(uses: Iterable[Use], claimed: bool) -> Use:
    """Give the use of a bracketed product from the uses of its factors that carry the index."""
    found = list(uses)
    if read(found, claimed) is Reading.ONCE:
        return Use(1, False)
    return Use(sum(use.count for use in found), True)


def as_sum(uses: Iterable[Use]) -> Use:
    """Give the use of a bracketed sum from the uses of its terms that carry the index, each taken as a group."""
    if all(use.closes for use in uses):
        return Use(2, True)
    return Use(1, False)


def _count(subscript: Subscript, index: Index) -> int:
    if isinstance(subscript, Tensor):
        return subscript.indices.count(index)
    return int(subscript is index or (isinstance(subscript, Affine) and index in subscript.free))


def use_of(node: Expr, index: Index, group: bool) -> Use:
    """Give how ``node``, which has ``index`` free, carries it as a factor, or, with ``group``, in brackets."""
    if isinstance(node, Iota):
        return Use(1, closes=False)
    if isinstance(node, Gather | Selector):
        subscripts = node.subscripts if isinstance(node, Gather) else (node.index, node.position)
        count = sum(_count(s, index) for s in subscripts)
        return Use(count, group and count >= 2)
    if isinstance(node, Tensor | One | Delta):
        count = node.indices.count(index)
        return Use(count, group and count >= 2)
    return _use_of(node, index, group)


@stackless
def _use_of(node: Expr, index: Index, group: bool) -> Generator[tuple[Any, ...], Any, Use]:
    match node:
        case Tensor() | One() | Delta() | Iota() | Gather() | Selector():
            return use_of(node, index, group)
        case Product() | Apply(function="[]"):
            factors = written(node).factors
            uses = []
            for factor in factors:
                if index in factor.free:
                    uses.append((yield factor, index, False))
            return as_group(uses, any(isinstance(f, One) and index in f.free for f in factors))
        case Sum(terms=below):
            uses = []
            for term in below:
                if index in term.free:
                    uses.append((yield term, index, True))
            return as_sum(uses)
        case Power() | Apply():
            uses = []
            for part in children(node):
                if index in part.free:
                    uses.append((yield part, index, True))
            use = as_condition(uses) if is_condition(node) else as_factor(uses)
        case Derivative(operand=operand, wrt=wrt):
            if index in wrt.indices:
                use = Use(1, False)
            else:
                use = yield operand, index, True
        case Reduction(operand=operand):
            use = yield operand, index, True
        case MatrixFunction(operand=operand, indices=indices):
            if index in indices:
                use = Use(indices.count(index), False)
            else:
                use = yield operand, index, True
        case Literal() | Size():
            raise AssertionError("a number carries no index")
        case _:
            assert_never(node)
    return Use(use.count, use.closes or (group and use.count >= 2))


def implicit_sums(node: Product) -> frozenset[Index]:
    """Give those of ``node.summed`` that a reader sums at this product without an explicit sum."""
    carriers = by_index(node.factors)

    def is_implicit(index: Index) -> bool:
        uses = [use_of(factor, index, False) for factor in carriers[index]]
        return read(uses, any(isinstance(f, One) for f in carriers[index])) is Reading.SUM

    return frozenset(filter(is_implicit, node.summed))


def by_index(factors: Iterable[Expr]) -> dict[Index, list[Expr]]:
    """Give the factors that carry each index, in order."""
    carriers: dict[Index, list[Expr]] = {}
    for factor in factors:
        for index in factor.free:
            carriers.setdefault(index, []).append(factor)
    return carriers
