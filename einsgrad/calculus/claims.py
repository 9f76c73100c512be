"""Claims: whether one expression is equal to another, whatever the arrays.

A claim is proved where both sides, with all equations put in, have one normal form, so that they are equal wherever
both have a value. Otherwise both are evaluated at a number of points, with bounds on the rounding: where they differ
the claim is refuted, and where they agree it is not proved. A proof counts only if there are such points and none
contradicts it. Proofs need no NumPy; without it there are no points. What is given is used where there is no proof
without, and all points obey it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from einsgrad.calculus.apart import family_ranges, letters_of_claims, rename_apart
from einsgrad.calculus.atoms import TooLargeError, UndefinedError
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.calculus.normal_form import forms_coincide
from einsgrad.calculus.sides import LEFT, RIGHT, sides_of
from einsgrad.ir.equations import Claim
from einsgrad.ir.given import Given
from einsgrad.ir.nodes import Index
from einsgrad.ir.program import Program

if TYPE_CHECKING:
    from einsgrad.calculus.counterexamples import Counterexample, Search

Verdict = Literal["proved", "refuted", "not proved"]

# Points at which a claim is evaluated first: most wrong ones show there, and no proof counts against them.
_POINTS_BEFORE_PROOF = 8
_NO_NUMBERS = "to look for a counterexample install NumPy: pip install numpy"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of a claim.

    Attributes:
        verdict: ``"proved"``, ``"refuted"`` or ``"not proved"``.
        counterexample: arrays for which its sides differ, where it is refuted.
        note: what was tried, where it is not proved.
        given: the facts that a proof uses.
    """

    verdict: Verdict
    counterexample: Counterexample | None = None
    note: str = ""
    given: tuple[Claim, ...] = ()


def judge(program: Program) -> list[Judgement]:
    """Give the verdict on each claim of a program.

    >>> from einsgrad.frontend.parser import parse_program
    >>> [found.verdict for found in judge(parse_program("a_i b_i == b_j a_j; a_i b_i == a_i"))]
    ['proved', 'refuted']
    """
    apart = rename_apart(program)
    differentiator = Differentiator(apart)
    judgements = (_judge(claim, differentiator) for claim in apart.claims)
    return [_as_written(found, own) for found, own in zip(judgements, letters_of_claims(program), strict=True)]


def _as_written(judgement: Judgement, letters: Mapping[Index, Index]) -> Judgement:
    """Put the author's letters into a counterexample."""
    if judgement.counterexample is None:
        return judgement
    back = {new.name: own.name for own, new in letters.items()}
    return replace(judgement, counterexample=judgement.counterexample.renamed(back))


def _judge(claim: Claim, differentiator: Differentiator) -> Judgement:
    sides = sides_of(claim, differentiator)
    found = search(sides, claim.free, _POINTS_BEFORE_PROOF)
    if found is not None and found.counterexample is not None:
        return Judgement("refuted", found.counterexample)
    if found is not None and found.points == 0:
        return Judgement("not proved", note="no point was found at which both sides have a value")
    proved, why_not = _prove(sides, Given())
    if proved:
        return Judgement("proved")
    if sides.facts:
        proved, why_not = _prove(sides, sides.given)
        if proved:
            return Judgement("proved", given=sides.facts)
    found = search(sides, claim.free)
    if found is None:
        return Judgement("not proved", note=f"{why_not}; {_NO_NUMBERS}")
    if found.counterexample is not None:
        return Judgement("refuted", found.counterexample)
    return Judgement("not proved", note=f"{why_not}, but the sides agree at {found.points} points")


def search(sides: Program, free: Sequence[Index], most_points: int | None = None) -> Search | None:
    """Look for a counterexample; ``None`` where there is no NumPy to evaluate the sides with."""
    try:
        from einsgrad.calculus import counterexamples
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        return None
    return counterexamples.search(sides, free, most_points)


def _prove(sides: Program, given: Given) -> tuple[bool, str]:
    """Tell whether the sides have one form with what is given, and why no proof was found."""
    families, axes = family_ranges(sides)
    given = replace(given, ranges=axes)
    definitions = dict(sides.by_name)
    left, right = definitions.pop(LEFT).rhs, definitions.pop(RIGHT).rhs
    try:
        return forms_coincide(left, right, definitions, families, given), "their normal forms differ"
    except TooLargeError:
        return False, "their normal forms are too large to compare"
    except UndefinedError:
        return False, "a part of them divides by zero"
