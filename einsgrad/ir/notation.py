"""Notation: what is decided alike whenever an expression is written, so that every way of writing it reads back.

The printer (:mod:`einsgrad.ir.printer`) and the layouts of :mod:`einsgrad.render.typeset` ask here where a product
shows its sign, which factor it divides by, what needs brackets, and which sums a reader would not see by himself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from einsgrad.ir import build
from einsgrad.ir.conditions import is_condition, is_mask, written
from einsgrad.ir.convention import implicit_sums
from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import Apply, Derivative, Expr, Gather, Index, Literal, Power, Product, Tensor

_LETTER = re.compile(r"[^\W\d_][0-9]*'*")


class Level(IntEnum):
    """How tightly something holds together."""

    SUM = 0
    PRODUCT = 1
    POWER = 2
    ATOM = 3


@dataclass(frozen=True, slots=True)
class WrittenFactor:
    """A factor as a product shows it.

    Attributes:
        node: the factor, or what the product divides by.
        least: brackets go around what has a sign, or holds less tightly.
        divides: the product divides by ``node``.
        dotted: it needs a sign of multiplication before it.
    """

    node: Expr
    least: Level = Level.POWER
    divides: bool = False
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class WrittenProduct:
    """A product as it is shown: a sign, a sum over the indices ``sums`` that has to be said, then the factors."""

    negative: bool
    sums: tuple[Index, ...]
    factors: tuple[WrittenFactor, ...]


def arrange(node: Expr) -> WrittenProduct:
    """Give what a product shows; a mask shows its condition as a factor.

    >>> a, b = build.tensor("a"), build.tensor("b")
    >>> shown = arrange(build.product([build.literal(-1), a, build.reciprocal(b)]))
    >>> shown.negative, [(f.node.name, f.divides) for f in shown.factors]
    (True, [('a', False), ('b', True)])
    """
    product = written(node)
    implicit = implicit_sums(product)
    sums = tuple(i for i in product.summed if i not in implicit)
    factors = product.factors
    first = factors[0]
    if not isinstance(first, Literal):
        return WrittenProduct(False, sums, _written(factors, 0, []))
    if first.value == -1 and _is_bare_sign(factors):
        return WrittenProduct(True, sums, _written(factors, 1, []))
    if first.value < 0 and (sums or (len(factors) > 1 and isinstance(factors[1], Literal | Product))):
        return WrittenProduct(False, sums, _written(factors, 1, [WrittenFactor(first)]))
    number = WrittenFactor(build.literal(abs(first.value)), Level.PRODUCT)
    return WrittenProduct(first.value < 0, sums, _written(factors, 1, [number]))


def _is_bare_sign(factors: Sequence[Expr]) -> bool:
    """Tell whether a leading -1 can be a bare sign: the reader must not take it with the next factor for one thing."""
    if len(factors) == 1:
        return False
    alone = isinstance(factors[1], Product) and len(factors) == 2
    return not (denominator(factors, 1) or isinstance(factors[1], Literal) or alone)


def _written(factors: Sequence[Expr], start: int, before: list[WrittenFactor]) -> tuple[WrittenFactor, ...]:
    shown = list(before)
    for position in range(start, len(factors)):
        factor = factors[position]
        divisor = denominator(factors, position)
        if divisor is not None:
            shown.append(WrittenFactor(divisor, divides=True))
        else:
            least = Level.PRODUCT if is_gradient(factor) else Level.POWER
            shown.append(WrittenFactor(factor, least, dotted=bool(shown) and _starts_with_number(factor)))
    return tuple(shown)


def _starts_with_number(factor: Expr) -> bool:
    return isinstance(factor, Literal) or (isinstance(factor, Power) and isinstance(factor.base, Literal))


def denominator(factors: Sequence[Expr], position: int) -> Expr | None:
    """Give ``b`` of a factor ``b ^ -1``, which is written as a division by ``b``; ``None`` for other factors.

    A number that follows nothing, or a leading number, is no denominator, since ``2/3`` reads as one number; nor is
    what follows a leading 1, since ``1/b`` reads as one factor.
    """
    divisor = reciprocal_of(factors[position])
    if divisor is None or position > 1:
        return divisor
    first = factors[0] if position == 1 else None
    if isinstance(divisor, Literal):
        return None if first is None or isinstance(first, Literal) else divisor
    return None if isinstance(first, Literal) and first.value == 1 else divisor


def reciprocal_of(node: Expr) -> Expr | None:
    """Give ``b`` where an expression is ``b ^ -1``."""
    match node:
        case Power(base=base, exponent=Literal(value=value)) if value == -1:
            return base
        case _:
            return None


def is_gradient(node: Expr) -> bool:
    """Tell whether an expression is written as ``∂…/∂…``, which needs no brackets among factors."""
    return isinstance(node, Derivative) or (isinstance(node, Tensor) and split_gradient_name(node.name) is not None)


def is_bare_operand(node: Expr) -> bool:
    """Tell whether what a derivative is taken of needs no brackets after its ``∂``."""
    if is_mask(node) or is_condition(node):
        return False
    return isinstance(node, Apply | Gather) or (isinstance(node, Tensor) and not is_gradient(node))


def are_letters(indices: Iterable[Index]) -> bool:
    """Tell whether indices can stand side by side: each is a letter, with digits and primes, and none a word."""
    return all(_LETTER.fullmatch(i.name) for i in indices)
