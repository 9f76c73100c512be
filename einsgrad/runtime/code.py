"""Code: a joint program as functions of arrays, whatever they are written in.

The functions take the inputs in order, checked and of one floating type: ``_forward`` gives the output, or a named
tuple of several; ``_value_and_grad`` a scalar output and its gradients by name; ``_vjp`` the outputs and a function
from upstream gradients to gradients by name. Native code has ``_into``, too, which writes into the caller's arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from einsgrad.calculus.joint import Joint
from einsgrad.diagnostics import Diagnostic, UsageError, did_you_mean
from einsgrad.planner.options import PlanOptions
from einsgrad.runtime.memory_limit import require_memory
from einsgrad.targets.signature import Signature

if TYPE_CHECKING:
    from einsgrad.runtime.native import NativeCode


class Code(Protocol):
    """What a joint program was compiled to."""

    @property
    def source(self) -> str:
        """The text."""

    def files(self, name: str) -> dict[str, str]:
        """Give the texts of files that stand alone, by their names: a module and what it needs."""

    @property
    def functions(self) -> Mapping[str, Any]:
        """The functions by name."""


Backend: TypeAlias = Callable[[Joint, Signature, Mapping[str, int], PlanOptions], Code]
"""Compiles a joint program, planned for sizes by letter."""


def backend(target: str, threads: int | None = None) -> Backend:
    """Give what compiles for a target, imported when it is asked for; ``threads`` is the most that its code may start.

    NumPy code has none unless told: then it goes through slices on so many. Where memory is short it does without.

    Raises:
        UsageError: there is no such target, or no such number of threads.
    """
    if threads is not None and (not isinstance(threads, int) or isinstance(threads, bool) or threads < 1):
        raise UsageError([Diagnostic("threads-few", f"threads is a whole number from 1 on, not {threads!r}")])
    if target == "numpy":
        from einsgrad.runtime.sliced import numpy_code

        return partial(numpy_code, threads=threads)
    if target == "native":
        return partial(_native_code, threads=threads)
    message = f"there is no target `{target}`{did_you_mean(str(target), TARGETS)}"
    raise UsageError([Diagnostic("unknown-target", message, notes=(f"targets are {' and '.join(TARGETS)}",))])


def _native_code(
    joint: Joint, signature: Signature, sizes: Mapping[str, int], options: PlanOptions, threads: int | None
) -> NativeCode:
    """Compile to native code, which holds no more than NumPy code."""
    from einsgrad.runtime.modules import NumpyCode
    from einsgrad.runtime.native import NativeCode

    require_memory(joint, sizes, options)
    planned = joint, signature, sizes, options
    return NativeCode(*planned, numpy=lambda: NumpyCode(*planned), threads=threads)


TARGETS = ("numpy", "native")
