"""Stabilise."""

from einsgrad.ir.program import Program


def stabilise(program: Program) -> Program:
    """Give the program."""
    return program
