"""Exponentials: expressions read as sums of ``c w_j exp(u_ij)``, however they are written and cut into equations.

Before: an expression of a program. After: its factors, or its terms, with what is in the way looked through: names of
equations, one-tensors, brackets, signs, numbers, and functions that are sums of exponentials by another name. What
does not consist of exponentials stays as it is. Not attempted: powers of sums, multiplied out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from typing import Any

from einsgrad.calculus.rewriting import broadcast, multiply, total
from einsgrad.calculus.simplify import simplifier
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import fresh, rename, rename_each
from einsgrad.ir.nodes import Apply, Expr, Index, Literal, One, Power, Product, Sum, Tensor
from einsgrad.ir.traversal import children, letters, stackless

# Brackets with more terms than this together are not multiplied out.
_MOST_TERMS = 8
_HALF = Fraction(1, 2)
ZERO = build.literal(0)
# The coefficients of exp(u), exp(-u) and 1 in functions that are sums of exponentials.
_SUMS_BY_NAME = {
    "cosh": (_HALF, _HALF, Fraction(0)),
    "sinh": (_HALF, -_HALF, Fraction(0)),
    "expm1": (Fraction(1), Fraction(0), Fraction(-1)),
}


@dataclass(frozen=True)
class Factor:
    """``base ^ exponent``."""

    base: Expr
    exponent: Fraction

    @property
    def node(self) -> Expr:
        """The factor as an expression."""
        return self.base if self.exponent == 1 else build.power(self.base, build.literal(self.exponent))


@dataclass(frozen=True)
class Term:
    """``number rest exp(exponent)``, summed over ``summed``; an exponent of zero where there is no exponential."""

    number: Fraction
    rest: tuple[Expr, ...]
    exponent: Expr
    summed: tuple[Index, ...]

    @property
    def is_plain(self) -> bool:
        """Whether it is a number times an exponential, without a sum."""
        return not self.rest and not self.summed

    @property
    def over(self) -> tuple[Index, ...]:
        """The letters of the sum that the exponent carries."""
        return tuple(i for i in self.summed if i in self.exponent.free)

    def whole_exponent(self) -> Expr:
        """Give ``u + log(abs(c))`` for a term ``c exp(u)``."""
        size = abs(self.number)
        return self.exponent if size == 1 else add(self.exponent, build.apply("log", [build.literal(size)]))

    def shifted(self, shift: Expr, function: str = "exp") -> Expr:
        """Give the term with ``shift`` subtracted from its exponent, and ``function`` in place of the exponential."""
        ones = [build.one(self.summed)] if self.summed else []
        value = build.apply(function, [subtract(self.exponent, shift)])
        return tidy(multiply([build.literal(self.number), *ones, *self.rest, value], self.summed))


def tidy(node: Expr) -> Expr:
    """Simplify; zero is the number, whatever letters it would carry."""
    result = simplifier()(node)
    match result:
        case Product(factors=(Literal(value=value), One())) if value == 0:
            return ZERO
        case _:
            return result


def add(*terms: Expr) -> Expr:
    """Add up what may carry different letters, simplified."""
    free = tuple(dict.fromkeys(i for term in terms for i in term.free))
    return tidy(total([broadcast(term, free) for term in terms], free))


def subtract(a: Expr, b: Expr) -> Expr:
    """Subtract what may carry other letters, simplified."""
    return add(a, scaled(-1, b))


def scaled(number: Fraction | int, node: Expr) -> Expr:
    """Multiply by a number, simplified; terms of a sum one by one."""
    if isinstance(node, Sum):
        return add(*(scaled(number, term) for term in node.terms))
    return tidy(build.product([build.literal(number), node]))


def ratio(node: Expr, unit: Expr) -> Fraction | None:
    """Give the number that ``node`` is of ``unit``, which is not zero; both are simplified.

    >>> x, y = build.tensor("x"), build.tensor("y")
    >>> ratio(subtract(scaled(2, y), scaled(2, x)), subtract(x, y))
    Fraction(-2, 1)
    >>> ratio(x, subtract(x, y)) is None
    True
    """
    if node is ZERO:
        return Fraction(0)
    numbers = dict(map(_without_number, unit.terms if isinstance(unit, Sum) else (unit,)))
    rest, number = _without_number(node.terms[0] if isinstance(node, Sum) else node)
    if rest not in numbers:
        return None
    quotient = number / numbers[rest]
    return quotient if subtract(node, scaled(quotient, unit)) is ZERO else None


def _without_number(term: Expr) -> tuple[Expr, Fraction]:
    match term:
        case Literal(value=value):
            return build.literal(1), value
        case Product(factors=(Literal(value=value), *others), summed=summed):
            return multiply(others, summed), value
        case _:
            return term, Fraction(1)


class _Kind(Enum):
    """What there is to read in an expression: a number times an exponential, an exponential somewhere, or none."""

    EXPONENTIAL = auto()
    HAS_ONE = auto()
    OTHER = auto()


class Reader:
    """Reads the expressions of a program.

    In a sum a name is read as what it stands for; in a product only if that is a function, since a sum that is a factor
    of several products would be computed again for each.
    """

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        rewritten: Mapping[str, Definition],
        is_settled: Callable[[Expr], bool],
    ) -> None:
        """Take the equations to look through.

        Args:
            definitions: the equations as the author wrote them.
            rewritten: those in their stable forms, as far as they have one yet.
            is_settled: tells the exponents that are not to be read again.
        """
        self._definitions = definitions
        self._rewritten = rewritten
        self._is_settled = is_settled
        self._known: dict[Expr, _Kind] = {}

    def seen_through(self, node: Expr) -> Expr:
        """Give the right-hand side that a name stands for."""
        while isinstance(node, Tensor) and node.name in self._definitions:
            d = self._definitions[node.name]
            node = rename(d.rhs, dict(zip(d.indices, node.indices, strict=True)))
        return node

    def function(self, node: Expr) -> Apply | None:
        """Give the function that a node is, or that its name stands for, be it in its stable form."""
        while isinstance(node, Tensor) and node.name in self._definitions:
            d = self._definitions[node.name]
            if not isinstance(d.rhs, Tensor | Apply):
                d = self._rewritten.get(node.name, d)
            if not isinstance(d.rhs, Tensor | Apply):
                return None
            node = rename(d.rhs, dict(zip(d.indices, node.indices, strict=True)))
        return node if isinstance(node, Apply) else None

    def is_exponential(self, node: Expr) -> bool:
        """Tell whether a node, or what its name stands for, is a number times an exponential."""
        return self._kind(self._meant(node)) is _Kind.EXPONENTIAL

    def has_exponential(self, node: Expr) -> bool:
        """Tell whether an exponential is a factor or a term of a node, or of what its name stands for."""
        return self._kind(self._meant(node)) is not _Kind.OTHER

    def is_sum(self, node: Expr) -> bool:
        """Tell whether a node, or what its name stands for, is a sum with an exponential in it."""
        if self._kind(self._meant(node)) is not _Kind.HAS_ONE:
            return False
        terms = self.terms(self.seen_through(node))
        return len(terms) > 1 or bool(terms[0].summed)

    def _meant(self, node: Expr) -> Expr:
        """Give the right-hand side that a name stands for, in the letters of its own equation."""
        while isinstance(node, Tensor) and node.name in self._definitions:
            node = self._definitions[node.name].rhs
        return node

    def _is_looked_through(self, node: Expr, parent: Expr) -> bool:
        return isinstance(parent, Sum) or isinstance(self._meant(node), Apply)

    def _kind(self, node: Expr) -> _Kind:
        stack = [node]
        while stack:
            top = stack[-1]
            below = [self._meant(c) if self._is_looked_through(c, top) else c for c in _parts(top)]
            pending = [child for child in below if child not in self._known]
            if pending and top not in self._known:
                stack += pending
                continue
            stack.pop()
            self._known[top] = self._kind_from(top, [self._known[child] for child in below])
        return self._known[node]

    def _kind_from(self, node: Expr, below: Sequence[_Kind]) -> _Kind:
        match node:
            case Apply(function="exp", args=(exponent,)):
                return _Kind.OTHER if self._is_settled(exponent) else _Kind.EXPONENTIAL
            case Apply(function=function, args=args) if function in _SUMS_BY_NAME:
                return _Kind.OTHER if self._is_settled(args[0]) else _Kind.HAS_ONE
            case Power(exponent=Literal()):
                return _Kind.EXPONENTIAL if below[0] is _Kind.EXPONENTIAL else _Kind.OTHER
            case Product(factors=factors, summed=summed):
                others = [f for f, kind in zip(factors, below, strict=True) if kind is not _Kind.EXPONENTIAL]
                if len(others) < len(factors) and not summed and all(isinstance(f, Literal | One) for f in others):
                    return _Kind.EXPONENTIAL
                divides = any(isinstance(f, Power) and _is_negative(f.exponent) for f in others)
                return _Kind.OTHER if divides or all(k is _Kind.OTHER for k in below) else _Kind.HAS_ONE
            case Sum():
                return _Kind.OTHER if all(k is _Kind.OTHER for k in below) else _Kind.HAS_ONE
            case _:
                return _Kind.OTHER

    def factors(self, node: Expr, looks_through: Callable[[Expr, Fraction], bool]) -> list[Factor]:
        """Give the factors of a node, without brackets and one-tensors; a root is a power.

        Args:
            node: any expression; the sum of a product is left to the caller.
            looks_through: whether to look through a name that is a factor, by the name and its exponent.
        """
        found: list[Factor] = []
        stack = [(node, Fraction(1))]
        while stack:
            base, exponent = stack.pop()
            if isinstance(base, Tensor) and looks_through(base, exponent):
                base = self.seen_through(base)
            match base:
                case Product(factors=factors, summed=summed) if base is node or (
                    not summed and exponent.denominator == 1
                ):
                    stack += [(f, exponent) for f in reversed(factors)]
                case Power(base=inner, exponent=Literal(value=value)) if _multiplies(value, exponent):
                    stack.append((inner, value * exponent))
                case Apply(function="sqrt", args=(inner,)):
                    stack.append((inner, exponent / 2))
                case One():
                    pass
                case _:
                    found.append(Factor(base, exponent))
        return found

    @stackless
    def terms(self, node: Expr) -> Generator[tuple[Any, ...], Any, list[Term]]:
        """Give the terms of a node; where it has no exponential that is the node itself."""
        kind = self._kind(node)
        match node:
            case Literal(value=value):
                return [Term(value, (), ZERO, ())]
            case One():
                return [Term(Fraction(1), (), ZERO, ())]
            case _ if kind is _Kind.OTHER:
                return [_opaque(node)]
            case Apply(function="exp", args=(exponent,)):
                return [Term(Fraction(1), (), exponent, ())]
            case Apply(function=function, args=(argument,)):
                ahead, behind, alone = _SUMS_BY_NAME[function]
                exponents = ((ahead, argument), (behind, scaled(-1, argument)), (alone, ZERO))
                return [Term(number, (), exponent, ()) for number, exponent in exponents if number]
            case Power(base=base, exponent=Literal(value=value)):
                (term,) = yield self, self.seen_through(base)
                if term.number != 1 and value.denominator != 1:
                    return [_opaque(node)]
                return [Term(Fraction(term.number**value), (), scaled(value, term.exponent), ())]
            case Sum(terms=parts):
                found: list[Term] = []
                for part in parts:
                    seen = self.seen_through(part)
                    found += yield self, seen if self._kind(seen) is not _Kind.OTHER else part
                return found
            case Product(factors=factors, summed=summed):
                product = [Term(Fraction(1), (), ZERO, ())]
                for factor in factors:
                    alternatives = yield (
                        self,
                        self.seen_through(factor) if isinstance(self._meant(factor), Apply) else factor,
                    )
                    if len(product) * len(alternatives) > _MOST_TERMS or _are_contractions(product, alternatives):
                        alternatives = [_opaque(factor)]
                    product = [_times(a, b) for a in product for b in alternatives]
                return [dataclasses.replace(t, summed=(*t.summed, *summed)) for t in product]
        return [_opaque(node)]


def _parts(node: Expr) -> tuple[Expr, ...]:
    return children(node) if isinstance(node, Product | Sum | Power) else ()


def _is_negative(exponent: Expr) -> bool:
    return isinstance(exponent, Literal) and exponent.value < 0


def _are_contractions(a: Sequence[Term], b: Sequence[Term]) -> bool:
    """Tell whether a product of two sums would be a sum over the letters of both."""
    return any(t.summed for t in b) and any(t.summed or t.exponent is not ZERO for t in a)


def _opaque(node: Expr) -> Term:
    return Term(Fraction(1), (node,), ZERO, ())


def _multiplies(inner: Fraction, outer: Fraction) -> bool:
    """Tell whether ``(a^inner)^outer = a^(inner outer)`` wherever the left side has a value."""
    return outer.denominator == 1 or (inner.denominator == 1 and inner.numerator % 2 == 1)


def _times(a: Term, b: Term) -> Term:
    """Multiply two terms; a letter that ``b`` sums is renamed where it stands in ``a``."""
    taken = letters(*a.rest, a.exponent) | set(a.summed)
    clash: dict[Index, Index] = {}
    for index in b.summed:
        if index in taken:
            clash[index] = fresh(taken | letters(*b.rest, b.exponent) | set(clash.values()), like=index)
    rest, exponent = rename_each(b.rest, clash), rename(b.exponent, clash)
    summed = tuple(clash.get(i, i) for i in b.summed)
    both = exponent if a.exponent is ZERO else a.exponent if exponent is ZERO else add(a.exponent, exponent)
    return Term(a.number * b.number, (*a.rest, *rest), both, (*a.summed, *summed))
