"""Derivations as text for terminals: a line for each step, in the plain dialect, with its rule at the right.

A line that is longer than the column has its rule after two spaces; none is wrapped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from einsgrad.ir.derivation import Chain, Section
from einsgrad.ir.printer import print_definition, print_expression
from einsgrad.render.document import RESULTS, Document, Result
from einsgrad.render.unicode import unicode

_WIDEST = 60
_GAP = 5


def text(document: Document) -> str:
    """Give a derivation as text; the title is left to whoever shows it."""
    blocks = [list(_section(section)) for section in document.sections]
    lengths = [_width(line) for block in blocks for line, rule in block if rule]
    column = max((n for n in lengths if n <= _WIDEST), default=0) + _GAP
    shown = ["\n".join(_line(line, rule, column) for line, rule in block) for block in blocks]
    if document.results:
        shown.append("\n".join([RESULTS, *(line for result in document.results for line in _result(result))]))
    return "\n\n".join(shown) + "\n"


def _section(section: Section) -> Iterator[tuple[str, str]]:
    """Yield lines, each with its rule."""
    if section.equation is not None:
        yield print_definition(section.equation), ""
    for position, chain in enumerate(section.chains):
        if position or section.equation is not None:
            yield "", ""
        yield from _chain(chain)


def _chain(chain: Chain) -> Iterator[tuple[str, str]]:
    left = "  " + print_expression(chain.left)
    for step in chain.steps:
        yield f"{left} = {print_expression(step.expr)}", step.rule
        left = " " * _width(left)


def _result(result: Result) -> Iterator[str]:
    yield "  " + print_definition(result.equation)
    if result.matrix is not None:
        yield f"    matrix   {unicode(result.matrix)}"
    if result.einsum is not None:
        yield f"    einsum   {result.einsum}"


def _line(line: str, rule: str, column: int) -> str:
    if not rule:
        return line
    return line + " " * max(2, column - _width(line)) + f"[{rule}]"


def _width(line: str) -> int:
    """Count the places that a line takes on a terminal: an accent takes none."""
    return sum(not unicodedata.combining(c) for c in line)
