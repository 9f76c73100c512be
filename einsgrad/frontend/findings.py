"""Findings: what the resolution found to be wrong, said in the reader's terms and with the fix to paste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from einsgrad.frontend import surface as s
from einsgrad.frontend.names import Names, with_letters
from einsgrad.frontend.resolve import Finding
from einsgrad.ir.letters import unused
from einsgrad.ir.nodes import Index

_SHOWN = 40


def report_findings(
    names: Names, statement: s.Statement, findings: Sequence[Finding], readings: Mapping[str, str]
) -> None:
    """Report what was found about a statement; ``readings`` are its texts with one sum and with separate sums."""
    blamed = {letter for f in findings if f.kind in ("once", "ambiguous", "taken") for letter in f.letters}
    for finding in findings:
        match finding.kind:
            case "once":
                _once(names, statement, finding)
            case "ambiguous":
                _ambiguous(names, statement, finding, readings)
            case "missing":
                if not blamed.issuperset(finding.letters):
                    _missing(names, statement, finding)
            case "idle":
                if blamed.isdisjoint(finding.letters):
                    _idle(names, statement, finding)
            case "taken":
                letter = finding.letters[0]
                message = f"`{letter}` is free or summed already around this sum: choose another letter"
                names.report(statement, finding.part, "sum-taken", message)
            case "unused":
                letter = finding.letters[0]
                message = f"nothing after `{names.dialect.sum(_indices(names, finding))}` carries `{letter}`"
                note = f"for a factor of the size of `{letter}` write `|{letter}|`"
                names.report(statement, finding.part, "sum-unused", message, note)
            case "stale":
                _stale(names, statement, finding)
            case _:
                assert_never(finding.kind)


def _indices(names: Names, finding: Finding) -> list[Index]:
    return [names.index(letter) for letter in finding.letters]


def _one(names: Names, finding: Finding) -> str:
    return names.dialect.one(_indices(names, finding))


def _once(names: Names, statement: s.Statement, finding: Finding) -> None:
    letter = str(names.index(finding.letters[0]))
    one = _one(names, finding)
    assert finding.term is not None
    assert isinstance(finding.part, s.Letter)
    message = f"`{letter}` occurs once: to sum over it multiply by `{one}`"
    at = _place_of_factor(finding.term, finding.part)
    names.report(statement, finding.part, "dummy-once", message, fix=_inserted(names, statement, at, one))


def _place_of_factor(term: s.Term, letter: s.Letter) -> int:
    """Give where to put a one-tensor: before the factor with the letter, or before all if that is a denominator."""
    for factor, over in zip(term.factors, term.over, strict=True):
        if factor.start <= letter.start < factor.end and not over:
            return factor.start
    return term.factors[0].start


def _inserted(names: Names, statement: s.Statement, at: int, one: str) -> str | None:
    before = names.text(statement)[:at]
    space = " " if before and (before[-1].isalnum() or before[-1] in "_.'})]|") else ""
    return names.edited(statement, at, f"{space}{one} ")


def _missing(names: Names, statement: s.Statement, finding: Finding) -> None:
    assert not isinstance(finding.part, s.Letter)
    one = _one(names, finding)
    text = names.text(statement, finding.part)
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    letters = " and ".join(f"`{names.index(letter)}`" for letter in finding.letters)
    plural = "index" if len(finding.letters) == 1 else "indices"
    message = f"`{shown}` lacks the free {plural} {letters}: to broadcast it multiply by `{one}`"
    names.report(statement, finding.part, "free-missing", message, fix=_broadcast(names, statement, finding.part, one))


def _broadcast(names: Names, statement: s.Statement, part: s.Part, one: str) -> str | None:
    """Give the statement with a term multiplied by a one-tensor."""
    if not isinstance(part, s.Term):
        return names.edited(statement, part.start, f"{one} ({names.text(statement, part)})", part.end)
    for factor, over in zip(part.factors, part.over, strict=True):
        if not over and not isinstance(factor, s.Number):
            return _inserted(names, statement, factor.start, one)
    return names.edited(statement, part.end, f" {one}")


def _idle(names: Names, statement: s.Statement, finding: Finding) -> None:
    one = _one(names, finding)
    letter = names.index(finding.letters[0])
    message = f"`{one}` does nothing here: `{letter}` is not summed, and every other factor has it"
    note = f"to sum, use a letter of its own in place of `{letter}` in this product"
    assert not isinstance(finding.part, s.Letter)
    names.warn(statement, finding.part, "idle-one", message, note)


def _stale(names: Names, statement: s.Statement, finding: Finding) -> None:
    part = finding.part
    assert isinstance(part, s.Derivative)
    taken = set(names.indices(s.letters(*statement.sides)))
    new: list[Index] = []
    for _ in part.wrt.indices:
        usual = (Index(letter) for letter in "pqrst" if Index(letter) not in taken)
        new.append(next(usual, None) or unused(taken))
        taken.add(new[-1])
    fix = with_letters(names.text(statement, part), part.start, zip(part.wrt.indices, new, strict=True))
    message = "the lower indices of a derivative must be new: distinct, and not in what is differentiated"
    names.report(statement, part.wrt, "derivative-index", message, fix=fix)


def _ambiguous(names: Names, statement: s.Statement, finding: Finding, readings: Mapping[str, str]) -> None:
    letters = " and ".join(f"`{names.index(letter)}`" for letter in finding.letters)
    message = f"{letters} can be summed once, over the whole product, or separately in each group"
    assert not isinstance(finding.part, s.Letter)
    notes = [f"{label}: {text}" for label, text in readings.items()]
    fix = "\n".join(f"{text}  {names.dialect.comment} {label}" for label, text in readings.items()) or None
    names.report(statement, finding.part, "ambiguous-sum", message, *notes, fix=fix)
