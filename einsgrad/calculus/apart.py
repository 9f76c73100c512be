"""One letter, one range: rename letters so that a letter means the same range in all equations of a program.

Before: any program. After: two equations that share a letter, or letters that differ in primes only, share its range;
programs written that way keep their letters. So equations can be put into one another, bound letters can be renamed by
priming them, and ``|h|`` can move from equation to equation: ``anchors`` names an axis of the range of each letter.
"""

from __future__ import annotations

import dataclasses
from types import MappingProxyType

from einsgrad.ir.letters import rename_all, root, unused_letters
from einsgrad.ir.nodes import Index
from einsgrad.ir.program import Claim, Definition, Program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.traversal import letters


def rename_apart(program: Program) -> Program:
    """Give the program with one range a letter."""
    ranges = infer_ranges(program)
    family: dict[Index, int] = {}
    spelled: dict[tuple[Index, int], Index] = {}
    statements: list[Definition | Claim] = [*program.definitions, *program.claims]
    spare = unused_letters(set().union(*(_letters(s) for s in statements)))
    anchors: dict[Index, tuple[str, int]] = {}
    renamed = []
    for number, statement in enumerate(statements):
        mapping: dict[Index, Index] = {}
        for index in sorted(_letters(statement)):
            meant = ranges.of_index[number, index]
            letter = index
            if family.setdefault(root(index), meant) != meant:
                if (root(index), meant) not in spelled:
                    spelled[root(index), meant] = next(spare)
                letter = spelled[root(index), meant]
                mapping[index] = letter = Index(letter.name + index.name[len(root(index).name) :])
            axes = ranges.axes.get(meant)
            if axes:
                anchors[root(letter)] = next((axis for axis in axes if axis[0] in program.inputs), axes[0])
        renamed.append(_rename_statement(statement, mapping) if mapping else statement)
    return dataclasses.replace(
        program,
        definitions=tuple(s for s in renamed if isinstance(s, Definition)),
        claims=tuple(s for s in renamed if isinstance(s, Claim)),
        anchors=MappingProxyType(anchors),
    )


def _letters(statement: Definition | Claim) -> set[Index]:
    if isinstance(statement, Definition):
        return letters(statement.rhs) | set(statement.indices)
    return letters(statement.lhs, statement.rhs)


def _rename_statement(statement: Definition | Claim, mapping: dict[Index, Index]) -> Definition | Claim:
    if isinstance(statement, Claim):
        free = tuple(mapping.get(i, i) for i in statement.free)
        return Claim(rename_all(statement.lhs, mapping), rename_all(statement.rhs, mapping), free, statement.stated)
    indices = tuple(mapping.get(i, i) for i in statement.indices)
    return Definition(statement.name, indices, rename_all(statement.rhs, mapping))
