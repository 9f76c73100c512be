"""Native code: the kernels of a joint program, compiled at the first call with a floating type, as functions of arrays.

Where there is no C compiler, or no BLAS for a program that needs one, where matrices are inverted, and for other
floating types than ``float32`` and ``float64``, the NumPy module runs instead.
"""

from __future__ import annotations

import ctypes
import os
import threading
import warnings
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einsgrad.calculus.joint import Joint
from einsgrad.planner.options import PlanOptions
from einsgrad.runtime.blas import Blas
from einsgrad.targets.names import python_names
from einsgrad.targets.native.compiler import NoCompiler, build
from einsgrad.targets.native.kernels import Argument, Kernel, NativeSource, NotNative, write_kernels
from einsgrad.targets.signature import Signature

if TYPE_CHECKING:
    from einsgrad.runtime.code import NumpyCode

Array = NDArray[Any]

# Loops as short as this are unrolled: the kernels are made for the very size.
_SHORT = 16

_GEMM = {"float32": "sgemm", "float64": "dgemm"}


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
        }

    @property
    def source(self) -> str:
        """The C text for ``float64``, or the NumPy module of what there is no native code for."""
        try:
            return self._write("float64", self._short).text
        except NotNative:
            return self._numpy.source

    def _write(self, dtype: str, fixed: Mapping[str, int]) -> NativeSource:
        joint, signature, sizes, options = self._planned
        return write_kernels(joint, signature, sizes, dtype, options, fixed)

    @cached_property
    def _numpy(self) -> NumpyCode:
        return self._make_numpy()

    def _forward(self, *arrays: Array) -> Any:
        library = self._library(arrays)
        if library is None:
            return self._numpy.functions["_forward"](*arrays)
        return self._packed(library.run("forward", arrays))

    def _value_and_grad(self, *arrays: Array) -> tuple[Any, dict[str, Array]]:
        library = self._library(arrays)
        if library is None:
            found: tuple[Any, dict[str, Array]] = self._numpy.functions["_value_and_grad"](*arrays)
            return found
        value, *gradients = library.run("value_and_grad", arrays)
        return value, dict(zip(self._joint.gradients, gradients, strict=True))

    def _vjp(self, *arrays: Array) -> tuple[Any, Callable[..., dict[str, Array]]]:
        library = self._library(arrays)
        if library is None:
            found: tuple[Any, Callable[..., dict[str, Array]]] = self._numpy.functions["_vjp"](*arrays)
            return found
        results = library.run("vjp", arrays)
        count = len(self._joint.outputs)
        kept = results[count:]

        def pullback(*upstream: Array) -> dict[str, Array]:
            gradients = library.run("pullback", [*arrays, *kept, *upstream])
            return dict(zip(self._joint.gradients, gradients, strict=True))

        return self._packed(results[:count]), pullback

    def _packed(self, values: Sequence[Array]) -> Any:
        return values[0] if len(values) == 1 else self._outputs(*values)

    def _library(self, arrays: Sequence[Array]) -> _Library | None:
        """Give the kernels for the arrays' type, and for the sizes of short loops if they are those planned for."""
        dtype = arrays[0].dtype.name if arrays else "float64"
        library = self._compiled(dtype, bool(self._short))
        if library is None or not self._short or library.fits(arrays):
            return library
        return self._compiled(dtype, False)

    def _compiled(self, dtype: str, is_fixed: bool) -> _Library | None:
        """Give the kernels for a type, compiled if this is the first call that needs them."""
        key = dtype, is_fixed
        if key not in self._libraries:
            with self._lock:
                if key not in self._libraries:
                    self._libraries[key] = self._compile(dtype, is_fixed) if dtype in _GEMM else None
        return self._libraries[key]

    def _compile(self, dtype: str, is_fixed: bool) -> _Library | None:
        try:
            source = self._write(dtype, self._short if is_fixed else {})
            blas = _blas() if source.uses_blas else None
            library = ctypes.CDLL(str(build(source.text)))
        except (NoCompiler, NotNative, ImportError) as reason:
            _warn_once(str(reason))
            return None
        if blas is not None:
            library.einsgrad_set_blas(blas.pointer(_GEMM[dtype]))
        return _Library(library, source.kernels, self._signature.sizes, np.dtype(dtype), self._threads, blas)


class _Library:
    """Kernels in a shared library, for one floating type."""

    def __init__(
        self,
        library: ctypes.CDLL,
        kernels: Sequence[Kernel],
        known: Mapping[str, int],
        dtype: np.dtype[Any],
        threads: int,
        blas: Blas | None,
    ) -> None:
        self._dtype = dtype
        self._threads = threads
        self._blas = blas
        self._kernels = {k.name: (k, getattr(library, k.name), [known.get(i, -1) for i in k.sizes]) for k in kernels}

    def fits(self, arrays: Sequence[Array]) -> bool:
        """Tell whether the inputs have the sizes that the kernels were made for."""
        for kernel, _, known in self._kernels.values():
            inputs = kernel.arguments[: len(arrays)]
            sizes = _sizes(inputs, arrays, known)
            if any(sizes[k] not in (size, -1) for k, size in kernel.fixed.items()):
                return False
        return True

    def run(self, name: str, arrays: Sequence[Array]) -> list[Any]:
        """Call a kernel; gives its results, those without axes as scalars."""
        kernel, function, known = self._kernels[name]
        # Copies live until the kernel is done.
        given = [self._readable(array) for array in arrays]
        sizes = _sizes(kernel.arguments, arrays, known)
        results = [np.empty([sizes[k] for k in result.axes], self._dtype) for result in kernel.results]
        with self._alone(kernel):
            status = function(
                (ctypes.c_int64 * len(sizes))(*sizes),
                (ctypes.c_void_p * len(given))(*[array.ctypes.data for array in given]),
                (ctypes.c_void_p * len(results))(*[array.ctypes.data for array in results]),
                self._threads,
            )
        if status:
            raise MemoryError(f"there is no memory for the intermediate values of `{name}`")
        return [result[()] for result in results]

    def _readable(self, array: Array) -> Array:
        """Give an array as kernels read it: contiguous and aligned."""
        flags = array.flags
        if type(array) is np.ndarray and flags.c_contiguous and flags.aligned and array.dtype == self._dtype:
            return array
        return np.require(array, self._dtype, ["C", "A"])

    def _alone(self, kernel: Kernel) -> AbstractContextManager[Any]:
        """Give BLAS one thread while a kernel runs that starts threads of its own."""
        return self._blas if self._blas is not None and kernel.is_parallel else nullcontext()


def _sizes(arguments: Sequence[Argument], arrays: Sequence[Array], known: Sequence[int]) -> list[int]:
    """Give the sizes that a kernel is called with; -1 where neither an array nor what is known tells one."""
    sizes = list(known)
    for argument, array in zip(arguments, arrays, strict=True):
        for axis, size in zip(argument.axes, array.shape, strict=True):
            sizes[axis] = size
    return sizes


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
    """Tell why native code can't be made, once."""
    warnings.warn(f"{reason}; the NumPy module runs instead of native code", RuntimeWarning, stacklevel=2)
