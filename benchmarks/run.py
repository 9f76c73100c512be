"""Measure einsgrad beside its peers: ``python benchmarks/run.py``.

Each library runs each workload in a process of its own, verifies its result, and is then timed in rounds that take
turns, so that a busy moment of the machine touches all of them. The figure is the median over the rounds.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from libraries import LIBRARIES, PEERS
from rich import box
from rich.console import Console
from rich.table import Table
from workloads import NAMES

HERE = Path(__file__).parent
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
console = Console()


@dataclass
class Result:
    """What was measured of one workload: milliseconds a call, and the distance from the truth, for each library."""

    title: str
    milliseconds: dict[str, float] = field(default_factory=dict)
    error: dict[str, float] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    blas: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        """How many times faster einsgrad is than the fastest peer."""
        peers = [self.milliseconds[name] for name in PEERS if name in self.milliseconds]
        return min(peers) / self.milliseconds["einsgrad"] if peers and "einsgrad" in self.milliseconds else None


def main() -> int:
    """Run the benchmarks that the command line asks for; give the exit status."""
    parser = argparse.ArgumentParser(description="Measure einsgrad beside its peers.")
    parser.add_argument("--quick", action="store_true", help="3 rounds in place of 15")
    parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=f"one of {', '.join(NAMES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--update-readme", action="store_true", help="write the table into benchmarks/README.md")
    options = parser.parse_args()
    results = []
    for name in options.only or NAMES:
        with console.status(f"measuring {name}"):
            results.append(measure(name, rounds=3 if options.quick else 15))
        report(results[-1])
    show(results)
    if options.json:
        figures = [{**asdict(result), "ratio": result.ratio} for result in results]
        options.json.write_text(json.dumps({"machine": machine(results), "results": figures}, indent=2) + "\n")
    if options.update_readme:
        update_readme(results)
    return 1 if any(result.failed for result in results) else 0


def measure(name: str, rounds: int) -> Result:
    """Measure one workload by all libraries."""
    workload = importlib.import_module(f"workloads.{name}")
    result = Result(workload.TITLE)
    workers = {}
    for library in LIBRARIES:
        if library == "torch built-in" and not hasattr(workload, "forward_builtin"):
            continue
        worker = Worker("worker.py", name, library)
        first = worker.listen()
        if first is None:
            result.failed[library] = worker.last_words()
        elif "missing" in first:
            result.skipped[library] = f"{first['missing']} is not installed"
        else:
            workers[library] = worker
            result.error[library] = first["error"]
            result.blas = sorted({*result.blas, *first["blas"]})
    seconds: dict[str, list[float]] = {library: [] for library in workers}
    turns = list(workers.items())
    for number in range(rounds):
        start = number % max(1, len(turns))
        for library, worker in turns[start:] + turns[:start]:
            seconds[library].append(worker.time())
    for library, worker in workers.items():
        worker.stop()
        result.milliseconds[library] = 1e3 * statistics.median(seconds[library])
    return result


class Worker:
    """A process that runs one library."""

    def __init__(self, script: str, *arguments: str, variables: Mapping[str, str] | None = None) -> None:
        # Where the environment picks the kernels of OpenBLAS, that is not how the library runs by itself.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / script), *arguments],
            env={**environment, **(variables or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def listen(self) -> dict[str, Any] | None:
        """Give the next message; ``None`` where the process has ended."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        message: dict[str, Any] | None = json.loads(line) if line else None
        return message

    def time(self) -> float:
        """Have a batch of calls timed; give the seconds a call."""
        return float(self.ask("go")["seconds"])

    def ask(self, question: Any) -> dict[str, Any]:
        """Send a message, and give the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.listen()
        if answer is None:
            raise SystemExit(f"a worker died: {self.last_words()}")
        return answer

    def last_words(self) -> str:
        """Give the last line that a dead process wrote to standard error."""
        _, text = self.process.communicate()
        return (text.strip().splitlines() or ["no message"])[-1]

    def stop(self) -> None:
        """End the process."""
        self.process.communicate()


def report(result: Result) -> None:
    """Say what was skipped and what failed."""
    for library, why in result.skipped.items():
        console.print(f"{result.title}: skipped {library}, {why}", style="yellow")
    for library, why in result.failed.items():
        console.print(f"{result.title}: {library} failed: {why}", style="red", markup=False)


def cells(result: Result) -> list[str]:
    """Give a row of the table: milliseconds for each library, then the ratio."""
    times = [result.milliseconds.get(library) for library in LIBRARIES]
    return [
        result.title,
        *("–" if time is None else f"{time:.3g}" if time < 100 else f"{time:.0f}" for time in times),
        "–" if result.ratio is None else f"{result.ratio:.2f}",
    ]


HEADER = ["workload", *LIBRARIES, "× fastest peer"]


def mean_row(results: list[Result]) -> list[str]:
    """Give the last row: the geometric mean of the ratios."""
    ratios = [result.ratio for result in results if result.ratio is not None]
    mean = f"{math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}" if ratios else "–"
    return ["geometric mean", *[""] * len(LIBRARIES), mean]


def show(results: list[Result]) -> None:
    """Print the table."""
    table = Table(
        title="milliseconds for value and all gradients, float32, 2 threads",
        show_footer=True,
        pad_edge=False,
        box=box.SIMPLE,
    )
    for heading, foot in zip(HEADER, mean_row(results), strict=True):
        table.add_column(heading, foot, justify="left" if heading == "workload" else "right", min_width=6)
    for result in results:
        table.add_row(*cells(result))
    console.print(table)
    for line in machine(results):
        console.print(line, highlight=False)


def machine(results: list[Result]) -> list[str]:
    """Say what it was measured on: the processor, the versions, and the BLAS kernels in use."""
    versions = []
    for name in ("numpy", "opt_einsum", *PEERS):
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {name}")
    kernels = sorted({kernel for result in results for kernel in result.blas})
    return [
        f"Processor: {processor()}; Python {platform.python_version()}",
        f"Versions: {', '.join(versions)}",
        f"BLAS: {', '.join(kernels) or 'not known, install threadpoolctl'}",
    ]


def processor() -> str:
    """Name the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def update_readme(results: list[Result]) -> None:
    """Write the table between the markers of the README."""
    path = HERE / "README.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = [HEADER, ["---", *["--:"] * (len(HEADER) - 1)], *map(cells, results), mean_row(results)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    notes = "\n".join(f"- {line}" for line in machine(results))
    path.write_text(f"{before}{BEGIN}\n{table}\n\n{notes}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
