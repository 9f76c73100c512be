r"""Applied names: ``f_\theta(x) = x_i \theta_i`` defines ``f_θ``, and ``f_\theta(x)`` is that wherever it stands.

Before: the chains of a text. After: the same chains without the arguments of such names. A name without indices that
is applied to anything else, too, is a function of one's own: its definition loses its parameters, and where it is
applied it is a function. A name with indices is a tensor, and that is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.latex.facts import key_of
from einsgrad.frontend.latex.rows import Chain
from einsgrad.frontend.latex.tokens import Token

_INDICES = frozenset("ijklmn,")


Applied = Mapping[str, tuple[str, ...]]
"""The texts of the arguments of each name that is defined with some, by key."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """The arguments of a name: their texts, and the positions of the brackets around them."""

    arguments: tuple[str, ...]
    start: int
    end: int


def without_arguments(
    source: Source, chains: Sequence[Chain], applied: Applied, problems: list[Diagnostic]
) -> list[Chain]:
    """Give the chains without the arguments of applied names, wherever they are those of the definition."""
    chains = [_refuse_indices(source, chain, problems) for chain in chains]
    return [_without(source, chain, applied, problems) for chain in chains] if applied else chains


def applied_names(chains: Sequence[Chain]) -> Applied:
    """Give the names, by key, that equations define with arguments, and these."""
    found: dict[str, tuple[str, ...]] = {}
    for chain in chains:
        bracket = _names_on_the_left(chain)
        if bracket is not None and not _INDICES.issuperset(bracket.arguments):
            found[key_of(chain.sides[0][0])] = bracket.arguments
    return found


def own_functions(chains: Sequence[Chain], applied: Applied) -> Applied:
    """Give those of the names, all without subscripts, that are applied to something else than their arguments."""
    bare = {key_of(chain.sides[0][0]) for chain in chains if _defines(chain, applied)}
    called = set()
    for chain in chains if bare else ():
        for side in chain.sides:
            for k, token in enumerate(side):
                if _is_applied(side, k) and key_of(token) in bare:
                    bracket = _bracket_after(side, k)
                    if bracket is not None and bracket.arguments != applied[key_of(token)]:
                        called.add(key_of(token))
    return {key: arguments for key, arguments in applied.items() if key in called}


def with_functions(chain: Chain, own: Applied) -> Chain:
    """Make functions of the names in ``own`` where they are applied; their definitions lose the parameters."""
    sides = [
        tuple(
            replace(token, type="FUNCTION") if _is_applied(side, k) and key_of(token) in own else token
            for k, token in enumerate(side)
        )
        for side in chain.sides
    ]
    if _defines(chain, own):
        bracket = _bracket_after(chain.sides[0], 0)
        assert bracket is not None
        sides[0] = (chain.sides[0][0], *chain.sides[0][bracket.end + 1 :])
    return replace(chain, sides=tuple(sides))


def parameters_of(chain: Chain, own: Applied) -> tuple[str, ...]:
    """Give the parameters, by key, of the function that a chain defines; none if it defines no function."""
    bracket = _names_on_the_left(chain) if _defines(chain, own) else None
    inside = chain.sides[0][bracket.start + 1 : bracket.end] if bracket is not None else ()
    return tuple(key_of(token) for token in inside if token.type == "NAME")


def _defines(chain: Chain, names: Applied) -> bool:
    """Tell whether a chain defines one of the names with arguments and no subscript."""
    left = chain.sides[0]
    return _names_on_the_left(chain) is not None and _is_applied(left, 0) and key_of(left[0]) in names


def _is_applied(side: Sequence[Token], k: int) -> bool:
    return side[k].type == "NAME" and k + 1 < len(side) and side[k + 1].type == "LPAR"


def _refuse_indices(source: Source, chain: Chain, problems: list[Diagnostic]) -> Chain:
    """Refuse ``A(i,j) = …``, which means indices."""
    bracket = _names_on_the_left(chain)
    if bracket is None or chain.is_broken or not _INDICES.issuperset(bracket.arguments):
        return chain
    fix, at = "", chain.start
    for side in chain.sides:
        for k, token in enumerate(side):
            indices = _bracket_after(side, k) if token.type == "NAME" else None
            if indices is not None and _INDICES.issuperset(indices.arguments):
                fix += source.text[at : side[indices.start].start] + _subscript(indices.arguments)
                at = side[indices.end].end
    name, closer = chain.sides[0][0], chain.sides[0][bracket.end]
    message = f"indices are written `{name.text}{_subscript(bracket.arguments)}`"
    place = Span(name.start, closer.end, source)
    problems.append(Diagnostic("subscript", message, place, fix=fix + source.text[at : chain.end]))
    return replace(chain, is_broken=True)


def _subscript(arguments: Sequence[str]) -> str:
    return f"_{{{''.join(arguments).replace(',', '')}}}"


def _names_on_the_left(chain: Chain) -> Bracket | None:
    """Give the bracket with names that follows the name on the left-hand side of an equation."""
    left = chain.sides[0]
    if not left or left[0].type != "NAME" or not chain.relations or chain.relations[0].type != "EQUALS":
        return None
    bracket = _bracket_after(left, 0)
    if bracket is None or any(token.type != "SUBSCRIPT" for token in left[bracket.end + 1 :]):
        return None
    inside = left[bracket.start + 1 : bracket.end]
    return bracket if inside and all(token.type in ("NAME", "SUBSCRIPT", "_COMMA") for token in inside) else None


def _bracket_after(side: Sequence[Token], k: int) -> Bracket | None:
    """Give the bracket that follows a name and its scripts; ``None`` if there is none, or it isn't closed."""
    opener = _opener_after(side, k)
    if opener is None:
        return None
    depth = 0
    for end in range(opener, len(side)):
        depth += (side[end].type == "LPAR") - (side[end].type == "RPAR")
        if depth == 0:
            return Bracket(tuple(token.text for token in side[opener + 1 : end]), opener, end)
    return None


def _opener_after(side: Sequence[Token], k: int) -> int | None:
    """Give the position of the bracket that opens after a name and its scripts."""
    k += 1
    while k < len(side) and side[k].type in ("SUBSCRIPT", "CARET"):
        k = _after_braces(side, k + 1) if side[k].type == "CARET" else k + 1
    return k if k < len(side) and side[k].type == "LPAR" else None


def _after_braces(side: Sequence[Token], k: int) -> int:
    """Give the position after an argument that begins at ``k``."""
    if k >= len(side) or side[k].type != "LBRACE":
        return k + 1
    while k < len(side) and side[k].type != "RBRACE":
        k += 1
    return k + 1


def _without(source: Source, chain: Chain, applied: Applied, problems: list[Diagnostic]) -> Chain:
    if chain.is_broken:
        return chain
    sides = []
    for side in chain.sides:
        dropped: set[int] = set()
        for k, token in enumerate(side):
            arguments = applied.get(key_of(token)) if token.type == "NAME" else None
            opener = None if arguments is None else _opener_after(side, k)
            if arguments is None or opener is None:
                continue
            closer = opener + len(arguments) + 1
            if tuple(t.text for t in side[opener + 1 : closer + 1]) != (*arguments, ")"):
                problems.append(_other_arguments(source, side, k, arguments))
                return replace(chain, is_broken=True)
            dropped |= set(range(opener, closer + 1))
        sides.append(tuple(token for k, token in enumerate(side) if k not in dropped))
    return replace(chain, sides=tuple(sides))


def _other_arguments(source: Source, side: Sequence[Token], k: int, arguments: Sequence[str]) -> Diagnostic:
    name, bracket = side[k], _bracket_after(side, k)
    end = name.end if bracket is None else side[bracket.end].end
    message = (
        f"`{name.text}` is defined with `({' '.join(arguments)})`, and applied to something else it is a function: "
        "that has no scripts, and what it takes follows directly in brackets"
    )
    return Diagnostic("own-function", message, Span(name.start, end, source))
