"""What is given: facts about tensors, ``given A_ij == A_ji``, as what they say about a tensor's components.

A fact is written as a claim is. It is one of four kinds, or nothing that einsgrad can use.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias, TypeVar

from einsgrad.ir.equations import Claim
from einsgrad.ir.nodes import Delta, Expr, Index, Literal, One, Product, Tensor

Order: TypeAlias = tuple[int, ...]
"""A permutation of axes: which axis of a tensor comes first, which second, and so on."""

MOST_ORDERS = 1000


@dataclass(frozen=True, slots=True)
class Symmetry:
    """``A_ij == A_ji``, ``A_ij == -A_ji``: a tensor with its axes in another order is itself, times ``sign``."""

    name: str
    order: Order
    sign: int


@dataclass(frozen=True, slots=True)
class Total:
    """``1_c t_bc == 1``: the sum of a tensor over some axes is a number."""

    name: str
    axes: tuple[int, ...]
    value: Fraction


@dataclass(frozen=True, slots=True)
class Orthogonal:
    """``q_ki q_kj == δ_ij``: the slices of a matrix across the axis ``summed`` are orthonormal."""

    name: str
    summed: int


@dataclass(frozen=True, slots=True)
class Bound:
    """``s_i > 0``, ``s_i >= 0``: no component of a tensor is negative, or zero where it is ``strict``."""

    name: str
    strict: bool


Kind: TypeAlias = Symmetry | Total | Orthogonal | Bound
KindT = TypeVar("KindT", Symmetry, Total, Orthogonal, Bound)


def kind_of(fact: Claim) -> Kind | None:
    """Give what a fact says, or ``None`` where it is of no kind that is understood.

    >>> from einsgrad.ir import build
    >>> i, j = Index("i"), Index("j")
    >>> kind_of(Claim(build.tensor("A", [i, j]), build.tensor("A", [j, i]), (i, j)))
    Symmetry(name='A', order=(1, 0), sign=1)
    """
    match fact.lhs, fact.relation, fact.rhs:
        case Tensor() as tensor, (">=" | ">") as relation, Literal(value=value) if value == 0:
            return Bound(tensor.name, relation == ">") if _are_distinct(tensor.indices) else None
        case Tensor() as tensor, "==", rhs if _are_distinct(tensor.indices):
            return _symmetry(tensor, rhs)
        case Product() as product, "==", rhs if product.summed:
            return _total(product, rhs) or _orthogonal(product, rhs)
        case _:
            return None


def _are_distinct(indices: tuple[Index, ...]) -> bool:
    return len(set(indices)) == len(indices)


def _symmetry(tensor: Tensor, rhs: Expr) -> Symmetry | None:
    sign = 1
    match rhs:
        case Product(factors=(Literal(value=value), Tensor() as other)) if value == -1:
            sign, rhs = -1, other
    match rhs:
        case Tensor(name=tensor.name, indices=indices) if sorted(indices) == sorted(tensor.indices):
            return Symmetry(tensor.name, tuple(tensor.indices.index(i) for i in indices), sign)
        case _:
            return None


def _total(product: Product, rhs: Expr) -> Total | None:
    match [f for f in product.factors if not isinstance(f, One)], rhs:
        case [Tensor(name=name, indices=indices)], Literal(value=value) if _are_distinct(indices):
            return Total(name, tuple(indices.index(i) for i in product.summed), value)
        case _:
            return None


def _orthogonal(product: Product, rhs: Expr) -> Orthogonal | None:
    match product, rhs:
        case (
            Product(factors=(Tensor(indices=(_, _) as a) as q, Tensor(indices=(_, _) as b) as r), summed=(k,)),
            Delta(indices=ends),
        ) if q.name == r.name and k in a:
            summed = a.index(k)
            if b[summed] == k and {a[1 - summed], b[1 - summed]} == set(ends):
                return Orthogonal(q.name, summed)
    return None


def orders(symmetries: Iterable[Symmetry]) -> dict[Order, int] | None:
    """Give all orders of the axes of a tensor that its symmetries come to, each with its sign.

    ``None`` where one order would have both signs, so that the tensor would be zero, or where there are too many.
    """
    generators = list(symmetries)
    straight = tuple(range(len(generators[0].order)))
    found = {straight: 1}
    pending = [straight]
    while pending:
        first = pending.pop()
        for generator in generators:
            order = tuple(first[axis] for axis in generator.order)
            sign = found[first] * generator.sign
            if order not in found:
                if len(found) == MOST_ORDERS:
                    return None
                found[order] = sign
                pending.append(order)
            elif found[order] != sign:
                return None
    return found


@dataclass(frozen=True, slots=True)
class Given:
    """All that is given of the tensors of a program.

    Attributes:
        facts: the facts as they are written.
        symmetries: for each tensor that has any, all orders of its axes that leave it itself, with their signs.
        totals: the sums of tensors that are known.
        orthogonal: the axis that is summed, of each orthogonal matrix.
        bounds: for each tensor that is never negative, whether it is never zero either.
        ranges: the number of the range of each axis, where that is known.
    """

    facts: tuple[Claim, ...] = ()
    symmetries: Mapping[str, Mapping[Order, int]] = field(default_factory=dict)
    totals: Mapping[str, tuple[Total, ...]] = field(default_factory=dict)
    orthogonal: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    bounds: Mapping[str, bool] = field(default_factory=dict)
    ranges: Mapping[tuple[str, int], int] = field(default_factory=dict)

    @staticmethod
    def of(facts: Sequence[Claim]) -> Given:
        """Collect facts; those of no kind that is understood say nothing."""
        kinds = [kind for fact in facts if (kind := kind_of(fact)) is not None]
        symmetries = _by_name(kind for kind in kinds if isinstance(kind, Symmetry))
        totals = _by_name(kind for kind in kinds if isinstance(kind, Total))
        orthogonal = _by_name(kind for kind in kinds if isinstance(kind, Orthogonal))
        bounds = _by_name(kind for kind in kinds if isinstance(kind, Bound))
        return Given(
            tuple(facts),
            {name: found for name, own in symmetries.items() if (found := orders(own)) is not None},
            totals,
            {name: tuple(kind.summed for kind in own) for name, own in orthogonal.items()},
            {name: any(kind.strict for kind in own) for name, own in bounds.items()},
        )

    def of_tensors(self, names: Collection[str]) -> Given:
        """Give what is given of some tensors."""
        kinds = ((fact, kind_of(fact)) for fact in self.facts)
        return Given.of([fact for fact, kind in kinds if kind is not None and kind.name in names])


def _by_name(kinds: Iterable[KindT]) -> dict[str, tuple[KindT, ...]]:
    found: dict[str, list[KindT]] = {}
    for kind in kinds:
        found.setdefault(kind.name, []).append(kind)
    return {name: tuple(own) for name, own in found.items()}
