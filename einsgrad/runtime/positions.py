"""Positions: the inputs that say where along an axis something is, checked against the sizes of these axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einsgrad.diagnostics import ArrayError, Diagnostic
from einsgrad.ir.letters import root
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Ranges, Window, derived


class Positions:
    """The inputs of a program that give positions, and the sizes that these have to stay below."""

    def __init__(self, program: Program, names: Sequence[str], ranges: Ranges, sizes: Mapping[str, int]) -> None:
        """Take the names of all inputs in order, and sizes by letter for ranges that no input has."""
        self.names = program.positions & set(names)
        self._all = names
        given = {number: sizes[root(i).name] for (_, i), number in ranges.of_index.items() if root(i).name in sizes}
        places: dict[int, tuple[int, int]] = {}
        for k, name in enumerate(names):
            for axis in range(len(program.indices(name))):
                places.setdefault(ranges.of_axis[name, axis], (k, axis))
        self._least = [
            (_told(ranges, number, program), places.get(number), given.get(number), size)
            for number, size in ranges.least.items()
        ]
        self._windows = [(w, _told(ranges, w.range, program)) for w in ranges.windows]
        numbers = {n for w in ranges.windows for n in (w.range, *dict(w.terms))}
        self._sizes = {n: (places.get(n), given.get(n)) for n in numbers}
        self._axes = {
            k: [
                (_told(ranges, number, program), places.get(number), given.get(number))
                for number in ranges.positions.get(name, ())
            ]
            for k, name in enumerate(names)
            if name in self.names
        }

    def split(self, arrays: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Give the arrays that give no positions, and those that do."""
        others = [a for k, a in enumerate(arrays) if k not in self._axes]
        return others, [arrays[k] for k in self._axes]

    def check(self, arrays: Sequence[Any]) -> None:
        """Check that all positions lie on their axes, those that the text has as numbers among them.

        Raises:
            ArrayError: some don't.
        """
        problems = [
            _too_short(told, length, least)
            for told, place, size, least in self._least
            if (length := _length(arrays, place, size)) is not None and length < least
        ]
        known = {number: _length(arrays, place, size) for number, (place, size) in self._sizes.items()}
        settled = {number: size for number, size in known.items() if size is not None}
        sizes = derived(settled, [w for w, _ in self._windows])
        for window, told in self._windows:
            if all(n in sizes for n in (window.range, *dict(window.terms))) and not window.fits(sizes):
                problems.append(_leaves(window, told, sizes))
        for k, axes in self._axes.items():
            for told, place, size in axes:
                length = _length(arrays, place, size)
                if length is not None and not _lie_within(arrays[k], length):
                    problems.append(_outside(self._all[k], arrays[k], told, length))
        if problems:
            raise ArrayError(problems)


def _told(ranges: Ranges, number: int, program: Program) -> str:
    """Say which axis has a range."""
    axes = ranges.axes.get(number, [])
    own = [(name, axis) for name, axis in axes if name in program.inputs] or axes
    return f"axis {own[0][1]} of `{own[0][0]}`" if own else f"the range of `{ranges.letter[number]}`"


def _length(arrays: Sequence[Any], place: tuple[int, int] | None, size: int | None) -> int | None:
    length: int | None = arrays[place[0]].shape[place[1]] if place else size
    return length


def _too_short(told: str, length: int, least: int) -> Diagnostic:
    message = f"{told} has size {length}, but the equations have a position there that needs {least}"
    return Diagnostic("position-range", message)


def _leaves(window: Window, told: str, sizes: Mapping[int, int]) -> Diagnostic:
    reach = window.reach(sizes)
    assert reach is not None, "it fits where a letter has no value"
    message = f"`{window.text}` goes from {reach[0]} to {reach[1]}, but {told} has size {sizes[window.range]}"
    return Diagnostic("position-range", message)


def _lie_within(positions: NDArray[Any], length: int) -> bool:
    return not positions.size or bool(positions.min() >= 0 and positions.max() < length)


def _outside(name: str, positions: NDArray[Any], told: str, length: int) -> Diagnostic:
    at = tuple(int(n) for n in np.argwhere((positions < 0) | (positions >= length))[0])
    message = f"`{name}` has {positions[at]} at {at}, but {told} has size {length}"
    reach = f"positions go from 0 to {length - 1}" if length else "it has no positions"
    return Diagnostic("position-range", message, notes=(reach,))


def whole_numbers(name: str, array: NDArray[Any]) -> list[Diagnostic]:
    """Find out whether positions are of a type of whole numbers; an empty array may be of any."""
    if array.dtype.kind in "iu" or not array.size:
        return []
    message = f"`{name}` gives positions, which are whole numbers, and is an array of {array.dtype}"
    return [Diagnostic("position-type", message, fix=f"{name}={name}.astype(int)")]
