"""Statements: where each statement of a text begins and ends.

Before: any text. After: the slices that hold one statement each, with balanced brackets and within the limits; what
is not is reported, and the rest of the text is split all the same. Nothing inside a statement is judged here.
"""

from __future__ import annotations

import re

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.lexis import MAX_DEPTH, MAX_STATEMENT, MAX_STATEMENTS, MAX_TEXT

_EVENT = re.compile(r"#[^\r\n]*|[\r\n;()\[\]{}=]")
_CLOSER = {"(": ")", "[": "]", "{": "}"}
_CONTINUES = frozenset("+-−–*·⋅×∙∗/÷∕⁄^=≔≡")


def split_statements(source: Source, problems: list[Diagnostic]) -> list[tuple[int, int]]:
    r"""Give the slices of the text that hold one statement each.

    Appends to ``problems`` what is wrong with brackets and lengths; such statements are left out.

    >>> split_statements(Source("a = b # sum\n c = (d +\n e); f = g"), [])
    [(0, 5), (13, 25), (27, 32)]
    """
    if len(source.text) > MAX_TEXT:
        message = f"the text has {len(source.text)} characters, more than {MAX_TEXT}"
        problems.append(Diagnostic("text-long", message, Span(MAX_TEXT, MAX_TEXT + 1, source)))
        return []
    found = [place for place in _Splitter(source, problems).split() if _is_short(place, source, problems)]
    if len(found) > MAX_STATEMENTS:
        message = f"the text has {len(found)} statements, more than {MAX_STATEMENTS}"
        problems.append(Diagnostic("statements-many", message, Span(*found[MAX_STATEMENTS], source)))
        return []
    return found


def _is_short(place: tuple[int, int], source: Source, problems: list[Diagnostic]) -> bool:
    start, end = place
    if end - start <= MAX_STATEMENT:
        return True
    message = f"a statement of {end - start} characters, more than {MAX_STATEMENT}: split it into several equations"
    problems.append(Diagnostic("statement-long", message, Span(start, start + 1, source)))
    return False


class _Splitter:
    """One pass over the text; what it knows of the statement it is in."""

    def __init__(self, source: Source, problems: list[Diagnostic]) -> None:
        self.source, self.problems = source, problems
        self.found: list[tuple[int, int]] = []
        self._begin(0)

    def _begin(self, line: int) -> None:
        self.line = line
        self.start: int | None = None
        self.end = line
        self.open: list[int] = []
        self.is_broken = False

    def split(self) -> list[tuple[int, int]]:
        text, position = self.source.text, 0
        for event in _EVENT.finditer(text):
            self._code(position, event.start())
            position = event.end()
            char = event[0]
            if char[0] == "#":
                continue
            if char in "\r\n":
                self._line_end(position)
                continue
            if char == ";":
                self._finish()
                self._begin(position)
                continue
            self._code(event.start(), position)
            if char == "=":
                self._restart_if_unclosed(event.start())
            elif char in _CLOSER:
                self._enter(event.start())
            else:
                self._leave(event.start())
        self._code(position, len(text))
        self._finish()
        return self.found

    def _code(self, start: int, end: int) -> None:
        """Take note of characters that belong to the statement, if they aren't blank."""
        code = self.source.text[start:end]
        if code.strip():
            if self.start is None:
                self.start = start + len(code) - len(code.lstrip())
            self.end = start + len(code.rstrip())

    def _line_end(self, position: int) -> None:
        self.line = position
        if not self.open and (self.start is None or self.source.text[self.end - 1] not in _CONTINUES):
            self._finish()
            self._begin(position)

    def _finish(self) -> None:
        if self.open:
            opener = self.open[-1]
            self._report("bracket-unclosed", f"`{self.source.text[opener]}` is never closed", opener)
        if self.start is not None and not self.is_broken:
            self.found.append((self.start, self.end))

    def _restart_if_unclosed(self, at: int) -> None:
        """End the statement before this line if an earlier line left a bracket open: no bracket holds a `=`."""
        if self.open and self.open[0] < self.line:
            line = self.line
            self._finish()
            self._begin(line)
            self._code(line, at + 1)

    def _enter(self, at: int) -> None:
        self.open.append(at)
        if len(self.open) == MAX_DEPTH + 1:
            self._report("nesting-deep", f"brackets are nested more than {MAX_DEPTH} deep", at)

    def _leave(self, at: int) -> None:
        text = self.source.text
        if not self.open:
            self._report("bracket-unopened", f"`{text[at]}` closes no bracket", at)
        elif _CLOSER[text[self.open[-1]]] != text[at]:
            opener = text[self.open.pop()]
            self._report("bracket-mismatch", f"`{text[at]}` closes a `{opener}`, which wants `{_CLOSER[opener]}`", at)
        else:
            self.open.pop()

    def _report(self, code: str, message: str, at: int) -> None:
        if not self.is_broken:
            self.problems.append(Diagnostic(code, message, Span(at, at + 1, self.source)))
        self.is_broken = True
