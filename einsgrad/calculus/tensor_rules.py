"""Rules of the rulebook for Kronecker deltas and one-tensors, and for products inside products.

They apply to a product, which knows the indices it sums. Each makes the product shorter or its tensors fewer.
"""

from __future__ import annotations

from collections.abc import Sequence

from einsgrad.calculus.gather_rules import GATHER_RULES
from einsgrad.calculus.rewriting import Rule, broadcast, is_number, multiply, tacit
from einsgrad.ir import build
from einsgrad.ir.conditions import written
from einsgrad.ir.convention import Reading, by_index, read, use_of
from einsgrad.ir.derivation import Reason, join_reasons
from einsgrad.ir.letters import fresh, rename_each, root
from einsgrad.ir.nodes import Delta, Expr, Index, Literal, One, Power, Product, Selector, Sum
from einsgrad.ir.traversal import letters, tensors


def merge_products(node: Product) -> Expr | None:
    """``a (b c) = a b c``: multiplication is associative, and a sum inside may be taken outside.

    A letter that the inner product sums is renamed where it stands in the other factors. Ends: one product fewer.
    """
    if not any(isinstance(f, Product) for f in node.factors):
        return None
    factors: list[Expr] = []
    summed = list(node.summed)
    taken = {*node.free, *node.summed}
    for factor in node.factors:
        if not isinstance(factor, Product):
            factors.append(factor)
            continue
        clash: dict[Index, Index] = {}
        for index in factor.summed:
            if index in taken:
                clash[index] = fresh(taken | letters(factor) | set(clash.values()), like=index)
        factors += rename_each(factor.factors, clash)
        bound = [clash.get(i, i) for i in factor.summed]
        summed += bound
        taken.update(bound)
    return multiply(factors, summed)


def delta_trace(node: Product) -> Expr | None:
    """``δ_ii = 1_i``, which sums to ``|i|``. Ends: one delta fewer."""
    for position, factor in enumerate(node.factors):
        if isinstance(factor, Delta) and factor.indices[0] == factor.indices[1]:
            one = build.one(factor.free)
            return multiply([*node.factors[:position], one, *node.factors[position + 1 :]], node.summed)
    return None


def delta_substitution(node: Product) -> Expr | None:
    """``δ_ki a_ij = a_kj``: a summed index of a delta is replaced by the delta's other index, and the delta goes.

    The components with ``i ≠ k`` contribute nothing. If nothing else carries the indices, ``δ_ik 1 = 1_k`` is left.
    Ends: one delta fewer.
    """
    found = _substitution(node)
    if found is None:
        return None
    position, old, new = found
    rest = rename_each((*node.factors[:position], *node.factors[position + 1 :]), {old: new})
    if not any(new in f.free for f in rest):
        rest.append(build.one([new]))
    return multiply(rest, [s for s in node.summed if s != old])


def _substitution(node: Product) -> tuple[int, Index, Index] | None:
    """Give the position of the first delta with a summed index, that index, and the other one."""
    for position, factor in enumerate(node.factors):
        if isinstance(factor, Delta):
            i, j = factor.indices
            old, new = (i, j) if i in node.summed else (j, i)
            if old in node.summed:
                return position, old, new
    return None


def delta_ties(node: Product) -> Expr | None:
    """``δ_pq x_q = δ_pq x_p``: beside a delta of two free indices, other factors carry the first; an equal delta goes.

    Ends: the other factors lose the second index for good, or there is one delta fewer.
    """
    found = _tie(node)
    if found is None:
        return None
    position, old, new = found
    kept = rename_each((*node.factors[:position], *node.factors[position + 1 :]), {old: new})
    return multiply([*kept[:position], node.factors[position], *kept[position:]], node.summed)


def _tie(node: Product) -> tuple[int, Index, Index] | None:
    """Give the position of the first delta whose second index other factors carry, that index, and the first one."""
    for position, factor in enumerate(node.factors):
        if isinstance(factor, Delta):
            i, j = factor.indices
            others = (*node.factors[:position], *node.factors[position + 1 :])
            if any(j in f.free and not (isinstance(f, Delta) and i not in f.free) for f in others):
                return position, j, i
    return None


def _replacement(before: Product, after: Expr) -> Reason:
    found = _substitution(before) or _tie(before)
    assert found is not None
    position, old, new = found
    return before.factors[position], ": ", old, " → ", new


def _trace(before: Product, after: Expr) -> Reason:
    delta = next(f for f in before.factors if isinstance(f, Delta) and f.indices[0] == f.indices[1])
    return delta, " = ", build.one(delta.free)


def drop_ones(node: Product) -> Expr | None:
    """``1_ij b_ij c_j = b_ij c_j``, ``1_i 1_j = 1_ij``, ``1_n 1_n = |n|``: only those one-tensors stay that are needed.

    A free index needs a one-tensor if no other factor carries it; a summed index if the sum could not be read without.
    An index that only one-tensors carry and that is summed contributes its size. Ends: the result has the one
    one-tensor it needs, in front, and is its own result.
    """
    rest = [f for f in node.factors if not isinstance(f, One)]
    carriers = by_index(rest)
    needed = [i for i in node.free if i not in carriers]
    sizes = [i for i in node.summed if i not in carriers]
    summed = [i for i in node.summed if i in carriers]
    shown = by_index(written(build.product(rest)).factors if rest else ())
    needed += [i for i in summed if read([use_of(f, i, False) for f in shown[i]], False) is not Reading.SUM]
    ones = [build.one(sorted(needed))] if needed else []
    result = multiply([*(build.size(root(i)) for i in sizes), *_after_numbers(rest, ones)], summed)
    return None if result is node else result


def _ones_gone(before: Product, after: Expr) -> Reason:
    """Say what has become of the one-tensors: counted, dropped beside what carries their indices, or put in front."""
    ones = list(dict.fromkeys(i for f in before.factors if isinstance(f, One) for i in f.free))
    left = after.factors if isinstance(after, Product) else (after,)
    kept = {i for f in left if isinstance(f, One) for i in f.free}
    parts: list[Reason] = []
    for index in ones:
        if index in kept:
            continue
        one = build.one([index])
        carriers = [f for f in before.factors if index in f.free and not isinstance(f, One)]
        if carriers:
            carrier = next((build.tensor(t.name) for t in tensors(*carriers) if index in t.free), "another factor")
            parts.append((one, " dropped: ", carrier, " carries ", index))
        else:
            count = sum(index in f.free for f in before.factors)
            parts.append((build.product([one] * count, [index]), " = ", build.size(root(index))))
    parts += [("sum over ", index) for index in sorted(kept - set(ones))]
    return join_reasons(parts)


def _after_numbers(rest: Sequence[Expr], ones: Sequence[Expr]) -> list[Expr]:
    """Put the one-tensor after the scalars, and before the divisors, which stand last."""
    start = next((k for k, f in enumerate(rest) if f.free or _is_divisor(f)), len(rest))
    return [*rest[:start], *ones, *rest[start:]]


def _is_divisor(node: Expr) -> bool:
    return isinstance(node, Power) and is_number(node.exponent, -1)


def power_of_one(node: Power) -> Expr | None:
    """``(1_i)^a = 1_i`` and ``(δ_ij)^n = δ_ij`` for a number ``n > 0``. Ends: one power fewer."""
    positive = isinstance(node.exponent, Literal) and node.exponent.value > 0
    if isinstance(node.base, One) or (isinstance(node.base, Delta | Selector) and positive):
        return broadcast(node.base, node.free)
    return None


def distribute_deltas(node: Product) -> Expr | None:
    """``a_i (δ_ip b + c_ip) = a_i δ_ip b + a_i c_ip`` where a summed index stands on a delta inside the sum.

    So that the delta can be substituted; other brackets stay as the author wrote them. Each term keeps the same free
    indices, as the rulebook asks. Ends: one sum inside a product fewer, and the terms lose their deltas.
    """
    for position, factor in enumerate(node.factors):
        if not isinstance(factor, Sum) or not any(_ties(term, node.summed) for term in factor.terms):
            continue
        terms = []
        for term in factor.terms:
            factors = [*node.factors[:position], broadcast(term, factor.free), *node.factors[position + 1 :]]
            terms.append(multiply(factors, node.summed))
        return build.add(terms)
    return None


def _ties(term: Expr, summed: Sequence[Index]) -> bool:
    factors = term.factors if isinstance(term, Product) else (term,)
    return any(
        (isinstance(f, Delta) and (f.indices[0] in summed or f.indices[1] in summed))
        or (isinstance(f, Selector) and f.index in summed)
        for f in factors
    )


TENSOR_RULES = (
    Rule(Product, "associativity", merge_products, tacit),
    Rule(Product, "distribute", distribute_deltas),
    Rule(Product, "δ_ii = 1_i", delta_trace, _trace),
    Rule(Product, "delta substitution", delta_substitution, _replacement),
    Rule(Product, "delta substitution", delta_ties, _replacement),
    *GATHER_RULES,
    Rule(Power, "power of one", power_of_one),
)


def scalar_terms(node: Sum) -> Expr | None:
    """``a_i + 2 1_i = a_i + 2``: a sum broadcasts a scalar term by itself. Ends: fewer one-tensors."""
    terms = [_without_ones(t) for t in node.terms]
    if terms == list(node.terms) or not any(t.free for t in terms):
        return None
    return build.add(terms)


def _without_ones(term: Expr) -> Expr:
    if isinstance(term, One):
        return build.literal(1)
    if isinstance(term, Product) and not term.summed:
        rest = [f for f in term.factors if not isinstance(f, One)]
        if rest and not any(f.free for f in rest):
            return multiply(rest)
    return term


ONE_RULES = (Rule(Product, "one-tensors", drop_ones, _ones_gone),)
BROADCAST_RULES = (Rule(Sum, "scalar terms", scalar_terms),)
