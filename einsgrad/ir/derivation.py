"""A derivation: the lines from an equation to its gradients, each with the rule that leads to it.

Plain data over the nodes. The differentiator's trace makes it (:mod:`einsgrad.calculus.derivation`), and
:mod:`einsgrad.render` writes it down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from einsgrad.ir.equations import Definition
from einsgrad.ir.nodes import Expr, Index
from einsgrad.ir.printer import print_definition, print_expression
from einsgrad.ir.summary import counted

Reason: TypeAlias = tuple[str | Expr | Index, ...]
"""Why a line follows from the one before: words, and mathematics between them."""


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """A line: an expression that is equal to that of the line before it, and why.

    >>> from einsgrad.ir import build
    >>> Step(build.tensor("a", [Index("q"), Index("j")]), ("equal terms",))
    Step('a_qj', 'equal terms')
    """

    expr: Expr
    reason: Reason

    @property
    def rule(self) -> str:
        """The reason as plain text, for example ``"δ_kq: k → q"``."""
        return print_reason(self.reason)

    def __repr__(self) -> str:
        return f"Step({print_expression(self.expr)!r}, {self.rule!r})"


@dataclass(frozen=True, slots=True, repr=False)
class Chain:
    """The lines ``left = line = line = …``."""

    left: Expr
    steps: tuple[Step, ...]

    def __repr__(self) -> str:
        return f"Chain({print_expression(self.left)!r}, {counted(len(self.steps), 'step')})"


@dataclass(frozen=True, slots=True, repr=False)
class Section:
    """What is derived from one equation, or, where there is no equation, from all of them: the adjoints."""

    equation: Definition | None
    chains: tuple[Chain, ...]

    def __repr__(self) -> str:
        of = repr(print_definition(self.equation)) if self.equation is not None else "all equations"
        return f"Section({of}, {counted(len(self.chains), 'chain')})"


def join_reasons(reasons: Iterable[Reason]) -> Reason:
    """Give several reasons as one, with commas between."""
    joined: Reason = ()
    for reason in reasons:
        joined = (*joined, *((", ",) if joined else ()), *reason)
    return joined


def print_reason(reason: Reason) -> str:
    """Give a reason as plain text.

    >>> from einsgrad.ir import build
    >>> k, q = Index("k"), Index("q")
    >>> print_reason((build.delta(k, q), ": ", k, " → ", q))
    'δ_kq: k → q'
    """
    return "".join(_print_part(part) for part in reason)


def _print_part(part: str | Expr | Index) -> str:
    return str(part) if isinstance(part, str | Index) else print_expression(part)
