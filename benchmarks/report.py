"""What the results are shown as: rows of a table, means, notes, JSON, and the table in the README."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from libraries import LIBRARIES, PEERS
from measuring import Effort, Result
from plot import write_plot
from rich import box
from rich.console import Console
from rich.table import Table
from workloads import SIZES

HERE = Path(__file__).parent
README, PLOT = HERE / "README.md", HERE / "speed.svg"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

HEADER = ["workload", "size", *LIBRARIES, "× fastest peer", "native ×", "× floor", "MB", "MB jax", "first s"]
_LEFT = 2  # columns of words
_NARROW = ("workload", "einsgrad", "native", "jax", "torch", "× fastest peer", "native ×")
_WIDE = 190  # signs that all columns take


def cells(result: Result) -> list[str]:
    """Give a row of the table: milliseconds for each library, then what follows from them."""
    return [
        result.title if result.dtype == "float32" else f"{result.title}, {result.dtype}",
        ", ".join(f"{letter} {size}" for letter, size in _grouped(result.sizes)),
        *(_short(result.milliseconds.get(library)) for library in LIBRARIES),
        _short(result.ratio),
        _short(result.native_ratio),
        _short(result.above_floor),
        _short(_mega(result.peak.get("einsgrad"))),
        _short(_mega(result.peak.get("jax"))),
        _short(result.first.get("einsgrad")),
    ]


def _grouped(sizes: Mapping[str, int]) -> list[tuple[str, int]]:
    """Give letters of one size together."""
    letters: dict[int, str] = {}
    for letter, size in sizes.items():
        letters[size] = letters.get(size, "") + letter
    return [(group, size) for size, group in letters.items()]


def _short(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.0f}" if figure >= 100 else f"{figure:.3g}"


def _mega(size: int | None) -> float | None:
    return None if size is None else size / 1e6


def geometric_mean(figures: Iterable[float | None]) -> float | None:
    """Give the geometric mean of those that there are."""
    known = [figure for figure in figures if figure is not None]
    return math.exp(sum(map(math.log, known)) / len(known)) if known else None


def means(results: Sequence[Result]) -> dict[str, dict[str, float | None]]:
    """Give the geometric means over the small sizes, the large ones and all: beside each peer, and the floor."""
    groups = {size: [result for result in results if result.size == size] for size in SIZES}
    return {
        size: {
            "fastest peer": geometric_mean(result.ratio for result in some),
            "native": geometric_mean(result.native_ratio for result in some),
            **{peer: geometric_mean(result.faster_than(peer) for result in some) for peer in PEERS},
            "floor": geometric_mean(result.above_floor for result in some),
        }
        for size, some in {**groups, "all": list(results)}.items()
    }


def mean_rows(results: Sequence[Result]) -> list[list[str]]:
    """Give the last rows: how many times faster einsgrad is than each peer, and than the fastest, in the mean."""
    return [
        [
            f"geometric mean, {size}",
            "× einsgrad",
            *("" if library not in PEERS else _short(found[library]) for library in LIBRARIES),
            _short(found["fastest peer"]),
            _short(found["native"]),
            _short(found["floor"]),
            *[""] * 3,
        ]
        for size, found in means(results).items()
    ]


def terminal() -> Console:
    """Give where results are printed: as wide as the terminal, or as the table where it goes to a file."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDE)


def show(results: Sequence[Result], console: Console) -> None:
    """Print a table for each size; a narrow terminal gets the columns that matter most, a file all of them."""
    shown = [number for number, heading in enumerate(HEADER) if console.width >= _WIDE or heading in _NARROW]
    for size in SIZES:
        some = [result for result in results if result.size == size]
        if not some:
            continue
        table = Table(title=f"{size} sizes: milliseconds for value and all gradients, 2 threads", box=box.SIMPLE)
        for number in shown:
            table.add_column(HEADER[number], justify="left" if number < _LEFT else "right")
        for result in some:
            table.add_row(*(cells(result)[number] for number in shown))
        table.add_section()
        table.add_row(*(mean_rows(some)[SIZES.index(size)][number] for number in shown))
        console.print(table)


def complain(result: Result, console: Console) -> None:
    """Say what was skipped and what failed."""
    for library, why in result.skipped.items():
        console.print(f"{result.name}, {result.size}: skipped {library}, {why}", style="yellow", markup=False)
    for library, why in result.failed.items():
        console.print(f"{result.name}, {result.size}: {library} failed: {why}", style="red", markup=False)


def notes(results: Sequence[Result], rates: Mapping[str, Mapping[str, float]], effort: Effort) -> list[str]:
    """Say what it was measured on and how: processor, versions, kernels, rates, and whether it was idle."""
    versions = []
    for name in ("numpy", "opt_einsum", "jax", "torch", "autograd"):
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {name}")
    kernels = sorted({kernel for result in results for kernel in result.blas})
    busy, batches = (sum(getattr(result, what) for result in results) for what in ("busy", "batches"))
    left_out = [library for library in LIBRARIES if library not in effort.libraries]
    return [
        f"Processor: {processor()}; Python {platform.python_version()}",
        f"Versions: {', '.join(versions)}",
        f"BLAS: {', '.join(kernels) or 'not known, install threadpoolctl'}",
        "Floor: "
        + "; ".join(f"{name} {r['flops'] / 1e9:.0f} Gflop/s, {r['bytes'] / 1e9:.1f} GB/s" for name, r in rates.items()),
        f"{busy} of {batches} batches began on a machine that was not idle",
        *([f"Left out: {', '.join(left_out)}"] if left_out else []),
        *(["einsgrad was told the sizes beforehand"] if effort.sizes else []),
    ]


def processor() -> str:
    """Name the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def as_json(results: Sequence[Result], lines: Sequence[str], rates: Mapping[str, Mapping[str, float]]) -> Any:
    """Give everything that was measured, for ``json.dumps``."""
    figures = [
        {**asdict(result), "ratio": result.ratio, "above_floor": result.above_floor, "jax": result.faster_than("jax")}
        for result in results
    ]
    by_name = {name: {r.size: r.ratio for r in results if r.name == name} for name in {r.name: None for r in results}}
    return {"notes": lines, "rates": rates, "means": means(results), "ratios": by_name, "results": figures}


def update_readme(results: Sequence[Result], lines: Sequence[str]) -> None:
    """Write the table between the markers of the README, and the plot beside it."""
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    ruler = ["---"] * _LEFT + ["--:"] * (len(HEADER) - _LEFT)
    rows = [HEADER, ruler, *map(cells, results), *mean_rows(results)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    write_plot(results, PLOT)
    picture = f"![How much longer each library takes than einsgrad]({PLOT.name})"
    measured = "\n\n".join([table, picture, "\n".join(f"- {line}" for line in lines)])
    README.write_text(f"{before}{BEGIN}\n{measured}\n{END}{after}", encoding="utf-8")
