"""Operators that bind letters: everything einsgrad knows about each of them, one entry an operator.

A *reduction* is a node of its own, :class:`einsgrad.ir.nodes.Reduction`, with a rule for its derivative. A *defined*
operator is another way to write what the language says without it. What a target or the reference interpreter does to
compute a reduction stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from einsgrad.ir import build
from einsgrad.ir.letters import fresh, rename
from einsgrad.ir.nodes import Apply, Expr, Index, Reduction
from einsgrad.ir.traversal import letters


@dataclass(frozen=True, slots=True)
class Known:
    """A reduction.

    Attributes:
        name: how it is written.
        rule: its derivative, as the derivation names it.
        slope: its derivative by one component of the operand, whose letters are those that the reduction binds;
            ``None`` for a constant.
    """

    name: str
    rule: str = ""
    slope: Callable[[Reduction], Expr] | None = None


@dataclass(frozen=True, slots=True)
class Defined:
    """An operator that the language defines.

    Attributes:
        keeps: whether its letters stay free.
        meaning: what it says of an operand over some letters.
    """

    keeps: bool
    meaning: Callable[[Expr, Sequence[Index]], Expr]


def total_over(operand: Expr, over: Sequence[Index]) -> Expr:
    """Make the sum of an expression over some letters."""
    return build.product([operand], over)


def root_of_squares(operand: Expr, over: Sequence[Index]) -> Expr:
    """Make ``sqrt(sum_j u_j^2)``, which a norm is."""
    return build.apply("sqrt", [total_over(build.power(operand, build.literal(2)), over)])


def squared(base: Expr) -> Expr:
    """Make the square of an expression; that of a norm is a sum of squares, that of an absolute value has no bars."""
    two = build.literal(2)
    match base:
        case Reduction(function="norm", operand=operand, over=over):
            return total_over(build.power(operand, two), over)
        case Apply(function="abs", args=(operand,)):
            return build.power(operand, two)
        case _:
            return build.power(base, two)


def is_shift(node: Expr) -> bool:
    """Tell whether an expression is a maximum that counts as a constant in derivatives."""
    return isinstance(node, Reduction) and REDUCTIONS[node.function].slope is None


def _renamed(operand: Expr, over: Sequence[Index]) -> tuple[Expr, list[Index]]:
    """Give an expression with new letters in place of some."""
    taken = letters(operand) | set(over)
    mapping: dict[Index, Index] = {}
    for index in over:
        mapping[index] = fresh(taken, like=index)
        taken.add(mapping[index])
    return rename(operand, mapping), list(mapping.values())


def _slope_of_extreme(node: Reduction) -> Expr:
    """``[u_j == max_k(u_k)] / sum_l [u_l == max_k(u_k)]``: all that are largest share equally."""
    inside, over = _renamed(node.operand, node.over)
    largest = build.product([build.one(node.over), build.reduction(node.function, inside, over)])
    equal = build.apply("==", [node.operand, largest])
    return build.product([equal, build.reciprocal(total_over(*_renamed(equal, node.over)))])


def _slope_of_product(node: Reduction) -> Expr:
    """``prod_k (δ_jk + (1 - δ_jk) u_k)``: the product of the others, right where some are zero."""
    inside, over = _renamed(node.operand, node.over)
    deltas = [build.delta(j, k) for j, k in zip(node.over, over, strict=True)]
    same = deltas[0] if len(deltas) == 1 else build.product(deltas)
    spread = build.product([same, build.one(node.free)]) if node.free else same
    other = build.product([build.add([build.literal(1), build.negate(same)]), inside])
    return build.reduction("prod", build.add([spread, other]), over)


def _slope_of_norm(node: Reduction) -> Expr:
    """``u_j / norm_k(u_k)``, and zero where the norm is zero: ``1 - sign`` keeps the divisor from being so, too."""
    length = build.reduction(node.function, *_renamed(node.operand, node.over))
    divisor = build.add([length, build.literal(1), build.negate(build.apply("sign", [length]))])
    return build.product([node.operand, build.reciprocal(divisor)])


def _mean(operand: Expr, over: Sequence[Index]) -> Expr:
    return build.product([*(build.reciprocal(build.size(i)) for i in over), build.one(over), operand], over)


def _logsumexp(operand: Expr, over: Sequence[Index]) -> Expr:
    return build.apply("log", [total_over(build.apply("exp", [operand]), over)])


def _softmax(operand: Expr, over: Sequence[Index]) -> Expr:
    weight = build.apply("exp", [operand])
    return build.product([weight, build.reciprocal(total_over(*_renamed(weight, over)))])


def _cumsum(operand: Expr, over: Sequence[Index]) -> Expr:
    """``sum_k [k <= j] u_k`` for each letter."""
    inside, new = _renamed(operand, over)
    factors = []
    for j, k in zip(over, new, strict=True):
        before = build.product([build.iota(k), build.one([j])])
        own = build.product([build.one([k]), build.iota(j)])
        follows = build.apply("step", [build.add([own, build.negate(before)])])
        factors.append(build.add([build.delta(j, k), follows]))
    return build.product([*factors, inside], new)


REDUCTIONS: Mapping[str, Known] = MappingProxyType(
    {
        "max": Known("max", "∂max_j(u_j) = ∂u_j shared by the j of the maximum", _slope_of_extreme),
        "min": Known("min", "∂min_j(u_j) = ∂u_j shared by the j of the minimum", _slope_of_extreme),
        "prod": Known("prod", "∂prod_j(u_j)/∂u_j = product of the others", _slope_of_product),
        "norm": Known("norm", "∂norm_j(u_j)/∂u_j = u_j / norm_k(u_k)", _slope_of_norm),
        "shift": Known("max"),
    }
)

DEFINED: Mapping[str, Defined] = MappingProxyType(
    {
        "mean": Defined(False, _mean),
        "logsumexp": Defined(False, _logsumexp),
        "softmax": Defined(True, _softmax),
        "cumsum": Defined(True, _cumsum),
    }
)


def keeps_letters(operator: str) -> bool:
    """Tell whether the letters of an operator stay free outside it."""
    return operator in DEFINED and DEFINED[operator].keeps


def operate(operator: str, operand: Expr, over: Sequence[Index]) -> Expr:
    """Make what an operator over some letters means."""
    return DEFINED[operator].meaning(operand, over) if operator in DEFINED else build.reduction(operator, operand, over)


OPERATORS = frozenset({*DEFINED, *(known.name for known in REDUCTIONS.values())})
"""The names of the operators, as they are written."""
