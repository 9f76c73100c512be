"""Checks: what `einsgrad check` and :func:`einsgrad.check` report about a program."""

from __future__ import annotations

from einsgrad.calculus.claims import judge
from einsgrad.diagnostics import EinsgradError
from einsgrad.ir.printer import print_claim
from einsgrad.ir.program import Program
from einsgrad.report import ClaimResult, GradientResult, Report

_NO_NUMBERS = "to compare it with central differences install NumPy and opt_einsum: pip install numpy opt_einsum"


def check_text(text: str, name: str = "<input>") -> Report:
    """Check a text; what is wrong with it is in the report, nothing is raised."""
    from einsgrad.frontend.detection import parse_undeclared

    try:
        return check_program(parse_undeclared(text, name))
    except EinsgradError as error:
        return Report(diagnostics=error.diagnostics)


def check_program(program: Program) -> Report:
    """Check a program that has been read."""
    judgements = judge(program) if program.claims else []
    claims = tuple(
        ClaimResult(
            print_claim(claim),
            found.verdict,
            found.counterexample,
            program.spans.get(claim),
            found.note,
            tuple(map(print_claim, found.given)),
        )
        for claim, found in zip(program.claims, judgements, strict=True)
    )
    gradients = _check_gradients(program) if program.definitions else ()
    return Report(program.warnings, claims, gradients)


def _check_gradients(program: Program) -> tuple[GradientResult, ...]:
    """Compare gradients with central differences; without NumPy say what to install."""
    try:
        from einsgrad.central_differences import compare_gradients
    except ModuleNotFoundError as error:
        if error.name not in ("numpy", "opt_einsum"):
            raise
        return tuple(GradientResult(program.outputs, x, float("nan"), True, _NO_NUMBERS) for x in program.inputs)
    return compare_gradients(program)
