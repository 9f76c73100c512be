"""Scopes: which letters the parts around a part of an expression have.

A norm sums the letters that nothing around it needs, and so does a sum with a condition: what stands beside it in its
product, and in the products around, decides. Summation itself is resolved later, for all dialects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from einsgrad.frontend import surface as s
from einsgrad.frontend.occurrences import Uses, by_letter, claimed, factor_uses, grouped, uses_of
from einsgrad.ir.convention import Reading, read


@dataclass(frozen=True, slots=True)
class Scope:
    """What is known about the letters around a part.

    Attributes:
        needed: those that something around needs: free ones, those of explicit sums, and those that would occur once.
        around: those that other factors have, whether they sum them or not.
        found: how the parts carry their letters.
    """

    needed: frozenset[str]
    around: frozenset[str]
    found: Mapping[s.Part, Uses]


def outermost(side: s.Content, free: frozenset[str]) -> Scope:
    """Give the scope of a whole side."""
    return Scope(free, frozenset(), uses_of(side))


def free_letters(sides: Sequence[s.Content], is_claim: bool) -> frozenset[str]:
    """Give the letters that are free in a chain: those of what an equation defines, those that a claim leaves open."""
    if not is_claim:
        return frozenset(letter.key for letter in s.letters(sides[0]))
    carried = [grouped(uses_of(side)[side]) for side in sides]
    return frozenset(letter for uses in carried for letter, use in uses.items() if not use.closes)


def parts_in_scope(part: s.Part, scope: Scope) -> Iterator[tuple[s.Part, Scope]]:
    """Yield the parts directly below a part, each with its scope."""
    if not isinstance(part, s.Term):
        yield from ((below, scope) for below in s.parts_of(part))
        return
    carried, ones = factor_uses(part, scope.found), claimed(part)
    needed = scope.needed | {letter.key for letter in part.bound}
    for k, factor in enumerate(part.factors):
        others = by_letter([*carried[:k], *carried[k + 1 :]])
        once = {i for i, uses in others.items() if read(uses, i in ones) is Reading.ONCE}
        yield factor, replace(scope, needed=needed | once, around=scope.around | others.keys())
