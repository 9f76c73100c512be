"""Syntax: one statement of the plain dialect to its surface tree.

Before: a slice of the text with balanced brackets. After: its surface tree, or a syntax error. Names and indices are
normalised; parts that read as something and mean nothing (``x_0``, ``|x_i|``) are kept as `Wrong`, so that one
statement can have several errors reported. Lark is imported with the first text, and its parser kept.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
from collections.abc import Collection
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend import surface as s
from einsgrad.frontend.lexis import FUNCTION_NAMES, canonical
from einsgrad.frontend.syntax_errors import strange_character, strange_token
from einsgrad.ir.matrix_functions import MATRIX_FUNCTIONS
from einsgrad.ir.reductions import OPERATORS

if TYPE_CHECKING:
    from lark import Lark
    from lark.lexer import Token


_own: ContextVar[Collection[str]] = ContextVar("own", default=())
"""The functions that the text defines, by key, for the lexer: it is shared by all texts."""


def parse_statement(
    source: Source, start: int, text: str, problems: list[Diagnostic], own: Collection[str] = ()
) -> s.Statement | None:
    """Parse the statement ``text``, which begins at ``start`` of the source.

    ``own`` are the functions that the whole text defines, by key.
    The text may have blanks where the source has something else. Where it has no parse the answer is ``None``, and a
    problem is appended.
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    end = start + len(text)
    known = _own.set(own)
    try:
        tree: s.Statement | s.Wrong = _parse(text)
    except UnexpectedCharacters as error:
        problems.append(strange_character(source, start, text, error.pos_in_stream or 0))
        return None
    except UnexpectedToken as error:
        token = error.token
        problems.append(strange_token(source, start, text, token.start_pos or 0, token.type, str(token)))
        return None
    finally:
        _own.reset(known)
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
        grammar_text("einsgrad.lark").replace("<operators>", "|".join(sorted(OPERATORS))),
        parser="lalr",
        lexer="contextual",
        transformer=TreeBuilder(),
        lexer_callbacks={"CALLED": _call, "SPACED": _call},
    )


def _call(token: Token) -> Token:
    """Make a known function's name before a bracket a token of its own."""
    if token.value in FUNCTION_NAMES or (token.type == "CALLED" and token.value == "diff"):
        return token.update(type="FUNCTION")
    if token.value in MATRIX_FUNCTIONS:
        return token.update(type="MATRIX")
    if token.type == "CALLED" and canonical(token.value.removeprefix("\\")) in _own.get():
        return token.update(type="FUNCTION")
    return token
