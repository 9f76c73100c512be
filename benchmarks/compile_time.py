"""How long the compiler takes, and how that grows with the size of a program.

Each case is a program of one kind in two sizes, and a stage of the compiler: from text to equations, gradients,
derivations or a compiled function. The growth is the power of the size that the time grows by: 1 is linear.
See README.md beside this file for how to run it.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import einsgrad as eg


def sum_of_products(n: int) -> str:
    """``E = a0_i b0_i + a1_i b1_i + …``."""
    return "E = " + " + ".join(f"a{k}_i b{k}_i" for k in range(n))


def sum_of_names(n: int) -> str:
    """``E = a0 + a1 + …``."""
    return "E = " + " + ".join(f"a{k}" for k in range(n))


def layers(n: int) -> str:
    """Equations of a deep network: matrix products inside nonlinear functions, one after the other."""
    functions = ("tanh", "sigmoid", "softplus", "sin")
    equations = [f"h{k + 1}_i = {functions[k % 4]}(W{k}_ij h{k}_j + c{k}_i)" for k in range(n)]
    return "\n".join([*equations, f"E = h{n}_i h{n}_i"])


def matrix_chain(n: int) -> str:
    """``Y = A0 A1 …``, whose gradients are ``n`` products of ``n`` factors."""
    factors = " ".join(f"A{k}_{{i{k},i{k + 1}}}" for k in range(n))
    return f"Y_{{i0,i{n}}} = {factors}"


def matrix_product_state(n: int) -> str:
    """A chain of tensors with three axes, each contracted with a vector."""
    bonds = [f"b{k}," for k in range(1, n)]
    tensors = zip(range(n), ["", *bonds], [*bonds, ""], strict=True)
    return "E = " + " ".join(f"A{k}_{{{left}{right}s{k},}} v{k}_{{s{k},}}" for k, left, right in tensors)


def alike(n: int) -> str:
    """Two products that differ in the letters of their sums alone, ``n`` of them in a ring."""

    def ring(letter: str) -> str:
        return " ".join(f"A_{{{letter}{k},{letter}{(k + 1) % n}}} b_{{{letter}{k},}}" for k in range(n))

    return f"E = {ring('i')} + {ring('j')}"


def layer_norm(n: int) -> str:
    """Layer normalisation, ``n`` times over."""
    one = "m{k}_b = 1/|h| x{k}_bh; v{k}_b = 1/|h| (x{k}_bh - 1_h m{k}_b)^2"
    one += "; x{next}_bh = (x{k}_bh - 1_h m{k}_b) / sqrt(v{k}_b + 1e-5) g{k}_h + 1_b c{k}_h"
    one = one.replace("1/|h| x", "1/|h| 1_h x").replace("1/|h| (", "1/|h| 1_h (")
    return "\n".join(one.format(k=k, next=k + 1) for k in range(n))


def grad(text: str) -> None:
    """From text to the gradients, as text again."""
    str(eg.grad(eg.parse(text)))


def derive(text: str) -> None:
    """From text to the derivation of all gradients, as text."""
    eg.derive(eg.parse(text)).text()


def compiled(text: str) -> None:
    """From text to a compiled function and its gradients."""
    _ = eg.compile(eg.parse(text)).source


def check(text: str) -> None:
    """From text to the report of a check: gradients are compiled and compared with differences."""
    assert eg.check(text).ok


@dataclass(frozen=True)
class Case:
    """A kind of program, a stage, and the sizes: the smaller and the larger one."""

    program: Callable[[int], str]
    stage: Callable[[str], None]
    sizes: tuple[int, int]


@dataclass(frozen=True)
class Measured:
    """The seconds that a case takes in both sizes; ``growth`` is the power of the size that they grow by."""

    program: str
    stage: str
    sizes: tuple[int, int]
    seconds: tuple[float, float]
    growth: float


CASES = (
    Case(sum_of_products, grad, (500, 2000)),
    Case(sum_of_products, derive, (250, 1000)),
    Case(sum_of_products, compiled, (500, 2000)),
    Case(sum_of_names, grad, (2500, 10000)),
    Case(sum_of_names, compiled, (2500, 10000)),
    Case(sum_of_names, check, (400, 1600)),
    Case(layers, grad, (75, 300)),
    Case(layers, derive, (75, 300)),
    Case(layers, compiled, (75, 300)),
    Case(matrix_chain, grad, (50, 200)),
    Case(matrix_chain, compiled, (50, 200)),
    Case(matrix_product_state, grad, (50, 200)),
    Case(matrix_product_state, compiled, (50, 200)),
    Case(alike, grad, (10, 30)),
    Case(layer_norm, compiled, (1, 16)),
)


def measure(case: Case, rounds: int) -> Measured:
    """Time a case in both sizes: the least of some rounds, of the processor's time."""
    small, large = (_seconds(case, n, rounds) for n in case.sizes)
    growth = math.log(large / small) / math.log(case.sizes[1] / case.sizes[0])
    return Measured(case.program.__name__, case.stage.__name__, case.sizes, (small, large), growth)


def _seconds(case: Case, n: int, rounds: int) -> float:
    text = case.program(n)
    times = []
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        case.stage(text)
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="part of the name of a program or a stage")
    parser.add_argument("--rounds", type=int, default=1, help="take the best of so many")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    for stage in (grad, derive, compiled, check):  # what is imported or built once is not counted
        stage("y_i = sin(a_ij x_j)")
    if not options.json:
        print("| program | stage | sizes | seconds | seconds | growth |\n| --- | --- | --: | --: | --: | --: |")
    results = []
    for case in CASES:
        if options.only not in f"{case.program.__name__} {case.stage.__name__}":
            continue
        found = measure(case, options.rounds)
        results.append(asdict(found))
        if not options.json:
            sizes, (small, large) = " → ".join(map(str, found.sizes)), found.seconds
            print(f"| {found.program} | {found.stage} | {sizes} | {small:.3g} | {large:.3g} | {found.growth:.2f} |")
            sys.stdout.flush()
    if options.json:
        print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
