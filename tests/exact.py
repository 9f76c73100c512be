"""Values and slopes of programs with hundreds of digits: the oracle where double precision overflows or cancels."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import mpmath
import numpy as np

from einsgrad.ir.nodes import Apply, Expr, Index, Literal, One, Power, Product, Sum, Tensor
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import infer_ranges

# Enough for one minus the sigmoid of a thousand, whose 435 first digits are zeros.
DIGITS = 480


def _sigmoid(u):
    return 1 / (1 + mpmath.exp(-u))


def _slope_of_gelu(u):
    return mpmath.ncdf(u) + u * mpmath.npdf(u)


# Value and slope of each function.
FUNCTIONS = {
    "exp": (mpmath.exp, mpmath.exp),
    "log": (mpmath.log, lambda u: 1 / u),
    "log1p": (lambda u: mpmath.log(1 + u), lambda u: 1 / (1 + u)),
    "expm1": (lambda u: mpmath.exp(u) - 1, mpmath.exp),
    "sqrt": (mpmath.sqrt, lambda u: 1 / (2 * mpmath.sqrt(u))),
    "sinh": (mpmath.sinh, mpmath.cosh),
    "cosh": (mpmath.cosh, mpmath.sinh),
    "tanh": (mpmath.tanh, lambda u: 1 / mpmath.cosh(u) ** 2),
    "sigmoid": (_sigmoid, lambda u: _sigmoid(u) * _sigmoid(-u)),
    "softplus": (lambda u: mpmath.log(1 + mpmath.exp(u)), _sigmoid),
    "relu": (lambda u: max(u, 0), lambda u: mpmath.mpf(u > 0)),
    "silu": (lambda u: u * _sigmoid(u), lambda u: _sigmoid(u) * (1 + u * _sigmoid(-u))),
    "gelu": (lambda u: u * mpmath.ncdf(u), _slope_of_gelu),
    "erfc": (mpmath.erfc, lambda u: -2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-(u**2))),
    "erf": (mpmath.erf, lambda u: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-(u**2))),
}


class Dual:
    """A number and its slopes by all components of all inputs."""

    def __init__(self, value: Any, slopes: Mapping[Any, Any] = {}) -> None:
        self.value = mpmath.mpf(value)
        self.slopes = dict(slopes)

    def moved(self, value: Any, slope: Any) -> Dual:
        return Dual(value, {k: slope * s for k, s in self.slopes.items()})

    def __add__(self, other: Dual) -> Dual:
        keys = {*self.slopes, *other.slopes}
        return Dual(self.value + other.value, {k: self.slopes.get(k, 0) + other.slopes.get(k, 0) for k in keys})

    def __mul__(self, other: Dual) -> Dual:
        return self.moved(self.value * other.value, other.value) + other.moved(0, self.value)

    def __pow__(self, n: Any) -> Dual:
        return self.moved(self.value**n, n * self.value ** (n - 1))


def evaluate(program: Program, arrays: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Give the one output of a program, and the gradients of the sum of its components by all inputs."""
    with mpmath.workdps(DIGITS):
        values = {
            x: {place: Dual(float(array[place]), {(x, place): 1}) for place in np.ndindex(array.shape)}
            for x, array in arrays.items()
        }
        ranges = infer_ranges(program)
        sizes = {ranges.of_axis[x, axis]: n for x, array in arrays.items() for axis, n in enumerate(array.shape)}
        for d in program.in_order():
            number = program.definitions.index(d)
            extent = {index: sizes[r] for (statement, index), r in ranges.of_index.items() if statement == number}
            places = itertools.product(*(range(extent[i]) for i in d.indices))
            values[d.name] = {
                place: _value(d.rhs, dict(zip(d.indices, place, strict=True)), values, extent) for place in places
            }
        (output,) = program.outputs
        result = values[output]
        gradients = {
            x: {place: sum(y.slopes.get((x, place), mpmath.mpf(0)) for y in result.values()) for place in values[x]}
            for x in arrays
        }
        return _rounded({p: y.value for p, y in result.items()}), {x: _rounded(g) for x, g in gradients.items()}


def _rounded(components: Mapping[tuple[int, ...], Any]) -> np.ndarray:
    shape = tuple(1 + max(axis) for axis in zip(*components, strict=True))
    result = np.empty(shape)
    for place, value in components.items():
        result[place] = float(value)
    return result


def _value(node: Expr, at: Mapping[Index, int], values: Mapping[str, Any], extent: Mapping[Index, int]) -> Dual:
    match node:
        case Literal(value=value):
            return Dual(mpmath.mpf(value.numerator) / value.denominator)
        case One():
            return Dual(1)
        case Tensor(name=name, indices=indices):
            return values[name][tuple(at[i] for i in indices)]
        case Sum(terms=terms):
            total = Dual(0)
            for term in terms:
                total = total + _value(term, at, values, extent)
            return total
        case Product(factors=factors, summed=summed):
            total = Dual(0)
            for place in itertools.product(*(range(extent[i]) for i in summed)):
                product = Dual(1)
                for factor in factors:
                    product = product * _value(factor, {**at, **dict(zip(summed, place, strict=True))}, values, extent)
                total = total + product
            return total
        case Power(base=base, exponent=Literal(value=value)):
            return _value(base, at, values, extent) ** (mpmath.mpf(value.numerator) / value.denominator)
        case Apply(function=function, args=(argument,)):
            u = _value(argument, at, values, extent)
            value, slope = FUNCTIONS[function]
            return u.moved(value(u.value), slope(u.value))
    raise NotImplementedError(type(node))
