"""Arrays that obey what is given, and where arrays don't.

Numbers are changed by as little as the facts ask, and to numbers with few binary digits where a sum has to be exact.
Not attempted: arrays for all facts together, such as an orthogonal matrix that is symmetric; so ask whether they obey.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from einsgrad.ir.given import Bound, Given, Kind, Order, Orthogonal, Symmetry, Total, kind_of

Array: TypeAlias = NDArray[Any]

_DIGITS = 2.0**20


def obeying(given: Given, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Give arrays near the given ones that obey each fact, as far as one fact does not spoil another."""
    found = dict(arrays)
    for name, strict in given.bounds.items():
        if name in found:
            found[name] = np.where(found[name] == 0, float(strict), np.abs(found[name]))
    for name, totals in given.totals.items():
        for total in totals if name in found else ():
            found[name] = _with_total(found[name], total.axes, float(total.value), name in given.bounds)
    for name, orders in given.symmetries.items():
        if name in found:
            found[name] = _symmetric(found[name], orders)
    for name, (axis, *_) in given.orthogonal.items():
        if name in found:
            found[name] = _orthogonal(found[name], axis)
    return found


def obeys(given: Given, arrays: Mapping[str, Array]) -> bool:
    """Tell whether arrays obey all that is given of them, exactly."""
    kinds = (kind for fact in given.facts if (kind := kind_of(fact)) is not None)
    return all(violation(kind, arrays[kind.name], 0.0) is None for kind in kinds if kind.name in arrays)


def violation(kind: Kind, array: Array, tolerance: float) -> tuple[int, ...] | None:
    """Give the first place at which an array breaks a fact by more than a tolerance; ``None`` if it obeys.

    A place counts the axes of the array; of a sum, those that are left.
    """
    match kind:
        case Symmetry(order=order, sign=sign):
            if any(array.shape[axis] != array.shape[k] for k, axis in enumerate(order)):
                return (0,) * array.ndim
            wrong = np.abs(array - sign * array.transpose(np.argsort(order)))
        case Total(axes=axes, value=value):
            wrong = np.abs(array.sum(axes) - float(value))
        case Orthogonal(summed=axis):
            rows = np.moveaxis(array, axis, -1)
            wrong = np.abs(rows @ rows.T - np.eye(len(rows)))
        case Bound(strict=strict):
            wrong = np.where((array > 0) if strict else (array >= 0), 0.0, np.inf)
        case _:
            assert_never(kind)
    places = np.argwhere(~(wrong <= tolerance))
    return tuple(map(int, places[0])) if len(places) else None


def _symmetric(array: Array, orders: Mapping[Order, int]) -> Array:
    """Give each component the value, with its sign, of the first one that it has to agree with."""
    if any(array.shape[axis] != array.shape[k] for order in orders for k, axis in enumerate(order)):
        return array
    places = np.arange(array.size).reshape(array.shape)
    first, sign, is_zero = places, np.ones(array.shape), np.zeros(array.shape, bool)
    for order, turn in orders.items():
        moved = places.transpose(np.argsort(order))
        sign = np.where(moved < first, float(turn), sign)
        first = np.minimum(first, moved)
        is_zero |= (moved == places) & (turn < 0)
    return np.where(is_zero, 0.0, sign * array.reshape(-1)[first])


def _with_total(array: Array, axes: Sequence[int], value: float, positive: bool) -> Array:
    """Give components that add up to a number exactly: the last one along the axes is what the others leave."""
    others = [axis for axis in range(array.ndim) if axis not in axes]
    rows = array.transpose(*others, *axes).reshape(*(array.shape[axis] for axis in others), -1)
    if not rows.shape[-1]:
        return array
    rows = rows * (value / rows.sum(-1, keepdims=True)) if positive else rows
    rows = np.floor(rows * _DIGITS) / _DIGITS
    rows[..., -1] = value - rows[..., :-1].sum(-1)
    moved = rows.reshape([array.shape[axis] for axis in (*others, *axes)])
    return moved.transpose(np.argsort([*others, *axes]))


def _orthogonal(array: Array, axis: int) -> Array:
    """Give a matrix of signs in different rows and columns, the signs those of the array; itself if there is none."""
    rows = np.moveaxis(array, axis, -1)
    count, width = rows.shape
    if count > width:
        return array
    found = np.zeros(rows.shape)
    taken = list(range(width))
    for k, row in enumerate(rows):
        place = max(taken, key=lambda n: abs(row[n]))
        taken.remove(place)
        found[k, place] = -1.0 if row[place] < 0 else 1.0
    return np.moveaxis(found, -1, axis)
