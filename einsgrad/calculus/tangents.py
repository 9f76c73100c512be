"""Tangents: one tangent equation an equation, for a direction in which some tensors move.

Before: the equations of a differentiator, adjoint equations among them or not. After: for each equation on the way from
the moving tensors to the wanted ones, another that says how fast its tensor moves. With ``x_ij + τ dx_ij`` in place of
``x_ij`` that is ``∂u_ij/∂τ``, by the rules of every other derivative: as a tensor of an earlier equation has a tangent
with a name, no Jacobian occurs. Tangents of the equations of a gradient make products with the Hessian.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from einsgrad.calculus.derivative_rules import derivative_rules
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.calculus.factoring import factor_terms
from einsgrad.calculus.rewriting import Rewriter, is_zero
from einsgrad.calculus.simplify import SIMPLIFICATION
from einsgrad.ir import build
from einsgrad.ir.nodes import Expr, Gather, Tensor

# No tensor has an empty name.
_PARAMETER = build.tensor("")


def define_tangents(
    differentiator: Differentiator,
    along: Mapping[str, str],
    wanted: Iterable[str],
    called: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Define the tangents of some tensors, and those of tensors on the way to them.

    Args:
        differentiator: the equations, to which those of the tangents are added.
        along: the tangent of each tensor that moves by itself: other equations may define that tensor, and its tangent.
        wanted: the tensors whose tangents are wanted, those that don't move included.
        called: how their tangents are to be called; ``du`` for a tensor ``u`` if left out.

    Returns:
        The tangents of ``wanted``, by name.

    >>> from einsgrad.calculus.apart import rename_apart
    >>> from einsgrad.calculus.selection import select
    >>> from einsgrad.frontend.parser import parse_program
    >>> d = Differentiator(rename_apart(parse_program("u_i = a_ij x_j; y_i = sin(u_i)")))
    >>> tangents = define_tangents(d, {"x": "dx"}, ["y"])
    >>> print(select(d, list(tangents.values())), end="")
    u_i = a_ij x_j
    du_i = a_ij dx_j
    dy_i = cos(u_i) du_i
    """
    wishes, results = called or {}, dict.fromkeys(wanted, "")
    differentiator.reserve([*along.values(), *wishes.values()])
    moving = dict(along)
    tangent = along_direction(moving)
    dependence = differentiator.dependence
    on_the_way = dependence.on_any(along) & dependence.of(results)
    for d in list(differentiator.definitions.values()):
        if d.name in along or not (d.name in results or d.name in on_the_way):
            continue
        rhs = factor_terms(tangent(d.rhs), differentiator.total)
        if is_zero(rhs) and d.name not in results:
            continue
        name = wishes.get(d.name) or differentiator.new_name(f"d{d.name.replace('∂', 'd')}")
        differentiator.define(name, d.indices, rhs)
        moving[d.name] = name
    return {name: moving[name] for name in results}


def along_direction(moving: Mapping[str, str]) -> Callable[[Expr], Expr]:
    """Give the operator ``∂/∂τ`` where the tensors ``moving``, and no others, depend on ``τ``: each by its tangent."""

    def tangent(operand: Tensor | Gather, parameter: Tensor) -> Expr:
        if isinstance(operand, Gather):
            return build.gather(moving[operand.operand.name], operand.subscripts)
        return build.tensor(moving[operand.name], operand.indices)

    rewrite = Rewriter((*derivative_rules(lambda parameter: moving.keys(), tangent), *SIMPLIFICATION))
    return lambda node: rewrite(build.derivative(node, _PARAMETER))
