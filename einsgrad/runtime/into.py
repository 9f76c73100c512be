"""Results in the caller's arrays: checked before anything is written, so that they are all written or none is."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einsgrad.diagnostics import ArrayError, Diagnostic, did_you_mean
from einsgrad.ir.names import canonical_name, typeable

if TYPE_CHECKING:
    from einsgrad.runtime.function import Function

Array = NDArray[Any]


class Into:
    """A function that writes results into arrays: what :meth:`einsgrad.Function.into` gives."""

    def __init__(self, function: Function, out: Any) -> None:
        """Take a function, and an array for its one output, or arrays by the names of outputs and inputs."""
        self._function = function
        given = out if isinstance(out, Mapping) else {function.outputs[0]: out}
        known = {canonical_name(name): name for name in (*function.outputs, *function.inputs)}
        if not isinstance(out, Mapping) and len(function.outputs) > 1:
            fix = f"f.into({{{', '.join(f'{y!r}: …' for y in function.outputs)}}})"
            raise ArrayError([Diagnostic("out-name", "there are several outputs: give arrays by name", fix=fix)])
        problems = [_unknown(name, list(known.values())) for name in given if canonical_name(str(name)) not in known]
        if problems:
            raise ArrayError(problems)
        self._out = {known[canonical_name(name)]: array for name, array in given.items()}
        problems = [p for name, array in self._out.items() for p in _unusable(name, array)]
        problems += [
            _overlap(f"the arrays for `{a}` and `{b}` share memory")
            for a, b in itertools.combinations(self._out, 2)
            if not problems and np.shares_memory(self._out[a], self._out[b])
        ]
        if problems:
            raise ArrayError(problems)

    def __call__(self, /, **arrays: Any) -> Any:
        """Compute the outputs, as the function does; those that an array was given for are in it.

        Raises:
            ArrayError: the inputs or the arrays don't fit, or share memory.
        """
        self._check_inputs(arrays)
        value = self._function.write_into("forward", arrays, self._out)
        if value is NotImplemented:
            value = self._function(**arrays)
            self._write(self._by_name(value))
        return self._put(value)

    def value_and_grad(self, /, **arrays: Any) -> tuple[Any, dict[str, Array]]:
        """Compute a scalar output and its gradients; those that an array was given for are in it.

        Raises:
            UsageError: there are several outputs, or the output is no scalar.
            ArrayError: the inputs or the arrays don't fit, or share memory.
        """
        self._check_inputs(arrays)
        found = self._function.write_into("value_and_grad", arrays, self._out)
        if found is NotImplemented:
            found = self._function.value_and_grad(**arrays)
            self._write({**self._by_name(found[0]), **found[1]})
        value, gradients = found
        return self._put(value), {x: self._out.get(x, gradient) for x, gradient in gradients.items()}

    def _by_name(self, value: Any) -> dict[str, Any]:
        outputs = self._function.outputs
        return dict(zip(outputs, value if len(outputs) > 1 else (value,), strict=True))

    def _put(self, value: Any) -> Any:
        """Give outputs as the function does, the caller's arrays in their places."""
        outputs = [self._out.get(y, v) for y, v in self._by_name(value).items()]
        return type(value)(*outputs) if len(outputs) > 1 else outputs[0]

    def _check_inputs(self, arrays: Mapping[str, Any]) -> None:
        problems = [
            _overlap(f"the array for `{name}` shares memory with the input `{x}`")
            for name, array in self._out.items()
            for x, given in arrays.items()
            if isinstance(given, np.ndarray) and np.shares_memory(array, given)
        ]
        if problems:
            raise ArrayError(problems)

    def _write(self, results: Mapping[str, Any]) -> None:
        problems = [
            Diagnostic("out-name", f"there is an array for `{name}`, which this call does not compute")
            for name in self._out.keys() - results.keys()
        ]
        pairs = [(name, array, results[name]) for name, array in self._out.items() if name in results]
        problems += [
            _unfit(name, f"has shape {array.shape} and type {array.dtype}", result)
            for name, array, result in pairs
            if array.shape != np.shape(result) or array.dtype != result.dtype
        ]
        if problems:
            raise ArrayError(problems)
        for _, array, result in pairs:
            array[...] = result


def _unknown(name: object, known: list[str]) -> Diagnostic:
    message = f"there is no output and no input `{name}`{did_you_mean(str(name), typeable(known))}"
    return Diagnostic("out-name", message)


def _unusable(name: str, array: object) -> list[Diagnostic]:
    """Find out whether something can be written to."""
    if not isinstance(array, np.ndarray):
        return [Diagnostic("out-array", f"what `{name}` is to be written into is no array, but {type(array).__name__}")]
    if not array.flags.writeable:
        return [Diagnostic("out-array", f"the array for `{name}` can't be written to")]
    return []


def _unfit(name: str, found: str, result: Any) -> Diagnostic:
    shape, dtype = np.shape(result), result.dtype
    message = f"the array for `{name}` {found}; the result has shape {shape} and type {dtype}"
    return Diagnostic("out-array", message, fix=f"np.empty({shape}, np.{dtype})")


def _overlap(message: str) -> Diagnostic:
    return Diagnostic("out-overlap", message, notes=("results have memory of their own",))
