"""Products: ones, deltas, sizes and numbers are taken out, what is left is contracted.

Before: the forms of a product's factors. After: the form of the product. No one-tensor and no delta becomes an
array: indices that a delta ties are one letter of all operands, and those of them that are free are tied in the
result. Numbers and scalars go to the smallest operand. The product is not rearranged beyond that: what to distribute
or to factor is decided before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from einsgrad.ir.nodes import Index
from einsgrad.planner.contraction import Factor, contract_all, multiply_all
from einsgrad.planner.forms import Form, settle, tied
from einsgrad.planner.interning import PlanBuilder
from einsgrad.planner.plan import Labels, Operand


@dataclass(frozen=True, slots=True)
class ProductForm:
    """A product whose factors are forms.

    Attributes:
        factors: each factor, and whether it divides.
        free: the free letters of the product.
        summed: the letters it sums.
    """

    factors: Sequence[tuple[Form, bool]]
    free: Labels
    summed: Labels


def lower_product(builder: PlanBuilder, node: ProductForm, ranges: Mapping[Index, int], order: Labels = ()) -> Form:
    """Compute a product.

    Args:
        builder: where the operations go.
        node: the product.
        ranges: the range of each letter.
        order: the order of axes that the result should have where that costs nothing.
    """
    stands_for, ties = _classes(node)
    keep = {stands_for.get(i, i) for i in node.free}
    summed = {stands_for.get(i, i) for i in node.summed} - keep
    factors = [(_renamed(builder, form, stands_for), divides) for form, divides in node.factors]
    carried = {i for operand, _ in factors for i in operand.labels}
    factors += [(builder.extent(ranges[i]), False) for i in node.summed if i in summed - carried]
    factors = _with_one_number(builder, factors)
    if summed & carried:
        return Form(_contract(builder, factors, keep, order), ties)
    return Form(multiply_all(builder, factors, order), ties)


def _classes(node: ProductForm) -> tuple[dict[Index, Index], tuple[Labels, ...]]:
    """Give the letter that stands for each tied letter, free if one of them is, and the free letters that are tied."""
    stands_for: dict[Index, Index] = {}
    ties = []
    for group in tied([t for form, _ in node.factors for t in form.ties]):
        free = tuple(i for i in node.free if i in group)
        stands_for.update(dict.fromkeys(group, free[0] if free else group[0]))
        if len(free) > 1:
            ties.append(free)
    return stands_for, tuple(ties)


def _renamed(builder: PlanBuilder, form: Form, stands_for: Mapping[Index, Index]) -> Operand:
    labels = tuple(stands_for.get(i, i) for i in form.operand.labels)
    return settle(builder, Form(Operand(form.operand.value, labels))).operand


def _with_one_number(builder: PlanBuilder, factors: list[Factor]) -> list[Factor]:
    """Multiply numbers and sizes into one number."""
    numbers = [f for f in factors if builder.is_number(f[0])]
    others = [f for f in factors if not builder.is_number(f[0])]
    above = multiply_all(builder, [(n, False) for n, divides in numbers if not divides])
    below = multiply_all(builder, [(n, False) for n, divides in numbers if divides])
    if builder.known(above) not in (1, -1):
        above, below = builder.pointwise("divide", (above, below)), builder.number(1)
    exact = builder.known(above)
    if exact is not None and abs(exact.numerator) == 1 and not is_decimal(exact):
        above, below = builder.number(exact.numerator), builder.number(exact.denominator)
    return [f for f in ((above, False), (below, True)) if builder.known(f[0]) != 1] + others


def is_decimal(value: Fraction) -> bool:
    """Tell whether a number's shortest decimal notation is exact, so that it reads better than a fraction.

    >>> is_decimal(Fraction("0.1")), is_decimal(Fraction(1, 3))
    (True, False)
    """
    try:
        return Fraction(repr(float(value))) == value
    except (OverflowError, ValueError):
        return False


def _contract(builder: PlanBuilder, factors: list[Factor], keep: set[Index], order: Labels) -> Operand:
    """Contract what carries summed letters; what can do so without loss waits and joins the result."""
    ranges = builder.ranges(*(f[0] for f in factors))
    result = builder.size(r for i, r in ranges.items() if i in keep)
    waiting = [f for f in factors if keep.issuperset(f[0].labels) and (f[1] or _size(builder, f[0]) >= result)]
    scale = [f for f in factors if not f[0].labels and f not in waiting]
    arrays = [a for a, divides in factors if a.labels and not divides and (a, divides) not in waiting]
    for denominator in [a for a, divides in factors if divides and not keep.issuperset(a.labels)]:
        _divide_by(builder, arrays, denominator)
    if scale:
        smallest = min(range(len(arrays)), key=lambda k: _size(builder, arrays[k]))
        if _size(builder, arrays[smallest]) < result:
            arrays[smallest] = multiply_all(builder, [*scale, (arrays[smallest], False)])
            scale = []
    return multiply_all(builder, [*scale, (contract_all(builder, arrays, keep, order), False), *waiting], order)


def _divide_by(builder: PlanBuilder, arrays: list[Operand], denominator: Operand) -> None:
    """Divide an array that has the letters of the denominator; without one, its reciprocal is an operand."""
    holders = [k for k, a in enumerate(arrays) if set(denominator.labels) == set(a.labels)]
    if not holders:
        arrays.append(builder.pointwise("divide", (builder.number(1), denominator)))
        return
    arrays[holders[0]] = builder.pointwise("divide", (arrays[holders[0]], denominator))


def _size(builder: PlanBuilder, operand: Operand) -> int:
    return builder.size(builder.values[operand.value].ranges)
