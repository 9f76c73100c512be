r"""Norms: double bars are refused, with the sum that they stand for.

Before: the surface trees of a chain, with a :class:`Norm` where double bars are. After: the text of the chain with each
norm written out as a sum over the letters that its operand carries and nothing outside needs: those that are not free,
not bound by an explicit sum and would not occur once without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.marks import Norm
from einsgrad.frontend.latex.scopes import Scope, outermost, parts_in_scope
from einsgrad.frontend.occurrences import grouped
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


def _norms(
    sides: Sequence[s.Content], free: frozenset[str]
) -> Iterator[tuple[Norm, list[s.Letter], Mapping[str, str]]]:
    """Yield all norms, those within others too, with the letters that they sum, and what letters become in them."""
    taken = set(_indices(sides))
    unchanged: Mapping[str, str] = {}
    stack: list[tuple[s.Part, Scope, Mapping[str, str]]] = []
    stack += [(side, outermost(side, free), unchanged) for side in reversed(sides)]
    while stack:
        part, scope, renamed = stack.pop()
        if isinstance(part, Norm) and part.operand is not None:
            inner = outermost(part.operand, scope.needed)
            own = _own_letters(part.operand, inner)
            clashing = [key for key in own if key in scope.around]
            new = dict(zip(clashing, unused_letters(frozenset(taken)), strict=False))
            taken |= set(new.values())
            renamed = {**renamed, **{key: str(index) for key, index in new.items()}}
            yield part, list(own.values()), renamed
            stack.append((part.operand, Scope(scope.needed | own.keys(), scope.around, inner.found), renamed))
        elif isinstance(part, Norm):
            yield part, [], renamed
        else:
            stack += reversed([(below, around, renamed) for below, around in parts_in_scope(part, scope)])


def _indices(sides: Sequence[s.Content]) -> Iterator[Index]:
    """Yield the indices of a chain, those in its norms too."""
    rest = [*sides]
    while rest:
        yield from (Index(letter.spelling) for letter in s.letters(*rest))
        rest = [norm.operand for norm in norms_of(rest) if norm.operand is not None]


def _own_letters(operand: s.Content, scope: Scope) -> dict[str, s.Letter]:
    """Give the letters that a norm sums, by key: those that its operand doesn't sum, and nothing outside needs."""
    uses = grouped(scope.found[operand])
    own = {key for key, use in uses.items() if not use.closes and key not in scope.needed}
    return {letter.key: letter for letter in s.letters(operand) if letter.key in own}


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
