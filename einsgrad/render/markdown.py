r"""Derivations as Markdown with mathematics, as Jupyter and GitHub show it: an ``aligned`` block for each section."""

from __future__ import annotations

from einsgrad.ir.derivation import Section
from einsgrad.render.document import ADJOINTS, RESULTS, Document, Result
from einsgrad.render.latex import latex, latex_definition
from einsgrad.render.latex_document import chain_rows
from einsgrad.render.typeset import typeset_reason


def markdown(document: Document) -> str:
    """Give a derivation as Markdown."""
    title = "".join(_escape(p) if isinstance(p, str) else f"${latex(typeset_reason((p,)))}$" for p in document.title)
    blocks = [f"# {title}", *map(_section, document.sections)]
    if document.results:
        blocks += [f"## {RESULTS}", *map(_result, document.results)]
    return "\n\n".join(blocks) + "\n"


def _section(section: Section) -> str:
    heading = ADJOINTS if section.equation is None else f"${latex_definition(section.equation)}$"
    return f"## {heading}\n\n$$\n\\begin{{aligned}}\n{chain_rows(section.chains)}\n\\end{{aligned}}\n$$"


def _result(result: Result) -> str:
    shown = f"$$\n{latex_definition(result.equation)}\n$$"
    also = []
    if result.matrix is not None:
        also.append(f"- matrix: ${latex(result.matrix)}$")
    if result.einsum is not None:
        also.append(f"- einsum: `{result.einsum}`")
    return shown + "".join(["\n\n", "\n".join(also)] if also else [])


def _escape(words: str) -> str:
    return "".join("\\" + c if c in "\\`*_[]<>#$" else c for c in words)
