"""Enclosures of inverses and determinants.

Before: matrices, each with a bound on how far its components may be from those meant. After: two arrays between which
the components of the result lie; not a number where nothing is known, as if there were no value.

With an approximate inverse ``X`` of a matrix ``A`` whose residual ``I - X A`` has a norm ``r < 1``, the inverse differs
from ``X`` by at most ``r/(1 - r)`` times the largest component of ``X`` in the same column. ``X A`` has a determinant
between ``(1 - r)^n`` and ``(1 + r)^n``, and that of the factors which NumPy finds is as near.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A product of numbers with rounding errors is within this part of the product of their absolute values, for each term.
_ROUNDING = 2.0**-47
_LARGEST_RESIDUAL = 1 / 8


def enclose_matrix_function(function: str, middle: Array, width: Array) -> tuple[Array, Array]:
    """Enclose a function of the matrices that are within ``width`` of ``middle``.

    >>> low, high = enclose_matrix_function("inv", np.asarray([[0.0, 2.0], [4.0, 0.0]]), np.zeros((2, 2)))
    >>> bool((low[0, 1] < 1 / 4) and (1 / 4 < high[0, 1]) and high[0, 1] - low[0, 1] < 1e-10)
    True
    """
    shape = middle.shape if function == "inv" else middle.shape[:-2]
    low, high = np.full(shape, np.nan), np.full(shape, np.nan)
    for place in np.ndindex(middle.shape[:-2]):
        ends = _enclose(function, middle[place], width[place])
        if ends is not None:
            low[place], high[place] = ends
    return low, high


def _enclose(function: str, middle: Array, width: Array) -> tuple[Array, Array] | None:
    n = len(middle)
    sign, logarithm = np.linalg.slogdet(middle)
    if not sign or not np.isfinite(middle).all():
        return None
    inverse = np.linalg.inv(middle)
    doubt = np.abs(inverse) @ (width + 4 * (n + 2) * _ROUNDING * np.abs(middle))
    residual = float((np.abs(np.eye(n) - inverse @ middle) + doubt).sum(axis=1).max(initial=0))
    if not residual < _LARGEST_RESIDUAL:
        return None
    if function == "inv":
        largest = np.abs(inverse).max(axis=0, initial=0)
        error = 2 * residual * largest + _ROUNDING * np.abs(inverse)
        return inverse - error, inverse + error
    error = np.asarray(4 * n * residual + _ROUNDING * (1 + abs(logarithm)))
    if function == "logdet":
        return logarithm - error, logarithm + error
    low, high = sorted(sign * np.exp([logarithm - error, logarithm + error]))
    return low, high
