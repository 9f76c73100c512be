"""Sliced code: a joint program computed slice by slice, on threads, so that what lies between stays in the cache.

Each thread takes a range of positions and goes through it slice by slice. What slices give is put into place, or added
up by each thread and then in the threads' order: a result is the same in every run with the same number of threads.
"""

from __future__ import annotations

import functools
import os
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einsgrad.calculus.joint import Joint
from einsgrad.ir.ranges import infer_ranges
from einsgrad.planner.options import PlanOptions
from einsgrad.planner.planning import nominal_sizes
from einsgrad.planner.slices import Role, Slicing, find_slicing
from einsgrad.runtime.blas import one_blas_thread
from einsgrad.runtime.memory_limit import excess, too_little
from einsgrad.runtime.modules import NumpyCode
from einsgrad.runtime.parts import Part
from einsgrad.targets.names import python_names
from einsgrad.targets.signature import Signature, signature_of

Array = NDArray[Any]


def numpy_code(
    joint: Joint, signature: Signature, sizes: Mapping[str, int], options: PlanOptions, threads: int | None = None
) -> NumpyCode | SlicedCode:
    """Compile a joint program to NumPy code: for the whole, or for slices of an index that runs through it.

    They are chosen where there are threads and it takes less time so, or where memory is short.

    Raises:
        UsageError: memory is too short.
    """
    whole = NumpyCode(joint, signature, sizes, options)
    held = excess(joint, sizes, options)
    if threads is None and held is None:
        return whole
    extents = nominal_sizes(infer_ranges(joint.source), sizes)
    slicing = find_slicing(joint.source, joint.outputs, extents)
    if slicing is None or slicing.axes.keys().isdisjoint(signature.inputs):
        if held is not None:
            raise too_little(held, sizes, options, "no index runs through the program, so there are no slices")
        return whole
    part = Part(joint, slicing, sizes, options)
    count = part.quickest(threads or 1) if held is None else part.fitting(threads or 1)
    if count is None:
        return whole
    taken = signature_of(part.joint, signature.sizes)
    code = NumpyCode(part.joint, taken, sizes, options)
    keeps = held is None
    return SlicedCode(whole, code, joint, slicing, signature.inputs, taken.inputs, count, threads or 1, keeps)


class SlicedCode:
    """The functions of a joint program that is computed slice by slice; small arrays are one slice, the whole."""

    def __init__(
        self,
        whole: NumpyCode,
        part: NumpyCode,
        joint: Joint,
        slicing: Slicing,
        inputs: Sequence[str],
        taken: Sequence[str],
        count: int,
        threads: int,
        keeps: bool,
    ) -> None:
        """Take what compiling gives.

        Args:
            whole: the code for the whole.
            part: the code for a slice.
            joint: the program of the whole.
            slicing: how it is sliced.
            inputs: what the code for the whole takes.
            taken: what the code for a slice takes.
            count: how many positions make a slice.
            threads: how many slices are computed at a time.
            keeps: whether forward values are kept for a pullback; else it computes them again.
        """
        self._whole = whole
        self._part = part
        self._joint = joint
        self._slicing = slicing
        self._inputs = inputs
        self._taken = taken
        self._count = count
        self._threads = threads
        self._keeps = keeps
        self._named = namedtuple("Outputs", list(python_names(joint.outputs).values()))  # type: ignore[misc]
        self._pool = ThreadPoolExecutor(threads)
        self._process = os.getpid()
        self.source = part.source
        self.functions: Mapping[str, Any] = {
            "_forward": self._forward,
            "_value_and_grad": self._value_and_grad,
            "_vjp": self._vjp,
        }

    def files(self, name: str) -> dict[str, str]:
        """Give the module that computes the whole."""
        return self._whole.files(name)

    def _forward(self, *arrays: Array) -> Any:
        length = self._length(arrays)
        if length < 2 * self._count:
            return self._whole.functions["_forward"](*arrays)
        forward = self._part.functions["_forward"]

        def compute(first: int, last: int) -> list[Any]:
            return self._weighted(forward(*self._slice(arrays, first, last, length)), (last - first) / length)

        return self._outputs(self._together(length, compute, self._joint.outputs))

    def _value_and_grad(self, *arrays: Array) -> tuple[Any, dict[str, Array]]:
        length = self._length(arrays)
        if length < 2 * self._count:
            result: tuple[Any, dict[str, Array]] = self._whole.functions["_value_and_grad"](*arrays)
            return result
        value_and_grad = self._part.functions["_value_and_grad"]

        def compute(first: int, last: int) -> list[Any]:
            value, gradients = value_and_grad(*self._slice(arrays, first, last, length))
            return [value, *gradients.values()]

        value, *gradients = self._together(length, compute, [*self._joint.outputs, *self._joint.wrt])
        return value, dict(zip(self._joint.wrt, gradients, strict=True))

    def _vjp(self, *arrays: Array) -> tuple[Any, Callable[..., dict[str, Array]]]:
        length = self._length(arrays)
        if length < 2 * self._count:
            result: tuple[Any, Callable[..., dict[str, Array]]] = self._whole.functions["_vjp"](*arrays)
            return result
        vjp, pullbacks = self._part.functions["_vjp"], {}

        def compute(first: int, last: int) -> list[Any]:
            outputs, pulling = vjp(*self._slice(arrays, first, last, length))
            if self._keeps:
                pullbacks[first] = pulling
            return self._weighted(outputs, (last - first) / length)

        def pullback(*upstream: Array) -> dict[str, Array]:
            def pull(first: int, last: int) -> list[Any]:
                given = [self._cut(y, g, first, last) for y, g in zip(self._joint.outputs, upstream, strict=True)]
                pulling = pullbacks[first] if self._keeps else vjp(*self._slice(arrays, first, last, length))[1]
                return list(pulling(*self._scaled(given, (last - first) / length)).values())

            return dict(zip(self._joint.wrt, self._together(length, pull, self._joint.wrt), strict=True))

        return self._outputs(self._together(length, compute, self._joint.outputs)), pullback

    def _length(self, arrays: Sequence[Array]) -> int:
        """Give how many positions there are."""
        axes = self._slicing.axes
        length: int = next(a.shape[axes[x]] for x, a in zip(self._inputs, arrays, strict=True) if x in axes)
        return length

    def _slice(self, arrays: Sequence[Array], first: int, last: int, length: int) -> list[Any]:
        """Give the arrays that the code for a slice takes."""
        number = arrays[0].dtype.type
        given = {x: self._cut(x, array, first, last) for x, array in zip(self._inputs, arrays, strict=True)}
        given[self._slicing.size] = number(length)
        given[self._slicing.share] = number((last - first) / length)
        return [given[x] for x in self._taken]

    def _cut(self, name: str, array: Array, first: int, last: int) -> Array:
        """Give the part of a tensor that belongs to a slice."""
        axis = self._slicing.axes.get(name)
        cut: Array = array if axis is None else array[(slice(None),) * axis + (slice(first, last),)]
        return cut

    def _weighted(self, outputs: Any, share: float) -> list[Any]:
        return self._scaled(outputs if len(self._joint.outputs) > 1 else (outputs,), share)

    def _scaled(self, values: Sequence[Any], share: float) -> list[Any]:
        """Give values for the outputs, or their upstream gradients; all slices have their share of whole ones."""
        roles = [self._slicing.roles[y] for y in self._joint.outputs]
        return [
            value.dtype.type(share) * value if role is Role.WHOLE else value
            for role, value in zip(roles, values, strict=True)
        ]

    def _outputs(self, values: Sequence[Any]) -> Any:
        return values[0] if len(values) == 1 else self._named(*values)

    def _together(self, length: int, compute: Callable[[int, int], list[Any]], names: Sequence[str]) -> list[Any]:
        """Compute all slices, and put together or add up what they give for the tensors ``names``."""
        axes = [self._slicing.axes.get(name) for name in names]
        placed: dict[int, Array] = {}
        lock = threading.Lock()

        def work(thread: int) -> list[Any]:
            sums: list[Any] = [None] * len(names)
            for first, last in self._slices(length, thread):
                for k, (axis, value) in enumerate(zip(axes, compute(first, last), strict=True)):
                    if axis is None:
                        sums[k] = value if sums[k] is None else _add(sums[k], value)
                        continue
                    with lock:
                        if k not in placed:
                            placed[k] = np.empty((*value.shape[:axis], length, *value.shape[axis + 1 :]), value.dtype)
                    self._cut(names[k], placed[k], first, last)[...] = value
            return sums

        with one_blas_thread():
            parts = list(self._threads_of_this_process().map(work, range(self._threads)))
        return [
            placed[k] if k in placed else functools.reduce(_add, [s[k] for s in parts if s[k] is not None])
            for k in range(len(names))
        ]

    def _slices(self, length: int, thread: int) -> Iterator[tuple[int, int]]:
        """Yield the slices that a thread takes."""
        end = length * (thread + 1) // self._threads
        for first in range(length * thread // self._threads, end, self._count):
            yield first, min(first + self._count, end)

    def _threads_of_this_process(self) -> ThreadPoolExecutor:
        if self._process != os.getpid():  # a forked process has no threads
            self._pool, self._process = ThreadPoolExecutor(self._threads), os.getpid()
        return self._pool


def _add(total: Any, value: Any) -> Any:
    """Add to an array in place; slices own what they give."""
    total += value
    return total
