"""Findings: what the resolution found to be wrong, said in the reader's terms and with the fix to paste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from einsgrad.frontend import surface as s
from einsgrad.frontend.dialects import PLAIN
from einsgrad.frontend.lexis import LARGEST_EXPANSION
from einsgrad.frontend.names import Names, with_letters
from einsgrad.frontend.resolve import Finding
from einsgrad.ir.letters import unused
from einsgrad.ir.nodes import Index

_SHOWN = 40
_WORDS = frozenset(
    {
        "avg", "bar", "eff", "hat", "in", "init", "loss", "max", "mean", "min", "new", "old", "opt", "out", "pred",
        "ref", "tilde", "tot", "total", "true",
    }
)  # fmt: skip
"""What stands after an underscore as a part of a name."""


def report_findings(
    names: Names, statement: s.Statement, findings: Sequence[Finding], readings: Mapping[str, str]
) -> None:
    """Report what was found about a statement; ``readings`` are its texts with one sum and with separate sums."""
    blamed = {letter for f in findings if f.kind in ("once", "ambiguous", "taken") for letter in f.letters}
    stale = {letter for f in findings if f.kind == "stale" for letter in f.letters}
    for finding in findings:
        if finding.kind in ("once", "missing") and not stale.isdisjoint(finding.letters):
            continue
        match finding.kind:
            case "once":
                _once(names, statement, finding)
            case "ambiguous":
                _ambiguous(names, statement, finding, readings)
            case "missing":
                if not blamed.issuperset(finding.letters):
                    _missing(names, statement, finding)
            case "spread":
                _spread(names, statement, finding)
            case "idle":
                if blamed.isdisjoint(finding.letters):
                    _idle(names, statement, finding)
            case "taken":
                letter = finding.letters[0]
                what = "operator" if finding.of_operator else "sum"
                message = f"`{letter}` is free or summed already around this {what}: choose another letter"
                names.report(statement, finding.part, "sum-taken", message)
            case "unused":
                letter = finding.letters[0]
                message = f"nothing after `{names.dialect.sum(_indices(names, finding))}` carries `{letter}`"
                if finding.of_operator:
                    message = f"what the operator takes doesn't carry `{letter}`"
                note = f"for a factor of the size of `{letter}` write `|{letter}|`"
                names.report(statement, finding.part, "sum-unused", message, note)
            case "large":
                message = f"written out, this has more than {LARGEST_EXPANSION} parts: give what is inside an equation"
                names.report(statement, finding.part, "own-function", message)
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
    fix = _broadcast(names, statement, finding.part, one)
    scalar = _scalar(names, statement, finding) if fix is not None else None
    if scalar is not None:
        fix = f"{scalar}  {names.dialect.comment} a scalar\n{fix}  {names.dialect.comment} components"
    names.report(statement, finding.part, "free-missing", message, fix=fix)


def _spread(names: Names, statement: s.Statement, finding: Finding) -> None:
    """Note that a term of a bracket is broadcast along what stands beside the bracket, as papers mean it."""
    assert not isinstance(finding.part, s.Letter)
    one, text = _one(names, finding), names.text(statement, finding.part)
    message = f"`{text}` is read as `{one} {text}`: what stands beside the bracket has the index that it lacks"
    names.warn(statement, finding.part, "bracket-broadcast", message)


def _scalar(names: Names, statement: s.Statement, finding: Finding) -> str | None:
    """Write the equation of a scalar called ``theta_hat``, of which the letters after the underscore are no indices."""
    left = None if statement.is_claim else s.sole_reference(statement.lhs)
    if left is None or names.dialect is not PLAIN:
        return None
    letters = {letter.key for letter in left.indices}
    is_word = names.text(statement, left).rpartition("_")[2] in _WORDS
    if not is_word or not letters.isdisjoint(letter.key for letter in s.letters(statement.rhs)):
        return None
    return names.edited(statement, left.end, "[]")


def _broadcast(names: Names, statement: s.Statement, part: s.Part, one: str) -> str | None:
    """Give the statement with a term multiplied by a one-tensor."""
    if not isinstance(part, s.Term):
        return names.edited(statement, part.start, f"{one} ({names.text(statement, part)})", part.end)
    for factor, over in zip(part.factors, part.over, strict=True):
        if not over and not isinstance(factor, s.Number):
            return _inserted(names, statement, factor.start, one)
    if [factor.value for factor in part.factors if isinstance(factor, s.Number)] == [1] and len(part.factors) == 1:
        return names.edited(statement, part.factors[0].start, one, part.end)
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
    message = "the lower indices of a derivative must be new: distinct, and not in what is differentiated"
    names.report(statement, part.wrt, "derivative-index", message, fix=_on_the_diagonal(names, statement, part))


def _on_the_diagonal(names: Names, statement: s.Statement, part: s.Derivative) -> str | None:
    """Write a derivative by components that have letters already: new ones, tied to those by deltas."""
    taken = set(names.indices(s.letters(*statement.sides)))
    seen = {letter.key for letter in s.letters(part.operand)}
    new: list[tuple[s.Letter, Index]] = []
    for letter in part.wrt.indices:
        if letter.key in seen:
            usual = (Index(letter) for letter in "pqrst" if Index(letter) not in taken)
            new.append((letter, next(usual, None) or unused(taken)))
            taken.add(new[-1][1])
        seen.add(letter.key)
    text = with_letters(names.text(statement, part), part.start, new)
    tied = " ".join([text, *(names.dialect.delta(names.index(letter.key), index) for letter, index in new)])
    is_divisor = names.text(statement)[: part.start].rstrip().endswith("/")
    return names.edited(statement, part.start, f"({tied})" if is_divisor else tied, part.end)


def _ambiguous(names: Names, statement: s.Statement, finding: Finding, readings: Mapping[str, str]) -> None:
    letters = " and ".join(f"`{names.index(letter)}`" for letter in finding.letters)
    message = f"{letters} can be summed once, over the whole product, or separately in each group"
    assert not isinstance(finding.part, s.Letter)
    notes = [f"{label}: {text}" for label, text in readings.items()]
    fix = "\n".join(f"{text}  {names.dialect.comment} {label}" for label, text in readings.items()) or None
    names.report(statement, finding.part, "ambiguous-sum", message, *notes, fix=fix)
