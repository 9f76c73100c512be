"""The report of a plan as a table of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from einsgrad.planner.loops import loop_lines
from einsgrad.render.wrapping import display_width

if TYPE_CHECKING:
    from einsgrad.planner.cost import Cost
    from einsgrad.planner.report import EquationReport, PlanReport

_WIDTH = 80
_INDENT = "    "
_COLUMNS = ("flops", "bytes", "largest")
_NUMBER = 9


def report_text(report: PlanReport) -> str:
    """Write a report on a plan: its equations with their paths, then what all costs."""
    sizes = ", ".join(f"{letter}={size}" for letter, size in report.sizes.items())
    lines = [f"planned for {sizes}" if sizes else "planned", "", _row("", _COLUMNS)]
    for kind, adjoint in (("forward", False), ("gradients", True)):
        equations = [e for e in report.equations if e.is_adjoint == adjoint]
        if equations:
            lines.append(kind)
            lines += [line for e in equations for line in _equation(e)]
    lines += ["", _row("", ("flops", "bytes", "calls")), _total("outputs", report.forward)]
    lines += [_total(f"gradient by {name}", cost) for name, cost in report.gradients.items()]
    lines += [_total("all together", report.total), ""]
    lines.append(f"memory at a time, arguments apart: {_short(report.peak)}B")
    lines.append(f"naive evaluation: {_short(report.naive)} flops, {report.ratio:.3g} times as many")
    if report.loops is not None:
        lines += ["", "loops of native code", *loop_lines(report.loops)]
    return "\n".join(lines) + "\n"


def _equation(report: EquationReport) -> list[str]:
    numbers = (report.cost.flops, report.cost.bytes, report.largest)
    room = _WIDTH - len(_COLUMNS) * _NUMBER - 2
    text = report.equation if display_width(report.equation) <= room else report.equation[: room - 1] + "…"
    lines = [_row("  " + text, (_short(n) for n in numbers))]
    lines += [_INDENT + step for step in report.path]
    if report.shares:
        lines.append(f"{_INDENT}shares {', '.join(report.shares)}")
    return lines


def _total(what: str, cost: Cost) -> str:
    return _row("  " + what, (_short(cost.flops), _short(cost.bytes), str(cost.calls)))


def _row(text: str, numbers: Iterable[str]) -> str:
    right = "".join(number.rjust(_NUMBER) for number in numbers)
    return text + " " * (_WIDTH - display_width(text) - len(right)) + right


def _short(number: float) -> str:
    """Write a number to three digits.

    >>> _short(0), _short(999), _short(12_345), _short(9.9999e9)
    ('0', '999', '12.3k', '10G')
    """
    if number < 1000:
        return f"{number:.3g}"
    for unit in ("", "k", "M", "G", "T", "P"):
        if float(f"{number:.3g}") < 1000:
            return f"{number:.3g}{unit}"
        number /= 1000
    return f"{number:.3g}E"
