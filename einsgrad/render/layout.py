"""Layouts: mathematics as it is set on a page, before it is known in which format.

A closed union of frozen dataclasses, made by :mod:`einsgrad.render.typeset` (index notation) and
:mod:`einsgrad.render.matrix` (matrix notation), and written down by one file a format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Style: TypeAlias = Literal["italic", "upright", "bold", "index", "function"]


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name.

    ``italic`` is for tensors, whose names the formats spell as in :mod:`einsgrad.render.spelling`: one of several
    letters is set upright all the same. ``bold`` is for the one-tensor, ``upright`` for words that are no tensors. A
    ``function`` stands close to the brackets after it.
    """

    text: str
    style: Style = "italic"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Operator:
    """A sign between or before other parts, as a Unicode character: ``+ - = · ⊙ ∂ ∑``."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words among the mathematics."""

    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """Parts side by side; what stands side by side without an operator is multiplied, or, below a base, listed."""

    parts: tuple[Layout, ...]


@dataclass(frozen=True, slots=True)
class Fraction:
    """``above`` over ``below``."""

    above: Layout
    below: Layout


@dataclass(frozen=True, slots=True)
class Script:
    """A base with a subscript, a superscript, or both."""

    base: Layout
    below: Layout | None = None
    above: Layout | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """A square root."""

    body: Layout


@dataclass(frozen=True, slots=True)
class Fenced:
    """Something in brackets or bars, as high as it is: ``opener`` and ``closer`` are Unicode characters."""

    opener: str
    body: Layout
    closer: str


Layout: TypeAlias = Identifier | Number | Operator | Text | Row | Fraction | Script | Root | Fenced
