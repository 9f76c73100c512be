r"""The scanner: a stretch of LaTeX mathematics to tokens.

Before: the text, and where a stretch of mathematics begins and ends. After: the tokens that mean something, spaces and
layout left out. What TeX decides by what stands before is decided: which digits are arguments (``\frac12``), and
which bars open and which close. What is no token is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.latex import commands
from einsgrad.frontend.latex.names import styled_type
from einsgrad.frontend.latex.regions import BEGIN
from einsgrad.frontend.lexis import is_raised, plain_spelling

_GROUP = r"\{(?:[^{}]++|\{(?:[^{}]++|\{[^{}]*+\})*+\})*+\}"
_ARGUMENT = rf"(?:{_GROUP}|\\[A-Za-z]+|[^\s\\{{}}])"
_STYLED = "|".join(re.escape(name) for name in sorted({*commands.STYLES, *commands.ACCENTS}, key=len, reverse=True))
_OPENERS, _CLOSERS = r"\\(?:left|[bB]igg?l)\s*", r"\\(?:right|[bB]igg?r)\s*"
_WORDS = r"\\(?:text|textrm|mbox|mathrm)\s*"

_TOKEN = re.compile(
    rf"""
      (?P<comment>%[^\n]*)
    | (?P<blank>\s+|~|\\(?:[ \t\r\n]))
    | (?P<NO_SUM>{_WORDS}\{{\s*\(\s*no\s+sum\b(?:[^{{}}()])*\)\s*\}}
                |{_WORDS}\{{\s*\(\s*no\s+sum\b[^{{}}()]*\}}[^(){{}}]*(?:\)|{_WORDS}\{{\s*\)\s*\}})
                |\(\s*no\s+sum\s[^()]*\))
    | (?P<BEGIN>{BEGIN})
    | (?P<END>\\end\s*\{{[^{{}}]*\}})
    | (?P<ROW>\\\\\*?(?:\s*\[\s*-?(?:[\d.]+\s*[a-z]{{2}}|\\[a-z]+)\s*\])?)
    | (?P<layout>\\(?:label|tag\*?|hspace\*?|vspace\*?|[vh]?phantom|smash|color|eqref|ref)\s*\{{[^{{}}]*\}}
                |\\(?:left|right|[bB]igg?[lrm]?)\s*\.(?![\d]))
    | (?P<NOTE>\\(?:short)?intertext\s*{_GROUP})
    | (?P<LBAR>{_OPENERS}(?:\||\\[lr]?vert(?![A-Za-z])))
    | (?P<RBAR>{_CLOSERS}(?:\||\\[lr]?vert(?![A-Za-z])))
    | (?P<STACKED>\\(?:stackrel|overset)\s*{_GROUP}\s*\{{\s*(?::?=|\\equiv)\s*\}})
    | (?P<STYLED>\\(?:{_STYLED})(?![A-Za-z])\s*{_ARGUMENT})
    | (?P<COMMAND>\\(?:[A-Za-z]+|.))
    | (?P<SUBSCRIPT>_\s*(?:\\(?:{_STYLED})(?![A-Za-z])\s*{_ARGUMENT}|{_ARGUMENT}))
    | (?P<NUMBER>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE](?:[+-][0-9]+|[0-9]+(?![0-9_\[])))?)
    | (?P<NAME>[^\W\d_])
    | (?P<CLAIMS>==|≡)
    | (?P<EQUALS>:=|=|≔)
    | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SIGNS = {
    "+": "PLUS", "-": "MINUS", "−": "MINUS", "*": "STAR", "·": "STAR", "×": "STAR", "/": "SLASH", "^": "CARET",
    "'": "PRIME", "(": "LPAR", ")": "RPAR", "[": "LSQUARE", "]": "RSQUARE", "{": "LBRACE", "}": "RBRACE", "|": "BAR",
    ",": "_COMMA", ";": "SEMI", ".": "DOT", "&": "AMP", "∂": "PARTIAL", "∑": "SUM",
}  # fmt: skip
_QUADS = frozenset({r"\quad", r"\qquad", r"\hfill"})
# After these a bar opens: nothing that could stand in bars has begun.
_BEFORE_A_TERM = frozenset(
    {"PLUS", "MINUS", "STAR", "SLASH", "LPAR", "LSQUARE", "LCURLY", "LBRACE", "LBAR", "_COMMA", "EQUALS", "CLAIMS",
     "ROW", "NEWLINE", "SEMI", "QUAD", "NOTE", "FUNCTION", "FRAC", "CARET", "BEGIN"}
)  # fmt: skip
OPENERS = frozenset({"LPAR", "LSQUARE", "LCURLY", "LBRACE", "LBAR"})
CLOSERS = {"RPAR": "LPAR", "RSQUARE": "LSQUARE", "RCURLY": "LCURLY", "RBRACE": "LBRACE", "RBAR": "LBAR"}
"""What each closing bracket closes."""
_ARGUMENTS = {"FRAC": 2, "SQRT": 1, "CARET": 1}


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its type, as the grammar and :mod:`rows` have it, its characters, and where they begin in the text."""

    type: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where its characters end."""
        return self.start + len(self.text)


def scan(source: Source, start: int, end: int, problems: list[Diagnostic]) -> list[Token]:
    r"""Give the tokens of the mathematics at ``start:end`` of the text.

    >>> [(t.type, t.text) for t in scan(Source(r"\frac12 |x_i|"), 0, 13, [])]  # doctest: +NORMALIZE_WHITESPACE
    [('FRAC', '\\frac'), ('NUMBER', '1'), ('NUMBER', '2'), ('LBAR', '|'), ('NAME', 'x'), ('SUBSCRIPT', '_i'),
     ('RBAR', '|')]
    """
    return list(_with_bars_paired(_with_arguments_apart(source, _tokens(source, start, end, problems), problems)))


def _tokens(source: Source, start: int, end: int, problems: list[Diagnostic]) -> Iterator[Token]:
    for match in _TOKEN.finditer(source.text, start, end):
        kind = match.lastgroup
        assert kind is not None
        token = Token(kind, match[0], match.start())
        match kind:
            case "comment" | "layout":
                continue
            case "blank":
                if match[0][0] != "\\" and "\n" in match[0]:
                    yield replace(token, type="BLANK_LINE" if match[0].count("\n") > 1 else "NEWLINE")
                continue
            case "COMMAND":
                token = _command(source, token, problems)
            case "STYLED":
                token = replace(token, type=styled_type(token.text))
            case "STACKED":
                token = replace(token, type="CLAIMS" if re.search(r"[?!]|\\equiv", token.text) else "EQUALS")
            case "NAME" if is_raised(token.text):
                plain = plain_spelling(token.text)
                fix = f"{plain[0]}{{{plain[1:]}}}"
                message = "superscript and subscript characters are not part of the language"
                span = Span(token.start, token.end, source)
                problems.append(Diagnostic("raised-character", message, span, fix=fix))
                token = replace(token, type="WRONG")
            case "sign":
                token = _sign(source, token, problems)
        if token.type != commands.SKIP:
            yield token


def _command(source: Source, token: Token, problems: list[Diagnostic]) -> Token:
    name = token.text[1:]
    if token.text in _QUADS:
        return replace(token, type="QUAD")
    kind = commands.COMMANDS.get(name)
    if kind is not None:
        return replace(token, type=kind)
    span = Span(token.start, token.end, source)
    if name in commands.MACROS:
        message = f"`{token.text}`: macros are not expanded, and nothing is executed; write the mathematics out"
        problems.append(Diagnostic("macro", message, span))
    elif name in commands.UNSUPPORTED:
        message = f"`{token.text}` is not part of the language: {commands.UNSUPPORTED[name]}"
        problems.append(Diagnostic("unsupported-command", message, span))
    elif name in commands.STYLES or name in commands.ACCENTS:
        message = f"`{token.text}` has no argument that is a name"
        problems.append(Diagnostic("bad-name", message, span))
    else:
        message = f"`{token.text}` is no command that is known here{commands.nearest_command(name)}"
        note = "macros are not expanded: write what the command stands for"
        problems.append(Diagnostic("unknown-command", message, span, () if ":" in message else (note,)))
    return replace(token, type="WRONG")


def _sign(source: Source, token: Token, problems: list[Diagnostic]) -> Token:
    kind = _SIGNS.get(token.text)
    if kind is not None:
        return replace(token, type=kind)
    char = token.text
    shown = f"`{char}`" if char.isprintable() and not char.isspace() else f"the character U+{ord(char):04X}"
    hints = {
        "_": ": a subscript is a letter, or stands in braces",
        "#": ": a comment begins with `%`",
        "$": ": it is mathematics already",
        "<": ": inequalities are not part of the language",
        ">": ": inequalities are not part of the language",
    }
    message = f"{shown} is unexpected{hints.get(char, '')}"
    problems.append(Diagnostic("unexpected-character", message, Span(token.start, token.end, source)))
    return replace(token, type="WRONG")


def _with_arguments_apart(source: Source, tokens: Iterator[Token], problems: list[Diagnostic]) -> Iterator[Token]:
    r"""Split numbers of which TeX takes the first digit as an argument."""
    wanted, previous = 0, ""
    around: list[int] = []
    for token in tokens:
        if token.type in ("LBRACE", "LSQUARE"):
            is_option = previous == "SQRT" and token.type == "LSQUARE"
            around.append(wanted if is_option else max(wanted - 1, 0))
            wanted = 0
        elif token.type in ("RBRACE", "RSQUARE"):
            wanted = around.pop() if around else 0
        elif token.type in _ARGUMENTS:
            wanted = _ARGUMENTS[token.type]
        elif wanted and token.type == "NUMBER" and len(token.text) > 1:
            yield from _digits(source, token, wanted, previous, problems)
            wanted = 0
            continue
        elif token.type not in ("NEWLINE", "AMP"):
            wanted = max(wanted - 1, 0)
        if token.type != "AMP":
            previous = token.type
        yield token


def _digits(source: Source, token: Token, wanted: int, before: str, problems: list[Diagnostic]) -> Iterator[Token]:
    text = token.text
    if not text.isdigit():
        message = f"`{text}` is no argument: put it in braces"
        problems.append(Diagnostic("script-braces", message, Span(token.start, token.end, source), fix=f"{{{text}}}"))
        yield replace(token, type="WRONG")
        return
    if before == "CARET":
        message = f"`^{text}` raises only the `{text[0]}`: put the exponent in braces"
        problems.append(Diagnostic("script-braces", message, Span(token.start, token.end, source), fix=f"^{{{text}}}"))
    count = min(wanted, len(text))
    for k in range(count):
        yield Token("NUMBER", text[k], token.start + k)
    if text[count:]:
        yield Token("NUMBER", text[count:], token.start + count)


def _with_bars_paired(tokens: Iterator[Token]) -> Iterator[Token]:
    """Decide for each ``|`` whether it opens or closes."""
    open_bars = [0]
    previous = "ROW"
    for token in tokens:
        kind = token.type
        if kind == "BAR":
            kind = "RBAR" if open_bars[-1] and previous not in _BEFORE_A_TERM else "LBAR"
            token = replace(token, type=kind)
        if kind == "LBAR":
            open_bars[-1] += 1
        elif kind == "RBAR":
            open_bars[-1] = max(0, open_bars[-1] - 1)
        elif kind in OPENERS:
            open_bars.append(0)
        elif kind in CLOSERS and len(open_bars) > 1:
            open_bars.pop()
        elif kind in ("ROW", "SEMI", "BLANK_LINE"):
            open_bars = [0] * len(open_bars)
        if kind != "AMP":
            previous = kind
        yield token
