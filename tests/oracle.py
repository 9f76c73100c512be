"""What several tests judge by: numeric derivatives, and short ways to make indices and arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from einsgrad.ir.nodes import Index


def indices(letters: str) -> tuple[Index, ...]:
    """Make an index for each letter."""
    return tuple(Index(letter) for letter in letters)


def central_differences(f: Callable[[np.ndarray], np.ndarray], x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """The Jacobian of ``f`` at ``x`` by central differences: the shape of ``f(x)``, then that of ``x``."""
    columns = []
    for place in np.ndindex(x.shape):
        shift = np.zeros(x.shape)
        shift[place] = step * max(1.0, abs(x[place]))
        columns.append((np.asarray(f(x + shift)) - np.asarray(f(x - shift))) / (2 * shift[place]))
    shape = np.shape(f(x))
    return np.moveaxis(np.array(columns).reshape((*x.shape, *shape)), range(x.ndim), range(-x.ndim, 0))


def complex_step(f: Callable[[np.ndarray], np.ndarray], x: np.ndarray, step: float = 1e-30) -> np.ndarray:
    """The same Jacobian by complex steps: exact to rounding, where ``f`` is analytic."""
    columns = []
    for place in np.ndindex(x.shape):
        shift = np.zeros(x.shape, complex)
        shift[place] = 1j * step
        columns.append(np.imag(f(x + shift)) / step)
    shape = np.shape(f(x))
    return np.moveaxis(np.array(columns).reshape((*x.shape, *shape)), range(x.ndim), range(-x.ndim, 0))
