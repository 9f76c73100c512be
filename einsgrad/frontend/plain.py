"""Plain texts: a text of the plain dialect to the surface trees of its statements.

Before: any text. After: the statements that have a parse; what the others lack is reported, one error each. Comments
and the arguments of applied names are blanked before anything is parsed, so every place stays what it is in the text.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

from einsgrad.diagnostics import Diagnostic, Source
from einsgrad.frontend import surface as s
from einsgrad.frontend.applied import (
    applied_names,
    own_functions,
    parameters_of,
    refuse_application,
    without_arguments,
    without_parameters,
)
from einsgrad.frontend.given import as_claim
from einsgrad.frontend.habits.differentials import tensors_of
from einsgrad.frontend.habits.table import refuse_habit
from einsgrad.frontend.lexis import LexicalError, canonical, read_reference
from einsgrad.frontend.statements import split_statements
from einsgrad.frontend.syntax import parse_statement

_COMMENT = re.compile(r"#[^\r\n]*")
_LEFT = re.compile(
    r"\s*(\\?[^\W\d_][\w\u0300-\u036f]*(?:\[[^\[\]]*\]|(?<=_)\{[^{}]*\})?)'*\s*(?::?=(?!=)|≔)"
)  # fmt: skip


def read_plain(source: Source, problems: list[Diagnostic]) -> tuple[list[s.Statement], set[str]]:
    """Give the statements that have a parse, and the tensors, by key, whose equations have none."""
    code = _COMMENT.sub(lambda comment: " " * len(comment[0]), source.text)
    places = split_statements(source, problems)
    applied = applied_names(code[start:end] for start, end in places)
    own = own_functions((code[start:end] for start, end in places), applied)
    applied = {key: arguments for key, arguments in applied.items() if key not in own}
    texts = {start: without_arguments(code[start:end], applied) for start, end in places}
    parameters = {start: parameters_of(text, own) for start, text in texts.items()}
    texts = {start: without_parameters(text) if parameters[start] else text for start, text in texts.items()}
    given = {start: fact for start, text in texts.items() if (fact := as_claim(text)) is not None}
    texts |= {start: text for start, (text, _) in given.items()}
    known = frozenset(name for text in texts.values() for name in _left_name(text))
    tensors = tensors_of(texts.values())
    statements: list[s.Statement] = []
    broken: set[str] = set()
    for start, text in texts.items():
        refusals: Iterable[Diagnostic | None] = (
            refuse_application(source, start, text, applied),
            refuse_habit(source, start, text, known, tensors),
        )
        refusal = next((problem for problem in refusals if problem is not None), None)
        if refusal is not None:
            problems.append(refusal)
        statement = parse_statement(source, start, text, problems, own) if refusal is None else None
        if statement is None:
            broken |= _left_name(text)
        elif start in given:
            statements.append(dataclasses.replace(statement, given=given[start][1]))
        else:
            statements.append(dataclasses.replace(statement, parameters=parameters[start]))
    return statements, broken


def _left_name(text: str) -> set[str]:
    """Give the tensor that a statement seems to define, by key."""
    match = _LEFT.match(text)
    if match is None:
        return set()
    try:
        return {canonical(read_reference(match[1])[0])}
    except LexicalError:
        return set()
