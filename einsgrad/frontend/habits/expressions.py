"""Expressions as text: their letters, squares and sums, for statements that have no parse as they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from einsgrad.diagnostics import Diagnostic, Source
from einsgrad.frontend import surface as s
from einsgrad.frontend.dialects import PLAIN
from einsgrad.frontend.habits.brackets import as_factor
from einsgrad.frontend.habits.notation import Context
from einsgrad.frontend.occurrences import claim_letters
from einsgrad.frontend.syntax import parse_statement
from einsgrad.ir.nodes import Index


def total(letters: Sequence[str], text: str) -> str:
    """Give the explicit sum of an expression over letters."""
    return f"{PLAIN.sum([Index(letter) for letter in letters])} {as_factor(text) if _is_sum(text) else text}"


def _is_sum(text: str) -> bool:
    return _outer_sign(text, 0, len(text), +1) < len(text)


def square(text: str) -> str:
    """Give the square of an expression."""
    return f"{as_factor(text)}^2"


def _parsed(text: str) -> s.Statement | None:
    problems: list[Diagnostic] = []
    claim = f"{text} == 0"
    statement = parse_statement(Source(claim), 0, claim, problems)
    if statement is None or any(isinstance(part, s.Wrong) for part in s.walk(statement.lhs)):
        return None
    letters = s.letters(statement.lhs)
    return statement if all(text[i.start : i.end] == i.spelling for i in letters) else None


def free_letters(text: str) -> list[str]:
    """Give the letters that an expression doesn't sum by itself; none if it has no parse.

    >>> free_letters("A_ij x_j - b_i"), free_letters("x_ (")
    (['i'], [])
    """
    statement = _parsed(text)
    if statement is None:
        return []
    spellings = {i.key: i.spelling for i in s.letters(statement.lhs)}
    return [spellings[key] for key in claim_letters(statement)]


def renamed(text: str, new: Mapping[str, str]) -> str:
    """Give an expression with some of its letters replaced.

    >>> renamed("A_ij x_j", {"j": "k"})
    'A_ik x_k'
    """
    statement = _parsed(text)
    assert statement is not None
    for letter in sorted(s.letters(statement.lhs), key=lambda i: i.start, reverse=True):
        text = text[: letter.start] + new.get(letter.spelling, letter.spelling) + text[letter.end :]
    return text


def summed_letters(context: Context, operand: str, start: int, end: int) -> list[list[str]]:
    """Give which letters an operator at ``start:end`` may take from its operand, most likely first.

    Those that nothing outside needs: the left-hand side has them not, nor does the rest of the term. If the left-hand
    side has all, the operator has letters of its own: the last one, or all.
    """
    letters = free_letters(operand)
    if not letters:
        return []
    left = _outer_sign(context.text, start, 0, -1)
    right = _outer_sign(context.text, end, len(context.text), +1)
    around = Context(f"{context.text[left:start]} 1 {context.text[end:right]}", context.known).letters
    own = [letter for letter in letters if letter not in context.free and letter not in around]
    if own:
        return [own]
    return [letters[-1:], letters] if len(letters) > 1 else [letters]


def _outer_sign(text: str, at: int, until: int, step: int) -> int:
    """Give the place of the next sign, or end of a bracket, outside of brackets in a direction."""
    depth = 0
    for place in range(at if step > 0 else at - 1, until if step > 0 else until - 1, step):
        char = text[place]
        if char in "([{" if step > 0 else char in ")]}":
            depth += 1
        elif char in ")]}" if step > 0 else char in "([{":
            if depth == 0:
                return place
            depth -= 1
        elif depth == 0 and (char in "+=," or (char in "-−–" and not _is_exponent(text, place))):
            return place
    return until


def _is_exponent(text: str, minus: int) -> bool:
    before = text[:minus].rstrip()
    return before.endswith(("^", "/", "*"))
