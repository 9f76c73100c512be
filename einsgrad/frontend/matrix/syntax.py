"""Syntax: the tokens of one side of an equation to its tree. Lark is imported with the first text."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.matrix import tree as t
from einsgrad.frontend.matrix.scanner import Token
from einsgrad.frontend.syntax import grammar_text

if TYPE_CHECKING:
    from lark import Lark


def parse_side(source: Source, tokens: Sequence[Token], problems: list[Diagnostic]) -> t.Matrix | None:
    """Parse a side, at least one token; ``None``, with a problem appended, where it has no parse."""
    import lark
    from lark.exceptions import UnexpectedToken, VisitError

    from einsgrad.frontend.matrix.builder import BadTreeError, TreeBuilder

    parse = _parser().parse_interactive("")
    try:
        for token in tokens:
            parse.feed_token(lark.Token(token.type, token.text, start_pos=token.start, end_pos=token.end))
        tree: Any = TreeBuilder().transform(parse.feed_token(lark.Token("$END", "")))
    except UnexpectedToken as error:
        problems.append(_strange_token(error.token, source, tokens[-1]))
        return None
    except VisitError as error:
        if not isinstance(error.orig_exc, BadTreeError):
            raise
        bad = error.orig_exc
        problems.append(Diagnostic(bad.code, bad.message, Span(bad.start, bad.end, source), fix=bad.fix))
        return None
    return tree  # type: ignore[no-any-return]  # Lark can't know what its transformer makes of the tree


@functools.cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(grammar_text("matrix.lark"), parser="lalr", lexer="basic")


def _strange_token(token: Any, source: Source, last: Token) -> Diagnostic:
    if token.type == "$END":
        message = "the expression ends where a term should go on"
        return Diagnostic("unexpected-end", message, Span(last.start, last.end, source))
    span = Span(token.start_pos, token.end_pos, source)
    hint = {
        "LBRACE": ": braces hold an exponent or a part of a fraction; brackets group",
        "RPAR": ": the bracket ends where a term should go on",
        "TIMES": ": `×` stands in declarations; a product is written `A B`",
        "COLON": ": `:` stands in declarations, such as `X: n×d`",
        "IN": ": `∈` stands in declarations, such as `X ∈ R^{n×d}`",
        "COMMA": ": a comma stands between the arguments of a function",
    }.get(token.type, "")
    return Diagnostic("unexpected-token", f"`{span.text}` is unexpected here{hint}", span)
