"""Spell out: functions in terms of others that their derivatives use as well.

Before: a joint program with ``gelu(u)`` in a forward equation and its derivative, which contains ``erf(u / sqrt(2))``,
in an adjoint one. After: ``u 1/2 (1 + erf(u / sqrt(2)))`` in the forward one, so that the dear part is computed once.
"""

from __future__ import annotations

import dataclasses

from einsgrad.ir.equations import Definition
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.letters import separate
from einsgrad.ir.nodes import Apply, Expr
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import transform


def spell_out(program: Program) -> Program:
    """Give the program with functions replaced by their formulas where they have one.

    >>> from einsgrad.frontend.parser import parse_program
    >>> print(spell_out(parse_program("y_i = silu(x_i)")), end="")
    y_i = x_i sigmoid(x_i)
    """
    return dataclasses.replace(program, definitions=tuple(map(_spelled_out, program.definitions)))


def _spelled_out(definition: Definition) -> Definition:
    """Spell out the functions of an equation; a formula may have its argument several times, and each has sums."""
    rhs = transform(definition.rhs, _formula)
    return definition if rhs is definition.rhs else separate(dataclasses.replace(definition, rhs=rhs))


def _formula(node: Expr) -> Expr:
    if not isinstance(node, Apply):
        return node
    formula = FUNCTIONS[node.function].formula
    return formula(*node.args) if formula is not None else node
