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
"""For each index, how many orders of magnitude its size is above the one that is planned for by default."""


class Magnitudes:
    """The orders of magnitude of one function's arguments."""

    def __init__(self, signature: Signature, inputs: Sequence[str]) -> None:
        places: dict[str, tuple[int, int]] = {}
        for position, name in enumerate(inputs):
            for axis, letter in enumerate(signature.axes.get(name, ())):
                places.setdefault(letter, (position, axis))
        self._places = places
        self._nominal = [signature.sizes.get(letter, DEFAULT_SIZE) for letter in places]
        self._last: tuple[list[tuple[int, ...]], Magnitude] = ([], ())
        self.usual: Magnitude = (0,) * len(places)

    def of(self, arrays: Sequence[Any]) -> Magnitude:
        """Give the magnitude of the arguments of a call; most calls are like the one before."""
        shapes = [array.shape for array in arrays]
        last, known = self._last
        if shapes == last:
            return known
        found = tuple(
            round(math.log10(max(1, shapes[position][axis]) / max(1, nominal)))
            for (position, axis), nominal in zip(self._places.values(), self._nominal, strict=True)
        )
        self._last = shapes, found
        return found

    def sizes(self, arrays: Sequence[Any]) -> Mapping[str, int]:
        """Give the sizes of a call, by the letters of the joint program."""
        return {letter: arrays[position].shape[axis] for letter, (position, axis) in self._places.items()}
