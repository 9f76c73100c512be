"""What workers do: verify a result, time a call, and tell the parent."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy

# A result may be this far from the truth, norm by norm.
TOLERANCE = {"float32": 1e-4, "float64": 1e-10}
WARM_UP = 5


class WrongResultError(Exception):
    """A result is not the truth."""


def distance(found: Any, true: Any, what: str = "the result", dtype: str = "float32", least: float = 0.0) -> float:
    """Give the relative distance of two arrays, and refuse what is of another type or too far away.

    ``least`` is the least norm that the true one is taken to have.
    """
    if found.dtype != dtype or found.shape != true.shape:
        raise WrongResultError(f"{what} is {found.dtype} of shape {found.shape}, not {dtype} of shape {true.shape}")
    relative = float(numpy.linalg.norm(found - true)) / max(float(numpy.linalg.norm(true)), least)
    if not relative <= TOLERANCE[dtype]:
        raise WrongResultError(f"{what} is wrong: its relative distance from the truth is {relative:.1e}")
    return relative


def batch_size(call: Callable[[], Any], seconds: float) -> int:
    """Warm up, and give the number of calls that take about so long."""
    fastest = min(timed(call, 1) for _ in range(WARM_UP))
    calls = max(1, round(seconds / 5 / fastest))
    return max(1, round(seconds / timed(call, calls)))


def timed(call: Callable[[], Any], calls: int) -> float:
    """Give the seconds a call, on average over a batch."""
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls


def tell(message: dict[str, Any]) -> None:
    """Send one object to the parent."""
    print(json.dumps(message), flush=True)
