"""The floor: flops at the rate of a large matrix product, bytes at that of a copy, whichever takes longer.

Flops are those of the contractions in einsgrad's plan at the real sizes. Bytes are those of all inputs read and all
results written, once each. ``python floor.py`` measures the rates.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cores
import numpy
from workloads.workload import Workload

import einsgrad as eg
from einsgrad.calculus.apart import sizes_apart
from einsgrad.ir.ranges import infer_ranges
from einsgrad.planner.cost import total_cost
from einsgrad.planner.joint import plan_joint
from einsgrad.planner.plan import Contract, needed
from einsgrad.planner.planning import make_plan, nominal_sizes

ROUNDS = 10


def flops(workload: Workload, size: str) -> int:
    """Give the flops of the contractions that value and gradients take."""
    parsed = eg.parse(workload.equations)
    sizes = sizes_apart(parsed, workload.sizes(size))
    program = plan_joint(parsed, None, workload.wrt, sizes).program
    plan = make_plan(program, sizes)
    contractions = [
        number
        for number in sorted(needed(plan.values, set(plan.results.values())))
        if isinstance(plan.values[number].op, Contract)
    ]
    return total_cost(plan.values, contractions, nominal_sizes(infer_ranges(program), sizes)).flops


def rates() -> dict[str, dict[str, float]]:
    """Measure flops and bytes a second, for each type."""
    return {dtype: {"flops": _product_rate(dtype), "bytes": _copy_rate(dtype)} for dtype in ("float32", "float64")}


def _product_rate(dtype: str) -> float:
    n = 2048
    a, b, out = (numpy.ones((n, n), dtype) for _ in range(3))
    return 2 * n**3 / _fastest(lambda: numpy.matmul(a, b, out=out))


def _copy_rate(dtype: str) -> float:
    """Copy on both cores, as a library with threads can; a copy reads and writes."""
    source, target = (numpy.ones((2, 1 << 23), dtype) for _ in range(2))
    with ThreadPoolExecutor(2) as pool:
        return 2 * source.nbytes / _fastest(lambda: list(pool.map(numpy.copyto, target, source)))


def _fastest(call: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        cores.wait_until_idle(1)
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    print(json.dumps(rates()))
