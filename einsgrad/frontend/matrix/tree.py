"""The tree of matrix notation: a side of an equation as it is written, with the place of every part in the text.

What shape a part has is not known yet (:mod:`~einsgrad.frontend.matrix.shapes`), so neither is which letters stand for
its rows and columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias, assert_never


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Symbol(_Part):
    """A matrix, a vector, a scalar, or a size."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Number(_Part):
    """A number, exact and not negative."""

    value: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Ones(_Part):
    """The vector of ones, of the length ``size`` where the text says so."""

    size: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Transpose(_Part):
    """``Aᵀ``."""

    of: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Inverse(_Part):
    """``A⁻¹``."""

    of: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Power(_Part):
    """``x^2``, or ``X.^2`` where it is ``elementwise``."""

    base: Matrix
    exponent: Matrix
    elementwise: bool


@dataclass(frozen=True, slots=True, eq=False)
class Product(_Part):
    """Factors that are multiplied from left to right; before each ``""``, ``*``, ``·`` or ``/``."""

    factors: tuple[Matrix, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Hadamard(_Part):
    """``A ⊙ B ⊘ C``: the product by element; ``over`` says which factors divide."""

    factors: tuple[Matrix, ...]
    over: tuple[bool, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Negative(_Part):
    """``-A``."""

    of: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Sum(_Part):
    """Two or more terms, added."""

    terms: tuple[Matrix, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Call(_Part):
    """A function: of matrices (``tr``, ``det``, ``diag``, ``norm`` …), or applied element by element."""

    function: str
    arguments: tuple[Matrix, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Derivative(_Part):
    """``∂f/∂X``: of a scalar in the layout of ``X``; of a vector by a vector with a row for each of its components."""

    operand: Matrix
    wrt: Symbol


Matrix: TypeAlias = (
    Symbol | Number | Ones | Transpose | Inverse | Power | Product | Hadamard | Negative | Sum | Call | Derivative
)


@dataclass(frozen=True, slots=True, eq=False)
class Statement(_Part):
    """An equation or a claim."""

    is_claim: bool
    lhs: Matrix
    rhs: Matrix


def walk(part: Matrix) -> Iterator[Matrix]:
    """Yield all parts of a side, parents first."""
    stack = [part]
    while stack:
        part = stack.pop()
        yield part
        stack.extend(reversed(_parts(part)))


def _parts(part: Matrix) -> tuple[Matrix, ...]:
    match part:
        case Symbol() | Number() | Ones():
            return ()
        case Transpose(of=of) | Inverse(of=of) | Negative(of=of):
            return (of,)
        case Power(base=base, exponent=exponent):
            return (base, exponent)
        case Product(factors=factors) | Hadamard(factors=factors):
            return factors
        case Sum(terms=terms):
            return terms
        case Call(arguments=arguments):
            return arguments
        case Derivative(operand=operand, wrt=wrt):
            return (operand, wrt)
        case _:
            assert_never(part)
