"""The mechanism: what a habit is, what it answers, and how the first one in a statement is found."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.habits.brackets import bare
from einsgrad.frontend.lexis import LexicalError, read_reference
from einsgrad.frontend.names import LONGEST_FIX
from einsgrad.ir.letters import unused
from einsgrad.ir.nodes import Index

_LEFT = re.compile(r"\s*(?P<reference>[^\s=(^*+/]+)\s*(?::?=(?!=)|≔)")
_SUBSCRIPTS = re.compile(r"_(?:\{([^{}]*)\}|([^\W_]+'*)(?!\w))|\[([^\[\]]*)\]")
_LETTER = re.compile(r"[^\W\d_]\d*'*")


@dataclass(frozen=True)
class Context:
    """A statement: its text without comments, and tensors of the whole text by key.

    Attributes:
        text: the statement.
        known: the tensors that equations define.
        tensors: the names that occur anywhere, other than as ``dy/dx``.
    """

    text: str
    known: frozenset[str] = frozenset()
    tensors: frozenset[str] = frozenset()

    @cached_property
    def free(self) -> tuple[str, ...]:
        """The letters on the left-hand side of an equation."""
        match = _LEFT.match(self.text)
        try:
            return tuple(i.spelling for i in read_reference(match["reference"])[1]) if match else ()
        except (LexicalError, AssertionError):
            return ()

    @cached_property
    def letters(self) -> frozenset[str]:
        """All letters that stand in subscripts, and perhaps more."""
        runs = (run for match in _SUBSCRIPTS.finditer(self.text) for run in match.groups() if run)
        return frozenset(letter for run in runs for letter in _LETTER.findall(run))

    def new_letters(self, number: int) -> list[str]:
        """Give letters that the statement doesn't have."""
        taken = {Index(letter) for letter in self.letters}
        found: list[str] = []
        for _ in range(number):
            letter = unused(taken)
            taken.add(letter)
            found.append(letter.name)
        return found

    def edited(self, *edits: tuple[int, int, str]) -> str:
        """Give the statement with parts, from left to right, replaced."""
        text = self.text
        for start, end, new in reversed(edits):
            text = text[:start] + new + text[end:]
        return text

    def replaced(self, start: int, end: int, new: str) -> str:
        """Give the statement with one part replaced, by what needs no brackets if it is all of a side."""
        is_side = self.text[:start].rstrip().endswith("=") and not self.text[end:].strip()
        return self.edited((start, end, bare(new) if is_side else new))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about a habit.

    Attributes:
        code: the code of the error.
        message: what is wrong, in the reader's terms.
        start, end: what the error is about.
        fixes: the whole statement as it is written here, once for each thing that may be meant.
        labels: what each fix means, where there are several.
    """

    code: str
    message: str
    start: int
    end: int
    fixes: Sequence[str] = ()
    labels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Habit:
    """Where something from another notation may stand, and what is said about it; ``None`` if it is none after all."""

    pattern: re.Pattern[str]
    answer: Callable[[Context, re.Match[str]], Answer | None]


def habit(pattern: str) -> Callable[[Callable[[Context, re.Match[str]], Answer | None]], Habit]:
    """Make a habit of the function that answers it."""
    compiled = re.compile(pattern)
    return lambda answer: Habit(compiled, answer)


def first_habit(habits: Sequence[Habit], context: Context) -> Answer | None:
    """Answer the habit that stands first in a statement; of several at one place, the one that is listed first."""
    found: Answer | None = None
    place = len(context.text)
    for each in habits:
        for match in each.pattern.finditer(context.text):
            if match.start() >= place:
                break
            answer = each.answer(context, match)
            if answer is not None:
                found, place = answer, match.start()
                break
    return found


def diagnostic(answer: Answer, source: Source, start: int) -> Diagnostic:
    """Make the error that an answer is, about the statement at ``start``."""
    lines = [" ".join(line.split("\n")) for line in answer.fixes if len(line) <= LONGEST_FIX]
    if len(lines) > 1:
        lines = [f"{line}  # {label}" for line, label in zip(lines, answer.labels, strict=True)]
    span = Span(start + answer.start, start + answer.end, source)
    return Diagnostic(answer.code, answer.message, span, fix="\n".join(lines) or None)
