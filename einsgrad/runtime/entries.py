"""Entries: kernels as callables, which take arrays in order and give results as the caller gives them on.

An entry gives ``NotImplemented`` where an array is not as the kernel reads it: contiguous, aligned, in the machine's
byte order, of the kernel's type, of sizes that it was made for. After the arguments may come what results are written
into, an array for each, or ``None`` for a new one. Entries are objects of an extension module, ``entry.c``, which is
compiled once for all kernels: reaching one takes a fraction of a microsecond. Where Python or NumPy came without their
headers, :class:`CtypesEntry` does the same in some fifteen.
"""

from __future__ import annotations

import ctypes
import os
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.resources import files
from importlib.util import module_from_spec
from itertools import repeat
from pathlib import Path
from threading import Thread
from typing import Any, TypeAlias

import numpy as np

from einsgrad.diagnostics import BuildError
from einsgrad.targets.native.compiler import NoCompiler, build
from einsgrad.targets.native.kernels import Kernel

Entry: TypeAlias = Callable[..., Any]

# An upper limit for sizes that have none.
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Grouping:
    """How an entry gives the results of its kernel on.

    Attributes:
        count: how many of them are outputs: one comes by itself, several as an object of ``outputs``.
        outputs: the named tuple of several.
        keys: what the others are called in a dictionary, if there are any; ``None`` for a tuple.
    """

    count: int
    outputs: type[tuple[Any, ...]]
    keys: tuple[str, ...] | None = ()


def make_entry(
    function: Any, kernel: Kernel, is_double: bool, known: Mapping[str, int], grouping: Grouping, threads: int
) -> Entry:
    """Make the entry of a kernel.

    Args:
        function: the kernel, of a library that ctypes has loaded and that stays loaded.
        kernel: what it takes and gives.
        is_double: whether the arrays are of ``float64`` rather than ``float32``.
        known: sizes by letter, for indices that no argument has.
        grouping: how results are given on.
        threads: the most that the kernel may start.
    """
    told = {position for argument in kernel.arguments for position in argument.axes}
    # A size that nothing tells is one that the kernel does without.
    fixed = {k: known.get(letter, -1) for k, letter in enumerate(kernel.sizes) if k not in told} | {**kernel.fixed}
    return entry_type()(
        ctypes.cast(function, ctypes.c_void_p).value,
        is_double,
        tuple(argument.axes for argument in kernel.arguments),
        tuple(result.axes for result in kernel.results),
        tuple(fixed.get(k, 0) for k in range(len(kernel.sizes))),
        tuple(fixed.get(k, _LARGEST) for k in range(len(kernel.sizes))),
        grouping.count,
        grouping.outputs,
        grouping.keys,
        threads if kernel.is_parallel else 1,
    )


@contextmanager
def entries_on_their_way() -> Iterator[None]:
    """Build the extension module, where that has not been done, while the block builds something else."""

    def build_quietly() -> None:
        with suppress(NoCompiler, BuildError):  # which come again when an entry is made
            entry_type()

    building = Thread(target=build_quietly)
    building.start()
    try:
        yield
    finally:
        building.join()


@cache
def entry_type() -> Callable[..., Entry]:
    """Give what makes entries, and have it know when this process is forked."""
    found = _entry_type()
    os.register_at_fork(after_in_child=found.note_fork)
    make: Callable[..., Entry] = found
    return make


def _entry_type() -> Any:
    """Give the type of the extension module, or what stands for it without Python's headers."""
    includes = [sysconfig.get_path("include"), sysconfig.get_path("platinclude"), np.get_include()]
    headers = [Path(includes[0], "Python.h"), Path(np.get_include(), "numpy", "arrayobject.h")]
    if sys.implementation.name != "cpython" or not all(map(Path.exists, headers)):
        return CtypesEntry
    text = files("einsgrad.runtime").joinpath("entry.c").read_text(encoding="utf-8")
    loader = ExtensionFileLoader("einsgrad_entry", str(build(text, list(dict.fromkeys(includes)))))
    module = module_from_spec(ModuleSpec(loader.name, loader, origin=loader.path))
    loader.exec_module(module)
    return module.Entry


class CtypesEntry:
    """An entry as ``entry.c`` has them, through ctypes."""

    _is_forked = False

    def __init__(
        self,
        address: int,
        is_double: bool,
        arguments: Sequence[tuple[int, ...]],
        results: Sequence[tuple[int, ...]],
        least: Sequence[int],
        most: Sequence[int],
        count: int,
        outputs: type[tuple[Any, ...]],
        keys: Sequence[str] | None,
        threads: int,
    ) -> None:
        pointer = ctypes.c_void_p
        self._kernel = ctypes.CFUNCTYPE(ctypes.c_int, pointer, pointer, pointer, ctypes.c_int)(address)
        self._dtype = np.dtype(np.float64 if is_double else np.float32)
        self._arguments = arguments
        self._results = results
        self._least = least
        self._most = most
        self._count = count
        self._outputs = outputs
        self._keys = keys
        self._threads = threads

    def __call__(self, *given: Any) -> Any:
        """Run the kernel, or give ``NotImplemented``."""
        sizes = [-1] * len(self._least)
        count = len(self._arguments)
        given, into = given[:count], given[count:] or (None,) * len(self._results)
        if (len(given), len(into)) != (count, len(self._results)):
            return NotImplemented
        if not all(map(self._fits, given, self._arguments, repeat(sizes))):
            return NotImplemented
        sizes = [least if size < 0 else size for size, least in zip(sizes, self._least, strict=True)]
        written = [(array, axes) for array, axes in zip(into, self._results, strict=True) if array is not None]
        if not all(array.flags.writeable and self._fits(array, axes, sizes) for array, axes in written):
            return NotImplemented
        results = [
            np.empty([sizes[k] for k in axes], self._dtype) if array is None else array
            for array, axes in zip(into, self._results, strict=True)
        ]
        arrays = [*map(np.asarray, given)]
        threads = 1 if CtypesEntry._is_forked else self._threads
        if self._kernel((ctypes.c_int64 * len(sizes))(*sizes), _addresses(arrays), _addresses(results), threads):
            raise MemoryError("there is no memory for the intermediate values")
        found = [result[()] if array is None else array for result, array in zip(results, into, strict=True)]
        return self._grouped(found)

    @staticmethod
    def note_fork() -> None:
        """Run kernels without threads from now on: those of GNU OpenMP are not there in a forked process."""
        CtypesEntry._is_forked = True

    def _fits(self, given: Any, axes: tuple[int, ...], sizes: list[int]) -> bool:
        """Tell whether an array has the layout and the order that kernels read, and note its sizes."""
        if type(given) is not np.ndarray and (axes or type(given) is not self._dtype.type):
            return False
        flags = given.flags
        if given.dtype != self._dtype or given.ndim != len(axes) or not (flags.c_contiguous and flags.aligned):
            return False
        for size, k in zip(given.shape, axes, strict=True):
            if sizes[k] < 0 and self._least[k] <= size <= self._most[k]:
                sizes[k] = size
        return all(sizes[k] == size for size, k in zip(given.shape, axes, strict=True))

    def _grouped(self, results: list[Any]) -> Any:
        first, others = results[: self._count], results[self._count :]
        outputs = first[0] if self._count == 1 else self._outputs(*first) if first else None
        if self._keys is None:
            return outputs, tuple(others)
        if not others:
            return outputs
        named = dict(zip(self._keys, others, strict=True))
        return (outputs, named) if first else named


def _addresses(arrays: Sequence[np.ndarray[Any, Any]]) -> Any:
    return (ctypes.c_void_p * len(arrays))(*[array.ctypes.data for array in arrays])
