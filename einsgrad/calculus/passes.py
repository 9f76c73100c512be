"""The passes that a program goes through before it is differentiated, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.naming import name_arguments
from einsgrad.calculus.stabilise import stabilise
from einsgrad.ir.program import Program

Pass = Callable[[Program], Program]

FOR_READING: tuple[Pass, ...] = (
    rename_apart,  # first, so that all others can move expressions between equations
    name_arguments,
)
FOR_RUNNING: tuple[Pass, ...] = (
    rename_apart,
    stabilise,  # ahead of naming, which would cut the forms it recognises into pieces
    name_arguments,
)


def run_passes(program: Program, passes: Sequence[Pass]) -> Program:
    """Give the program after the passes."""
    for step in passes:
        program = step(program)
    return program
