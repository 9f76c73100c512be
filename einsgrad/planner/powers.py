"""Powers: the cheap and exact ways to raise to a known exponent."""

from __future__ import annotations

from fractions import Fraction

from einsgrad.planner.interning import PlanBuilder
from einsgrad.planner.plan import Labels, Operand


def lower_power(builder: PlanBuilder, base: Operand, exponent: Operand, order: Labels = ()) -> Operand:
    """Compute ``base ^ exponent``: products, roots and quotients for small known exponents, else a general power."""
    known = builder.known(exponent)
    if known is None:
        return builder.pointwise("power", (base, exponent), order)
    if known < 0:
        positive = lower_power(builder, base, builder.number(-known), order)
        return builder.pointwise("divide", (builder.number(1), positive), order)
    return _known_power(builder, base, known, order)


def _known_power(builder: PlanBuilder, base: Operand, exponent: Fraction, order: Labels) -> Operand:
    def times(a: Operand, b: Operand) -> Operand:
        return builder.pointwise("multiply", (a, b), order)

    def root() -> Operand:
        return builder.pointwise("sqrt", (base,), order)

    match exponent:
        case 0:
            return builder.number(1)
        case 1:
            return base
        case 2:
            return times(base, base)
        case 3:
            return times(base, times(base, base))
        case 4:
            square = times(base, base)
            return times(square, square)
        case Fraction(numerator=1, denominator=2):
            return root()
        case Fraction(numerator=3, denominator=2):
            return times(base, root())
        case _:
            return builder.pointwise("power", (base, builder.number(exponent)), order)
