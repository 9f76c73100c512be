"""One library on one workload, in a process of its own: verify, then time a batch of calls whenever told to.

Speaks JSON, one object a line: first what it found out, then the seconds a call for each line that it is sent.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import Any

if hasattr(os, "sched_setaffinity"):  # two cores for everyone, set before any library counts them
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])

import numpy
from libraries import LIBRARIES, PEERS

# A timed batch of calls lasts about this long; a result may be this far from the truth, norm by norm.
BATCH_SECONDS = 0.05
TOLERANCE = 1e-4


def main() -> None:
    """Run the worker for the workload and the library named on the command line."""
    workload = importlib.import_module(f"workloads.{sys.argv[1]}")
    try:
        call, error = prepare(workload, sys.argv[2])
    except ModuleNotFoundError as missing:
        if missing.name not in PEERS:
            raise
        tell({"missing": missing.name})
        return
    calls = batch_size(call)
    tell({"error": error, "calls": calls, "blas": blas_kernels()})
    for _ in sys.stdin:
        tell({"seconds": timed(call, calls)})


def prepare(workload: Any, library: str) -> tuple[Any, float]:
    """Make the call, and give how far its result is from the truth."""
    rng = numpy.random.default_rng(0)
    exact = {name: numpy.asarray(array) for name, array in workload.inputs(rng).items()}
    arrays = {name: array.astype(numpy.float32) for name, array in exact.items()}
    exact = {name: array.astype(numpy.float64) for name, array in arrays.items()}
    shape = numpy.shape(workload.forward(numpy, **exact))
    upstream = rng.normal(size=shape).astype(numpy.float32) if shape else None
    call = LIBRARIES[library](workload, arrays, upstream)
    value, gradients = call()
    true_value, true_gradients = workload.truth(None if upstream is None else upstream.astype(float), **exact)
    pairs = [(value, true_value), *zip(gradients, true_gradients, strict=True)]
    return call, max(distance(numpy.asarray(found), numpy.asarray(true)) for found, true in pairs)


def distance(found: Any, true: Any) -> float:
    """Give the relative distance of two arrays, and refuse what is no float32 or too far away."""
    if found.dtype != numpy.float32 or found.shape != true.shape:
        raise SystemExit(f"a result is {found.dtype} of shape {found.shape}, not float32 of shape {true.shape}")
    relative = float(numpy.linalg.norm(found - true) / numpy.linalg.norm(true))
    if not relative <= TOLERANCE:
        raise SystemExit(f"a result is wrong: its relative distance from the truth is {relative:.1e}")
    return relative


def batch_size(call: Any) -> int:
    """Warm up, and give the number of calls that make a batch."""
    fastest = min(timed(call, 1) for _ in range(5))
    calls = max(1, round(BATCH_SECONDS / 5 / fastest))
    fastest = min(timed(call, calls) for _ in range(3))
    return max(1, round(BATCH_SECONDS / fastest))


def timed(call: Any, calls: int) -> float:
    """Give the seconds a call, on average over a batch."""
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls


def blas_kernels() -> list[str]:
    """Name the BLAS libraries that are loaded and the kernels they use."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    loaded = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return [f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')}".strip() for pool in loaded]


def tell(message: dict[str, Any]) -> None:
    """Send one object to the parent."""
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
