"""Random programs with what binds letters, hides and inverts: operators, conditions, inverses and determinants.

They stand among the sums, products and functions of :mod:`programs`. A matrix has a heavy diagonal, so that it has an
inverse; what a maximum or a condition compares is not on a kink but by chance.
"""

from __future__ import annotations

import random
from fractions import Fraction

from programs import LETTERS, RANGES, Writer

from einsgrad.ir import build
from einsgrad.ir.conditions import masked
from einsgrad.ir.nodes import Expr, Index
from einsgrad.ir.program import Program
from einsgrad.ir.reductions import OPERATORS, keeps_letters, operate

_SQUARE = (Index("i"), Index("i1"))


class _Writer(Writer):
    def expression(self, free: tuple[Index, ...], depth: int) -> Expr:
        if depth == 0 or self.rng.random() > 0.35:
            return super().expression(free, depth)
        kinds = [self.operator, self.masked]
        if len({RANGES[i.name] for i in free}) == len(free) and not set(free) & set(_SQUARE):
            kinds.append(self.determinant)
        if set(_SQUARE) <= set(free):
            kinds.append(self.inverse)
        return self.rng.choice(kinds)(free, depth)

    def carrying(self, free: tuple[Index, ...], depth: int) -> Expr:
        """An expression that carries ``free``, never a number."""
        value = self.expression(free, depth)
        return value if set(value.free) == set(free) else build.product([build.one(free), value])

    def operator(self, free: tuple[Index, ...], depth: int) -> Expr:
        name = self.rng.choice(sorted(OPERATORS))
        if keeps_letters(name):
            if not free:
                return self.leaf(free)
            return operate(name, self.carrying(free, depth - 1), [self.rng.choice(free)])
        bound = self.rng.choice([i for i in LETTERS if i not in free])
        return operate(name, self.carrying((*free, bound), depth - 1), [bound])

    def masked(self, free: tuple[Index, ...], depth: int) -> Expr:
        """``[u < v] w`` with conditions on values, or on positions where two letters have one range."""
        pairs = [(i, j) for i in free for j in free if i < j and RANGES[i.name] == RANGES[j.name]]
        if pairs and self.rng.random() < 0.5:
            sides = [build.product([build.iota(k), build.one([o])]) for k, o in (pairs[0], pairs[0][::-1])]
        else:
            sides = [
                self.carrying(free, depth - 1),
                build.literal(self.rng.choice([0, Fraction(1, 2)])),
            ]
        condition = build.apply(self.rng.choice(["<", "<=", "!="]), sides)
        factors = masked([condition, self.carrying(free, depth - 1)])
        return factors[0] if len(factors) == 1 else build.product(factors)

    def matrix(self, batch: tuple[Index, ...], depth: int) -> Expr:
        """A matrix over ``i`` and ``i1`` whose diagonal is heavy."""
        entries = build.apply("sin", [self.carrying((*_SQUARE, *batch), depth - 1)])
        diagonal = [build.literal(5), *([build.one(batch)] if batch else []), build.delta(*_SQUARE)]
        return build.add([build.product(diagonal), entries])

    def determinant(self, free: tuple[Index, ...], depth: int) -> Expr:
        return build.matrix_function(self.rng.choice(["det", "logdet"]), self.matrix(free, depth), _SQUARE)

    def inverse(self, free: tuple[Index, ...], depth: int) -> Expr:
        batch = tuple(i for i in free if i not in _SQUARE)
        return build.matrix_function("inv", self.matrix(batch, depth), _SQUARE, _SQUARE)


def write_constructs(rng: random.Random) -> Program:
    """A random program with operators, conditions and functions of matrices, and inputs as in :mod:`programs`."""
    return _Writer(rng).program()
