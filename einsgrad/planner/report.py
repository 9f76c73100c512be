"""The report of a plan: what is computed, at what cost, and what that saves.

Costs are those of :mod:`einsgrad.planner.cost`, in single precision. An equation is charged with the values that it is
the first to need; what it shares with earlier ones costs it nothing.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from einsgrad.calculus.joint import Joint
from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import Index, Product
from einsgrad.ir.printer import print_definition, print_tensor
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.traversal import children, postorder
from einsgrad.planner.cost import ITEM, Cost, cost_of, total_cost
from einsgrad.planner.loops import LoopNode, report_loops
from einsgrad.planner.plan import Contract, Extent, Input, Number, Operand, Plan, Value, needed, operands
from einsgrad.planner.planning import nominal_sizes


@dataclass(frozen=True)
class EquationReport:
    """What one equation costs.

    Attributes:
        name: the tensor that it defines.
        equation: as text.
        path: its contractions, pair by pair.
        cost: of the values that it is the first to need.
        largest: the bytes of the largest of these.
        shares: the tensors and temporaries of earlier equations, other than the tensors that it names, that it uses.
    """

    name: str
    equation: str
    path: tuple[str, ...]
    cost: Cost
    largest: int
    shares: tuple[str, ...]

    @property
    def is_adjoint(self) -> bool:
        """Whether it belongs to a gradient."""
        return split_gradient_name(self.name) is not None


@dataclass(frozen=True)
class PlanReport:
    """What a plan computes, at what cost.

    Attributes:
        sizes: the size of each letter that it is planned for.
        equations: the equations, in the order in which they are computed.
        forward: the cost of the outputs.
        gradients: what each gradient costs on top of that, by itself.
        total: the cost of the outputs and all gradients together, in which what they share counts once.
        peak: the most bytes of results and intermediate values that a call holds at a time, arguments apart.
        naive: the operations of evaluating every equation, and every gradient, as one loop over all its letters.
        dot: the plan as a graph, in the language of Graphviz.
        loops: those of native code, in order; ``None`` where NumPy code runs.
    """

    sizes: Mapping[str, int]
    equations: tuple[EquationReport, ...]
    forward: Cost
    gradients: Mapping[str, Cost]
    total: Cost
    peak: int
    naive: int
    dot: str
    loops: tuple[LoopNode, ...] | None = None

    @property
    def ratio(self) -> float:
        """How many times the operations of the plan the naive evaluation would take."""
        return self.naive / max(1, self.total.flops)

    def as_dict(self) -> dict[str, Any]:
        """Give the report as data for tools."""
        keys = ("name", "equation", "path", "largest", "shares")
        return {
            "sizes": dict(self.sizes),
            "equations": [{k: getattr(e, k) for k in keys} | asdict(e.cost) for e in self.equations],
            "forward": asdict(self.forward),
            "gradients": {name: asdict(cost) for name, cost in self.gradients.items()},
            "total": asdict(self.total),
            "peak": self.peak,
            "naive": self.naive,
            "ratio": self.ratio,
            **({} if self.loops is None else {"loops": [node.as_dict() for node in self.loops]}),
        }

    def __str__(self) -> str:
        from einsgrad.planner.table import report_text

        return report_text(self)


def report_plan(
    joint: Joint, natural: Joint, plan: Plan, sizes: Mapping[str, int], peak: int, has_loops: bool = False
) -> PlanReport:
    """Report on a plan.

    Args:
        joint: the program that is planned.
        natural: the same before it was rewritten, for comparison.
        plan: its plan.
        sizes: sizes by letter.
        peak: the bytes that its functions hold at a time.
        has_loops: whether it is carried out in loops, by native code.
    """

    def text(number: int) -> str:
        return _text(plan, Operand(number, plan.values[number].labels))

    extents = nominal_sizes(infer_ranges(joint.program), sizes)
    forward = needed(plan.values, {plan.results[y] for y in joint.outputs})
    gradients = {
        x: total_cost(plan.values, needed(plan.values, {plan.results[g]}) - forward, extents)
        for x, g in joint.gradients.items()
    }
    everything = needed(plan.values, set(plan.results.values()))
    return PlanReport(
        sizes={str(letter): extents[number] for number, letter in sorted(plan.letters.items())},
        equations=tuple(_equations(plan, extents, everything)),
        forward=total_cost(plan.values, forward, extents),
        gradients=gradients,
        total=total_cost(plan.values, everything, extents),
        peak=peak,
        naive=naive_operations(natural.program, sizes),
        dot=_dot(plan, everything),
        loops=report_loops(plan, extents, text) if has_loops else None,
    )


def naive_operations(program: Program, sizes: Mapping[str, int]) -> int:
    """Count the operations of a program whose products are each one loop over all their letters."""
    ranges = infer_ranges(program)
    extents = nominal_sizes(ranges, sizes)
    count = 0
    for number, definition in enumerate(program.definitions):
        of_letter = ranges.by_statement.get(number, {})
        for node in postorder(definition.rhs):
            if not children(node):
                continue
            letters = {*node.free, *(node.summed if isinstance(node, Product) else ())}
            factors = len(node.factors) if isinstance(node, Product) else 1
            count += factors * math.prod(extents[of_letter[i]] for i in letters)
    return count


def _equations(plan: Plan, extents: Mapping[int, int], used: Collection[int]) -> list[EquationReport]:
    reports = []
    for block in plan.blocks:
        own = [n for n in range(block.start, block.stop) if n in used]
        arrays = [n for n in own if not plan.values[n].is_number and not isinstance(plan.values[n].op, Input)]
        contractions = [n for n in own if isinstance(plan.values[n].op, Contract)]
        cost = Cost()
        for number in own:
            cost += cost_of(plan.values, number, extents)
        reports.append(
            EquationReport(
                name=block.definition.name,
                equation=print_definition(block.definition),
                path=tuple(_contraction(plan, n) for n in contractions),
                cost=cost,
                largest=max((ITEM * _size(plan.values[n], extents) for n in arrays), default=0),
                shares=_shared(plan, block.start, own),
            )
        )
    return reports


def _shared(plan: Plan, start: int, own: Sequence[int]) -> tuple[str, ...]:
    """Name the values of earlier equations, tensors of the program apart, that these values are made of."""
    found = {}
    for number in own:
        for operand in operands(plan.values[number].op):
            value = plan.values[operand.value]
            is_plain = isinstance(value.op, Input | Number | Extent) or value.is_number
            if operand.value < start and not is_plain and operand.value not in plan.names:
                found[operand.value] = _text(plan, operand)
    return tuple(found.values())


def _size(value: Value, extents: Mapping[int, int]) -> int:
    return math.prod(extents[r] for r in value.ranges)


def _contraction(plan: Plan, number: int) -> str:
    value = plan.values[number]
    assert isinstance(value.op, Contract)
    result = _text(plan, Operand(number, value.labels))
    return f"{_text(plan, value.op.left)} {_text(plan, value.op.right)} → {result}"


def _text(plan: Plan, operand: Operand) -> str:
    """Write a value with its letters: a tensor by its name, others by their number."""
    op = plan.values[operand.value].op
    name = op.name if isinstance(op, Input) else plan.names.get(operand.value, f"#{operand.value}")
    return print_tensor(name, tuple(Index(i.name) for i in operand.labels)) if operand.labels else name


def _dot(plan: Plan, used: Collection[int]) -> str:
    """Draw the values of a plan and what each is made of."""
    lines = ["digraph plan {", "  rankdir=LR; node [shape=box, fontname=Helvetica];"]
    shown = [n for n in sorted(used) if not plan.values[n].is_number]
    results = set(plan.results.values())
    for number in shown:
        value = plan.values[number]
        kind = getattr(value.op, "function", type(value.op).__name__.lower())
        name = _text(plan, Operand(number, value.labels))
        style = ", style=filled" if number in results else ", shape=ellipse" if isinstance(value.op, Input) else ""
        label = name if isinstance(value.op, Input) else f"{name}\\n{kind}"
        lines.append(f'  v{number} [label="{label}"{style}];')
        sources = dict.fromkeys(o.value for o in operands(value.op) if not plan.values[o.value].is_number)
        lines += [f"  v{source} -> v{number};" for source in sources]
    return "\n".join([*lines, "}"]) + "\n"
