r"""Arguments: which digits TeX takes as the argument of a command before them: ``\frac12`` is a half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.latex.tokens import Token

_ARGUMENTS = {"FRAC": 2, "SQRT": 1, "CARET": 1}


def with_arguments_apart(source: Source, tokens: Iterator[Token], problems: list[Diagnostic]) -> Iterator[Token]:
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
        problems.append(Diagnostic("script-braces", message, Span(token.start, token.end, source), fix=f"{{{text}}}"))
    count = min(wanted, len(text))
    for k in range(count):
        yield Token("NUMBER", text[k], token.start + k)
    if text[count:]:
        yield Token("NUMBER", text[count:], token.start + count)
