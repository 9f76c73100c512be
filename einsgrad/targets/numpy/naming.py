"""Names of temporaries: values that are no tensors of the program are called after their operation and its operands.

``exp_s`` is an exponential of ``s``, or of a sum that begins with it; ``x_minus_m`` is a difference, ``a_dot_b`` a
product. Beside arrays numbers are left out. There is no name that would be long, or made from a value without one.
"""

from __future__ import annotations

from collections.abc import Mapping

from einsgrad.planner.plan import (
    Arrange,
    Contract,
    Diagonal,
    Extent,
    Plan,
    Pointwise,
    Reduce,
    Scatter,
    Spread,
    operands,
)

LONGEST = 24
"""No name of a temporary is longer."""

Variables = Mapping[int, str | None]
"""The variables of the values that have one; ``None`` for one without a telling name."""

_BETWEEN = {"add": "plus", "subtract": "minus", "multiply": "times", "divide": "over", "power": "to_the"}
# What these operations are where one operand is a number.
_WITH_NUMBER = {"add": "shifted", "subtract": "shifted", "multiply": "scaled", "divide": "scaled", "power": "power_of"}
_BEFORE = {"negative": "minus", "square": "squared", "shift": "max"}
_ARRANGED = {Diagonal: "diagonal", Spread: "spread", Scatter: "scattered", Arrange: "arranged"}


def temporary_name(plan: Plan, number: int, variables: Variables) -> str | None:
    """Give a telling name for a value of a plan, or ``None`` where there is no short one."""
    found = _name(plan, number, variables)
    return found if found and len(found) <= LONGEST else None


def lead(plan: Plan, number: int, variables: Variables) -> str | None:
    """Give what an operand is called: its variable, the first term of a sum without one, or what its operation says.

    The text is empty for a number, and ``None`` where there is no telling name.
    """
    if number in variables:
        return variables[number]
    match plan.values[number].op:
        case Extent(range=range_):
            return f"n_{plan.letters[range_]}"
        case Pointwise(function="add" | "subtract"):
            leads = _leads(plan, number, variables)
            return None if None in leads else next(filter(None, leads), "")
        case _:
            return _name(plan, number, variables)


def _name(plan: Plan, number: int, variables: Variables) -> str | None:
    """Give what the operation of a value and the names of its operands say."""
    leads = _leads(plan, number, variables)
    if None in leads:
        return None
    named = list(filter(None, leads))
    match plan.values[number].op:
        case Pointwise(function=function) if len(leads) == 2 and len(named) == 2:
            return f"_{_BETWEEN.get(function, function)}_".join(named)
        case Contract():
            return "_dot_".join(named)
        case Pointwise(function="divide") if not leads[0]:
            words = ["inverse"]
        case Pointwise(function=function) if len(leads) == 2:
            words = [_WITH_NUMBER.get(function, function)]
        case Pointwise(function=function) | Reduce(function=function):
            words = [_BEFORE.get(function, function)]
        case op:
            words = [_ARRANGED[type(op)]] if type(op) in _ARRANGED else []
    return "_".join([*words, named[0]]) if named else ""


def _leads(plan: Plan, number: int, variables: Variables) -> list[str | None]:
    """Give what the operands of a value begin with; a number beside arrays has nothing to say."""
    values = plan.values
    used = [operand.value for operand in operands(values[number].op)]
    is_silent = [values[n].is_number and not values[number].is_number for n in used]
    return ["" if silent else lead(plan, n, variables) for n, silent in zip(used, is_silent, strict=True)]
