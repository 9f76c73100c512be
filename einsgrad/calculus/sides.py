"""The two sides of a claim, as a program that defines them and nothing else.

Before: a claim and the equations of its program, with one range a letter. After: equations without derivatives, those
that the sides depend on and one for each side, over the free indices of the claim, and the facts about their inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from einsgrad.calculus.differentiate import Differentiator
from einsgrad.calculus.rewriting import broadcast
from einsgrad.ir.equations import Claim, Definition, uses
from einsgrad.ir.program import Program

# No user can give a tensor these names.
LEFT, RIGHT = "left side", "right side"


def sides_of(claim: Claim, differentiator: Differentiator) -> Program:
    """Give the program of the tensors LEFT and RIGHT."""
    left, right = (broadcast(differentiator.expand(side), claim.free) for side in (claim.lhs, claim.rhs))
    definitions = dict(differentiator.definitions)
    definitions[LEFT] = Definition(LEFT, claim.free, left)
    definitions[RIGHT] = Definition(RIGHT, claim.free, right)
    equations = needed(definitions, [LEFT, RIGHT])
    program = differentiator.program
    given = program.given.of_tensors({name for d in equations for name in uses(d.rhs)})
    return Program(equations, facts=given.facts, anchors=program.anchors, ties=program.ties)


def needed(definitions: Mapping[str, Definition], roots: Sequence[str]) -> tuple[Definition, ...]:
    """Give the equations that some tensors depend on, in their order."""
    found: set[str] = set()
    stack = list(roots)
    while stack:
        name = stack.pop()
        if name in definitions and name not in found:
            found.add(name)
            stack += uses(definitions[name].rhs)
    return tuple(d for name, d in definitions.items() if name in found)
