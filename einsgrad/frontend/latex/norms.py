r"""Norms: double bars are refused, with the sum that they stand for.

Before: the surface trees of a chain, with a :class:`Norm` where double bars are. After: the text of the chain with each
norm written out as a sum over the letters that its operand carries and nothing outside needs: those that are not free,
not bound by an explicit sum and would not occur once without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.marks import Norm
from einsgrad.frontend.occurrences import Uses, by_letter, claimed, factor_uses, grouped, uses_of
from einsgrad.ir.convention import Reading, read
from einsgrad.ir.letters import unused_letters
from einsgrad.ir.nodes import Index

WHAT_TO_WRITE = r"norms are not part of the language yet: write the sum, as in `\sqrt{\sum_{i} x_{i}^{2}}`"

_EUCLIDEAN = re.compile(r"\\ell_\{?2\}?|2|(?:\\(?:mathrm|text|mathsf|mathit|mathbf)\s*)?\{?F\}?|")
_ABSOLUTE = re.compile(r"\\ell_\{?1\}?|1")
_SQUARE = re.compile(r"\^\s*(?:2|\{\s*2\s*\})|²")


def refused_norm(start: int, end: int, operand: s.Content | None) -> Norm:
    """Make the norm of an expression; ``None`` for what is none, the size of an index."""
    return Norm(start, end, "norm", WHAT_TO_WRITE, None, operand)


def norms_of(sides: Iterable[s.Content]) -> list[Norm]:
    """Give the norms of a chain, outermost ones only."""
    return [part for side in sides for part in s.walk(side) if isinstance(part, Norm)]


def free_letters(sides: Sequence[s.Content], is_claim: bool) -> frozenset[str]:
    """Give the letters that are free in a chain: those of what an equation defines, those that a claim leaves open."""
    if not is_claim:
        return frozenset(letter.key for letter in s.letters(sides[0]))
    carried = [grouped(uses_of(side)[side]) for side in sides]
    return frozenset(letter for uses in carried for letter, use in uses.items() if not use.closes)


def written_out(text: str, sides: Sequence[s.Content], free: frozenset[str]) -> tuple[str, str]:
    """Give a text with its norms as sums, and an empty string; or the text and why a norm can't be written so."""
    edits: list[tuple[int, int, str]] = []
    for norm, letters, renamed in _norms(sides, free):
        if not _ABSOLUTE.fullmatch(norm.order) and not _EUCLIDEAN.fullmatch(norm.order):
            return text, "only norms of order 1 and 2 are sums"
        if norm.operand is None or not letters:
            return text, "the norm has no index of its own to sum: write all indices, and letters that stand only in it"
        shown = [renamed.get(letter.key) or text[letter.start : letter.end] for letter in letters]
        before, after = _around(text, norm, norm.operand, rf"\sum_{{{','.join(shown)}}} ")
        edits += [(norm.start, norm.operand.start, before), (norm.operand.end, norm.end, after)]
        edits += [(i.start, i.end, renamed[i.key]) for i in s.letters(norm.operand) if i.key in renamed]
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text, ""


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is known about the letters around a part.

    Attributes:
        needed: those that something outside needs, so that no norm sums them.
        around: those that other factors have, so that a norm that sums them needs letters of its own.
        renamed: what letters become in the norm that the part is in.
        found: how the parts carry their letters.
    """

    needed: frozenset[str]
    around: frozenset[str]
    renamed: Mapping[str, str]
    found: Mapping[s.Part, Uses]


def _norms(
    sides: Sequence[s.Content], free: frozenset[str]
) -> Iterator[tuple[Norm, list[s.Letter], Mapping[str, str]]]:
    """Yield all norms, those within others too, with the letters that they sum, and what letters become in them."""
    taken = set(_indices(sides))
    stack: list[tuple[s.Part, _Scope]] = []
    stack += [(side, _Scope(free, frozenset(), {}, uses_of(side))) for side in reversed(sides)]
    while stack:
        part, scope = stack.pop()
        if isinstance(part, Norm) and part.operand is not None:
            within = uses_of(part.operand)
            own = _own_letters(part.operand, within[part.operand], scope.needed)
            clashing = [key for key in own if key in scope.around]
            new = dict(zip(clashing, unused_letters(frozenset(taken)), strict=False))
            taken |= set(new.values())
            renamed = {**scope.renamed, **{key: str(index) for key, index in new.items()}}
            yield part, list(own.values()), renamed
            stack.append((part.operand, _Scope(scope.needed | own.keys(), scope.around, renamed, within)))
        elif isinstance(part, Norm):
            yield part, [], scope.renamed
        else:
            stack += reversed(list(_below(part, scope)))


def _indices(sides: Sequence[s.Content]) -> Iterator[Index]:
    """Yield the indices of a chain, those in its norms too."""
    rest = [*sides]
    while rest:
        yield from (Index(letter.spelling) for letter in s.letters(*rest))
        rest = [norm.operand for norm in norms_of(rest) if norm.operand is not None]


def _own_letters(operand: s.Content, uses: Uses, needed: frozenset[str]) -> dict[str, s.Letter]:
    """Give the letters that a norm sums, by key: those that its operand doesn't sum, and nothing outside needs."""
    own = {key for key, use in grouped(uses).items() if not use.closes and key not in needed}
    return {letter.key: letter for letter in s.letters(operand) if letter.key in own}


def _below(part: s.Part, scope: _Scope) -> Iterator[tuple[s.Part, _Scope]]:
    """Yield the parts directly below a part, each with what is known around it."""
    if not isinstance(part, s.Term):
        yield from ((below, scope) for below in s.parts_of(part))
        return
    carried, ones = factor_uses(part, scope.found), claimed(part)
    needed = scope.needed | {letter.key for letter in part.bound}
    for k, factor in enumerate(part.factors):
        others = by_letter([*carried[:k], *carried[k + 1 :]])
        once = {i for i, uses in others.items() if read(uses, i in ones) is Reading.ONCE}
        yield factor, replace(scope, needed=needed | once, around=scope.around | others.keys())


def _around(text: str, norm: Norm, operand: s.Content, sign: str) -> tuple[str, str]:
    """Give what to write before and after the operand of a norm."""
    if _ABSOLUTE.fullmatch(norm.order):
        return _in_place(text, norm, rf"{sign}\lvert ", r" \rvert", norm.power)
    is_bare = isinstance(s.sole_factor(operand), s.Reference) and "^" not in text[operand.start : operand.end]
    before, after = (sign, "^{2}") if is_bare else (rf"{sign}\left( ", r" \right)^{2}")
    if _SQUARE.fullmatch(norm.power):
        return _in_place(text, norm, before, after, "")
    return rf"\sqrt{{{before}", f"{after}}}{norm.power}"


def _in_place(text: str, norm: Norm, before: str, after: str, power: str) -> tuple[str, str]:
    """Put brackets around a sum if it is raised, or has other factors beside it."""
    left, right = text[: norm.start].rstrip()[-1:], text[norm.end :].lstrip()[:1]
    if not power and left in ("", *"=&({+-") and right in ("", *"=&)}+-"):
        return before, after
    return rf"\left( {before}", rf"{after} \right){power}"
