r"""Facts: which letters of a text are names, and which are indices, before any of it is parsed.

LaTeX leaves to the reader what some signs mean: the ``T`` of ``a^T`` is a transpose unless ``T`` is a tensor, ``|h|``
is a size if ``h`` is an index, ``e^x`` is the exponential unless ``e`` is a tensor. The whole text decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from einsgrad.diagnostics import Source
from einsgrad.frontend import surface as s
from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.latex.conditions import Unequal
from einsgrad.frontend.latex.names import Piece, decode_name, read_pieces
from einsgrad.frontend.latex.rows import Chain
from einsgrad.frontend.latex.tokens import Token
from einsgrad.frontend.lexis import DELTA, PI, LexicalError, canonical

EXPONENTIAL = "e"
_SCRIPTS = frozenset({"SUBSCRIPT", "CARET", "PRIME"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the letters of a text are; all are keys.

    Attributes:
        names: the names that stand somewhere as a factor, other than alone in a superscript or between bars.
        scalars: those of them that stand somewhere without a subscript.
        indices: the letters that stand in subscripts.
        words: the upright words in subscripts that are indices, not labels.
        limits: the names that explicit sums run to.
        functions: the names that stand nowhere but directly before a bracket, or as operators known to be functions.
        parameters: names that are defined with arguments, each with a letter in its subscript that labels it, a tensor.
        own: the functions that the text defines.
    """

    names: frozenset[str]
    scalars: frozenset[str]
    indices: frozenset[str]
    words: frozenset[str]
    limits: frozenset[str]
    functions: frozenset[str]
    parameters: frozenset[tuple[str, str]]
    own: frozenset[str] = frozenset()


@dataclass
class Context:
    """What is known about the chain that is parsed, and what is found in it.

    Attributes:
        text: the chain's text, in which places count.
        facts: what the letters of the whole text are.
        indices: the letters that stand in this chain's subscripts, by key.
        limits: the names that sums run to, each with a letter that it sums.
        conditions: the conditions that two letters of a sum differ.
    """

    text: str
    facts: Facts
    indices: frozenset[str]
    limits: list[tuple[s.Reference, s.Letter]] = field(default_factory=list)
    conditions: list[Unequal] = field(default_factory=list)


def collect_facts(source: Source, chains: Sequence[Chain], applied: Collection[str] = ()) -> Facts:
    """Find out what the letters of a text are; ``applied`` are the names that are defined with arguments, by key."""
    parameters: set[tuple[str, str]] = set()
    functions: set[str] = set()
    others: set[str] = {PI, DELTA}
    names: set[str] = set()
    scalars: set[str] = set()
    indices: set[str] = set()
    words: set[str] = set()
    limits: set[str] = set()
    for chain in chains:
        for side in chain.sides:
            lone = lone_scripts(side)
            limits |= set(_limits(side))
            runs = {k for k, _ in runs_of(side)}
            for k, token in enumerate(side):
                if token.type == "NAME" and k not in lone and k not in runs and not _is_in_bars(side, k):
                    label, following = _after_label(side, k)
                    key = key_of(token) + label
                    if key == EXPONENTIAL and following == "CARET":
                        continue
                    names.add(key)
                    is_function = _is_before_bracket(source.text, side, k) or _is_operator(token, key)
                    (functions if is_function else others).add(key)
                    if following != "SUBSCRIPT":
                        scalars.add(key)
                elif token.type == "SUBSCRIPT":
                    pieces = pieces_of(token)
                    keys = {canonical(index.name) for p in pieces for index in p.letters}
                    base = key_of(side[k - 1]) if k and side[k - 1].type == "NAME" else ""
                    if base in applied:
                        parameters |= {(base, key) for key in keys}
                    else:
                        indices |= keys
                    if _holds_indices(side, k, pieces):
                        words |= {canonical(p.name) for p in pieces if p.is_upright and not p.indices}
    parameters = {(base, key) for base, key in parameters if key in names and key not in indices}
    return Facts(
        names=frozenset(names),
        scalars=frozenset(scalars),
        indices=frozenset(indices),
        words=frozenset(words),
        limits=frozenset(limits),
        functions=frozenset(functions - others),
        parameters=frozenset(parameters),
    )


SIZES = (r"\left", r"\biggl", r"\Biggl", r"\bigl", r"\Bigl", r"\big", r"\Big")
"""What may stand between a function and its bracket."""


def is_word(text: str) -> bool:
    r"""Tell whether a name begins with a word in a style, as ``\mathrm{loss}``, and no letter."""
    return _WORD.match(text) is not None


_WORD = re.compile(r"\\[A-Za-z]+\*?\s*\{\s*[^\W\d_]{2}")


def _is_operator(token: Token, key: str) -> bool:
    r"""Tell whether a name is set as an operator, and known to be one: ``\operatorname{softmax} x_i``."""
    return token.text.startswith(r"\operatorname") and (key in LATEX.idioms or key in LATEX.absent)


def _is_before_bracket(text: str, side: Sequence[Token], k: int) -> bool:
    """Tell whether a name stands directly before a bracket; a word's indices and spaces may come between."""
    word = is_word(side[k].text)
    last = k
    while word and last + 1 < len(side) and side[last + 1].type == "SUBSCRIPT":
        last += 1
    if [token.text for token in side[last + 1 : last + 6]] == ["^", "{", "-", "1", "}"]:
        last += 5
    if last + 1 == len(side) or side[last + 1].type not in ("LPAR", "LSQUARE", "LCURLY"):
        return False
    between = text[side[last].end : side[last + 1].start]
    for size in SIZES:
        between = between.replace(size, "")
    return not (between.strip() if word or key_of(side[k]) == "σ" else between)


def _after_label(side: Sequence[Token], k: int) -> tuple[str, str]:
    """Give the label of a superscript ``{(1)}`` on a name, which is part of it, and the type of what follows."""
    types = [token.type for token in side[k + 1 : k + 7]]
    if types[:3] == ["CARET", "LBRACE", "LPAR"] and types[4:] == ["RPAR", "RBRACE"]:
        return side[k + 4].text, side[k + 7].type if k + 7 < len(side) else ""
    return "", types[0] if types else ""


def pieces_of(token: Token) -> tuple[Piece, ...]:
    """Give what stands in a subscript; nothing if it is malformed."""
    try:
        return read_pieces(token.text, 1)
    except LexicalError:
        return ()


def indices_of(chain: Chain) -> frozenset[str]:
    """Give the letters that stand in subscripts of a chain, and in superscripts of what an equation defines."""
    tokens = (token for token in chain.tokens if token.type == "SUBSCRIPT")
    below = {canonical(index.name) for token in tokens for piece in pieces_of(token) for index in piece.letters}
    if not chain.relations or chain.relations[0].type != "EQUALS":
        return frozenset(below)
    left = chain.sides[0]
    return frozenset(below | {key_of(left[k]) for k in lone_scripts(left)})


def key_of(token: Token) -> str:
    """Give the key of the name that a token is; nothing if it is malformed."""
    return key_of_text(token.text)


def key_of_text(text: str) -> str:
    """Give the key of the name that a text is; nothing if it is malformed."""
    try:
        return canonical(decode_name(text).spelling)
    except LexicalError:
        return ""


def _holds_indices(side: Sequence[Token], k: int, pieces: Sequence[Piece]) -> bool:
    """Tell whether a subscript holds indices and no labels: several words, or the subscript of a 1, a δ or a sum."""
    if sum(piece.is_upright for piece in pieces) > 1:
        return True
    base = side[k - 1] if k else None
    return base is not None and (base.type in ("ONE", "NUMBER", "SUM") or base.text in (r"\delta", "δ"))


def _is_in_bars(side: Sequence[Token], k: int) -> bool:
    return 0 < k < len(side) - 1 and side[k - 1].type == "LBAR" and side[k + 1].type == "RBAR"


def lone_scripts(side: Sequence[Token]) -> set[int]:
    """Give the positions of names in superscripts that hold nothing but names."""
    found: set[int] = set()
    for k, token in enumerate(side):
        if token.type == "CARET":
            found |= set(_names_after(side, k))
    return found


def _names_after(side: Sequence[Token], caret: int) -> range:
    """Give the positions of the names that a superscript holds, if it holds only names."""
    k = caret + 1
    if k < len(side) and side[k].type == "NAME":
        return range(k, k + 1)
    if k < len(side) and side[k].type == "LBRACE":
        end = k + 1
        while end < len(side) and side[end].type == "NAME":
            end += 1
        if end < len(side) and side[end].type == "RBRACE":
            return range(k + 1, end)
    return range(0)


def _limits(side: Sequence[Token]) -> Iterator[str]:
    """Yield the names that explicit sums run to."""
    for k, token in enumerate(side):
        if token.type == "SUM":
            above = k + 1
            while above < len(side) and side[above].type == "SUBSCRIPT":
                above += 1
            if above < len(side) and side[above].type == "CARET":
                yield from (key_of(side[name]) for name in _names_after(side, above))


def runs_of(side: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield the positions of letters that follow a subscript without braces directly: the ``j`` of ``x_ij``.

    With each comes the position of the subscript. A letter with scripts of its own is a tensor.
    """
    start = -1
    for k, token in enumerate(side):
        if token.type == "SUBSCRIPT":
            start = k if "{" not in token.text and not token.text.startswith("_\\") else -1
        elif start >= 0 and token.type == "NAME" and len(token.text) == 1 and token.start == side[k - 1].end:
            if k + 1 < len(side) and side[k + 1].type in (*_SCRIPTS, "LPAR") and side[k + 1].type != "CARET":
                start = -1
            else:
                yield k, start
        else:
            start = -1
