"""The numbers of a plan in C: computed in double precision, and rounded where they meet arrays."""

from __future__ import annotations

from einsgrad.planner.plan import Extent, Number, Plan, Pointwise
from einsgrad.targets.native.functions import operation
from einsgrad.targets.native.scope import Scope

# Whole numbers up to this are exact in every floating type.
_EXACT = 2**20


class Numbers:
    """The numbers of one kernel."""

    def __init__(self, plan: Plan, scope: Scope) -> None:
        self._plan = plan
        self._scope = scope
        self._texts: dict[int, str] = {}
        self.declared: list[str] = []
        """The declarations of those that take computing."""

    def text(self, number: int) -> str:
        """Give a number as it is used among arrays."""
        op = self._plan.values[number].op
        if isinstance(op, Number) and op.value.denominator == 1 and abs(op.value) < _EXACT:
            return str(op.value) if op.value >= 0 else f"({op.value})"
        return f"(real){self._double(number)}"

    def _double(self, number: int) -> str:
        if number not in self._texts:
            self._texts[number] = self._computed(number)
        return self._texts[number]

    def _computed(self, number: int) -> str:
        op = self._plan.values[number].op
        match op:
            case Number(value=known):
                return repr(float(known)) if known >= 0 else f"({float(known)!r})"
            case Extent(range=range_):
                return f"(double){self._scope.size(range_)}"
            case Pointwise(function=function, args=args):
                expression = operation(function, [self._double(a.value) for a in args], "")
                name = self._scope.new(f"c{number}")
                self.declared.append(f"const double {name} = {expression};")
                return name
            case _:
                raise AssertionError(f"{op} is no number")
