"""The arrays of a workload and the truth about them, written into a folder: ``python truth.py WORKLOAD FOLDER``.

The truth is what autograd gives in float64 for the workload as the peers write it. einsgrad's equations are written
apart from that, and jax and torch differentiate by themselves, so that nothing is compared with itself alone.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import functions
import numpy
from libraries import Problem, autograd
from workloads import SIZES, WORKLOADS
from workloads.workload import Workload


def write(workload: Workload, size: str, folder: Path) -> None:
    """Draw the arrays and write them, with the value and the gradients."""
    problem = draw(workload, size)
    value, gradients = true_results(problem)
    folder.mkdir()
    numpy.savez(folder / "inputs.npz", **problem.arrays)
    numpy.savez(folder / "upstream.npz", **({} if problem.upstream is None else {"upstream": problem.upstream}))
    named = {f"by {name}": gradient for name, gradient in zip(workload.wrt, gradients, strict=True)}
    numpy.savez(folder / "truth.npz", value=value, **named)


def draw(workload: Workload, size: str) -> Problem:
    """Draw the arrays of a workload, and the upstream gradient."""
    rng = numpy.random.default_rng(0)
    arrays = workload.inputs(size, rng)
    shape = numpy.shape(workload.forward(functions.of_autograd(), **arrays))
    return Problem(workload, arrays, rng.normal(size=shape).astype(workload.dtype) if shape else None)


def true_results(problem: Problem) -> tuple[Any, Any]:
    """Give the value and the gradients, in float64."""
    given, positions = problem.arrays, problem.workload.positions
    exact = {name: x if name in positions else x.astype(numpy.float64) for name, x in given.items()}
    upstream = None if problem.upstream is None else problem.upstream.astype(numpy.float64)
    return autograd(Problem(replace(problem.workload, dtype="float64"), exact, upstream))()


def load(path: Path) -> dict[str, Any]:
    """Read what was written."""
    with numpy.load(path) as arrays:
        return dict(arrays)


if __name__ == "__main__":
    for each in SIZES:
        write(WORKLOADS[sys.argv[1]], each, Path(sys.argv[2]) / each)
