r"""Derivations as LaTeX: an ``align*`` for each section, with its rules at the right, to paste into a paper.

The text compiles with the package amsmath alone. Long derivations break across pages, wide lines are not broken.
"""

from __future__ import annotations

from collections.abc import Iterator

from einsgrad.ir.derivation import Chain, Reason, Section
from einsgrad.render.document import Document, Result
from einsgrad.render.latex import escape, latex, latex_definition, latex_expression
from einsgrad.render.typeset import typeset_reason


def latex_document(document: Document) -> str:
    """Give a derivation as LaTeX."""
    title = "".join(escape(p) if isinstance(p, str) else f"${latex(typeset_reason((p,)))}$" for p in document.title)
    blocks = [rf"\paragraph{{{title}.}}", *map(_section, document.sections)]
    if document.results:
        blocks.append("The gradients are\n" + _aligned(_result_rows(document.results)))
    body = "\n".join(blocks)
    return f"\\begingroup\\allowdisplaybreaks\n{body}\n\\endgroup\n"


def chain_rows(chains: tuple[Chain, ...]) -> str:
    """Give chains as rows of an environment that aligns at ``&``, with some room between them."""
    return " \\\\[1ex]\n".join(" \\\\\n".join(_chain(chain)) for chain in chains)


def _section(section: Section) -> str:
    heading = "By the chain rule,"
    if section.equation is not None:
        heading = f"From ${latex_definition(section.equation)}$:"
    return f"{heading}\n{_aligned(chain_rows(section.chains))}"


def _chain(chain: Chain) -> Iterator[str]:
    left = latex_expression(chain.left)
    for step in chain.steps:
        yield f"{left} &= {latex_expression(step.expr)}{_rule(step.reason)}"
        left = ""


def _rule(reason: Reason) -> str:
    return rf" && \textstyle {latex(typeset_reason(reason))}" if reason else ""


def _result_rows(results: tuple[Result, ...]) -> str:
    rows = []
    for result in results:
        matrix = "" if result.matrix is None else rf" && \textstyle {latex(result.matrix)}"
        rows.append(latex_definition(result.equation, "&") + matrix)
    return " \\\\\n".join(rows)


def _aligned(rows: str) -> str:
    return f"\\begin{{align*}}\n{rows}\n\\end{{align*}}"
