"""Trace: the lines that lead from an expression to its normal form under a rewriter's rules.

Before: an expression and a rewriter. After: the expressions on the way, each with the reason why it is equal to the one
before; the last is the rewriter's result. The rewriter works from the leaves up: a rule applies to a node once none
applies below it. Nodes to which a rule applies that way lie beside one another, so they may be rewritten in any order
without changing the result, and a line takes together what a person would: one rule, wherever it applies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from einsgrad.calculus.algebra_rules import fold_numbers, merge_sums
from einsgrad.calculus.rewriting import Rewriter, Rule
from einsgrad.calculus.tensor_rules import merge_products
from einsgrad.ir.derivation import Reason, Step, join_reasons
from einsgrad.ir.letters import separate_expression
from einsgrad.ir.nodes import Expr, Product, Sum
from einsgrad.ir.traversal import children, postorder, rebuild

# A line that takes together more different reasons than this gives the name of the rule.
_MOST_REASONS = 3
_TIDYING = (
    Rule(Product, "associativity", merge_products),
    Rule(Product, "numbers", fold_numbers),
    Rule(Sum, "associativity", merge_sums),
)


@dataclass(frozen=True, slots=True)
class _Redex:
    """A node to which a rule applies, and to none below it."""

    node: Expr
    rule: Rule
    after: Expr
    reason: Reason


def trace(start: Expr, rewriter: Rewriter, order: Sequence[str]) -> list[Step]:
    """Give the lines from ``start`` to ``rewriter(start)``, without ``start`` itself.

    Args:
        start: the expression.
        rewriter: whose rules to apply.
        order: names of rules, those to be shown first before others where several could come next.

    >>> from einsgrad.calculus.simplify import simplifier
    >>> from einsgrad.ir import build
    >>> from einsgrad.ir.nodes import Index
    >>> k, i, j = map(Index, "kij")
    >>> product = build.product([build.delta(k, i), build.tensor("a", [i, j])], [i])
    >>> [step.rule for step in trace(product, simplifier(), ())]
    ['δ_ki: i → k']
    """
    rank = {name: position for position, name in enumerate(order)}
    known: dict[Expr, _Redex | None] = {}
    current = start
    steps = [Step(start, ())]
    while redexes := _redexes(current, rewriter, known):
        chosen = min(redexes, key=lambda r: (bool(r.reason), rank.get(r.rule.name, len(rank))))
        fired = [r for r in redexes if r.rule is chosen.rule and bool(r.reason) == bool(chosen.reason)]
        current = _replace(current, {r.node: r.after for r in fired})
        if chosen.reason:
            steps.append(Step(current, _reasons(fired)))
        else:
            steps[-1] = Step(current, steps[-1].reason)
    return _shown(start, steps)


def _redexes(root: Expr, rewriter: Rewriter, known: dict[Expr, _Redex | None]) -> list[_Redex]:
    """Give the nodes below which nothing applies, and to which a rule does, in order of appearance."""
    settled: set[Expr] = set()
    found = []
    for node in postorder(root):
        if not all(child in settled for child in children(node)):
            continue
        if node not in known:
            applied = rewriter.first(node)
            known[node] = _Redex(node, *applied, applied[0].reason(node, applied[1])) if applied else None
        redex = known[node]
        if redex is None:
            settled.add(node)
        else:
            found.append(redex)
    return found


def _replace(root: Expr, new: dict[Expr, Expr]) -> Expr:
    done: dict[Expr, Expr] = {}
    for node in postorder(root):
        done[node] = new[node] if node in new else rebuild(node, [done[child] for child in children(node)])
    return done[root]


def _reasons(fired: Sequence[_Redex]) -> Reason:
    reasons = list(dict.fromkeys(r.reason for r in fired))
    return join_reasons(reasons) if len(reasons) <= _MOST_REASONS else (fired[0].rule.name,)


def _shown(start: Expr, steps: Sequence[Step]) -> list[Step]:
    """Give the lines that a reader would not take for the line before."""
    tidied = [tidy(step.expr) for step in steps]
    lines = zip(tidied, tidied[1:], steps[1:], strict=False)
    shown = [Step(expr, step.reason) for before, expr, step in lines if expr is not before]
    return shown if shown or tidied[-1] is tidy(start) else [Step(tidied[-1], ("rearranged",))]


def tidy(node: Expr) -> Expr:
    """Give an expression as it is shown: without brackets that do nothing, and with bound letters apart."""
    return separate_expression(Rewriter(_TIDYING)(node))
