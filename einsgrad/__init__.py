"""einsgrad: a gradient compiler for index notation.

It reads equations in index notation, derives their gradients by the rules of tensor calculus, checks what was derived
by hand, and compiles forward and backward passes to NumPy code.

>>> import einsgrad as eg
>>> print(eg.grad("y_ij = x_ik a_kj", of="y", wrt=["x", "a"]), end="")
∂l/∂x_ik = ∂l/∂y_ij a_kj
∂l/∂a_kj = ∂l/∂y_ij x_ik
"""

import importlib
from typing import TYPE_CHECKING

from einsgrad import display
from einsgrad.api import check, compile, derive, einsum_grad, grad, load, parse
from einsgrad.diagnostics import ArrayError, BuildError, Diagnostic, EinsgradError, LanguageError, Span, UsageError
from einsgrad.ir.program import Program

if TYPE_CHECKING:
    from einsgrad.render.derivation import Derivation
    from einsgrad.report import Report
    from einsgrad.runtime.function import Function

__version__ = "0.1.0"

__all__ = [
    "ArrayError",
    "BuildError",
    "Derivation",
    "Diagnostic",
    "EinsgradError",
    "Function",
    "LanguageError",
    "Program",
    "Report",
    "Span",
    "UsageError",
    "check",
    "compile",
    "derive",
    "einsum_grad",
    "grad",
    "load",
    "parse",
]

display.register()

# Classes that only the functions above make, with their modules: to load these takes time, and NumPy for some.
_LOADED_WHEN_USED = {
    "Derivation": "einsgrad.render.derivation",
    "Function": "einsgrad.runtime.function",
    "Report": "einsgrad.report",
}

# A type checker reads the imports above instead, and so tells a name that is not there.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _LOADED_WHEN_USED:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(_LOADED_WHEN_USED[name]), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
