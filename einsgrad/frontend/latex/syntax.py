"""Syntax: one side of an equation, from tokens to its surface tree. Lark is imported with the first text."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.facts import Context
from einsgrad.frontend.latex.tokens import Token
from einsgrad.frontend.syntax import grammar_text

if TYPE_CHECKING:
    from lark import Lark
    from lark.exceptions import UnexpectedToken


def parse_side(
    source: Source, tokens: Sequence[Token], offset: int, context: Context, problems: list[Diagnostic]
) -> s.Content | None:
    """Parse a side; ``None``, with a problem appended, where it has no parse.

    Args:
        source: the text.
        tokens: the side's tokens, at least one.
        offset: where the chain begins, from which places count.
        context: what is known about the chain.
        problems: what is wrong.
    """
    import lark
    from lark.exceptions import UnexpectedToken

    from einsgrad.frontend.latex.tree import TreeBuilder

    parse = _parser().parse_interactive("")
    last = tokens[-1]
    try:
        for token in tokens:
            start = token.start - offset
            parse.feed_token(lark.Token(token.type, token.text, start_pos=start, end_pos=start + len(token.text)))
        tree = parse.feed_token(lark.Token("$END", ""))
    except UnexpectedToken as error:
        problems.append(_strange_token(error, source, offset, last))
        return None
    content: Any = TreeBuilder(context).transform(tree)  # Lark can't know what its transformer makes of the tree
    assert isinstance(content, s.Term | s.Sum)
    return content


@functools.cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(grammar_text("latex.lark"), parser="lalr", lexer="basic")


def _strange_token(error: UnexpectedToken, source: Source, offset: int, last: Token) -> Diagnostic:
    token = error.token
    if token.type == "$END":
        message = "the expression ends where a term should go on"
        return Diagnostic("unexpected-end", message, Span(last.start, last.end, source))
    start = offset + (token.start_pos or 0)
    hints = {
        "_COMMA": ": a comma stands between the arguments of a function",
        "SUBSCRIPT": ": a subscript belongs to a name",
        "CARET": ": a superscript belongs to a name or a bracket",
        "STAR": r": a power is written `x^{2}`" if source.text[start - 1 : start] == "*" else "",
        "RPAR": ": the bracket ends where a term should go on",
        "RBRACE": ": the braces end where a term should go on",
    }
    message = f"`{token}` is unexpected here{hints.get(token.type, '')}"
    return Diagnostic("unexpected-token", message, Span(start, start + len(token), source))
