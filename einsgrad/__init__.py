"""einsgrad: a gradient compiler for index notation.

It reads equations in index notation, derives their gradients by the rules of tensor calculus, checks what was derived
by hand, and compiles forward and backward passes to NumPy code.

>>> import einsgrad as eg
>>> print(eg.grad(eg.parse("y_ij = x_ik a_kj"), of="y", wrt=["x", "a"]), end="")
∂l/∂x_ik = ∂l/∂y_ij a_kj
∂l/∂a_kj = ∂l/∂y_ij x_ik
"""

from einsgrad.api import check, compile, derive, einsum_grad, grad, load, parse
from einsgrad.diagnostics import ArrayError, Diagnostic, EinsgradError, LanguageError, Span, UsageError
from einsgrad.ir.program import Program

__version__ = "0.1.0"

__all__ = [
    "ArrayError",
    "Diagnostic",
    "EinsgradError",
    "LanguageError",
    "Program",
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
