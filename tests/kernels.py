"""Runs the kernels of the native target through ctypes, on arrays of any sizes."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from einsgrad.calculus.apart import sizes_apart
from einsgrad.planner.joint import plan_joint
from einsgrad.runtime.function import Function
from einsgrad.targets.native.compiler import build
from einsgrad.targets.native.kernels import write_kernels
from einsgrad.targets.signature import signature_of

GEMM = {"float32": "sgemm", "float64": "dgemm"}


class Kernels:
    """The kernels of a program, planned for ``sizes``; threads are started whatever there is to do."""

    def __init__(self, program, sizes, dtype, threads=3, fixed=()):
        apart = sizes_apart(program, sizes)
        self.function = Function(program, None, None, sizes)
        self.joint = plan_joint(program, None, self.function._wrt, apart)
        self.source = write_kernels(self.joint, signature_of(self.joint, sizes), apart, dtype, fixed=dict(fixed))
        self._dtype, self._threads, self._sizes = dtype, threads, apart
        self._library = ctypes.CDLL(str(build(self.source.text)))
        if self.source.uses_blas:
            self._library.set_blas(ctypes.c_void_p(_blas(GEMM[dtype])))

    def value_and_gradients(self, arrays, upstream):
        """Give outputs and gradients by name; ``upstream`` are the upstream gradients by output."""
        joint = self.joint
        if joint.is_scalar:
            found = self.run("value_and_grad", arrays)
            (scale,) = upstream.values()
            return {y: found[y] for y in joint.outputs}, {x: scale * found[g] for x, g in joint.gradients.items()}
        found = self.run("vjp", arrays)
        found |= self.run("pullback", {**arrays, **found, **{joint.upstream[y]: g for y, g in upstream.items()}})
        return {y: found[y] for y in joint.outputs}, {x: found[g] for x, g in joint.gradients.items()}

    def run(self, name, arrays):
        """Call a kernel with arrays by name; gives its results by name."""
        kernel = next(k for k in self.source.kernels if k.name == name)
        given = [np.ascontiguousarray(arrays[a.name], self._dtype) for a in kernel.arguments]
        sizes = [self._sizes.get(letter, -1) for letter in kernel.sizes]
        for argument in kernel.arguments:
            for axis, size in zip(argument.axes, np.shape(arrays[argument.name]), strict=True):
                sizes[axis] = size
        results = [np.full([sizes[k] for k in r.axes], np.nan, self._dtype) for r in kernel.results]
        pointers = ctypes.c_void_p * max(1, *map(len, (given, results)))
        function = getattr(self._library, name)
        status = function(
            (ctypes.c_int64 * max(1, len(sizes)))(*sizes),
            pointers(*(array.ctypes.data for array in given)),
            pointers(*(array.ctypes.data for array in results)),
            self._threads,
        )
        assert status == 0
        return {r.name: array for r, array in zip(kernel.results, results, strict=True)}


def _blas(name):
    blas = pytest.importorskip("scipy.linalg.cython_blas")
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    capsule = blas.__pyx_capi__[name]
    return api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule))
