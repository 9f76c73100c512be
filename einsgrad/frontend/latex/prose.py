r"""Prose: formulas between the displays of a document, ``where $a_i = 2 b_i$``.

Before: the chains of the displays, and where formulas stand in the prose. After: the equations among these that define
what a display uses. The others that look like equations are named in a warning: they are not read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.latex.facts import key_of, pieces_of
from einsgrad.frontend.latex.regions import Region
from einsgrad.frontend.latex.rows import Chain, split_rows
from einsgrad.frontend.latex.scanner import scan
from einsgrad.frontend.latex.tokens import Token

_SHOWN = 10
"""Formulas that a warning names."""


_Texts = tuple[str, ...]
_Use = tuple[str, int]
"""A name, by key, with the number of indices that it has there."""


@dataclass(frozen=True, slots=True, eq=False)
class _Formula:
    """A chain in the prose, and what is wrong with it."""

    chain: Chain
    problems: tuple[Diagnostic, ...]


def read_prose(
    source: Source, regions: Iterable[Region], displayed: Sequence[Chain], problems: list[Diagnostic]
) -> list[Chain]:
    """Give the chains in the prose that define what displays use; warn of others that look like equations."""
    known = {_texts(chain) for chain in displayed}
    formulas: dict[_Texts, _Formula] = {}
    for formula in (formula for region in regions for formula in _formulas(source, region)):
        if _texts(formula.chain) not in known:
            formulas.setdefault(_texts(formula.chain), formula)
    defined = {key_of(name) for chain in displayed if (name := _defined_name(chain)) is not None}
    needed = _needed(formulas.values(), _uses(displayed), defined)
    read = [formula.chain for formula in needed]
    for formula in needed:
        problems += formula.problems
    defined |= {key_of(chain.sides[0][0]) for chain in read}
    uses = {key for key, _ in _uses([*displayed, *read])}
    taken = set(needed)
    skipped = [formula for formula in formulas.values() if formula not in taken]
    _warn(source, [(formula, _reason_to_skip(formula, uses, defined)) for formula in skipped], problems)
    return read


def _needed(formulas: Iterable[_Formula], uses: Iterable[_Use], defined: Collection[str]) -> list[_Formula]:
    """Give the formulas that define what is used, by others of them too, and nothing else defines."""
    definitions: dict[_Use, _Formula] = {}
    for formula in formulas:
        name = _defined_name(formula.chain)
        if name is not None and key_of(name) not in defined:
            definitions.setdefault((key_of(name), _order(formula.chain.sides[0], 0)), formula)
    found: dict[str, _Formula] = {}
    stack, seen = list(uses), set(uses)
    while stack:
        use = stack.pop()
        if use in definitions and use[0] not in found:
            found[use[0]] = definitions[use]
            new = _uses([definitions[use].chain]) - seen
            seen |= new
            stack.extend(sorted(new))
    return list(found.values())


def _formulas(source: Source, region: Region) -> Iterator[_Formula]:
    """Yield what looks like an equation in a formula."""
    if not any(sign in source.text[region.start : region.end] for sign in ("=", "≔", "≡", r"\equiv")):
        return
    problems: list[Diagnostic] = []
    chains = split_rows(source, region, scan(source, region.start, region.end, problems), problems)
    for chain in chains:
        if chain.relations:
            own = (d for d in problems if d.span and chain.start <= d.span.start < chain.end)
            yield _Formula(chain, tuple(own))


def _texts(chain: Chain) -> _Texts:
    return tuple(token.text for token in chain.tokens)


def _defined_name(chain: Chain) -> Token | None:
    """Give the name that a chain seems to define."""
    left = chain.sides[0]
    is_equation = bool(chain.relations) and chain.relations[0].type == "EQUALS"
    return left[0] if is_equation and left and left[0].type == "NAME" else None


def _uses(chains: Iterable[Chain]) -> set[_Use]:
    """Give what chains use, by key, each with the number of indices that it has."""
    found: set[_Use] = set()
    for chain in chains:
        defined = _defined_name(chain)
        for side in chain.sides:
            names = (k for k, token in enumerate(side) if token.type == "NAME" and token is not defined)
            found |= {(key_of(side[k]), _order(side, k)) for k in names}
    return found


def _order(side: Sequence[Token], k: int) -> int:
    """Give the number of indices that directly follow a name."""
    return len(pieces_of(side[k + 1])) if k + 1 < len(side) and side[k + 1].type == "SUBSCRIPT" else 0


def _reason_to_skip(formula: _Formula, uses: Collection[str], defined: Collection[str]) -> str:
    """Say why a formula is not read."""
    name = _defined_name(formula.chain)
    if name is None:
        return "it defines no tensor"
    if key_of(name) in defined:
        return f"`{name.text}` is defined elsewhere"
    if key_of(name) not in uses:
        return f"no display uses `{name.text}`"
    return f"`{name.text}` has other indices in the displays"


def _warn(source: Source, skipped: Sequence[tuple[_Formula, str]], problems: list[Diagnostic]) -> None:
    if not skipped:
        return
    first = skipped[0][0].chain
    notes = []
    for formula, reason in skipped[:_SHOWN]:
        place = Span(formula.chain.start, formula.chain.end, source)
        notes.append(f"line {place.line}: `{' '.join(place.text.split())}`: {reason}")
    if len(skipped) > _SHOWN:
        notes.append(f"and {len(skipped) - _SHOWN} more")
    message = "what stands in the prose is read only where it defines what a display uses: this looks like an equation"
    span = Span(first.start, first.end, source)
    problems.append(Diagnostic("prose", message, span, tuple(notes), severity="warning"))
