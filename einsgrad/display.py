"""Display: how programs show themselves in notebooks.

A notebook asks an object for methods such as ``_repr_latex_``. The program is the innermost layer and knows of no
rendering, so it gets that method from here; what lies above rendering, such as a derivation, has its own.
"""

from __future__ import annotations

from einsgrad.ir.program import Program


def program_latex(program: Program) -> str:
    """Give a program as mathematics, its equations aligned."""
    from einsgrad.render.latex import latex_rows

    return rf"$\displaystyle \begin{{aligned}}{latex_rows(program)}\end{{aligned}}$"


def register() -> None:
    """Let programs show themselves as mathematics; done once, when einsgrad is imported."""
    Program._repr_latex_ = program_latex  # type: ignore[attr-defined]
