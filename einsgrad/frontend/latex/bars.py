r"""Bars: which ``|`` and ``\\|`` open and which close."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from einsgrad.frontend.latex.tokens import CLOSERS, OPENERS, Token

# After these a bar opens: nothing that could stand in bars has begun.
_BEFORE_A_TERM = frozenset(
    {"PLUS", "MINUS", "STAR", "SLASH", "LPAR", "LSQUARE", "LCURLY", "LBRACE", "LBAR", "_COMMA", "EQUALS", "CLAIMS",
     "LNORM", "ROW", "NEWLINE", "SEMI", "QUAD", "NOTE", "FUNCTION", "FRAC", "CARET", "BEGIN"}
)  # fmt: skip


def with_bars_paired(tokens: Iterator[Token]) -> Iterator[Token]:
    r"""Decide for each ``|`` and ``\|`` whether it opens or closes."""
    around = [Counter[str]()]
    previous = "ROW"
    for token in tokens:
        kind = token.type
        if kind in ("BAR", "NORM"):
            kind = ("R" if around[-1][kind] and previous not in _BEFORE_A_TERM else "L") + kind
            token = replace(token, type=kind)
        if kind in ("LBAR", "LNORM"):
            around[-1][kind[1:]] += 1
        elif kind in ("RBAR", "RNORM"):
            around[-1][kind[1:]] = max(0, around[-1][kind[1:]] - 1)
        elif kind in OPENERS:
            around.append(Counter())
        elif kind in CLOSERS and len(around) > 1:
            around.pop()
        elif kind in ("ROW", "SEMI", "BLANK_LINE"):
            around = [Counter() for _ in around]
        if kind != "AMP":
            previous = kind
        yield token
