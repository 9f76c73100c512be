"""Slicing: an index that runs through a whole program, and the program of one slice of its positions.

A tensor may *carry* the index: then a slice of it depends on slices of what it is made of. It may *add* it up: then it
is the sum of what slices give. Or it is *whole*, and the same for all slices. A program that makes nothing else of an
index can be computed slice by slice, and so can its gradients, which are linear in the upstream ones: those by tensors
that carry the index are put together, those by whole ones are added up.

Before: a program. After: the same equations for one slice, in which ``|n|`` is an input, and what is whole but added to
a sum over slices is weighted by another, the share of the positions that the slice has.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.nodes import (
    Apply,
    Delta,
    Expr,
    Index,
    Iota,
    Literal,
    MatrixFunction,
    One,
    Power,
    Product,
    Size,
    Sum,
    Tensor,
)
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Ranges, infer_ranges
from einsgrad.ir.traversal import children, postorder, rebuild


class Role(Enum):
    """What a tensor makes of the index that is sliced."""

    CARRIES = "carries"
    ADDS = "adds"
    WHOLE = "whole"


@dataclass(frozen=True)
class Slicing:
    """How a program is computed slice by slice.

    Attributes:
        range: the range of the index, of the program before.
        program: that of one slice; it may have two inputs more.
        size: the input that is the number of positions of all slices.
        share: the input that is the share of them that a slice has.
        roles: that of each input and each equation's tensor.
        axes: for each tensor that carries the index the axis that is sliced.
    """

    range: int
    program: Program
    size: str
    share: str
    roles: Mapping[str, Role]
    axes: Mapping[str, int]


class _NotSliced(Exception):  # noqa: N818 — nobody's error: the program is computed as a whole
    """An equation makes something else of the index."""


def find_slicing(program: Program, outputs: Sequence[str], extents: Mapping[int, int]) -> Slicing | None:
    """Give the slicing by the index that most of the inputs and outputs carries, if there is one that runs through.

    Args:
        program: the equations.
        outputs: those that are computed.
        extents: the size of each range.
    """
    ranges = infer_ranges(program)
    found = [s for r in ranges.axes if (s := _slicing(program, outputs, ranges, r)) is not None]
    return max(found, key=lambda s: _carried(s, ranges, extents), default=None)


def _carried(slicing: Slicing, ranges: Ranges, extents: Mapping[int, int]) -> int:
    """Count the elements of tensors that carry an index, twice where slices lie without gaps."""
    total = 0
    for name, axis in slicing.axes.items():
        elements = 1
        for k in range(len(slicing.program.indices(name))):
            elements *= extents[ranges.of_axis[name, k]]
        total += elements * (1 if axis else 2)
    return total


def _slicing(program: Program, outputs: Sequence[str], ranges: Ranges, range_: int) -> Slicing | None:
    equations = _Equations(program, ranges, range_)
    try:
        equations.rewrite()
    except _NotSliced:
        return None
    if all(equations.roles[y] is Role.WHOLE for y in outputs):
        return None
    # Facts may be about the whole.
    definitions = tuple(equations.definitions)
    sliced = dataclasses.replace(program, definitions=definitions, claims=(), facts=(), requested=tuple(outputs))
    return Slicing(range_, sliced, equations.size, equations.share, equations.roles, equations.axes)


class _Equations:
    """The equations of one slice."""

    def __init__(self, program: Program, ranges: Ranges, range_: int) -> None:
        self._program = program
        self._ranges = ranges
        self._range = range_
        self._letters: Mapping[Index, int] = {}
        taken = {*program.inputs, *program.by_name}
        self.size = _unused("size", taken)
        self.share = _unused("share", taken)
        self.roles: dict[str, Role] = {}
        self.axes: dict[str, int] = {}
        self.definitions: list[Definition] = []

    def rewrite(self) -> None:
        """Find the role of each tensor, and write the equations of a slice.

        Raises:
            _NotSliced: the index does not run through.
        """
        numbers = {d.name: k for k, d in enumerate(self._program.definitions)}
        for name in self._program.inputs:
            self.roles[name] = self._role_by_axes(name)
        for d in self._program.in_order():
            self._letters = self._ranges.by_statement.get(numbers[d.name], {})
            done: dict[Expr, tuple[Role, Expr]] = {}
            for node in postorder(d.rhs):
                done[node] = self._node(node, [done[child] for child in children(node)])
            role, rhs = done[d.rhs]
            self.roles[d.name] = role
            if role is not Role.ADDS:
                self.roles[d.name] = self._role_by_axes(d.name)
            self.definitions.append(Definition(d.name, d.indices, rhs))

    def _role_by_axes(self, name: str) -> Role:
        axes = [k for k in range(len(self._program.indices(name))) if self._ranges.of_axis[name, k] == self._range]
        if len(axes) > 1:
            raise _NotSliced
        if axes:
            self.axes[name] = axes[0]
        return Role.CARRIES if axes else Role.WHOLE

    def _node(self, node: Expr, below: Sequence[tuple[Role, Expr]]) -> tuple[Role, Expr]:
        """Give the role of a node, and what it is for a slice, from those of its children."""
        roles = [role for role, _ in below]
        rebuilt = rebuild(node, [child for _, child in below])
        match node:
            case Literal():
                return Role.WHOLE, node
            case Size(index=index):
                is_sliced = self._letters.get(index) == self._range
                return Role.WHOLE, build.tensor(self.size) if is_sliced else node
            case Tensor(name=name):
                return (self.roles[name] if self.roles[name] is Role.ADDS else self._by_letters(node)), node
            case One():
                return self._by_letters(node), node
            case Delta() | Iota():
                return self._unless(self._sliced(node.free), Role.WHOLE), node
            case Product(summed=summed):
                return self._of_product(node, roles, self._sliced(summed)), rebuilt
            case Sum():
                return self._of_sum(node, below, rebuilt)
            case Power() | Apply():
                return self._unless(Role.ADDS in roles, self._by_letters(node)), rebuilt
            case MatrixFunction(slots=slots):
                is_split = Role.ADDS in roles or bool(self._sliced(slots))
                return self._unless(is_split, self._by_letters(node)), rebuilt
            case _:
                raise _NotSliced

    def _sliced(self, letters: Sequence[Index]) -> list[Index]:
        return [i for i in letters if self._letters.get(i) == self._range]

    def _unless(self, is_split: object, role: Role) -> Role:
        if is_split:
            raise _NotSliced
        return role

    def _by_letters(self, node: Expr) -> Role:
        sliced = self._sliced(node.free)
        return self._unless(len(sliced) > 1, Role.CARRIES if sliced else Role.WHOLE)

    def _of_product(self, node: Product, roles: Sequence[Role], summed: Sequence[Index]) -> Role:
        """A product with one factor that adds up is a sum of products; with two it is a double sum over slices."""
        letters = {i for factor in node.factors for i in self._sliced(factor.free)}
        added = roles.count(Role.ADDS)
        if len(letters) + added > 1:
            raise _NotSliced
        return Role.ADDS if added or summed else self._by_letters(node)

    def _of_sum(self, node: Sum, below: Sequence[tuple[Role, Expr]], rebuilt: Expr) -> tuple[Role, Expr]:
        """``Σ_n a_n + b`` is the sum over slices of ``Σ_n a_n + share b``."""
        if all(role is not Role.ADDS for role, _ in below):
            return self._by_letters(node), rebuilt
        self._unless(any(role is Role.CARRIES for role, _ in below), Role.ADDS)
        share = build.tensor(self.share)
        terms = [term if role is Role.ADDS else build.product([share, term]) for role, term in below]
        return Role.ADDS, build.add(terms)


def _unused(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}{count}"
    return name
