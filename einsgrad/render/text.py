"""Derivations as text for terminals: a line for each step, in the plain dialect, with its rule at the right.

A line that is longer than the others' column has its rule right after it; none is wrapped.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator

from einsgrad.ir.derivation import Chain, Section, Step
from einsgrad.ir.printer import print_definition, print_expression
from einsgrad.render.document import ADJOINTS, RESULTS, Document, Result
from einsgrad.render.unicode import unicode

_WIDEST = 100
_GAP = 4


def text(document: Document) -> str:
    """Give a derivation as text; the title is left to whoever shows it."""
    blocks = ["\n\n".join(_section(section)) for section in document.sections]
    if document.results:
        blocks.append("\n".join([RESULTS, *(line for result in document.results for line in _result(result))]))
    return "\n\n".join(blocks) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield ADJOINTS if section.equation is None else print_definition(section.equation)
    yield from map(_chain, section.chains)


def _chain(chain: Chain) -> str:
    """Give a line for each step, with the rules of those that fit in one column."""
    left = "  " + print_expression(chain.left)
    lines = []
    for step in chain.steps:
        lines.append(f"{left} = {print_expression(step.expr)}")
        left = " " * _width(left)
    column = max((n for n in map(_width, lines) if n <= _WIDEST), default=0) + _GAP
    return "\n".join(map(_with_rule, lines, chain.steps, itertools.repeat(column)))


def _with_rule(line: str, step: Step, column: int) -> str:
    return line + " " * max(_GAP, column - _width(line)) + f"[{step.rule}]" if step.reason else line


def _result(result: Result) -> Iterator[str]:
    yield "  " + print_definition(result.equation)
    if result.matrix is not None:
        yield f"    matrix   {unicode(result.matrix)}"
    if result.einsum is not None:
        yield f"    einsum   {result.einsum}"


def _width(line: str) -> int:
    """Count the places that a line takes on a terminal: an accent takes none."""
    return sum(not unicodedata.combining(c) for c in line)
