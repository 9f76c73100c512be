"""What a written module brings along to compile its kernels and call them; its text becomes part of the module.

The module defines the three constants that come first: here they stand for none.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import itertools
import os
import pathlib
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

_NAME = ""
_SIZES: dict[str, int] = {}
_KERNELS: dict[str, tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]] = {}

# --- what follows is written into modules


# Values stay what they are: no flag lets sums be reordered or infinities be ignored.
_FLAGS = ["-O3", "-fPIC", "-shared", "-fno-math-errno", "-fno-trapping-math"]
# What is taken where it works: the first of each line.
_CHOICES = (
    [["-march=native"], ["-mcpu=native"], []],
    [["-fopenmp"], ["-fopenmp-simd"], []],
    [["-DEINSGRAD_LIBMVEC"], []],
)
_LINK = ["-lm", *(["-Wl,-z,defs"] if sys.platform == "linux" else [])]
# One kernel at a time: they share the threads of the machine.
_ALONE = threading.Lock()
_PARENT = os.getpid()


def _run(kernel: str, *given: Any) -> list[Any]:
    """Call a kernel with arrays or scalars of one floating type; gives its results."""
    order, taken, made = _KERNELS[kernel]
    dtype = np.result_type(*given) if given else np.dtype(np.float64)
    call = _kernels(dtype.name)
    arrays = [np.require(array, dtype, ["C", "A"]) for array in given]
    sizes = dict(_SIZES)
    for axes, array in zip(taken, arrays, strict=True):
        sizes.update(zip(axes, array.shape, strict=True))
    results = [np.empty([sizes[i] for i in axes], dtype) for axes in made]
    if call(kernel, [sizes.get(i, -1) for i in order], arrays, results):
        raise MemoryError("there is no memory for the intermediate values")
    return [result[()] for result in results]


@functools.cache
def _kernels(dtype: str) -> Any:
    """Give what calls the kernels of a floating type, which are compiled if need be."""
    if dtype not in ("float32", "float64"):
        raise TypeError(f"there is code for float32 and float64, not for {dtype}")
    suffix = "_float32" if dtype == "float32" else ""
    folder = pathlib.Path(__file__).resolve().parent
    library = _library(folder / f"{_NAME}{suffix}.c")
    one_thread = _use_blas(library, dtype, suffix)
    most = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)

    def call(kernel: str, sizes: list[int], given: Any, results: Any) -> Any:
        function = library[f"{_NAME}_{kernel}{suffix}"]
        lengths = (ctypes.c_int64 * max(1, len(sizes)))(*sizes)
        # After a fork, threads of OpenMP are no longer there.
        threads = most if os.getpid() == _PARENT else 1
        with _ALONE, one_thread():
            return function(lengths, _addresses(given), _addresses(results), threads)

    return call


def _addresses(arrays: list[Array]) -> Any:
    """Give where arrays start, as C takes it."""
    pointers = ctypes.c_void_p * max(1, len(arrays))
    return pointers(*[array.ctypes.data for array in arrays])


def _use_blas(library: Any, dtype: str, suffix: str) -> Any:
    """Have large matrices multiplied by SciPy's BLAS, if there is that.

    Without SciPy or threadpoolctl, loops do. Gives a context for a kernel, in which
    BLAS has one thread.
    """
    set_blas = getattr(library, f"{_NAME}_set_blas{suffix}", None)
    try:
        import threadpoolctl  # type: ignore[import-untyped,unused-ignore]
        from scipy.linalg import cython_blas  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        return contextlib.nullcontext
    if set_blas is None:
        return contextlib.nullcontext
    gemm = cython_blas.__pyx_capi__["sgemm" if dtype == "float32" else "dgemm"]
    name = ctypes.pythonapi.PyCapsule_GetName
    name.restype, name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    address = ctypes.pythonapi.PyCapsule_GetPointer
    address.restype = ctypes.c_void_p
    address.argtypes = [ctypes.py_object, ctypes.c_char_p]
    set_blas(ctypes.c_void_p(address(gemm, name(gemm))))
    pools = threadpoolctl.ThreadpoolController().select(user_api="blas")
    return functools.partial(pools.limit, limits=1)


def _library(source: pathlib.Path) -> Any:
    """Load the library of a C file, which is kept beside it once it is compiled."""
    compiler = _compiler()
    made_from = source.read_text(encoding="utf-8"), compiler, _FLAGS, _CHOICES
    key = hashlib.sha256(repr((made_from, platform.node())).encode()).hexdigest()
    path = source.with_name(f"{source.stem}-{key[:16]}.so")
    if path.exists():
        return ctypes.CDLL(str(path))
    # Compiled in a folder of its own and moved when it is whole, never loaded half.
    try:
        folder = tempfile.mkdtemp(prefix=".", dir=source.parent)
    except OSError:  # it can't be kept there
        folder = tempfile.mkdtemp()
        path = pathlib.Path(folder, path.name)
    try:
        made = pathlib.Path(folder, "made.so")
        _compile(compiler, source, made)
        os.replace(made, path)
        return ctypes.CDLL(str(path))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _compile(compiler: list[str], source: pathlib.Path, made: pathlib.Path) -> None:
    """Compile a C file, with as many of the flags as work."""
    for chosen in itertools.product(*_CHOICES):
        flags = [*_FLAGS, *itertools.chain(*chosen)]
        command = [*compiler, *flags, str(source), "-o", str(made), *_LINK]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode == 0:
            return
    raise RuntimeError(f"the C compiler fails: {shlex.join(command)}\n{ended.stderr}")


def _compiler() -> list[str]:
    """Give the command of the C compiler."""
    preferred = shlex.split(os.environ.get("CC", ""))
    for command in filter(None, (preferred, ["gcc"], ["clang"])):
        if shutil.which(command[0]):
            return command
    raise RuntimeError("there is no C compiler: neither $CC, nor gcc, nor clang")
