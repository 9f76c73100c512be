"""The register of hand-written models: one function for each equation file, in plain NumPy, and the shapes it takes.

A model takes the array module first, so that it runs in NumPy and in jax.numpy alike, and returns its output, or a
tuple of them in the order of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Model:
    """A hand-written function, and what it takes.

    Attributes:
        function: the function of the array module and the inputs.
        shapes: the shape of each input.
        positive: the inputs that are positive.
        shift: what is added to the normal numbers that are drawn for an input.
        positions: the inputs that are whole numbers, and what they stay below.
    """

    function: Callable[..., Any]
    shapes: Mapping[str, tuple[int, ...]]
    positive: frozenset[str]
    shift: Mapping[str, Any]
    positions: Mapping[str, int]

    def arrays(self, seed: int = 0) -> dict[str, np.ndarray]:
        """Draw an array for each input."""
        rng = np.random.default_rng(seed)
        drawn = {name: rng.normal(size=shape) + self.shift.get(name, 0) for name, shape in self.shapes.items()}
        for name, below in self.positions.items():
            drawn[name] = rng.integers(0, below, self.shapes[name])
        return {name: np.abs(x) + 0.2 if name in self.positive else x for name, x in drawn.items()}

    def apart(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Draw the arrays that are differentiated by, and those that give positions."""
        arrays = self.arrays()
        positions = {name: arrays.pop(name) for name in self.positions}
        return arrays, positions

    def __call__(self, arrays: dict[str, Any], module: Any = np) -> tuple[Any, ...]:
        """Give the outputs, always as a tuple."""
        result = self.function(module, **arrays)
        return result if isinstance(result, tuple) else (result,)


MODELS: dict[str, Model] = {}
"""The models, by the name of the equation file."""


def model(
    positive: str = "",
    shift: Mapping[str, Any] | None = None,
    positions: Mapping[str, int] | None = None,
    **shapes: tuple[int, ...],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function under its own name."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        assert function.__name__ not in MODELS
        MODELS[function.__name__] = Model(function, shapes, frozenset(positive.split()), shift or {}, positions or {})
        return function

    return register
