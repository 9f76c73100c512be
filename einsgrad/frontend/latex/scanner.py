r"""The scanner: a stretch of LaTeX mathematics to tokens.

Before: the text, and where a stretch of mathematics begins and ends. After: the tokens that mean something, spaces and
layout left out. What TeX decides by what stands before is decided: which digits are arguments (``\frac12``), and
which bars open and which close. What is no token is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.latex import commands
from einsgrad.frontend.latex.arguments import with_arguments_apart
from einsgrad.frontend.latex.bars import with_bars_paired
from einsgrad.frontend.latex.characters import COMMANDS_AS_SIGNS, SIGNS, fraction, raised, set_as
from einsgrad.frontend.latex.names import styled_type
from einsgrad.frontend.latex.regions import BEGIN, environment_name, is_inner
from einsgrad.frontend.latex.tokens import Token

_GROUP = r"\{(?:[^{}]++|\{(?:[^{}]++|\{[^{}]*+\})*+\})*+\}"
_ARGUMENT = rf"(?:{_GROUP}|\\[A-Za-z]+|[^\s\\{{}}])"
_STYLED = "|".join(re.escape(name) for name in sorted({*commands.STYLES, *commands.ACCENTS}, key=len, reverse=True))
_OPENERS, _CLOSERS = r"\\(?:left|[bB]igg?l)\s*", r"\\(?:right|[bB]igg?r)\s*"
_NORM = r"(?:\\\||\\[lr]?Vert(?![A-Za-z])|‖)"
_LETTER = r"(?:[^\W\d_]|\\[A-Za-z]+)"
_WORDS = r"\\(?:text|textrm|mbox|mathrm)\s*"

_TOKEN = re.compile(
    rf"""
      (?P<comment>%[^\n]*)
    | (?P<blank>\s+|~|\\(?:[ \t\r\n]))
    | (?P<NO_SUM>{_WORDS}\{{\s*\(\s*no\s+sum\b(?:[^{{}}()])*\)\s*\}}
                |{_WORDS}\{{\s*\(\s*no\s+sum\b[^{{}}()]*\}}[^(){{}}]*(?:\)|{_WORDS}\{{\s*\)\s*\}})
                |\(\s*no\s+sum\s[^()]*\))
    | (?P<GIVEN>{_WORDS}\{{\s*[Gg]iven\s*\}})
    | (?P<BEGIN>{BEGIN})
    | (?P<END>\\end\s*\{{[^{{}}]*\}})
    | (?P<ROW>\\\\\*?(?:\s*\[\s*-?(?:[\d.]+\s*[a-z]{{2}}|\\[a-z]+)\s*\])?)
    | (?P<layout>\\(?:label|tag\*?|hspace\*?|vspace\*?|[vh]?phantom|smash|color|eqref|ref)\s*\{{[^{{}}]*\}}
                |\\(?:left|right|[bB]igg?[lrm]?)\s*\.(?![\d]))
    | (?P<REFUSED>\\langle(?:(?!\\[lr]angle|\\\\).)*+\\rangle|⟨[^⟨⟩\\]*+⟩
                |\\forall\s*{_LETTER}(?:\s*,\s*{_LETTER}(?=\s*[,.;]|\s*$))*
                |{_LETTER}\s*(?:=|\\in)\s*(?:\\\{{)?\s*[01]\s*,(?:\s*2\s*,)?\s*(?:\\[lc]?dots|…|\.\.\.)\s*,\s*{_LETTER}(?:\s*\\\}})?)
    | (?P<NOTE>\\(?:short)?intertext\s*{_GROUP})
    | (?P<LBAR>{_OPENERS}(?:\||\\[lr]?vert(?![A-Za-z])))
    | (?P<RBAR>{_CLOSERS}(?:\||\\[lr]?vert(?![A-Za-z])))
    | (?P<LNORM>{_OPENERS}{_NORM})
    | (?P<RNORM>{_CLOSERS}{_NORM})
    | (?P<STACKED>\\(?:stackrel|overset)\s*{_GROUP}\s*\{{\s*(?::?=|\\equiv)\s*\}})
    | (?P<STYLED>\\(?:{_STYLED})(?![A-Za-z])\s*{_ARGUMENT})
    | (?P<COMMAND>\\(?:[A-Za-z]+|.))
    | (?P<SUBSCRIPT>_\s*(?:\\(?:{_STYLED})(?![A-Za-z])\s*{_ARGUMENT}|{_ARGUMENT}))
    | (?P<NUMBER>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE](?:[+-][0-9]+|[0-9]+(?![0-9_\[])))?)
    | (?P<RAISED>[{set_as("super")}]+|[{set_as("sub")}]+)
    | (?P<VULGAR>[{set_as("fraction")}])
    | (?P<NAME>[^\W\d_][\u0300-\u036f]*)
    | (?P<CLAIMS>==|≡)
    | (?P<EQUALS>:=|=|≔)
    | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SIGNS_OF_FACTS = frozenset({">", "≥", r"\gt", r"\ge", r"\geq", r"\geqslant"})
_ENDS_FACT = frozenset({";", r"\\"})
_QUADS = frozenset({r"\quad", r"\qquad", r"\hfill"})


def scan(source: Source, start: int, end: int, problems: list[Diagnostic]) -> list[Token]:
    r"""Give the tokens of the mathematics at ``start:end`` of the text.

    >>> [(t.type, t.text) for t in scan(Source(r"\frac12 |x_i|"), 0, 13, [])]  # doctest: +NORMALIZE_WHITESPACE
    [('FRAC', '\\frac'), ('NUMBER', '1'), ('NUMBER', '2'), ('LBAR', '|'), ('NAME', 'x'), ('SUBSCRIPT', '_i'),
     ('RBAR', '|')]
    """
    return list(with_bars_paired(with_arguments_apart(source, _tokens(source, start, end, problems), problems)))


def _tokens(source: Source, start: int, end: int, problems: list[Diagnostic]) -> Iterator[Token]:
    unclosed: set[str] = set()
    at, is_given = start, False
    while match := _TOKEN.match(source.text, at, end):
        at = match.end()
        kind = match.lastgroup
        assert kind is not None
        token = Token(kind, match[0], match.start())
        is_given = kind == "GIVEN" or (is_given and match[0] not in _ENDS_FACT)
        match kind:
            case "COMMAND" | "sign" if is_given and token.text in _SIGNS_OF_FACTS:
                token = replace(token, type="GREATER")
            case "comment" | "layout":
                continue
            case "blank":
                if match[0][0] != "\\" and "\n" in match[0]:
                    yield replace(token, type="BLANK_LINE" if match[0].count("\n") > 1 else "NEWLINE")
                continue
            case "BEGIN" if not is_inner(environment_name(token.text)):
                token = _environment(source, token, end, unclosed, problems)
                at = token.end
            case "COMMAND":
                token = _command(source, token, token.text[1:], problems)
            case "STYLED":
                token = replace(token, type=styled_type(token.text))
            case "STACKED":
                token = replace(token, type="CLAIMS" if re.search(r"[?!]|\\equiv", token.text) else "EQUALS")
            case "RAISED":
                yield from raised(source, token, problems)
                continue
            case "VULGAR":
                yield from fraction(token)
                continue
            case "REFUSED":
                token = _refused(source, token, problems)
            case "sign":
                token = _sign(source, token, problems)
        if token.type != commands.SKIP:
            yield token


def _environment(source: Source, token: Token, end: int, unclosed: set[str], problems: list[Diagnostic]) -> Token:
    """Refuse an environment that can't stand in mathematics, as a whole; ``unclosed`` are names without an end."""
    name = environment_name(token.text)
    closing = None
    if name not in unclosed:
        closing = re.compile(rf"\\end\s*\{{\s*{re.escape(name)}\s*\}}").search(source.text, token.end, end)
    if closing is None:
        unclosed.add(name)
    kind = "cases" if source.text[: token.start].rstrip()[-2:] == r"\{" else name.rstrip("*")
    reason = commands.ENVIRONMENTS.get(kind, "no other environment stands in mathematics: write one equation a row")
    message = f"`{name}` is not part of the language: {reason}"
    problems.append(Diagnostic("environment", message, Span(token.start, token.end, source)))
    return Token("WRONG", source.text[token.start : closing.end() if closing else token.end], token.start)


def _refused(source: Source, token: Token, problems: list[Diagnostic]) -> Token:
    """Refuse what several signs say together, as a whole."""
    hint, code = next((hint, code) for sign, hint, code in commands.REFUSED if token.text.startswith(sign))
    message = f"`{token.text}` is not part of the language: {hint}"
    problems.append(Diagnostic(code, message, Span(token.start, token.end, source)))
    return replace(token, type="WRONG")


def _command(source: Source, token: Token, name: str, problems: list[Diagnostic]) -> Token:
    if token.text in _QUADS:
        return replace(token, type="QUAD")
    kind = commands.COMMANDS.get(name)
    if kind is not None:
        return replace(token, type=kind)
    span = Span(token.start, token.end, source)
    if name in commands.MACROS:
        message = f"`{token.text}`: only `\\newcommand` and `\\def` with a body are expanded; write the mathematics out"
        problems.append(Diagnostic("macro", message, span))
    elif name in commands.CONDITIONS:
        problems.append(Diagnostic("condition", commands.NO_CONDITIONS, span))
    elif name in commands.UNSUPPORTED:
        message = f"`{token.text}` is not part of the language: {commands.UNSUPPORTED[name]}"
        problems.append(Diagnostic("unsupported-command", message, span))
    elif name in commands.STYLES or name in commands.ACCENTS:
        message = f"`{token.text}` has no argument that is a name"
        problems.append(Diagnostic("bad-name", message, span))
    else:
        message = f"`{token.text}` is no command that is known here{commands.nearest_command(name)}"
        note = r"a macro is expanded where the text defines it with `\newcommand`: write what the command stands for"
        problems.append(Diagnostic("unknown-command", message, span, () if ":" in message else (note,)))
    return replace(token, type="WRONG")


def _sign(source: Source, token: Token, problems: list[Diagnostic]) -> Token:
    char = token.text
    if char in SIGNS:
        return replace(token, type=SIGNS[char])
    if char in COMMANDS_AS_SIGNS:
        return _command(source, token, COMMANDS_AS_SIGNS[char], problems)
    shown = f"`{char}`" if char.isprintable() and not char.isspace() else f"the character U+{ord(char):04X}"
    hints = {
        "_": ": a subscript is a letter, or stands in braces",
        "#": ": a comment begins with `%`",
        "$": ": it is mathematics already",
    }
    message = f"{shown} is unexpected{hints.get(char, '')}"
    problems.append(Diagnostic("unexpected-character", message, Span(token.start, token.end, source)))
    return replace(token, type="WRONG")
