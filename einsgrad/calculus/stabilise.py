"""Stabilise: softmax, logsumexp, sigmoid and their like, written naively, in forms that neither overflow nor cancel.

Before: one range a letter (:mod:`einsgrad.calculus.apart`). After: equations of the same value in exact arithmetic, in
which the largest exponent is subtracted before the exponential is taken. The pass runs ahead of differentiation, so
that gradients are stable as well: a value that does not depend on the shift has no derivative by it. Forms are read
by :mod:`einsgrad.calculus.exponentials` from the outside in, as the author wrote them, so names, one-tensors, factors,
signs and the order of terms don't hide them. Not attempted: squares that overflow under a root, and weights
``w_j exp(u_j)`` that are zero where ``u_j`` is largest by far.
"""

from __future__ import annotations

import dataclasses

from einsgrad.calculus.exponentials import Reader
from einsgrad.calculus.logarithms import Logarithms
from einsgrad.calculus.quotients import Quotients
from einsgrad.calculus.rewriting import OutsideIn, Rule
from einsgrad.calculus.shifts import Shifts
from einsgrad.calculus.tails import Tails
from einsgrad.ir.equations import Definition, uses
from einsgrad.ir.letters import separate
from einsgrad.ir.nodes import Apply, Power, Product, Sum
from einsgrad.ir.program import Program


def stabilise(program: Program) -> Program:
    """Give the program with its unstable forms rewritten, and an equation for each maximum that they subtract."""
    shifts = Shifts(program)
    rewritten: dict[str, Definition] = {}
    reader = Reader(program.by_name, rewritten, shifts.are_in)
    tails, quotients = Tails(reader), Quotients(reader, shifts)
    logarithms = Logarithms(reader, shifts, tails.join_terms)
    rewriter = OutsideIn(
        (
            Rule(Apply, "logarithm of exponentials", logarithms.logarithm),
            Rule(Product, "quotient of exponentials", quotients.quotient),
            Rule(Power, "quotient of exponentials", quotients.quotient),
            Rule(Apply, "quotient of exponentials", quotients.quotient),
            Rule(Product, "product of exponentials", quotients.exponentials),
            Rule(Sum, "tail", tails.join_terms),
        )
    )
    needed: dict[str, list[Definition]] = {}
    for d in program.in_order():
        rewritten[d.name] = separate(Definition(d.name, d.indices, rewriter(d.rhs)))
        needed[d.name] = shifts.take_equations()
    # Where an input cancels altogether its shape is still wanted, and its gradient, which is zero.
    lost = set(program.inputs).difference(*(uses(d.rhs) for ds in (rewritten.values(), *needed.values()) for d in ds))
    definitions: list[Definition] = []
    for d in program.definitions:
        definitions += [*needed[d.name], d if lost.intersection(uses(d.rhs)) else rewritten[d.name]]
    return dataclasses.replace(program, definitions=tuple(definitions))


def keep_tails(program: Program) -> Program:
    """Give the program with the differences joined of which rounding would leave nothing, in gradients above all."""
    rewriter = OutsideIn((Rule(Sum, "tail", Tails(Reader(program.by_name, {}, lambda exponent: False)).join_terms),))
    definitions = (Definition(d.name, d.indices, rewriter(d.rhs)) for d in program.definitions)
    return dataclasses.replace(program, definitions=tuple(map(separate, definitions)))
