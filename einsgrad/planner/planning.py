"""Planning: from a program to a plan.

Before: a program free of derivatives. After: its :class:`Plan`, whose results with axes share no memory with an input
or with one another. A result without axes is whatever value it is: a target gives out scalars.
"""

from __future__ import annotations

from collections.abc import Mapping

from einsgrad.ir.equations import uses
from einsgrad.ir.letters import root as root_letter
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Ranges, infer_ranges
from einsgrad.planner.forms import Form
from einsgrad.planner.interning import PlanBuilder
from einsgrad.planner.layouts import choose_layouts
from einsgrad.planner.lowering import Lowering, result_operand
from einsgrad.planner.options import DEFAULT, PlanOptions
from einsgrad.planner.plan import (
    Block,
    Extent,
    Input,
    Labels,
    Number,
    Operand,
    Plan,
    root,
)

# What a range's size is taken to be where nothing better is known.
DEFAULT_SIZE = 64


def make_plan(program: Program, sizes: Mapping[str, int] | None = None, options: PlanOptions = DEFAULT) -> Plan:
    """Plan the computation of ``program.outputs``.

    Args:
        program: equations without derivatives, each letter standing for one range.
        sizes: sizes by letter, from which costs are estimated; 64 for the others.
        options: how paths are found.

    >>> from einsgrad.ir import build
    >>> from einsgrad.ir.nodes import Index
    >>> from einsgrad.ir.equations import Definition
    >>> i, j = Index("i"), Index("j")
    >>> rhs = build.product([build.tensor("a", [i, j]), build.tensor("x", [j])], [j])
    >>> plan = make_plan(Program((Definition("y", (i,), rhs),)))
    >>> type(plan.values[plan.results["y"]].op).__name__
    'Contract'
    """
    ranges = infer_ranges(program)
    extents = given_sizes(ranges, sizes or {})
    builder = PlanBuilder(_nominal(ranges, extents), options)
    lowering = Lowering(program, ranges, builder)
    for name in program.inputs:
        lowering.add_input(name, program.index_objects(name))
    plan = _Assembly(program, ranges, builder, lowering, extents).run()
    return choose_layouts(plan, _nominal(ranges, extents))


def nominal_sizes(ranges: Ranges, sizes: Mapping[str, int]) -> dict[int, int]:
    """Give each range its size by the letters that stand for it; zero counts as one, so that costs compare."""
    return _nominal(ranges, given_sizes(ranges, sizes))


def given_sizes(ranges: Ranges, sizes: Mapping[str, int]) -> dict[int, int]:
    """Give the size of each range for a letter of which one is given."""
    found = {}
    for (_, letter), number in ranges.of_index.items():
        size = sizes.get(root_letter(letter).name)
        if size is not None:
            found[number] = size
    return found


def _nominal(ranges: Ranges, extents: Mapping[int, int]) -> dict[int, int]:
    return {number: max(1, extents.get(number, DEFAULT_SIZE)) for number in ranges.letter}


class _Assembly:
    """Lowers the equations that the results need, and gives each result memory of its own."""

    def __init__(
        self, program: Program, ranges: Ranges, builder: PlanBuilder, lowering: Lowering, extents: dict[int, int]
    ) -> None:
        self._program = program
        self._ranges = ranges
        self._builder = builder
        self._lowering = lowering
        self._extents = extents
        self._owned: set[int] = set()
        self._results: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._named: set[str] = set()

    def run(self) -> Plan:
        """Lower all equations that are needed, in order."""
        program, builder = self._program, self._builder
        number = {d.name: k for k, d in enumerate(program.definitions)}
        needed, outputs = _needed_names(program), set(program.outputs)
        blocks = []
        for definition in program.in_order():
            if definition.name not in needed:
                continue
            start = len(builder.values)
            form = self._lowering.lower_definition(number[definition.name], definition)
            if definition.name in outputs:
                self._add_result(definition.name, definition.indices, number[definition.name], form)
            if not form.ties:
                self._name(form.operand, definition.name, definition.indices)
            blocks.append(Block(definition, start, len(builder.values)))
        return Plan(
            values=tuple(builder.values),
            blocks=tuple(blocks),
            results={name: self._results[name] for name in program.outputs},
            names=self._names,
            letters=dict(self._ranges.letter),
            extents=self._extents,
        )

    def _name(self, operand: Operand, name: str, indices: Labels) -> None:
        """Let a value bear the name of the tensor that it holds, whatever the order of its axes.

        One value may hold several tensors, and several values one tensor: the first counts.
        """
        is_computed = not isinstance(self._builder.values[operand.value].op, Input | Number | Extent)
        if is_computed and set(operand.labels) == set(indices) and name not in self._named:
            self._named.add(self._names.setdefault(operand.value, name))

    def _add_result(self, name: str, indices: Labels, statement: int, form: Form) -> None:
        ranges = {i: self._ranges.of_index[statement, i] for i in indices}
        operand = result_operand(self._builder, form, indices, ranges)
        if indices:
            operand = self._owned_array(operand, indices)
            self._name(operand, name, indices)
        self._results[name] = operand.value

    def _owned_array(self, operand: Operand, indices: Labels) -> Operand:
        """Give an array with the axes ``indices`` in memory that nothing else has."""
        values = self._builder.values
        owner = root(values, operand.value)
        if owner in self._owned or isinstance(values[owner].op, Input):
            operand = self._builder.arrange(operand, indices, copy=True)
        elif operand.labels != indices:
            operand = self._builder.arrange(operand, indices, copy=False)
        self._owned.add(root(values, operand.value))
        return operand


def _needed_names(program: Program) -> set[str]:
    """Give the names of the equations that the outputs depend on."""
    needed: set[str] = set()
    stack = list(program.outputs)
    while stack:
        name = stack.pop()
        if name in program.by_name and name not in needed:
            needed.add(name)
            stack.extend(uses(program.by_name[name].rhs))
    return needed
