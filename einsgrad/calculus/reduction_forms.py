"""Reductions in forms: a maximum or a product over letters is an atom like a tensor, named after what it is of.

Before: the form of the operand over the letters that are bound. After: that of the reduction. The operand is closed
first, with a factor beside it for each bound letter that tells it, and its range, from the others. A norm is the root
of a sum of squares, so what is known of these holds for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from einsgrad.calculus.atoms import Atoms, Form, Item
from einsgrad.calculus.contractions import sum_over
from einsgrad.calculus.forms import apply_function, multiply, single


def reduction_form(atoms: Atoms, function: str, operand: Form, bound: Mapping[str, int]) -> Form:
    """Give the form of a reduction over letters with ranges of these numbers."""
    if function == "norm":
        return apply_function(atoms, "sqrt", sum_over(atoms, multiply(atoms, operand, operand), bound))
    items: list[Item] = [(0, monomial, coefficient) for monomial, coefficient in operand.items()]
    for letter, range_ in bound.items():
        items.append((1, (atoms.symbol("tensor", f"bound {range_}", (letter,)),), Fraction(1)))
    closed, _ = atoms.close("function", function, items)
    outside = [letter for letter in closed.letters if letter not in bound]
    return single(atoms.symbol("tensor", f"{function} of {closed.atom}", outside))
