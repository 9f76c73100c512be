"""Select: the equations that some tensors need, as a program that stands on its own.

Before: the equations of a differentiator. After: only what the requested tensors need, the text's equations first, in
its order; for reading, each ``|h|`` has a letter whose one range the remaining equations tell.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.calculus.strangers import one_range_a_letter
from einsgrad.ir import build
from einsgrad.ir.equations import Definition, uses
from einsgrad.ir.letters import root
from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import Expr, Index, MatrixFunction, Size, Tensor
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.traversal import postorder, transform


def select(differentiator: Differentiator, requested: Sequence[str], also: Iterable[str] = ()) -> Program:
    """Give the equations that ``requested`` need, and those named ``also``: those of the text first, in its order."""
    program = differentiator.program
    names = [d.name for d in program.definitions] + [n for n in differentiator.definitions if n not in program.by_name]
    definitions = differentiator.definitions
    if any(isinstance(node, MatrixFunction) for node in postorder(*(d.rhs for d in definitions.values()))):
        definitions = one_range_a_letter(definitions, names, program)
    needed: set[str] = set()
    stack = [*requested, *also]
    while stack:
        name = stack.pop()
        if name in definitions and name not in needed:
            needed.add(name)
            stack += uses(definitions[name].rhs)
    kept = tuple(definitions[name] for name in names if name in needed)
    given = (parts for d in kept for n in uses(d.rhs) if n not in definitions and (parts := split_gradient_name(n)))
    loss = next((of for of, _ in given), None)
    return Program(kept, loss=loss, anchors=program.anchors, ties=program.ties, requested=tuple(requested))


def spell_sizes(differentiator: Differentiator, requested: Sequence[str]) -> Program:
    """Select for reading: respell each ``|h|`` whose ``h`` occurs nowhere, or keep an equation where it does.

    Where equations that tied two ranges are gone, so that ``|h|`` could be either, each range gets its own letter.
    """
    program = select(differentiator, requested)
    also: set[str] = set()
    while True:
        sizes, known = _letters_by_use(program)
        if not sizes:
            return program
        mapping = _respelling(program, sizes - known, known)
        homes = _homes(differentiator, sizes - known - mapping.keys()) - also
        if not homes:
            program = _respell(program, mapping)
            unclear = infer_ranges(dataclasses.replace(program, anchors={})).unsettled
            return rename_apart(program) if unclear else program
        also |= homes
        program = select(differentiator, requested, also)


def _letters_by_use(program: Program) -> tuple[set[Index], set[Index]]:
    """Give the letters that occur in ``|h|``, and those that occur anywhere else."""
    sizes: set[Index] = set()
    others: set[Index] = set()
    for d in program.definitions:
        others.update(d.indices)
        for node in postorder(d.rhs):
            if isinstance(node, Size):
                sizes.add(node.index)
            else:
                others.update(node.free)
    return sizes, others


def _respelling(program: Program, lost: set[Index], known: set[Index]) -> dict[Index, Index]:
    """Give letters that the equations know for those that they have lost."""
    ranges = infer_ranges(program)
    meant = {index: number for (_, index), number in ranges.of_index.items() if index in lost}
    letter = {number: index for (_, index), number in ranges.of_index.items() if index in known}
    return {index: letter[number] for index, number in meant.items() if number in letter}


def _homes(differentiator: Differentiator, lost: set[Index]) -> set[str]:
    """Give for each letter, as far as there is one, the first equation of the text that uses its anchor's tensor."""
    anchors = differentiator.program.anchors
    wanted = {anchors[root(index)][0] for index in lost if root(index) in anchors}
    found: set[str] = set()
    for d in differentiator.program.definitions if wanted else ():
        here = wanted.intersection((d.name, *uses(d.rhs)))
        if here:
            found.add(d.name)
            wanted -= here
    return found


def _respell(program: Program, mapping: dict[Index, Index]) -> Program:
    def step(node: Expr) -> Expr:
        return build.size(mapping.get(node.index, node.index)) if isinstance(node, Size) else node

    definitions = tuple(Definition(d.name, d.indices, transform(d.rhs, step)) for d in program.definitions)
    return dataclasses.replace(program, definitions=definitions)


def rename_tensors(program: Program, names: Mapping[str, str]) -> Program:
    """Give the program with new names for some tensors that it defines, none of them requested."""
    definitions = [Definition(names.get(d.name, d.name), d.indices, renamed(d.rhs, names)) for d in program.definitions]
    return dataclasses.replace(program, definitions=tuple(definitions)) if names else program


def renamed(rhs: Expr, names: Mapping[str, str]) -> Expr:
    """Give an expression with new names for some tensors."""

    def step(node: Expr) -> Expr:
        if isinstance(node, Tensor) and node.name in names:
            return build.tensor(names[node.name], node.indices)
        return node

    return transform(rhs, step)
