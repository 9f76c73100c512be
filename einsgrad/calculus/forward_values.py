"""Forward values: a gradient names what a forward equation computes, where it is shorter for that.

Before: the equations of a differentiator, gradients simplified and factored. After: with ``y_bc = exp(x_bc) / (1_k
exp(x_bk))``, the gradient ``exp(x_bc) (g_bc - 1_c g_bj exp(x_bj) / (1_k exp(x_bk))) / (1_k exp(x_bk))`` reads ``y_bc
(g_bc - 1_c g_bj y_bj)``. A right-hand side is found in a product up to its letters, the order of factors, powers and
numbers, ``1 - sigmoid(u)`` behind ``sigmoid(-u)`` as well. Not attempted: sums with other terms among those of the
equation, and a scalar in its own gradient, whose equation beside that of the gradient would be read as a claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from einsgrad.calculus.algebra_rules import joined_power, split_power
from einsgrad.calculus.canonical import canonical_key
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.calculus.matching import match
from einsgrad.calculus.rewriting import is_number, multiply
from einsgrad.calculus.simplify import simplifier
from einsgrad.calculus.tails import TAILS
from einsgrad.ir import build
from einsgrad.ir.equations import Definition, uses
from einsgrad.ir.letters import rename, rename_all
from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import Apply, Expr, Index, Literal, One, Power, Product, Tensor
from einsgrad.ir.traversal import children, postorder, transform

# Products of more factors are left alone: those of tensor networks, in which gradients leave one out.
_MOST_FACTORS = 8
_WITH_TAILS = frozenset(tail.function for tail in TAILS)


def name_forward_values(differentiator: Differentiator) -> None:
    """Rewrite the equations that a differentiator has added to those of the text.

    >>> from einsgrad.frontend.parser import parse_program
    >>> from einsgrad.ir.printer import print_expression
    >>> d = Differentiator(parse_program("y_i = tanh(x_i)"))
    >>> d.adjoints("l", d.upstream_seeds("l", ["y"]), ["x"])
    >>> name_forward_values(d)
    >>> print_expression(d.definitions["∂l/∂x"].rhs)
    '∂l/∂y_i (1 - y_i^2)'
    """
    named = ForwardValues(differentiator)
    for d in list(differentiator.definitions.values()):
        if d.name not in differentiator.program.by_name:
            rhs = named.put_into(d.rhs, d.name)
            if rhs is not d.rhs:
                differentiator.define(d.name, d.indices, rhs)


@dataclass(frozen=True)
class _Value:
    """A forward value as a number times powers, some letters summed; its letters are those of no equation.

    Attributes:
        name: the tensor.
        shown: what takes the place of the powers.
        number: the number.
        powers: bases with their exponents.
        summed: the letters summed over.
        needs: the tensors that it is computed from.
        always: whether it is named even where that is not shorter.
    """

    name: str
    shown: Expr
    number: Fraction
    powers: tuple[tuple[Expr, Fraction], ...]
    summed: tuple[Index, ...]
    needs: frozenset[str]
    always: bool = False


@dataclass
class _Found:
    """Where a forward value stands in a product: its letters there, and the factor for each of its bases."""

    letters: dict[Index, Index] = field(default_factory=dict)
    places: dict[int, Fraction] = field(default_factory=dict)


class ForwardValues:
    """The values of the text's equations, as far as these come before all gradients."""

    def __init__(self, differentiator: Differentiator) -> None:
        self._simplify = simplifier()
        self._values: dict[str, list[_Value]] = {}
        for d in differentiator.definitions.values():
            if d.name not in differentiator.program.by_name:
                break
            for value in _values(d, self._simplify(self.put_into(d.rhs, d.name))):
                # Each is looked for where the first tensor that it needs occurs.
                self._values.setdefault(min(value.needs), []).append(value)

    def put_into(self, node: Expr, equation: str) -> Expr:
        """Give the right-hand side of an equation with names for the forward values in it."""
        known = set(uses(node))
        parts = split_gradient_name(equation)
        own = {equation, *(parts[:1] if parts else ())}
        candidates = [v for name in uses(node) for v in self._values.get(name, ()) if v.needs <= known]
        candidates = [v for v in candidates if v.name not in own]
        if not candidates:
            return node
        candidates.sort(key=lambda v: -len(v.powers))
        named = transform(node, lambda part: _named(part, candidates))
        return node if named is node else self._simplify(named)


def _values(d: Definition, rhs: Expr) -> Iterator[_Value]:
    """Yield what an equation computes, and for a sigmoid its complement, ``sigmoid(-u) = 1 - sigmoid(u)``."""
    letters = {i: Index(f"?{k}") for k, i in enumerate(dict.fromkeys([*d.indices, *_summed(rhs)]))}
    shown = rename(build.tensor(d.name, d.indices), letters)
    whole = _value(d.name, shown, rhs, letters)
    if whole is None:
        return
    yield whole
    if isinstance(rhs, Apply) and rhs.function == "sigmoid":
        mirrored = build.apply("sigmoid", [simplifier()(build.negate(rhs.args[0]))])
        complement = build.add([build.literal(1), build.negate(shown)])
        if (value := _value(d.name, complement, mirrored, letters, always=True)) is not None:
            yield value


def _value(name: str, shown: Expr, rhs: Expr, letters: Mapping[Index, Index], always: bool = False) -> _Value | None:
    """Read a right-hand side; ``None`` for one that says no more than a name, or broadcasts along a letter."""
    number, powers = Fraction(1), []
    for factor in _factors(rhs):
        if isinstance(factor, Literal):
            number *= factor.value
        elif not isinstance(factor, One):
            base, exponent = split_power(factor)
            powers.append((rename_all(base, letters), exponent))
    told = {i for base, _ in powers for i in base.free}
    is_trivial = len(powers) == 1 and not children(powers[0][0]) and powers[0][1] == 1
    # Differences of a multiple and a number are not joined, so that rounding would leave nothing of them.
    has_tail = number != 1 and any(isinstance(b, Apply) and b.function in _WITH_TAILS for b, _ in powers)
    if (
        not powers
        or is_trivial
        or has_tail
        or len(powers) > _MOST_FACTORS
        or number == 0
        or not told.issuperset(shown.free)
    ):
        return None
    summed = tuple(letters[i] for i in _summed(rhs))
    needs = frozenset(uses(rhs))
    return _Value(name, shown, number, tuple(powers), summed, needs, always) if needs else None


def _named(node: Expr, values: Iterable[_Value]) -> Expr:
    """Give a node with names for the forward values that are factors of it, as long as there are any."""
    best = node
    if isinstance(node, Tensor | Literal) or len(_factors(node)) > 2 * _MOST_FACTORS:
        return best
    for value in values:
        new = _with_name(best, value)
        while new is not None:
            best = new if value.always or _size(new) < _size(best) else best
            new = _with_name(new, value)
    return best


def _with_name(node: Expr, value: _Value) -> Expr | None:
    """``c b^3 d = (y/n) b^2 d`` for the value ``y = n c b`` and so on. Ends: fewer of the bases are left."""
    factors = _factors(node)
    found = next(_search(value.powers, [split_power(f) for f in factors], _Found()), None)
    if found is None:
        return None
    times = _times(value, found, factors)
    if times == 0:
        return None
    gone = {found.letters[i] for i in value.summed}
    put: list[Expr] = []
    for place, factor in enumerate(factors):
        if place == min(found.places):
            put.append(joined_power(rename(value.shown, found.letters), Fraction(times)))
        if place in found.places:
            base, exponent = split_power(factor)
            left = exponent - times * found.places[place]
            put += [joined_power(base, left)] if left else []
        elif isinstance(factor, One):
            kept = [i for i in factor.indices if i not in gone]
            put += [build.one(kept)] if kept else []
        else:
            put.append(factor)
    if value.number != 1:
        put.insert(0, build.literal(value.number**-times))
    if any(not gone.isdisjoint(f.free) for f in put):
        return None
    new = multiply(put, [i for i in _summed(node) if i not in gone])
    return new if set(new.free) == set(node.free) else None


def _times(value: _Value, found: _Found, factors: Sequence[Expr]) -> int:
    """Give how many times a value is a factor; a negative number where its inverse is one, and it has one base."""
    ratios = [split_power(factors[place])[1] / exponent for place, exponent in found.places.items()]
    if all(r >= 1 for r in ratios):
        return 1 if value.summed or value.always else int(min(ratios))
    is_inverse = len(ratios) == 1 and ratios[0].denominator == 1 and not (value.summed or value.always)
    return int(ratios[0]) if is_inverse else 0


def _search(
    powers: Sequence[tuple[Expr, Fraction]], factors: Sequence[tuple[Expr, Fraction]], found: _Found
) -> Iterator[_Found]:
    """Yield the ways in which factors are powers of all bases, each another factor, in the same letters."""
    if not powers:
        if len(set(found.letters.values())) == len(found.letters):
            yield found
        return
    (base, exponent), *others = powers
    for place, (factor, _) in enumerate(factors):
        if place in found.places:
            continue
        wanted = rename(base, found.letters)
        letters = match(wanted, factor, [i for i in wanted.free if i.name.startswith("?")])
        if letters is None or canonical_key(rename(wanted, letters)) != canonical_key(factor):
            continue
        step = _Found({**found.letters, **letters}, {**found.places, place: exponent})
        yield from _search(others, factors, step)


def _factors(node: Expr) -> Sequence[Expr]:
    return node.factors if isinstance(node, Product) else (node,)


def _summed(node: Expr) -> Sequence[Index]:
    return node.summed if isinstance(node, Product) else ()


def _size(node: Expr) -> int:
    """Count the nodes of an expression as it is written: those that it shares each time, no exponent of a divisor."""
    sizes: dict[Expr, int] = {}
    for part in postorder(node):
        is_divisor = isinstance(part, Power) and is_number(part.exponent, -1)
        sizes[part] = sum(sizes[child] for child in children(part)) + (0 if is_divisor else 1)
    return sizes[node]
