"""Contraction: a product of arrays, summed, as a sequence of operations on pairs.

How each pair is computed is decided here. Where nothing is summed a pair is multiplied
element by element; otherwise it is a matrix product, or a dot product for each place of what both have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from einsgrad.ir.nodes import Index
from einsgrad.planner.interning import PlanBuilder
from einsgrad.planner.paths import find_path
from einsgrad.planner.plan import Labels, Operand

# Up to this many factors every pair is considered when element-wise factors are ordered.
_COMPARE_ALL = 16

Factor = tuple[Operand, bool]
"""An operand of a product, and whether it divides."""


def multiply_all(builder: PlanBuilder, factors: Sequence[Factor], order: Labels = ()) -> Operand:
    """Multiply and divide element by element.

    Pairs that have been computed before come first, then small ones, so that few passes are over large arrays.
    """
    left = list(factors) or [(builder.number(1), False)]
    if len(left) > _COMPARE_ALL:
        left.sort(key=lambda f: _size(builder, f[0]))
    while len(left) > 1:
        first, second = _cheapest_pair(builder, left)
        function, args, divides = _operation(left[first], left[second])
        left[first] = builder.pointwise(function, args, order), divides
        del left[second]
    operand, divides = left[0]
    return builder.pointwise("divide", (builder.number(1), operand), order) if divides else operand


def _operation(a: Factor, b: Factor) -> tuple[str, tuple[Operand, Operand], bool]:
    """Give the operation that merges two factors, and whether the result divides."""
    if a[1] == b[1]:
        return "multiply", (a[0], b[0]), a[1]
    return "divide", (b[0], a[0]) if a[1] else (a[0], b[0]), False


def _cheapest_pair(builder: PlanBuilder, factors: list[Factor]) -> tuple[int, int]:
    if len(factors) > _COMPARE_ALL:
        return 0, 1
    ranges = builder.ranges(*(f[0] for f in factors))

    def cost(pair: tuple[int, int]) -> tuple[bool, int, int]:
        a, b = factors[pair[0]], factors[pair[1]]
        function, args, _ = _operation(a, b)
        size = builder.size(ranges[i] for i in {*a[0].labels, *b[0].labels})
        return not builder.is_made(function, args), size, _size(builder, a[0]) + _size(builder, b[0])

    return min(((a, b) for b in range(len(factors)) for a in range(b)), key=cost)


def _size(builder: PlanBuilder, operand: Operand) -> int:
    return builder.size(builder.values[operand.value].ranges)


def contract_all(builder: PlanBuilder, operands: Sequence[Operand], keep: set[Index], order: Labels = ()) -> Operand:
    """Multiply arrays and sum over every letter that is not in ``keep``."""
    left = list(operands)
    waiting = Counter(i for operand in left for i in operand.labels)
    sizes = {letter: builder.size([r]) for letter, r in builder.ranges(*left).items()}
    for positions in find_path([o.labels for o in left], keep, sizes, builder.options):
        pair = [left.pop(k) for k in sorted(positions, reverse=True)][::-1]
        letters = [i for operand in pair for i in operand.labels]
        waiting.subtract(letters)
        left.append(contract_pair(builder, pair[0], pair[1], {i for i in letters if i in keep or waiting[i]}, order))
        waiting.update(left[-1].labels)
    (last,) = left
    return builder.reduce("sum", last, [i for i in last.labels if i not in keep])


def contract_pair(builder: PlanBuilder, a: Operand, b: Operand, keep: set[Index], order: Labels = ()) -> Operand:
    """Multiply two arrays and sum over every letter that is not in ``keep``."""
    a = builder.reduce("sum", a, [i for i in a.labels if i not in keep and i not in b.labels])
    b = builder.reduce("sum", b, [i for i in b.labels if i not in keep and i not in a.labels])
    summed = [i for i in a.labels if i in b.labels and i not in keep]
    if not summed:
        return builder.pointwise("multiply", (a, b), order)
    batch = tuple(i for i in a.labels if i in b.labels and i in keep)
    rows = tuple(i for i in a.labels if i not in b.labels)
    columns = tuple(i for i in b.labels if i not in a.labels)
    if _first_of(order, columns, rows):
        return builder.contract(b, a, batch + columns + rows)
    return builder.contract(a, b, batch + rows + columns)


def _first_of(order: Labels, columns: Labels, rows: Labels) -> bool:
    """Whether the wanted order has a column before the first row."""
    return next((i in columns for i in order if i in columns or i in rows), False) if rows and columns else False
