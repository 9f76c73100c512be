"""Trace: the lines that lead from an expression to its normal form under a rewriter's rules.

Before: an expression and a rewriter. After: the expressions on the way, each with the reason why it is equal to the one
before; the last is the rewriter's result. The rewriter works from the leaves up: a rule applies to a node once none
applies below it. Nodes to which a rule applies that way lie beside one another, so they may be rewritten in any order
without changing the result, and a line takes together what a person would: one rule, wherever it applies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from einsgrad.calculus.rewriting import Rewriter, Rule
from einsgrad.ir.derivation import Reason, Step, join_reasons
from einsgrad.ir.letters import separate_expression
from einsgrad.ir.nodes import Expr
from einsgrad.ir.traversal import children, postorder, rebuild

# A line that takes together more different reasons than this gives the name of the rule.
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class _Redex:
    """A node to which a rule applies, and to none below it."""

    node: Expr
    rule: Rule
    after: Expr


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
    known: dict[Expr, tuple[Rule, Expr] | None] = {}
    current = start
    steps: list[Step] = []
    while redexes := _redexes(current, rewriter, known):
        chosen = min(redexes, key=lambda r: (not r.rule.is_tacit, rank.get(r.rule.name, len(rank)))).rule.name
        fired = [r for r in redexes if r.rule.name == chosen]
        current = _replace(current, {r.node: r.after for r in fired})
        if not fired[0].rule.is_tacit:
            steps.append(Step(current, _reasons(fired)))
        elif steps:
            steps[-1] = Step(current, steps[-1].reason)
        else:
            steps.append(Step(current, ("simplify",)))
    return _shown(start, steps)


def _redexes(root: Expr, rewriter: Rewriter, known: dict[Expr, tuple[Rule, Expr] | None]) -> list[_Redex]:
    """Give the nodes below which nothing applies, and to which a rule does, in order of appearance."""
    settled: set[Expr] = set()
    found = []
    for node in postorder(root):
        if not all(child in settled for child in children(node)):
            continue
        if node not in known:
            known[node] = rewriter.first(node)
        applied = known[node]
        if applied is None:
            settled.add(node)
        else:
            found.append(_Redex(node, *applied))
    return found


def _replace(root: Expr, new: dict[Expr, Expr]) -> Expr:
    done: dict[Expr, Expr] = {}
    for node in postorder(root):
        done[node] = new[node] if node in new else rebuild(node, [done[child] for child in children(node)])
    return done[root]


def _reasons(fired: Sequence[_Redex]) -> Reason:
    reasons = list(dict.fromkeys(r.rule.reason(r.node, r.after) for r in fired))
    return join_reasons(reasons) if len(reasons) <= _MOST_REASONS else (fired[0].rule.name,)


def _shown(start: Expr, steps: Sequence[Step]) -> list[Step]:
    """Give the lines that differ from the line before for a reader, whose letters keep bound indices apart."""
    shown: list[Step] = []
    before = separate_expression(start)
    for step in steps:
        expr = separate_expression(step.expr)
        if expr is not before:
            shown.append(Step(expr, step.reason))
        before = expr
    return shown
