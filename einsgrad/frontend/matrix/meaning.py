"""Meaning: the tree of a side to its value, with every shape checked.

Before: a tree, and the shapes of the names in it. After: a value, whose shape fits wherever it stands; or a
:class:`ShapeError` that names both sizes, and the transpose that fits where there is one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard, assert_never

from einsgrad.diagnostics import did_you_mean
from einsgrad.frontend.lexis import PI
from einsgrad.frontend.matrix import tree as t
from einsgrad.frontend.matrix import values as v
from einsgrad.frontend.matrix.fitting import Operand, ShapeError, require_product, require_same, require_square
from einsgrad.frontend.matrix.functions import OF_MATRICES, inverse, require_norm, squares
from einsgrad.frontend.matrix.shapes import SCALAR, Shape, Size
from einsgrad.frontend.matrix.values import Value
from einsgrad.ir.functions import FUNCTIONS

_MOST_FACTORS = 16
"""The largest power of a matrix that is written out."""


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
            case t.Transpose(of=of):
                return v.transpose(self.of(of))
            case t.Inverse():
                return inverse(*self._read(part.of))
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

    def _read(self, part: t.Matrix) -> tuple[Operand, Value]:
        value = self.of(part)
        return self._operand(part, value), value

    def _operand(self, part: t.Matrix, value: Value) -> Operand:
        return Operand(part, value.shape, self._quoted(part))

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
                rows = len(chain[0][1].shape.rows)
                require_product(rows, self._operand(*chain[-1]), self._operand(factor, value))
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
        message = f"{self._operand(part, value)}, and only a scalar divides"
        note = "`A ./ B` divides component by component, `A B⁻¹` multiplies by the inverse"
        raise ShapeError("matrix-shape", message, part, None, note)

    def _hadamard(self, part: t.Hadamard) -> Value:
        values = [self.of(factor) for factor in part.factors]
        shape = self._one_shape(part.factors, values)
        parts = [v.reciprocal(value) if over else value for value, over in zip(values, part.over, strict=True)]
        return v.hadamard(parts, shape)

    def _one_shape(self, parts: Sequence[t.Matrix], values: Sequence[Value]) -> Shape:
        """Give the shape that all of several parts have but the scalars among them."""
        pairs = zip(parts, values, strict=True)
        whole = [self._operand(_unsigned(part), value) for part, value in pairs if not value.shape.is_scalar]
        for other in whole[1:]:
            require_same(whole[0], other)
        return whole[0].shape if whole else SCALAR

    # --- sums

    def _sum(self, part: t.Sum) -> Value:
        values = [self.of(term) for term in part.terms]
        shape = self._one_shape(part.terms, values)
        if shape.is_matrix:
            self._refuse_scalars(part, values)
        return v.add(values, shape)

    def _refuse_scalars(self, part: t.Sum, values: Sequence[Value]) -> None:
        """Refuse ``A + λ``, which text books mean in two ways."""
        operands = [self._operand(_unsigned(term), value) for term, value in zip(part.terms, values, strict=True)]
        matrix = next(operand for operand in operands if not operand.shape.is_scalar)
        scalar = next((operand for operand in operands if operand.shape.is_scalar), None)
        if scalar is not None:
            message = f"`{scalar.factor}` is a scalar, {matrix}"
            times = "" if scalar.text == "1" else f"{scalar.factor} "
            note = f"on the diagonal it is `{times}I`, on each component `{times}1 1ᵀ`"
            raise ShapeError("matrix-shape", message, scalar.part, None, note)

    # --- powers

    def _power(self, part: t.Power) -> Value:
        base, exponent = self.of(part.base), self.of(part.exponent)
        if _is_norm(part.base) and isinstance(part.exponent, t.Number) and part.exponent.value == 2:
            return self._squared_norm(part.base)
        if not exponent.shape.is_scalar and not part.elementwise:
            message = f"an exponent is a scalar, and {self._operand(part.exponent, exponent)}"
            raise ShapeError("matrix-shape", message, part)
        if base.shape.is_scalar or part.elementwise:
            if not exponent.shape.is_scalar:
                require_same(self._operand(part.base, base), self._operand(part.exponent, exponent))
            return v.power(base, exponent)
        return self._matrix_power(part, base)

    def _matrix_power(self, part: t.Power, base: Value) -> Value:
        operand = self._operand(part.base, base)
        by_element = f"{operand.factor}.^{self._quoted(part.exponent)}"
        if base.shape.is_vector:
            message = f"{operand}, which has no power: by component it is `{by_element}`"
            note = f"the square of its length is `‖{operand.factor}‖²`"
            raise ShapeError("matrix-shape", message, part, by_element, note)
        exponent, sign = part.exponent, 1
        if isinstance(exponent, t.Negative):
            exponent, sign = exponent.of, -1
        if not isinstance(exponent, t.Number) or exponent.value.denominator != 1 or exponent.value > _MOST_FACTORS:
            message = f"a power of a matrix is a whole number up to {_MOST_FACTORS}; by component it is `{by_element}`"
            raise ShapeError("matrix-shape", message, part, by_element)
        require_square(operand, "a power")
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
        operand, value = self._read(argument)
        require_norm(part, operand)
        return OF_MATRICES[part.function](operand, value)

    def _elementwise(self, part: t.Call) -> Value:
        arity = FUNCTIONS[part.function].arity
        if len(part.arguments) != arity:
            message = f"`{part.function}` takes {arity} argument{'s' * (arity > 1)}, not {len(part.arguments)}"
            raise ShapeError("arity", message, part)
        values = [self.of(argument) for argument in part.arguments]
        return v.apply(part.function, values, self._one_shape(part.arguments, values))

    def _squared_norm(self, part: t.Call) -> Value:
        (argument,) = part.arguments
        operand, value = self._read(argument)
        require_norm(part, operand)
        return squares(operand, value)

    # --- derivatives

    def _derivative(self, part: t.Derivative) -> Value:
        by = self._symbol(part.wrt)
        if part.wrt.name not in self.shapes:
            raise ShapeError("derivative-by", f"`{part.wrt.name}` is nothing to differentiate by", part.wrt)
        of = self._differentiated(part.operand, part.wrt)
        shape = _layout(of.shape, by.shape)
        if shape is None:
            message = (
                f"the derivative of {of.shape} by {by.shape} has more than two axes: write it with indices, "
                "or differentiate a scalar"
            )
            raise ShapeError("matrix-shape", message, part)
        return v.derivative(of, part.wrt.name, by.shape, shape)

    def _differentiated(self, operand: t.Matrix, wrt: t.Symbol) -> Value:
        """Give what is differentiated; a name that nothing declares is the downstream loss."""
        if isinstance(operand, t.Symbol) and operand.name not in self.shapes and operand.name not in self.sizes:
            return v.tensor(operand.name, SCALAR)
        value = self.of(operand)
        if isinstance(operand, t.Symbol) and operand.name not in self.defined and operand.name != wrt.name:
            message = f"`{operand.name}` is an input: its derivative by `{wrt.name}` is zero"
            raise ShapeError("derivative-undefined", message, operand)
        return value


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


def _is_norm(part: t.Matrix) -> TypeGuard[t.Call]:
    return isinstance(part, t.Call) and part.function in ("norm", "normF") and len(part.arguments) == 1


def _unsigned(term: t.Matrix) -> t.Matrix:
    return term.of if isinstance(term, t.Negative) else term
