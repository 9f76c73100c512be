"""Domains: for which arguments a power or a function of the table has a value."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction

from einsgrad.ir.conditions import MASK, SIGNS
from einsgrad.ir.functions import of_every_function
from einsgrad.ir.nodes import Apply, Expr, Literal, MatrixFunction, Power


class Domain(Enum):
    """What an argument has to be; the condition is on a single component."""

    ALL = "any number"
    NONZERO = "not zero"
    NONNEGATIVE = "not negative"
    POSITIVE = "positive"
    ABOVE_MINUS_ONE = "above -1"
    OTHER = "limited in another way"


_DOMAINS = of_every_function(
    "domains",
    {
        **dict.fromkeys(("π", "exp", "expm1", "sin", "cos", "atan", "sinh", "cosh", "tanh", "erf"), Domain.ALL),
        **dict.fromkeys(("sigmoid", "softplus", "logsigmoid", "gelu", "silu"), Domain.ALL),
        **dict.fromkeys(("abs", "sign", "step", "relu", "maximum", "minimum", "floor", "round"), Domain.ALL),
        **dict.fromkeys(("atan2", "hypot", "asinh", "erfc", "logndtr", "stop"), Domain.ALL),
        **dict.fromkeys((*SIGNS, MASK), Domain.ALL),
        **dict.fromkeys(("tan", "asin", "acos", "acosh", "atanh", "mod"), Domain.OTHER),
        **dict.fromkeys(("erfinv", "lgamma", "digamma", "polygamma"), Domain.OTHER),
        "sqrt": Domain.NONNEGATIVE,
        **dict.fromkeys(("log", "log2", "log10"), Domain.POSITIVE),
        "log1p": Domain.ABOVE_MINUS_ONE,
    },
)


def domain_of_function(name: str) -> Domain:
    """Give the domain of a function of the table."""
    return _DOMAINS[name]


def domain_of_power(exponent: Fraction | None) -> Domain:
    """Give what a base has to be for a power with a number as exponent; ``None`` stands for any other exponent.

    >>> domain_of_power(Fraction(-1, 2)), domain_of_power(Fraction(0))
    (<Domain.POSITIVE: 'positive'>, <Domain.ALL: 'any number'>)
    """
    if exponent is None:
        return Domain.OTHER
    if exponent.denominator == 1:
        return Domain.ALL if exponent >= 0 else Domain.NONZERO
    return Domain.NONNEGATIVE if exponent > 0 else Domain.POSITIVE


def may_lack_a_value(node: Expr) -> bool:
    """Tell whether a node may have no value although all parts of it have one."""
    match node:
        case Power(exponent=Literal(value=exponent)):
            return domain_of_power(exponent) is not Domain.ALL
        case Power():
            return True
        case Apply(function=name):
            return domain_of_function(name) is not Domain.ALL
        case MatrixFunction(function=name):
            return name != "det"
        case _:
            return False
