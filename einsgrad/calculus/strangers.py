"""Strangers: letters of derived equations that the text has for another range.

Before: the equations of a differentiator, of which a derivative of a determinant or an inverse has chosen letters of
its own: new to the equation, maybe not to others. After: a letter, primes aside, means one range in all of them, as
:mod:`einsgrad.calculus.apart` has it. Equations without functions of matrices have no strangers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import fresh, rename_all, root, unused
from einsgrad.ir.nodes import Index
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Ranges, infer_ranges
from einsgrad.ir.traversal import letters


def one_range_a_letter(
    definitions: Mapping[str, Definition], names: Sequence[str], text: Program
) -> dict[str, Definition]:
    """Give the equations, those of strangers with other letters.

    Args:
        definitions: the equations.
        names: what they define, in order, and first what the text does.
        text: the program that was differentiated.
    """
    whole = Program(tuple(definitions[name] for name in names), anchors=text.anchors, ties=text.ties)
    ranges = infer_ranges(whole)
    known = _ranges_of_text(text, ranges)
    letter_of = {range_: letter for letter, its in known.items() for range_ in its}
    # Only an axis of an input tells a stranger: that two ranges are one may be said by nothing but their letter.
    of_inputs = {range_ for (name, _), range_ in ranges.of_axis.items() if name not in definitions}
    found = dict(definitions)
    for number, d in enumerate(whole.definitions):
        mapping: dict[Index, Index] = {}
        for i, range_ in ranges.by_statement.get(number, {}).items():
            if not i.is_axis and range_ in of_inputs and range_ not in known.get(root(i), {range_}):
                taken = {*letters(d.rhs), *d.indices, *mapping.values()}
                like = letter_of.get(range_)
                mapping[i] = fresh(taken, like=like) if like else unused(taken | known.keys())
        if mapping:
            indices = tuple(mapping.get(i, i) for i in d.indices)
            found[d.name] = Definition(d.name, indices, rename_all(d.rhs, mapping))
    return found


def _ranges_of_text(text: Program, ranges: Ranges) -> dict[Index, set[int]]:
    """Give the ranges of each letter, primes aside, where an equation of the text has it."""
    known: dict[Index, set[int]] = {}
    for number, d in enumerate(text.definitions):
        for i in sorted({*letters(d.rhs), *d.indices}):
            if not i.is_axis and (number, i) in ranges.of_index:
                known.setdefault(root(i), set()).add(ranges.of_index[number, i])
    return known
