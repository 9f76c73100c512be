"""Arguments: the arrays that a user gives, checked against the program and brought to floating point.

The check runs on every call, so arrays like those of the call before are only compared with these. What is wrong is
looked for where something is: all findings are reported at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einsgrad.diagnostics import ArrayError, Diagnostic, UsageError, did_you_mean
from einsgrad.ir.names import canonical_name, typeable
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.summary import listed
from einsgrad.runtime.magnitudes import Magnitude, Magnitudes
from einsgrad.runtime.positions import Positions, whole_numbers

Array = NDArray[Any]
_form = attrgetter("shape", "dtype")


# No array has an axis as long as this.
_LARGEST_SIZE = 2**48


def checked_sizes(program: Program, sizes: Mapping[str, int]) -> dict[str, int]:
    """Give sizes by letter as they are, if they are sizes of the program's indices.

    Raises:
        UsageError: a letter that the program doesn't have, or a size that none can be.
    """
    if not isinstance(sizes, Mapping):
        raise UsageError([Diagnostic("wrong-type", f"expected sizes by letter, such as {{'i': 64}}, not {sizes!r}")])
    letters = {index.name for _, index in infer_ranges(program).of_index if not index.is_axis}
    problems = []
    for letter, size in sizes.items():
        if letter not in letters:
            message = f"sizes: the program has no index `{letter}`{did_you_mean(str(letter), letters)}"
            problems.append(Diagnostic("unknown-index", message, notes=(f"it has {', '.join(sorted(letters))}",)))
        elif not isinstance(size, int | np.integer) or not 0 <= size < _LARGEST_SIZE:
            message = f"sizes: {size!r} is no size of index `{letter}`: it takes a whole number, not negative"
            problems.append(Diagnostic("bad-size", message))
    if problems:
        raise UsageError(problems)
    return {letter: int(size) for letter, size in sizes.items()}


def sizes_within(program: Program, sizes: Mapping[str, int]) -> dict[str, int]:
    """Give those sizes by letter that are of the program's indices."""
    letters = {index.name for _, index in infer_ranges(program).of_index}
    return {letter: size for letter, size in sizes.items() if letter in letters}


class Arguments:
    """What a program expects to be given."""

    def __init__(
        self, program: Program, names: tuple[str, ...], magnitudes: Magnitudes, sizes: Mapping[str, int]
    ) -> None:
        self._program = program
        self._names = names
        self._magnitudes = magnitudes
        inferred = infer_ranges(program)
        of_axis = inferred.of_axis
        ranges = [tuple(of_axis[x, axis] for axis in range(len(program.indices(x)))) for x in names]
        numbers = {range_: k for k, range_ in enumerate(dict.fromkeys(r for axes in ranges for r in axes))}
        self._axes = [tuple(numbers[r] for r in axes) for axes in ranges]
        self._positions = Positions(program, names, inferred, sizes)
        self._scalars = [k for k, axes in enumerate(ranges) if not axes]
        # The types, shapes and dtypes that were last found to fit, and the magnitude: most callers come with the same.
        self._last: tuple[list[type], list[Any], Magnitude] | None = None

    def bind(self, given: Mapping[str, Any]) -> tuple[list[Array], frozenset[str], Magnitude]:
        """Give the arrays in the order of the inputs, all of one floating type, and the names of those of no such type.

        That is the type which those that are floating have in common, Python's own numbers apart: they take the type of
        the arrays. Positions stay whole numbers. An array without axes is given as a scalar. With them comes their
        magnitude.

        Raises:
            ArrayError: names, orders, sizes or types don't fit.
        """
        arrays: list[Any] = [*map(given.get, self._names)]
        types = [*map(type, arrays)]
        last = self._last
        if last is None or types != last[0] or len(given) != len(arrays) or [*map(_form, arrays)] != last[1]:
            if len(given) != len(arrays) or not self._are_floating(arrays) or not self._fit(arrays):
                return self._convert(given)
            last = self._last = types, [*map(_form, arrays)], self._magnitudes.of(arrays)
        self._positions.check(arrays)
        for k in self._scalars:
            arrays[k] = arrays[k][()]
        return arrays, self._positions.names, last[2]

    def _are_floating(self, arrays: Sequence[Any]) -> bool:
        """Tell whether all are arrays or NumPy's scalars, of one floating type, and positions what they have to be."""
        numbers, positions = self._positions.split(arrays)
        return (
            all(type(a) is np.ndarray and a.dtype == np.intp for a in positions)
            and all(type(a) is np.ndarray or isinstance(a, np.floating) for a in numbers)
            and all(a.dtype.kind == "f" and a.dtype == numbers[0].dtype for a in numbers)
        )

    def _fit(self, arrays: Sequence[Array]) -> bool:
        """Tell whether the arrays are of the right orders, and axes of one range have one size."""
        sizes: dict[int, int] = {}
        return all(len(axes) == a.ndim for axes, a in zip(self._axes, arrays, strict=True)) and all(
            sizes.setdefault(number, size) == size
            for axes, array in zip(self._axes, arrays, strict=True)
            for number, size in zip(axes, array.shape, strict=True)
        )

    def _by_name(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Give the arrays by the program's own names, in order."""
        spelled = {canonical_name(x): x for x in self._names}
        found: dict[str, Any] = {}
        problems = []
        for name, array in given.items():
            own = spelled.get(canonical_name(name))
            if own is None:
                problems.append(_unknown(name, self._names))
            elif own in found:
                problems.append(Diagnostic("repeated-input", f"`{own}` is given twice: `{name}` is the same name"))
            else:
                found[own] = array
        problems += [
            Diagnostic("missing-input", f"no array for the input `{x}`", notes=(self._usage(),))
            for x in self._names
            if x not in found and not any(p.code == "repeated-input" for p in problems)
        ]
        if problems:
            raise ArrayError(problems)
        return {x: found[x] for x in self._names}

    def _usage(self) -> str:
        inputs = (f"{x}({', '.join(self._program.indices(x))})" for x in self._names)
        return f"the program takes {', '.join(inputs)}"

    def _convert(self, given: Mapping[str, Any]) -> tuple[list[Array], frozenset[str], Magnitude]:
        arrays = {}
        problems = []
        own = self._by_name(given)
        for name, value in own.items():
            if _has_mask(value):
                problems.append(_masked(f"`{name}`"))
                continue
            try:
                arrays[name] = np.asarray(value)
            except (ValueError, TypeError) as error:
                problems.append(Diagnostic("not-an-array", f"`{name}` is no array: {error}"))
                continue
            problems += self._misfit(name, arrays[name])
            if name in self._positions.names and not problems:
                problems += whole_numbers(name, arrays[name])
        if not problems:
            problems = self._size_clashes(arrays)
        if problems:
            raise ArrayError(problems)
        positions = self._positions.names
        floating = [name for name, a in arrays.items() if a.dtype.kind == "f" and name not in positions]
        kinds = [arrays[name].dtype for name in floating if type(own[name]) is not float]
        common = np.result_type(*kinds) if kinds else np.dtype(np.float64)
        integers = frozenset(arrays.keys() - floating)
        converted = [a.astype(np.intp if name in positions else common, copy=False)[()] for name, a in arrays.items()]
        self._positions.check(converted)
        return converted, integers, self._magnitudes.of(converted)

    def _misfit(self, name: str, array: Array) -> list[Diagnostic]:
        """Find what is wrong with one array by itself."""
        letters = self._program.indices(name)
        if array.dtype.kind not in "fiub":
            message = f"`{name}` is an array of {array.dtype}: einsgrad computes with real numbers"
            return [Diagnostic("wrong-dtype", message)]
        if array.ndim != len(letters):
            wanted = f"{len(letters)} ({', '.join(letters)})" if letters else "none, it is a scalar"
            found = f"{_count(array.ndim, 'axis', 'axes')} (shape {array.shape})"
            message = f"`{name}` has {found}, the program gives it {wanted}"
            return [Diagnostic("wrong-order", message)]
        return []

    def _size_clashes(self, arrays: Mapping[str, Array]) -> list[Diagnostic]:
        """Find axes of one range that have different sizes."""
        first: dict[int, tuple[str, int, int]] = {}
        problems = []
        for name, axes in zip(self._names, self._axes, strict=True):
            for axis, (number, size) in enumerate(zip(axes, arrays[name].shape, strict=True)):
                other, other_axis, known = first.setdefault(number, (name, axis, size))
                if size != known:
                    here, there = self._program.indices(name)[axis], self._program.indices(other)[other_axis]
                    message = (
                        f"index `{here}` has size {size} on axis {axis} of `{name}`, "
                        f"but size {known} on axis {other_axis} of `{other}`"
                    )
                    notes = [] if here == there else [f"that axis of `{other}` has the index `{there}`"]
                    if 1 in (size, known):
                        notes.append("an axis of size 1 does not broadcast")
                    problems.append(Diagnostic("size-mismatch", message, notes=tuple(notes)))
        return problems


def _unknown(name: str, known: Sequence[str]) -> Diagnostic:
    message = f"the program has no input `{name}`{did_you_mean(name, typeable(known))}"
    return Diagnostic("unknown-input", message, notes=(f"its inputs are {listed(known)}",) if known else ())


# NumPy makes no array of lists that are nested deeper.
_MOST_AXES = 64


def _has_mask(given: Any, depth: int = _MOST_AXES) -> bool:
    """Tell whether an array, or what is in a list that makes one, has a mask, which NumPy would leave out silently."""
    if isinstance(given, list | tuple) and depth:
        return any(_has_mask(item, depth - 1) for item in given)
    return isinstance(given, np.ma.MaskedArray)


def _masked(what: str) -> Diagnostic:
    message = f"{what} is a masked array: einsgrad has no masks, and would compute with what this one hides"
    notes = ("fill it with `.filled(…)`, or multiply by an array of ones and zeros in the equations",)
    return Diagnostic("masked-array", message, notes=notes)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def upstream_arrays(given: Any, names: Sequence[str], values: Sequence[Any]) -> list[Array]:
    """Give the upstream gradient of each output, of that output's type, without axes a scalar.

    Args:
        given: an array for the one output, or a mapping from the names of the outputs to arrays.
        names: what the outputs are called.
        values: the outputs.

    Raises:
        ArrayError: names or shapes don't fit.
    """
    arrays: list[Any] = [*map(given.get, names)] if type(given) is dict and len(given) == len(names) else [given]
    # Most are like the outputs already. Where the number is wrong, or a name, one is no array.
    if [*map(type, arrays)] == [*map(type, values)] and [*map(_form, arrays)] == [*map(_form, values)]:
        return arrays
    return _convert_upstream(given, dict(zip(names, values, strict=True)))


def _convert_upstream(given: Any, outputs: Mapping[str, Any]) -> list[Array]:
    if not isinstance(given, Mapping):
        if len(outputs) > 1:
            fix = f"pullback({{{', '.join(f'{y!r}: …' for y in outputs)}}})"
            message = "there are several outputs: give the upstream gradient of each by name"
            raise ArrayError([Diagnostic("upstream-names", message, fix=fix)])
        given = {next(iter(outputs)): given}
    spelled = {canonical_name(y): y for y in outputs}
    by_name = {spelled.get(canonical_name(str(name)), str(name)): array for name, array in given.items()}
    problems = [
        Diagnostic("upstream-names", f"there is no output `{name}`{did_you_mean(name, typeable(outputs))}")
        for name in by_name
        if name not in outputs
    ]
    problems += [
        Diagnostic("upstream-names", f"no upstream gradient for the output `{y}`") for y in outputs if y not in by_name
    ]
    if problems:
        raise ArrayError(problems)
    return [
        _like(f"the upstream gradient of `{y}`", by_name[y], y, output, "upstream-shape")
        for y, output in outputs.items()
    ]


def tangent_arrays(given: Any, arrays: Mapping[str, Any]) -> dict[str, Array]:
    """Give the tangents of some inputs, in the inputs' order and of their types, without axes scalars.

    Args:
        given: a mapping from names of inputs to tangents.
        arrays: the inputs by name.

    Raises:
        ArrayError: names or shapes don't fit.
    """
    if not isinstance(given, Mapping):
        message = f"expected tangents by the names of inputs, such as {{'x': …}}, not {type(given).__name__}"
        raise ArrayError([Diagnostic("tangent-names", message, notes=(f"the inputs are {listed(tuple(arrays))}",))])
    spelled = {canonical_name(x): x for x in arrays}
    by_name: dict[str, Any] = {}
    problems = []
    for name, tangent in given.items():
        own = spelled.get(canonical_name(str(name)))
        if own is None:
            problems.append(_unknown(str(name), tuple(arrays)))
        elif own in by_name:
            problems.append(Diagnostic("repeated-input", f"`{own}` has two tangents: `{name}` is the same name"))
        else:
            by_name[own] = tangent
    if problems:
        raise ArrayError(problems)
    return {
        x: _like(f"the tangent of `{x}`", by_name[x], x, a, "tangent-shape") for x, a in arrays.items() if x in by_name
    }


def _like(what: str, given: Any, name: str, model: Any, shape_code: str) -> Array:
    """Give an array the type of a model, called ``name``, whose shape it must have."""
    if _has_mask(given):
        raise ArrayError([_masked(what)])
    try:
        array = np.asarray(given)
        if array.dtype.kind not in "fiub":
            raise ValueError(f"an array of {array.dtype}")
        array = array.astype(model.dtype, copy=False)
    except (ValueError, TypeError) as error:
        message = f"{what} is no array of real numbers: {error}"
        raise ArrayError([Diagnostic("wrong-dtype", message)]) from None
    if array.shape != model.shape:
        message = f"{what} has shape {array.shape}, but `{name}` has shape {model.shape}"
        raise ArrayError([Diagnostic(shape_code, message)])
    result: Array = array[()]
    return result
