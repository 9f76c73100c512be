"""Arrays for programs with positions, and whether what is compiled has their values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

import einsgrad as eg
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.reference import evaluate


def sample(program: Program, sizes: tuple[int, ...]) -> dict[str, Any]:
    """Give arrays for a program, with ``sizes`` for its ranges in turn."""
    rng, ranges, of_range = np.random.default_rng(0), infer_ranges(program), {}
    arrays = {}
    for number in ranges.letter:
        of_range[number] = max(sizes[number % len(sizes)], ranges.least.get(number, 0))
    for x in program.inputs:
        shape = [of_range[ranges.of_axis[x, k]] for k in range(len(program.index_objects(x)))]
        if x in program.positions:
            below = min(of_range[number] for number in ranges.positions[x])
            arrays[x] = rng.integers(0, max(below, 1), shape if below else [0 for _ in shape])
        else:
            arrays[x] = rng.uniform(0.5, 1.5, shape)
    return arrays


def assert_gradients(program: Program, arrays: dict[str, Any]) -> None:
    """Compare value and gradients with the reference interpreter, and with complex steps through it."""
    (output,) = program.outputs
    value, pullback = eg.compile(program).vjp(**arrays)
    np.testing.assert_allclose(value, evaluate(program, arrays)[output])
    upstream = np.random.default_rng(1).normal(size=np.shape(value))
    gradients = pullback(upstream)
    assert gradients.keys() == set(program.inputs) - program.positions
    for x, gradient in gradients.items():
        for place in np.ndindex(gradient.shape):
            moved = {**arrays, x: arrays[x].astype(complex)}
            moved[x][place] += 1e-30j
            slope = np.sum(upstream * evaluate(program, moved)[output].imag) / 1e-30
            np.testing.assert_allclose(gradient[place], slope, rtol=1e-9, atol=1e-12)
