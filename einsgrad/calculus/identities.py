"""Functions as forms: the identities of the function table that hold for components, each used in one direction.

What is left of all functions are ``exp``, ``log``, ``sin``, ``cos``, ``asin``, ``atan``, ``asinh``, ``erf``, ``floor``,
``round``, ``atan2``, ``erfinv``, ``lgamma`` and its derivatives, and powers with exponents that are no numbers;
absolute values, signs, roots and kinked functions are powers of their arguments. Each identity gives a form that has
the function's value wherever the function has one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from einsgrad.calculus.atoms import Atoms, Factor, Form, Monomial, UndefinedError
from einsgrad.calculus.domains import Domain, domain_of_function
from einsgrad.calculus.forms import (
    add,
    apply_function,
    by_delta,
    constant,
    factored,
    instantiate,
    join,
    multiply,
    number_of,
    power,
    prime_powers,
    raised,
    scale,
    settle,
    single,
    subtract,
)
from einsgrad.ir.conditions import AND, COMPARISONS, MASK, OR, opposite
from einsgrad.ir.functions import of_every_function

_ONE = constant(1)
# Angles of more terms than this, multiples counted, are not taken apart.
_MOST_TURNS = 4


def _exp(atoms: Atoms, u: Form) -> Form:
    """``exp(2 a + b) = exp(a)^2 exp(b)`` and ``exp(c log(a)) = a^c``."""
    factors = []
    for monomial, coefficient in u.items():
        base = _argument_of_log(atoms, monomial)
        if base is None:
            base, _ = atoms.close("function", "exp", [(0, monomial, Fraction(1))])
        factors.append(base._replace(exponent=coefficient, sign=0))
    return join(atoms, factors)


def _argument_of_log(atoms: Atoms, monomial: Monomial) -> Factor | None:
    if (
        len(monomial) != 1
        or atoms[monomial[0].atom].name != "log"
        or (monomial[0].exponent, monomial[0].sign) != (1, 1)
    ):
        return None
    atom = atoms[monomial[0].atom]
    ((_, (inner,), _),) = atom.items
    return inner._replace(letters=tuple(monomial[0].letters[i] for i in inner.letters))


def _log(atoms: Atoms, u: Form) -> Form:
    """``log(2 a^3 / b) = log(2) + 3 log(abs(a)) - log(abs(b))`` and ``log(exp(a)) = a``."""
    factors, coefficient = factored(atoms, u)
    if not coefficient:
        raise UndefinedError
    parts = [single(_log_of(atoms, atoms.symbol("number", p)), k) for p, k in prime_powers(abs(coefficient))]
    for f in factors:
        if (atoms[f.atom].kind, atoms[f.atom].name) == ("function", "exp"):
            parts.append(scale(instantiate(atoms, f.atom, f.letters), f.exponent))
        elif f.exponent != 0:
            parts.append(single(_log_of(atoms, f), f.exponent))
    return add(*parts)


def _log_of(atoms: Atoms, factor: Factor) -> Factor:
    return atoms.close("function", "log", [(0, (factor._replace(exponent=1, sign=0),), Fraction(1))])[0]


def _symbolic_power(atoms: Atoms, base: Form, exponent: Form) -> Form:
    """``a^p = exp(p log(a))`` where ``a`` is known to be positive; otherwise it is an atom."""
    number = number_of(exponent)
    if number is not None:
        return power(atoms, base, number)
    return by_delta(atoms, lambda u: _power_of(atoms, u, exponent), base, limited=True)


def _power_of(atoms: Atoms, base: Form, exponent: Form) -> Form:
    factors, coefficient = factored(atoms, base)
    positive = all((atoms.nonnegative(f.atom) or f.sign == 0) and atoms.nonzero(f.atom) for f in factors)
    if coefficient > 0 and positive:
        return _exp(atoms, multiply(atoms, exponent, _log(atoms, base)))
    items = [(position, m, c) for position, form in enumerate((base, exponent)) for m, c in form.items()]
    return single(atoms.close("function", "power", items)[0])


def merge_powers(atoms: Atoms, monomial: Monomial) -> Form | None:
    """``a^p a^q = a^(p + q)``, ``a^p a = a^(p + 1)``, and functions and powers beside what their arguments hold."""
    for factor in monomial:
        if atoms[factor.atom].kind != "function":
            continue
        others = tuple(f for f in monomial if f is not factor)
        if atoms[factor.atom].name == "power" and factor.sign == factor.exponent % 2:
            changed = _merged_power(atoms, factor, others)
        else:
            changed = _without_signs(atoms, factor, others)
        if changed is not None:
            return changed
    return None


def _merged_power(atoms: Atoms, factor: Factor, others: Monomial) -> Form | None:
    base, own = (instantiate(atoms, factor.atom, factor.letters, position) for position in (0, 1))
    alike = [(f, e) for f in others if (e := _exponent_over(atoms, f, base)) is not None]
    exponent = add(scale(own, factor.exponent), *(e for _, e in alike))
    rest = [f for f in others if all(f is not g for g, _ in alike)]
    for f in rest:
        exponent = _beside(atoms, exponent, f)
    if exponent == own:
        return None
    return multiply(atoms, join(atoms, rest), _symbolic_power(atoms, base, exponent))


def _beside(atoms: Atoms, exponent: Form, factor: Factor) -> Form:
    """``p a^(p - 1) = p a^(p - sign(p)^2)``: write an exponent so that the power has a value where ``p`` is zero.

    The product is zero there. So the exponent may be any that is the same elsewhere and a whole number, not negative,
    at ``p = 0``, since ``a^0`` and ``a^1`` have a value whatever ``a`` is. It is the one without ``sign(p)^2`` where
    that is such a number, and otherwise the one that is 0 there. An exponent that depends on more than ``p`` where
    ``p`` is zero stays as it is.
    """
    (square,) = join(atoms, [factor._replace(exponent=0, sign=2)])
    rest = {m: c for m, c in exponent.items() if m not in ((), square)}
    vanishes = all(any(_is_zero_with(f, factor) for f in m) for m in rest)
    number = exponent.get((), Fraction(0)) + exponent.get(square, Fraction(0))
    if factor.exponent <= 0 or not square or not vanishes or number.denominator != 1 or exponent.keys() <= {()}:
        return exponent
    return add(rest, {() if number >= 0 else square: number} if number else {})


def _is_zero_with(f: Factor, factor: Factor) -> bool:
    """Tell whether a power of an atom is zero where the atom of a factor is."""
    return f[:2] == factor[:2] and (f.exponent > 0 or (f.exponent == 0 and f.sign > 0))


def _exponent_over(atoms: Atoms, factor: Factor, base: Form) -> Form | None:
    """Give the exponent of a factor that is a power of ``base``."""
    if factor.exponent % 1 or factor.sign != factor.exponent % 2:
        return None
    if base == single(atoms.factor(factor.atom, factor.letters)):
        return constant(Fraction(factor.exponent))
    atom = atoms[factor.atom]
    if (atom.kind, atom.name) == ("function", "power") and instantiate(atoms, factor.atom, factor.letters, 0) == base:
        return scale(instantiate(atoms, factor.atom, factor.letters, 1), factor.exponent)
    return None


# Functions that have a value for any argument; that of the first is never zero.
_TOTAL = ("exp", "sin", "cos", "atan", "asinh", "erf")


def _without_signs(atoms: Atoms, factor: Factor, others: Monomial) -> Form | None:
    """``p f(sign(p)^2) = p f(1)``: where ``p`` is zero, so is the product, if only ``f(1)`` has a value there."""
    atom = atoms[factor.atom]
    if atom.name not in _TOTAL or (factor.exponent < 0 and atom.name != "exp"):
        return None
    squares = {f._replace(exponent=0, sign=2) for f in others if f.exponent > 0}
    argument = instantiate(atoms, factor.atom, factor.letters)
    without = add(*(join(atoms, [f for f in m if f not in squares], c) for m, c in argument.items()))
    if without == argument:
        return None
    changed = raised(atoms, apply_function(atoms, str(atom.name), without), factor.exponent, factor.sign)
    return multiply(atoms, join(atoms, others), changed)


def _sigmoid(atoms: Atoms, u: Form) -> Form:
    """``sigmoid(u) = exp(u) / (1 + exp(u))``."""
    e = _exp(atoms, u)
    return multiply(atoms, e, power(atoms, add(_ONE, e), -1))


def _tanh(atoms: Atoms, u: Form) -> Form:
    """``tanh(u) = (exp(2 u) - 1) / (exp(2 u) + 1)``."""
    e = _exp(atoms, scale(u, 2))
    return multiply(atoms, subtract(e, _ONE), power(atoms, add(_ONE, e), -1))


def _hyperbolic(sign: int) -> Callable[[Atoms, Form], Form]:
    """``cosh(u) = 1/2 exp(u) + 1/2 exp(-u)``, and ``sinh`` with a minus."""

    def function(atoms: Atoms, u: Form) -> Form:
        return scale(add(_exp(atoms, u), scale(_exp(atoms, scale(u, -1)), sign)), Fraction(1, 2))

    return function


def _gelu(atoms: Atoms, u: Form) -> Form:
    """``gelu(u) = 1/2 u (1 + erf(u / sqrt(2)))``."""
    root = power(atoms, constant(2), Fraction(-1, 2))
    return scale(multiply(atoms, u, add(_ONE, _ERF(atoms, multiply(atoms, u, root)))), Fraction(1, 2))


def _with_parity(name: str, parity: int) -> Callable[[Atoms, Form], Form]:
    """``f(-u) = f(u)`` for an even function, ``f(-u) = -f(u)`` and ``f(0) = 0`` for an odd one."""

    def function(atoms: Atoms, u: Form) -> Form:
        if not u:
            return {} if parity < 0 else _ONE
        factor, sign = atoms.close("function", name, [(0, m, c) for m, c in u.items()], parity=parity)
        return single(factor, sign)

    return function


_ERF, _ASIN = (_with_parity(name, -1) for name in ("erf", "asin"))


def _circular(atoms: Atoms, u: Form) -> tuple[Form, Form]:
    """Give sine and cosine: ``sin(a + b) = sin(a) cos(b) + cos(a) sin(b)``, and ``sin(2 a)`` is ``sin(a + a)``.

    Angles of many terms, or large multiples, stay as they are.
    """
    turns = [(m, abs(c.numerator), Fraction(1 if c > 0 else -1, c.denominator)) for m, c in sorted(u.items())]
    if sum(times for _, times, _ in turns) > _MOST_TURNS:
        return _with_parity("sin", -1)(atoms, u), _with_parity("cos", 1)(atoms, u)
    sine, cosine = constant(0), constant(1)
    for monomial, times, part in turns:
        s, c = (_with_parity(name, parity)(atoms, {monomial: part}) for name, parity in (("sin", -1), ("cos", 1)))
        for _ in range(times):
            sine, cosine = (
                add(multiply(atoms, sine, c), multiply(atoms, cosine, s)),
                subtract(multiply(atoms, cosine, c), multiply(atoms, sine, s)),
            )
    return sine, cosine


def _tan(atoms: Atoms, u: Form) -> Form:
    """``tan(u) = sin(u) / cos(u)``."""
    sine, cosine = _circular(atoms, u)
    return multiply(atoms, sine, power(atoms, cosine, -1))


def _logarithm(base: int) -> Callable[[Atoms, Form], Form]:
    """``log2(u) = log(u) / log(2)``."""
    return lambda atoms, u: multiply(atoms, _log(atoms, u), power(atoms, _log(atoms, constant(base)), -1))


def _root(atoms: Atoms, u: Form) -> Form:
    return power(atoms, u, Fraction(1, 2))


def _acosh(atoms: Atoms, u: Form) -> Form:
    """``acosh(u) = log(u + sqrt(u^2 - 1))``."""
    return _log(atoms, add(u, _root(atoms, subtract(multiply(atoms, u, u), _ONE))))


def _atanh(atoms: Atoms, u: Form) -> Form:
    """``atanh(u) = 1/2 log(1 + u) - 1/2 log(1 - u)``."""
    return scale(subtract(_log(atoms, add(_ONE, u)), _log(atoms, subtract(_ONE, u))), Fraction(1, 2))


def _logsigmoid(atoms: Atoms, u: Form) -> Form:
    """``logsigmoid(u) = u - log(1 + exp(u))``."""
    return subtract(u, _log(atoms, add(_ONE, _exp(atoms, u))))


def _floor(atoms: Atoms, u: Form) -> Form:
    """``floor(u + n) = floor(u) + n``."""
    whole = constant(math.floor(u.get((), Fraction(0))))
    rest = subtract(u, whole)
    if number_of(rest) is not None:
        return whole
    return add(single(atoms.close("function", "floor", [(0, m, c) for m, c in rest.items()])[0]), whole)


def _round(atoms: Atoms, u: Form) -> Form:
    """``round(-u) = -round(u)``."""
    number = number_of(u)
    return constant(round(number)) if number is not None else _with_parity("round", -1)(atoms, u)


def _mod(atoms: Atoms, u: Form, v: Form) -> Form:
    """``mod(u, v) = u - v floor(u/v)``."""
    turns = apply_function(atoms, "floor", multiply(atoms, u, power(atoms, v, -1)))
    return subtract(u, multiply(atoms, v, turns))


def _hypot(atoms: Atoms, u: Form, v: Form) -> Form:
    """``hypot(u, v) = sqrt(u^2 + v^2)``."""
    return apply_function(atoms, "sqrt", add(multiply(atoms, u, u), multiply(atoms, v, v)))


def _unknown(name: str) -> Callable[..., Form]:
    """An atom of its arguments: no identity is used. So is ``atan2``, whose parity does not hold on its cut."""

    def function(atoms: Atoms, *arguments: Form) -> Form:
        items = [(position, m, c) for position, form in enumerate(arguments) for m, c in form.items()]
        return single(atoms.close("function", name, items)[0])

    return function


def _not(sign: str) -> Callable[[Atoms, Form, Form], Form]:
    """``[a <= b] = 1 - [b < a]`` and ``[a != b] = 1 - [a == b]``."""
    other, is_turned = opposite(sign)

    def function(atoms: Atoms, a: Form, b: Form) -> Form:
        return subtract(_ONE, _unknown(other)(atoms, *((b, a) if is_turned else (a, b))))

    return function


def _polygamma(atoms: Atoms, n: Form, u: Form) -> Form:
    """``polygamma(0, u) = digamma(u)``."""
    return _unknown("polygamma")(atoms, n, u) if n else _unknown("digamma")(atoms, u)


def _logndtr(atoms: Atoms, u: Form) -> Form:
    """``logndtr(u) = log(1/2 (1 + erf(u / sqrt(2))))``."""
    inner = multiply(atoms, u, power(atoms, constant(2), Fraction(-1, 2)))
    return _log(atoms, scale(add(_ONE, _ERF(atoms, inner)), Fraction(1, 2)))


def _extreme(sign: int) -> Callable[[Atoms, Form, Form], Form]:
    """``maximum(u, v) = 1/2 (u + v + abs(u - v))``, and ``minimum`` with a minus."""

    def function(atoms: Atoms, u: Form, v: Form) -> Form:
        return scale(add(u, v, scale(_abs(atoms, subtract(u, v)), sign)), Fraction(1, 2))

    return function


def _abs(atoms: Atoms, u: Form) -> Form:
    return raised(atoms, u, 1, 0)


def _step(atoms: Atoms, u: Form) -> Form:
    """``step(u) = 1/2 (sign(u) + sign(u)^2)``."""
    return scale(add(raised(atoms, u, 0, 1), raised(atoms, u, 0, 2)), Fraction(1, 2))


def _of_one(name: str, function: Callable[[Atoms, Form], Form]) -> Callable[[Atoms, Form], Form]:
    limited = domain_of_function(name) not in (Domain.ALL, Domain.NONNEGATIVE)  # a root is that of the absolute value
    return lambda atoms, u: by_delta(atoms, lambda v: function(atoms, settle(atoms, v)), u, limited)


def _pi(atoms: Atoms) -> Form:
    return single(atoms.symbol("function", "π"))


_OF_ONE: dict[str, Callable[[Atoms, Form], Form]] = {
    "exp": _exp,
    "log": _log,
    "log2": _logarithm(2),
    "log10": _logarithm(10),
    "log1p": lambda atoms, u: _log(atoms, add(_ONE, u)),
    "expm1": lambda atoms, u: subtract(_exp(atoms, u), _ONE),
    "sqrt": _root,
    "abs": _abs,
    "sign": lambda atoms, u: raised(atoms, u, 0, 1),
    "sin": lambda atoms, u: _circular(atoms, u)[0],
    "cos": lambda atoms, u: _circular(atoms, u)[1],
    "tan": _tan,
    "asin": _ASIN,
    "acos": lambda atoms, u: subtract(scale(_pi(atoms), Fraction(1, 2)), _ASIN(atoms, u)),
    "atan": _with_parity("atan", -1),
    "sinh": _hyperbolic(-1),
    "cosh": _hyperbolic(+1),
    "tanh": _tanh,
    "asinh": _with_parity("asinh", -1),
    "acosh": _acosh,
    "atanh": _atanh,
    "sigmoid": _sigmoid,
    "softplus": lambda atoms, u: _log(atoms, add(_ONE, _exp(atoms, u))),
    "logsigmoid": _logsigmoid,
    "relu": lambda atoms, u: scale(add(u, _abs(atoms, u)), Fraction(1, 2)),
    "gelu": _gelu,
    "silu": lambda atoms, u: multiply(atoms, u, _sigmoid(atoms, u)),
    "erf": _ERF,
    "erfc": lambda atoms, u: subtract(_ONE, _ERF(atoms, u)),
    "erfinv": _with_parity("erfinv", -1),
    "logndtr": _logndtr,
    "lgamma": _unknown("lgamma"),
    "digamma": _unknown("digamma"),
    "step": _step,
    "stop": lambda atoms, u: u,
    "floor": _floor,
    "round": _round,
}

FORMS_OF_FUNCTIONS: Mapping[str, Callable[..., Form]] = MappingProxyType(
    {
        **of_every_function(
            "normal forms",
            {
                **{name: _of_one(name, function) for name, function in _OF_ONE.items()},
                "π": _pi,
                "maximum": _extreme(+1),
                "minimum": _extreme(-1),
                "mod": _mod,
                "hypot": _hypot,
                "atan2": _unknown("atan2"),
                "polygamma": _polygamma,
                **{sign: _unknown(sign) for sign in COMPARISONS},
                **{sign: _not(sign) for sign in ("<=", "!=")},
                AND: multiply,
                OR: lambda atoms, a, b: subtract(add(a, b), multiply(atoms, a, b)),
                MASK: multiply,
            },
        ),
        "power": _symbolic_power,
    }
)
"""The form of each function of the language, and of powers, from the forms of the arguments."""
