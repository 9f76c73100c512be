"""Measuring a workload: a process for each library, prepared one by one, then timed in rounds that take turns."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cores
from libraries import LIBRARIES, PEERS
from processes import DiedError, Worker, output
from truth import load
from workloads import SIZES, WORKLOADS


@dataclass(frozen=True)
class Effort:
    """How much is done: which libraries run, how often, and how long they are waited for."""

    libraries: tuple[str, ...]
    rounds: int
    batch: float  # seconds that a batch of calls lasts
    patience: float  # seconds to wait at most before a batch until the machine is idle
    settling: float  # likewise, after workers have compiled
    sizes: bool  # einsgrad is told the sizes beforehand


FULL = Effort(tuple(LIBRARIES), rounds=15, batch=0.05, patience=0.3, settling=10, sizes=False)
QUICK = Effort(
    tuple(name for name in LIBRARIES if name != "torch.compile"),
    rounds=3,
    batch=0.02,
    patience=0.2,
    settling=1,
    sizes=False,
)


@dataclass
class Result:
    """What was measured of a workload at one size; by library where that says so.

    Attributes:
        milliseconds: a call takes.
        error: how far value and gradients are from the truth, relatively.
        first: seconds from the equations or the function to the first result.
        peak: bytes by which calls take the process beyond what it had before the first one.
        skipped: why a library was not measured.
        failed: what went wrong.
        moved: bytes of inputs and results.
        flops: of the contractions; ``None`` where einsgrad was not measured.
        floor: milliseconds that a call takes at least, of which the larger of two kinds of work is the cause.
        busy: batches that began though the machine was not idle.
        batches: all of them.
        blas: the kernels in use.
    """

    name: str
    title: str
    size: str
    sizes: Mapping[str, int]
    dtype: str
    milliseconds: dict[str, float] = field(default_factory=dict)
    error: dict[str, float] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    peak: dict[str, int | None] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    moved: int = 0
    flops: int | None = None
    floor: float | None = None
    busy: int = 0
    batches: int = 0
    blas: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        """How many times faster einsgrad's NumPy code is than the fastest peer."""
        return self.faster_than(*PEERS)

    @property
    def native_ratio(self) -> float | None:
        """How many times faster einsgrad's native code is than the fastest peer."""
        return self.faster_than(*PEERS, target="native")

    def faster_than(self, *libraries: str, target: str = "einsgrad") -> float | None:
        """Give how many times faster einsgrad is than the fastest of some libraries."""
        times = [self.milliseconds[name] for name in libraries if name in self.milliseconds]
        own = self.milliseconds.get(target)
        return min(times) / own if times and own else None

    @property
    def above_floor(self) -> float | None:
        """How many times the floor einsgrad takes."""
        own = self.milliseconds.get("einsgrad")
        return own / self.floor if own and self.floor else None

    def set_floor(self, rates: Mapping[str, float]) -> None:
        """Work out the floor from flops and bytes a second."""
        if self.flops is not None:
            self.floor = 1e3 * max(self.flops / rates["flops"], self.moved / rates["bytes"])


Rates = dict[str, dict[str, float]]


def rates() -> Rates:
    """Measure the rates of a large matrix product and of a copy, for each type."""
    measured: Rates = json.loads(output("floor.py"))
    return measured


def faster(one: Rates, other: Rates) -> Rates:
    """Give the higher of each two rates."""
    return {dtype: {what: max(rate, other[dtype][what]) for what, rate in of.items()} for dtype, of in one.items()}


def measure(name: str, effort: Effort, advance: Callable[[str], None]) -> Iterator[Result]:
    """Measure one workload, each of its sizes in turn; ``advance`` is told of each step."""
    workload = WORKLOADS[name]
    with tempfile.TemporaryDirectory() as folder:
        workers = {
            library: Worker("worker.py", name, library, folder, *(["--sizes"] if effort.sizes else []))
            for library in effort.libraries
            if library != "torch built-in" or workload.builtin
        }
        try:
            advance("truth")
            output("truth.py", name, folder)
            missing = {library: _missing(worker.listen()) for library, worker in workers.items()}
            for size in SIZES:
                result = Result(name, workload.title, size, workload.sizes(size), workload.dtype)
                result.moved = _bytes(Path(folder) / size)
                result.skipped = {library: why for library, why in missing.items() if why}
                present = {library: worker for library, worker in workers.items() if not missing[library]}
                _prepare(present, effort, result, advance)
                _time(present, effort, result, advance)
                yield result
        finally:
            for worker in workers.values():
                worker.stop()


def _missing(first: Mapping[str, Any] | None) -> str | None:
    """Give from the first message of a worker why it can't be measured; one that has died says so when it is asked."""
    return f"{first['missing']} is not installed" if first and "missing" in first else None


def _bytes(folder: Path) -> int:
    """Give the bytes of inputs and results, each counted once; the truth is kept in float64."""
    inputs, upstream, truth = (load(folder / f"{part}.npz") for part in ("inputs", "upstream", "truth"))
    item = next(iter(inputs.values())).itemsize
    return sum(array.size for part in (inputs, upstream, truth) for array in part.values()) * item


def _prepare(workers: Mapping[str, Worker], effort: Effort, result: Result, advance: Callable[[str], None]) -> None:
    for library, worker in workers.items():
        advance(library)
        try:
            found = worker.ask({"prepare": result.size, "batch": effort.batch})
        except DiedError as why:
            result.failed[library] = str(why)
            continue
        if "skipped" in found:
            result.skipped[library] = found["skipped"]
        elif "failed" in found:
            result.failed[library] = found["failed"]
        else:
            result.error[library] = found["error"]
            result.first[library] = found["first"]
            result.peak[library] = found["peak"]
            result.flops = found.get("flops", result.flops)
            result.blas = sorted({*result.blas, *found["blas"]})


def _time(workers: Mapping[str, Worker], effort: Effort, result: Result, advance: Callable[[str], None]) -> None:
    turns = list(result.error)
    seconds: dict[str, list[float]] = {library: [] for library in turns}
    advance("timing")
    cores.wait_until_idle(effort.settling)
    for number in range(effort.rounds):
        start = number % max(1, len(turns))
        for library in turns[start:] + turns[:start]:
            result.batches += 1
            result.busy += not cores.wait_until_idle(effort.patience)
            seconds[library].append(workers[library].ask({"time": True})["seconds"])
    result.milliseconds = {library: 1e3 * statistics.median(times) for library, times in seconds.items()}
