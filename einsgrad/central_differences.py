"""Central differences: what gradients are compared with when a program is checked."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einsgrad.calculus.given_arrays import obeying
from einsgrad.ir.program import Program, stops
from einsgrad.ir.ranges import infer_ranges, widened
from einsgrad.report import GradientResult
from einsgrad.runtime.function import Function, compile_program

Array = NDArray[Any]

# A gradient has to agree with central differences to this part of its largest component.
_TOLERANCE = 1e-5
# The second step is for values that rounding blurs.
_STEPS = (1e-6, 1e-4)
# A gradient that differences of that many roundings could hide tells nothing.
_MOST_ROUNDINGS = 1e4
# Between which numbers the arrays of the points are drawn, one after the other until the gradients say something.
# Positive ones come first, since logarithms and roots are common.
_BETWEEN = ((0.5, 1.5), (-1.5, 1.5), (0.1, 0.9), (-1.5, -0.5), (3.0, 9.0), (-9.0, -3.0), (-0.1, 0.1))
# No tensor of a point has more components than this.
_COMPONENTS = 5000

_NOT_FINITE = "a value is not finite at the random points"
_AT_REST = "nothing was seen: at the random points no output moves with it, or too little to measure"

_STOPPED = "gradients hold what `stop` gives constant, and differences don't"


def compare_gradients(program: Program) -> tuple[GradientResult, ...]:
    """Compare the gradients of all outputs by all inputs with central differences, at random points in float64.

    The arrays obey what is given, and each component is moved by itself.

    Where a value is not finite, or nothing moves, a point tells nothing, and another one is drawn.
    """
    if stops(program):
        inputs = [x for x in program.inputs if x not in program.positions]
        return tuple(GradientResult(program.outputs, x, float("nan"), True, _STOPPED) for x in inputs)
    sizes, shapes, bounds = _small_sizes(program)
    f = compile_program(program, None, None, sizes)
    rng = np.random.default_rng(0)
    results: dict[str, GradientResult] = {}
    with np.errstate(all="ignore"):
        for low, high in _BETWEEN:
            arrays = {
                x: rng.integers(0, bounds[x], shape) if x in bounds else rng.uniform(low, high, shape)
                for x, shape in shapes.items()
            }
            point = _Point(program, f, obeying(program.given, arrays))
            for x, gradient in point.gradients.items():
                if x not in results or results[x].note:
                    results[x] = point.compare(x, gradient)
            if not any(result.note for result in results.values()):
                break
    return tuple(results.values())


class _Point:
    """A program at some arrays, its outputs weighted by a random upstream gradient."""

    def __init__(self, program: Program, f: Function, arrays: dict[str, Array]) -> None:
        rng = np.random.default_rng(1)
        self._outputs = program.outputs
        self._arrays = arrays
        self._changed = f.at(arrays)
        value, pullback = f.vjp(**arrays)
        values = value if isinstance(value, tuple) else (value,)
        self._upstream = [rng.normal(size=np.shape(v)) for v in values]
        self._size = sum(float(np.sum(np.abs(g * v))) for g, v in zip(self._upstream, values, strict=True))
        upstream = dict(zip(self._outputs, self._upstream, strict=True))
        self.gradients: dict[str, Array] = pullback(upstream if len(values) > 1 else self._upstream[0])

    def compare(self, x: str, gradient: Array) -> GradientResult:
        """Compare a gradient with differences."""
        result = GradientResult(self._outputs, x, float("nan"), True, _NOT_FINITE)
        for step in _STEPS:
            differences = self._differences(x, step)
            if not (np.all(np.isfinite(differences)) and np.all(np.isfinite(gradient))):
                return result
            largest = max(float(np.max(np.abs(a), initial=0)) for a in (gradient, differences))
            if largest * step <= _MOST_ROUNDINGS * np.finfo(float).eps * self._size:
                return GradientResult(self._outputs, x, float("nan"), True, _AT_REST)
            error = float(np.max(np.abs(gradient - differences), initial=0)) / largest
            result = GradientResult(self._outputs, x, error, error <= _TOLERANCE)
            if result.ok:
                break
        return result

    def _differences(self, x: str, step: float) -> Array:
        differences = np.zeros(self._arrays[x].shape)
        for place in np.ndindex(differences.shape):
            ahead, behind = self._arrays[x].copy(), self._arrays[x].copy()
            ahead[place] += step
            behind[place] -= step
            differences[place] = (self._weighted(x, ahead) - self._weighted(x, behind)) / (2 * step)
        return differences

    def _weighted(self, x: str, array: Array) -> float:
        value = self._changed(x, array)
        values = value if isinstance(value, tuple) else (value,)
        return float(sum(np.sum(g * v) for g, v in zip(self._upstream, values, strict=True)))


def _small_sizes(program: Program) -> tuple[dict[str, int], dict[str, tuple[int, ...]], dict[str, int]]:
    """Give small sizes that differ, by letter, the shape of each input, and what positions stay below.

    They are 2, 3 and 4, and 1 where a tensor of many axes would become too large.
    """
    ranges = infer_ranges(program)
    size: dict[int, int] = {}
    components = dict.fromkeys([*program.inputs, *program.by_name], 1)
    for k, number in enumerate(sorted(set(ranges.of_index.values()))):
        wanted = max(2 + k % 3, ranges.least.get(number, 0))
        counts = Counter(name for name, _ in ranges.axes.get(number, ()) if name in components)
        larger = {name: components[name] * wanted**count for name, count in counts.items()}
        fits = max(larger.values(), default=1) <= _COMPONENTS
        size[number] = wanted if fits else 1
        components |= larger if fits else {}
    size = widened(size, ranges.windows)
    letters = {i.name: size[number] for (_, i), number in ranges.of_index.items() if not i.is_axis}
    shapes = {
        x: tuple(size[ranges.of_axis[x, axis]] for axis in range(len(program.index_objects(x)))) for x in program.inputs
    }
    bounds = {x: min(size[number] for number in numbers) for x, numbers in ranges.positions.items()}
    return letters, shapes, bounds
