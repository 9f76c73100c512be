"""Conditions: brackets that are one where they hold and zero elsewhere, and the products that they mask.

A condition is a comparison, or several joined by *and* and *or*, applied element by element like a function; what it
compares are expressions, and a letter stands for its position. ``[c] u v`` is the mask of ``c`` over the product of
``u`` and ``v``: where ``c`` does not hold it is zero, whatever the product would be there.
"""

from __future__ import annotations

from collections.abc import Sequence

from einsgrad.ir import build
from einsgrad.ir.nodes import Apply, Delta, Expr, Iota, Literal, One, Product, Selector, Size

COMPARISONS = ("<", "<=", "==", "!=")
AND, OR = "&", "|"
SIGNS = (*COMPARISONS, AND, OR)
"""The functions that are conditions: zero or one, and constant in derivatives."""
MASK = "[]"
"""The function of a condition and an expression: the expression where the condition holds, else zero."""

_OPPOSITES = {"==": "!=", "!=": "==", AND: OR, OR: AND}


def opposite(sign: str) -> tuple[str, bool]:
    """Give the condition that holds where another does not, and whether its sides are exchanged.

    >>> opposite("<"), opposite("!=")
    (('<=', True), ('==', False))
    """
    if sign in _OPPOSITES:
        return _OPPOSITES[sign], False
    return ("<=" if sign == "<" else "<"), True


def is_condition(node: Expr) -> bool:
    """Tell whether a node is a condition that masks the product around it."""
    return isinstance(node, Apply) and node.function in SIGNS


def is_mask(node: Expr) -> bool:
    """Tell whether a node is a condition over an expression."""
    return isinstance(node, Apply) and node.function == MASK


def is_finite(node: Expr) -> bool:
    """Tell whether a factor is finite by its kind, and so needs no mask."""
    return isinstance(node, Literal | Size | Delta | Selector | One)


def masked(factors: Sequence[Expr]) -> list[Expr]:
    """Give the factors of a product with one mask for the conditions among them, over all but leading numbers.

    Where there is nothing but what is finite by its kind, nothing is to be masked.

    >>> x, c = build.tensor("x"), build.apply("<", [build.literal(0), build.tensor("y")])
    >>> two, mask = masked([build.literal(2), c, x])
    >>> mask.function, mask.args == (c, x)
    ('[]', True)
    """
    conditions = [f for f in factors if is_condition(f)]
    rest = [f for f in factors if not is_condition(f)]
    if not conditions or (len(conditions) == 1 and all(map(is_finite, rest))):
        return list(factors)
    numbers = 0
    while numbers < len(rest) and isinstance(rest[numbers], Literal):
        numbers += 1
    inner = rest[numbers:]
    body = conditions.pop() if not inner else inner[0] if len(inner) == 1 else build.product(inner)
    for condition in reversed(conditions):
        body = build.apply(MASK, [condition, body])
    return [*rest[:numbers], body]


def written(node: Expr) -> Product:
    """Give the product that a mask, or a product, is written as: the condition is one of its factors.

    >>> x, c = build.tensor("x"), build.apply("<", [build.literal(0), build.tensor("y")])
    >>> written(build.apply(MASK, [c, x])).factors == (c, x)
    True
    """
    if isinstance(node, Product):
        *numbers, last = node.factors
        if is_mask(last) and all(isinstance(f, Literal) for f in numbers):
            return build.product([*numbers, *_written(last)], node.summed)
        return node
    return build.product(_written(node))


def _written(node: Expr) -> list[Expr]:
    """Give the factors that a mask, or what it masks, is written as."""
    found: list[Expr] = []
    while isinstance(node, Apply) and node.function == MASK:
        condition, node = node.args
        found.append(condition)
    if not isinstance(node, Product) or node.summed or isinstance(node.factors[0], Literal):
        return [*found, node]
    if any(is_condition(f) or is_mask(f) for f in node.factors):
        return [*found, node]
    return [*found, *node.factors]


def compare(sign: str, left: Expr, right: Expr) -> Expr:
    """Make a condition; that two letters stand for one position is a delta."""
    if sign == "==" and isinstance(left, Iota) and isinstance(right, Iota):
        return build.delta(left.index, right.index)
    return build.apply(sign, [left, right])


def comparison(node: Expr) -> tuple[Expr, str, Expr]:
    """Give the sides that a condition compares, and the sign between them; a number stands on the right.

    >>> x = build.tensor("x")
    >>> comparison(build.apply("<", [build.literal(0), x])) == (x, ">", build.literal(0))
    True
    """
    match node:
        case Apply(function="<" | "<=" as sign, args=(Literal() as number, other)):
            return other, sign.replace("<", ">"), number
        case Apply(function=sign, args=(left, right)) if sign in COMPARISONS:
            return left, sign, right
        case Delta(indices=(i, j)):
            return build.iota(i), "==", build.iota(j)
        case _:
            return node, "!=", build.literal(0)
