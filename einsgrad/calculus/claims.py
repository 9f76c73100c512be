"""Claims: whether one expression is equal to another, whatever the arrays.

A claim is proved where the difference of its sides, with all equations put in and simplified, is zero. Otherwise both
sides are evaluated by the reference interpreter, at small sizes first: where they differ the claim is refuted, with the
arrays as the counterexample; where they agree it is not proved.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.calculus.expand import expander
from einsgrad.calculus.rewriting import broadcast, is_zero
from einsgrad.ir import build
from einsgrad.ir.letters import rename
from einsgrad.ir.nodes import Expr, Tensor
from einsgrad.ir.program import Claim, Definition, Program, uses
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.traversal import count_nodes, transform
from einsgrad.reference import evaluate

Verdict = Literal["proved", "refuted", "not proved"]

# Equations are put into one another up to this many nodes; beyond, a claim is only tried with numbers.
_MOST_NODES = 20_000
# No user can give a tensor these names.
_LEFT, _RIGHT = "left side", "right side"
_TRIES = 12


@dataclass(frozen=True)
class Counterexample:
    """Arrays for which the sides of a claim differ, and both sides."""

    arrays: Mapping[str, NDArray[Any]]
    left: NDArray[Any]
    right: NDArray[Any]

    def __str__(self) -> str:
        lines = [f"{name} = {_listed(value)}" for name, value in self.arrays.items()]
        return "\n".join([*lines, f"left side: {_listed(self.left)}", f"right side: {_listed(self.right)}"])


def _listed(value: NDArray[Any]) -> str:
    return np.array2string(np.asarray(value), precision=6, separator=", ").replace("\n", "")


def judge(program: Program) -> list[tuple[Verdict, Counterexample | None]]:
    """Give the verdict on each claim of a program, with a counterexample where it is refuted."""
    apart = rename_apart(program)
    differentiator = Differentiator(apart)
    return [_judge(claim, differentiator) for claim in apart.claims]


def _judge(claim: Claim, differentiator: Differentiator) -> tuple[Verdict, Counterexample | None]:
    left, right = (broadcast(differentiator.expand(side), claim.free) for side in (claim.lhs, claim.rhs))
    if _is_zero_for_all(build.add([left, build.negate(right)]), differentiator.definitions):
        return "proved", None
    counterexample = _refute(claim, left, right, differentiator)
    return ("refuted", counterexample) if counterexample else ("not proved", None)


def _is_zero_for_all(difference: Expr, definitions: Mapping[str, Definition]) -> bool:
    inlined: dict[str, Expr] = {}

    def put_in(node: Expr) -> Expr:
        if isinstance(node, Tensor) and node.name in inlined:
            d = definitions[node.name]
            return rename(inlined[node.name], dict(zip(d.indices, node.indices, strict=True)))
        return node

    for d in Program(tuple(definitions.values())).in_order():
        inlined[d.name] = transform(d.rhs, put_in)
        if count_nodes(inlined.values()) > _MOST_NODES:
            return False
    return is_zero(expander()(transform(difference, put_in)))


def _refute(claim: Claim, left: Expr, right: Expr, differentiator: Differentiator) -> Counterexample | None:
    """Look for arrays at which the sides differ: small sizes and whole numbers before larger and random ones."""
    definitions = dict(differentiator.definitions)
    definitions[_LEFT] = Definition(_LEFT, claim.free, left)
    definitions[_RIGHT] = Definition(_RIGHT, claim.free, right)
    needed = _needed(definitions, [_LEFT, _RIGHT])
    program = Program(
        tuple(d for name, d in definitions.items() if name in needed), anchors=differentiator.program.anchors
    )
    for arrays, sizes in _points(program):
        with np.errstate(all="ignore"):
            values = evaluate(program, arrays, sizes)
        a, b = values[_LEFT], values[_RIGHT]
        if not (np.all(np.isfinite(a)) and np.all(np.isfinite(b))):
            continue
        scale = 1 + max(np.max(np.abs(a), initial=0), np.max(np.abs(b), initial=0))
        if np.max(np.abs(a - b), initial=0) > 1e-8 * scale:
            return Counterexample(arrays, a, b)
    return None


def _needed(definitions: Mapping[str, Definition], roots: list[str]) -> set[str]:
    needed: set[str] = set()
    while roots:
        name = roots.pop()
        if name in definitions and name not in needed:
            needed.add(name)
            roots += uses(definitions[name].rhs)
    return needed


def _points(program: Program) -> Iterator[tuple[dict[str, NDArray[Any]], dict[str, int]]]:
    rng = np.random.default_rng(0)
    ranges = infer_ranges(program)
    numbers = sorted(set(ranges.of_index.values()) | set(ranges.of_axis.values()))
    for attempt in range(_TRIES):
        if attempt < 4:
            size = dict.fromkeys(numbers, 1 + attempt // 2)
        else:
            size = dict(zip(numbers, itertools.cycle([2, 3, 1]), strict=False))
        kind = attempt % 2 if attempt < 6 else 2 + attempt % 2
        arrays = {}
        for name in program.inputs:
            shape = [size[ranges.of_axis[name, axis]] for axis in range(len(program.index_objects(name)))]
            whole = rng.integers(1, 4, shape).astype(float)
            signed = whole * rng.choice([-1.0, 1.0], shape)
            arrays[name] = [whole, signed, rng.uniform(0.5, 1.5, shape), rng.normal(size=shape)][kind]
        letters = {index.name: size[number] for (_, index), number in ranges.of_index.items()}
        yield arrays, letters
