"""Meaning: the tree of a side to its value, with every shape checked.

Before: a tree, and the shapes of the names in it. After: a value, whose shape fits wherever it stands; or a
:class:`ShapeError` that names both sizes, and the transpose that fits where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import assert_never

from einsgrad.diagnostics import did_you_mean
from einsgrad.frontend.lexis import PI
from einsgrad.frontend.matrix import tree as t
from einsgrad.frontend.matrix import values as v
from einsgrad.frontend.matrix.shapes import SCALAR, Shape, Size, fits, would_fit
from einsgrad.frontend.matrix.values import Value
from einsgrad.ir.functions import FUNCTIONS

_MOST_FACTORS = 16
"""The largest power of a matrix that is written out."""


class ShapeError(Exception):
    """What does not fit: a code, a message, the part of the tree, what to write in place of it, and notes."""

    def __init__(self, code: str, message: str, part: t.Matrix, fix: str | None = None, *notes: str) -> None:
        super().__init__(message)
        self.code, self.message, self.part, self.fix, self.notes = code, message, part, fix, notes


@dataclass
class Meaning:
    """What is known while a statement is read.

    Attributes:
        text: the text, for what messages quote.
        shapes: the shape of each tensor that is declared or defined before.
        sizes: the sizes that have names or are numbers.
        defined: the tensors that equations define.
    """

    text: str
    shapes: Mapping[str, Shape]
    sizes: dict[str, Size]
    defined: Collection[str]
    open: list[tuple[Size, t.Matrix]] = field(default_factory=list)

    def size(self, name: str) -> Size:
        """Give the size of a name."""
        return self.sizes.setdefault(name, Size(name))

    def of(self, part: t.Matrix) -> Value:
        """Give the value of a part.

        Raises:
            ShapeError: shapes that don't fit, or a name without a shape.
        """
        match part:
            case t.Symbol():
                return self._symbol(part)
            case t.Number(value=value):
                return v.number(value)
            case t.Ones(size=size):
                return v.ones((self._size_or_open(size, part),))
            case t.Identity(size=size):
                return v.identity(self._size_or_open(size, part))
            case t.Transpose(of=of):
                return v.transpose(self.of(of))
            case t.Inverse():
                return self._inverse(part)
            case t.Negative(of=of):
                return v.negative(self.of(of))
            case t.Power():
                return self._power(part)
            case t.Product():
                return self._product(part)
            case t.Hadamard():
                return self._hadamard(part)
            case t.Sum():
                return self._sum(part)
            case t.Call():
                return self._call(part)
            case t.Derivative():
                return self._derivative(part)
            case _:
                assert_never(part)

    def shown(self, part: t.Matrix) -> str:
        """Give a part as it is written, in brackets where a sign after it would belong to its last factor only."""
        text = self._quoted(part)
        is_open = isinstance(part, t.Sum | t.Product | t.Hadamard | t.Negative) and text[0] not in "([{"
        return f"({text})" if is_open else text

    def _named(self, part: t.Matrix, value: Value) -> str:
        return f"`{self._quoted(part)}` is {value.shape}"

    def _quoted(self, part: t.Matrix) -> str:
        return self.text[part.start : part.end]

    def _size_or_open(self, name: str | None, part: t.Matrix) -> Size:
        if name is not None:
            return self.size(name)
        size = Size()
        self.open.append((size, part))
        return size

    # --- names

    def _symbol(self, part: t.Symbol) -> Value:
        name = part.name
        if name in self.shapes:
            return v.tensor(name, self.shapes[name])
        if name in self.sizes:
            return v.size_of(self.sizes[name])
        if name == "I":
            return v.identity(self._size_or_open(None, part))
        if name[0] == "I" and name[1:] in self.sizes:
            return v.identity(self.size(name[1:]))
        if name == PI:
            return v.tensor(PI, SCALAR)
        raise self._undeclared(part)

    def _undeclared(self, part: t.Symbol) -> ShapeError:
        name = part.name
        apart = [name[:k] for k in range(1, len(name)) if name[:k] in self.shapes and name[k:] in self.shapes]
        if apart:
            split = f"{apart[0]} {name[len(apart[0]) :]}"
            return ShapeError("matrix-undeclared", f"`{name}` is not declared; a product is `{split}`", part, split)
        shape = "n×d" if name[0].isupper() else "n"
        message = f"`{name}` has no shape{did_you_mean(name, self.shapes)}"
        return ShapeError("matrix-undeclared", message, part, None, f"declare it, as in `{name}: {shape}`")

    # --- products

    def _product(self, part: t.Product) -> Value:
        scalars: list[Value] = []
        chain: list[tuple[t.Matrix, Value]] = []
        after: list[Value] = []
        for factor, operator, value in self._factors(part):
            if operator == "/":
                (after if chain else scalars).append(self._divisor(factor, value))
                continue
            if value.shape.is_scalar:
                scalars.append(value)
                continue
            if chain and operator == "·" and not chain[-1][1].shape.columns and _is_column(value.shape):
                left = v.chain([], [each for _, each in chain])
                chain = [(factor, v.transpose(left))]
            if chain:
                self._require_product(chain, factor, value)
            chain.append((factor, value))
            if not chain[0][1].shape.rows and not value.shape.columns:
                scalars += [v.chain([], [each for _, each in chain]), *after]
                chain, after = [], []
        return v.chain(scalars, [value for _, value in chain], after)

    def _factors(self, part: t.Product) -> Iterator[tuple[t.Matrix, str, Value]]:
        """Yield the factors; a 1 beside one is a vector of ones after columns, and before a row."""
        values = [self.of(factor) for factor in part.factors]
        for k, (factor, operator, value) in enumerate(zip(part.factors, part.operators, values, strict=True)):
            if isinstance(factor, t.Number) and factor.value == 1:
                follows = k > 0 and operator == "" and bool(values[k - 1].shape.columns)
                leads = part.operators[k + 1 : k + 2] == ("",) and _is_row(values[k + 1].shape)
                if follows or leads:
                    value = v.ones((self._size_or_open(None, factor),))
            yield factor, operator, value

    def _divisor(self, part: t.Matrix, value: Value) -> Value:
        if value.shape.is_scalar:
            return v.reciprocal(value)
        message = f"{self._named(part, value)}, and only a scalar divides"
        note = "`A ./ B` divides component by component, `A B⁻¹` multiplies by the inverse"
        raise ShapeError("matrix-shape", message, part, None, note)

    def _require_product(self, chain: Sequence[tuple[t.Matrix, Value]], right: t.Matrix, b: Value) -> None:
        left, last = chain[-1]
        a = Shape(chain[0][1].shape.rows, last.shape.columns)
        if fits(a.columns, b.shape.rows) and (a.columns or (a.rows and b.shape.columns and not b.shape.rows)):
            return
        own = last.shape if len(chain) > 1 else a
        message = f"`{self.shown(left)} {self.shown(right)}` does not fit: {self._described(left, own, right, b.shape)}"
        fixes = self._transposed(left, last.shape, right, b.shape)
        notes = [f"what fits: `{fix}`" for fix in fixes[1:]]
        both = t.Product(left.start, right.end, (left, right), ("", ""))
        raise ShapeError("matrix-shape", message, both, fixes[0] if fixes else None, *notes)

    def _described(self, left: t.Matrix, a: Shape, right: t.Matrix, b: Shape) -> str:
        return f"`{self._quoted(left)}` is {a}, `{self._quoted(right)}` is {b}"

    def _transposed(self, left: t.Matrix, a: Shape, right: t.Matrix, b: Shape) -> list[str]:
        """Give the products with one of the two transposed that fit, and the one by element."""
        x, y = self.shown(left), self.shown(right)
        found = []
        if a.rows and would_fit(a.rows, b.rows):
            found.append(f"{_flip(x)} {y}")
        if b.columns and would_fit(a.columns, b.columns):
            found.append(f"{x} {_flip(y)}")
        if a.is_vector and a.rows and b.is_vector and b.rows:
            found.append(f"{x} {_flip(y)}")
        if a.is_vector and a.rows and would_fit(a.rows, b.columns):
            found.append(f"{_flip(x)} {_flip(y)}")
        if len(a.rows) == len(b.rows) and would_fit(a.rows, b.rows) and would_fit(a.columns, b.columns):
            found.append(f"{x} ⊙ {y}")
        return list(dict.fromkeys(found))

    def _hadamard(self, part: t.Hadamard) -> Value:
        values = [self.of(factor) for factor in part.factors]
        shape = SCALAR
        first: t.Matrix | None = None
        for factor, value in zip(part.factors, values, strict=True):
            if value.shape.is_scalar:
                continue
            if first is not None:
                self._require_same(first, shape, factor, value.shape)
            else:
                first, shape = factor, value.shape
        parts = [v.reciprocal(value) if over else value for value, over in zip(values, part.over, strict=True)]
        return v.hadamard(parts, shape)

    def _require_same(self, left: t.Matrix, a: Shape, right: t.Matrix, b: Shape) -> None:
        if fits(a.rows, b.rows) and fits(a.columns, b.columns):
            return
        fix = None
        if would_fit(a.rows, b.columns) and would_fit(a.columns, b.rows):
            fix = _flip(self.shown(right))
        message = f"the shapes differ: {self._described(left, a, right, b)}"
        raise ShapeError("matrix-shape", message, right, fix)

    # --- sums

    def _sum(self, part: t.Sum) -> Value:
        values = [self.of(term) for term in part.terms]
        whole = [(term, value) for term, value in zip(part.terms, values, strict=True) if not value.shape.is_scalar]
        if not whole:
            return v.add(values, SCALAR)
        first, shape = whole[0][0], whole[0][1].shape
        for term, value in whole[1:]:
            self._require_same(first, shape, _unsigned(term), value.shape)
        if shape.is_matrix:
            for term, value in zip(part.terms, values, strict=True):
                if value.shape.is_scalar:
                    raise self._added_to_matrix(first, shape, _unsigned(term))
        return v.add(values, shape)

    def _added_to_matrix(self, matrix: t.Matrix, shape: Shape, scalar: t.Matrix) -> ShapeError:
        shown = self.shown(scalar)
        message = f"`{shown}` is a scalar, `{self._quoted(matrix)}` is {shape}"
        times = "" if shown == "1" else f"{shown} "
        note = f"on the diagonal it is `{times}I`, on each component `{times}1 1ᵀ`"
        return ShapeError("matrix-shape", message, scalar, None, note)

    # --- powers and inverses

    def _inverse(self, part: t.Inverse) -> Value:
        value = self.of(part.of)
        if value.shape.is_scalar:
            return v.reciprocal(value)
        self._require_square(part.of, value, "an inverse")
        return v.inverse(value)

    def _require_square(self, part: t.Matrix, value: Value, what: str) -> None:
        shape = value.shape
        if not shape.is_matrix or len(shape.axes) != 2 or not fits(shape.rows, shape.columns):
            raise ShapeError("matrix-shape", f"{what} is that of a square matrix, and {self._named(part, value)}", part)

    def _power(self, part: t.Power) -> Value:
        base, exponent = self.of(part.base), self.of(part.exponent)
        if _is_norm(part.base) and isinstance(part.exponent, t.Number) and part.exponent.value == 2:
            assert isinstance(part.base, t.Call)
            return self._squared_norm(part.base)
        if not exponent.shape.is_scalar and not part.elementwise:
            message = f"an exponent is a scalar, and {self._named(part.exponent, exponent)}"
            raise ShapeError("matrix-shape", message, part)
        if base.shape.is_scalar or part.elementwise:
            if not exponent.shape.is_scalar:
                self._require_same(part.base, base.shape, part.exponent, exponent.shape)
            return v.power(base, exponent)
        return self._matrix_power(part, base)

    def _matrix_power(self, part: t.Power, base: Value) -> Value:
        shown, above = self.shown(part.base), self._quoted(part.exponent)
        by_element = f"{shown}.^{above}"
        if base.shape.is_vector:
            message = f"{self._named(part.base, base)}, which has no power: by component it is `{by_element}`"
            raise ShapeError("matrix-shape", message, part, by_element, f"the square of its length is `‖{shown}‖²`")
        exponent, sign = part.exponent, 1
        if isinstance(exponent, t.Negative):
            exponent, sign = exponent.of, -1
        if not isinstance(exponent, t.Number) or exponent.value.denominator != 1 or exponent.value > _MOST_FACTORS:
            message = f"a power of a matrix is a whole number up to {_MOST_FACTORS}; by component it is `{by_element}`"
            raise ShapeError("matrix-shape", message, part, by_element)
        self._require_square(part.base, base, "a power")
        count = int(exponent.value)
        if count == 0:
            return v.identity(base.shape.rows[0])
        factor = base if sign > 0 else v.inverse(base)
        return v.chain([], [factor] * count) if count > 1 else factor

    # --- functions

    def _call(self, part: t.Call) -> Value:
        if part.function in FUNCTIONS:
            return self._elementwise(part)
        if len(part.arguments) != 1:
            message = f"`{part.function}` takes 1 argument, not {len(part.arguments)}"
            raise ShapeError("arity", message, part)
        (argument,) = part.arguments
        value = self.of(argument)
        self._require_norm(part, argument, value)
        return _CALLS[part.function](self, argument, value)

    def _elementwise(self, part: t.Call) -> Value:
        arity = FUNCTIONS[part.function].arity
        if len(part.arguments) != arity:
            message = f"`{part.function}` takes {arity} argument{'s' * (arity > 1)}, not {len(part.arguments)}"
            raise ShapeError("arity", message, part)
        values = [self.of(argument) for argument in part.arguments]
        shape = next((value.shape for value in values if not value.shape.is_scalar), SCALAR)
        for argument, value in zip(part.arguments, values, strict=True):
            if not value.shape.is_scalar:
                self._require_same(part.arguments[0], shape, argument, value.shape)
        return v.apply(part.function, values, shape)

    def _squared_norm(self, part: t.Call) -> Value:
        (argument,) = part.arguments
        value = self.of(argument)
        self._require_norm(part, argument, value)
        return self._squares(argument, value)

    def _squares(self, part: t.Matrix, value: Value) -> Value:
        if isinstance(part, t.Symbol) and part.name in self.shapes:
            return v.square_total(value)
        return v.total(v.power(value, v.number(Fraction(2))))

    def _require_norm(self, part: t.Call, argument: t.Matrix, value: Value) -> None:
        if value.shape.is_matrix and part.function == "norm":
            shown = self._quoted(argument)
            message = f"{self._named(argument, value)}, which has several norms: the Frobenius norm is `‖{shown}‖_F`"
            raise ShapeError("matrix-shape", message, part, f"‖{shown}‖_F")

    def trace(self, part: t.Matrix, value: Value) -> Value:
        """``tr(A)``; of a scalar it is the scalar."""
        if value.shape.is_scalar:
            return value
        self._require_square(part, value, "a trace")
        return v.trace(value)

    def determinant(self, function: str, part: t.Matrix, value: Value) -> Value:
        """``det(A)``, ``logdet(A)``; of a scalar the scalar and the logarithm of its magnitude."""
        if value.shape.is_scalar:
            return value if function == "det" else v.apply("log", [v.apply("abs", [value], SCALAR)], SCALAR)
        self._require_square(part, value, "a determinant")
        return v.determinant(function, value)

    def diag(self, part: t.Matrix, value: Value) -> Value:
        """``diag``: of a vector a matrix, of a matrix a vector."""
        if value.shape.is_vector:
            return v.diagonal_matrix(value)
        self._require_square(part, value, "a diagonal")
        return v.diagonal(value)

    def norm(self, part: t.Matrix, value: Value) -> Value:
        """Give the root of the sum of squares."""
        return v.apply("sqrt", [self._squares(part, value)], SCALAR)

    def largest(self, part: t.Matrix, value: Value) -> Value:
        """Refuse the maximum norm."""
        raise ShapeError("norm", "the maximum norm is not part of matrix notation", part)

    def bars(self, part: t.Matrix, value: Value) -> Value:
        """``|A|``: the determinant of a square matrix, else magnitudes."""
        if value.shape.is_matrix:
            return self.determinant("det", part, value)
        return v.apply("abs", [value], value.shape)

    # --- derivatives

    def _derivative(self, part: t.Derivative) -> Value:
        by = self._symbol(part.wrt)
        if part.wrt.name not in self.shapes:
            raise ShapeError("derivative-by", f"`{part.wrt.name}` is nothing to differentiate by", part.wrt)
        of = self._operand(part.operand, part.wrt)
        shape = _layout(of.shape, by.shape)
        if shape is None:
            message = (
                f"the derivative of {of.shape} by {by.shape} has more than two axes: write it with indices, "
                "or differentiate a scalar"
            )
            raise ShapeError("matrix-shape", message, part)
        return v.derivative(of, part.wrt.name, by.shape, shape)

    def _operand(self, operand: t.Matrix, wrt: t.Symbol) -> Value:
        """Give what is differentiated; a name that nothing declares is the downstream loss."""
        if isinstance(operand, t.Symbol) and operand.name not in self.shapes and operand.name not in self.sizes:
            return v.tensor(operand.name, SCALAR)
        value = self.of(operand)
        if isinstance(operand, t.Symbol) and operand.name not in self.defined and operand.name != wrt.name:
            message = f"`{operand.name}` is an input: its derivative by `{wrt.name}` is zero"
            raise ShapeError("derivative-undefined", message, operand)
        return value


_CALLS: Mapping[str, Callable[[Meaning, t.Matrix, Value], Value]] = {
    "tr": Meaning.trace,
    "det": lambda meaning, part, value: meaning.determinant("det", part, value),
    "logdet": lambda meaning, part, value: meaning.determinant("logdet", part, value),
    "inv": lambda meaning, part, value: meaning.of(t.Inverse(part.start, part.end, part)),
    "diag": Meaning.diag,
    "vec": lambda _, __, value: v.vec(value),
    "sum": lambda _, __, value: v.total(value) if not value.shape.is_scalar else value,
    "norm": Meaning.norm,
    "normF": Meaning.norm,
    "norm1": lambda _, __, value: v.total(v.apply("abs", [value], value.shape)),
    "normInf": Meaning.largest,
    "bars": Meaning.bars,
}


def _layout(of: Shape, by: Shape) -> Shape | None:
    if of.is_scalar:
        return by
    if by.is_scalar:
        return of
    if of.rows and not of.columns and by.rows and not by.columns:
        return Shape(of.rows, by.rows)
    return None


def _is_column(shape: Shape) -> bool:
    return shape.is_vector and not shape.columns


def _is_row(shape: Shape) -> bool:
    return shape.is_vector and not shape.rows


def _is_norm(part: t.Matrix) -> bool:
    return isinstance(part, t.Call) and part.function in ("norm", "normF") and len(part.arguments) == 1


def _unsigned(term: t.Matrix) -> t.Matrix:
    return term.of if isinstance(term, t.Negative) else term


def _flip(shown: str) -> str:
    for sign in ("ᵀ", "^T", "'", r"^\top"):
        if shown.endswith(sign):
            return shown.removesuffix(sign)
    return shown + "ᵀ"
