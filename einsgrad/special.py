"""SciPy, which is needed where functions of the gamma family are evaluated, and only there."""

from __future__ import annotations

from typing import Any

from einsgrad.diagnostics import Diagnostic, UsageError


def scipy_special() -> Any:
    """Give ``scipy.special``.

    Raises:
        UsageError: SciPy is not installed.
    """
    try:
        from scipy import special  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        message = "SciPy, which computes `lgamma digamma polygamma erfinv logndtr`, is not installed"
        raise UsageError([Diagnostic("no-scipy", message, fix='pip install "einsgrad[special]"')]) from None
    return special
