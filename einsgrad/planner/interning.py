"""The plan builder: makes each array operation once, whatever letters it is written with.

Two operations are the same if they agree up to the order of commuting operands and the names of letters. Then the
second one is not made: its result is the first one's value with its axes lettered anew. As the forward equations and
all gradients go through one builder, what they have in common is computed once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from fractions import Fraction

from einsgrad.ir.nodes import Index
from einsgrad.planner.options import DEFAULT, PlanOptions
from einsgrad.planner.plan import (
    AffinePositions,
    Arrange,
    Contract,
    Diagonal,
    Extent,
    Input,
    Iota,
    Labels,
    Matrix,
    Number,
    Op,
    Operand,
    Places,
    Pointwise,
    Put,
    Reduce,
    Scatter,
    Solve,
    Spread,
    Take,
    Value,
)

_COMMUTES = frozenset({"add", "multiply", "maximum", "minimum"})
# Larger powers of numbers are left to floating point.
_EXACT_POWERS = 64


def union(groups: Iterable[Iterable[Index]]) -> Labels:
    """Give all letters of some groups of letters, each once, in order of appearance."""
    return tuple(dict.fromkeys(letter for group in groups for letter in group))


class PlanBuilder:
    """Collects the values of a plan; each method gives the result of an operation as an operand."""

    def __init__(self, nominal: Mapping[int, int], options: PlanOptions = DEFAULT) -> None:
        self.options = options
        self.values: list[Value] = []
        self._nominal = nominal
        self._made: dict[object, int] = {}
        self._symmetric: set[int] = set()

    def size(self, ranges: Iterable[int]) -> int:
        """Give the number of elements over some ranges, by their nominal sizes."""
        return math.prod(self._nominal[r] for r in ranges)

    def ranges(self, *operands: Operand) -> dict[Index, int]:
        """Give the range of each letter of some operands."""
        return {
            letter: number
            for operand in operands
            for letter, number in zip(operand.labels, self.values[operand.value].ranges, strict=True)
        }

    def is_number(self, operand: Operand) -> bool:
        """Tell whether an operand is a Python number when the code runs."""
        return self.values[operand.value].is_number

    def known(self, operand: Operand) -> Fraction | None:
        """Give the number that an operand is, if it is known now."""
        op = self.values[operand.value].op
        return op.value if isinstance(op, Number) else None

    def input(self, name: str, labels: Labels, ranges: tuple[int, ...]) -> Operand:
        """Give an input array; its axes have distinct ``labels``."""
        return self._make(Input(name), labels, dict(zip(labels, ranges, strict=True)))

    def number(self, value: Fraction | int) -> Operand:
        """Give a number."""
        return self._make(Number(Fraction(value)), (), {}, is_number=True)

    def extent(self, range_: int) -> Operand:
        """Give the size of a range."""
        return self._make(Extent(range_), (), {}, is_number=True)

    def iota(self, letter: Index, range_: int) -> Operand:
        """Give the positions along an axis."""
        return self._make(Iota(), (letter,), {letter: range_})

    def affine(self, terms: tuple[tuple[Index, int], ...], constant: int, ranges: Mapping[Index, int]) -> Operand:
        """Give the values of an affine subscript, over the axes of its letters."""
        labels = tuple(letter for letter, _ in terms)
        made = AffinePositions(tuple(c for _, c in terms), constant)
        return self._make(made, labels, {i: ranges[i] for i in labels})

    def pointwise(self, function: str, args: tuple[Operand, ...], order: Labels = ()) -> Operand:
        """Apply a function element by element; the result's axes follow ``order`` as far as that goes."""
        numbers = [self.known(a) for a in args]
        if function == "divide" and numbers[1]:
            # A quotient by a number and a product with its reciprocal are one value: `h/2` is `0.5 h`.
            return self.pointwise("multiply", (args[0], self.number(1 / numbers[1])), order)
        folded = _fold(function, numbers)
        if folded is not None:
            return self.number(folded)
        short = self._shortened(function, args, numbers, order)
        if short is not None:
            return short
        labels = in_order(order, union(a.labels for a in sorted(args, key=lambda a: -len(a.labels))))
        return self._make(
            Pointwise(function, args), labels, self.ranges(*args), is_number=all(self.is_number(a) for a in args)
        )

    def is_made(self, function: str, args: tuple[Operand, ...]) -> bool:
        """Tell whether an element-wise operation has been made already, so that it costs nothing."""
        key, _ = _canonical(Pointwise(function, args), union(a.labels for a in args), {}, self._symmetric)
        return key in self._made

    def take(self, arg: Operand, places: Places) -> Operand:
        """Pick components at positions; see :class:`Take` for the axes of the result."""
        gone = {letter for letter, _ in places}
        positions = [position for _, position in places if isinstance(position, Operand)]
        labels = union([*(position.labels for position in positions), (i for i in arg.labels if i not in gone)])
        return self._make(Take(arg, places), labels, self.ranges(arg, *positions))

    def put(self, arg: Operand, places: Places, kept: Labels, ranges: Mapping[Index, int]) -> Operand:
        """Add components up at positions, over axes with the given ``ranges``; see :class:`Put` for their order."""
        labels = (*(letter for letter, _ in places), *kept)
        return self._make(Put(arg, places), labels, {**self.ranges(arg), **{i: ranges[i] for i in labels}})

    def _shortened(
        self, function: str, args: tuple[Operand, ...], numbers: list[Fraction | None], order: Labels
    ) -> Operand | None:
        """Give what is left of an operation with a neutral number, or with one operand twice."""
        match function, numbers:
            case ("multiply" | "power", [_, 1]) | ("add" | "subtract", [_, 0]):
                return args[0]
            case ("multiply", [1, _]) | ("add", [0, _]):
                return args[1]
            case ("multiply", [_, -1]):
                return self.pointwise("negative", args[:1], order)
            case ("multiply", [-1, _]) | ("subtract", [0, _]):
                return self.pointwise("negative", args[1:], order)
            case ("multiply", _) if args[0] == args[1]:
                return self.pointwise("square", args[:1], order)
            case ("add", _) if args[0] == args[1]:
                return self.pointwise("multiply", (self.number(2), args[0]), order)
            case _:
                return None

    def reduce(self, function: str, arg: Operand, over: Iterable[Index]) -> Operand:
        """Take the sum or a reduction over some axes."""
        gone = set(over)
        labels = tuple(i for i in arg.labels if i not in gone)
        return self._make(Reduce(function, arg), labels, self.ranges(arg)) if gone else arg

    def contract(self, left: Operand, right: Operand, labels: Labels) -> Operand:
        """Multiply two arrays and sum over the axes that ``labels`` lacks; see :class:`Contract` for their order."""
        return self._make(Contract(left, right), labels, self.ranges(left, right))

    def matrix(self, function: str, arg: Operand, slots: tuple[Index, Index], name: str) -> Operand:
        """Take a function of matrices; see :class:`Matrix` for the axes of the result."""
        batch = tuple(i for i in arg.labels if i not in slots)
        labels = (*batch, *slots) if function == "inv" else batch
        return self._make(Matrix(function, arg, slots, name), labels, self.ranges(arg))

    def solve(self, matrix: Operand, right: Operand, slots: tuple[Index, Index], name: str) -> Operand:
        """Divide right-hand sides by matrices; see :class:`Solve` for the axes of the result."""
        row, column = slots
        batch = tuple(i for i in matrix.labels if i not in slots)
        others = tuple(i for i in right.labels if i not in batch and i != row)
        return self._make(Solve(matrix, right, row, name), (*batch, *others, column), self.ranges(matrix, right))

    def diagonal(self, arg: Operand) -> Operand:
        """Make each letter that ``arg`` has several times one axis."""
        labels = union([arg.labels])
        return arg if labels == arg.labels else self._make(Diagonal(arg), labels, self.ranges(arg))

    def scatter(self, pieces: tuple[tuple[Operand, Labels], ...], labels: Labels, ranges: dict[Index, int]) -> Operand:
        """Add operands onto diagonals of a new array with the given axes."""
        return self._make(Scatter(pieces), labels, ranges)

    def spread(self, arg: Operand, labels: Labels, ranges: dict[Index, int]) -> Operand:
        """Broadcast over a new array with the given axes."""
        return self._make(Spread(arg), labels, ranges)

    def arrange(self, arg: Operand, labels: Labels, copy: bool) -> Operand:
        """Bring axes into the order ``labels``; a copy is always a value of its own."""
        value = Value(Arrange(arg, copy), labels, tuple(self.ranges(arg)[i] for i in labels))
        if not copy:
            return self._make(value.op, labels, self.ranges(arg))
        self.values.append(value)
        return Operand(len(self.values) - 1, labels)

    def _make(self, op: Op, labels: Labels, ranges: Mapping[Index, int], is_number: bool = False) -> Operand:
        key, letters = _canonical(op, labels, ranges, self._symmetric)
        number = self._made.get(key)
        if number is None:
            number = self._made[key] = len(self.values)
            self.values.append(Value(op, labels, tuple(ranges[i] for i in labels), is_number))
            if _is_symmetric(op, labels, self._symmetric):
                self._symmetric.add(number)
            return Operand(number, labels)
        anew = {place: letter for letter, place in letters.items()}
        made = self.values[number]
        old = _canonical(made.op, made.labels, dict(zip(made.labels, made.ranges, strict=True)), self._symmetric)[1]
        return Operand(number, tuple(anew[old[i]] for i in made.labels))


def in_order(wanted: Labels, labels: Labels) -> Labels:
    """Give ``labels`` in the order that ``wanted`` has them if it has them all, else as they are."""
    return tuple(i for i in wanted if i in labels) if set(labels) <= set(wanted) else labels


def _is_symmetric(op: Op, labels: Labels, symmetric: Set[int]) -> bool:
    """Tell whether a matrix is sure to be its own transpose: a product of an array with itself, or made of such."""
    if len(labels) != 2:
        return False
    first, second = labels
    match op:
        case Contract(left=left, right=right) if left.value == right.value:
            turned = {first: second, second: first}
            return tuple(turned.get(i, i) for i in left.labels) == right.labels
        case Pointwise(args=args):
            return all(not a.labels or (a.value in symmetric and len(set(a.labels)) == 2) for a in args)
        case _:
            return False


def _canonical(
    op: Op, labels: Labels, ranges: Mapping[Index, int], symmetric: Set[int]
) -> tuple[object, dict[Index, int]]:
    """Give a key that equal operations share, and the number that stands for each letter in it."""
    letters: dict[Index, int] = {}

    def number(some: Labels) -> tuple[int, ...]:
        return tuple(letters.setdefault(i, len(letters)) for i in some)

    def place(operand: Operand) -> tuple[int, tuple[int, ...]]:
        if operand.value not in symmetric:
            return operand.value, number(operand.labels)
        # Its axes may change places: letters that are known already come first.
        known = sorted(operand.labels, key=lambda i: letters.get(i, len(letters)))
        return operand.value, number(tuple(known))

    def commuting(args: Iterable[Operand]) -> list[Operand]:
        return sorted(args, key=lambda a: (a.value in symmetric, a.value))

    key: list[object] = [type(op)]
    match op:
        case Pointwise(function=function, args=args):
            key += [function, *map(place, commuting(args) if function in _COMMUTES else args)]
        case Contract(left=left, right=right):
            key += map(place, commuting((left, right)))
        case Reduce(function=function, arg=arg):
            key += [function, place(arg)]
        case Matrix(function=function, arg=arg, slots=slots):
            key += [function, arg.value, number(arg.labels), number(slots)]
        case Solve(matrix=matrix, right=right, row=row):
            key += [matrix.value, number(matrix.labels), right.value, number(right.labels), number((row,))]
        case Take(arg=arg, places=places) | Put(arg=arg, places=places):
            key += [arg.value, number(arg.labels)]
            for letter, at in places:
                key += [number((letter,)), at if isinstance(at, int) else (at.value, number(at.labels))]
        case Diagonal(arg=arg) | Spread(arg=arg) | Arrange(arg=arg):
            key += [arg.value, number(arg.labels)]
        case Scatter(pieces=pieces):
            key += [(a.value, number(a.labels), number(subscripts)) for a, subscripts in pieces]
        case Input() | Number() | Extent() | Iota() | AffinePositions():
            key.append(op)
    if isinstance(op, Spread | Scatter | Iota | AffinePositions | Put):
        key.append(tuple((n, ranges[i]) for i, n in zip(labels, number(labels), strict=True)))
    elif isinstance(op, Arrange):
        key.append(number(labels))
    else:
        key.append(frozenset(number(labels)))
    return tuple(key), letters


def _fold(function: str, numbers: Sequence[Fraction | None]) -> Fraction | None:
    """Compute with known numbers where that is exact; ``None`` where it isn't or a number isn't known."""
    match function, numbers:
        case "add", [Fraction() as a, Fraction() as b]:
            return a + b
        case "subtract", [Fraction() as a, Fraction() as b]:
            return a - b
        case "multiply", [Fraction() as a, Fraction() as b]:
            return a * b
        case "negative", [Fraction() as a]:
            return -a
        case "square", [Fraction() as a]:
            return a * a
        case "power", [Fraction() as a, Fraction() as b] if b.denominator == 1 and 0 <= b <= _EXACT_POWERS:
            return a**b.numerator
        case _:
            return None
