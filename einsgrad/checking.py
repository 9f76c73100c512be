"""Checks: what `einsgrad check` and :func:`einsgrad.check` report about a program."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from einsgrad.calculus.claims import judge
from einsgrad.diagnostics import EinsgradError
from einsgrad.ir.printer import print_claim
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.report import ClaimResult, GradientResult, Report
from einsgrad.runtime.function import Function, compile_program

# A gradient has to agree with central differences to this part of its size.
_TOLERANCE = 1e-5
_STEP = 1e-6


def check_text(text: str, name: str = "<input>") -> Report:
    """Check a text; what is wrong with it is in the report, nothing is raised."""
    from einsgrad.frontend.dialects import detect
    from einsgrad.frontend.parser import parse_program

    try:
        return check_program(parse_program(text, name, detect(text)))
    except EinsgradError as error:
        return Report(diagnostics=error.diagnostics)


def check_program(program: Program) -> Report:
    """Check a program that has been read."""
    judgements = judge(program) if program.claims else []
    claims = tuple(
        ClaimResult(print_claim(claim), found.verdict, found.counterexample, program.spans.get(claim), found.note)
        for claim, found in zip(program.claims, judgements, strict=True)
    )
    gradients = _check_gradients(program) if program.definitions else ()
    return Report(program.warnings, claims, gradients)


def _check_gradients(program: Program) -> tuple[GradientResult, ...]:
    """Compare the gradients of all outputs by all inputs with central differences, at a random point in float64."""
    sizes, arrays = _random_point(program)
    f = compile_program(program, None, None, sizes)
    rng = np.random.default_rng(1)
    with np.errstate(all="ignore"):
        value, pullback = f.vjp(**arrays)
        values = value if isinstance(value, tuple) else (value,)
        upstream = {y: rng.normal(size=np.shape(v)) for y, v in zip(program.outputs, values, strict=True)}
        gradients = pullback(upstream if len(values) > 1 else upstream[program.outputs[0]])
        return tuple(_compare(program, f, arrays, upstream, x, g) for x, g in gradients.items())


def _compare(
    program: Program,
    f: Function,
    arrays: dict[str, NDArray[Any]],
    upstream: dict[str, NDArray[Any]],
    x: str,
    gradient: NDArray[Any],
) -> GradientResult:
    def scalar(point: NDArray[Any]) -> float:
        value = f(**{**arrays, x: point})
        values = value if isinstance(value, tuple) else (value,)
        return float(sum(np.sum(upstream[y] * v) for y, v in zip(program.outputs, values, strict=True)))

    differences = np.zeros_like(gradient, dtype=float)
    for place in np.ndindex(np.shape(gradient)):
        ahead, behind = arrays[x].copy(), arrays[x].copy()
        ahead[place] += _STEP
        behind[place] -= _STEP
        differences[place] = (scalar(ahead) - scalar(behind)) / (2 * _STEP)
    if not (np.all(np.isfinite(differences)) and np.all(np.isfinite(gradient))):
        return GradientResult(program.outputs, x, float("nan"), True, "a value is not finite at the random point")
    scale = max(1.0, float(np.max(np.abs(gradient), initial=0)))
    error = float(np.max(np.abs(gradient - differences), initial=0)) / scale
    return GradientResult(program.outputs, x, error, error <= _TOLERANCE)


def _random_point(program: Program) -> tuple[dict[str, int], dict[str, NDArray[Any]]]:
    """Give small, different sizes, and positive arrays, since logarithms and roots are common."""
    ranges = infer_ranges(program)
    rng = np.random.default_rng(0)
    size = {number: 2 + k % 3 for k, number in enumerate(sorted(set(ranges.of_index.values())))}
    letters = {index.name: size[number] for (_, index), number in ranges.of_index.items()}
    arrays = {}
    for x in program.inputs:
        shape = [size[ranges.of_axis[x, axis]] for axis in range(len(program.index_objects(x)))]
        arrays[x] = rng.uniform(0.5, 1.5, shape)
    return letters, arrays
