"""Constants: whether the numbers that a text computes with numbers alone are numbers that a float can hold.

Before: the surface trees of all statements. After: what is made of numbers, `π` and functions of them, and the numbers
of each product, are within the range of floating-point numbers. What depends on tensors is not looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from einsgrad.frontend import surface as s
from einsgrad.frontend.names import Names

_SHOWN = 40


def check_constants(names: Names) -> None:
    """Report the smallest constant parts that are too large for a float; warn of those that have no value at all."""
    for statement in names.statements:
        if statement not in names.faulty:
            _check_statement(names, statement)


def _check_statement(names: Names, statement: s.Statement) -> None:
    values: dict[s.Part, float] = {}
    for part in reversed(list(s.walk(*statement.sides))):
        try:
            value = _value(names, part, values)
        except OverflowError:
            message = f"`{_shown(names, statement, part)}` is outside the range of floating-point numbers"
            names.refuse(statement, part, "number-range", message)
        except (ValueError, ZeroDivisionError):
            names.warn(statement, part, "no-value", f"`{_shown(names, statement, part)}` has no value")
        else:
            if value is not None:
                values[part] = value


def _shown(names: Names, statement: s.Statement, part: s.Part) -> str:
    text = names.text(statement, part)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _value(names: Names, part: s.Part, values: dict[s.Part, float]) -> float | None:
    """Give the value of a part from those of the parts below it; ``None`` if it isn't constant.

    Raises:
        OverflowError: it is outside the range of floating-point numbers.
        ValueError, ZeroDivisionError: it has no value.
    """
    match part:
        case s.Number(value=number):
            return float(number)
        case s.Reference() if names.is_constant(part):
            return math.pi
        case s.Group(content=content):
            return values.get(content)
        case s.Power(base=base, exponent=exponent, negations=negations) if base in values and exponent in values:
            return math.pow(values[base], (-1) ** negations * values[exponent])
        case s.Call(function=name, arguments=[argument]) if argument in values:
            function: Callable[[float], float] | None = getattr(math, name, None)
            return function(values[argument]) if function else None
        case s.Term():
            return _product(part, values)
        case s.Sum(terms=terms) if all(term in values for term in terms):
            return math.fsum(values[term] for term in terms)
        case _:
            return None


def _product(term: s.Term, values: dict[s.Part, float]) -> float | None:
    """Multiply the constant factors of a product, so that only the result can leave the range, and no step on the way.

    The result is ``None`` if there are other factors, too; it has to be within the range all the same.
    """
    mantissa, exponent = (-1.0) ** term.negations, 0
    for factor, over in zip(term.factors, term.over, strict=True):
        if factor in values:
            digits, power = math.frexp(values[factor])
            mantissa, carried = math.frexp(mantissa / digits if over else mantissa * digits)
            exponent += carried + (-power if over else power)
    value = math.ldexp(mantissa, exponent)
    return value if all(factor in values for factor in term.factors) and not term.bound else None
