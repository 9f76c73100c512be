"""The functions of a matrix: everything einsgrad knows about each of them.

One entry a function. What a target or the reference interpreter does to compute it stands there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Known:
    """A function of a square matrix.

    Attributes:
        keeps: whether the result has a row and a column as the matrix has.
        rule: its derivative, as the derivation names it.
        latex: how LaTeX writes it before a matrix in brackets.
    """

    keeps: bool
    rule: str
    latex: str


MATRIX_FUNCTIONS: Mapping[str, Known] = MappingProxyType(
    {
        "inv": Known(True, "∂inv(A)_ij/∂A_pq = -inv(A)_ip inv(A)_qj", r"\operatorname{inv}"),
        "det": Known(False, "∂det(A)/∂A_pq = det(A) inv(A)_qp", r"\det"),
        "logdet": Known(False, "∂logdet(A)/∂A_pq = inv(A)_qp", r"\operatorname{logdet}"),
    }
)
