"""The plan: a program as array operations in order, each computed once.

A plan is what the planner hands to code generation: a list of values, each one array operation on earlier values. The
axes of a value carry letters; an operand gives the letters that its axes have where it is used. Letters are local to
one operation, just as they are local to an equation.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from einsgrad.ir.equations import Definition
from einsgrad.ir.nodes import Index

Labels: TypeAlias = tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class Operand:
    """A value as an operation uses it: its number in the plan, and a letter for each of its axes."""

    value: int
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class Input:
    """An array that the caller gives."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Extent:
    """The size of a range, a Python integer known when the code runs."""

    range: int


@dataclass(frozen=True, slots=True)
class Iota:
    """The positions along the one axis of the result as numbers, counted from 0."""


@dataclass(frozen=True, slots=True)
class AffinePositions:
    """The values of an affine subscript ``2i+k-1`` over the axes of its letters, as whole numbers.

    Attributes:
        coefficients: one for each axis of the result.
        constant: what is added.
    """

    coefficients: tuple[int, ...]
    constant: int


@dataclass(frozen=True, slots=True)
class Pointwise:
    """A function applied element by element; axes that an argument lacks broadcast.

    Attributes:
        function: ``add subtract multiply divide negative square power``, or a name of the function table.
        args: the arguments.
    """

    function: str
    args: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Reduce:
    """``sum``, or a reduction of the table but the norm, over the axes of ``arg`` that the result lacks."""

    function: str
    arg: Operand


@dataclass(frozen=True, slots=True)
class Contract:
    """The product of two arrays, summed over the axes that the result lacks; both operands have each of these.

    The result's axes are those of both operands, then those of ``left`` alone, then those of ``right`` alone: what a
    matrix product leaves.
    """

    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Diagonal:
    """The view in which each letter that ``arg`` has several times becomes one axis."""

    arg: Operand


@dataclass(frozen=True, slots=True)
class Scatter:
    """A new array with operands added onto diagonals of it.

    Attributes:
        pieces: what is added, each with a letter for every axis of the result: axes of one letter are a diagonal.
    """

    pieces: tuple[tuple[Operand, Labels], ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """A new array of the full shape of the result, over which ``arg`` broadcasts."""

    arg: Operand


@dataclass(frozen=True, slots=True)
class Arrange:
    """``arg`` with its axes in the order of the result: a view, or with ``copy`` an array of its own."""

    arg: Operand
    copy: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """The inverse or a determinant of the matrices that ``arg`` holds.

    The axes of the result are those of ``arg`` without ``slots``, then, if it is an inverse, those.

    Attributes:
        function: ``inv``, ``det`` or ``logdet``.
        arg: the matrices.
        slots: the letters of row and column.
        name: what a message calls the matrices.
    """

    function: str
    arg: Operand
    slots: tuple[Index, Index]
    name: str


@dataclass(frozen=True, slots=True)
class Solve:
    """The ``x_column`` for which ``matrix_row,column x_column = right_row``: the inverse times ``right``, without it.

    Both have the letter ``row``. The axes of the result are those of the matrices without row and column, then those
    of ``right`` alone, then the column.

    Attributes:
        matrix: the matrices; all their axes but the column are axes of ``right``, too.
        right: the right-hand sides.
        row: the letter of the row.
        name: what a message calls the matrices.
    """

    matrix: Operand
    right: Operand
    row: Index
    name: str


Places: TypeAlias = tuple[tuple[Index, Operand | int], ...]
"""For some letters of axes the positions along them: arrays of whole numbers, which are inputs, or numbers."""


@dataclass(frozen=True, slots=True)
class Take:
    """The components of ``arg`` where each letter of ``places`` is at the positions given for it.

    The axes of the result are those of the places, then those that are left of ``arg``; axes of one letter are one.

    Attributes:
        arg: what is picked from, its letters distinct.
        places: the positions, all of which lie within the axis.
    """

    arg: Operand
    places: Places


@dataclass(frozen=True, slots=True)
class Put:
    """The adjoint of :class:`Take`: a new array to which ``arg`` is added where each letter of ``places`` is.

    The axes of the result are the letters of ``places``, then those of ``arg`` that it keeps; it sums over the others.

    Attributes:
        arg: what is added, with all letters of the places.
        places: the positions, all of which lie within the axis.
    """

    arg: Operand
    places: Places


Op: TypeAlias = (
    Input
    | Number
    | Extent
    | Iota
    | AffinePositions
    | Pointwise
    | Reduce
    | Contract
    | Diagonal
    | Scatter
    | Spread
    | Arrange
    | Matrix
    | Solve
    | Take
    | Put
)


@dataclass(frozen=True, slots=True)
class Value:
    """One operation of a plan.

    Attributes:
        op: what is computed.
        labels: a letter for each axis.
        ranges: the range of each axis.
        is_number: whether it is a Python number, not an array.
    """

    op: Op
    labels: Labels
    ranges: tuple[int, ...]
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """The values first needed by one equation: ``values[start:stop]`` of the plan."""

    definition: Definition
    start: int
    stop: int


@dataclass(frozen=True)
class Plan:
    """A program as array operations.

    Attributes:
        values: the operations; each uses earlier ones only.
        blocks: which of them belong to which equation, in order.
        results: the value of each requested tensor, with axes as its equation defines them. Those that have axes share
            no memory with an input or with one another; one without axes may be a number or an input.
        names: the values that hold a tensor of the program, its axes in some order.
        letters: a letter for each range.
        extents: the size of each range for which one was given.
    """

    values: tuple[Value, ...]
    blocks: tuple[Block, ...]
    results: dict[str, int]
    names: dict[int, str]
    letters: dict[int, Index]
    extents: dict[int, int]


def operands(op: Op) -> tuple[Operand, ...]:
    """Give the values that an operation uses, as often as it names them."""
    match op:
        case Pointwise(args=args):
            return args
        case Reduce(arg=arg) | Diagonal(arg=arg) | Spread(arg=arg) | Arrange(arg=arg) | Matrix(arg=arg):
            return (arg,)
        case Solve(matrix=matrix, right=right):
            return (matrix, right)
        case Take(arg=arg, places=places) | Put(arg=arg, places=places):
            return (arg, *(position for _, position in places if isinstance(position, Operand)))
        case Contract(left=left, right=right):
            return (left, right)
        case Scatter(pieces=pieces):
            return tuple(operand for operand, _ in pieces)
        case Input() | Number() | Extent() | Iota() | AffinePositions():
            return ()


def replaced(op: Op, new: Callable[[Operand], Operand]) -> Op:
    """Give an operation with other operands in place of those that it has."""
    match op:
        case Pointwise(args=args):
            return dataclasses.replace(op, args=tuple(map(new, args)))
        case Reduce(arg=arg) | Diagonal(arg=arg) | Spread(arg=arg) | Arrange(arg=arg) | Matrix(arg=arg):
            return dataclasses.replace(op, arg=new(arg))
        case Solve(matrix=matrix, right=right):
            return dataclasses.replace(op, matrix=new(matrix), right=new(right))
        case Take(arg=arg, places=places) | Put(arg=arg, places=places):
            return dataclasses.replace(op, arg=new(arg), places=_replaced_places(places, new))
        case Contract(left=left, right=right):
            return Contract(new(left), new(right))
        case Scatter(pieces=pieces):
            return Scatter(tuple((new(operand), letters) for operand, letters in pieces))
        case Input() | Number() | Extent() | Iota() | AffinePositions():
            return op


def _replaced_places(places: Places, new: Callable[[Operand], Operand]) -> Places:
    return tuple((letter, new(at) if isinstance(at, Operand) else at) for letter, at in places)


def needed(values: Sequence[Value], results: set[int]) -> set[int]:
    """Give the values that ``results`` depend on, themselves included."""
    found = set(results)
    for number in range(max(results, default=-1), -1, -1):
        if number in found:
            found.update(operand.value for operand in operands(values[number].op))
    return found


def root(values: Sequence[Value], number: int) -> int:
    """Give the value whose memory a value has: itself, unless it is a view."""
    while True:
        match values[number].op:
            case Diagonal(arg=arg) | Arrange(arg=arg, copy=False):
                number = arg.value
            case _:
                return number
