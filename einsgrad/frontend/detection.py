r"""Detection: a text whose dialect nobody has said to a program.

A line that declares shapes is matrix notation's; elsewhere a sign that only LaTeX has decides. A text without one is
plain, unless it looks like LaTeX all the same (``\gamma``, ``x_{ij}``), is right in both dialects, and means something
else in each: then nobody but the author can tell.
"""

from __future__ import annotations

import re

from einsgrad.diagnostics import Diagnostic, EinsgradError, LanguageError, Source, Span
from einsgrad.frontend.dialects import LATEX, PLAIN, detect
from einsgrad.frontend.lexis import FUNCTION_NAMES
from einsgrad.frontend.matrix.declarations import declares
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.matrix_functions import MATRIX_FUNCTIONS
from einsgrad.ir.names import GREEK
from einsgrad.ir.program import Program

_LOOKS_LIKE_LATEX = re.compile(r"\\[A-Za-z]|_\{[^\W\d_]+\}")
_SCRIPT_OR_COMMAND = re.compile(r"_\{[^{}]*\}|_\w+|\\[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_PLAIN_SIGN = re.compile(r"[#\[]|[^\W\d_][0-9]|_[^{]")
_PLAIN_WORDS = frozenset({*FUNCTION_NAMES, *MATRIX_FUNCTIONS, *GREEK, "sum", "diff"})
_LONGEST_PRODUCT = 3
"""Letters in a row that may be a product; more are a word."""


def parse_undeclared(text: str, name: str = "<input>") -> Program:
    r"""Parse a text in the dialect that it shows to be in.

    Raises:
        LanguageError: the text is no program, or each dialect reads another one in it.

    >>> print(parse_undeclared(r"y_{i} &= \frac{1}{2} x_{i}"), end="")
    y_i = 1/2 x_i
    """
    if declares(text):
        from einsgrad.frontend.matrix.reading import parse_matrix

        return parse_matrix(text, name)
    dialect = detect(text)
    program = parse_program(text, name, dialect)
    word = _doubtful_word(text) if dialect is PLAIN else None
    if word is not None:
        _refuse_other_reading(text, name, program, word)
    return program


def _doubtful_word(text: str) -> re.Match[str] | None:
    """Give the first letters in a row that are one name in the plain dialect, and in LaTeX may be a product."""
    if _LOOKS_LIKE_LATEX.search(text) is None or _PLAIN_SIGN.search(text):
        return None
    names = _SCRIPT_OR_COMMAND.sub(lambda match: " " * len(match[0]), text)
    words = list(_WORD.finditer(names))
    if any(len(word[0]) > _LONGEST_PRODUCT or word[0] in _PLAIN_WORDS for word in words):
        return None
    return words[0] if words else None


def _refuse_other_reading(text: str, name: str, plain: Program, word: re.Match[str]) -> None:
    try:
        latex = parse_program(text, name, LATEX)
    except EinsgradError:
        return
    if (latex.definitions, latex.claims) == (plain.definitions, plain.claims):
        return
    message = f"`{word[0]}` is one name in the plain dialect, and a product in LaTeX: say which dialect this is"
    notes = [
        r"plain: write `x_ij` without braces and `γ` without `\`, or save the text as `.ein`",
        r"LaTeX: put the equations between `\[` and `\]`, or save the text as `.tex`",
    ]
    raise LanguageError([Diagnostic("dialect", message, Span(*word.span(), Source(text, name)), tuple(notes))])
