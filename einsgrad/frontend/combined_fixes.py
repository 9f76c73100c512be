"""Combined fixes: where a statement has several errors with a fix each, every one of them shows the fix of all.

Before: the errors of a statement, each with the statement as its fix has it, or with what goes in the place of its
carets. After: one text to paste. Fixes that change the same place in different ways, or offer a choice, stay as they
are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from einsgrad.diagnostics import Diagnostic


class _Edit(NamedTuple):
    """What replaces a part of a statement's text."""

    start: int
    end: int
    new: str


def combine_fixes(problems: Sequence[Diagnostic], start: int, text: str) -> dict[Diagnostic, Diagnostic]:
    """Give the errors of the statement ``text`` at ``start`` that get another fix, each with itself and that fix.

    >>> from einsgrad.diagnostics import Source, Span
    >>> source = Source("y = x_ih")
    >>> one = Diagnostic("dummy-once", "i", Span(6, 7, source), fix="y = 1_i x_ih")
    >>> other = Diagnostic("dummy-once", "h", Span(7, 8, source), fix="y = 1_h x_ih")
    >>> {new.fix for new in combine_fixes([one, other], 0, "y = x_ih").values()}
    {'y = 1_i 1_h x_ih'}
    """
    mending = [d for d in problems if d.severity == "error" and d.fix is not None and "\n" not in d.fix]
    edits = sorted(dict.fromkeys(_edit_of(problem, start, text) for problem in mending), key=lambda edit: edit[:2])
    if len(edits) < 2 or "\n" in text or not _are_apart(edits):
        return {}
    fix = text
    for edit in reversed(edits):
        fix = fix[: edit.start] + edit.new + fix[edit.end :]
    return {problem: dataclasses.replace(problem, fix=fix) for problem in mending}


def _edit_of(problem: Diagnostic, start: int, text: str) -> _Edit:
    fix, span = problem.fix, problem.span
    assert fix is not None
    assert span is not None
    if "=" not in fix:
        return _Edit(span.start - start, span.end - start, fix)
    begin = _length_of_common_start(text, fix)
    tail = _length_of_common_start(text[begin:][::-1], fix[begin:][::-1])
    return _Edit(begin, len(text) - tail, fix[begin : len(fix) - tail])


def _length_of_common_start(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((k for k, (a, b) in pairs if a != b), min(len(one), len(other)))


def _are_apart(edits: Iterable[_Edit]) -> bool:
    """Tell whether edits, in their order, change different places; several may put something in at one place."""
    end = 0
    for edit in edits:
        if edit.start < end:
            return False
        end = edit.end
    return True
