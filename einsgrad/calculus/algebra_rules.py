"""Rules of ordinary algebra: numbers, equal factors, equal terms, powers.

They hold component by component, so they never reach into a contraction: factors that carry a summed index are merged
only where the sum stays readable.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from fractions import Fraction

from einsgrad.calculus.canonical import canonical_key, skeleton
from einsgrad.calculus.rewriting import Rule, broadcast, is_number, is_zero, multiply, tacit, total, zero
from einsgrad.ir import build
from einsgrad.ir.nodes import Apply, Delta, Expr, Literal, One, Power, Product, Size, Sum

# Numbers with more digits than this are left as they are written.
_MOST_DIGITS = 400


def fold_numbers(node: Product) -> Expr | None:
    """``2 a 3 = 6 a``, ``1 a = a``, ``0 a_i = 0 1_i``: the numbers of a product become one, in front.

    Ends: fewer numbers, or the one there is moves to the front.
    """
    value = Fraction(1)
    rest: list[Expr] = []
    for factor in node.factors:
        number = _number(factor)
        if number is None or len(str(number)) > _MOST_DIGITS:
            rest.append(factor)
        else:
            value *= number
    if value == 0:
        result = zero(node.free)
    elif value == 1 and rest:
        result = multiply(rest, node.summed)
    else:
        result = multiply([build.literal(value), *rest], node.summed)
    return None if result is node else result


def _number(node: Expr) -> Fraction | None:
    match node:
        case Literal(value=value):
            return value
        case Power(base=Literal(value=base), exponent=Literal(value=exponent)):
            if base != 0 and exponent.denominator == 1 and abs(exponent) <= 64:
                return Fraction(base ** int(exponent))
    return None


def merge_equal_factors(node: Product) -> Expr | None:
    """``a a = a^2``, ``a^2 / a = a``, ``a / sqrt(a) = sqrt(a)``: exponents of one base are added, if they are numbers.

    ``x_i x_i`` with ``i`` summed stays: it reads better than ``1_i x_i^2``. Ends: fewer factors.
    """
    exponents: dict[Expr, list[Fraction]] = {}
    for factor in node.factors:
        base, exponent = split_power(factor)
        exponents.setdefault(base, []).append(exponent)
    merged = {base for base, found in exponents.items() if len(found) > 1 and _mergeable(base, found, node)}
    if not merged:
        return None
    factors: list[Expr] = []
    for factor in node.factors:
        base, _ = split_power(factor)
        if base not in merged:
            factors.append(factor)
        elif base in exponents:
            exponent = sum(exponents.pop(base), Fraction(0))
            if exponent == 0:
                factors += [build.one(base.free)] if base.free else []
            else:
                factors.append(joined_power(base, exponent))
    return multiply(factors, node.summed)


def split_power(node: Expr) -> tuple[Expr, Fraction]:
    """Give the base and the exponent of a factor; a root counts as an exponent of one half."""
    base, exponent = node, Fraction(1)
    if isinstance(node, Power) and isinstance(node.exponent, Literal):
        base, exponent = node.base, node.exponent.value
    if isinstance(base, Apply) and base.function == "sqrt":
        base, exponent = base.args[0], exponent / 2
    return base, exponent


def joined_power(base: Expr, exponent: Fraction) -> Expr:
    """Undo :func:`split_power`."""
    if exponent.denominator == 2:
        base, exponent = build.apply("sqrt", [base]), exponent * 2
    return base if exponent == 1 else build.power(base, build.literal(exponent))


def _mergeable(base: Expr, exponents: list[Fraction], node: Product) -> bool:
    if isinstance(base, Literal | One):
        return False
    if isinstance(base, Delta):
        return True
    return not (set(base.free) & set(node.summed)) or any(e != 1 for e in exponents)


def absolute_values(node: Product) -> Expr | None:
    """``abs(a) abs(a) = a a`` and ``abs(a) sign(a) = a``, at zero, too. Ends: fewer absolute values."""
    factors = list(node.factors)
    for position, factor in enumerate(factors):
        if not (isinstance(factor, Apply) and factor.function == "abs"):
            continue
        (argument,) = factor.args
        if factor in factors[position + 1 :]:
            factors[factors.index(factor, position + 1)] = argument
        elif (sign := build.apply("sign", [argument])) in factors:
            factors.remove(sign)
        else:
            continue
        factors[factors.index(factor)] = argument
        return multiply(factors, node.summed)
    return None


def order_factors(node: Product) -> Expr | None:
    """``b^-1 a |i| 2 = 2 |i| a / b``: numbers first, then sizes, divisors last, the rest as the author wrote it.

    Ends: it is a stable sort.
    """

    def rank(factor: Expr) -> int:
        if isinstance(factor, Literal):
            return 0
        if isinstance(factor, Size):
            return 1
        return 3 if isinstance(factor, Power) and is_number(factor.exponent, -1) else 2

    ordered = sorted(node.factors, key=rank)
    return multiply(ordered, node.summed) if ordered != list(node.factors) else None


def merge_sums(node: Sum) -> Expr | None:
    """``a + (b + c) = a + b + c``, and terms that are zero go. Ends: fewer sums, or fewer terms."""
    terms: list[Expr] = []
    for term in node.terms:
        if isinstance(term, Sum):
            terms += term.terms
        elif not is_zero(term):
            terms.append(term)
    if len(terms) == len(node.terms) and not any(isinstance(t, Sum) for t in node.terms):
        return None
    return total(terms, node.free)


def collect_equal_terms(node: Sum, key: Callable[[Expr], Hashable] = canonical_key) -> Expr | None:
    """``a + 2 a = 3 a``: terms equal up to the letters of sums and the order of factors are added up; so are numbers.

    Which terms are equal is for ``key`` to say. Ends: fewer terms.
    """
    buckets: dict[Hashable, list[int]] = {}
    for position, term in enumerate(node.terms):
        buckets.setdefault(skeleton(_split_number(term)[1]), []).append(position)
    if all(len(found) == 1 for found in buckets.values()):
        return None
    groups: dict[Hashable, list[int]] = {}
    for name, found in buckets.items():
        for position in found:
            own = key(_split_number(node.terms[position])[1]) if len(found) > 1 else None
            groups.setdefault((name, own), []).append(position)
    if len(groups) == len(node.terms):
        return None
    terms: list[Expr] = []
    for group in sorted(groups.values()):
        coefficient = sum((_split_number(node.terms[p])[0] for p in group), Fraction(0))
        rest = _split_number(node.terms[group[0]])[1]
        if coefficient != 0:
            terms.append(node.terms[group[0]] if len(group) == 1 else _scaled(coefficient, rest))
    return total(terms, node.free)


def _split_number(term: Expr) -> tuple[Fraction, Expr]:
    """Split a term into its number and the rest."""
    match term:
        case Literal(value=value):
            return value, build.literal(1)
        case Product(factors=(Literal(value=value), *rest), summed=summed):
            return value, multiply(rest, summed)
        case _:
            return Fraction(1), term


def _scaled(coefficient: Fraction, rest: Expr) -> Expr:
    if is_number(rest, 1):
        return build.literal(coefficient)
    if coefficient == 1:
        return rest
    if isinstance(rest, Product):
        return build.product([build.literal(coefficient), *rest.factors], rest.summed)
    return build.product([build.literal(coefficient), rest])


def simple_powers(node: Power) -> Expr | None:
    """``a^1 = a``, ``a^0 = 1``, ``(a^m)^n = a^(m n)``, ``sqrt(a)^(2 n) = a^n``, ``abs(a)^2 = a^2``, for whole ``n``.

    Ends: one power, root or absolute value fewer.
    """
    if not isinstance(node.exponent, Literal):
        return None
    exponent = node.exponent.value
    if exponent == 1:
        return node.base
    if exponent == 0:
        return broadcast(build.literal(1), node.free)
    number = _number(node)
    if number is not None and len(str(number)) <= _MOST_DIGITS:
        return build.literal(number)
    if isinstance(node.base, Apply) and (exponent / 2).denominator == 1:
        if node.base.function == "sqrt":
            return build.power(node.base.args[0], build.literal(exponent / 2))
        if node.base.function == "abs":
            return build.power(node.base.args[0], node.exponent)
    if isinstance(node.base, Power) and isinstance(node.base.exponent, Literal) and exponent.denominator == 1:
        return build.power(node.base.base, build.literal(node.base.exponent.value * exponent))
    return None


def roots_of_powers(node: Apply | Power) -> Expr | None:
    """``sqrt(a^4) = a^2``, ``sqrt(a^2) = abs(a)``, ``(a^3)^(1/2) = sqrt(a)^3``: roots of whole powers.

    Without a root their slopes are no quotients, which have no value at zero. A root of an odd power has a value only
    where ``a`` is not negative. Ends: one power fewer.
    """
    base, exponent = split_power(node)
    inner, whole = (base.base, base.exponent) if isinstance(base, Power) else (base, None)
    if not isinstance(whole, Literal) or whole.value.denominator != 1 or exponent.denominator == 1:
        return None
    if whole.value % 2:
        return joined_power(inner, whole.value * exponent)
    return joined_power(build.apply("abs", [inner]), whole.value * exponent)


def power_of_product(node: Power) -> Expr | None:
    """``(a b)^n = a^n b^n`` for whole ``n`` where nothing is summed; of divisors only fractions, ``1/(a/b) = b/a``.

    Ends: powers of smaller bases.
    """
    if not isinstance(node.base, Product) or node.base.summed or not isinstance(node.exponent, Literal):
        return None
    is_fraction = any(isinstance(f, Literal) or split_power(f)[1] < 0 for f in node.base.factors)
    if node.exponent.value.denominator != 1 or (node.exponent.value == -1 and not is_fraction):
        return None
    return multiply([build.power(f, node.exponent) for f in node.base.factors])


_KNOWN_VALUES = {("exp", 0): 1, ("log", 1): 0, ("sqrt", 0): 0, ("sqrt", 1): 1, ("sign", 0): 0, ("abs", 0): 0}


def known_values(node: Apply) -> Expr | None:
    """``exp(0) = 1``, ``log(1) = 0`` and the like, where the value is exact. Ends: one function fewer."""
    if len(node.args) == 1 and isinstance(node.args[0], Literal) and node.args[0].value.denominator == 1:
        value = _KNOWN_VALUES.get((node.function, int(node.args[0].value)))
        if value is not None:
            return build.literal(value)
    return None


ALGEBRA_RULES = (
    Rule(Product, "numbers", fold_numbers, tacit),
    Rule(Product, "absolute values", absolute_values),
    Rule(Product, "equal factors", merge_equal_factors),
    Rule(Product, "order of factors", order_factors, tacit),
    Rule(Sum, "associativity", merge_sums, tacit),
    Rule(Sum, "equal terms", collect_equal_terms),
    Rule(Power, "powers", simple_powers),
    Rule(Power, "roots of powers", roots_of_powers),
    Rule(Apply, "roots of powers", roots_of_powers),
    Rule(Power, "power of a product", power_of_product),
    Rule(Apply, "known values", known_values),
)
