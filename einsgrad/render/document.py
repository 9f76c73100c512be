"""Documents: a derivation as it is handed to the formats."""

from __future__ import annotations

from dataclasses import dataclass

from einsgrad.ir.derivation import Reason, Section
from einsgrad.ir.equations import Definition
from einsgrad.render.layout import Layout

ADJOINTS = "Chain rule"
"""The heading of a section that belongs to no one equation."""
RESULTS = "Gradients"
"""The heading of what a derivation arrives at."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a derivation arrives at: an equation, and the same in matrix notation and as an einsum where it has them."""

    equation: Definition
    matrix: Layout | None = None
    einsum: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A derivation: what is derived from each equation, and the gradients that come of it.

    The title is words, and mathematics between them.
    """

    title: Reason
    sections: tuple[Section, ...]
    results: tuple[Result, ...]
