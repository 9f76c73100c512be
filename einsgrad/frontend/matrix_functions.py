"""Functions of matrices as they are written: ``inv(A)_ij`` of a name, ``inv_ij(…)`` of an expression.

Both dialects come here with what stands before, inside and after the brackets. What has no meaning, or might have
another, becomes a `Wrong` that shows how it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from einsgrad.frontend import surface as s
from einsgrad.ir.matrix_functions import MATRIX_FUNCTIONS


@dataclass(frozen=True, slots=True)
class MatrixCall:
    """What is written: the function, its arguments, the letters that it names, and the indices after the brackets."""

    start: int
    end: int
    function: str
    arguments: Sequence[s.Content]
    named: tuple[s.Letter, ...] = ()
    indices: tuple[s.Letter, ...] = ()


def matrix_function(call: MatrixCall) -> s.Matrix | s.Wrong:
    """Give the function of a matrix that a call means."""
    if len(call.arguments) != 1:
        message = f"`{call.function}` takes 1 argument, not {len(call.arguments)}"
        return s.Wrong(call.start, call.end, "arity", message)
    (argument,) = call.arguments
    keeps = MATRIX_FUNCTIONS[call.function].keeps
    reference = s.sole_reference(argument)
    if reference is not None and not reference.indices:
        return _of_name(call, reference, keeps)
    if (
        len(call.named) == 2
        and call.named[0].key != call.named[1].key
        and len(call.indices) in ((0, 2) if keeps else (0,))
    ):
        indices = (call.indices or call.named) if keeps else ()
        return s.Matrix(call.start, call.end, call.function, argument, (call.named[0], call.named[1]), indices)
    message = (
        f"`{call.function}` of an expression names the two letters that are its row and column, as in "
        f"`{call.function}_ij(a_ij + b_ij)`; of a matrix it is `{_shown('A', call.function)}`"
    )
    return s.Wrong(call.start, call.end, "matrix-letters", message)


def function_of(call: s.Call) -> s.Factor:
    """Give a function; the logarithm of a determinant, or of its absolute value, is one function."""
    inner = s.sole_factor(call.arguments[0]) if call.function == "log" else None
    if isinstance(inner, s.Call) and inner.function == "abs":
        inner = s.sole_factor(inner.arguments[0])
    if isinstance(inner, s.Matrix) and inner.function == "det":
        return s.Matrix(call.start, call.end, "logdet", inner.operand, inner.slots, ())
    return call


def _of_name(call: MatrixCall, matrix: s.Reference, keeps: bool) -> s.Matrix | s.Wrong:
    if call.named or len(call.indices) != (2 if keeps else 0):
        wanted = "has two indices after it, the row and the column" if keeps else "has no indices"
        shown = _shown(matrix.spelling, call.function)
        message = f"`{call.function}` of a matrix {wanted}: `{shown}`"
        fix = None
        if len(call.named) == 2 and not call.indices:
            fix = f"{call.function}({matrix.spelling})" + (
                f"_{{{','.join(i.spelling for i in call.named)}}}" if keeps else ""
            )
        return s.Wrong(call.start, call.end, "matrix-letters", message, fix)
    row, column = (s.Letter(matrix.start, matrix.end, f"{matrix.key}·{k}", f"{matrix.key}·{k}") for k in (0, 1))
    entry = s.Reference(matrix.start, matrix.end, matrix.key, matrix.spelling, (row, column))
    return s.Matrix(call.start, call.end, call.function, s.single(entry), (row, column), call.indices)


def _shown(name: str, function: str) -> str:
    return f"{function}({name})_ij" if MATRIX_FUNCTIONS[function].keeps else f"{function}({name})"
