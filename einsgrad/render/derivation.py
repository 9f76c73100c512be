"""The derivation of gradients, for reading."""

from __future__ import annotations

from dataclasses import dataclass

from einsgrad.ir.program import Program


@dataclass(frozen=True)
class Derivation:
    """Derived gradients.

    Attributes:
        program: the equations of the gradients, and of what they need.
    """

    program: Program

    def text(self) -> str:
        """Give the equations as text in the plain dialect, which parses again."""
        return str(self.program).rstrip("\n")

    def __str__(self) -> str:
        return self.text()
