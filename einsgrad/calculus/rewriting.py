"""The rewriting engine: small named rules, applied from the leaves up until none of them fires.

A rule is a function from a node to its replacement, or ``None`` where it does not apply. Its docstring begins with its
mathematics and says why applying it again and again ends. Its name, or a reason that names the letters at hand, is what
a derivation prints beside the line that the rule leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from einsgrad.diagnostics import InternalError
from einsgrad.ir import build
from einsgrad.ir.derivation import Reason
from einsgrad.ir.nodes import Expr, Index, Literal, Product
from einsgrad.ir.traversal import children, rebuild, stackless

Rewrite: TypeAlias = Callable[[Any], Expr | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rewrite rule.

    Attributes:
        node: the type of node it applies to.
        name: what it is called in a derivation.
        rewrite: the rewrite.
        explain: the reason with the letters at hand, from the node before and after; nothing where a person would not
            give a line to it. If left out, the reason is the name.
    """

    node: type
    name: str
    rewrite: Rewrite
    explain: Callable[[Any, Expr], Reason] | None = None

    def reason(self, before: Expr, after: Expr) -> Reason:
        """Give what a derivation says about having rewritten ``before`` to ``after``."""
        return self.explain(before, after) if self.explain else (self.name,)


def tacit(before: Expr, after: Expr) -> Reason:
    """Give no reason: for rules that a person applies without a word."""
    return ()


class Rewriter:
    """A set of rules, applied in the order given, with the results kept for as long as it lives."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules: dict[type, list[Rule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.node, []).append(rule)
        self._memo: dict[Expr, Expr] = {}

    def __call__(self, node: Expr) -> Expr:
        """Give the form of ``node`` to which no rule applies."""
        return _normalise(node, self._rules, self._memo)

    def first(self, node: Expr) -> tuple[Rule, Expr] | None:
        """Give the first rule that applies to ``node`` itself, and what it makes of it; ``None`` if none applies."""
        return _first(node, self._rules)


class OutsideIn:
    """A set of rules that read whole forms: a node is rewritten before what is in it, and again when that changed."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules: dict[type, list[Rule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.node, []).append(rule)
        self._memo: dict[Expr, Expr] = {}

    def __call__(self, node: Expr) -> Expr:
        """Give the form of ``node`` to which no rule applies."""
        return _outside_in(node, self._rules, self._memo)


@stackless
def _outside_in(
    node: Expr, rules: dict[type, list[Rule]], memo: dict[Expr, Expr], steps: int = 0
) -> Generator[tuple[Any, ...], Any, Expr]:
    if node in memo:
        return memo[node]
    applied = _first(node, rules)
    if applied is None:
        below = []
        for child in children(node):
            below.append((yield child, rules, memo))
        new = rebuild(node, below)
    else:
        rule, new = applied
        if steps > _MOST_STEPS:
            raise InternalError(f"rewriting does not end; the last rule was `{rule.name}`")
    result = node if new is node else (yield new, rules, memo, steps + 1)
    memo[node] = memo[result] = result
    return result


# No expression needs as many steps in a row at one place, unless two rules undo each other.
_MOST_STEPS = 10_000


@stackless
def _normalise(
    node: Expr, rules: dict[type, list[Rule]], memo: dict[Expr, Expr], steps: int = 0
) -> Generator[tuple[Any, ...], Any, Expr]:
    if node in memo:
        return memo[node]
    below = []
    for child in children(node):
        below.append(memo[child] if child in memo else (yield child, rules, memo))
    current = rebuild(node, below)
    result = current
    applied = _first(current, rules)
    if applied is not None:
        rule, new = applied
        if steps > _MOST_STEPS:
            raise InternalError(f"rewriting does not end; the last rule was `{rule.name}`")
        result = yield new, rules, memo, steps + 1
    memo[node] = memo[current] = memo[result] = result
    return result


def _first(node: Expr, rules: dict[type, list[Rule]]) -> tuple[Rule, Expr] | None:
    for rule in rules.get(type(node), ()):
        new = rule.rewrite(node)
        if new is not None and new is not node:
            return rule, new
    return None


def zero(free: Sequence[Index]) -> Expr:
    """Make the zero that carries the indices ``free``."""
    return build.product([build.literal(0), build.one(free)]) if free else build.literal(0)


def is_zero(node: Expr) -> bool:
    """Tell whether a node is zero by its form: a number 0, or a product with one."""
    match node:
        case Literal(value=value):
            return value == 0
        case Product(factors=factors):
            return any(isinstance(f, Literal) and f.value == 0 for f in factors)
        case _:
            return False


def is_number(node: Expr, value: int) -> bool:
    """Tell whether a node is the given number."""
    return isinstance(node, Literal) and node.value == value


def broadcast(node: Expr, free: Sequence[Index]) -> Expr:
    """Multiply ``node`` by the one-tensor of those indices of ``free`` that it doesn't carry."""
    missing = [i for i in free if i not in node.free]
    return build.product([build.one(missing), node]) if missing else node


def multiply(factors: Sequence[Expr], summed: Sequence[Index] = ()) -> Expr:
    """Make a product, or the factor itself where there is one and nothing is summed; 1 where there is none."""
    if not factors:
        return build.literal(1)
    if len(factors) == 1 and not summed:
        return factors[0]
    return build.product(factors, summed)


def total(terms: Sequence[Expr], free: Sequence[Index]) -> Expr:
    """Make a sum that carries the indices ``free``, or the term itself where there is one; zero where there is none."""
    if not terms:
        return zero(free)
    if len(terms) == 1 or not any(t.free for t in terms):
        terms = [broadcast(terms[0], free), *terms[1:]]
    return terms[0] if len(terms) == 1 else build.add(terms)
