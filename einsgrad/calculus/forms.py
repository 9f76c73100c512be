"""The arithmetic of forms: sums of monomials with exact coefficients, equal atoms merged, deltas substituted.

Every operation gives an expression that has a value wherever what it is made of has one, and then the same value. A
form may have a value where that has none: ``x / x`` is 1. So two expressions of one form agree wherever both are
defined.

Free letters that a form doesn't mention are broadcast; there are no one-tensors. Brackets whose power is whole and
positive are opened where they meet other factors, so all terms are in the end over denominators that their atoms
hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

from einsgrad.calculus.atoms import Atoms, Exponent, Factor, Form, Monomial, TooLargeError, UndefinedError

# Powers of numbers with more bits than this are not computed.
_MOST_BITS = 4000
_LARGEST_PRIME = 1000
_LARGEST_POWER = 64


def constant(value: Fraction | int) -> Form:
    """Make the form of a number."""
    return {(): Fraction(value)} if value else {}


def number_of(form: Form) -> Fraction | None:
    """Give the number that a form is, if it is one."""
    return form.get((), Fraction(0)) if form.keys() <= {()} else None


def single(factor: Factor, coefficient: Fraction | int = 1) -> Form:
    """Make the form of one factor."""
    return {(factor,): Fraction(coefficient)} if coefficient else {}


def add(*forms: Form) -> Form:
    """Add forms."""
    result: Form = {}
    for form in forms:
        for monomial, coefficient in form.items():
            total = result.get(monomial, 0) + coefficient
            if total:
                result[monomial] = total
            else:
                del result[monomial]
    return result


def scale(form: Form, number: Fraction | int) -> Form:
    """Multiply a form by a number."""
    return {m: c * number for m, c in form.items()} if number else {}


def subtract(a: Form, b: Form) -> Form:
    """Subtract forms."""
    return add(a, scale(b, -1))


def multiply(atoms: Atoms, *forms: Form) -> Form:
    """Multiply forms. Unless brackets are to be multiplied out, a sum stays one beside other factors."""
    number = math.prod((f[()] for f in forms if len(f) == 1 and () in f), start=Fraction(1))
    rest = [f for f in forms if not (len(f) == 1 and () in f)]
    if not atoms.multiply_out and len(rest) > 1:
        rest = [settle(atoms, f) if len(f) > 1 else f for f in rest]
        rest = [_as_one_term(atoms, f) if len(f) > 1 else f for f in rest]
    return scale(reduce(lambda a, b: _multiply_out(atoms, a, b), rest), number) if rest else constant(number)


def _multiply_out(atoms: Atoms, a: Form, b: Form) -> Form:
    return add(*(join(atoms, (*m, *n), c * d) for m, c in a.items() for n, d in b.items()))


def _times(atoms: Atoms, form: Form, factor: Form, times: int) -> Form:
    """Multiply a form several times by another.

    Raises:
        TooLargeError: too often.
    """
    if times > _LARGEST_POWER:
        raise TooLargeError
    for _ in range(times):
        form = _multiply_out(atoms, form, factor)
    return form


def _as_one_term(atoms: Atoms, form: Form) -> Form:
    factors, coefficient = factored(atoms, form)
    return {tuple(sorted(factors)): coefficient} if coefficient else {}


# -- one product -----------------------------------------------------------------------------------------------------


def join(atoms: Atoms, factors: Iterable[Factor], coefficient: Fraction | int = 1) -> Form:
    """Make the form of a product: exponents of equal atoms are added, deltas tie letters, brackets are opened."""
    powers: dict[tuple[int, tuple[str, ...]], tuple[Exponent, int]] = {}
    for factor in factors:
        arranged, turn = atoms.arrange(factor)
        if turn < 0:
            coefficient = -coefficient
        key, power = (arranged.atom, arranged.letters), (arranged.exponent, arranged.sign)
        powers[key] = _combined(powers[key], power) if key in powers else power
    atoms.spend(1 + len(powers))
    merged: list[Factor] = []
    for (atom, letters), power in powers.items():
        exponent, sign = _reduced(atoms, atom, power)
        match atoms[atom].kind:
            case "delta" if letters[0] == letters[1]:
                continue
            case "delta":  # every power of it that has a value is the same
                exponent = 1
            case "number":
                whole = math.floor(exponent)
                coefficient *= number_power(Fraction(atoms[atom].name), whole)
                exponent -= whole
        if exponent != 0 or sign:
            merged.append(Factor(atom, letters, _plain(exponent), sign))
    monomial = tuple(sorted(merged))
    if not coefficient:
        return {}
    for step in (_tie, _open, *atoms.rules):
        changed = step(atoms, monomial)
        if changed is not None:
            return scale(changed, coefficient)
    return {monomial: Fraction(coefficient)}


def _combined(a: tuple[Exponent, int], b: tuple[Exponent, int]) -> tuple[Exponent, int]:
    sign = a[1] + b[1]
    if a[0] == b[0] == 0:
        return 0, sign if sign <= 2 else 2 - sign % 2
    return a[0] + b[0], sign % 2


def _reduced(atoms: Atoms, atom: int, power: tuple[Exponent, int]) -> tuple[Exponent, int]:
    """Leave out of a power what the known signs of the atom make one."""
    exponent, sign = power
    if sign and atoms.nonnegative(atom):
        sign = 0 if exponent != 0 or atoms.nonzero(atom) else 1
    elif sign == 2 and atoms.nonzero(atom):
        sign = 0
    return exponent, sign


def _plain(exponent: Exponent) -> Exponent:
    return int(exponent) if isinstance(exponent, Fraction) and exponent.denominator == 1 else exponent


def number_power(value: Fraction, exponent: int) -> Fraction:
    """Raise a number to a whole power.

    Raises:
        TooLargeError: the result has too many digits.
    """
    if abs(exponent) * (max(abs(value.numerator), value.denominator) - 1).bit_length() > _MOST_BITS:
        raise TooLargeError
    return Fraction(value**exponent)


def _tie(atoms: Atoms, monomial: Monomial) -> Form | None:
    """``δ_ij x_j = δ_ij x_i``: beside a delta, all others carry its first letter."""
    for position, factor in enumerate(monomial):
        if atoms[factor.atom].kind == "delta":
            i, j = factor.letters
            others = monomial[:position] + monomial[position + 1 :]
            if any(j in other.letters for other in others):
                tied = rename(atoms, {others: Fraction(1)}, {j: i})
                return add(*(join(atoms, (*m, factor), c) for m, c in tied.items()))
    return None


def _open(atoms: Atoms, monomial: Monomial) -> Form | None:
    """``a (b + c)^2 = a (b + c) (b + c)``, and ``sin(u)^2 = 1 - cos(u)^2``: open the first factor that can be."""
    for position, factor in enumerate(monomial):
        times = whole_part(atoms, factor)
        atom = atoms[factor.atom]
        if atom.kind == "bracket" and (atoms.multiply_out or monomial == (factor._replace(exponent=1),)):
            inside, copies = instantiate(atoms, factor.atom, factor.letters), times
        elif (atom.kind, atom.name) == ("function", "sin"):
            times -= times % 2
            cosine = apply_function(atoms, "cos", instantiate(atoms, factor.atom, factor.letters))
            inside, copies = subtract(constant(1), power(atoms, cosine, 2)), times // 2
        else:
            continue
        if copies:
            rest = join(atoms, (*monomial[:position], *monomial[position + 1 :], without_powers(factor, times)))
            return _times(atoms, rest, inside, copies)
    return None


def whole_part(atoms: Atoms, factor: Factor) -> int:
    """Give the largest ``n`` such that the factor is ``a^n`` times a power of ``|a|`` that is not negative."""
    whole = math.floor(factor.exponent)
    if not atoms.nonnegative(factor.atom) and whole % 2 != factor.sign % 2:
        whole -= 1
    return max(whole, 0)


def without_powers(factor: Factor, times: int) -> Factor:
    """Divide a factor by ``a^times``; ``times`` is at most its whole part."""
    sign = (factor.sign + times) % 2 if factor.sign else 0
    return factor._replace(exponent=factor.exponent - times, sign=sign)


# -- powers ----------------------------------------------------------------------------------------------------------


def raised(atoms: Atoms, form: Form, exponent: Exponent, sign: int) -> Form:
    """Give ``sign(u)^sign |u|^exponent`` for a form ``u``: powers, roots, the absolute value and the sign are that.

    A root is that of the absolute value, which is the same wherever the root is defined.

    Raises:
        UndefinedError: zero is divided by.
    """
    exponent = _plain(exponent)
    if exponent == 0 and sign == 0:
        return constant(1)
    if not form:
        if exponent < 0:
            raise UndefinedError
        return {}
    if isinstance(exponent, int) and exponent > 0 and exponent % 2 == sign and len(form) > 1 and atoms.multiply_out:
        return _times(atoms, constant(1), form, exponent)
    return by_delta(atoms, lambda u: _raised(atoms, u, exponent, sign), form, limited=exponent < 0)


def power(atoms: Atoms, form: Form, exponent: Exponent) -> Form:
    """Give ``u ^ exponent``."""
    exponent = _plain(exponent)
    return raised(atoms, form, exponent, exponent % 2 if isinstance(exponent, int) else 0)


def _raised(atoms: Atoms, form: Form, exponent: Exponent, sign: int) -> Form:
    factors, coefficient = factored(atoms, form)
    if not coefficient:
        return raised(atoms, {}, exponent, sign)
    new = [_raise_factor(f, exponent, sign) for f in factors]
    number = Fraction(-1 if coefficient < 0 and sign % 2 else 1)
    if isinstance(exponent, int):
        number *= number_power(abs(coefficient), exponent)
    else:
        new += [atoms.symbol("number", p)._replace(exponent=k * exponent) for p, k in prime_powers(abs(coefficient))]
    return join(atoms, new, number)


def _raise_factor(factor: Factor, exponent: Exponent, sign: int) -> Factor:
    total = _plain(factor.exponent * exponent)
    odd = factor.sign * sign % 2
    return factor._replace(exponent=total, sign=2 - odd if total == 0 else odd)


def prime_powers(value: Fraction) -> list[tuple[int, int]]:
    """Factor a positive number into primes, as far as they are small; the rest counts as prime.

    >>> prime_powers(Fraction(12, 5))
    [(2, 2), (3, 1), (5, -1)]
    """
    found: dict[int, int] = {}
    for rest, sign in ((value.numerator, 1), (value.denominator, -1)):
        divisor = 2
        while divisor <= _LARGEST_PRIME and divisor * divisor <= rest:
            while rest % divisor == 0:
                found[divisor] = found.get(divisor, 0) + sign
                rest //= divisor
            divisor += 1
        if rest > 1:
            found[rest] = found.get(rest, 0) + sign
    return sorted(found.items())


def by_delta(atoms: Atoms, function: Callable[[Form], Form], form: Form, limited: bool = False) -> Form:
    """``f(u + δ_ij v) = f(u) + δ_ij (f(u_ii + v_ii) - f(u_ii))``: apply a function to a form that may hold deltas.

    On the diagonal ``f(u)`` and ``f(u_ii)`` cancel, but both have to have a value there, where ``u`` alone is no
    argument of the function: ``1/(a_ij + δ_ij)`` has one at ``a_ii = 0``. So a function that is ``limited`` is taken
    apart only where ``f(u)`` is a number; elsewhere the delta stays inside.
    """
    delta = next((f for m in form for f in m if atoms[f.atom].kind == "delta"), None)
    if delta is None:
        return function(form)
    i, j = delta.letters
    off_diagonal = {m: c for m, c in form.items() if delta not in m}
    if limited and not _is_number(function, off_diagonal):
        return function(form)
    tied = by_delta(atoms, function, rename(atoms, form, {j: i}), limited)
    apart = by_delta(atoms, function, off_diagonal, limited)
    return add(apart, multiply(atoms, single(delta), subtract(tied, rename(atoms, apart, {j: i}))))


def _is_number(function: Callable[[Form], Form], argument: Form) -> bool:
    try:
        return number_of(argument) is not None and number_of(function(argument)) is not None
    except UndefinedError:
        return False


# -- common factors --------------------------------------------------------------------------------------------------


def factored(atoms: Atoms, form: Form) -> tuple[list[Factor], Fraction]:
    """Write a form as a product: a number, the factors that all terms share, and a bracket with the rest.

    All denominators are among the shared factors, except those inside contractions. The number is 0 if the form is.
    """
    outside: list[Factor] = []
    while len(form) > 1 and (common := _common(atoms, form)):
        outside += common
        inverse = [f._replace(exponent=-f.exponent) for f in common]
        form = add(*(join(atoms, (*m, *inverse), c) for m, c in form.items()))
    if not form:
        return [], Fraction(0)
    if len(form) == 1:
        ((monomial, coefficient),) = form.items()
        return [*outside, *monomial], coefficient
    number = Fraction(
        math.gcd(*(c.numerator for c in form.values())), math.lcm(*(c.denominator for c in form.values()))
    )
    bracket, sign = atoms.close("bracket", "", [(0, m, c / number) for m, c in form.items()], parity=-1)
    return [*outside, bracket], number * sign


def _common(atoms: Atoms, form: Form) -> list[Factor]:
    """Give the lowest power of each atom among the terms, where it is not zero."""
    powers: dict[tuple[int, tuple[str, ...]], list[tuple[Exponent, int]]] = {}
    for monomial in form:
        for f in monomial:
            if atoms[f.atom].kind != "delta":
                powers.setdefault((f.atom, f.letters), []).append((f.exponent, f.sign))
    common = []
    for (atom, letters), found in powers.items():
        if len(found) < len(form):
            found.append((0, 0))
        lowest = min(exponent for exponent, _ in found)
        if lowest != 0:
            common.append(Factor(atom, letters, lowest, next(s for t, s in found if t == lowest)))
    return common


def settle(atoms: Atoms, form: Form) -> Form:
    """Bring the terms of a form over one denominator, and cancel it where the numerator is a multiple of it."""
    divided = any(f.exponent < 0 and atoms[f.atom].kind == "bracket" for m in form for f in m)
    return join(atoms, *factored(atoms, form)) if divided and len(form) > 1 else form


# -- letters ---------------------------------------------------------------------------------------------------------


def rename(atoms: Atoms, form: Form, mapping: Mapping[str, str]) -> Form:
    """Rename free letters. Where two become one, what is inside the atoms is looked at anew."""
    return add(*(_rename_term(atoms, m, c, mapping) for m, c in form.items()))


def _rename_term(atoms: Atoms, monomial: Monomial, coefficient: Fraction, mapping: Mapping[Any, str]) -> Form:
    kept: list[Factor] = []
    again: list[Form] = []
    for f in monomial:
        letters = tuple(mapping.get(i, i) for i in f.letters)
        if atoms[f.atom].items and len(set(letters)) < len(set(f.letters)):
            again.append(raised(atoms, _made_anew(atoms, f.atom, letters), f.exponent, f.sign))
        else:
            kept.append(f._replace(letters=letters))
    return multiply(atoms, join(atoms, kept, coefficient), *again)


def instantiate(atoms: Atoms, number: int, letters: Sequence[str], position: int = 0) -> Form:
    """Give one argument of an atom, or what is in a bracket, with letters in its slots."""
    mapping = dict(enumerate(letters))
    items = atoms[number].items
    return add(*(_rename_term(atoms, m, c, mapping) for at, m, c in items if at == position))


def _made_anew(atoms: Atoms, number: int, letters: tuple[str, ...]) -> Form:
    """Make an atom again from its own terms."""
    if (number, letters) not in atoms.made_anew:
        atom = atoms[number]
        if atom.kind == "function":
            count = 1 + max(position for position, _, _ in atom.items)
            made = apply_function(
                atoms, str(atom.name), *(instantiate(atoms, number, letters, k) for k in range(count))
            )
        else:
            bound = {atoms.fresh_letter(): range_ for range_ in atom.ranges}
            made = atoms.functions["sum over"](atoms, instantiate(atoms, number, [*letters, *bound]), bound)
        atoms.made_anew[number, letters] = made
    return atoms.made_anew[number, letters]


def apply_function(atoms: Atoms, name: str, *arguments: Form) -> Form:
    """Give the form of a function of forms."""
    return atoms.functions[name](atoms, *arguments)
