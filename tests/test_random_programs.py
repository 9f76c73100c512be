"""Over random programs: text round trips, and compiled values and gradients agree with the reference interpreter."""

from __future__ import annotations

import os

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import PROGRAMS, SIZES, draw_arrays

import einsgrad as eg
from einsgrad.calculus.joint import make_joint
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.nodes import Index
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.verifier import verify
from einsgrad.reference import evaluate

EXAMPLES = int(os.environ.get("EINSGRAD_EXAMPLES", "2000"))
THOROUGH = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
STEP = 1e-5


def spread(sizes: dict[str, int]) -> dict[str, int]:
    return {**sizes, "i1": sizes["i"], "j1": sizes["j"]}


@THOROUGH
@given(PROGRAMS)
def test_printing_and_parsing_gives_the_same_program(program):
    verify(program)
    text = str(program)
    again = eg.parse(text)
    assert str(again) == text
    assert again == eg.parse(str(again))


@THOROUGH
@given(PROGRAMS, SIZES, st.integers(0, 10))
def test_values_and_gradients_agree_with_the_reference(program, sizes, seed):
    sizes = spread(sizes)
    arrays = draw_arrays(program, sizes, seed)
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        joint = make_joint(program, None, None)
        verify(joint.program)
        values = evaluate(program, arrays, sizes)
        if not all(np.all(np.isfinite(values[y])) for y in program.outputs):
            return
        letters = {index.name for _, index in infer_ranges(program).of_index}
        f = eg.compile(program, sizes={letter: size for letter, size in sizes.items() if letter in letters})
        upstream = {y: rng.normal(size=values[y].shape) for y in program.outputs}
        forward, pullback = f.vjp(**arrays)
        # The forward pass on its own is a module of its own: the joint one is what every example compiles.
        for got in [forward, f(**arrays)] if seed == 0 else [forward]:
            for y, value in zip(program.outputs, got if isinstance(got, tuple) else (got,), strict=True):
                np.testing.assert_allclose(value, values[y], rtol=1e-9, atol=1e-9)
        gradients = pullback(upstream)
        directions = {x: rng.normal(size=v.shape) for x, v in arrays.items()}

        def loss(scale: float) -> float:
            moved = {x: v + scale * directions[x] for x, v in arrays.items()}
            found = evaluate(program, moved, sizes)
            return float(sum(np.sum(upstream[y] * found[y]) for y in program.outputs))

        slope = (loss(STEP) - loss(-STEP)) / (2 * STEP)
        finer = (loss(STEP / 2) - loss(-STEP / 2)) / STEP
    if abs(slope - finer) > 1e-5 * (1 + abs(slope)):
        return  # a kink or a cliff between the points: differences say nothing here
    found = sum(np.sum(gradients[x] * directions[x]) for x in arrays)
    size = 1 + sum(np.sum(np.abs(gradients[x] * directions[x])) for x in arrays)
    assert abs(found - slope) <= 1e-5 * size, (found, slope)


@settings(THOROUGH, max_examples=min(EXAMPLES, 300))
@given(PROGRAMS, SIZES, st.integers(0, 10))
def test_hessian_vector_products_agree_with_differences_of_gradients(program, sizes, seed):
    arrays = draw_arrays(program, spread(sizes), seed)
    if not arrays:
        return
    name, axes = next((d.name, d.indices) for d in reversed(program.definitions))
    y = build.tensor(name, axes)
    energy = Definition("E", (), build.product([build.literal(1), y, y], axes))
    x = sorted(arrays)[seed % len(arrays)]
    p, q = ([Index(f"{letter}{k}") for k in range(arrays[x].ndim)] for letter in "pq")
    gradient = build.derivative(build.tensor("E"), build.tensor(x, p))
    product = build.product([build.derivative(gradient, build.tensor(x, q)), build.tensor("v", q)], q)
    program = eg.Program((*program.definitions, energy, Definition("u", tuple(p), product)))
    verify(program)
    rng = np.random.default_rng(seed)
    v = rng.normal(size=arrays[x].shape)
    given_sizes = {i.name: spread(sizes).get(i.name, 2) for _, i in infer_ranges(program).of_index}
    with np.errstate(all="ignore"):
        f = eg.compile(program, of="E", wrt=x, sizes=given_sizes)
        known = {n: arrays[n] for n in f.inputs}
        if x not in known:
            return

        def slope(scale: float) -> np.ndarray:
            ahead, behind = ({**known, x: known[x] + sign * scale * v} for sign in (1, -1))
            return (f.value_and_grad(**ahead)[1][x] - f.value_and_grad(**behind)[1][x]) / (2 * scale)

        coarse, fine = slope(1e-5), slope(5e-6)
        u = eg.compile(program, of="u", wrt=[], sizes=given_sizes)
        got = u(**{n: {**arrays, "v": v}[n] for n in u.inputs})
    scale = 1 + np.max(np.abs(fine), initial=0)
    if not np.all(np.isfinite(fine)) or np.max(np.abs(coarse - fine), initial=0) > 1e-5 * scale:
        return  # a kink or a cliff between the points
    assert np.max(np.abs(got - fine), initial=0) <= 1e-4 * scale
