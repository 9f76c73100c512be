"""Intervals: evaluation in floating point with bounds that hold the exact values.

Before: equations without derivatives. After: for every tensor that they define two arrays, between which its
components lie, computed in real arithmetic from the given arrays. Sums, products, quotients and square roots are
exact where their result is a float (the rounding error is computed, not guessed), so whole numbers stay whole and
kinks can be met; other functions are trusted to ``2^-47`` of their value. Equations whose evaluation meets anything
that is not finite have no value there, even where a later step would hide it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from einsgrad.calculus.matrix_intervals import enclose_matrix_function
from einsgrad.diagnostics import InternalError
from einsgrad.ir.conditions import AND, MASK, OR
from einsgrad.ir.equations import Definition
from einsgrad.ir.functions import of_every_function
from einsgrad.ir.nodes import (
    Affine,
    Apply,
    Delta,
    Derivative,
    Expr,
    Gather,
    Index,
    Iota,
    Literal,
    MatrixFunction,
    One,
    Power,
    Product,
    Reduction,
    Selector,
    Size,
    Subscript,
    Sum,
    Tensor,
)
from einsgrad.ir.traversal import children, postorder
from einsgrad.reference import POINTWISE, components, over_axes, shape_of, size_of

Array = NDArray[np.float64]

# NumPy's functions are within 4 units in the last place, which is 2^-50 of their value.
_SLACK = 2.0**-47
_TINY = 1e-300
_LARGEST_POWER = 64


@dataclass(frozen=True, slots=True)
class Interval:
    """Arrays of lower and upper bounds."""

    low: Array
    high: Array

    @property
    def middle(self) -> Array:
        """A value between the bounds; the exact one where they meet."""
        return np.where(self.low == self.high, self.low, self.low / 2 + self.high / 2)

    def is_apart_from(self, other: Interval) -> NDArray[np.bool_]:
        """Tell at which components no value lies in both."""
        return (self.high < other.low) | (self.low > other.high)


class NotFiniteError(Exception):
    """An intermediate value is not finite: there is nothing to compare."""


def enclose(
    definitions: Iterable[Definition], arrays: Mapping[str, Array], sizes: Mapping[Index, int]
) -> dict[str, Interval]:
    """Enclose every tensor that some equations define.

    Args:
        definitions: equations without derivatives, each after those that it uses, with one range a letter.
        arrays: an array for each input, taken to be exact, by its own name.
        sizes: the size of each letter.

    Raises:
        NotFiniteError: a value is not finite.

    >>> from einsgrad.ir import build
    >>> third = build.product([build.tensor("x"), build.literal(Fraction(1, 3))])
    >>> found = enclose([Definition("y", (), third)], {"x": np.asarray(2.0)}, {})["y"]
    >>> bool(3 * Fraction(float(found.low)) < 2 < 3 * Fraction(float(found.high)))
    True
    """
    values = {name: _point(array) for name, array in arrays.items()}
    known: dict[Expr, Interval] = {}
    with np.errstate(all="ignore"):
        for d in definitions:
            for node in postorder(d.rhs):
                if node not in known:
                    value = _evaluate(node, [known[child] for child in children(node)], values, sizes)
                    if not (np.all(np.isfinite(value.low)) and np.all(np.isfinite(value.high))):
                        raise NotFiniteError
                    known[node] = value
            values[d.name] = _over(known[d.rhs], d.rhs.free, d.indices, sizes)
    return values


def _over(value: Interval, free: Sequence[Index], axes: Sequence[Index], sizes: Mapping[Index, int]) -> Interval:
    low = over_axes(value.low, free, axes, sizes)
    return Interval(low, low if value.high is value.low else over_axes(value.high, free, axes, sizes))


def _evaluate(
    node: Expr, below: list[Interval], values: Mapping[str, Interval], sizes: Mapping[Index, int]
) -> Interval:
    match node:
        case Literal(value=number):
            return _number(number)
        case Size(index=index):
            return _point(np.asarray(float(size_of(index, sizes))))
        case Tensor(name=name, indices=indices):
            x = values[name]
            low, high = (components(bound, indices, node.free, sizes) for bound in (x.low, x.high))
            return _interval(low, high)
        case Delta(indices=indices):
            return _point(components(np.eye(size_of(indices[0], sizes)), indices, node.free, sizes))
        case One():
            return _point(np.ones(shape_of(node.free, sizes)))
        case Iota(index=index):
            return _point(np.arange(float(size_of(index, sizes))))
        case Gather(operand=operand, subscripts=subscripts):
            x = values[operand.name]
            pairs = zip(subscripts, x.low.shape, strict=True)
            places = tuple(_places(s, length, node.free, values, sizes) for s, length in pairs)
            return _interval(x.low[places], x.high[places])
        case Selector(index=index, position=position):
            at = [_places(s, size_of(index, sizes), node.free, values, sizes) for s in (index, position)]
            return _point(np.asarray(at[0] == at[1], float))
        case Product():
            return _product(node, below, sizes)
        case Sum(terms=terms):
            spread = [_over(v, t.free, node.free, sizes) for t, v in zip(terms, below, strict=True)]
            total = spread[0]
            for value in spread[1:]:
                total = _add(total, value)
            return total
        case Power(base=base, exponent=Literal(value=exponent)):
            return _fixed_power(_over(below[0], base.free, node.free, sizes), exponent)
        case Power(base=base, exponent=free_exponent):
            spread = [_over(v, e.free, node.free, sizes) for e, v in zip((base, free_exponent), below, strict=True)]
            return _power(*spread)
        case Apply(function=function, args=args):
            spread = [_over(v, a.free, node.free, sizes) for a, v in zip(args, below, strict=True)]
            return _ENCLOSURES[function](*spread)
        case MatrixFunction(operand=operand, slots=slots, indices=indices):
            batch = [i for i in operand.free if i not in slots]
            matrices = _over(below[0], operand.free, [*batch, *slots], sizes)
            ends = enclose_matrix_function(node.function, matrices.middle, matrices.high - matrices.low)
            return Interval(*(components(end, [*batch, *indices], node.free, sizes) for end in ends))
        case Reduction(function=function, operand=operand, over=over):
            return _reduced(function, _over(below[0], operand.free, [*over, *node.free], sizes), len(over))
        case Derivative():
            raise InternalError(f"a {type(node).__name__.lower()} has no enclosure")
        case _:
            assert_never(node)


def _places(
    subscript: Subscript, length: int, free: Sequence[Index], values: Mapping[str, Interval], sizes: Mapping[Index, int]
) -> Array:
    """Give the places along an axis that a subscript picks, as an array over ``free``."""
    at = dict(zip(free, np.indices(shape_of(free, sizes)), strict=True))
    if isinstance(subscript, Index):
        return np.asarray(at[subscript])
    if isinstance(subscript, Affine):
        return subscript.constant + sum(
            (c * at[i] for i, c in subscript.terms), np.zeros(shape_of(free, sizes), dtype=int)
        )
    if isinstance(subscript, Literal):
        return np.full(shape_of(free, sizes), int(subscript.value) % length)
    return np.asarray(values[subscript.name].low[tuple(at[i] for i in subscript.indices)].astype(int))


def _product(node: Product, below: list[Interval], sizes: Mapping[Index, int]) -> Interval:
    """Multiply factor by factor; a letter is summed as soon as no later factor carries it."""
    axes: tuple[Index, ...] = ()
    result = _point(np.asarray(1.0))
    for position, (factor, value) in enumerate(zip(node.factors, below, strict=True)):
        wider = (*axes, *(i for i in factor.free if i not in axes))
        result = _multiply(_over(result, axes, wider, sizes), _over(value, factor.free, wider, sizes))
        axes = wider
        later = {i for f in node.factors[position + 1 :] for i in f.free}
        for index in [i for i in axes if i in node.summed and i not in later]:
            result = _sum_axis(result, axes.index(index))
            axes = tuple(i for i in axes if i != index)
    return _over(result, axes, node.free, sizes)


def _reduced(function: str, operand: Interval, axes: int) -> Interval:
    """Reduce the first axes of an operand."""
    shape = operand.low.shape
    flat = (math.prod(shape[:axes]), *shape[axes:])
    x = Interval(operand.low.reshape(flat), operand.high.reshape(flat))
    match function:
        case "norm":
            return _ENCLOSURES["sqrt"](_sum_axis(_multiply(_absolute(x), _absolute(x)), 0))
        case "prod":
            result = _point(np.ones(flat[1:]))
            for low, high in zip(x.low, x.high, strict=True):
                result = _multiply(result, Interval(low, high))
            return result
        case "max" | "min":
            reduce = np.maximum.reduce if function == "max" else np.minimum.reduce
            start = -math.inf if function == "max" else math.inf
            return Interval(reduce(x.low, initial=start), reduce(x.high, initial=start))
        case _:
            raise InternalError(f"`{function}` has no enclosure")


# -- exact where the result is a float -------------------------------------------------------------------------------


def _point(value: Array) -> Interval:
    return Interval(value, value)


def _interval(low: Array, high: Array) -> Interval:
    """Make an interval; a single array where the bounds meet, which is less to compute with."""
    return _point(low) if np.array_equal(low, high) else Interval(low, high)


def _number(value: Fraction) -> Interval:
    near = float(value)
    below = near if not math.isfinite(near) or Fraction(near) <= value else math.nextafter(near, -math.inf)
    above = near if not math.isfinite(near) or Fraction(near) >= value else math.nextafter(near, math.inf)
    return Interval(np.asarray(below), np.asarray(above))


def _rounded_down(value: Array, exact_or_below: NDArray[np.bool_]) -> Array:
    return np.where(exact_or_below, value, np.nextafter(value, -np.inf))


def _rounded_up(value: Array, exact_or_above: NDArray[np.bool_]) -> Array:
    return np.where(exact_or_above, value, np.nextafter(value, np.inf))


def _add(a: Interval, b: Interval) -> Interval:
    low, high = a.low + b.low, a.high + b.high
    return _interval(
        _rounded_down(low, _error_of_sum(a.low, b.low, low) >= 0),
        _rounded_up(high, _error_of_sum(a.high, b.high, high) <= 0),
    )


def _error_of_sum(a: Array, b: Array, total: Array) -> Array:
    """``a + b - total``, exactly (Knuth)."""
    virtual = total - a
    return (a - (total - virtual)) + (b - virtual)


def _multiply(a: Interval, b: Interval) -> Interval:
    lows, highs = [], []
    one_point = a.low is a.high and b.low is b.high
    for x, y in [(a.low, b.low)] if one_point else [(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]:
        value = x * y
        error = _error_of_product(x, y, value)
        told = (np.abs(value) > _TINY) | (x == 0) | (y == 0)  # an error that underflows tells nothing
        lows.append(_rounded_down(value, told & (error >= 0)))
        highs.append(_rounded_up(value, told & (error <= 0)))
    return _interval(np.minimum.reduce(lows), np.maximum.reduce(highs))


def _error_of_product(a: Array, b: Array, product: Array) -> Array:
    """``a b - product``, exactly (Dekker)."""
    a_high, b_high = (x * 134217729.0 - (x * 134217729.0 - x) for x in (a, b))
    a_low, b_low = a - a_high, b - b_high
    return a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def _sum_axis(value: Interval, axis: int) -> Interval:
    lows, highs = np.moveaxis(value.low, axis, 0), np.moveaxis(value.high, axis, 0)
    if not len(lows):
        return _point(np.zeros(lows.shape[1:]))
    total = Interval(lows[0], highs[0])
    for low, high in zip(lows[1:], highs[1:], strict=True):
        total = _add(total, Interval(low, high))
    return total


def _reciprocal(x: Interval) -> Interval:
    def bound(of: Array, rounded: Callable[[Array, NDArray[np.bool_]], Array]) -> Array:
        value = 1 / of
        exact = (value * of == 1) & (_error_of_product(value, of, value * of) == 0)
        return rounded(value, exact)

    outside = (x.low > 0) | (x.high < 0)
    return Interval(
        np.where(outside, bound(x.high, _rounded_down), np.nan), np.where(outside, bound(x.low, _rounded_up), np.nan)
    )


def _square_root(x: Interval) -> Interval:
    def bound(of: Array, rounded: Callable[[Array, NDArray[np.bool_]], Array]) -> Array:
        value = np.sqrt(of)
        exact = (value * value == of) & ((_error_of_product(value, value, of) == 0) & (of > _TINY) | (of == 0))
        return rounded(value, exact)

    return Interval(bound(x.low, _rounded_down), bound(x.high, _rounded_up))


def _absolute(x: Interval) -> Interval:
    straddles = (x.low < 0) & (x.high > 0)
    a, b = np.abs(x.low), np.abs(x.high)
    return Interval(np.where(straddles, 0.0, np.minimum(a, b)), np.maximum(a, b))


# -- powers and functions --------------------------------------------------------------------------------------------


def _fixed_power(x: Interval, exponent: Fraction) -> Interval:
    if exponent == Fraction(1, 2):
        return _square_root(x)
    if exponent.denominator != 1 or abs(exponent) > _LARGEST_POWER:
        number = _number(exponent)
        return _power(x, Interval(np.full_like(x.low, number.low), np.full_like(x.high, number.high)))
    times = abs(int(exponent))
    if times % 2 == 0:
        x = _absolute(x)
    low, high = (_repeated(_point(bound), times) for bound in (x.low, x.high))
    result = Interval(low.low, high.high)
    return _reciprocal(result) if exponent < 0 else result


def _repeated(x: Interval, times: int) -> Interval:
    result = _point(np.ones_like(x.low))
    for _ in range(times):
        result = _multiply(result, x)
    return result


def _power(base: Interval, exponent: Interval) -> Interval:
    """Raise to any exponent: a base that is not negative, or a negative one to whole exponents."""
    size = _absolute(base)
    corners = [np.power(b, e) for b in (size.low, size.high) for e in (exponent.low, exponent.high)]
    value = _widened(Interval(np.minimum.reduce(corners), np.maximum.reduce(corners)), size.high == 0)
    whole = (exponent.low == exponent.high) & (np.rint(exponent.low) == exponent.low)
    odd = np.mod(exponent.low, 2) == 1
    negative = (base.high < 0) & whole
    low = np.where(negative & odd, -value.high, value.low)
    high = np.where(negative & odd, -value.low, value.high)
    defined = (base.low >= 0) | negative
    return Interval(np.where(defined, low, np.nan), np.where(defined, high, np.nan))


def _widened(x: Interval, exact: NDArray[np.bool_]) -> Interval:
    low, high = (np.abs(bound) * _SLACK + _TINY for bound in (x.low, x.high))
    return Interval(np.where(exact, x.low, x.low - low), np.where(exact, x.high, x.high + high))


def _pi() -> Interval:
    value = POINTWISE["π"]()
    return Interval(value, np.nextafter(value, np.inf))  # π is a little above its float


def _rising(function: str) -> Callable[..., Interval]:
    """Bounds of the arguments give bounds of the value."""
    f = POINTWISE[function]
    return lambda *args: Interval(f(*(a.low for a in args)), f(*(a.high for a in args)))


def _rounded(bounds: Callable[[Interval], Interval], exact_at: float = math.nan) -> Callable[[Interval], Interval]:
    """Trust bounds to a few units in the last place, but where NumPy gives the exact value."""
    return lambda u: _widened(bounds(u), (u.low == u.high) & (u.low == exact_at))


def _gentle(function: str) -> Callable[[Interval], Interval]:
    """A sine or cosine is no steeper than one."""
    f = POINTWISE[function]
    near = _rounded(lambda u: _point(f(u.low)), exact_at=0)

    def enclosure(u: Interval) -> Interval:
        value, width = near(u), u.high - u.low
        return Interval(np.maximum(value.low - width, -1), np.minimum(value.high + width, 1))

    return enclosure


def _tan(u: Interval) -> Interval:
    """The tangent rises between its poles."""
    branch = np.floor(u.low / math.pi + 0.5) == np.floor(u.high / math.pi + 0.5)
    return Interval(*(np.where(branch, np.tan(bound), np.nan) for bound in (u.low, u.high)))


def _gelu(u: Interval) -> Interval:
    """``1/2 u (1 + erf(u / sqrt(2)))``."""
    inner = _ENCLOSURES["erf"](_multiply(u, _reciprocal(_square_root(_number(Fraction(2))))))
    return _multiply(_multiply(u, _number(Fraction(1, 2))), _add(_number(Fraction(1)), inner))


def _hypot(u: Interval, v: Interval) -> Interval:
    """``sqrt(u^2 + v^2)``."""
    return _square_root(_add(_fixed_power(u, Fraction(2)), _fixed_power(v, Fraction(2))))


def _atan2(y: Interval, x: Interval) -> Interval:
    """The angle of a point is extreme at corners of a rectangle that is clear of the origin and the cut beside it."""
    corners = [POINTWISE["atan2"](b, a) for b in (y.low, y.high) for a in (x.low, x.high)]
    point = (x.low == x.high) & (y.low == y.high)
    clear = point | (x.low > 0) | (y.low > 0) | (y.high < 0)
    bounds = _widened(Interval(np.minimum.reduce(corners), np.maximum.reduce(corners)), (y.low == 0) & (x.low >= 0))
    return Interval(*(np.where(clear, bound, np.nan) for bound in (bounds.low, bounds.high)))


def _mod(u: Interval, v: Interval) -> Interval:
    """``u - v floor(u/v)``."""
    turns = _ENCLOSURES["floor"](_multiply(u, _reciprocal(v)))
    return _add(u, _multiply(_number(Fraction(-1)), _multiply(v, turns)))


# Absolute, for what is computed to it where a function crosses zero.
_NEAR_ZERO = 1e-13
# Where the logarithm of the gamma function has its least value for positive arguments, and that value.
_LEAST_AT, _LEAST = 1.4616321449683622, -0.12148629053584961


def _of_positive(bounds: Callable[..., Interval]) -> Callable[..., Interval]:
    """Trust bounds of a function of the gamma family; arguments that are not positive are not enclosed."""

    def enclosure(*arguments: Interval) -> Interval:
        value, positive = bounds(*arguments), arguments[-1].low > 0
        low, high = (np.abs(bound) * _SLACK + _NEAR_ZERO for bound in (value.low, value.high))
        return Interval(np.where(positive, value.low - low, np.nan), np.where(positive, value.high + high, np.nan))

    return enclosure


def _lgamma(u: Interval) -> Interval:
    low, high = (POINTWISE["lgamma"](bound) for bound in (u.low, u.high))
    holds_least = (u.low <= _LEAST_AT) & (u.high >= _LEAST_AT)
    return Interval(np.where(holds_least, _LEAST, np.minimum(low, high)), np.maximum(low, high))


def _polygamma(n: Interval, u: Interval) -> Interval:
    """Each rises or falls for positive arguments."""
    low, high = (POINTWISE["polygamma"](n.low, bound) for bound in (u.low, u.high))
    return Interval(np.minimum(low, high), np.maximum(low, high))


def _holds(surely: Array, perhaps: Array) -> Interval:
    """Enclose a condition by where it holds for all values of its sides, and where it holds for some."""
    return Interval(np.where(surely, 1.0, 0.0), np.where(perhaps, 1.0, 0.0))


def _surely_equal(u: Interval, v: Interval) -> Array:
    return np.asarray((u.low == u.high) & (v.low == v.high) & (u.low == v.low))


def _may_be_equal(u: Interval, v: Interval) -> Array:
    return np.asarray((u.low <= v.high) & (v.low <= u.high))


def _masked(c: Interval, u: Interval) -> Interval:
    """Enclose ``u`` where the condition is sure, zero where it is sure not to hold, and both elsewhere."""
    low = np.where(c.low > 0, u.low, np.minimum(u.low, 0))
    high = np.where(c.low > 0, u.high, np.maximum(u.high, 0))
    return Interval(np.where(c.high > 0, low, 0.0), np.where(c.high > 0, high, 0.0))


_ENCLOSURES: Mapping[str, Callable[..., Interval]] = of_every_function(
    "enclosures",
    {
        "π": _pi,
        "abs": _absolute,
        "sqrt": _square_root,
        "hypot": _hypot,
        "atan2": _atan2,
        "mod": _mod,
        **{name: _rising(name) for name in ("sign", "step", "relu", "maximum", "minimum", "stop", "floor", "round")},
        **{
            name: _rounded(_rising(name), exact_at=0)
            for name in ("exp", "log1p", "expm1", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "sigmoid", "erf")
        },
        **{name: _rounded(_rising(name), exact_at=1) for name in ("log", "log2", "log10", "acosh")},
        **{name: _rounded(_rising(name)) for name in ("softplus", "logsigmoid")},
        "erfc": _rounded(lambda u: Interval(POINTWISE["erfc"](u.high), POINTWISE["erfc"](u.low)), exact_at=0),
        "acos": _rounded(lambda u: Interval(np.arccos(u.high), np.arccos(u.low)), exact_at=1),
        "erfinv": _rounded(_rising("erfinv"), exact_at=0),
        "logndtr": _rounded(_rising("logndtr")),
        "lgamma": _of_positive(_lgamma),
        "digamma": _of_positive(_rising("digamma")),
        "polygamma": _of_positive(_polygamma),
        "cosh": _rounded(lambda u: _rising("cosh")(_absolute(u)), exact_at=0),
        "sin": _gentle("sin"),
        "cos": _gentle("cos"),
        "tan": _rounded(_tan, exact_at=0),
        "gelu": _gelu,
        "silu": lambda u: _multiply(u, _ENCLOSURES["sigmoid"](u)),
        "<": lambda u, v: _holds(u.high < v.low, u.low < v.high),
        "<=": lambda u, v: _holds(u.high <= v.low, u.low <= v.high),
        "==": lambda u, v: _holds(_surely_equal(u, v), _may_be_equal(u, v)),
        "!=": lambda u, v: _holds(np.logical_not(_may_be_equal(u, v)), np.logical_not(_surely_equal(u, v))),
        AND: _rising("minimum"),
        OR: _rising("maximum"),
        MASK: _masked,
    },
)
