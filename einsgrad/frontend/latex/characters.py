r"""Characters: what single characters are, in texts that were pasted from elsewhere too.

``²`` is ``^{2}``, ``½`` is ``\frac12``, ``−`` is a minus, ``≤`` says what ``\leq`` says. Raised and lowered letters are
refused: where they begin and end does not show.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.latex.tokens import Token
from einsgrad.frontend.lexis import plain_spelling

SIGNS = {
    "+": "PLUS", "-": "MINUS", "−": "MINUS", "–": "MINUS", "/": "SLASH", "÷": "SLASH", "⁄": "SLASH",
    "*": "STAR", "·": "STAR", "⋅": "STAR", "×": "STAR", "∙": "STAR", "∗": "STAR", "^": "CARET",
    "'": "PRIME", "′": "PRIME", "(": "LPAR", ")": "RPAR", "[": "LSQUARE", "]": "RSQUARE", "{": "LBRACE", "}": "RBRACE",
    "|": "BAR", "‖": "NORM", ",": "_COMMA", ";": "SEMI", ".": "DOT", "&": "AMP", "∂": "PARTIAL", "∑": "SUM",
    "𝟏": "ONE", "𝟙": "ONE", "⊤": "TOP",
}  # fmt: skip
"""The type of the token that each sign is."""
COMMANDS_AS_SIGNS = {
    "√": "sqrt", "∇": "nabla", "⊙": "odot", "∘": "circ", "⊗": "otimes", "±": "pm", "∏": "prod", "∫": "int",
    "≤": "leq", "≥": "geq", "≠": "neq", "<": "lt", ">": "gt", "≈": "approx", "∼": "sim", "∝": "propto", "→": "to",
    "∞": "infty", "∈": "in", "∀": "forall", "…": "dots", "†": "dagger", "⟨": "langle", "⟩": "rangle",
}  # fmt: skip
"""Characters that say what a command says."""

_BLOCKS = (*range(0xAA, 0xBF), *range(0x2B0, 0x2FF), *range(0x1D2C, 0x1DC0), *range(0x2070, 0x215F), 0x2C7C, 0x2C7D)


def set_as(style: str) -> str:
    """Give the characters that Unicode has for others set in a style."""
    return "".join(char for char in map(chr, _BLOCKS) if unicodedata.decomposition(char).startswith(f"<{style}>"))


def _placed(token: Token, parts: Iterable[tuple[str, str]]) -> Iterator[Token]:
    """Give the tokens that a character stands for, all of them in its place."""
    for kind, text in parts:
        yield Token(kind, text, token.end if kind == "RBRACE" else token.start)


def raised(source: Source, token: Token, problems: list[Diagnostic]) -> Iterator[Token]:
    """Read superscripts that are numbers, and ``ᵀ``; refuse other raised letters and subscripts."""
    plain = plain_spelling(token.text)
    exponent = re.fullmatch(r"\^(−?)([0-9]+)", plain)
    if exponent is not None:
        sign, digits = exponent.groups()
        inside = [("MINUS", sign)] * bool(sign) + [("NUMBER", digits)]
        yield from _placed(token, [("CARET", ""), ("LBRACE", ""), *inside, ("RBRACE", "")])
    elif plain == "^T":
        yield from _placed(token, [("CARET", ""), ("TOP", plain[1:])])
    else:
        mark, rest = plain[0], plain[1:]
        message = "superscript and subscript letters are not part of the language"
        fix = f"{mark}{{{rest}}}"
        problems.append(Diagnostic("raised-character", message, Span(token.start, token.end, source), fix=fix))
        yield replace(token, type="WRONG")


def fraction(token: Token) -> Iterator[Token]:
    """Read ``½``."""
    yield replace(token, type="FRAC")
    for number in unicodedata.normalize("NFKC", token.text).split("⁄"):
        yield from _placed(token, [("LBRACE", ""), ("NUMBER", number), ("RBRACE", "")])
