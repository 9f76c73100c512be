"""Rules of the rulebook for conditions and the products that they mask.

What a condition masks stays masked: where it does not hold, no rule lets a value out that may be infinite.
"""

from __future__ import annotations

from collections.abc import Sequence

from einsgrad.calculus.rewriting import Rule, broadcast, is_number, is_zero, multiply, zero
from einsgrad.ir import build
from einsgrad.ir.conditions import MASK, is_condition, is_finite, is_mask
from einsgrad.ir.nodes import Apply, Delta, Derivative, Expr, Literal, Power, Product, Selector, Sum


def derivative_of_mask(node: Derivative) -> Expr | None:
    """``∂([c] u)/∂x_p = [c] ∂u/∂x_p``: a condition is constant. Ends: a derivative of a smaller expression."""
    if not is_mask(node.operand) or not isinstance(node.operand, Apply):
        return None
    condition, body = node.operand.args
    inner = build.derivative(broadcast(body, node.operand.free), node.wrt)
    return build.apply(MASK, [condition, inner])


def mask_of_nothing(node: Apply) -> Expr | None:
    """``[c] 0 = 0`` and ``[c] 1 = [c]``. Ends: one mask fewer."""
    if not is_mask(node):
        return None
    condition, body = node.args
    if is_zero(body):
        return zero(node.free)
    return condition if is_number(body, 1) else None


def finite_factors(node: Apply) -> Expr | None:
    """``[c] (2 δ_ip u) = 2 δ_ip [c] u``: numbers, deltas and one-tensors are finite and need no mask.

    Ends: fewer factors in the mask.
    """
    if not is_mask(node):
        return None
    condition, body = node.args
    factors, summed = (body.factors, body.summed) if isinstance(body, Product) else ((body,), ())
    outside = [f for f in factors if is_finite(f) and not set(f.free) & set(summed)]
    if not outside or (len(outside) == len(factors) and summed):
        return None
    rest = [f for f in factors if f not in outside]
    if any(i not in {i for f in rest for i in f.free} for i in summed):
        return None
    inner = build.apply(MASK, [condition, multiply(rest, summed)]) if rest else condition
    return broadcast(multiply([*outside, inner]), node.free)


def mask_of_terms(node: Apply) -> Expr | None:
    """``[c] u_i (δ_ip v + w_p) = [c] u_i δ_ip v + [c] u_i w_p``, so that deltas can leave the mask.

    Ends: one sum in a mask fewer, and the terms lose their deltas.
    """
    if not is_mask(node):
        return None
    condition, body = node.args
    factors, summed = (body.factors, body.summed) if isinstance(body, Product) else ((body,), ())
    for position, factor in enumerate(factors):
        if isinstance(factor, Sum) and any(map(_has_delta, factor.terms)):
            terms = [
                multiply([*factors[:position], broadcast(term, factor.free), *factors[position + 1 :]], summed)
                for term in factor.terms
            ]
            return build.add([build.apply(MASK, [condition, broadcast(term, node.free)]) for term in terms])
    return None


def _has_delta(term: Expr) -> bool:
    factors: Sequence[Expr] = term.factors if isinstance(term, Product) else (term,)
    return any(isinstance(f, Delta | Selector) for f in factors)


def condition_masks(node: Product) -> Expr | None:
    """``u [c] v = u ([c] v)``: a condition masks the factors that carry only its letters, or else all of them.

    Ends: one condition fewer that is a factor.
    """
    position = next((k for k, f in enumerate(node.factors) if is_condition(f)), None)
    if position is None:
        return None
    condition = node.factors[position]
    others = [f for k, f in enumerate(node.factors) if k != position]
    masks = [f for f in others if not is_finite(f)]
    masks = [f for f in masks if set(f.free) <= set(condition.free)] or masks
    if not masks:
        return None
    rest = [f for f in others if f not in masks]
    return multiply([*rest, build.apply(MASK, [condition, multiply(masks)])], node.summed)


def power_of_condition(node: Power) -> Expr | None:
    """``[c]^n = [c]`` for a number ``n > 0``. Ends: one power fewer."""
    positive = isinstance(node.exponent, Literal) and node.exponent.value > 0
    return node.base if positive and is_condition(node.base) else None


MASK_RULES = (
    Rule(Apply, "mask of a constant", mask_of_nothing),
    Rule(Apply, "what is finite needs no mask", finite_factors),
    Rule(Apply, "distribute", mask_of_terms),
    Rule(Product, "a condition masks its product", condition_masks),
    Rule(Power, "power of a condition", power_of_condition),
)
