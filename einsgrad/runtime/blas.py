"""BLAS for native code: where its functions are, and one thread for it while ours run."""

from __future__ import annotations

import ctypes
import threading
from functools import cached_property
from typing import Any


class Blas:
    """The BLAS that SciPy has, whose functions it publishes for compiled code.

    Raises:
        ImportError: SciPy or threadpoolctl is not installed.
    """

    def __init__(self) -> None:
        import threadpoolctl
        from scipy.linalg import cython_blas

        self._published = cython_blas.__pyx_capi__
        self._threadpoolctl = threadpoolctl
        self._lock = threading.Lock()
        self._users = 0
        self._limit: Any = None

    def pointer(self, name: str) -> ctypes.c_void_p:
        """Give the address of a function, such as ``sgemm``."""
        api = ctypes.pythonapi
        api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
        api.PyCapsule_GetPointer.restype = ctypes.c_void_p
        api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
        capsule = self._published[name]
        return ctypes.c_void_p(api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule)))

    @cached_property
    def _controller(self) -> Any:
        return self._threadpoolctl.ThreadpoolController().select(user_api="blas")

    def __enter__(self) -> Blas:
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
