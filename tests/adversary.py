"""An adversary of proofs: evaluates both sides of a claim at points that are chosen to be hard.

The points are small whole and half numbers, so that factors meet their zeros, arguments the bounds of their domains,
and kinks are hit; ranges take all sizes from 0 to 3, those of free letters from 1. All points of one size are evaluated
at once, along the first axis of each array.

It is of another make than the prover's own search: nan stands for "has no value", component by component, a sum over
nothing needs none of its parts, and of a tensor that an equation defines only those components count that are used. So
sides have a value at as many points as anyone could say they have.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from einsgrad.calculus.apart import family_ranges
from einsgrad.calculus.sides import LEFT, RIGHT
from einsgrad.ir.letters import root
from einsgrad.ir.nodes import Apply, Delta, Expr, Index, Literal, One, Power, Product, Size, Sum, Tensor
from einsgrad.ir.program import Program
from einsgrad.reference import POINTWISE

_NUMBERS = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0)
# What is closer to zero than this without being zero may be rounding: whether it is zero, no one can say.
_BLURRED = 1e-9
_STEEP_AT_ZERO = {"sign", "step", "log", "sqrt"}


def refutes(sides: Program, points: int, most_sizes: int | None = None, seed: int = 0) -> str:
    """Where both sides of a claim have a value and differ; nothing where that is at no point.

    Args:
        sides: the equations of the sides.
        points: how many points to try for each choice of sizes.
        most_sizes: how many choices of sizes to try, picked at random; all of them if left out.
        seed: of points and choices.
    """
    families, of_axis = family_ranges(sides)
    axes = {x: [of_axis[x, n] for n in range(len(sides.index_objects(x)))] for x in sides.inputs}
    free = sides.by_name[LEFT].indices
    numbers = sorted({*families.values(), *itertools.chain(*axes.values())})
    never_empty = {families[root(i)] for i in free}
    rng = np.random.default_rng(seed)
    choices = list(itertools.product(*(range(n in never_empty, 4) for n in numbers)))
    if most_sizes is not None and len(choices) > most_sizes:
        choices = [choices[k] for k in rng.choice(len(choices), most_sizes, replace=False)]
    for sizes in choices:
        size = dict(zip(numbers, sizes, strict=True))
        arrays = {x: rng.choice(_NUMBERS, [points, *(size[n] for n in axes[x])]) for x in axes}
        for array in arrays.values():
            array[:3] = np.reshape([0.0, 1.0, -1.0], [3] + [1] * (array.ndim - 1))
        at = _Values(sides, arrays, {letter: size[n] for letter, n in families.items()}, points)
        left, right = (at.of(Tensor(free, name, free)).reshape(points, -1) for name in (LEFT, RIGHT))
        known = np.all(np.isfinite(left) & np.isfinite(right), axis=1)
        apart = np.any(np.abs(left - right) > 1e-6 * (1 + np.abs(left) + np.abs(right)), axis=1)
        if np.any(known & apart):
            first = int(np.argmax(known & apart))
            shown = {x: array[first].tolist() for x, array in arrays.items()}
            return f"at {shown}, sizes {size}: {left[first].tolist()} is not {right[first].tolist()}"
    return ""


class _Values:
    """The values of expressions at some points: arrays over the points, then over the free letters."""

    def __init__(self, program: Program, arrays: Mapping[str, np.ndarray], size: Mapping[Index, int], points: int):
        self._definitions = program.by_name
        self._arrays = arrays
        self._size = size
        self._points = points
        self._known: dict[Expr, np.ndarray] = {}

    def of(self, node: Expr) -> np.ndarray:
        if node not in self._known:
            with np.errstate(all="ignore"):
                value = self._evaluate(node)
            self._known[node] = np.where(np.isfinite(value), value, np.nan)
        return self._known[node]

    def _evaluate(self, node: Expr) -> np.ndarray:
        match node:
            case Literal(value=value):
                return np.full(self._points, float(value))
            case Size(index=index):
                return np.full(self._points, float(self._size[root(index)]))
            case One(free=free):
                return np.ones([self._points, *(self._size[root(i)] for i in free)])
            case Delta(indices=(i, j)):
                return self._components(np.broadcast_to(np.eye(self._size[root(i)]), self._shape((i, j))), (i, j), node)
            case Tensor(name=name, indices=indices) if name in self._definitions:
                d = self._definitions[name]
                return self._components(self._over(d.rhs, d.indices), indices, node)
            case Tensor(name=name, indices=indices):
                return self._components(self._arrays[name], indices, node)
            case Product(factors=factors, free=free, summed=summed):
                over = (*free, *summed)
                product = np.prod([np.broadcast_to(self._over(f, over), self._shape(over)) for f in factors], axis=0)
                return product.sum(axis=tuple(range(1 + len(free), 1 + len(over))))
            case Sum(terms=terms, free=free):
                return sum(self._over(t, free) for t in terms)
            case Power(base=base, exponent=exponent, free=free):
                return _power(self._over(base, free), self._over(exponent, free))
            case Apply(function=function, args=args, free=free):
                return _apply(function, [self._over(a, free) for a in args])
        raise AssertionError(node)

    def _shape(self, over: tuple[Index, ...]) -> list[int]:
        return [self._points, *(self._size[root(i)] for i in over)]

    def _over(self, node: Expr, axes: tuple[Index, ...]) -> np.ndarray:
        """The values of a node over axes that hold its free letters."""
        order = sorted(range(len(node.free)), key=lambda n: axes.index(node.free[n]))
        value = np.transpose(self.of(node), [0, *(1 + n for n in order)])
        return value.reshape(self._points, *(self._size[root(i)] if i in node.free else 1 for i in axes))

    def _components(self, array: np.ndarray, indices: tuple[Index, ...], node: Expr) -> np.ndarray:
        number = {i: 1 + n for n, i in enumerate(node.free)}
        array = np.broadcast_to(array, self._shape(indices))
        return np.einsum(array, [0, *(number[i] for i in indices)], [0, *number.values()])


def _unless_blurred(value: np.ndarray) -> np.ndarray:
    return np.where((value != 0) & (np.abs(value) < _BLURRED), np.nan, value)


def _power(base: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    value = np.power(_unless_blurred(base), _unless_blurred(exponent))
    return np.where(np.isnan(base) | np.isnan(exponent), np.nan, value)


def _apply(function: str, args: list[np.ndarray]) -> np.ndarray:
    if function in _STEEP_AT_ZERO:
        args = [_unless_blurred(a) for a in args]
    value = np.asarray(POINTWISE[function](*args), dtype=float)
    return np.where(np.any([np.isnan(a + 0 * value) for a in args], axis=0), np.nan, value) if args else value
