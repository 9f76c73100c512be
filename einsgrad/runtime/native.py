"""Native code: the kernels of a joint program, compiled at the first call with a floating type, as functions of arrays.

Where there is no C compiler, or no BLAS for a program that needs one, where matrices are inverted, and for other
floating types than ``float32`` and ``float64``, the NumPy module runs instead.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import warnings
from collections import namedtuple
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einsgrad.calculus.joint import Joint
from einsgrad.diagnostics import Diagnostic, UsageError
from einsgrad.planner.options import PlanOptions
from einsgrad.planner.plan import Plan
from einsgrad.runtime.blas import Blas
from einsgrad.runtime.entries import Entry, Grouping, entries_on_their_way, make_entry
from einsgrad.targets.names import python_names
from einsgrad.targets.native.compiler import NoCompiler, build
from einsgrad.targets.native.kernels import NativeSource, NotNative, require_native, write_kernels
from einsgrad.targets.native.package import write_package
from einsgrad.targets.signature import Signature

if TYPE_CHECKING:
    from einsgrad.runtime.modules import NumpyCode

Array = NDArray[Any]

# Loops as short as this are unrolled: the kernels are made for the very size.
_SHORT = 16

# By NumPy's letters for types, the types that kernels are made for, and their matrix product in BLAS.
_TYPES = {"f": ("float32", "sgemm"), "d": ("float64", "dgemm")}


class NativeCode:
    """The functions of a joint program in native code."""

    def __init__(
        self,
        joint: Joint,
        signature: Signature,
        sizes: Mapping[str, int],
        options: PlanOptions,
        *,
        numpy: Callable[[], NumpyCode],
        threads: int | None,
    ) -> None:
        self._joint = joint
        self._signature = signature
        self._planned = (joint, signature, sizes, options)
        self._short = {letter: size for letter, size in sizes.items() if size <= _SHORT}
        self._make_numpy = numpy
        self._threads = threads or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else [0])
        self._lock = threading.Lock()
        self._libraries: dict[tuple[str, bool], _Library | None] = {}
        self._outputs = namedtuple("Outputs", list(python_names(joint.outputs).values()))  # type: ignore[misc]
        self.functions: Mapping[str, Any] = {
            "_forward": self._forward,
            "_value_and_grad": self._value_and_grad,
            "_vjp": self._vjp,
            "_into": self._into,
        }

    @property
    def source(self) -> str:
        """The C text for ``float64``, or the NumPy module of what there is no native code for."""
        try:
            return self._write("float64", self._short).text
        except NotNative:
            return self._numpy.source

    def files(self, name: str) -> dict[str, str]:
        """Give C files, their header, and the module that builds and calls them.

        Raises:
            UsageError: there is no native code for the program.
        """
        joint, signature, sizes, options = self._planned
        try:
            return write_package(name, joint, signature, sizes, options)
        except NotNative as reason:
            fix = "--target numpy"
            raise UsageError([Diagnostic("no-native-code", str(reason), fix=fix)]) from None

    def _write(self, dtype: str, fixed: Mapping[str, int]) -> NativeSource:
        joint, signature, sizes, options = self._planned
        return write_kernels(joint, signature, sizes, dtype, options, fixed)

    @cached_property
    def _numpy(self) -> NumpyCode:
        return self._make_numpy()

    def _forward(self, *arrays: Array) -> Any:
        return self._run("forward", arrays)[1]

    def _value_and_grad(self, *arrays: Array) -> tuple[Any, dict[str, Array]]:
        result: tuple[Any, dict[str, Array]] = self._run("value_and_grad", arrays)[1]
        return result

    def _vjp(self, *arrays: Array) -> tuple[Any, Callable[..., dict[str, Array]]]:
        library, result = self._run("vjp", arrays)
        if library is None:
            found: tuple[Any, Callable[..., dict[str, Array]]] = result
            return found
        value, kept = result
        return value, lambda *upstream: library.run("pullback", (*arrays, *kept, *upstream))

    def _into(self, name: str, arrays: Sequence[Array], out: Mapping[str, Array]) -> Any:
        """Run a kernel that writes results into arrays, given by the names of outputs and of inputs for gradients.

        Gives ``NotImplemented``, and writes nothing, where it can't: arrays don't fit or have gaps, memory may be
        that of an argument, or there is no such kernel.
        """
        results = [*self._joint.outputs, *(self._joint.gradients if name == "value_and_grad" else ())]
        if not out.keys() <= set(results) or not all(array.flags.carray for array in out.values()):
            return NotImplemented
        if any(np.may_share_memory(array, argument) for array in out.values() for argument in arrays):
            return NotImplemented
        return self._run_kernel(name, arrays, [out.get(result) for result in results])[1]

    def _run(self, name: str, arrays: Sequence[Array]) -> tuple[_Library | None, Any]:
        """Call a kernel, or the NumPy module where there is none; gives the kernel's library, too."""
        library, result = self._run_kernel(name, arrays)
        if library is None:
            result = self._numpy.functions[f"_{name}"](*arrays)
        return library, result

    def _run_kernel(
        self, name: str, arrays: Sequence[Array], out: Sequence[Array | None] = ()
    ) -> tuple[_Library | None, Any]:
        """Call a kernel for the arrays' type, and for the sizes of short loops if they are those planned for.

        Gives its library, too; without one the result is ``NotImplemented``.
        """
        kind = arrays[0].dtype.char if arrays else "d"
        for is_fixed in (True, False) if self._short else (False,):
            library = self._compiled(kind, is_fixed)
            if library is None:
                break
            result = library.run(name, arrays, out)
            if result is not NotImplemented:
                return library, result
        return None, NotImplemented

    def _compiled(self, kind: str, is_fixed: bool) -> _Library | None:
        """Give the kernels for a type, by its letter, compiled if this is the first call that needs them."""
        key = kind, is_fixed
        if key not in self._libraries:
            with self._lock:
                if key not in self._libraries:
                    self._libraries[key] = self._compile(*_TYPES[kind], is_fixed) if kind in _TYPES else None
        return self._libraries[key]

    def _compile(self, dtype: str, gemm: str, is_fixed: bool) -> _Library | None:
        try:
            with entries_on_their_way():
                source = self._write(dtype, self._short if is_fixed else {})
                blas = _blas() if source.uses_blas else None
                library = ctypes.CDLL(str(build(source.text)))
        except (NoCompiler, NotNative, ImportError) as reason:
            _warn_once(str(reason))
            return None
        if blas is not None:
            library.set_blas(blas.pointer(gemm))
        count, gradients = len(self._joint.outputs), tuple(self._joint.gradients)
        groupings = {
            "forward": Grouping(count, self._outputs),
            "value_and_grad": Grouping(count, self._outputs, gradients),
            "vjp": Grouping(count, self._outputs, None),
            "pullback": Grouping(0, self._outputs, gradients),
        }
        entries = {
            k.name: make_entry(
                getattr(library, k.name), k, dtype == "float64", self._signature.sizes, groupings[k.name], self._threads
            )
            for k in source.kernels
        }
        parallel = {k.name for k in source.kernels if k.is_parallel}
        return _Library(np.dtype(dtype), entries, blas, parallel)


@dataclass(frozen=True)
class _Library:
    """Kernels for one floating type.

    Attributes:
        dtype: that type.
        entries: the kernels by name.
        blas: what they multiply large matrices with, if they do.
        parallel: the kernels that start threads.
    """

    dtype: np.dtype[Any]
    entries: Mapping[str, Entry]
    blas: Blas | None
    parallel: Collection[str]

    def run(self, name: str, arrays: Sequence[Array], out: Sequence[Array | None] = ()) -> Any:
        """Call a kernel; gives ``NotImplemented`` where it was not made for these sizes, or results don't fit."""
        if self.blas is None or name not in self.parallel:
            return self._run(self.entries[name], arrays, out)
        with self.blas:  # has one thread while a kernel starts others
            return self._run(self.entries[name], arrays, out)

    def _run(self, entry: Entry, arrays: Sequence[Array], out: Sequence[Array | None]) -> Any:
        result = entry(*arrays, *out)
        if result is NotImplemented:
            # Contiguous and aligned.
            result = entry(*(np.require(array, self.dtype, ["C", "A"])[()] for array in arrays), *out)
        return result


def is_native(plan: Plan) -> bool:
    """Tell whether there is native code for a plan."""
    try:
        require_native(plan)
    except NotNative:
        return False
    return True


@cache
def _blas() -> Blas:
    try:
        return Blas()
    except ImportError as error:
        raise ImportError(
            'large matrix products need SciPy and threadpoolctl: pip install "einsgrad[native]"'
        ) from error


@cache
def _warn_once(reason: str) -> None:
    """Tell why native code can't be made, once, at the line that calls einsgrad."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals["__name__"].partition(".")[0] == "einsgrad":
        level, frame = level + 1, frame.f_back
    warnings.warn(f"{reason}; the NumPy module runs instead of native code", RuntimeWarning, stacklevel=level)
