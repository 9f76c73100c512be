"""Validation: whether the arrays that a program runs on obey what it says is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from einsgrad.calculus.given_arrays import violation
from einsgrad.diagnostics import Diagnostic, UsageError
from einsgrad.ir.given import Symmetry, kind_of
from einsgrad.ir.names import canonical_name
from einsgrad.ir.printer import print_fact
from einsgrad.ir.program import Program

# Facts hold up to this part of the largest component, or of 1 where all are smaller.
_TOLERANCE = 1e-6


def validate(program: Program, arrays: Mapping[str, Any]) -> None:
    """Check that arrays, which have the axes that the program asks for, obey its facts up to rounding.

    Raises:
        UsageError: facts are broken; it names each, and the first place that breaks it.

    >>> from einsgrad.frontend.parser import parse_program
    >>> validate(parse_program("l = A_ij x_i x_j; given A_ij == A_ji"), {"A": np.eye(2)})
    """
    values = {canonical_name(name): np.asarray(array) for name, array in arrays.items()}
    problems = []
    for fact in program.facts:
        kind = kind_of(fact)
        if kind is None or canonical_name(kind.name) not in values:
            continue
        array = values[canonical_name(kind.name)]
        if isinstance(kind, Symmetry) and array.shape != tuple(array.shape[axis] for axis in kind.order):
            message = f"`{kind.name}` has the shape {array.shape}, and breaks `{print_fact(fact)}`"
            problems.append(Diagnostic("given-broken", message))
            continue
        largest = float(np.nanmax(np.abs(array), initial=1.0))
        place = violation(kind, array, _TOLERANCE * largest)
        if place is not None:
            at = ", ".join(f"{i} = {n}" for i, n in zip(fact.lhs.free, place, strict=True))
            where = f" at {at} (counted from 0)" if at else ""
            problems.append(Diagnostic("given-broken", f"`{kind.name}` breaks `{print_fact(fact)}`{where}"))
    if problems:
        raise UsageError(problems)
