"""Shifts: the largest exponents of sums of exponentials, which stable forms subtract, as equations of their own.

The value of a form does not depend on its shift, so a shift is a constant in derivatives.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence

from einsgrad.calculus.canonical import canonical_key
from einsgrad.calculus.exponentials import Term
from einsgrad.calculus.rewriting import broadcast, total
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import fresh, rename, separate
from einsgrad.ir.names import canonical_name
from einsgrad.ir.nodes import Expr, Index
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import letters, tensors


class Shifts:
    """The shifts of a program, which is not to use their names for anything else."""

    def __init__(self, program: Program) -> None:
        known = {canonical_name(n) for n in (*program.by_name, *program.inputs)}
        self._names = (name for name in map("shift{}".format, itertools.count(1)) if name not in known)
        self._shifts: dict[Hashable, Expr] = {}
        self._own: set[str] = set()
        self._new: list[Definition] = []

    def take_equations(self) -> list[Definition]:
        """Give the equations of the shifts that have been made since the last call."""
        new, self._new = self._new, []
        return new

    def are_in(self, node: Expr) -> bool:
        """Tell whether an expression refers to a shift."""
        return bool(self._own) and any(t.name in self._own for t in tensors(node))

    def constant(self, node: Expr, over: Sequence[Index] = ()) -> Expr:
        """Give the largest component of an expression over some letters, or the expression, as a shift."""
        taken = letters(node)
        mapping: dict[Index, Index] = {}
        for index in over:
            mapping[index] = fresh(taken, like=index)
            taken.add(mapping[index])
        maximum = build.reduction("shift", rename(node, mapping), list(mapping.values()))
        key = canonical_key(maximum)
        if key not in self._shifts:
            definition = separate(Definition(next(self._names), maximum.free, maximum))
            self._new.append(definition)
            self._own.add(definition.name)
            self._shifts[key] = build.tensor(definition.name, definition.indices)
        return self._shifts[key]

    def scaled_sum(self, terms: Sequence[Term], free: Sequence[Index]) -> tuple[Expr, Expr]:
        """Give a shift ``m`` and a sum ``s``, over the letters ``free``, so that the terms add up to ``exp(m) s``.

        Where the numbers add up to zero, as those of ``1 - exp(u)`` do, ``expm1`` stands for ``exp``: its ones cancel.
        """
        parts = [self.constant(t.exponent, t.over) if t.over else t.exponent for t in terms]
        shift = parts[0]
        if len(terms) > 1 or not terms[0].over:
            shift = self.constant(_largest(list(dict.fromkeys(parts))))
        cancels = len(terms) > 1 and all(t.is_plain for t in terms) and not sum(t.number for t in terms)
        shifted = [t.shifted(shift, "expm1" if cancels else "exp") for t in terms]
        return shift, total([broadcast(t, free) if t.free else t for t in shifted], free)


def _largest(found: Sequence[Expr]) -> Expr:
    """Give the maximum of expressions, two halves at a time, so that many of them don't nest deeply."""
    if len(found) == 1:
        return found[0]
    middle = len(found) // 2
    return build.apply("maximum", [_largest(found[:middle]), _largest(found[middle:])])
