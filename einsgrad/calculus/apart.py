"""One letter, one range: rename letters so that a letter means the same range in all equations of a program.

Before: any program. After: two equations that share a letter, or letters that differ in primes only, share its range;
programs written that way keep their letters. So equations can be put into one another, bound letters can be renamed by
priming them, and ``|h|`` can move from equation to equation: ``anchors`` names an axis of the range of each letter.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.letters import rename_all, root, unused_letters
from einsgrad.ir.nodes import Index
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Axis, Ranges, infer_ranges
from einsgrad.ir.traversal import letters


def rename_apart(program: Program) -> Program:
    """Give the program with one range a letter."""
    ranges = infer_ranges(program)
    statements, speller, mappings = _spell(program, ranges)
    renamed = [_rename_statement(s, mapping) if mapping else s for s, mapping in zip(statements, mappings, strict=True)]
    anchors: dict[Index, tuple[str, int]] = {}
    inputs = set(program.inputs)
    for family, range_ in speller.range_of.items():
        axes = ranges.axes.get(range_, [])
        if axes:
            anchors[family] = next((axis for axis in axes if axis[0] in inputs), axes[0])
    last_claim = len(program.definitions) + len(program.claims)
    return dataclasses.replace(
        program,
        definitions=tuple(s for s in renamed if isinstance(s, Definition)),
        claims=tuple(s for s in renamed[len(program.definitions) : last_claim] if isinstance(s, Claim)),
        facts=tuple(s for s in renamed[last_claim:] if isinstance(s, Claim)),
        anchors=MappingProxyType(anchors),
    )


def letters_of_claims(program: Program) -> list[dict[Index, Index]]:
    """Give for each claim of a program how its own letters are called once letters have been renamed apart."""
    statements, _, mappings = _spell(program, infer_ranges(program))
    own = [{i: mapping.get(i, i) for i in _letters(s)} for s, mapping in zip(statements, mappings, strict=True)]
    return own[len(program.definitions) : len(program.definitions) + len(program.claims)]


def spelled_before(program: Program, apart: Program) -> dict[str, str]:
    """Give the letter of ``program`` for each letter that stands in its place in ``apart``, primes left out."""
    pairs = zip(infer_ranges(program).of_index, infer_ranges(apart).of_index, strict=True)
    return {root(new).name: root(old).name for (_, old), (_, new) in pairs}


def sizes_apart(program: Program, sizes: Mapping[str, int]) -> dict[str, int]:
    """Give sizes by letter of a program as sizes by the letters that it has once they are renamed apart."""
    if not sizes:
        return {}
    spelled = spelled_before(program, rename_apart(program))
    return {**sizes, **{new: sizes[old] for new, old in spelled.items() if old in sizes}}


def _spell(program: Program, ranges: Ranges) -> tuple[list[Definition | Claim], _Speller, list[dict[Index, Index]]]:
    """Give the statements of a program, and the new letters in each."""
    statements: list[Definition | Claim] = [*program.definitions, *program.claims, *program.facts]
    names = map(Index, (*program.by_name, *program.inputs))
    speller = _Speller(unused_letters(set(names).union(*(_letters(s) for s in statements))))
    mappings = []
    for number, statement in enumerate(statements):
        meant = {index: ranges.of_index[number, index] for index in sorted(_letters(statement)) if not index.is_axis}
        mappings.append(speller.spell(meant))
    return statements, speller, mappings


def family_ranges(program: Program) -> tuple[dict[Index, int], dict[Axis, int]]:
    """Number the ranges of a program with one range a letter: give that of each family, by its root, and of each axis.

    A part of a program may not show that two equations have one range; their letters do.
    """
    ranges = infer_ranges(program)
    merged: dict[int, int] = {}

    def find(number: int) -> int:
        while number in merged:
            number = merged[number]
        return number

    families: dict[Index, int] = {}
    for (_, index), number in ranges.of_index.items():
        first = find(families.setdefault(root(index), number))
        if find(number) != first:
            merged[find(number)] = first
    return {i: find(n) for i, n in families.items()}, {axis: find(n) for axis, n in ranges.of_axis.items()}


class _Speller:
    """Gives letters to ranges: a family of letters, one letter and its primes, has one range for good."""

    def __init__(self, spare: Iterator[Index]) -> None:
        self.range_of: dict[Index, int] = {}
        self._families: dict[int, list[Index]] = {}
        self._spare = spare

    def spell(self, meant: Mapping[Index, int]) -> dict[Index, Index]:
        """Give new letters for those of a statement whose family has another range already."""
        mapping: dict[Index, Index] = {}
        for index, range_ in meant.items():
            if self.range_of.setdefault(root(index), range_) == range_:
                families = self._families.setdefault(range_, [])
                if root(index) not in families:
                    families.append(root(index))
        taken = {root(index) for index, range_ in meant.items() if self.range_of[root(index)] == range_}
        for index, range_ in meant.items():
            if self.range_of[root(index)] != range_:
                family = next((f for f in self._families.get(range_, ()) if f not in taken), None)
                if family is None:
                    family = next(self._spare)
                    self.range_of[family] = range_
                    self._families.setdefault(range_, []).append(family)
                taken.add(family)
                mapping[index] = Index(family.name + index.name[len(root(index).name) :])
        return mapping


def _letters(statement: Definition | Claim) -> set[Index]:
    if isinstance(statement, Definition):
        return letters(statement.rhs) | set(statement.indices)
    return letters(statement.lhs, statement.rhs)


def _rename_statement(statement: Definition | Claim, mapping: dict[Index, Index]) -> Definition | Claim:
    """Rename letters throughout a statement, by way of letters that no text has, since old and new ones may cross."""
    between = {index: Index(f"{number} between") for number, index in enumerate(mapping)}
    there = {between[index]: mapping[index] for index in mapping}
    return _rename_once(_rename_once(statement, between), there)


def _rename_once(statement: Definition | Claim, mapping: dict[Index, Index]) -> Definition | Claim:
    if isinstance(statement, Claim):
        free = tuple(mapping.get(i, i) for i in statement.free)
        lhs, rhs = rename_all(statement.lhs, mapping), rename_all(statement.rhs, mapping)
        return dataclasses.replace(statement, lhs=lhs, rhs=rhs, free=free)
    indices = tuple(mapping.get(i, i) for i in statement.indices)
    return Definition(statement.name, indices, rename_all(statement.rhs, mapping))
