"""Functions of matrices and vectors as wholes: what each gives, one entry a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from einsgrad.frontend.matrix import tree as t
from einsgrad.frontend.matrix import values as v
from einsgrad.frontend.matrix.fitting import Operand, ShapeError, require_square
from einsgrad.frontend.matrix.shapes import SCALAR
from einsgrad.frontend.matrix.values import Value


def inverse(operand: Operand, value: Value) -> Value:
    """``A⁻¹``; of a scalar one divided by it."""
    if value.shape.is_scalar:
        return v.reciprocal(value)
    require_square(operand, "an inverse")
    return v.inverse(value)


def squares(operand: Operand, value: Value) -> Value:
    """``‖u‖²``: the sum of the squares, ``x_i x_i`` of what is one name."""
    if isinstance(operand.part, t.Symbol):
        return v.square_total(value)
    return v.total(v.power(value, v.number(Fraction(2))))


def require_norm(call: t.Call, operand: Operand) -> None:
    """Refuse the norm of a matrix that does not say which."""
    if operand.shape.is_matrix and call.function == "norm":
        message = f"{operand}, which has several norms: the Frobenius norm is `‖{operand.text}‖_F`"
        raise ShapeError("matrix-shape", message, call, f"‖{operand.text}‖_F")


def _trace(operand: Operand, value: Value) -> Value:
    """``tr(A)``; of a scalar it is the scalar."""
    if value.shape.is_scalar:
        return value
    require_square(operand, "a trace")
    return v.trace(value)


def _determinant(operand: Operand, value: Value) -> Value:
    """``det(A)``; of a scalar the scalar."""
    if value.shape.is_scalar:
        return value
    require_square(operand, "a determinant")
    return v.determinant("det", value)


def _logdet(operand: Operand, value: Value) -> Value:
    """``logdet(A)``; of a scalar the logarithm of its magnitude."""
    if value.shape.is_scalar:
        return v.apply("log", [_magnitudes(value)], SCALAR)
    require_square(operand, "a determinant")
    return v.determinant("logdet", value)


def _diag(operand: Operand, value: Value) -> Value:
    """``diag``: of a vector a matrix, of a matrix a vector."""
    if value.shape.is_vector:
        return v.diagonal_matrix(value)
    require_square(operand, "a diagonal")
    return v.diagonal(value)


def _norm(operand: Operand, value: Value) -> Value:
    """``‖u‖``: the root of the sum of squares."""
    return v.apply("sqrt", [squares(operand, value)], SCALAR)


def _largest(operand: Operand, _: Value) -> Value:
    """``‖u‖_∞``."""
    raise ShapeError("norm", "the maximum norm is not part of matrix notation", operand.part)


def _bars(operand: Operand, value: Value) -> Value:
    """``|A|``: the determinant of a square matrix, else magnitudes."""
    return _determinant(operand, value) if value.shape.is_matrix else _magnitudes(value)


def _magnitudes(value: Value) -> Value:
    return v.apply("abs", [value], value.shape)


OF_MATRICES: Mapping[str, Callable[[Operand, Value], Value]] = MappingProxyType(
    {
        "tr": _trace,
        "det": _determinant,
        "logdet": _logdet,
        "inv": inverse,
        "diag": _diag,
        "vec": lambda _, value: v.vec(value),
        "sum": lambda _, value: value if value.shape.is_scalar else v.total(value),
        "norm": _norm,
        "normF": _norm,
        "norm1": lambda _, value: v.total(_magnitudes(value)),
        "normInf": _largest,
        "bars": _bars,
    }
)
"""The functions by name: those of the text, and those that bars of norms and determinants stand for."""

OF_BARS = frozenset({"normF", "bars"})
"""The entries that have no name in a text."""
