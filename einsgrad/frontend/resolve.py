"""Resolution: a statement's surface tree to the intermediate representation, with every sum where it belongs.

Before: the names of the text are settled. After: each index is free, bound by an explicit sum, or summed at the product
that the summation convention says (:mod:`einsgrad.ir.convention`), all terms of a sum have the same free indices or
none, and bound letters are apart. What the convention leaves open is reported, never decided. Nothing is simplified
beyond what notation demands: brackets around one factor go, and a leading fraction of numbers is one number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Any, Literal, assert_never

from einsgrad.frontend import surface as s
from einsgrad.frontend.lexis import LARGEST_EXPANSION, MAX_ERRORS, PI, canonical
from einsgrad.frontend.names import Names
from einsgrad.frontend.occurrences import Uses, by_letter, claimed, factor_uses, occurrence, uses_of
from einsgrad.ir import build, nodes
from einsgrad.ir.conditions import COMPARISONS, compare, masked
from einsgrad.ir.convention import Reading, read
from einsgrad.ir.names import gradient_name
from einsgrad.ir.nodes import Expr, Index
from einsgrad.ir.reductions import keeps_letters, operate, squared
from einsgrad.ir.substitution import substitute
from einsgrad.ir.traversal import stackless, written_size

_LARGEST = 1000
"""Bits of a fraction's parts beyond which a chain of numbers is not folded further."""

_STAND_IN = "?"
"""The name of what stands for an expression with an error, so that one error doesn't cause others."""

Scope = frozenset[str]


class Policy(Enum):
    """What to do where one sum and separate sums both make sense."""

    REPORT = "report it"
    ONE = "take one sum"
    SEPARATE = "take separate sums"


@dataclass(frozen=True, eq=False)
class Finding:
    """Something wrong with letters: what, about which part, and which letters, by key.

    The kinds: ``once`` and ``ambiguous`` (a dummy index that has no one reading at a product), ``missing`` (a term
    lacks free indices), ``spread`` (so does a term of a bracket, which is broadcast), ``idle`` (a one-tensor that does
    nothing), ``taken`` and ``unused`` (an explicit sum, or an operator, over a letter that is not its own, or that
    nothing carries), ``stale`` (the lower indices of a derivative aren't new), ``large`` (a function of the text,
    written out, is too long).
    """

    kind: Literal["once", "ambiguous", "missing", "spread", "idle", "taken", "unused", "stale", "large"]
    part: s.Part | s.Letter
    letters: tuple[str, ...]
    term: s.Term | None = None
    of_operator: bool = False


@dataclass
class Resolver:
    """What the resolution of an expression knows and finds.

    ``expected`` are the free indices that every term of ``root`` must have; only a side of a claim may be a number.
    ``beside`` are the letters that the other factors of a bracket's product carry, by what the bracket holds, and
    ``slots`` the row and column of a matrix, by what it is made of: its other letters are a batch.
    """

    names: Names
    root: s.Content
    free: tuple[str, ...]
    is_claim: bool = False
    policy: Policy = Policy.REPORT
    uses: dict[s.Part, Uses] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    beside: dict[s.Part, set[str]] = field(default_factory=dict)
    slots: dict[s.Part, Scope] = field(default_factory=dict)

    def resolve(self) -> Expr:
        """Give the expression; a stand-in where findings say that something is wrong."""
        self.uses = self.uses or uses_of(self.root)
        value = _resolve(self, self.root, frozenset(self.free))
        missing = tuple(key for key in self.free if self.names.index(key) not in value.free)
        if missing and not (self.is_claim and isinstance(value, nodes.Literal)):
            self.findings.append(Finding("missing", self.root, missing))
        return value

    @property
    def expected(self) -> list[Index]:
        """The free indices."""
        return [self.names.index(key) for key in self.free]


@stackless
def _resolve(work: Resolver, part: s.Part, scope: Scope) -> Generator[tuple[Any, ...], Any, Expr]:
    """Give the expression that a part is where the letters of ``scope`` are free or summed around it."""
    match part:
        case s.Number() | s.SizeOf() | s.One() | s.Reference() | s.Position() | s.Wrong():
            return _leaf(work.names, part)
        case s.Gather():
            return _gather(work.names, part)
        case s.Group(content=content):
            inner: Expr = yield work, content, scope
            return inner
        case s.Call(function=function, arguments=arguments):
            values = []
            for argument in arguments:
                values.append((yield work, argument, scope))
            if function in work.names.functions:
                return _applied(work, part, values)
            return compare(function, *values) if function in COMPARISONS else build.apply(function, values)
        case s.Power(base=base, exponent=exponent, negations=negations):
            below = _closed(work, base, (yield work, base, scope), scope)
            above = _closed(work, exponent, (yield work, exponent, scope), scope)
            for _ in range(negations):
                above = build.negate(above)
            return squared(below) if above is build.literal(2) else build.power(below, above)
        case s.Matrix(operand=operand, slots=slots):
            within = frozenset(letter.key for letter in slots)
            work.slots[operand] = within
            matrix: Expr = yield work, operand, scope | within
            return _matrix(work, part, matrix)
        case s.Operator(operand=operand, letters=letters):
            within = frozenset(letter.key for letter in letters)
            return _operator(work, part, (yield work, operand, scope | within), scope)
        case s.Derivative(operand=operand):
            if part in work.names.gradients:
                return _gradient(work.names, part)
            return _derivative(work, part, (yield work, operand, scope))
        case s.Sum(terms=terms):
            values = []
            for term in terms:
                values.append((yield work, term, scope))
            return _sum(work, part, values)
        case s.Term():
            return (yield from _term(work, part, scope))
        case _:
            assert_never(part)


def _leaf(names: Names, part: s.Leaf) -> Expr:
    match part:
        case s.Number(value=value):
            return build.literal(value)
        case s.SizeOf(letter=letter):
            return build.size(names.index(letter.key))
        case s.One(indices=indices):
            return build.one(names.indices(indices))
        case s.Position(letter=letter):
            return build.iota(names.index(letter.key))
        case s.Reference():
            return _reference(names, part)
        case _:
            raise AssertionError("a statement with a wrong part is not resolved")


def _reference(names: Names, part: s.Reference) -> Expr:
    indices = names.indices(part.indices)
    if names.is_delta(part):
        return build.delta(indices[0], indices[1])
    if names.is_iota(part):
        return build.iota(indices[0])
    if names.is_constant(part):
        return build.apply(PI, ())
    return build.tensor(names.tensor_name(part.key), indices)


def _gather(names: Names, part: s.Gather) -> Expr:
    subscripts = [_subscript(names, i) for i in part.subscripts]
    if names.is_delta(part.reference):
        first, second = subscripts
        index, position = (first, second) if isinstance(first, Index) else (second, first)
        assert isinstance(index, Index)
        return build.selector(index, position)
    return build.gather(names.tensor_name(part.reference.key), subscripts)


def _subscript(names: Names, part: s.Subscript) -> nodes.Subscript:
    match part:
        case int():
            return build.literal(part)
        case s.Letter(key=key):
            return names.index(key)
        case s.Affine(letters=letters, coefficients=coefficients, constant=constant):
            return build.affine(zip(names.indices(letters), coefficients, strict=True), constant)
        case s.Reference(key=key, indices=indices):
            return build.tensor(names.tensor_name(key), names.indices(indices))


def _gradient(names: Names, part: s.Derivative) -> Expr:
    assert part.bare is not None
    name = names.tensor_name(gradient_name(part.bare.key, part.wrt.key))
    return build.tensor(name, names.indices(part.wrt.indices))


def _applied(work: Resolver, part: s.Call, values: Sequence[Expr]) -> Expr:
    """Put the arguments of a function of the text into what it says."""
    parameters, body = work.names.functions[part.function]
    result = substitute(body, dict(zip(map(build.tensor, parameters), values, strict=True)))
    if written_size(result) <= LARGEST_EXPANSION:
        return result
    work.findings.append(Finding("large", part, ()))
    return build.tensor(_STAND_IN, list(result.free))


def _matrix(work: Resolver, part: s.Matrix, operand: Expr) -> Expr:
    """Make a function of a matrix; a slot that the matrix doesn't carry is missing."""
    row, column = work.names.indices(part.slots)
    missing = tuple(letter.key for letter in part.slots if work.names.index(letter.key) not in operand.free)
    indices = tuple(work.names.indices(part.indices))
    if missing:
        work.findings.append(Finding("missing", part.operand, missing))
        return build.tensor(_STAND_IN, list(dict.fromkeys([*operand.free, *indices])))
    return build.matrix_function(part.function, operand, (row, column), indices)


def _operator(work: Resolver, part: s.Operator, operand: Expr, scope: Scope) -> Expr:
    """Make an operator over letters that the operand carries and that, where it binds them, nothing around has."""
    seen: set[str] = set()
    for letter in part.letters:
        if letter.key in seen or (letter.key in scope and not keeps_letters(part.function)):
            work.findings.append(Finding("taken", letter, (letter.key,), of_operator=True))
        elif work.names.index(letter.key) not in operand.free:
            work.findings.append(Finding("unused", letter, (letter.key,), of_operator=True))
        seen.add(letter.key)
    over = tuple(dict.fromkeys(i for i in work.names.indices(part.letters) if i in operand.free))
    return operate(part.function, operand, over) if over else operand


def _derivative(work: Resolver, part: s.Derivative, operand: Expr) -> Expr:
    keys = [i.key for i in part.wrt.indices]
    indices = work.names.indices(part.wrt.indices)
    if len(set(keys)) < len(keys) or not work.uses[part.operand].keys().isdisjoint(keys):
        work.findings.append(Finding("stale", part, tuple(keys)))
        return build.tensor(_STAND_IN, list(dict.fromkeys([*operand.free, *indices])))
    return build.derivative(operand, build.tensor(work.names.tensor_name(part.wrt.key), indices))


def _closed(work: Resolver, part: s.Part, value: Expr, scope: Scope) -> Expr:
    """Sum a tensor's repeated letters that nothing around sums: ``x_ii^2`` read as the square of the trace."""
    if not isinstance(part, s.Reference | s.One | s.Gather):
        return value
    letters = part.letters if isinstance(part, s.Gather) else part.indices
    bound = {work.names.index(i.key) for i in letters if i.key not in scope}
    return build.product([value], bound) if bound else value


def _sum(work: Resolver, part: s.Sum, values: list[Expr]) -> Expr:
    """Add terms, all with the same letters; one of a matrix without letters of its batch stands for each of it."""
    expected = work.expected if part is work.root else ()
    wanted = list(dict.fromkeys([*expected, *(i for value in values for i in value.free)]))
    fits = True
    for k, (term, value) in enumerate(zip(part.terms, list(values), strict=True)):
        missing = tuple(canonical(i.name) for i in wanted if i not in value.free)
        if missing and value.free and part in work.slots and work.slots[part].isdisjoint(missing):
            values[k] = _spread(value, [i for i in wanted if i not in value.free])
        elif missing and value.free and work.names.dialect.spreads and work.beside.get(part, set()).issuperset(missing):
            work.findings.append(Finding("spread", term, missing))
            values[k] = _spread(value, [i for i in wanted if i not in value.free])
        elif missing and value.free:
            work.findings.append(Finding("missing", term, missing))
            fits = False
    return build.add(values) if fits else build.tensor(_STAND_IN, wanted)


def _spread(value: Expr, missing: Sequence[Index]) -> Expr:
    """Broadcast a term, its sign kept in front."""
    match value:
        case nodes.Product(factors=(nodes.Literal() as number, *rest), summed=summed):
            return build.product([number, build.one(missing), *rest], summed)
        case nodes.Product(factors=factors, summed=summed):
            return build.product([build.one(missing), *factors], summed)
        case _:
            return build.product([build.one(missing), value])


def _term(work: Resolver, term: s.Term, scope: Scope) -> Generator[tuple[Any, ...], Any, Expr]:
    carried = factor_uses(term, work.uses)
    summed, apart = _summed_here(work, term, carried, scope)
    _find_idle_ones(work, term, carried, scope)
    around = scope | summed
    values: list[Expr] = []
    for factor, over, uses in zip(term.factors, term.over, carried, strict=True):
        inner = around - {letter for letter in apart if letter in uses and uses[letter].closes} if apart else around
        if isinstance(factor, s.Group):
            work.beside[factor.content] = {i for other in carried if other is not uses for i in other}
        value: Expr = _leaf(work.names, factor) if isinstance(factor, s.Leaf) else (yield work, factor, inner)
        _multiply(values, _closed(work, factor, value, inner) if over else value, over)
    values = masked(values)
    carries = {i for value in values for i in value.free}
    bound = {work.names.index(key) for key in summed} & carries
    result = values[0] if len(values) == 1 and not bound else build.product(values, bound)
    for _ in range(term.negations):
        result = build.negate(result)
    return result


def _multiply(values: list[Expr], value: Expr, over: bool) -> None:
    """Append a factor: numbers that a product begins with divide to one number, and ``1/b`` is the reciprocal of b."""
    if over and len(values) == 1 and isinstance(values[0], nodes.Literal):
        head = values[0].value
        if isinstance(value, nodes.Literal):
            if value.value != 0 and _is_small(head / value.value):
                values[0] = build.literal(head / value.value)
                return
        elif head == 1:
            values.clear()
    values.append(build.reciprocal(value) if over else value)


def _is_small(value: Fraction) -> bool:
    return max(value.numerator.bit_length(), value.denominator.bit_length()) <= _LARGEST


def _summed_here(work: Resolver, term: s.Term, carried: list[Uses], scope: Scope) -> tuple[Scope, Scope]:
    """Give the letters that this product sums, and those that its groups sum by themselves against one sum here.

    A letter without one reading counts as summed here once it is reported, so that it is reported once.
    """
    collected = by_letter(carried)
    summed = _bound(work, term, collected.keys(), scope)
    ones, bare = claimed(term), _bare_letters(term)
    apart: set[str] = set()
    ambiguous: list[str] = []
    for letter, uses in collected.items():
        if letter in scope or letter in summed:
            continue
        reading = read(uses, letter in ones)
        if reading is Reading.LEAVE and letter not in bare:
            continue
        if reading is Reading.ONCE and len(work.findings) < MAX_ERRORS:
            work.findings.append(Finding("once", occurrence(term, letter, work.uses), (letter,), term))
        elif reading is Reading.AMBIGUOUS or reading is Reading.LEAVE:
            if work.policy is Policy.REPORT and _is_bracketed_quotient(term, carried, letter):
                apart.add(letter)
                continue
            if work.policy is Policy.SEPARATE:
                apart.add(letter)
                if all(use.closes for use in uses):
                    continue
            ambiguous.append(letter)
        summed.add(letter)
    if ambiguous and work.policy is Policy.REPORT:
        work.findings.append(Finding("ambiguous", term, tuple(ambiguous)))
    return frozenset(summed), frozenset(apart)


def _is_bracketed_quotient(term: s.Term, carried: list[Uses], letter: str) -> bool:
    """Tell whether brackets around the numerator and the denominators sum a letter: ``(x_i y_i) / (z_i z_i)``."""
    carriers = [(f, over) for f, over, uses in zip(term.factors, term.over, carried, strict=True) if letter in uses]
    are_brackets = all(isinstance(factor, s.Group) for factor, _ in carriers)
    closes = all(uses[letter].closes for uses in carried if letter in uses)
    return are_brackets and closes and [over for _, over in carriers].count(False) == 1


def _bound(work: Resolver, term: s.Term, carried: Collection[str], scope: Scope) -> set[str]:
    """Give the letters of the explicit sum over a product."""
    bound: set[str] = set()
    for letter in term.bound:
        if letter.key in scope or letter.key in bound:
            work.findings.append(Finding("taken", letter, (letter.key,)))
        elif letter.key not in carried:
            work.findings.append(Finding("unused", letter, (letter.key,)))
        bound.add(letter.key)
    return bound


def _bare_letters(term: s.Term) -> set[str]:
    """Give the letters that a tensor repeats which, without brackets, is raised to a power or divided by."""
    bare: set[str] = set()
    for factor, over in zip(term.factors, term.over, strict=True):
        parts = [factor.base, factor.exponent] if isinstance(factor, s.Power) else [factor] if over else []
        for part in parts:
            if isinstance(part, s.Reference | s.One | s.Gather):
                letters = part.letters if isinstance(part, s.Gather) else part.indices
                bare |= {key for key, count in Counter(i.key for i in letters).items() if count >= 2}
    return bare


def _find_idle_ones(work: Resolver, term: s.Term, carried: list[Uses], scope: Scope) -> None:
    """Note one-tensors with a free letter that every other factor carries too, of those that have letters."""
    with_letters = [uses for uses in carried if uses]
    if len(with_letters) < 2:
        return
    everywhere = {i for i in with_letters[0] if i in scope and all(i in uses for uses in with_letters)}
    for factor, over in zip(term.factors, term.over, strict=True):
        if isinstance(factor, s.One) and not over:
            idle = tuple(i.key for i in factor.indices if i.key in everywhere)
            if idle:
                work.findings.append(Finding("idle", factor, idle, term))
