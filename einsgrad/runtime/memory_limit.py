"""The memory limit: what a call holds at a time is compared with what the user allows.

That is what functions form on the way and what they give, the arguments apart. Eight bytes are counted for a number, so
single precision takes half of it. Where the size of an index is not known yet there is nothing to compare.
"""

from __future__ import annotations

from collections.abc import Mapping

from einsgrad.calculus.joint import Joint
from einsgrad.diagnostics import Diagnostic, UsageError
from einsgrad.ir.ranges import infer_ranges
from einsgrad.planner.options import PlanOptions, shown_memory
from einsgrad.planner.planning import given_sizes, make_plan
from einsgrad.targets.numpy.memory import peak_bytes

ITEM = 8


def excess(joint: Joint, sizes: Mapping[str, int], options: PlanOptions) -> int | None:
    """Give the bytes that a call for the whole holds at a time if that is more than allowed, else ``None``."""
    if options.memory_limit is None:
        return None
    ranges = infer_ranges(joint.program)
    extents = given_sizes(ranges, sizes)
    if extents.keys() != ranges.letter.keys():
        return None
    held = peak_bytes(make_plan(joint.program, sizes, options), joint, extents, ITEM)
    return held if held > options.memory_limit else None


def require_memory(joint: Joint, sizes: Mapping[str, int], options: PlanOptions) -> None:
    """Refuse what can be computed as a whole only, if that takes more than allowed.

    Raises:
        UsageError: it does.
    """
    held = excess(joint, sizes, options)
    if held is not None:
        raise too_little(held, sizes, options, "computed as a whole")


def too_little(least: int, sizes: Mapping[str, int], options: PlanOptions, way: str) -> UsageError:
    """Say how much memory it takes at least."""
    assert options.memory_limit is not None
    limit = shown_memory(options.memory_limit)
    message = f"a call holds {shown_memory(least)} at a time, more than the memory limit of {limit}"
    notes = (f"{way}; planned for {', '.join(f'{i}={n}' for i, n in sizes.items())}, eight bytes a number",)
    return UsageError([Diagnostic("memory-limit", message, notes=notes, fix=f'memory_limit="{shown_memory(least)}"')])
