"""The two cores that everything runs on, whether they are idle, and what memory a process has taken on them.

Importing this keeps a process, and those that it starts, to the two: import it before a library that counts cores.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_WINDOW = 0.05  # seconds that a look at the load takes


if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


def wait_until_idle(patience: float) -> bool:
    """Wait until the cores have nothing to do, but no longer than ``patience`` seconds; say whether they are idle.

    Thread pools of libraries spin for a while after a call, in whatever process that was made.
    """
    deadline = time.monotonic() + patience
    while True:
        before = _busy_ticks()
        time.sleep(_WINDOW)
        if before is None:
            return True
        busy = _busy_ticks()
        if busy is not None and busy - before <= 1:  # a tick is 10 ms, this process has its own
            return True
        if time.monotonic() > deadline:
            return False


def _busy_ticks() -> int | None:
    """Give the ticks that the cores have worked since the machine was started, where the system tells."""
    try:
        lines = Path("/proc/stat").read_text().splitlines()
    except OSError:
        return None
    mine = {f"cpu{number}" for number in os.sched_getaffinity(0)}
    total = 0
    for line in lines:
        name, *ticks = line.split()
        if name in mine:
            user, nice, system, _, _, interrupts, soft, stolen = map(int, ticks[:8])
            total += user + nice + system + interrupts + soft + stolen
    return total


def resident_bytes() -> int | None:
    """Give the memory that this process has, where the system tells."""
    return _status("VmRSS")


def peak_bytes() -> int | None:
    """Give the most memory that this process had since ``forget_peak``, where the system tells."""
    return _status("VmHWM")


def forget_peak() -> bool:
    """Count the peak anew; say whether the system can."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def _status(field: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(field)), None)
