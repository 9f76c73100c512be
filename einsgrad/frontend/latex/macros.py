r"""Macros: a text with its ``\newcommand`` and ``\def`` expanded, before anything in it is read.

Before: any text. After: the text with each use of a macro replaced by its body and the definitions blanked, and for
each place in it the place in the text as written. Nothing is executed: a body is text with arguments put in. What is no
plain definition, one with conditions or with an optional argument, stays where it is.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from einsgrad.diagnostics import Diagnostic, LanguageError, Source, Span
from einsgrad.frontend.lexis import MAX_TEXT

_PLAIN = r"[^{}\\]++|\\."
_GROUP = rf"\{{(?:{_PLAIN}|\{{(?:{_PLAIN}|\{{(?:{_PLAIN}|\{{[^{{}}]*+\}})*+\}})*+\}})*+\}}"
_NAME = r"\\[A-Za-z]+"
_DEFINITION = re.compile(
    rf"""(?P<comment>(?<!\\)%[^\n]*)
    | \\(?:re|provide)?newcommand\*?\s*(?:\{{\s*(?P<braced>{_NAME})\s*\}}|(?P<new>{_NAME}))
      \s*(?:\[\s*(?P<count>[0-9])\s*\])?\s*(?P<body>{_GROUP})
    | \\def\s*(?P<def>{_NAME})(?P<parameters>(?:\#[1-9])*)\s*(?P<meaning>{_GROUP})
    | \\DeclareMathOperator\*?\s*\{{\s*(?P<operator>{_NAME})\s*\}}\s*(?P<words>{_GROUP})""",
    re.VERBOSE | re.DOTALL,
)
_USE = re.compile(rf"(?P<comment>(?<!\\)%[^\n]*)|(?P<name>{_NAME})")
_ARGUMENT = re.compile(rf"\s*(?:({_GROUP})|({_NAME}|[^\s\\{{}}]))", re.DOTALL)
_PARAMETER = re.compile(r"#([1-9])")
_MOST_MACROS = 1000
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class _Macro:
    count: int
    body: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of an expanded text, which stands for ``start:end`` of the text as written: a copy, or from a macro."""

    text: str
    start: int
    end: int
    is_copy: bool


@dataclass(frozen=True, slots=True)
class Expansion:
    """An expanded text, and what each of its pieces, which begin at ``starts``, stands for in the text as written."""

    written: Source
    text: str
    pieces: tuple[_Piece, ...]
    starts: tuple[int, ...]

    def origin(self, span: Span) -> Span:
        """Give the place in the text as written; that of the whole use where it is inside of a macro."""
        start = self._place(span.start, 0)
        return Span(start, max(self._place(span.end - 1, 1), start), self.written)

    def _place(self, at: int, past: int) -> int:
        """Give where a character stands, or the end of it."""
        number = max(bisect_right(self.starts, at) - 1, 0)
        piece = self.pieces[number]
        if piece.is_copy:
            return piece.start + at - self.starts[number] + past
        return piece.end if past else piece.start

    def placed(self, diagnostic: Diagnostic) -> Diagnostic:
        """Give a diagnostic of the expanded text as one of the text as written."""
        if diagnostic.span is None:
            return diagnostic
        return dataclasses.replace(diagnostic, span=self.origin(diagnostic.span))


def expand_macros(source: Source) -> Expansion | None:
    r"""Expand the macros that a text defines; ``None`` where it defines none.

    Raises:
        LanguageError: a macro expands to itself, or to too long a text.

    >>> expand_macros(Source(r"\def\w{\mathbf{w}} y = \w_i")).text.strip()
    'y = \\mathbf{w}_i'
    """
    macros, code = _definitions(source.text) if len(source.text) <= MAX_TEXT else ({}, "")
    if not macros:
        return None
    pieces = tuple(_Expander(source, macros).pieces(code))
    starts = itertools.accumulate((len(piece.text) for piece in pieces[:-1]), initial=0)
    return Expansion(source, "".join(piece.text for piece in pieces), pieces, tuple(starts))


def _definitions(text: str) -> tuple[dict[str, _Macro], str]:
    """Give the macros of a text, and the text without their definitions."""
    macros: dict[str, _Macro] = {}

    def define(found: re.Match[str]) -> str:
        name = found["braced"] or found["new"] or found["def"] or found["operator"]
        if name is None or len(macros) == _MOST_MACROS:
            return found[0]
        if found["operator"]:
            macros[name] = _Macro(0, rf"\operatorname{found['words']}")
        elif found["def"]:
            macros[name] = _Macro(len(found["parameters"]) // 2, found["meaning"][1:-1])
        else:
            macros[name] = _Macro(int(found["count"] or 0), found["body"][1:-1])
        return re.sub(r"[^\n]", " ", found[0])

    code = _DEFINITION.sub(define, text)
    return macros, code


@dataclass(slots=True)
class _Expander:
    """Expands macros; ``length`` is that of all that was made of them, which is bounded."""

    source: Source
    macros: Mapping[str, _Macro]
    length: int = 0

    def pieces(self, code: str) -> Iterator[_Piece]:
        """Yield the pieces of a text: what stands between uses of macros, and what these become."""
        at = 0
        for use, body, end in self._uses(code):
            span = Span(use.start(), end, self.source)
            yield _Piece(code[at : use.start()], at, use.start(), True)
            yield _Piece(self._expanded(body, span), use.start(), end, False)
            at = end
        yield _Piece(code[at:], at, len(code), True)

    def _uses(self, text: str) -> Iterator[tuple[re.Match[str], str, int]]:
        """Yield each use of a macro, its body with the arguments, and where these end."""
        at = 0
        for use in _USE.finditer(text):
            if use.start() >= at and use["name"] in self.macros:
                found = _used(text, use, self.macros[use["name"]])
                if found is not None:
                    yield use, *found
                    at = found[1]

    def _expanded(self, text: str, span: Span) -> str:
        """Expand the macros in a body, those in what comes out too."""
        for _ in range(_DEEPEST):
            self._spend(len(text), span)
            parts, at = [], 0
            for use, body, end in self._uses(text):
                self._spend(len(body), span)
                parts += [text[at : use.start()], body]
                at = end
            if not parts:
                return text
            text = "".join([*parts, text[at:]])
        raise self._too_large(span)

    def _spend(self, length: int, span: Span) -> None:
        self.length += length
        if self.length > MAX_TEXT:
            raise self._too_large(span)

    def _too_large(self, span: Span) -> LanguageError:
        message = f"`{span.text}` expands to itself, or to too long a text: write the mathematics out"
        return LanguageError([Diagnostic("macro", message, span)])


def _used(text: str, use: re.Match[str], macro: _Macro) -> tuple[str, int] | None:
    """Give the body of a macro with its arguments, and where these end; ``None`` where arguments are missing."""
    at, arguments = use.end(), []
    for _ in range(macro.count):
        argument = _ARGUMENT.match(text, at)
        if argument is None:
            return None
        arguments.append(argument[1][1:-1] if argument[1] else argument[2])
        at = argument.end()
    body = _PARAMETER.sub(lambda p: arguments[int(p[1]) - 1] if int(p[1]) <= len(arguments) else p[0], macro.body)
    is_letter_next = text[at : at + 1].isalpha() and re.search(rf"{_NAME}\Z", body) is not None
    return body + " " * is_letter_next, at
