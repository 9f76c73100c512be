"""One library on one workload, in a process of its own: verify a size, then time a batch of calls whenever told to.

Speaks JSON, one object a line: first whether it is ready; then, for ``{"prepare": size}``, what it found out, and for
``{"time": …}`` the seconds a call.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import cores
import floor
import numpy
from libraries import LIBRARIES, MODULES, Call, CannotCompileError, Problem
from timing import WrongResultError, batch_size, distance, tell, timed
from truth import load
from workloads import WORKLOADS
from workloads.workload import Workload


def main() -> None:
    """Run the worker for the workload and the library named on the command line, on the arrays of a folder."""
    workload, library, folder = WORKLOADS[sys.argv[1]], sys.argv[2], Path(sys.argv[3])
    give_sizes = "--sizes" in sys.argv
    try:
        importlib.import_module(MODULES[library])
    except ModuleNotFoundError as missing:
        if missing.name != MODULES[library]:
            raise
        tell({"missing": missing.name})
        return
    tell({"ready": True})
    call: Call = tuple
    calls = 1
    for line in sys.stdin:
        message = json.loads(line)
        if "time" in message:
            call()
            tell({"seconds": timed(call, calls)})
            continue
        size = message["prepare"]
        try:
            call, found = prepare(workload, library, folder / size, workload.sizes(size) if give_sizes else None)
        except CannotCompileError as why:
            tell({"skipped": f"it cannot compile this here: {why}"})
        except WrongResultError as why:
            tell({"failed": str(why)})
        else:
            calls = batch_size(call, message["batch"])
            tell({**found, "calls": calls, "blas": blas_kernels()})


def prepare(workload: Workload, library: str, folder: Path, sizes: Any) -> tuple[Call, dict[str, Any]]:
    """Make the call, and say how far its result is from the truth, when it came, and the memory that calls take."""
    inputs = load(folder / "inputs.npz")
    problem = Problem(workload, inputs, load(folder / "upstream.npz").get("upstream"), sizes)
    start = time.perf_counter()
    call = LIBRARIES[library](problem)
    before = cores.resident_bytes()
    results = call()
    first = time.perf_counter() - start
    error = verified(results, load(folder / "truth.npz"), workload)
    del results
    found: dict[str, Any] = {"error": error, "first": first, "peak": growth(call, before)}
    if library == "einsgrad":
        found["flops"] = floor.flops(workload, folder.name)
    return call, found


def verified(results: tuple[Any, Any], truth: dict[str, Any], workload: Workload) -> float:
    """Give how far value and gradients are from the truth, at most."""
    value, gradients = results
    named = {"value": value, **dict(zip(workload.wrt, gradients, strict=True))}
    scale = max(float(numpy.linalg.norm(true)) for name, true in truth.items() if name != "value")
    errors = []
    for name, true in truth.items():
        # A gradient that vanishes but for rounding has no relative error of its own.
        least = 0.0 if name == "value" else 1e-6 * scale
        found = numpy.asarray(named[name.removeprefix("by ")])
        errors.append(distance(found, true, name, workload.dtype, least))
    return max(errors)


def growth(call: Call, before: int | None) -> int | None:
    """Give the memory that calls take beyond what was there before the first, results included."""
    if before is None or not cores.forget_peak():
        return None
    for _ in range(2):
        call()
    peak = cores.peak_bytes()
    return None if peak is None else max(0, peak - before)


def blas_kernels() -> list[str]:
    """Name the BLAS libraries that are loaded and the kernels they use."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    loaded = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return [f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')}".strip() for pool in loaded]


if __name__ == "__main__":
    main()
