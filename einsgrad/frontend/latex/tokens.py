"""Tokens: what the scanner gives, and which of them open and close."""

from __future__ import annotations

from dataclasses import dataclass


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


OPENERS = frozenset({"LPAR", "LSQUARE", "LCURLY", "LBRACE", "LBAR", "LNORM"})
"""The types of brackets that open."""
CLOSERS = {
    "RPAR": "LPAR", "RSQUARE": "LSQUARE", "RCURLY": "LCURLY", "RBRACE": "LBRACE", "RBAR": "LBAR", "RNORM": "LNORM",
}  # fmt: skip
"""What each closing bracket closes."""
