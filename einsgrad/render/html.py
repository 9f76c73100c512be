"""Derivations as one page of HTML: MathML, inline style, no script and nothing from the network.

Long sums break before their signs; a single term that is wider than the page scrolls by itself. The page follows the
reader's choice of light or dark, and prints.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files

from einsgrad.ir.derivation import Chain, Reason, Section, print_reason
from einsgrad.ir.equations import Definition
from einsgrad.render.document import ADJOINTS, RESULTS, Document, Result
from einsgrad.render.layout import Layout, Operator, Row, Text
from einsgrad.render.mathml import mathml
from einsgrad.render.typeset import typeset, typeset_reason, typeset_tensor

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>{heading}</h1>
{body}
</main>
</body>
</html>
"""


def html(document: Document) -> str:
    """Give a derivation as a page."""
    blocks = [*map(_section, document.sections)]
    if document.results:
        results = "\n".join(map(_result, document.results))
        blocks.append(f'<section class="results">\n<h2>{RESULTS}</h2>\n{results}\n</section>')
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    title, heading = escape(print_reason(document.title)), _words(document.title)
    return _PAGE.format(title=title, heading=heading, style=style, body="\n".join(blocks))


def _section(section: Section) -> str:
    heading = ADJOINTS
    if section.equation is not None:
        heading = _equation(section.equation)
    chains = "\n".join(map(_chain, section.chains))
    return f"<section>\n<h2>{heading}</h2>\n{chains}\n</section>"


def _chain(chain: Chain) -> str:
    lines = []
    left, equals = mathml(typeset(chain.left), display=False), mathml(Operator("="), display=False)
    for step in chain.steps:
        right = _breakable(typeset(step.expr))
        lines.append(
            f'<li><span class="left">{left}</span><span class="equals">{equals}</span>'
            f'<span class="right">{right}</span><span class="rule">{_words(step.reason)}</span></li>'
        )
        left = ""
    return '<ol class="chain">\n' + "\n".join(lines) + "\n</ol>"


def _words(reason: Reason) -> str:
    """Give words, and the mathematics between them."""
    layout = typeset_reason(reason)
    parts = layout.parts if isinstance(layout, Row) else (layout,)
    shown = [escape(part.text) if isinstance(part, Text | Operator) else _breakable(part) for part in parts]
    return "".join(f" {s} " if isinstance(p, Operator) else s for s, p in zip(shown, parts, strict=True))


def _result(result: Result) -> str:
    also = ""
    if result.matrix is not None:
        also += f"<dt>matrix</dt><dd>{mathml(result.matrix, display=False)}</dd>"
    if result.einsum is not None:
        also += f"<dt>einsum</dt><dd><code>{escape(result.einsum)}</code></dd>"
    return (
        f'<div class="result">\n<p>{_equation(result.equation)}</p>\n'
        + (f"<dl>{also}</dl>\n" if also else "")
        + "</div>"
    )


def _equation(definition: Definition) -> str:
    left = typeset_tensor(definition.name, definition.indices)
    return mathml(Row((left, Operator("="))), display=False) + "<wbr>" + _breakable(typeset(definition.rhs))


def _breakable(layout: Layout) -> str:
    """Give the terms of a sum as elements of their own, between which a line can break.

    A sign gets something empty before it, so that it keeps the spaces of a sign between terms.
    """
    parts = layout.parts if isinstance(layout, Row) else (layout,)
    breaks = [k for k, part in enumerate(parts) if k and isinstance(part, Operator) and part.text in "+-"]
    if not breaks:
        return mathml(layout, display=False)
    terms = [Row((Row(()), *parts[start:end])) for start, end in zip(breaks, [*breaks[1:], len(parts)], strict=True)]
    return "<wbr>".join(mathml(term, display=False) for term in (Row(parts[: breaks[0]]), *terms))
