"""BLAS for native code: where its functions are, and one thread for it while ours run."""

from __future__ import annotations

import ctypes
import threading
from contextlib import AbstractContextManager, nullcontext
from functools import cache, cached_property
from typing import Any


@cache
def one_blas_thread() -> AbstractContextManager[Any]:
    """Give a context in which BLAS has one thread, as far as that can be arranged."""
    try:
        return BlasThreads()
    except ImportError:
        return nullcontext()


class BlasThreads:
    """A context in which BLAS has one thread, whoever enters it and how often.

    Raises:
        ImportError: threadpoolctl is not installed.
    """

    def __init__(self) -> None:
        import threadpoolctl

        self._threadpoolctl = threadpoolctl
        self._lock = threading.Lock()
        self._users = 0
        self._limit: Any = None

    @cached_property
    def _controller(self) -> Any:
        return self._threadpoolctl.ThreadpoolController().select(user_api="blas")

    def __enter__(self) -> BlasThreads:
        """Give BLAS one thread, until the last of those that asked for that is done."""
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._limit = self._controller.limit(limits=1)
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._limit.restore_original_limits()


class Blas(BlasThreads):
    """The BLAS that SciPy has, whose functions it publishes for compiled code.

    Raises:
        ImportError: SciPy or threadpoolctl is not installed.
    """

    def __init__(self) -> None:
        super().__init__()
        from scipy.linalg import cython_blas

        self._published = cython_blas.__pyx_capi__

    def pointer(self, name: str) -> ctypes.c_void_p:
        """Give the address of a function, such as ``sgemm``."""
        api = ctypes.pythonapi
        api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
        api.PyCapsule_GetPointer.restype = ctypes.c_void_p
        api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
        capsule = self._published[name]
        return ctypes.c_void_p(api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule)))
