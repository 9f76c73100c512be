"""Expressions for derivations written by hand."""

from oracle import indices

from einsgrad.frontend.parser import parse_program
from einsgrad.ir import build


def reads(text):
    """The right-hand sides of equations in the plain dialect."""
    return [d.rhs for d in parse_program(text).definitions]


def t(name, letters=""):
    return build.tensor(name, indices(letters))
