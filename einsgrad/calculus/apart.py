"""One letter, one range: rename letters so that a letter means the same range in all equations of a program.

Before: any program. After: two equations that share a letter, or letters that differ in primes only, share its range;
programs written that way keep their letters. So equations can be put into one another, bound letters can be renamed by
priming them, and ``|h|`` can move from equation to equation: ``anchors`` names an axis of the range of each letter.
"""

from __future__ import annotations

import dataclasses
from types import MappingProxyType

from einsgrad.ir import build
from einsgrad.ir.letters import rename, root, unused
from einsgrad.ir.nodes import Expr, Index, Max, Product, Size
from einsgrad.ir.program import Definition, Program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.traversal import letters, transform


def rename_apart(program: Program) -> Program:
    """Give the program with one range a letter. Claims are dropped: no equation depends on them."""
    program = dataclasses.replace(program, claims=())
    ranges = infer_ranges(program)
    family: dict[Index, int] = {}
    spelled: dict[tuple[Index, int], Index] = {}
    taken = {i for d in program.definitions for i in {*letters(d.rhs), *d.indices}}
    anchors: dict[Index, tuple[str, int]] = {}
    definitions = []
    for number, definition in enumerate(program.definitions):
        mapping: dict[Index, Index] = {}
        for index in sorted({*letters(definition.rhs), *definition.indices}):
            meant = ranges.of_index[number, index]
            letter = index
            if family.setdefault(root(index), meant) != meant:
                letter = spelled.setdefault((root(index), meant), unused(taken))
                taken.add(letter)
                mapping[index] = letter = Index(letter.name + index.name[len(root(index).name) :])
            axes = ranges.axes(meant)
            if axes:
                anchors[root(letter)] = next((axis for axis in axes if axis[0] in program.inputs), axes[0])
        definitions.append(_rename_all(definition, mapping) if mapping else definition)
    return dataclasses.replace(program, definitions=tuple(definitions), anchors=MappingProxyType(anchors))


def _rename_all(definition: Definition, mapping: dict[Index, Index]) -> Definition:
    """Rename letters throughout an equation, free or bound or in ``|…|``; the new letters are new to it."""

    def step(node: Expr) -> Expr:
        match node:
            case Size(index=index):
                return build.size(mapping.get(index, index))
            case Product(factors=factors, summed=summed):
                bound = {i: mapping[i] for i in summed if i in mapping}
                return build.product([rename(f, bound) for f in factors], [mapping.get(i, i) for i in summed])
            case Max(operand=operand, over=over):
                bound = {i: mapping[i] for i in over if i in mapping}
                return build.maximum_over(rename(operand, bound), [mapping.get(i, i) for i in over])
            case _:
                return node

    rhs = rename(transform(definition.rhs, step), mapping)
    return Definition(definition.name, tuple(mapping.get(i, i) for i in definition.indices), rhs)
