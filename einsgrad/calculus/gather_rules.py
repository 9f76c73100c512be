"""Rules for selectors ``δ_{p,t_b}``, and for the components ``e_{t_b,j}`` that they pick.

The positions ``t`` are data: nothing is differentiated by them, and they are constant in every derivative.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, assert_never

from einsgrad.calculus.rewriting import Rule, multiply
from einsgrad.ir import build
from einsgrad.ir.derivation import Reason
from einsgrad.ir.letters import fresh, substituted
from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import (
    Affine,
    Apply,
    Delta,
    Derivative,
    Expr,
    Gather,
    Index,
    Iota,
    Literal,
    MatrixFunction,
    One,
    Position,
    Power,
    Product,
    Reduction,
    Selector,
    Size,
    Subscript,
    Sum,
    Tensor,
)
from einsgrad.ir.traversal import children, letters, rebuild, stackless


def selection(node: Product) -> Expr | None:
    """``δ_{p,t_b} x_pj = x_{t_b,j}``: a summed index of a selector is replaced by the position, and the selector goes.

    The components with ``p ≠ t_b`` contribute nothing. If nothing else carries ``p``, ``1_b`` is left. Ends: one
    selector fewer.
    """
    found = _selection(node)
    return found[1] if found else None


def _selection(node: Product) -> tuple[Selector, Expr] | None:
    """Give the first selector that can be substituted, and the product without it."""
    for place, factor in enumerate(node.factors):
        if isinstance(factor, Selector) and factor.index in node.summed and factor.index not in factor.position.free:
            rest = []
            for other in (*node.factors[:place], *node.factors[place + 1 :]):
                picked = pick(other, factor.index, factor.position)
                if picked is None:
                    break
                rest.append(picked)
            else:
                missing = [i for i in factor.position.free if not any(i in f.free for f in rest)]
                rest += [build.one(missing)] if missing else []
                return factor, multiply(rest, [i for i in node.summed if i != factor.index])
    return None


def _replacement(before: Product, after: Expr) -> Reason:
    found = _selection(before)
    assert found is not None
    position = found[0].position
    return found[0], ": ", found[0].index, " → ", str(position) if isinstance(position, Affine) else position


@stackless
def pick(node: Expr, index: Index, position: Position) -> Generator[tuple[Any, ...], Any, Expr | None]:
    """Give ``node`` with its free ``index`` replaced by ``position``; ``None`` where that can't be written.

    The indices of a gradient ``∂l/∂x_p`` say what it is by, and are letters.

    >>> i, b = Index("i"), Index("b")
    >>> from einsgrad.ir.printer import print_expression
    >>> print_expression(pick(build.tensor("x", [i, i]), i, build.tensor("t", [b])))
    'x_{t_b,t_b}'
    """
    if index not in node.free:
        return node
    match node:
        case Tensor(name=name) if split_gradient_name(name):
            return None
        case Tensor(name=name, indices=indices):
            return build.gather(name, [position if i == index else i for i in indices])
        case Gather(operand=operand, subscripts=subscripts):
            moved = [_moved(s, index, position) for s in subscripts]
            return None if None in moved else build.gather(operand.name, [s for s in moved if s is not None])
        case Delta(indices=(i, j)):
            return None if i == j else build.selector(j if i == index else i, position)
        case One(indices=indices):
            left = list(dict.fromkeys([*(i for i in indices if i != index), *position.free]))
            return build.one(left) if left else build.literal(1)
        case Iota() | Selector() | MatrixFunction():
            return None
        case Derivative(wrt=wrt) if {index, *position.free} & set(wrt.indices):
            return None
        case Product(summed=bound) | Reduction(over=bound) if set(position.free) & set(bound):
            return None
        case Product() | Reduction() | Sum() | Power() | Apply() | Derivative():
            below = []
            for child in children(node):
                picked = yield child, index, position
                if picked is None:
                    return None
                below.append(picked)
            return rebuild(node, below)
        case Literal() | Size():
            raise AssertionError("a number carries no index")
        case _:
            assert_never(node)


def _moved(subscript: Subscript, index: Index, position: Position) -> Subscript | None:
    """Give a subscript with ``index`` replaced by ``position``; ``None`` where that can't be written."""
    if isinstance(subscript, Index):
        return position if subscript is index else subscript
    if index not in subscript.free:
        return subscript
    if isinstance(subscript, Affine) and isinstance(position, Affine):
        return substituted(subscript, {index: position})
    return None


def gathered_itself(node: Derivative) -> Expr | None:
    """``∂x_{t_b,j}/∂x_pq = δ_{p,t_b} δ_jq``: components are independent of one another. Ends: one derivative fewer."""
    operand, wrt = node.operand, node.wrt
    if not isinstance(operand, Gather) or operand.operand.name != wrt.name:
        return None
    pairs = zip(operand.subscripts, wrt.indices, strict=True)
    return multiply([build.delta(s, p) if isinstance(s, Index) else build.selector(p, s) for s, p in pairs])


def unfolded(node: Gather, like: tuple[Index, ...]) -> Product:
    """Give ``e_{t_b,j}`` as ``δ_{p,t_b} e_pj``, with letters of the families ``like``.

    >>> from einsgrad.ir.printer import print_expression
    >>> b, i = Index("b"), Index("i")
    >>> print_expression(unfolded(build.gather("e", [build.tensor("t", [b])]), (i,)))
    "δ_{i',t_b} e_i'"
    """
    taken = letters(node)
    selectors: list[Selector | Delta] = []
    indices: list[Index] = []
    bound: list[Index] = []
    for subscript, family in zip(node.subscripts, like, strict=True):
        if isinstance(subscript, Index):
            indices.append(subscript)
            continue
        indices.append(fresh(taken, like=family))
        taken.add(indices[-1])
        bound.append(indices[-1])
        selectors.append(build.selector(indices[-1], subscript))
    return build.product([*selectors, build.tensor(node.operand.name, indices)], bound)


GATHER_RULES = (Rule(Product, "selection", selection, _replacement),)
