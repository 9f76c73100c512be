"""The loops of a plan as data: what is computed together, on threads or in blocks, and where values lie meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from einsgrad.ir.letters import root
from einsgrad.planner.iteration import iterate
from einsgrad.planner.nests import Leaf, Node, matrix_products, nest
from einsgrad.planner.plan import Plan, needed
from einsgrad.planner.plan import root as owner
from einsgrad.planner.storage import Place, places


@dataclass(frozen=True)
class LeafReport:
    """An operation in a loop.

    Attributes:
        value: what it computes, with its letters.
        operation: what it does: a function of the table, ``contract``, ``matrix product``, …
        place: where the value lies: ``register``, ``row``, ``block``, ``array`` or ``result``.
    """

    value: str
    operation: str
    place: str

    def as_dict(self) -> dict[str, Any]:
        """Give it as data for tools."""
        return {"value": self.value, "operation": self.operation, "place": self.place}


@dataclass(frozen=True)
class LoopReport:
    """A loop.

    Attributes:
        letter: of the index.
        size: how many positions it is planned for.
        threads: whether it runs on threads.
        blocks: whether it goes through blocks of positions.
        body: what is in it.
    """

    letter: str
    size: int
    threads: bool
    blocks: bool
    body: tuple[LoopNode, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give it as data for tools."""
        own = {"loop": self.letter, "size": self.size, "threads": self.threads, "blocks": self.blocks}
        return {**own, "body": [node.as_dict() for node in self.body]}


LoopNode: TypeAlias = LoopReport | LeafReport


def report_loops(plan: Plan, extents: Mapping[int, int], text: Callable[[int], str]) -> tuple[LoopNode, ...]:
    """Report on the loops in which a plan's results are computed.

    Args:
        plan: the plan, of operations that loops can carry out.
        extents: the size of each range.
        text: writes a value, by its number, with its letters.
    """
    iteration = iterate(plan, needed(plan.values, set(plan.results.values())), ())
    sizes = {d: extents[r] for d, r in iteration.ranges.items()}
    products = matrix_products(iteration, sizes)
    nodes = nest(iteration, products, sizes)
    results = {owner(plan.values, number) for number in plan.results.values()}
    found = places(iteration, nodes, results)

    def leaf(node: Leaf) -> LeafReport:
        number, op = node.operation.number, node.operation.op
        name = getattr(op, "function", type(op).__name__.lower())
        place = "result" if number in results else _place(found[number])
        return LeafReport(text(number), "matrix product" if number in products else name, place)

    def report(node: Node) -> LoopNode:
        if isinstance(node, Leaf):
            return leaf(node)
        letter = root(plan.letters[iteration.ranges[node.dim]]).name
        body = tuple(map(report, node.body))
        return LoopReport(letter, sizes[node.dim], node.is_parallel, node.is_blocked, body)

    return tuple(map(report, nodes))


def _place(place: Place) -> str:
    """Say where a value lies that is no result."""
    if not place.axes:
        return "register"
    if place.blocked:
        return "block"
    return "row" if place.around else "array"


def loop_lines(nodes: Sequence[LoopNode], depth: int = 1) -> Iterator[str]:
    """Write loops, each with its body further in."""
    for node in nodes:
        if isinstance(node, LeafReport):
            yield f"{'  ' * depth}{node.value}  {node.operation.replace('_', ' ')}, {node.place}"
            continue
        how = [*(["in blocks"] if node.blocks else []), *(["on threads"] if node.threads else [])]
        yield f"{'  ' * depth}for {node.letter} < {node.size}{', ' if how else ''}{', '.join(how)}"
        yield from loop_lines(node.body, depth + 1)
