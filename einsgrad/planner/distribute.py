"""Distribute: a product over a sum that is dear to form is multiplied out, where that is cheaper.

``1_ijk (t_ijk - a_ir b_jr c_kr)^2`` forms an array as large as ``t`` for what is subtracted; multiplied out it is
``t_ijk t_ijk - 2 t_ijk a_ir b_jr c_kr + …``, matrix products of ``t`` and of small arrays. Likewise a sum all of whose
terms are smaller than itself, ``1_d (1_k x_nd - 1_n m_kd)^2``, is never formed.

Before: no derivatives, one range a letter. After: the same values, but for rounding. Where terms nearly cancel, the
error is that of the terms, not of their sum: it stays within a small multiple of the precision times the sum of the
terms' magnitudes. So a square is left alone where its value goes, by sums, products and powers, into a root, a
logarithm or a quotient, or is what the program gives component by component. Not attempted: factoring, which undoes
this, and simplification: a tensor that cancels may be the only one to tell a size.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from einsgrad.calculus.algebra_rules import fold_numbers
from einsgrad.calculus.rewriting import broadcast, multiply
from einsgrad.ir import build
from einsgrad.ir.letters import separate, separate_expression
from einsgrad.ir.nodes import Apply, Expr, Index, Literal, One, Power, Product, Sum, Tensor
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import children, transform
from einsgrad.planner.networks import flattened, without_ones

Estimate: TypeAlias = Callable[[Expr], float]
"""What an expression costs to compute, in seconds."""

# Multiplied out only for a clear gain: what a sum shares with other equations is not seen here.
_GAIN = 0.7
# A product is not multiplied out into more terms than this.
_MOST_TERMS = 12

_CONTINUOUS = frozenset({"abs", "relu", "maximum", "minimum", "step", "sign"})


def distribute(program: Program, estimates: Sequence[Estimate]) -> Program:
    """Give the program with its products multiplied out where the estimate of an equation's costs says so."""
    exposed = _exposed(program, ())
    given = _exposed(program, [name for name in program.outputs if program.indices(name)])
    definitions = []
    for definition, estimate in zip(program.definitions, estimates, strict=True):

        def step(node: Expr, estimate: Estimate = estimate) -> Expr:
            if not isinstance(node, Product) or node in exposed:
                return node
            return _cheaper(node, estimate, squares=node not in given)

        rhs = transform(definition.rhs, step)
        if rhs is not definition.rhs:
            definition = separate(dataclasses.replace(definition, rhs=rhs))
        definitions.append(definition)
    return dataclasses.replace(program, definitions=tuple(definitions))


def _cheaper(node: Product, estimate: Estimate, squares: bool) -> Expr:
    """Multiply out a bracket where that makes the product cheaper."""
    for position, factor in enumerate(node.factors):
        terms = _terms(factor, node.summed)
        if terms and (squares or not isinstance(factor, Power)):
            rest = [f for k, f in enumerate(node.factors) if k != position]
            products = [separate_expression(build.product([*term, *rest], node.summed)) for term in terms]
            spread = build.add([_tidy(product) for product in products])
            if estimate(spread) < _GAIN * estimate(node):
                return spread
    return node


def _tidy(node: Expr) -> Expr:
    node = flattened(node)
    if isinstance(node, Product):
        node = multiply(without_ones(node.factors), node.summed)
    return (fold_numbers(node) if isinstance(node, Product) else None) or node


def _terms(factor: Expr, summed: Sequence[Index]) -> list[list[Expr]]:
    """Give the terms of a sum, or of its square, as factors, if the sum is dear and contracted; none otherwise."""
    match factor:
        case Power(base=Sum() as base, exponent=Literal(value=value)) if value == 2:
            square = True
        case Sum() as base:
            square = False
        case _:
            return []
    terms = [broadcast(term, base.free) for term in base.terms]
    if not set(base.free) & set(summed) or not _is_dear(base):
        return []
    if not square:
        return [[term] for term in terms] if len(terms) <= _MOST_TERMS else []
    pairs = list(itertools.combinations_with_replacement(terms, 2))
    if len(pairs) > _MOST_TERMS:
        return []
    return [[a, b] if a is b else [build.literal(2), a, b] for a, b in pairs]


def _is_dear(node: Sum) -> bool:
    """Tell whether a sum is larger than each of its terms, or has one that is contracted from smaller arrays."""
    carried = [{i for leaf in _arrays(term) for i in leaf.free} for term in node.terms]
    if all(len(found) < len(node.free) for found in carried):
        return True
    largest = [max((len(leaf.free) for leaf in _arrays(term)), default=0) for term in node.terms]
    return any(
        isinstance(term, Product) and len(_arrays(term)) > 1 and most < len(node.free)
        for term, most in zip(node.terms, largest, strict=True)
    )


def _arrays(term: Expr) -> list[Expr]:
    """Give the factors of a term that are arrays, those of products in it included."""
    found: list[Expr] = []
    stack = [term]
    while stack:
        node = stack.pop()
        if isinstance(node, Product):
            stack += node.factors
        elif node.free and not isinstance(node, One):
            found.append(node)
    return found


def _exposed(program: Program, names: Iterable[str]) -> set[Expr | str]:
    """Give the expressions and tensors whose relative error matters, since they go into ``names`` or a root, say."""
    found: set[Expr | str] = set(names)
    for definition in reversed(program.in_order()):
        stack: list[tuple[Expr, bool]] = [(definition.rhs, definition.name in found)]
        seen: set[tuple[Expr, bool]] = set()
        while stack:
            node, exposed = stack.pop()
            if (node, exposed) in seen:
                continue
            seen.add((node, exposed))
            if exposed:
                found.add(node.name if isinstance(node, Tensor) else node)
            stack += [(child, _exposes(node, child, exposed)) for child in children(node)]
    return found


def _exposes(node: Expr, child: Expr, exposed: bool) -> bool:
    """Tell whether a relative error of ``child`` matters in ``node``."""
    match node:
        case Apply(function="sqrt" | "log"):
            return True
        case Apply(function=function):
            return exposed and function in _CONTINUOUS
        case Power(base=base, exponent=Literal(value=value)) if child is base and value > 0 and value.denominator == 1:
            return exposed
        case Power():
            return True
        case _:
            return exposed
