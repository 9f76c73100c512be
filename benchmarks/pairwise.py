"""Measure one pairwise contraction at a time beside einsum of other libraries: ``python benchmarks/pairwise.py``.

Each library runs in a process of its own and verifies each result before it is timed. Rounds take turns; a ratio is
taken within a round, so that what else the machine does touches both sides, and the figure is the median over rounds.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy
from processes import Worker
from rich import box
from rich.console import Console
from rich.table import Table
from timing import batch_size, distance, tell, timed

_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
_BATCH = 0.025  # seconds that a batch of calls lasts
OURS, PEERS = "einsgrad", ("numpy", "torch", "jax")


@dataclass(frozen=True)
class Case:
    """A contraction of two arrays, or the sum of one, by its einsum string and the sizes of its letters."""

    title: str
    subscripts: str
    sizes: str

    def operands(self) -> list[Any]:
        """Draw the arrays."""
        rng = numpy.random.default_rng(0)
        extents = dict(zip(sorted({*self.subscripts} - {*",->"}), map(int, self.sizes.split()), strict=True))
        terms = self.subscripts.split("->")[0].split(",")
        return [rng.normal(size=[extents[i] for i in term]).astype(numpy.float32) for term in terms]


# Sizes stand in the alphabetical order of the letters.
CASES = [
    Case("matrix product", "ik,kj->ij", "512 512 512"),
    Case("right one transposed", "ik,jk->ij", "512 512 512"),
    Case("left one transposed", "ki,kj->ij", "512 512 512"),
    Case("both transposed", "ki,jk->ij", "512 512 512"),
    Case("result transposed", "ik,kj->ji", "512 512 512"),
    Case("small", "ik,kj->ij", "32 32 32"),
    Case("long, thin", "ki,kj->ij", "16 16 50000"),
    Case("few summed", "ik,jk->ij", "1000 1000 8"),
    Case("tall times small", "ik,kj->ij", "20000 16 64"),
    Case("batch", "bik,bkj->bij", "32 64 64 64"),
    Case("batch, right one transposed", "bik,bjk->bij", "32 64 64 64"),
    Case("batch, left one transposed", "bki,bkj->bij", "32 64 64 64"),
    Case("batch of small ones", "bik,bkj->bij", "5000 8 8 8"),
    Case("two batch letters", "abik,abkj->abij", "8 8 64 64 64"),
    Case("heads in the middle, scores", "bthk,bshk->bhts", "4 8 32 128 128"),
    Case("heads in the middle, values", "bhts,bshe->bthe", "4 32 8 128 128"),
    Case("batch last", "ikb,kjb->ijb", "64 32 32 32"),
    Case("batch in the middle", "ibk,kbj->ibj", "16 64 64 64"),
    Case("batch, result in another order", "bik,bkj->ibj", "32 64 64 64"),
    Case("two row letters", "abk,kj->abj", "32 64 128 128"),
    Case("two column letters", "ik,kab->iab", "16 32 256 64"),
    Case("two summed letters", "iab,abj->ij", "16 32 256 64"),
    Case("two summed letters, crossed", "iab,baj->ij", "16 32 256 64"),
    Case("row, column and summed letters in pairs", "abxy,xycd->abcd", "16 16 16 16 16 16"),
    Case("summed letter in the middle", "akb,kj->abj", "32 32 64 64"),
    Case("weights of heads", "btd,dhk->bhtk", "4 256 8 32 128"),
    Case("gradient of weights of heads", "btd,bhtk->dhk", "4 256 8 32 128"),
    Case("dot product", "i,i->", "1000000"),
    Case("all of two matrices", "ij,ij->", "1000 1000"),
    Case("all, one transposed", "ij,ji->", "512 512"),
    Case("row by row", "ij,ij->i", "2000 500"),
    Case("column by column", "ij,ij->j", "2000 500"),
    Case("summed in the middle", "ijk,ijk->ik", "64 128 64"),
    Case("outer product", "i,j->ij", "1000 1000"),
    Case("matrix times vector", "ij,j->i", "1000 1000"),
    Case("vector times matrix", "i,ij->j", "1000 1000"),
    Case("matrices times vectors", "bij,bj->bi", "64 128 128"),
    Case("vectors times matrices", "bi,bij->bj", "64 128 128"),
    Case("matrices times vectors, interleaved", "ijr,jr->ir", "200 200 32"),
    Case("vectors times matrices, interleaved", "ijr,ir->jr", "200 200 32"),
    Case("element by element, a factor for each row", "ij,i->ij", "1000 1000"),
    Case("sum over the leading axes", "abi->i", "64 64 256"),
]


@dataclass
class Result:
    """Microseconds a call by library, the distance from the truth, and our time over that of the fastest peer."""

    case: Case
    microseconds: dict[str, float] = field(default_factory=dict)
    error: dict[str, float] = field(default_factory=dict)
    ratio: float = math.nan


def main() -> int:
    """Run the benchmark; give the exit status."""
    parser = argparse.ArgumentParser(description="Measure pairwise contractions beside einsum of other libraries.")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is timed")
    parser.add_argument("--only", metavar="TEXT", default="", help="cases whose title or einsum string has this in it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--threads", type=int, choices=(1, 2), default=2, help="of each library; 1 on a busy machine")
    parser.add_argument("--worker", choices=CALLS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(CALLS[options.worker](options.threads))
        return 0
    console = Console()
    arguments = ("--threads", str(options.threads), "--worker")
    variables = {} if options.threads == 2 else {"OPENBLAS_NUM_THREADS": "1", "XLA_FLAGS": _ONE_THREAD}
    workers = {library: Worker("pairwise.py", *arguments, library, variables=variables) for library in (OURS, *PEERS)}
    for library, worker in list(workers.items()):
        if worker.listen() is None:
            console.print(f"without {library}: {worker.last_words()}", style="yellow", markup=False)
            del workers[library]
    results = []
    for number, case in enumerate(CASES):
        if options.only in f"{case.title} {case.subscripts}":
            with console.status(f"measuring {case.title}"):
                results.append(measure(number, workers, options.rounds))
    for worker in workers.values():
        worker.stop()
    show(console, results, options.threads)
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    return 0


def measure(number: int, workers: dict[str, Worker], rounds: int) -> Result:
    """Measure one case by all libraries in turn."""
    result = Result(CASES[number])
    for library, worker in workers.items():
        result.error[library] = worker.ask(number)["error"]
    seconds: dict[str, list[float]] = {library: [] for library in workers}
    turns = list(workers.items())
    for turn in range(rounds):
        start = turn % len(turns)
        for library, worker in turns[start:] + turns[:start]:
            seconds[library].append(worker.ask("go")["seconds"])
    result.microseconds = {library: 1e6 * statistics.median(times) for library, times in seconds.items()}
    peers = [seconds[library] for library in PEERS if library in seconds]
    result.ratio = max(statistics.median(map(float.__truediv__, seconds[OURS], peer)) for peer in peers)
    return result


def show(console: Console, results: list[Result], threads: int) -> None:
    """Print the table, and how many cases are how slow."""
    table = Table(title=f"microseconds a call, float32, threads: {threads}", pad_edge=False, box=box.SIMPLE)
    for heading in ("contraction", "einsum", "sizes", OURS, *PEERS, "÷ fastest"):
        left = heading in ("contraction", "einsum", "sizes")
        table.add_column(heading, justify="left" if left else "right", overflow="fold")
    for result in results:
        times = (f"{result.microseconds[x]:.0f}" if x in result.microseconds else "–" for x in (OURS, *PEERS))
        case = result.case
        style = "red" if result.ratio > 2 else "yellow" if result.ratio > 1.5 else None
        table.add_row(case.title, case.subscripts, case.sizes, *times, f"{result.ratio:.2f}", style=style)
    console.print(table)
    ratios = [result.ratio for result in results]
    mean = math.exp(statistics.mean(map(math.log, ratios)))
    slower = [sum(ratio > bound for ratio in ratios) for bound in (1.5, 2)]
    console.print(f"geometric mean {mean:.2f}; {slower[0]} above 1.5, {slower[1]} above 2, of {len(ratios)}")


# --- in the workers


def work(make: Callable[[Case, list[Any]], Callable[[], Any]]) -> None:
    """Verify the case of each number that is sent, and time a batch of calls for each other word."""
    tell({"ready": True})
    call: Callable[[], Any] = lambda: None  # noqa: E731
    calls = 1
    for line in sys.stdin:
        message = json.loads(line)
        if message == "go":
            call()
            tell({"seconds": timed(call, calls)})
        else:
            case = CASES[message]
            arrays = case.operands()
            call = make(case, arrays)
            true = numpy.einsum(case.subscripts, *(a.astype(float) for a in arrays), optimize=True)
            error = distance(numpy.asarray(call()), true)
            calls = batch_size(call, _BATCH)
            tell({"error": error})


def ours(_: int) -> Callable[[Case, list[Any]], Callable[[], Any]]:
    """Compile the einsum string for its sizes."""
    import einsgrad as eg

    def make(case: Case, arrays: list[Any]) -> Callable[[], Any]:
        inputs, output = case.subscripts.split("->")
        terms = [f"{name}_{term}" for name, term in zip("xw", inputs.split(","), strict=False)]
        ones = f"1_{''.join(sorted({*inputs} - {*output, ','}))} " if len(terms) == 1 else ""
        sizes = {
            i: n for term, a in zip(inputs.split(","), arrays, strict=True) for i, n in zip(term, a.shape, strict=True)
        }
        f = eg.compile(f"y{'_' if output else ''}{output} = {ones}{' '.join(terms)}", wrt=(), sizes=sizes)
        named = dict(zip("xw", arrays, strict=False))
        return lambda: f(**named)

    return make


def numpys(_: int) -> Callable[[Case, list[Any]], Callable[[], Any]]:
    """Call einsum of NumPy."""
    return lambda case, arrays: lambda: numpy.einsum(case.subscripts, *arrays, optimize=True)


def torchs(threads: int) -> Callable[[Case, list[Any]], Callable[[], Any]]:
    """Call einsum of torch."""
    import torch

    torch.set_num_threads(threads)

    def make(case: Case, arrays: list[Any]) -> Callable[[], Any]:
        tensors = [torch.tensor(array) for array in arrays]
        return lambda: torch.einsum(case.subscripts, *tensors)

    return make


def jaxs(_: int) -> Callable[[Case, list[Any]], Callable[[], Any]]:
    """Compile einsum of jax."""
    import jax

    def make(case: Case, arrays: list[Any]) -> Callable[[], Any]:
        compiled = jax.jit(lambda *operands: jax.numpy.einsum(case.subscripts, *operands))
        held = [jax.numpy.asarray(array) for array in arrays]
        return lambda: jax.block_until_ready(compiled(*held))

    return make


CALLS = {OURS: ours, "numpy": numpys, "torch": torchs, "jax": jaxs}


if __name__ == "__main__":
    raise SystemExit(main())
