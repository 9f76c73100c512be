"""Counterexamples: arrays at which two expressions differ, the smallest that can be found.

Sizes 1 come before 2 and before mixed ones, also with empty ranges, and whole numbers before others; zeros and ties are
among them, so that kinks are met. Both sides are enclosed (:mod:`einsgrad.calculus.intervals`), so rounding never makes
a difference. Not attempted: a search of the whole space; what no point here tells apart is not refuted.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from einsgrad.calculus.apart import family_ranges
from einsgrad.calculus.given_arrays import obeying, obeys
from einsgrad.calculus.intervals import Array, NotFiniteError, enclose
from einsgrad.calculus.sides import LEFT, RIGHT
from einsgrad.ir.equations import Definition
from einsgrad.ir.given import Given
from einsgrad.ir.letters import root
from einsgrad.ir.nodes import Index, Product
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Window, derived, infer_ranges, widened
from einsgrad.ir.traversal import count_nodes, letters, postorder

_MOST_COMPONENTS, _MOST_AXES = 100_000, 60
# Nodes evaluated for one claim, however few points that are, and numbers of a counterexample that are made smaller.
_MOST_WORK, _FEWEST_POINTS = 40_000, 16
_MOST_SHRINKS = 40


_Kind = Callable[[np.random.Generator, Sequence[int]], Array]


def _whole(low: int, high: int) -> _Kind:
    return lambda rng, shape: rng.integers(low, high, shape, endpoint=True).astype(float)


def _uniform(low: float, high: float) -> _Kind:
    return lambda rng, shape: rng.uniform(low, high, shape)


_ZEROS = _whole(0, 0)
# Where a range is empty there is less to tell apart: signs and zeros of what is left.
_BESIDE_NOTHING: tuple[_Kind, ...] = (_whole(1, 3), _whole(-2, 2), _ZEROS, _whole(-3, -1))
_SIMPLE: tuple[_Kind, ...] = (_whole(1, 3), _whole(-2, 2), _whole(1, 1))
_WHOLE: tuple[_Kind, ...] = (*[_whole(1, 3), _whole(-2, 2), _whole(-3, 3)] * 8, _ZEROS)
_REAL: tuple[_Kind, ...] = (
    _uniform(0.5, 1.5),
    lambda rng, shape: rng.normal(size=shape),
    _uniform(0.05, 0.4),
    _uniform(-0.3, 0.3),
    _uniform(1, 5),
    _uniform(-3, 3),
)


@dataclass(frozen=True)
class Counterexample:
    """Arrays for which the sides of a claim differ.

    Attributes:
        arrays: an array for each input that the sides depend on.
        sizes: the sizes of ranges that no array has, by a letter.
        place: the value of each free index where the sides differ, counted from 0.
        left: the left side, to the accuracy of floats.
        right: the right side.
    """

    arrays: Mapping[str, Array]
    sizes: Mapping[str, int]
    place: Mapping[str, int]
    left: Array
    right: Array

    def renamed(self, letters: Mapping[str, str]) -> Counterexample:
        """Give it with other letters in ``sizes`` and ``place``."""
        sizes = {letters.get(i, i): size for i, size in self.sizes.items()}
        place = {letters.get(i, i): at for i, at in self.place.items()}
        return dataclasses.replace(self, sizes=sizes, place=place)

    def __str__(self) -> str:
        lines = [f"|{letter}| = {size}" for letter, size in self.sizes.items()]
        lines += [f"{name} = {_listed(value)}" for name, value in self.arrays.items()]
        at = tuple(self.place.values())
        where = f" at {', '.join(f'{i} = {n}' for i, n in self.place.items())} (counted from 0)" if at else ""
        lines.append(f"left side: {_listed(self.left)}")
        lines.append(f"right side: {_listed(self.right)}")
        left, right = (repr(float(side[at])).removesuffix(".0") for side in (self.left, self.right))
        lines.append(f"{left} is not {right}{where}")
        return "\n".join(lines)


def _listed(value: Array) -> str:
    return np.array2string(value, precision=6, separator=", ", floatmode="maxprec").replace("\n", "")


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found.

    Attributes:
        counterexample: the smallest, if there is one.
        points: how many points were tried at which both sides have a value.
    """

    counterexample: Counterexample | None
    points: int


def search(program: Program, free: Sequence[Index], most_points: int | None = None) -> Search:
    """Look for arrays at which the tensors LEFT and RIGHT of a program differ.

    Args:
        program: a program without derivatives, with one range a letter.
        free: the indices of the two sides.
        most_points: stop after as many points at which both sides have a value.
    """
    trial = _Trial.of(program, free)
    points = 0
    for point in trial.points(_SIMPLE, _WHOLE, _REAL):
        differs = trial.compare(point)
        if differs is None:
            continue
        points += 1
        if differs:
            return Search(trial.report(trial.smaller_numbers(trial.smaller_sizes(point))), points)
        if points == most_points:
            break
    return Search(None, points)


@dataclass(frozen=True, slots=True)
class _Point:
    arrays: dict[str, Array]
    sizes: dict[int, int]


@dataclass(frozen=True, slots=True)
class _Trial:
    """The equations that two sides depend on, the ranges of their letters and inputs, and what is given of these."""

    definitions: tuple[Definition, ...]
    free: tuple[Index, ...]
    range_of: Mapping[Index, int]
    axes: Mapping[str, tuple[int, ...]]
    given: Given
    positions: Mapping[str, tuple[int, ...]]
    least: Mapping[int, int]
    windows: tuple[Window, ...]

    @staticmethod
    def of(program: Program, free: Sequence[Index]) -> _Trial:
        families, of_axis = family_ranges(program)
        axes = {
            name: tuple(of_axis[name, axis] for axis in range(len(program.index_objects(name))))
            for name in program.inputs
        }
        range_of = {i: families[root(i)] for i in letters(*(d.rhs for d in program.definitions)) | set(free)}
        ranges = infer_ranges(program)

        def number_of(number: int) -> int:
            own = next((axis for axis in ranges.axes.get(number, ()) if axis in of_axis), None)
            return of_axis[own] if own else families[root(ranges.letter[number])]

        positions = {
            name: tuple(families[root(ranges.letter[number])] for number in found)
            for name, found in ranges.positions.items()
        }
        windows = tuple(
            Window(number_of(w.range), w.text, tuple((number_of(n), c) for n, c in w.terms), w.constant)
            for w in ranges.windows
        )
        least = {families[root(ranges.letter[number])]: size for number, size in ranges.least.items()}
        return _Trial(program.in_order(), tuple(free), range_of, axes, program.given, positions, least, windows)

    def compare(self, point: _Point) -> bool | None:
        """Tell whether the sides differ at a point; ``None`` where one has no value."""
        try:
            values = enclose(self.definitions, point.arrays, self._extents(point))
        except NotFiniteError:
            return None
        return bool(np.any(values[LEFT].is_apart_from(values[RIGHT])))

    def _extents(self, point: _Point) -> dict[Index, int]:
        return {index: point.sizes[number] for index, number in self.range_of.items()}

    def report(self, point: _Point) -> Counterexample:
        """Describe a point at which the sides differ."""
        values = enclose(self.definitions, point.arrays, self._extents(point))
        left, right = values[LEFT], values[RIGHT]
        at = np.argwhere(left.is_apart_from(right))[0]
        known = {number for axes in self.axes.values() for number in axes}
        sizes: dict[str, int] = {}
        for index in sorted(self.range_of):
            if self.range_of[index] not in known:
                known.add(self.range_of[index])
                sizes[index.name] = point.sizes[self.range_of[index]]
        place = {index.name: int(n) for index, n in zip(self.free, at, strict=True)}
        return Counterexample(point.arrays, sizes, place, left.middle, right.middle)

    # -- points ----------------------------------------------------------------------------------------------------

    def points(self, *rounds: Sequence[_Kind]) -> Iterator[_Point]:
        """Yield points: in each round all sizes, the smallest first, with each kind of numbers."""
        rng = np.random.default_rng(0)
        plans, empty = (
            [plan for plan in sizes if self._components(plan) <= _MOST_COMPONENTS]
            for sizes in (self._plans(), self._plans_with_empty_ranges())
        )
        first, *others = (itertools.product(plans, kinds) for kinds in rounds)
        nodes = count_nodes(d.rhs for d in self.definitions)
        choices = itertools.chain(first, itertools.product(empty, _BESIDE_NOTHING), *others)
        for plan, kind in itertools.islice(choices, max(_FEWEST_POINTS, _MOST_WORK // nodes)):
            plan = self._settled(plan)
            if not all(window.fits(plan) for window in self.windows):
                continue
            shapes = {name: [plan[number] for number in axes] for name, axes in self.axes.items()}
            bounds = {name: min(plan[number] for number in found) for name, found in self.positions.items()}
            if any(plan.get(number, size) < size for number, size in self.least.items()):
                continue
            if any(bounds[name] == 0 and math.prod(shapes[name]) for name in bounds):
                continue
            arrays: dict[str, Array] = {
                name: _whole(0, max(0, bounds[name] - 1))(rng, shape) if name in bounds else kind(rng, shape)
                for name, shape in shapes.items()
            }
            arrays = obeying(self.given, arrays)
            if obeys(self.given, arrays):
                yield _Point(arrays, plan)

    def _settled(self, plan: dict[int, int]) -> dict[int, int]:
        """Make axes long enough for affine subscripts; ranges without an axis then follow from these."""
        if not self.windows:
            return plan
        wide = widened(plan, self.windows)
        on_axis = {number for axes in self.axes.values() for number in axes}
        return wide | derived({n: size for n, size in wide.items() if n in on_axis}, self.windows)

    def _plans(self) -> Iterator[dict[int, int]]:
        """Yield sizes of the ranges: all 1, all 2, then mixed so that a transpose shows."""
        numbers = sorted({*self.range_of.values(), *(n for axes in self.axes.values() for n in axes)})
        yield dict.fromkeys(numbers, 1)
        if numbers:
            yield dict.fromkeys(numbers, 2)
            for cycle in ((2, 3, 1), (3, 1, 2), (1, 2, 3)):
                yield dict(zip(numbers, itertools.cycle(cycle), strict=False))

    def _plans_with_empty_ranges(self) -> Iterator[dict[int, int]]:
        """Yield sizes for which sums are over nothing, but the sides have a component: one range, then all of them."""
        plan = next(itertools.islice(self._plans(), 1, None), {})
        inner = sorted(plan.keys() - {self.range_of[i] for i in self.free})
        for number in inner:
            yield {**plan, number: 0}
        if len(inner) > 1:
            yield {**plan, **dict.fromkeys(inner, 0)}

    def _components(self, plan: Mapping[int, int]) -> int:
        """How many components the largest product has; as good as infinitely many if no array has its axes."""
        products = (n for d in self.definitions for n in postorder(d.rhs) if isinstance(n, Product))
        over = [[plan[self.range_of[i]] for i in (*n.free, *n.summed)] for n in products]
        return max((math.prod(sizes) if len(sizes) <= _MOST_AXES else sys.maxsize for sizes in over), default=1)

    def smaller_sizes(self, point: _Point) -> _Point:
        """Give a point of smaller sizes, or of whole numbers, at which the sides differ; this one if there is none."""
        for candidate in self.points((*_SIMPLE, *_WHOLE[:6])):
            if self.compare(candidate):
                return candidate
            if candidate.sizes == point.sizes and _is_whole(point):
                break
        return point

    def smaller_numbers(self, point: _Point) -> _Point:
        """Replace numbers by 0 or 1 as long as the sides differ."""
        numbers = {name: array for name, array in point.arrays.items() if name not in self.positions}
        places = ((name, at) for name, array in numbers.items() for at in np.ndindex(array.shape))
        for name, at in itertools.islice(places, _MOST_SHRINKS):
            for simple in (0.0, 1.0):
                if point.arrays[name][at] == simple:
                    break
                changed = point.arrays[name].copy()
                changed[at] = simple
                candidate = _Point({**point.arrays, name: changed}, point.sizes)
                if obeys(self.given, candidate.arrays) and self.compare(candidate):
                    point = candidate
                    break
        return point


def _is_whole(point: _Point) -> bool:
    return all(np.array_equal(array, np.rint(array)) for array in point.arrays.values())
