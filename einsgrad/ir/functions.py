"""The function table: everything einsgrad knows about each element-wise function of the language.

One entry a function: its derivative by each argument as an expression of the language, what that derivative is where
the function has a kink, and how LaTeX writes it. The derivative of every entry is tested against finite differences, so
a wrong line here can't stay. What a stage or a target knows of the functions stands there, in a table that
:func:`of_every_function` checks: a new function is refused at import until all of them have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import TypeVar

from einsgrad.diagnostics import InternalError
from einsgrad.ir import build
from einsgrad.ir.conditions import MASK, SIGNS
from einsgrad.ir.nodes import Expr, Literal

_Known = TypeVar("_Known")


@dataclass(frozen=True, slots=True)
class Function:
    """An element-wise function; the constant π is one of no arguments.

    Attributes:
        name: as it is written in the language.
        derivatives: for each argument, the derivative by it, from the arguments.
        latex: how LaTeX writes the function, before its argument; nothing for what is written with signs.
        kink: where the derivative does not exist, and what it is taken to be there.
        formula: what the function says in terms of others, where its derivative is made of the same parts.
    """

    name: str
    derivatives: tuple[Callable[..., Expr], ...]
    latex: str
    kink: str = ""
    formula: Callable[..., Expr] | None = None

    @property
    def arity(self) -> int:
        """The number of arguments."""
        return len(self.derivatives)

    @property
    def is_named(self) -> bool:
        """Whether a text calls it by its name: comparisons, and what they mask, are written in square brackets."""
        return bool(self.latex)


def _number(value: int | str) -> Expr:
    return build.literal(Fraction(value))


def _times(*factors: Expr) -> Expr:
    return build.product(factors)


def _minus(a: Expr, b: Expr) -> Expr:
    return build.add([a, build.negate(b)])


def _apply(name: str, *args: Expr) -> Expr:
    return build.apply(name, args)


def _square(u: Expr) -> Expr:
    return build.power(u, _number(2))


def _one_over(u: Expr) -> Expr:
    return build.reciprocal(u)


_PI = _apply("π")
_ONE = _number(1)
_ZERO = _number(0)


def _normal_distribution(u: Expr) -> Expr:
    """Φ(u), the distribution function of the standard normal distribution."""
    root_2 = _apply("sqrt", _number(2))
    return _times(_number("1/2"), build.add([_ONE, _apply("erf", _times(u, _one_over(root_2)))]))


def _gelu_slope(u: Expr) -> Expr:
    """Φ(u) + u φ(u), with Φ and φ the distribution and the density of the standard normal distribution."""
    root_2pi = _apply("sqrt", _times(_number(2), _PI))
    density = _times(_apply("exp", _times(_number("-1/2"), _square(u))), _one_over(root_2pi))
    return build.add([_normal_distribution(u), _times(u, density)])


def _erf_slope(u: Expr) -> Expr:
    root_pi = _apply("sqrt", _PI)
    return _times(_number(2), _one_over(root_pi), _apply("exp", build.negate(_square(u))))


def _silu_slope(u: Expr) -> Expr:
    """σ(u) (1 + u σ(-u)), which is right where σ(u) is close to one."""
    return _times(_apply("sigmoid", u), build.add([_ONE, _times(u, _apply("sigmoid", build.negate(u)))]))


def _sigmoid_slope(u: Expr) -> Expr:
    """σ(u) σ(-u): of 1 - σ(u) rounding would leave nothing where σ(u) is close to one."""
    return _times(_apply("sigmoid", u), _apply("sigmoid", build.negate(u)))


def _half_sign(sign: int) -> Callable[[Expr, Expr], Expr]:
    """One where the argument wins, zero where it loses, one half at a tie."""

    def slope(a: Expr, b: Expr) -> Expr:
        side = _apply("sign", _minus(a, b))
        half = _number("1/2")
        return build.add([half, _times(half if sign > 0 else _number("-1/2"), side)])

    return slope


def _flat(*args: Expr) -> Expr:
    return _ZERO


def _erfc_slope(u: Expr) -> Expr:
    return build.negate(_erf_slope(u))


def _logarithm_slope(base: int) -> Callable[[Expr], Expr]:
    """``1/(u log(base))``."""
    return lambda u: _times(_one_over(u), _one_over(_apply("log", _number(base))))


def _acosh_slope(u: Expr) -> Expr:
    """``1/sqrt((u - 1) (u + 1))``, which is right where ``u`` is close to one."""
    return _one_over(_apply("sqrt", _times(_minus(u, _ONE), build.add([u, _ONE]))))


def _over_squares(a: Expr, b: Expr) -> Expr:
    """``a / (a^2 + b^2)``."""
    return _times(a, _one_over(build.add([_square(a), _square(b)])))


def _erfinv_slope(u: Expr) -> Expr:
    root_pi = _apply("sqrt", _PI)
    return _times(_number("1/2"), root_pi, _apply("exp", _square(_apply("erfinv", u))))


def _logndtr_slope(u: Expr) -> Expr:
    """φ(u)/Φ(u), whose logarithm has a value where both underflow."""
    root_2pi = _apply("sqrt", _times(_number(2), _PI))
    logarithm = _minus(_times(_number("-1/2"), _square(u)), _apply("logndtr", u))
    return _times(_apply("exp", logarithm), _one_over(root_2pi))


def _next_polygamma(n: Expr, u: Expr) -> Expr:
    """``polygamma(n + 1, u)``; an order is a number."""
    assert isinstance(n, Literal)
    return _apply("polygamma", build.literal(n.value + 1), u)


def _floor_of_quotient(a: Expr, b: Expr) -> Expr:
    return _apply("floor", _times(a, _one_over(b)))


_TABLE = (
    Function("π", (), r"\pi"),
    Function("exp", (lambda u: _apply("exp", u),), r"\exp"),
    Function("log", (_one_over,), r"\log"),
    Function("log2", (_logarithm_slope(2),), r"\log_{2}"),
    Function("log10", (_logarithm_slope(10),), r"\log_{10}"),
    Function("log1p", (lambda u: _one_over(build.add([_ONE, u])),), r"\operatorname{log1p}"),
    Function("expm1", (lambda u: _apply("exp", u),), r"\operatorname{expm1}"),
    Function("sqrt", (lambda u: _times(_number("1/2"), _one_over(_apply("sqrt", u))),), r"\sqrt"),
    Function(
        "hypot",
        (
            lambda a, b: _times(a, _one_over(_apply("hypot", a, b))),
            lambda a, b: _times(b, _one_over(_apply("hypot", a, b))),
        ),
        r"\operatorname{hypot}",
    ),
    Function("abs", (lambda u: _apply("sign", u),), r"\operatorname{abs}", "abs'(0) = 0"),
    Function("sign", (_flat,), r"\operatorname{sign}", "sign'(0) = 0"),
    Function("sin", (lambda u: _apply("cos", u),), r"\sin"),
    Function("cos", (lambda u: build.negate(_apply("sin", u)),), r"\cos"),
    Function("tan", (lambda u: build.add([_ONE, _square(_apply("tan", u))]),), r"\tan"),
    Function("asin", (lambda u: _one_over(_apply("sqrt", _minus(_ONE, _square(u)))),), r"\arcsin"),
    Function(
        "acos",
        (lambda u: build.negate(_one_over(_apply("sqrt", _minus(_ONE, _square(u))))),),
        r"\arccos",
    ),
    Function("atan", (lambda u: _one_over(build.add([_ONE, _square(u)])),), r"\arctan"),
    Function(
        "atan2",
        (lambda a, b: _over_squares(b, a), lambda a, b: build.negate(_over_squares(a, b))),
        r"\operatorname{atan2}",
    ),
    Function("sinh", (lambda u: _apply("cosh", u),), r"\sinh"),
    Function("cosh", (lambda u: _apply("sinh", u),), r"\cosh"),
    Function("tanh", (lambda u: _minus(_ONE, _square(_apply("tanh", u))),), r"\tanh"),
    Function("asinh", (lambda u: _one_over(_apply("sqrt", build.add([_square(u), _ONE]))),), r"\operatorname{arsinh}"),
    Function("acosh", (_acosh_slope,), r"\operatorname{arcosh}"),
    Function("atanh", (lambda u: _one_over(_minus(_ONE, _square(u))),), r"\operatorname{artanh}"),
    Function("sigmoid", (_sigmoid_slope,), r"\operatorname{sigmoid}"),
    Function("softplus", (lambda u: _apply("sigmoid", u),), r"\operatorname{softplus}"),
    Function("logsigmoid", (lambda u: _apply("sigmoid", build.negate(u)),), r"\operatorname{logsigmoid}"),
    Function("relu", (lambda u: _apply("step", u),), r"\operatorname{relu}", "relu'(0) = 0"),
    Function("gelu", (_gelu_slope,), r"\operatorname{gelu}", formula=lambda u: _times(u, _normal_distribution(u))),
    Function("silu", (_silu_slope,), r"\operatorname{silu}", formula=lambda u: _times(u, _apply("sigmoid", u))),
    Function("erf", (_erf_slope,), r"\operatorname{erf}"),
    Function("erfc", (_erfc_slope,), r"\operatorname{erfc}"),
    Function("erfinv", (_erfinv_slope,), r"\operatorname{erfinv}"),
    Function("logndtr", (_logndtr_slope,), r"\operatorname{logndtr}"),
    Function("lgamma", (lambda u: _apply("digamma", u),), r"\operatorname{lgamma}"),
    Function("digamma", (lambda u: _apply("polygamma", _ONE, u),), r"\operatorname{digamma}"),
    Function("polygamma", (lambda n, u: _ZERO, _next_polygamma), r"\operatorname{polygamma}"),
    Function("step", (_flat,), r"\operatorname{step}", "step(0) = 0, step'(0) = 0"),
    Function(
        "maximum",
        (_half_sign(+1), _half_sign(-1)),
        r"\max",
        "one half each where the arguments are equal",
    ),
    Function(
        "minimum",
        (_half_sign(-1), _half_sign(+1)),
        r"\min",
        "one half each where the arguments are equal",
    ),
    Function("stop", (_flat,), r"\operatorname{stop}"),
    Function("floor", (_flat,), r"\operatorname{floor}", "floor'(n) = 0 at whole numbers"),
    Function("round", (_flat,), r"\operatorname{round}", "half-way cases go to the even number, the derivative is 0"),
    Function(
        "mod",
        (lambda a, b: _ONE, lambda a, b: build.negate(_floor_of_quotient(a, b))),
        r"\operatorname{mod}",
        "the derivatives of a - b floor(a/b), floor'(n) = 0",
    ),
    *(Function(sign, (_flat, _flat), "") for sign in SIGNS),
    Function(MASK, (_flat, lambda c, u: _apply(MASK, c, _ONE)), ""),
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType({f.name: f for f in _TABLE})
"""The table, by name."""


def of_every_function(what: str, table: Mapping[str, _Known]) -> Mapping[str, _Known]:
    """Give a table of the functions, read-only, that is sure to have an entry for each of them and no other.

    Args:
        what: what the table holds, for the message.
        table: an entry for each function, by name.

    Raises:
        InternalError: the table and the language don't have the same functions.

    >>> of_every_function("orders", {name: function.arity for name, function in FUNCTIONS.items()})["maximum"]
    2
    """
    if missing := FUNCTIONS.keys() - table.keys():
        raise InternalError(f"the table of {what} lacks {', '.join(sorted(missing))}")
    if unknown := table.keys() - FUNCTIONS.keys():
        raise InternalError(f"the table of {what} has {', '.join(sorted(unknown))}, which the language lacks")
    return MappingProxyType(dict(table))
