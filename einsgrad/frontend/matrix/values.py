"""Values: what a part of matrix notation is: a shape, and how its components are written once letters are chosen.

A product of matrices is a product of components summed over the letters between its factors, a trace sums a letter that
stands for row and column, and so on: each function here says what one operation of matrices means in index notation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from einsgrad.frontend.matrix.shapes import SCALAR, Axis, Shape, Size
from einsgrad.ir import build
from einsgrad.ir.nodes import Expr, Index, Literal

Indices: TypeAlias = tuple[Index, ...]
_ALPHABET = "ijklmnpqrstuvwabcdefghxyz"


class Letters:
    """The letters of a statement: those of one size are always the same, in the same order.

    Args:
        families: the letters that each size has, by the size's name; more are added as they are needed.
    """

    def __init__(self, families: dict[str, list[Index]]) -> None:
        self._families = families
        self._taken: set[Index] = set()

    def fresh(self, axis: Axis) -> Indices:
        """Give letters for the sizes of an axis that stand nowhere in this term yet."""
        return tuple(map(self._one, axis))

    def of_size(self, size: Size) -> Index:
        """Give the first letter of a size, for ``|i|``."""
        return self._family(size)[0]

    @contextmanager
    def branch(self, seen: set[Index]) -> Iterator[None]:
        """Write a term whose own letters the next term may have as well; all of them go to ``seen``."""
        before = set(self._taken)
        yield
        seen |= self._taken
        self._taken = before

    def take(self, letters: set[Index]) -> None:
        """Let nothing else have these letters."""
        self._taken |= letters

    def _one(self, size: Size) -> Index:
        family = self._family(size)
        letter = next((index for index in family if index not in self._taken), None)
        if letter is None:
            letter = self._new()
            family.append(letter)
        self._taken.add(letter)
        return letter

    def _family(self, size: Size) -> list[Index]:
        name = size.found().name
        assert name is not None, "a size that nothing settles is refused before"
        if name not in self._families:
            self._families[name] = [self._new()]
        return self._families[name]

    def _new(self) -> Index:
        known = {index for family in self._families.values() for index in family}
        numbers = ("", *map(str, range(1, 1000)))
        return next(Index(c + n) for n in numbers for c in _ALPHABET if Index(c + n) not in known)


class Factors(NamedTuple):
    """A product of components that is not made yet, so that products around it can take it in."""

    factors: list[Expr]
    summed: list[Index]


Writer: TypeAlias = Callable[[Letters, Indices, Indices], Factors]


@dataclass(frozen=True, eq=False)
class Value:
    """A shape, and what gives the components for letters of the rows and letters of the columns."""

    shape: Shape
    write: Writer

    def components(self, letters: Letters, rows: Indices = (), columns: Indices = ()) -> Expr:
        """Give the components as one expression."""
        return _product(self.write(letters, rows, columns))


def _product(parts: Factors) -> Expr:
    """Make the product; numbers come first, as one."""
    number = Fraction(1)
    rest: list[Expr] = []
    for factor in parts.factors:
        if isinstance(factor, Literal):
            number *= factor.value
        else:
            rest.append(factor)
    factors = [build.literal(number), *rest] if number != 1 or not rest else rest
    return factors[0] if len(factors) == 1 and not parts.summed else build.product(factors, parts.summed)


def _sole(expression: Expr) -> Factors:
    return Factors([expression], [])


def tensor(name: str, shape: Shape) -> Value:
    """``X``: the component at row and column."""
    return Value(shape, lambda _, rows, columns: _sole(build.tensor(name, rows + columns)))


def number(value: Fraction) -> Value:
    """Give a number."""
    return Value(SCALAR, lambda _, __, ___: _sole(build.literal(value)))


def size_of(size: Size) -> Value:
    """Give a size as a number: ``|i|``."""
    name = size.found().name or ""
    if name.isdigit():
        return number(Fraction(name))
    return Value(SCALAR, lambda letters, _, __: _sole(build.size(letters.of_size(size))))


def ones(axis: Axis) -> Value:
    """``1``: a vector of ones, ``1_i``."""
    return Value(Shape(axis, ()), lambda _, rows, columns: _sole(build.one(rows + columns)))


def identity(size: Size) -> Value:
    """``I``: ``δ_ij``."""
    return Value(Shape((size,), (size,)), lambda _, rows, columns: _sole(_delta(rows[0], columns[0])))


def _delta(i: Index, j: Index) -> Expr:
    return build.delta(i, j) if i != j else build.one([i])


def transpose(of: Value) -> Value:
    """``Aᵀ``: rows for columns."""
    return Value(of.shape.transposed, lambda letters, rows, columns: of.write(letters, columns, rows))


def negative(of: Value) -> Value:
    """``-A``."""
    return Value(of.shape, lambda letters, rows, columns: _sole(build.negate(of.components(letters, rows, columns))))


def chain(scalars: Sequence[Value], matrices: Sequence[Value], after: Sequence[Value] = ()) -> Value:
    """``λ A B C``: scalars times a product of matrices, summed over the letters between them; scalars ``after`` it.

    The shape is the rows of the first matrix and the columns of the last; without matrices it is a scalar.
    """
    shape = Shape(matrices[0].shape.rows, matrices[-1].shape.columns) if matrices else SCALAR

    def write(letters: Letters, rows: Indices, columns: Indices) -> Factors:
        found = Factors([], [])
        for scalar in scalars:
            _extend(found, scalar.write(letters, (), ()))
        left = rows
        for k, matrix in enumerate(matrices):
            right = columns if k == len(matrices) - 1 else letters.fresh(matrix.shape.columns)
            _extend(found, matrix.write(letters, left, right))
            if k < len(matrices) - 1:
                found.summed.extend(right)
            left = right
        for scalar in after:
            _extend(found, scalar.write(letters, (), ()))
        return found

    return Value(shape, write)


def _extend(found: Factors, more: Factors) -> None:
    found.factors.extend(more.factors)
    found.summed.extend(more.summed)


def hadamard(parts: Sequence[Value], shape: Shape) -> Value:
    """``A ⊙ B``: the product of components; scalars multiply all of them."""

    def write(letters: Letters, rows: Indices, columns: Indices) -> Factors:
        found = Factors([], [])
        for part in parts:
            _extend(found, _at(part, letters, rows, columns))
        return found

    return Value(shape, write)


def _at(part: Value, letters: Letters, rows: Indices, columns: Indices) -> Factors:
    """Give the components at letters that a scalar has no use for."""
    return part.write(letters, (), ()) if part.shape.is_scalar else part.write(letters, rows, columns)


def reciprocal(of: Value) -> Value:
    """Give one divided by each component."""

    def write(letters: Letters, rows: Indices, columns: Indices) -> Factors:
        divisor = of.components(letters, rows, columns)
        if isinstance(divisor, Literal) and divisor.value:
            return _sole(build.literal(1 / divisor.value))
        return _sole(build.reciprocal(divisor))

    return Value(of.shape, write)


def add(terms: Sequence[Value], shape: Shape) -> Value:
    """``A + B``; a scalar is added to each component."""

    def write(letters: Letters, rows: Indices, columns: Indices) -> Factors:
        seen: set[Index] = set()
        written = []
        for term in terms:
            with letters.branch(seen):
                written.append(_product(_at(term, letters, rows, columns)))
        letters.take(seen)
        return _sole(build.add(written))

    return Value(shape, write)


def apply(function: str, arguments: Sequence[Value], shape: Shape) -> Value:
    """Apply a function to each component."""

    def write(letters: Letters, rows: Indices, columns: Indices) -> Factors:
        return _sole(build.apply(function, [_product(_at(a, letters, rows, columns)) for a in arguments]))

    return Value(shape, write)


def power(base: Value, exponent: Value) -> Value:
    """Raise each component to a power."""

    def write(letters: Letters, rows: Indices, columns: Indices) -> Factors:
        raised = base.components(letters, rows, columns)
        return _sole(build.power(raised, _product(_at(exponent, letters, rows, columns))))

    return Value(base.shape, write)


def total(of: Value) -> Value:
    """Give the sum of all components: ``1_ij a_ij``."""

    def write(letters: Letters, _: Indices, __: Indices) -> Factors:
        rows, columns = letters.fresh(of.shape.rows), letters.fresh(of.shape.columns)
        inner = of.write(letters, rows, columns)
        return Factors([build.one(rows + columns), *inner.factors], [*rows, *columns, *inner.summed])

    return Value(SCALAR, write)


def square_total(of: Value) -> Value:
    """Give the sum of the squares of a tensor's components: ``x_i x_i``."""

    def write(letters: Letters, _: Indices, __: Indices) -> Factors:
        rows, columns = letters.fresh(of.shape.rows), letters.fresh(of.shape.columns)
        once = of.components(letters, rows, columns)
        return Factors([once, once], [*rows, *columns])

    return Value(SCALAR, write)


def trace(of: Value) -> Value:
    """``tr(A)``: the sum over one letter for row and column."""

    def write(letters: Letters, _: Indices, __: Indices) -> Factors:
        (letter,) = letters.fresh(of.shape.rows)
        inner = of.write(letters, (letter,), (letter,))
        return Factors(inner.factors, [letter, *inner.summed])

    return Value(SCALAR, write)


def diagonal(of: Value) -> Value:
    """``diag(A)``: the vector of the components at equal row and column."""

    def write(letters: Letters, rows: Indices, columns: Indices) -> Factors:
        return of.write(letters, rows or columns, rows or columns)

    return Value(Shape(of.shape.rows, ()), write)


def diagonal_matrix(of: Value) -> Value:
    """``diag(x)``: the matrix with a vector on its diagonal, ``δ_ij x_i``."""
    axis = of.shape.axes

    def write(letters: Letters, rows: Indices, columns: Indices) -> Factors:
        inner = of.write(letters, *((rows, ()) if of.shape.rows else ((), rows)))
        return Factors([_delta(rows[0], columns[0]), *inner.factors], inner.summed)

    return Value(Shape(axis, axis), write)


def vec(of: Value) -> Value:
    """``vec(A)``: all components in one vector, whose one axis has two letters."""
    count = len(of.shape.rows)

    def write(letters: Letters, rows: Indices, columns: Indices) -> Factors:
        both = rows or columns
        return of.write(letters, both[:count], both[count:])

    return Value(Shape(of.shape.axes, ()), write)


def inverse(of: Value) -> Value:
    """``A⁻¹``: the components of the inverse, whose row and column are the letters of the operand's where they can."""

    def write(letters: Letters, rows: Indices, columns: Indices) -> Factors:
        (row,), (column,) = rows, columns
        slots = (row, column)
        if row == column:
            (above,), (below,) = letters.fresh(of.shape.rows), letters.fresh(of.shape.columns)
            slots = (above, below)
        operand = of.components(letters, slots[:1], slots[1:])
        return _sole(build.matrix_function("inv", operand, slots, (row, column)))

    return Value(of.shape, write)


def determinant(function: str, of: Value) -> Value:
    """``det(A)``, ``logdet(A)``."""

    def write(letters: Letters, _: Indices, __: Indices) -> Factors:
        (row,), (column,) = letters.fresh(of.shape.rows), letters.fresh(of.shape.columns)
        return _sole(build.matrix_function(function, of.components(letters, (row,), (column,)), (row, column)))

    return Value(SCALAR, write)


def derivative(of: Value, by: str, by_shape: Shape, shape: Shape) -> Value:
    """``∂f/∂X``: of a scalar with the letters of ``X``, of a vector with its own and those of ``x``."""

    def write(letters: Letters, rows: Indices, columns: Indices) -> Factors:
        own: tuple[Indices, Indices] = (rows, columns)
        new: Indices = ()
        if of.shape.is_scalar:
            own, new = ((), ()), rows + columns
        elif not by_shape.is_scalar:
            own, new = (rows, ()), columns
        wanted = list(zip(new, by_shape.axes, strict=True)) if new else []
        return _derivative(of.components(letters, *own), by, wanted, letters, own[0] + own[1])

    return Value(shape, write)


def _derivative(
    operand: Expr, name: str, wanted: Sequence[tuple[Index, Size]], letters: Letters, own: Indices
) -> Factors:
    """Differentiate by a tensor with new letters; one that is not new is tied to a new one by a delta."""
    new: list[Index] = []
    deltas: list[Expr] = []
    summed: list[Index] = []
    for letter, size in wanted:
        if letter in own or letter in new:
            (apart,) = letters.fresh((size,))
            deltas.append(build.delta(letter, apart))
            summed.append(apart)
            new.append(apart)
        else:
            new.append(letter)
    return Factors([build.derivative(operand, build.tensor(name, new)), *deltas], summed)


def families(sizes: Sequence[str]) -> dict[str, list[Index]]:
    """Give each size its first letter, in the order in which they are declared.

    >>> {size: letters[0].name for size, letters in families(["n", "d"]).items()}
    {'n': 'i', 'd': 'j'}
    """
    letters: Mapping[str, str] = dict(zip(sizes, (c + n for n in ("", "1", "2") for c in _ALPHABET), strict=False))
    return {size: [Index(letter)] for size, letter in letters.items()}
