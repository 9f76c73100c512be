"""Measure einsgrad beside its peers: ``python benchmarks/run.py``.

Each library runs each workload in a process of its own, verifies its result, and is then timed in rounds that take
turns, so that a busy moment of the machine touches all of them. The figure is the median over the rounds.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import report
from measuring import FULL, QUICK, Effort, Result, faster, measure, rates
from plot import write_plot
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from workloads import SIZES, WORKLOADS

console = report.terminal()


def main() -> int:
    """Run the benchmarks that the command line asks for; give the exit status."""
    options = arguments()
    effort = replace(QUICK if options.quick else FULL, sizes=options.sizes)
    before = rates()
    results = run(options.only or list(WORKLOADS), effort)
    measured = faster(before, rates())  # what a busy moment slowed down once is right the other time
    for result in results:
        result.set_floor(measured[result.dtype])
    lines = report.notes(results, measured, effort)
    report.show(results, console)
    for line in lines:
        console.print(line, highlight=False)
    if options.json:
        text = json.dumps(report.as_json(results, lines, measured), indent=2, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    if options.plot:
        write_plot(results, options.plot)
    if options.update_readme:
        report.update_readme(results, lines)
    return 1 if any(result.failed for result in results) else 0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure einsgrad beside its peers.")
    parser.add_argument("--quick", action="store_true", help="3 rounds in place of 15, without torch.compile")
    names = ", ".join(WORKLOADS)
    parser.add_argument("--only", action="append", choices=WORKLOADS, metavar="NAME", help=f"one of {names}")
    parser.add_argument("--sizes", action="store_true", help="tell einsgrad the sizes beforehand")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a plot there, as SVG")
    parser.add_argument("--update-readme", action="store_true", help="write table and plot into benchmarks/")
    return parser.parse_args()


def run(names: list[str], effort: Effort) -> list[Result]:
    """Measure workloads, with a progress bar."""
    results: list[Result] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(names) * len(SIZES))
        for name in names:

            def advance(step: str, name: str = name) -> None:
                progress.update(task, description=f"{name}: {step}")

            for result in measure(name, effort, advance):
                report.complain(result, progress.console)
                results.append(result)
                progress.advance(task)
    return results


if __name__ == "__main__":
    sys.exit(main())
