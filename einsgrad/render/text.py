"""Derivations as text for terminals: a line for each step, in the plain dialect, with its rule at the right.

Where a width is given, what is wider is wrapped below the ``=``, and a rule that does not fit beside its line stands
below it. Otherwise no line is wrapped, and one that is longer than the others' column has its rule right after it.
"""

from __future__ import annotations

from collections.abc import Iterator

from einsgrad.ir.derivation import Chain, Section
from einsgrad.ir.equations import Definition
from einsgrad.ir.printer import print_expression, print_tensor
from einsgrad.render.document import ADJOINTS, RESULTS, Document, Result
from einsgrad.render.unicode import unicode
from einsgrad.render.wrapping import display_width, wrap, wrap_words

_WIDEST = 100
_GAP = 4


def text(document: Document, width: int | None = None) -> str:
    """Give a derivation as text, in lines of at most ``width`` places; the title is left to whoever shows it."""
    blocks = ["\n\n".join(_section(section, width)) for section in document.sections]
    if document.results:
        blocks.append("\n".join([RESULTS, *(line for result in document.results for line in _result(result, width))]))
    return "\n\n".join(blocks) + "\n"


def _section(section: Section, width: int | None) -> Iterator[str]:
    yield ADJOINTS if section.equation is None else "\n".join(_equation("", section.equation, width))
    for chain in section.chains:
        yield "\n".join(_chain(chain, width))


def _equation(indent: str, definition: Definition, width: int | None) -> list[str]:
    return wrap(indent + print_tensor(definition.name, definition.indices), print_expression(definition.rhs), width)


def _chain(chain: Chain, width: int | None) -> Iterator[str]:
    """Give the lines of each step, with the rules of those that fit in one column."""
    left = "  " + print_expression(chain.left)
    steps = []
    for step in chain.steps:
        steps.append((wrap(left, print_expression(step.expr), width), f"[{step.rule}]" if step.reason else ""))
        left = " " * display_width(left)
    beside = [display_width(lines[-1]) + _GAP for lines, rule in steps if _fits(lines[-1], rule, width)]
    column = max((n for n in beside if n <= _WIDEST + _GAP), default=0)
    for lines, rule in steps:
        yield from _with_rule(lines, rule, column, len(left) + len(" = "), width)


def _with_rule(lines: list[str], rule: str, column: int, indent: int, width: int | None) -> list[str]:
    *before, last = lines
    if width is not None and not _fits(last, rule, width):
        return [*lines, *wrap_words(rule, indent, width)]
    if width is not None:
        column = min(column, width - display_width(rule))
    gap = max(_GAP, column - display_width(last))
    return [*before, last + " " * gap + rule if rule else last]


def _fits(line: str, rule: str, width: int | None) -> bool:
    """Tell whether a rule has its place beside a line."""
    return width is None or not rule or display_width(line) + _GAP + display_width(rule) <= width


def _result(result: Result, width: int | None) -> Iterator[str]:
    yield from _equation("  ", result.equation, width)
    if result.matrix is not None:
        left, _, right = unicode(result.matrix).partition(" = ")
        yield from wrap(f"    matrix   {left}", right, width)
    if result.einsum is not None:
        yield f"    einsum   {result.einsum}"
