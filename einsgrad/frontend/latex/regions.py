r"""Regions: where the mathematics of a LaTeX text is.

Before: any text. After: the stretches that hold equations. In a document they are its display environments, ``\[ \]``
and ``$$ $$``, and then the formulas in the prose around them; where there are no displays, these formulas; a text
without any is mathematics as a whole, pasted. Nothing inside a stretch is judged here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from einsgrad.diagnostics import Diagnostic, Source, Span

_DISPLAYS = frozenset(
    {"align", "equation", "gather", "multline", "flalign", "alignat", "xalignat", "eqnarray", "displaymath", "math",
     "dmath", "aligned", "alignedat", "split", "gathered", "dgroup", "subeqnarray"}
)  # fmt: skip
_VERBATIM = frozenset({"verbatim", "verbatim*", "lstlisting", "minted", "comment", "filecontents", "filecontents*"})
_INNER = frozenset({"aligned", "alignedat", "split", "gathered", "align", "subequations"})
BEGIN = (
    r"\\begin\s*\{\s*(?:x?alignat\*?|alignedat)\s*\}(?:\s*\[[tbc]\])?\s*\{[^{}]*\}"
    r"|\\begin\s*\{[^{}]*\}(?:\s*\[[tbc]\])?"
)
"""The beginning of an environment, with its arguments."""
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{\s*([^{}]*?)\s*\}")
_EVENT = re.compile(
    rf"""
      (?P<comment>%[^\n]*)
    | (?P<escape>\\[%$\\]|\\(?:text|textrm|mbox|intertext)\s*\{{(?:[^{{}}]++|\{{[^{{}}]*+\}})*+\}})
    | (?P<begin>{BEGIN})
    | (?P<end>\\end\s*\{{[^{{}}]*\}})
    | (?P<open>\\\[)
    | (?P<close>\\\])
    | (?P<dollars>\$\$?)
    | (?P<inline>\\\()
    | (?P<outline>\\\))
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of mathematics: in a pasted one line ends count, one in the prose stands beside displays."""

    start: int
    end: int
    is_pasted: bool = False
    is_prose: bool = False


def environment_name(text: str) -> str:
    r"""Give the name of an environment from its ``\begin`` or ``\end``.

    >>> environment_name(r"\begin{align*}")
    'align*'
    """
    match = _ENVIRONMENT.match(text)
    assert match, text
    return match[1]


def is_display(name: str) -> bool:
    """Tell whether an environment holds equations."""
    return name.rstrip("*") in _DISPLAYS


def is_inner(name: str) -> bool:
    """Tell whether an environment with rows of equations may stand inside another."""
    return name.rstrip("*") in _INNER


def find_regions(source: Source, problems: list[Diagnostic]) -> list[Region]:
    r"""Give the stretches of mathematics of a text.

    >>> text = r"Let \begin{equation} y = x \end{equation} hold, with $x$ given."
    >>> [(text[r.start : r.end], r.is_prose) for r in find_regions(Source(text), [])]
    [(' y = x ', False), ('x', True)]
    """
    start, end = _document(source.text)
    finder = _Finder(source, problems)
    finder.find(start, end)
    if finder.displays:
        return [*finder.displays, *(replace(formula, is_prose=True) for formula in finder.formulas)]
    if finder.formulas:
        return finder.formulas
    return [] if finder.is_unclosed else [Region(start, end, is_pasted=True)]


def _document(text: str) -> tuple[int, int]:
    begin = re.search(r"^[^%\n]*\\begin\s*\{document\}", text, re.MULTILINE)
    start = begin.end() if begin else 0
    end = re.compile(r"\\end\s*\{document\}").search(text, start)
    return start, end.start() if end else len(text)


class _Finder:
    """One pass over the text; ``inside`` are the environments that are open, ``since`` where the outermost began."""

    def __init__(self, source: Source, problems: list[Diagnostic]) -> None:
        self.source, self.problems = source, problems
        self.displays: list[Region] = []
        self.formulas: list[Region] = []
        self.is_unclosed = False

    def find(self, start: int, end: int) -> None:
        inside: list[tuple[str, re.Match[str]]] = []
        verbatim = ""
        for event in _EVENT.finditer(self.source.text, start, end):
            kind = str(event.lastgroup)
            if verbatim or kind in ("comment", "escape"):
                verbatim = "" if kind == "end" and environment_name(event[0]) == verbatim else verbatim
                continue
            if kind == "begin" and environment_name(event[0]) in _VERBATIM:
                verbatim = environment_name(event[0])
                continue
            name = self._opened(event, kind, bool(inside))
            if name is not None:
                inside.append((name, event))
            elif inside and self._closed(event, kind) == inside[-1][0]:
                name, opening = inside.pop()
                if not inside:
                    found = self.formulas if name in ("$", "(") else self.displays
                    found.append(Region(opening.end(), event.start()))
        if inside:
            self.is_unclosed = True
            _, opening = inside[-1]
            message = f"`{opening[0]}` is never closed"
            self.problems.append(Diagnostic("environment-unclosed", message, Span(*opening.span(), self.source)))

    def _opened(self, event: re.Match[str], kind: str, inside: bool) -> str | None:
        """Give what an event opens, of what can be open where it stands."""
        if kind == "begin":
            name = environment_name(event[0])
            return name if inside or is_display(name) else None
        if inside:
            return None
        return {"open": "[", "inline": "(", "dollars": event[0]}.get(kind)

    def _closed(self, event: re.Match[str], kind: str) -> str | None:
        if kind == "end":
            return environment_name(event[0])
        return {"close": "[", "outline": "(", "dollars": event[0]}.get(kind)
