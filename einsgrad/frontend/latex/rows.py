r"""Rows: the tokens of a stretch of mathematics to chains ``a = b = c``, as its rows and punctuation set them apart.

Before: tokens. After: each chain's sides and the relation signs between them, with balanced brackets. A row that
begins with an operator or a relation sign goes on with the row before; spaces and line ends set apart only what is a
chain on either side. What is wrong with brackets is reported, and the rest is read all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.latex.regions import Region
from einsgrad.frontend.latex.tokens import CLOSERS, OPENERS, Token
from einsgrad.frontend.lexis import MAX_DEPTH

_RELATIONS = frozenset({"EQUALS", "CLAIMS", "GREATER"})
_OPERATORS = frozenset({"PLUS", "MINUS", "STAR", "SLASH"})
_GOES_ON = _RELATIONS | _OPERATORS | {"CARET", "FRAC", "SQRT", "FUNCTION", "SUM", "PARTIAL"}
_HARD = frozenset({"_COMMA", "SEMI", "DOT", "NOTE", "BLANK_LINE"})
_ROWS = frozenset({"ROW", "BEGIN", "END"})
_SOFT = frozenset({"NEWLINE", "QUAD"})
_SEPARATORS = _HARD | _ROWS | _SOFT


@dataclass(frozen=True, slots=True)
class Chain:
    """Expressions with relation signs between them, which stand at ``start:end`` of the text.

    ``is_broken`` if something wrong with it has been reported; ``no_sum`` is the token that states free indices;
    ``is_given`` if it says so.
    """

    sides: tuple[tuple[Token, ...], ...]
    relations: tuple[Token, ...]
    no_sum: Token | None
    start: int
    end: int
    is_broken: bool
    is_given: bool = False

    @property
    def tokens(self) -> Iterator[Token]:
        """The tokens of all sides."""
        for side in self.sides:
            yield from side


@dataclass
class _Piece:
    """What stands between separators; ``before`` are the types of those before it."""

    before: set[str]
    tokens: list[Token] = field(default_factory=list)
    is_broken: bool = False

    @property
    def is_chain(self) -> bool:
        return any(token.type in _RELATIONS for token in self.tokens)


def split_rows(source: Source, region: Region, tokens: Sequence[Token], problems: list[Diagnostic]) -> list[Chain]:
    """Give the chains of a stretch of mathematics."""
    merged: list[_Piece] = []
    before: set[str] = set()
    for piece in _Splitter(source, region, problems).split(tokens):
        before |= piece.before
        if not piece.tokens:
            continue
        if merged and _goes_on(merged[-1], piece, before):
            merged[-1].tokens += piece.tokens
            merged[-1].is_broken |= piece.is_broken
        else:
            merged.append(piece)
        before = set()
    return [_chain(piece) for piece in merged]


def _goes_on(last: _Piece, piece: _Piece, before: set[str]) -> bool:
    first = piece.tokens[0].type
    if first in _RELATIONS or first == "NO_SUM":
        return True
    if not before.isdisjoint(_HARD):
        return False
    if last.tokens[-1].type in _GOES_ON or first in _OPERATORS:
        return True
    return before.isdisjoint(_ROWS) and not (last.is_chain and piece.is_chain)


def _chain(piece: _Piece) -> Chain:
    sides: list[list[Token]] = [[]]
    relations = []
    no_sum, is_given = None, False
    for token in piece.tokens:
        if token.type == "NO_SUM":
            no_sum = token
        elif token.type == "GIVEN":
            is_given = True
        elif token.type in _RELATIONS:
            relations.append(token)
            sides.append([])
        else:
            sides[-1].append(token)
    first, last = piece.tokens[0], piece.tokens[-1]
    is_broken = piece.is_broken or any(token.type == "WRONG" for token in piece.tokens)
    return Chain(tuple(map(tuple, sides)), tuple(relations), no_sum, first.start, last.end, is_broken, is_given)


class _Splitter:
    """One pass over the tokens of a region; what it knows of the piece it is in."""

    def __init__(self, source: Source, region: Region, problems: list[Diagnostic]) -> None:
        self.source, self.region, self.problems = source, region, problems
        self.pieces: list[_Piece] = []
        self._begin(set())

    def _begin(self, before: set[str]) -> None:
        self.piece = _Piece(before)
        self.open: list[Token] = []
        self.is_chain = False
        self.row = 0  # the position in the piece at which its last row begins

    def split(self, tokens: Sequence[Token]) -> list[_Piece]:
        columns = _columns(tokens)
        for k, token in enumerate(tokens):
            if token.type == "SEMI" and self.open and not self.is_chain:
                token = replace(token, type="_COMMA")  # of the arguments of what an equation defines
            kind = token.type
            if kind == "AMP":
                if k in columns and self.is_chain and not self.open:
                    self._separate(replace(token, type="QUAD"))
                continue
            if kind in ("NEWLINE", "BLANK_LINE") and not self.region.is_pasted:
                continue
            if kind in _SEPARATORS:
                self._separate(token)
                continue
            if kind in OPENERS:
                self._enter(token)
            elif kind in CLOSERS:
                self._leave(token)
            elif kind in _RELATIONS:
                self.is_chain = True
                if self.open:
                    self._relation_in_brackets(token)
            self.piece.tokens.append(token)
        self._finish()
        return self.pieces

    def _separate(self, token: Token) -> None:
        if not self.open or token.type in ("SEMI", "NOTE", "BLANK_LINE"):
            self._finish()
            self._begin({token.type})
        elif token.type in ("_COMMA", "DOT"):
            self.piece.tokens.append(token)
        elif token.type in _ROWS or token.type == "NEWLINE":
            self.row = len(self.piece.tokens)

    def _finish(self) -> None:
        if self.open:
            self._report("bracket-unclosed", f"`{self.open[-1].text}` is never closed", self.open[-1])
        self.pieces.append(self.piece)

    def _relation_in_brackets(self, token: Token) -> None:
        """End the piece before this row if an earlier row left a bracket open: no bracket holds a relation sign."""
        rest = self.piece.tokens[self.row :]
        if self.row and self.open[0].start < (rest[0].start if rest else token.start):
            del self.piece.tokens[self.row :]
            self._finish()
            self._begin({"ROW"})
            self.piece.tokens, self.is_chain = rest, True
            return
        message = f"`{token.text}` is unexpected in brackets"
        self._report("unexpected-token", message, token)

    def _enter(self, token: Token) -> None:
        self.open.append(token)
        if len(self.open) == MAX_DEPTH + 1:
            self._report("nesting-deep", f"brackets are nested more than {MAX_DEPTH} deep", token)

    def _leave(self, token: Token) -> None:
        if not self.open:
            self._report("bracket-unopened", f"`{token.text}` closes no bracket", token)
        elif self.open[-1].type != CLOSERS[token.type]:
            opener = self.open.pop()
            self._report("bracket-mismatch", f"`{token.text}` closes a `{opener.text}`", token)
        else:
            self.open.pop()

    def _report(self, code: str, message: str, token: Token) -> None:
        """Report a mistake, one a piece; none beside an environment that is refused with all around it."""
        if not self.piece.is_broken and not any(t.text.startswith(r"\begin") for t in self.piece.tokens):
            self.problems.append(Diagnostic(code, message, Span(token.start, token.end, self.source)))
        self.piece.is_broken = True


def _columns(tokens: Sequence[Token]) -> set[int]:
    """Give the positions of the ``&`` after which an equation of its own may begin: a relation sign follows, later."""
    found: set[int] = set()
    is_followed = False
    for k in range(len(tokens) - 1, -1, -1):
        kind = tokens[k].type
        if kind in _RELATIONS:
            is_followed = True
        elif kind in _SEPARATORS and kind != "NEWLINE":
            is_followed = False
        elif kind == "AMP" and is_followed and tokens[k + 1].type not in (*_RELATIONS, *_OPERATORS):
            found.add(k)
    return found


def no_sum_letters(token: Token) -> tuple[str, int]:
    r"""Give the letters that ``(no sum …)`` names, and where they begin in the token.

    >>> no_sum_letters(Token("NO_SUM", r"\text{(no sum over $i$, $j$)}", 0))
    ('i    j', 20)
    """
    match = re.search(r"no\s+sum(?:\s+(?:over|on)\b)?(?:mation)?", token.text)
    assert match
    rest = token.text[match.end() :]
    plain = re.sub(r"\\(?:text|textrm|mbox|mathrm)\b|[{}$,)~]|\\[,;: ]", lambda m: " " * len(m[0]), rest)
    lead = len(plain) - len(plain.lstrip())
    return plain[lead:].rstrip(), match.end() + lead
