"""Spelling: what a name of the language consists of when it is set as mathematics.

``W1`` is the letter W with a number, ``x̂`` the letter x with an accent, ``i'`` a letter with a prime, ``gamma`` the
letter γ, and ``hid`` a word. How each looks is for the formats to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from einsgrad.ir.names import GREEK

ACCENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "\u0300": ("grave", "`"),
        "\u0301": ("acute", "´"),
        "\u0302": ("hat", "^"),
        "\u0303": ("tilde", "~"),
        "\u0304": ("bar", "¯"),
        "\u0305": ("bar", "¯"),
        "\u0306": ("breve", "˘"),
        "\u0307": ("dot", "˙"),
        "\u0308": ("ddot", "¨"),
        "\u030c": ("check", "ˇ"),
        "\u20d7": ("vec", "→"),
    }
)
"""Combining marks: LaTeX's command, and the character that stands above a letter in MathML."""

COMMANDS: Mapping[str, str] = MappingProxyType({letter: "\\" + name for name, letter in GREEK.items() if letter != "ο"})
"""LaTeX's command for each Greek letter that has one; the others look like Latin letters."""

_PARTS = re.compile(r"(?P<letter>[^\W\d_])(?P<mark>[\u0300-\u036f\u20d7]?)(?P<number>0|[1-9][0-9]*|)")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name taken apart: ``body`` is one letter, or a word that has no accent and no number of its own."""

    body: str
    accent: str = ""
    number: str = ""
    primes: str = ""

    @property
    def is_letter(self) -> bool:
        """Whether the body is one letter rather than a word."""
        return len(self.body) == 1


def spell(name: str) -> Spelling:
    """Take a name or an index apart.

    >>> spell("W1"), spell("gamma")
    (Spelling(body='W', accent='', number='1', primes=''), Spelling(body='γ', accent='', number='', primes=''))
    >>> spell("hid2'").body, spell("ŷ").body
    ('hid2', 'y')
    """
    stem = name.rstrip("'")
    primes = name[len(stem) :]
    stem = GREEK.get(stem, stem)
    match = _PARTS.fullmatch(unicodedata.normalize("NFD", stem))
    if match is None or (match["mark"] and match["mark"] not in ACCENTS):
        return Spelling(stem, primes=primes)
    return Spelling(match["letter"], match["mark"], match["number"], primes)


def bold(name: str) -> str:
    """Give a name in the bold characters that Unicode has for the letters and digits of ASCII; others stay.

    >>> bold("x1"), bold("gamma")
    ('𝐱𝟏', 'γ')
    """
    return "".join(map(_bold, GREEK.get(name, name)))


def _bold(char: str) -> str:
    for first, last, start in (("a", "z", "𝐚"), ("A", "Z", "𝐀"), ("0", "9", "𝟎")):
        if first <= char <= last:
            return chr(ord(start) + ord(char) - ord(first))
    return char
