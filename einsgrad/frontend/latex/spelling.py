r"""Spelling: what TeX sets otherwise than it reads, ``x_ij``, and letters that a text sets in two styles.

Before: the chains of a text, and its facts. Nothing is changed; what is found is reported.
"""

from __future__ import annotations

from collections.abc import Iterable

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.latex.facts import Facts, indices_of, key_of, lone_scripts, runs_of
from einsgrad.frontend.latex.names import decode_name
from einsgrad.frontend.latex.rows import Chain
from einsgrad.frontend.latex.tokens import Token


def check_runs(source: Source, chain: Chain, facts: Facts, problems: list[Diagnostic]) -> bool:
    """Report subscripts of several letters without braces; tell whether there are none.

    TeX sets only the first letter down. A letter after it that is a tensor of the text may be meant to multiply, but
    one that is an index of this statement, or stands nowhere else, is not.
    """
    own = indices_of(chain)
    ends: dict[int, int] = {}
    for side in chain.sides:
        for k, start in runs_of(side):
            key = key_of(side[k])
            if key in own or key not in facts.names:
                ends[side[start].start] = side[k].end
    if not ends:
        return True
    text = source.text
    fixed, at = "", chain.start
    for start, end in ends.items():
        fixed += text[at:start] + "_{" + text[start + 1 : end].strip() + "}"
        at = end
    first, end = next(iter(ends.items()))
    message = f"`{text[first:end]}` sets down only its first letter: put the indices in braces"
    problems.append(
        Diagnostic("script-braces", message, Span(first, end, source), fix=(fixed + text[at : chain.end]).strip())
    )
    return False


def check_styles(source: Source, chains: Iterable[Chain], problems: list[Diagnostic]) -> None:
    r"""Report letters that a text sets in two styles, as ``\mathbf{x}`` and ``x``: one name, two meanings."""
    seen: dict[str, tuple[str, Token]] = {}
    reported: set[str] = set()
    for chain in chains:
        for side in chain.sides:
            lone = lone_scripts(side)
            for k, token in enumerate(side):
                if token.type != "NAME" or k in lone or not key_of(token):
                    continue
                key, style = key_of(token), decode_name(token.text).style
                first_style, first = seen.setdefault(key, (style, token))
                if style != first_style and key not in reported:
                    reported.add(key)
                    line = Span(first.start, first.end, source).line
                    message = f"`{token.text}` and `{first.text}` (line {line}) would be one name"
                    note = "a style is no part of a name: give one of them another letter, or an accent"
                    problems.append(Diagnostic("name-styles", message, Span(token.start, token.end, source), (note,)))
