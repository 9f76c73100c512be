"""Stabilise: softmax, logsumexp, sigmoid and their like, written naively, in forms that neither overflow nor cancel.

Before: one range a letter (:mod:`einsgrad.calculus.apart`). After: equations of the same value in exact arithmetic, in
which the largest exponent is subtracted before the exponential is taken. The pass runs ahead of differentiation, so
that gradients are stable as well: a value that does not depend on the shift has no derivative by it. Definitions are
looked through: ``e_i = exp(u_i)``, ``z = 1_i e_i``, ``p_i = e_i / z`` is recognised. Not attempted: products of several
exponentials, or sums of more than two of them written out term by term.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from einsgrad.calculus.matching import match
from einsgrad.calculus.rewriting import Rewriter, Rule, broadcast, is_number, multiply
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import fresh, rename, separate
from einsgrad.ir.names import canonical_name
from einsgrad.ir.nodes import Apply, Expr, Index, Literal, Power, Product, Sum, Tensor
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import letters, tensors


def stabilise(program: Program) -> Program:
    """Give the program with its unstable forms rewritten, and an equation for each maximum that they subtract."""
    stabiliser = _Stabiliser(program)
    rewriter = Rewriter(stabiliser.rules())
    definitions: list[Definition] = []
    for d in program.definitions:
        rhs = rewriter(d.rhs)
        definitions += [*stabiliser.take_shifts(), separate(Definition(d.name, d.indices, rhs))]
    return dataclasses.replace(program, definitions=tuple(definitions))


@dataclass(frozen=True)
class _ExpSum:
    """``c exp(u)`` summed over the letters ``over`` of ``u``, and the shift ``max u`` that scales it."""

    node: Product
    exponent: Expr
    shift: Expr

    def shifted(self) -> Expr:
        """Give the sum with ``exp(u - shift)``."""
        factors = [f for f in self.node.factors if not _is_exp(f)]
        return multiply([*factors, _exp_shifted(self.exponent, self.shift)], self.node.summed)


def _is_exp(node: Expr) -> bool:
    return isinstance(node, Apply) and node.function == "exp"


def _minus(a: Expr, b: Expr) -> Expr:
    return build.add([a, build.negate(b)])


def _exp_shifted(exponent: Expr, shift: Expr) -> Expr:
    return build.apply("exp", [_minus(exponent, broadcast(shift, exponent.free))])


class _Stabiliser:
    """The rules, with the definitions that they look through."""

    def __init__(self, program: Program) -> None:
        self._definitions = program.by_name
        known = {canonical_name(n) for n in (*program.by_name, *program.inputs)}
        self._names = (name for name in map("shift{}".format, itertools.count(1)) if name not in known)
        self._shifts: dict[Expr, Tensor] = {}
        self._new: list[Definition] = []

    def take_shifts(self) -> list[Definition]:
        """Give the equations of the maxima that have been needed since the last call."""
        new, self._new = self._new, []
        return new

    def _shift(self, exponent: Expr, over: Sequence[Index]) -> Expr:
        """Give the maximum of an exponent over some letters, by the name of its equation."""
        maximum = _maximum(exponent, over)
        if maximum not in self._shifts:
            self._new.append(Definition(next(self._names), maximum.free, maximum))
            self._shifts[maximum] = build.tensor(self._new[-1].name, maximum.free)
        return self._shifts[maximum]

    def rules(self) -> tuple[Rule, ...]:
        return (
            Rule(Apply, "log of a sum of exponentials", self.log_sum_exp),
            Rule(Apply, "log of an exponential", self.log_of_quotient),
            Rule(Apply, "softplus", self.softplus),
            Rule(Product, "softmax", self.softmax),
            Rule(Product, "sigmoid", self.sigmoid),
            Rule(Power, "sigmoid", self.sigmoid_reciprocal),
        )

    # -- the rules ------------------------------------------------------------------------------------------------

    def log_sum_exp(self, node: Apply) -> Expr | None:
        """``log(1_j exp(u_ij)) = m_i + log(1_j exp(u_ij - 1_j m_i))`` with ``m_i = max_j u_ij``.

        Ends: the sum that is left subtracts its maximum.
        """
        if node.function != "log":
            return None
        found = self._exp_sum(node.args[0])
        if found is None:
            return None
        return build.add([broadcast(found.shift, found.node.free), build.apply("log", [found.shifted()])])

    def log_of_quotient(self, node: Apply) -> Expr | None:
        """``log(exp(u) / v) = u - log(v)``, and ``log(exp(u) w) = u + log(w)``. Ends: one exponential fewer."""
        if node.function != "log":
            return None
        argument = self._seen_through(node.args[0])
        if _is_exp(argument):
            return argument.args[0]  # type: ignore[union-attr]
        if not isinstance(argument, Product) or argument.summed:
            return None
        factors = [self._seen_through(f) for f in argument.factors]
        exponents = [f.args[0] for f in factors if isinstance(f, Apply) and f.function == "exp"]
        if not exponents:
            return None
        rest = multiply([f for f in factors if not _is_exp(f)])
        terms = [broadcast(u, node.free) for u in exponents]
        if isinstance(rest, Power) and is_number(rest.exponent, -1):
            terms.append(build.negate(broadcast(build.apply("log", [rest.base]), node.free)))
        else:
            terms.append(broadcast(build.apply("log", [rest]), node.free))
        return build.add(terms)

    def softplus(self, node: Apply) -> Expr | None:
        """``log(1 + exp(u)) = softplus(u)``, ``log(exp(a) + exp(b)) = b + softplus(a - b)``.

        So ``log(sigmoid(u)) = -softplus(-u)`` and ``log(1 - sigmoid(u)) = -softplus(u)``. Ends: one logarithm fewer.
        """
        argument = self._seen_through(node.args[0]) if node.function in ("log", "log1p") else node
        if node.function == "log1p":
            return build.apply("softplus", argument.args) if _is_exp(argument) else None  # type: ignore[union-attr]
        if node.function != "log":
            return None
        if isinstance(argument, Apply) and argument.function == "sigmoid":
            return build.negate(build.apply("softplus", [build.negate(argument.args[0])]))
        one_plus = self._one_plus(argument)
        if one_plus is not None:
            sign, function = one_plus
            if sign > 0 and function.function == "exp":
                return build.apply("softplus", function.args)
            if sign < 0 and function.function == "sigmoid":
                return build.negate(build.apply("softplus", function.args))
        if isinstance(argument, Sum) and len(argument.terms) == 2:
            a, b = (self._seen_through(t) for t in argument.terms)
            if isinstance(a, Apply) and isinstance(b, Apply) and a.function == b.function == "exp" and a.free == b.free:
                return build.add([b.args[0], build.apply("softplus", [_minus(a.args[0], b.args[0])])])
        return None

    def softmax(self, node: Product) -> Expr | None:
        """``exp(u_ij) / (1_k exp(u_ik))`` with ``max_k u_ik`` subtracted from both exponents.

        With ``e`` exponentials above and the sum's ``n``-th power below, ``exp((e - n) max)`` is left as a factor.
        Ends: the sum that is left subtracts its maximum.
        """
        for position, factor in enumerate(node.factors):
            below = _divisor(factor)
            found = self._exp_sum(below[0]) if below is not None else None
            if below is None or found is None:
                continue
            matching = [k for k, f in enumerate(node.factors) if self._is_exponential_of(f, found)]
            if not matching:
                continue
            factors = list(node.factors)
            for k in matching:
                above = self._seen_through(factors[k])
                assert isinstance(above, Apply)
                factors[k] = _exp_shifted(above.args[0], found.shift)
            factors[position] = build.power(found.shifted(), build.literal(-below[1]))
            surplus = len(matching) - below[1]
            if surplus:
                factors.append(build.apply("exp", [build.product([build.literal(surplus), found.shift])]))
            return multiply(factors, node.summed)
        return None

    def sigmoid(self, node: Product) -> Expr | None:
        """``exp(u) / (1 + exp(u)) = sigmoid(u)``. Ends: one division fewer."""
        factors = [self._seen_through(f) for f in node.factors]
        for position, factor in enumerate(node.factors):
            below = self._logistic_divisor(factor)
            if below is None:
                continue
            for k, other in enumerate(factors):
                if other is below:
                    rest = [f for n, f in enumerate(node.factors) if n not in (k, position)]
                    return multiply([*rest, build.apply("sigmoid", below.args)], node.summed)
        return None

    def sigmoid_reciprocal(self, node: Power) -> Expr | None:
        """``1 / (1 + exp(-u)) = sigmoid(u)``, where the minus sign is written. Ends: one division fewer."""
        below = self._logistic_divisor(node)
        if below is None:
            return None
        match below.args[0]:
            case Product(factors=(Literal(value=value), *_)) if value < 0:
                return build.apply("sigmoid", [_negated(below.args[0])])
        return None

    # -- what they recognise --------------------------------------------------------------------------------------

    def _seen_through(self, node: Expr) -> Expr:
        """Give the right-hand side that a reference stands for."""
        while isinstance(node, Tensor) and node.name in self._definitions:
            d = self._definitions[node.name]
            rhs = rename(d.rhs, dict(zip(d.indices, node.indices, strict=True)))
            if not isinstance(rhs, Tensor | Apply | Product | Sum):
                break
            node = rhs
        return node

    def _exp_sum(self, node: Expr) -> _ExpSum | None:
        product = self._seen_through(node)
        if not isinstance(product, Product) or not product.summed:
            return None
        factors: list[Expr] = [e if _is_exp(e := self._seen_through(f)) else f for f in product.factors]
        exps = [f for f in factors if isinstance(f, Apply) and f.function == "exp"]
        if len(exps) != 1:
            return None
        exponent = exps[0].args[0]
        over = [i for i in product.summed if i in exponent.free]
        if not over or self._subtracts_maximum(exponent):
            return None
        return _ExpSum(build.product(factors, product.summed), exponent, self._shift(exponent, over))

    def _subtracts_maximum(self, exponent: Expr) -> bool:
        return isinstance(exponent, Sum) and any(n in self._shifts.values() for t in exponent.terms for n in tensors(t))

    def _is_exponential_of(self, node: Expr, found: _ExpSum) -> bool:
        above = self._seen_through(node)
        if not isinstance(above, Apply) or above.function != "exp":
            return False
        return match(found.exponent, above.args[0], found.node.summed) is not None

    def _one_plus(self, node: Expr) -> tuple[int, Apply] | None:
        """Read ``1 ± f(u)``."""
        if not isinstance(node, Sum) or len(node.terms) != 2 or not any(is_number(t, 1) for t in node.terms):
            return None
        other = next((t for t in node.terms if not is_number(t, 1)), None)
        sign = 1
        if isinstance(other, Product) and not other.summed and is_number(other.factors[0], -1):
            sign, other = -1, multiply(other.factors[1:])
        seen = self._seen_through(other) if other is not None else None
        return (sign, seen) if isinstance(seen, Apply) else None

    def _logistic_divisor(self, node: Expr) -> Apply | None:
        """Give ``exp(u)`` of a factor ``1 / (1 + exp(u))``."""
        below = _divisor(node)
        if below is None or below[1] != 1:
            return None
        one_plus = self._one_plus(self._seen_through(below[0]))
        if one_plus is None or one_plus[0] < 0 or one_plus[1].function != "exp":
            return None
        return one_plus[1]


def _divisor(node: Expr) -> tuple[Expr, int] | None:
    """Give ``b`` and ``n`` of a factor ``b ^ -n`` for a whole number ``n``."""
    match node:
        case Power(base=base, exponent=Literal(value=value)) if value < 0 and value.denominator == 1:
            return base, -int(value)
        case _:
            return None


def _maximum(exponent: Expr, over: Sequence[Index]) -> Expr:
    taken = letters(exponent)
    mapping: dict[Index, Index] = {}
    for index in over:
        mapping[index] = fresh(taken, like=index)
        taken.add(mapping[index])
    return build.maximum_over(rename(exponent, mapping), list(mapping.values()))


def _negated(node: Product) -> Expr:
    first = node.factors[0]
    assert isinstance(first, Literal)
    if first.value == -1 and len(node.factors) > 1:
        return multiply(node.factors[1:], node.summed)
    return build.product([build.literal(-first.value), *node.factors[1:]], node.summed)
