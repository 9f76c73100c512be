"""Occurrences: how each part of a surface tree carries its letters.

The surface-tree counterpart of :func:`einsgrad.ir.convention.use_of`: what is found does not depend on what stands
around a part, so it is found once, before it is known which letters are free.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from typing import Any, assert_never

from einsgrad.frontend import surface as s
from einsgrad.ir.conditions import SIGNS
from einsgrad.ir.convention import Reading, Use, as_condition, as_factor, as_group, as_sum, read
from einsgrad.ir.reductions import keeps_letters
from einsgrad.ir.traversal import stackless

Uses = dict[str, Use]
"""How a part carries each letter, by the letter's key."""


def uses_of(part: s.Part) -> dict[s.Part, Uses]:
    """Give for ``part`` and all below it how they carry their letters as factors."""
    found: dict[s.Part, Uses] = {}
    _uses(part, found)
    return found


def grouped(uses: Uses) -> Uses:
    """Give how a part carries its letters as a group: a letter that occurs twice in it can be summed there."""
    return {letter: Use(use.count, use.closes or use.count >= 2) for letter, use in uses.items()}


def factor_uses(term: s.Term, found: Mapping[s.Part, Uses]) -> list[Uses]:
    """Give how each factor of a product carries its letters; a denominator is a group."""
    return [
        grouped(found[factor]) if over else found[factor] for factor, over in zip(term.factors, term.over, strict=True)
    ]


def claimed(term: s.Term) -> set[str]:
    """Give the letters of the one-tensors that are factors of this very product."""
    pairs = zip(term.factors, term.over, strict=True)
    return {i.key for factor, over in pairs if isinstance(factor, s.One) and not over for i in factor.indices}


def by_letter(uses: Iterable[Uses]) -> dict[str, list[Use]]:
    """Collect, for each letter, the uses of the parts that carry it."""
    collected: dict[str, list[Use]] = {}
    for part in uses:
        for letter, use in part.items():
            collected.setdefault(letter, []).append(use)
    return collected


@stackless
def _uses(part: s.Part, found: dict[s.Part, Uses]) -> Generator[tuple[Any, ...], Any, Uses]:
    below = []
    for child in s.parts_of(part):
        if isinstance(child, s.Leaf):
            found[child] = _leaf_uses(child)
            below.append(found[child])
        else:
            below.append((yield child, found))
    uses: Uses
    match part:
        case s.Number() | s.SizeOf() | s.Wrong() | s.Reference() | s.Position() | s.One():
            uses = _leaf_uses(part)
        case s.Gather(letters=letters):
            uses = _counted(letters)
        case s.Group():
            uses = below[0]
        case s.Call(function=function) if function in SIGNS:
            uses = {letter: as_condition(given) for letter, given in by_letter(map(grouped, below)).items()}
        case s.Power() | s.Call():
            uses = {letter: as_factor(given) for letter, given in by_letter(map(grouped, below)).items()}
        case s.Matrix(slots=slots, indices=indices):
            own = {i.key for i in slots}
            uses = {letter: use for letter, use in grouped(below[0]).items() if letter not in own} | _counted(indices)
        case s.Operator(function=function, letters=bound):
            own = {i.key for i in bound}
            within = grouped(below[0])
            uses = {letter: use for letter, use in within.items() if letter not in own}
            if keeps_letters(function):
                uses |= _counted(i for i in bound if i.key in within)
        case s.Derivative(wrt=wrt):
            uses = grouped(below[0]) | _counted(wrt.indices)
        case s.Term(bound=bound):
            hidden = {i.key for i in bound}
            carried, ones = by_letter(factor_uses(part, found)).items(), claimed(part)
            uses = {letter: as_group(given, letter in ones) for letter, given in carried if letter not in hidden}
        case s.Sum():
            uses = {letter: as_sum(given) for letter, given in by_letter(map(grouped, below)).items()}
        case _:
            assert_never(part)
    found[part] = uses
    return uses


def _leaf_uses(leaf: s.Factor) -> Uses:
    if isinstance(leaf, s.Position):
        return _counted([leaf.letter])
    return _counted(leaf.indices) if isinstance(leaf, s.Reference | s.One) else {}


def _counted(indices: Iterable[s.Letter]) -> Uses:
    return {letter: Use(count, closes=False) for letter, count in Counter([i.key for i in indices]).items()}


def occurrence(term: s.Term, letter: str, found: dict[s.Part, Uses]) -> s.Letter:
    """Give the place of a letter that occurs once in a product, in so far as it can be summed there."""
    part: s.Part = term
    while True:
        match part:
            case s.Reference(indices=indices) | s.One(indices=indices):
                return next(i for i in indices if i.key == letter)
            case s.Gather(letters=letters):
                return next(i for i in letters if i.key == letter)
            case s.Position(letter=own):
                return own
            case s.Matrix(indices=indices) if any(i.key == letter for i in indices):
                return next(i for i in indices if i.key == letter)
            case s.Derivative(wrt=wrt) if any(i.key == letter for i in wrt.indices):
                part = wrt
            case s.Sum(terms=terms):
                carrying = [t for t in terms if letter in found[t]]
                part = next((t for t in carrying if not grouped(found[t])[letter].closes), carrying[0])
            case _:
                part = next(below for below in s.parts_of(part) if letter in found[below])


def claim_letters(statement: s.Statement) -> list[str]:
    """Give the free letters of a claim: those that it states, and those that occur once in some term."""
    free = {letter.key for letter in statement.no_sum or ()}
    for side in statement.sides:
        uses = uses_of(side)
        for term in side.terms if isinstance(side, s.Sum) else [side]:
            bound, ones = {letter.key for letter in term.bound}, claimed(term)
            for letter, found in by_letter(factor_uses(term, uses)).items():
                if letter not in bound and read(found, letter in ones) is Reading.ONCE:
                    free.add(letter)
    return list(dict.fromkeys(letter.key for letter in s.letters(*statement.sides) if letter.key in free))
