"""Select: the equations that some tensors need, as a program that stands on its own.

Before: the equations of a differentiator. After: only what the requested tensors need, the text's equations first, in
its order; for reading, each ``|h|`` has a letter whose one range the remaining equations tell.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.ir import build
from einsgrad.ir.equations import Definition, uses
from einsgrad.ir.letters import root
from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import Expr, Index, Size
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.traversal import postorder, transform


def select(differentiator: Differentiator, requested: Sequence[str], also: Iterable[str] = ()) -> Program:
    """Give the equations that ``requested`` need, and those named ``also``: those of the text first, in its order."""
    definitions, program = differentiator.definitions, differentiator.program
    needed: set[str] = set()
    stack = [*requested, *also]
    while stack:
        name = stack.pop()
        if name in definitions and name not in needed:
            needed.add(name)
            stack += uses(definitions[name].rhs)
    order = [d.name for d in program.definitions] + [n for n in definitions if n not in program.by_name]
    kept = tuple(definitions[name] for name in order if name in needed)
    given = (parts for d in kept for n in uses(d.rhs) if n not in definitions and (parts := split_gradient_name(n)))
    loss = next((of for of, _ in given), None)
    return Program(kept, loss=loss, anchors=program.anchors, requested=tuple(requested))


def spell_sizes(differentiator: Differentiator, requested: Sequence[str]) -> Program:
    """Select for reading: respell each ``|h|`` whose ``h`` occurs nowhere, or keep an equation where it does.

    Where equations that tied two ranges are gone, so that ``|h|`` could be either, each range gets its own letter.
    """
    program = select(differentiator, requested)
    also: set[str] = set()
    while True:
        known = _known_letters(program)
        lost = {
            node.index
            for d in program.definitions
            for node in postorder(d.rhs)
            if isinstance(node, Size) and node.index not in known
        }
        mapping = _respelling(program, lost)
        homes = {_home(differentiator, index) for index in lost - mapping.keys()} - {None} - also
        if not homes:
            program = _respell(program, mapping)
            unclear = infer_ranges(dataclasses.replace(program, anchors={})).unsettled
            return rename_apart(program) if unclear else program
        also |= {home for home in homes if home is not None}
        program = select(differentiator, requested, also)


def _known_letters(program: Program) -> set[Index]:
    """Give the letters that occur anywhere other than in ``|h|``."""
    found = {i for d in program.definitions for i in d.indices}
    return found.union(*(node.free for d in program.definitions for node in postorder(d.rhs)))


def _respelling(program: Program, lost: set[Index]) -> dict[Index, Index]:
    ranges = infer_ranges(program)
    meant = {index: number for (_, index), number in ranges.of_index.items() if index in lost}
    known = sorted(_known_letters(program))
    letter = {ranges.of_index[place]: place[1] for place in ranges.of_index if place[1] in known}
    return {index: letter[number] for index, number in meant.items() if number in letter}


def _home(differentiator: Differentiator, index: Index) -> str | None:
    """Give an equation of the text that uses the tensor whose axis an index stands for."""
    axis = differentiator.program.anchors.get(root(index))
    for d in differentiator.program.definitions:
        if axis is not None and axis[0] in (d.name, *uses(d.rhs)):
            return d.name
    return None


def _respell(program: Program, mapping: dict[Index, Index]) -> Program:
    def step(node: Expr) -> Expr:
        return build.size(mapping.get(node.index, node.index)) if isinstance(node, Size) else node

    definitions = tuple(Definition(d.name, d.indices, transform(d.rhs, step)) for d in program.definitions)
    return dataclasses.replace(program, definitions=definitions)
