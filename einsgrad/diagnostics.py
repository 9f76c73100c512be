"""What a user is told when something is wrong: spans, diagnostics, and the errors that carry them.

Everything a user can cause is an :class:`EinsgradError` holding one or more :class:`Diagnostic`; a stage collects
all it finds and raises once. A diagnostic says where (a span, drawn with a caret), what is wrong in the reader's
terms, and, where there is one, the fix to paste.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

# A caret line longer than this helps nobody; longer source lines are shown around the span.
_MAX_SHOWN = 110
# What stands before a source line, and two marks that it goes on.
_MARGIN = 6


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the name it is reported under.

    >>> Source("a = b", "demo.ein").position(4)
    (1, 5)
    """

    text: str
    name: str = "<input>"

    def position(self, offset: int) -> tuple[int, int]:
        """Give the 1-based line and column of a character offset."""
        line = self.text.count("\n", 0, offset) + 1
        return line, offset - (self.text.rfind("\n", 0, offset) + 1) + 1

    def line_at(self, offset: int) -> tuple[str, int]:
        """Give the line that holds ``offset``, and the offset at which that line starts."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        return self.text[start : end if end >= 0 else len(self.text)], start


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open range of characters ``start:end`` of a source."""

    start: int
    end: int
    source: Source = field(repr=False)

    @property
    def text(self) -> str:
        """The characters that the span covers."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """The 1-based line on which the span starts."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The 1-based column at which the span starts."""
        return self.source.position(self.start)[1]

    @property
    def place(self) -> str:
        """The source's name, the line and the column."""
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"

    def drawn(self, width: int | None = None) -> list[str]:
        """Give the source line on which the span starts, and a line of carets under the span.

        Args:
            width: the most places of a line, so that no terminal wraps it away from its carets.
        """
        text, start = self.source.line_at(self.start)
        column = self.start - start
        carets = max(1, min(self.end, start + len(text)) - self.start)
        most = _MAX_SHOWN if width is None else min(_MAX_SHOWN, width - _MARGIN)
        if len(text) > most:
            left = max(0, min(column - most // 3, len(text) - most))
            prefix = "…" if left else ""
            suffix = "…" if left + most < len(text) else ""
            text = prefix + text[left : left + most] + suffix
            column += len(prefix) - left
            carets = max(1, min(carets, len(text) - column))
        shown = "".join(" " if c.isspace() else c if c.isprintable() else "�" for c in text)
        return ["    " + shown, "    " + " " * column + "^" * carets]


Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a stable code, a message, where, and how to mend it.

    Attributes:
        code: a stable slug for programs, for example ``"dummy-once"``.
        message: what is wrong, in the reader's terms.
        span: where; ``None`` for what has no place in a text, such as an array of the wrong size.
        notes: further lines of explanation.
        fix: text to paste, where there is one.
        severity: ``"error"`` or ``"warning"``.
    """

    code: str
    message: str
    span: Span | None = None
    notes: tuple[str, ...] = ()
    fix: str | None = None
    severity: Severity = "error"

    def render(self, width: int | None = None) -> str:
        """Give the diagnostic as text: place, message, the source line with carets, notes and fix.

        ``width`` is the most places of the source line.
        """
        head = f"{self.severity}[{self.code}]: {self.message}"
        lines = [head]
        if self.span is not None:
            lines = [f"{self.span.place}: {head}", *self.span.drawn(width)]
        lines += [f"  note: {note}" for note in self.notes]
        if self.fix is not None:
            lines += [f"  {'fix:' if k == 0 else '    '} {text}" for k, text in enumerate(self.fix.splitlines())]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Give the diagnostic as plain data, as ``--json`` prints it."""
        place = None
        if self.span is not None:
            line, column = self.span.source.position(self.span.start)
            place = {
                "file": self.span.source.name,
                "line": line,
                "column": column,
                "start": self.span.start,
                "end": self.span.end,
            }
        return {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "span": place,
            "notes": list(self.notes),
            "fix": self.fix,
        }


class EinsgradError(Exception):
    """What a user did that einsgrad can't accept; holds every finding of the stage that raised it.

    >>> error = EinsgradError([Diagnostic("demo", "nothing works")])
    >>> str(error)
    'error[demo]: nothing works'
    >>> error.diagnostics[0].code
    'demo'
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__("\n".join(d.render() for d in self.diagnostics))


class LanguageError(EinsgradError):
    """The text is no program: its syntax, its indices or its names."""


class UsageError(EinsgradError):
    """A call or a command that asks for something the program doesn't have."""


class ArrayError(EinsgradError):
    """Arrays that don't fit the program: their names, orders, sizes or dtypes."""


class BuildError(EinsgradError):
    """Native code that can't be built: its compiler, or the folder where it is kept."""


class InternalError(Exception):
    """A defect of einsgrad itself; the message asks for a report."""

    def __init__(self, message: str) -> None:
        super().__init__(f"internal error: {message}\nThis is a defect of einsgrad: please report it with the input.")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give ``": did you mean …?"`` for the nearest known name, or nothing; capitals are as near as can be.

    >>> did_you_mean("sofmax", ["softmax", "exp"]), did_you_mean("X", ["a", "x"])
    (': did you mean softmax?', ': did you mean x?')
    >>> did_you_mean("zzz", ["softmax"])
    ''
    """
    by_folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return f": did you mean {by_folded[near[0]]}?" if near else ""
