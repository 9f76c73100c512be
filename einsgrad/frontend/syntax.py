"""Syntax: one statement of the plain dialect to its surface tree.

Before: a slice of the text with balanced brackets. After: its surface tree, or a syntax error. Names and indices are
normalised; parts that read as something and mean nothing (``x_0``, ``|x_i|``) are kept as `Wrong`, so that one
statement can have several errors reported. Lark is imported with the first text, and its parser kept.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend import surface as s
from einsgrad.frontend.lexis import FUNCTION_NAMES, is_raised, plain_spelling

if TYPE_CHECKING:
    from lark import Lark
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken
    from lark.lexer import Token


def parse_statement(source: Source, start: int, text: str, problems: list[Diagnostic]) -> s.Statement | None:
    """Parse the statement ``text``, which begins at ``start`` of the source.

    The text may have blanks where the source has something else. Where it has no parse the answer is ``None``, and a
    problem is appended.
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    end = start + len(text)
    try:
        tree: s.Statement | s.Wrong = _parse(text)
    except UnexpectedCharacters as error:
        problems.append(_strange_character(error, text, source, start))
        return None
    except UnexpectedToken as error:
        problems.append(_strange_token(error, text, source, start))
        return None
    if isinstance(tree, s.Wrong):
        problems.append(Diagnostic(tree.code, tree.message, Span(start, end, source), fix=tree.fix))
        return None
    return dataclasses.replace(tree, start=start, end=end)


def _parse(text: str) -> s.Statement | s.Wrong:
    tree: Any = _parser().parse(text)  # Lark can't know what its transformer makes of the tree
    assert isinstance(tree, s.Statement | s.Wrong)
    return tree


def grammar_text(name: str) -> str:
    """Give the text of a grammar file: from the installed package, or from the folder beside it."""
    packaged = importlib.resources.files("einsgrad").joinpath("grammar", name)
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return Path(__file__).parents[2].joinpath("grammar", name).read_text(encoding="utf-8")


@functools.cache
def _parser() -> Lark:
    from lark import Lark

    from einsgrad.frontend.tree import TreeBuilder

    return Lark(
        grammar_text("einsgrad.lark"),
        parser="lalr",
        lexer="contextual",
        transformer=TreeBuilder(),
        lexer_callbacks={"CALLED": _call, "SPACED": _call},
    )


def _call(token: Token) -> Token:
    """Make a known function's name before a bracket a token of its own."""
    if token.value in FUNCTION_NAMES or (token.type == "CALLED" and token.value == "diff"):
        return token.update(type="FUNCTION")
    return token


def _strange_character(error: UnexpectedCharacters, text: str, source: Source, start: int) -> Diagnostic:
    at = error.pos_in_stream or 0
    char = text[at]
    span = Span(start + at, start + at + 1, source)
    if is_raised(char):
        message = "superscript and subscript characters are not part of the language"
        return Diagnostic("raised-character", message, span, fix=plain_spelling(char))
    shown = f"`{char}`" if char.isprintable() and not char.isspace() else f"the character U+{ord(char):04X}"
    hints = {
        "_": "an index belongs to a name, or to the one-tensor `1_i`",
        "[": "square brackets hold the indices of a name and follow it directly",
        "{": "braces hold indices and follow `_`",
        "|": "`|h|` is the size of an index",
        "@": "a matrix product is `x_ik a_kj`, with the summed index on both",
    }
    hint = f": {hints[char]}" if char in hints else ""
    return Diagnostic("unexpected-character", f"{shown} is unexpected{hint}", span)


def _strange_token(error: UnexpectedToken, text: str, source: Source, start: int) -> Diagnostic:
    token = error.token
    if token.type == "$END":
        span = Span(start + len(text) - 1, start + len(text), source)
        if span.text in "+-*/^=":
            return Diagnostic("unexpected-end", f"nothing follows the `{span.text}`: a term is missing", span)
        return Diagnostic("unexpected-end", "the derivative is not complete: write `∂y_i/∂x_p`", span)
    at = token.start_pos or 0
    span = Span(start + at, start + at + len(token), source)
    hints = {
        "_EQUALS": ": a statement has one `=`",
        "_CLAIMS": ": a statement has one `==`",
        "_COMMA": ": a comma stands between the arguments of a function",
        "CARET": ": put brackets around what is differentiated",
        "RPAR": ": the bracket ends where a term should go on",
    }
    return Diagnostic("unexpected-token", f"`{token}` is unexpected here{hints.get(token.type, '')}", span)
