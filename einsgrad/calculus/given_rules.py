"""What is given simplifies gradients: a rule for each kind of fact.

Before: gradients that are derived. After: the same at all arrays that obey the facts. Each component is still
differentiated by itself, so facts are used only once nothing is left to differentiate, and never on the equations of
the text: ``A_ij x_i y_j + A_ji x_i y_j`` has another gradient than ``2 A_ij x_i y_j``. What is defined has the
symmetries that its equation shows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from einsgrad.calculus.algebra_rules import collect_equal_terms, split_power
from einsgrad.calculus.canonical import Symmetries, canonical_key
from einsgrad.calculus.differentiate import Differentiator, Event, Restated
from einsgrad.calculus.factoring import factor_terms
from einsgrad.calculus.rewriting import Rewriter, Rule, broadcast, multiply
from einsgrad.calculus.simplify import SIMPLIFICATION
from einsgrad.ir import build
from einsgrad.ir.derivation import Reason, join_reasons
from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.given import Bound, Given, Orthogonal, Symmetry, Total, kind_of
from einsgrad.ir.letters import rename
from einsgrad.ir.nodes import Apply, Expr, Index, One, Product, Sum, Tensor
from einsgrad.ir.traversal import postorder

_MOST_AXES = 6
"""Of a tensor of more axes no symmetry is looked for."""


def use_given(differentiator: Differentiator, observe: Callable[[Differentiator, Event], None] | None = None) -> None:
    """Simplify the equations that a differentiator has added to those of the text by what the text gives."""
    program = differentiator.program
    if not program.facts:
        return
    facts = list(program.facts)
    plain = Rewriter(SIMPLIFICATION)
    for d in list(differentiator.definitions.values()):
        given = Given.of(facts)
        if d.name not in program.by_name:
            simplify = Rewriter((*given_rules(given), *SIMPLIFICATION))
            new = simplify(d.rhs)
            if new is not plain(d.rhs):
                if observe:
                    observe(differentiator, Restated(build.tensor(d.name, d.indices), d.rhs, simplify))
                differentiator.define(d.name, d.indices, factor_terms(new, simplify))
        facts += _symmetries_of(differentiator.definitions[d.name], _even(given))


def _symmetries_of(d: Definition, symmetries: Symmetries) -> Iterator[Claim]:
    """Yield the swaps of axes, one pair or two at once, that leave a defined tensor what it is."""
    if not 2 <= len(d.indices) <= _MOST_AXES:
        return
    key = canonical_key(d.rhs, symmetries)
    pairs = list(itertools.combinations(d.indices, 2))
    for swaps in (*((pair,) for pair in pairs), *itertools.combinations(pairs, 2)):
        swapped = {i: j for a, b in swaps for i, j in ((a, b), (b, a))}
        if len(swapped) == 2 * len(swaps) and canonical_key(rename(d.rhs, swapped), symmetries) == key:
            other = build.tensor(d.name, [swapped.get(i, i) for i in d.indices])
            yield Claim(build.tensor(d.name, d.indices), other, d.indices)


def given_rules(given: Given) -> Iterator[Rule]:
    """Yield the rules for some facts."""
    symmetric: list[Claim] = []
    for fact in given.facts:
        match kind_of(fact):
            case Symmetry():
                symmetric.append(fact)
            case Total() as total:
                yield Rule(Product, "a sum that is given", partial(sum_given, total), _saying(fact))
            case Orthogonal() as orthogonal:
                yield Rule(Product, "an orthogonal matrix", partial(orthogonality, orthogonal), _saying(fact))
            case Bound() as bound:
                yield Rule(Apply, "a sign that is given", partial(sign_given, bound), _saying(fact))
            case None:
                pass
    if symmetric:
        collect = partial(collect_equal_terms, key=partial(canonical_key, symmetries=_even(given)))
        yield Rule(Sum, "a symmetry that is given", collect, partial(_symmetries, symmetric))


def _even(given: Given) -> Symmetries:
    """Give the orders of axes that leave tensors what they are, without those that change the sign."""
    return {name: [order for order, sign in orders.items() if sign > 0] for name, orders in given.symmetries.items()}


def _saying(fact: Claim) -> Callable[[Expr, Expr], Reason]:
    return lambda before, after: _stated(fact)


def _stated(fact: Claim) -> Reason:
    return fact.lhs, " = " if fact.relation == "==" else f" {fact.relation} ", fact.rhs


def _symmetries(facts: Sequence[Claim], before: Sum, after: Expr) -> Reason:
    """Name the symmetries of the tensors in the terms that have become one."""
    left = set(after.terms) if isinstance(after, Sum) else {after}
    merged = [term for term in before.terms if term not in left]
    names = {node.name for node in postorder(*merged) if isinstance(node, Tensor)}
    used = [fact for fact in facts if isinstance(fact.lhs, Tensor) and fact.lhs.name in names]
    return join_reasons(map(_stated, used)) if used else ("equal terms",)


def sum_given(total: Total, node: Product) -> Expr | None:
    """``1_c t_bc = 1_b`` where that is given and nothing else carries ``c``. Ends: one tensor fewer."""
    for factor in node.factors:
        if not isinstance(factor, Tensor) or factor.name != total.name:
            continue
        over = [factor.indices[axis] for axis in total.axes]
        left = [i for axis, i in enumerate(factor.indices) if axis not in total.axes]
        if len(set(over)) < len(over) or not set(left).isdisjoint(over):
            continue
        if _is_summed_alone(node, over, [factor]):
            value = broadcast(build.literal(total.value), left)
            return _without(node, [factor], over, [value])
    return None


def orthogonality(fact: Orthogonal, node: Product) -> Expr | None:
    """``q_ki q_kj = δ_ij``, ``q_ki^2 = 1_i`` where nothing else carries ``k``. Ends: two tensors fewer."""
    for k in node.summed:
        carriers = [f for f in node.factors if k in f.free and not isinstance(f, One)]
        ends: list[Index] = []
        for carrier in carriers:
            base, times = split_power(carrier)
            if (
                times not in (1, 2)
                or not isinstance(base, Tensor)
                or base.name != fact.name
                or base.indices[fact.summed] != k
            ):
                break
            ends += [base.indices[1 - fact.summed]] * int(times)
        else:
            if len(ends) == 2 and k not in ends:
                i, j = ends
                return _without(node, carriers, [k], [build.one([i]) if i == j else build.delta(i, j)])
    return None


def sign_given(bound: Bound, node: Apply) -> Expr | None:
    """``abs(s) = s`` where ``s >= 0`` is given, and ``sign(s) = 1`` where ``s > 0``. Ends: one function fewer."""
    match node:
        case Apply(function="abs", args=(Tensor(name=bound.name) as tensor,)):
            return tensor
        case Apply(function="sign", args=(Tensor(name=bound.name),)) if bound.strict:
            return broadcast(build.literal(1), node.free)
        case _:
            return None


def _is_summed_alone(node: Product, over: Sequence[Index], factors: Sequence[Expr]) -> bool:
    """Tell whether letters are summed, and nothing carries them but some factors and one-tensors."""
    others = [f for f in node.factors if f not in factors and not isinstance(f, One)]
    times = sum(f in factors for f in node.factors)
    return times == len(factors) and set(over) <= set(node.summed) and not any(set(over) & set(f.free) for f in others)


def _without(node: Product, factors: Sequence[Expr], over: Sequence[Index], instead: Sequence[Expr]) -> Expr:
    """Give a product without some factors, and the letters that only they and one-tensors carry."""
    kept: list[Expr] = []
    for factor in node.factors:
        if isinstance(factor, One):
            left = [i for i in factor.indices if i not in over]
            kept += [build.one(left)] if left else []
        elif factor not in factors:
            kept.append(factor)
    return multiply([*kept, *instead], [i for i in node.summed if i not in over])
