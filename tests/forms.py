"""Forms as expressions, so that the reference interpreter can say what they are worth; claims judged by forms alone."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction

import einsgrad as eg
from einsgrad.calculus.apart import family_ranges, rename_apart
from einsgrad.calculus.atoms import Atoms, Factor, Form, Monomial
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.calculus.normal_form import forms_coincide
from einsgrad.calculus.rewriting import broadcast
from einsgrad.calculus.sides import LEFT, RIGHT, sides_of
from einsgrad.ir import build
from einsgrad.ir.nodes import Expr, Index
from einsgrad.ir.program import Program

_fresh = itertools.count()


def sides(program: Program) -> Program:
    """The equations of the two sides of a program's one claim."""
    program = rename_apart(program)
    return sides_of(program.claims[0], Differentiator(program))


def coincide(text: str) -> bool:
    """Whether the sides of a claim have one form: a verdict without any point tried."""
    return sides_coincide(sides(eg.parse(text)))


def sides_coincide(both: Program) -> bool:
    """The same for the equations of two sides."""
    definitions = dict(both.by_name)
    left, right = definitions.pop(LEFT).rhs, definitions.pop(RIGHT).rhs
    return forms_coincide(left, right, definitions, family_ranges(both)[0])


def expression_of(atoms: Atoms, form: Form, letters: Mapping[int, Index]) -> Expr:
    """The expression that a form stands for; ``letters`` names a letter of each range."""
    return _sum([_term(atoms, m, c, None, letters) for m, c in form.items()])


def _sum(terms: Sequence[Expr]) -> Expr:
    free = list(dict.fromkeys(i for term in terms for i in term.free))
    return build.add([broadcast(term, free) for term in terms]) if terms else build.literal(0)


def _term(
    atoms: Atoms, monomial: Monomial, coefficient: Fraction, slots: Sequence[Index] | None, letters: Mapping[int, Index]
) -> Expr:
    factors: list[Expr] = [build.literal(coefficient)]
    for f in monomial:
        own = [slots[i] if slots is not None else Index(i) for i in f.letters]
        factors += _power(_atom(atoms, f, own, letters), f)
    return build.product(factors)


def _power(base: Expr, factor: Factor) -> list[Expr]:
    if factor.exponent == 0:
        return [build.apply("sign", [base])] * factor.sign
    if factor.exponent % 2 == factor.sign:
        return [build.power(base, build.literal(factor.exponent))]
    size = build.power(build.apply("abs", [base]), build.literal(factor.exponent))
    return [size, build.apply("sign", [base])] if factor.sign else [size]


def _atom(atoms: Atoms, factor: Factor, own: list[Index], letters: Mapping[int, Index]) -> Expr:
    atom = atoms[factor.atom]
    match atom.kind:
        case "tensor":
            return build.tensor(atom.name, own)
        case "size":
            return build.size(letters[atom.name])
        case "delta":
            return build.delta(*own)
        case "number":
            return build.literal(Fraction(atom.name))
        case "contraction":
            bound = [Index(letters[r].name + "'" * (5 + next(_fresh))) for r in atom.ranges]
            ((_, monomial, coefficient),) = atom.items
            return build.product([_term(atoms, monomial, coefficient, [*own, *bound], letters)], bound)
    arguments: dict[int, list[Expr]] = {}
    for position, monomial, coefficient in atom.items:
        arguments.setdefault(position, []).append(_term(atoms, monomial, coefficient, own, letters))
    sums = [_sum(arguments[position]) for position in sorted(arguments)]
    if atom.kind == "bracket":
        return sums[0]
    return build.power(*sums) if atom.name == "power" else build.apply(str(atom.name), sums)
