"""Magnitudes: whether the arrays of a call are about as large as those that a plan was made for.

What is cheapest depends on sizes, but not on every size: a plan serves all calls whose sizes are of the same order of
magnitude, index by index.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from einsgrad.planner.planning import DEFAULT_SIZE
from einsgrad.targets.signature import Signature

Magnitude: TypeAlias = tuple[int, ...]
"""For each index, by how many orders of magnitude its size is above the one planned for by default, or by how much."""


class Magnitudes:
    """The orders of magnitude of one function's arguments."""

    def __init__(self, signature: Signature, inputs: Sequence[str], exact: bool) -> None:
        """Take a function's signature; ``exact`` tells all sizes apart, as a limit of memory has to hold for each."""
        places: dict[str, tuple[int, int]] = {}
        for position, name in enumerate(inputs):
            for axis, letter in enumerate(signature.axes.get(name, ())):
                places.setdefault(letter, (position, axis))
        self._places = places
        self._nominal = [signature.sizes.get(letter, DEFAULT_SIZE) for letter in places]
        self._exact = exact

    def of(self, arrays: Sequence[Any]) -> Magnitude:
        """Give the magnitude of the arguments of a call."""
        sizes = self.sizes(arrays).values()
        if self._exact:
            return tuple(size - nominal for size, nominal in zip(sizes, self._nominal, strict=True))
        return tuple(map(_orders_above, sizes, self._nominal))

    def sizes(self, arrays: Sequence[Any]) -> Mapping[str, int]:
        """Give the sizes of a call, by the letters of the joint program."""
        return {letter: arrays[position].shape[axis] for letter, (position, axis) in self._places.items()}


def _orders_above(size: int, nominal: int) -> int:
    return round(math.log10(max(1, size) / max(1, nominal)))
