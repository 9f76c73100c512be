"""Options: what a user may decide about planning."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from einsgrad.diagnostics import Diagnostic, UsageError, did_you_mean

Optimizer: TypeAlias = "str | Callable[..., Any]"
"""A name that opt_einsum knows, or what follows its protocol of a PathOptimizer."""

# Those that opt_einsum has names for.
OPTIMIZERS = (
    "auto",
    "auto-hq",
    "optimal",
    "branch-all",
    "branch-2",
    "branch-1",
    "greedy",
    "eager",
    "opportunistic",
    "dp",
    "dynamic-programming",
    "random-greedy",
    "random-greedy-128",
)
# Those whose search can be stopped at any time.
TIMED = ("auto", "random-greedy", "random-greedy-128")

_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)?", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class PlanOptions:
    """What a user may decide about planning; equal to itself only, as an optimizer may be anything.

    Attributes:
        optimizer: finds contraction paths.
        memory_limit: the most bytes that a call may hold at a time, its arguments apart, eight a number.
        search_time: the most seconds that the search for one path may take.
        expand: whether products are multiplied out where that is cheaper, though terms may cancel.
    """

    optimizer: Optimizer = "auto"
    memory_limit: int | None = None
    search_time: float | None = None
    expand: bool = True


DEFAULT = PlanOptions()


def plan_options(
    optimizer: Optimizer = "auto",
    memory_limit: str | int | None = None,
    search_time: float | None = None,
    expand: bool = True,
) -> PlanOptions:
    """Check options as a user gives them.

    Raises:
        UsageError: there is no such optimizer, its search can't be timed, or a limit is no positive number.

    >>> plan_options("dp", "1.5MB").memory_limit
    1500000
    """
    if not callable(optimizer) and optimizer not in OPTIMIZERS:
        near = did_you_mean(str(optimizer), OPTIMIZERS)
        message = f"there is no optimizer {optimizer!r}{near}"
        notes = (f"optimizers: {', '.join(OPTIMIZERS)}", "or an object that opt_einsum takes as one")
        raise UsageError([Diagnostic("unknown-optimizer", message, notes=notes)])
    if search_time is not None:
        _check_search_time(optimizer, search_time)
    return PlanOptions(optimizer, None if memory_limit is None else read_memory(memory_limit), search_time, expand)


def read_memory(given: str | int) -> int:
    """Read an amount of memory: bytes, or a number with a unit.

    Raises:
        UsageError: it is none.

    >>> read_memory("200MB"), read_memory("2 GiB"), read_memory(4096)
    (200000000, 2147483648, 4096)
    """
    match = _MEMORY.fullmatch(str(given).strip())
    units = {unit.lower(): size for unit, size in _UNITS.items()}
    size = units.get((match[2] or "B").lower()) if match else None
    if match is None or size is None or isinstance(given, bool):
        message = f"{given!r} is no amount of memory"
        raise UsageError([Diagnostic("bad-memory-limit", message, fix='memory_limit="200MB"')])
    return round(float(match[1]) * size)


def shown_memory(size: int) -> str:
    """Write an amount of memory, rounded up to three digits.

    >>> shown_memory(800), shown_memory(33_554_432)
    ('800 B', '33.6 MB')
    """
    unit = next((u for u in ("TB", "GB", "MB", "kB") if size >= _UNITS[u]), "B")
    number = size / _UNITS[unit]
    scale = 10 ** max(0, 2 - int(math.log10(max(1, number))))
    return f"{math.ceil(number * scale) / scale:g} {unit}"


def _check_search_time(optimizer: Optimizer, seconds: float) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        message = f"a search can't take {seconds!r} seconds"
        raise UsageError([Diagnostic("bad-search-time", message, fix="search_time=1")])
    if optimizer not in TIMED:
        name = repr(optimizer) if isinstance(optimizer, str) else "an optimizer of your own"
        message = f"the search of {name} can't be timed"
        notes = (f"search_time goes with {', '.join(TIMED)}",)
        raise UsageError([Diagnostic("untimed-optimizer", message, notes=notes, fix='optimizer="random-greedy"')])
