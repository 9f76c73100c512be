"""The reference interpreter: slow, obvious, and the oracle of every test.

Before: any program without derivatives (expand them first). After: the components of every tensor that it defines,
each node evaluated as the definition of index notation reads, as an array over all its free indices. Nothing is
optimised and nothing is shared with the compiler: a product really is the array over all its indices, free and summed.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from einsgrad.diagnostics import ArrayError, Diagnostic, InternalError
from einsgrad.ir.functions import of_every_function
from einsgrad.ir.letters import root
from einsgrad.ir.names import canonical_name
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
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import derived, infer_ranges
from einsgrad.ir.traversal import children, postorder
from einsgrad.special import scipy_special

Array = NDArray[Any]


def evaluate(program: Program, arrays: Mapping[str, Any], sizes: Mapping[str, int] | None = None) -> dict[str, Array]:
    """Evaluate every equation of a program.

    Args:
        program: a program without derivatives.
        arrays: an array for each input, by any spelling of its name; computed with as float64, or, where one of them
            is complex, as complex128 (for complex-step derivatives). Others settle sizes: a gradient has the shape of
            the tensor that it is taken by, even where no equation uses it.
        sizes: the size of each letter that stands on no axis of an array; a primed letter has that of its root.

    Returns:
        The array of each tensor that the program defines, by its name, in the order of the text.

    Raises:
        ArrayError: an array is missing or has the wrong order, or sizes disagree or are unknown.

    >>> from einsgrad.ir import build
    >>> from einsgrad.ir.equations import Definition
    >>> i, j = Index("i"), Index("j")
    >>> rhs = build.product([build.tensor("x", [i, j]), build.tensor("w", [j])], [j])
    >>> evaluate(Program((Definition("y", (i,), rhs),)), {"x": [[1, 2], [3, 4]], "w": [1, 10]})["y"]
    array([21., 43.])
    """
    given = _as_float(program, arrays)
    extents = index_sizes(program, given, sizes)
    position = {d.name: n for n, d in enumerate(program.definitions)}
    values = dict(given)
    for d in program.in_order():
        values[d.name] = evaluate_expression(d.rhs, values, extents[position[d.name]], d.indices)
    return {d.name: values[d.name] for d in program.definitions}


def evaluate_expression(
    node: Expr, arrays: Mapping[str, Array], sizes: Mapping[Index, int], axes: Sequence[Index]
) -> Array:
    """Evaluate one expression as an array over ``axes``, which hold all its free indices.

    Args:
        node: an expression without derivatives.
        arrays: the array of each tensor in it, by its exact name.
        sizes: the size of each index in it.
        axes: the indices of the result's axes, in order.

    Raises:
        InternalError: the expression holds a derivative.
        ArrayError: the size of an index is not known.

    >>> from einsgrad.ir import build
    >>> trace = build.product([build.tensor("a", [Index("i"), Index("i")])], [Index("i")])
    >>> float(evaluate_expression(trace, {"a": np.eye(3)}, {Index("i"): 3}, ()))
    3.0
    """
    kind = np.result_type(np.float64, *(arrays[n.name] for n in postorder(node) if isinstance(n, Tensor)))
    values: dict[Expr, Array] = {}
    with np.errstate(all="ignore"):
        for n in postorder(node):
            values[n] = _evaluate(n, [values[child] for child in children(n)], arrays, sizes).astype(kind)
    return over_axes(values[node], node.free, axes, sizes).copy()


def index_sizes(
    program: Program, arrays: Mapping[str, Array], sizes: Mapping[str, int] | None = None
) -> list[dict[Index, int]]:
    """Give the sizes of the indices of each statement, equations first, then claims.

    A size that neither an array's axis nor ``sizes`` settles is left out.

    Raises:
        ArrayError: two axes of one range differ.
    """
    ranges = infer_ranges(program)
    settled: dict[int, tuple[int, str]] = {}

    def settle(number: int, size: int, place: str) -> None:
        known, elsewhere = settled.setdefault(number, (size, place))
        if known != size:
            letter = ranges.letter.get(number)
            message = f"index `{letter}` has size {known} by {elsewhere} and size {size} by {place}"
            raise ArrayError([Diagnostic("size-mismatch", message)])

    for (name, axis), number in ranges.of_axis.items():
        if name in arrays:
            settle(number, arrays[name].shape[axis], f"axis {axis} of `{name}`")
    by_arrays = set(settled)
    for (_, index), number in ranges.of_index.items():
        letter = root(index).name
        if sizes and letter in sizes and number not in by_arrays:
            settle(number, sizes[letter], f"sizes[{letter!r}]")
    known = derived({number: size for number, (size, _) in settled.items()}, ranges.windows)
    result: list[dict[Index, int]] = [{} for _ in (*program.definitions, *program.claims, *program.facts)]
    for (statement, index), number in ranges.of_index.items():
        if number in known:
            result[statement][index] = known[number]
    return result


def _as_float(program: Program, arrays: Mapping[str, Any]) -> dict[str, Array]:
    result = {canonical_name(name): np.asarray(array) for name, array in arrays.items()}
    for name in program.inputs:
        if canonical_name(name) not in result:
            raise ArrayError([Diagnostic("missing-input", f"no array for the input `{name}`")])
        array = result[name] = result.pop(canonical_name(name))
        order = len(program.index_objects(name))
        if array.ndim != order:
            message = f"`{name}` has {order} indices, but its array has {array.ndim} axes"
            raise ArrayError([Diagnostic("wrong-order", message)])
    kind = np.result_type(np.float64, *result.values())
    return {name: array.astype(kind) for name, array in result.items()}


def _evaluate(node: Expr, below: list[Array], arrays: Mapping[str, Array], sizes: Mapping[Index, int]) -> Array:
    """Give the array of a node over ``node.free``, from those of its children."""
    match node:
        case Literal(value=number):
            return np.asarray(float(number))
        case Size(index=index):
            return np.asarray(float(size_of(index, sizes)))
        case Tensor(name=name, indices=indices):
            return components(arrays[name], indices, node.free, sizes)
        case Delta(indices=indices):
            return components(np.eye(size_of(indices[0], sizes)), indices, node.free, sizes)
        case One():
            return np.ones(shape_of(node.free, sizes))
        case Iota(index=index):
            return np.arange(float(size_of(index, sizes)))
        case Gather(operand=operand, subscripts=subscripts):
            array = arrays[operand.name]
            places = [
                _places(s, length, node.free, arrays, sizes) for s, length in zip(subscripts, array.shape, strict=True)
            ]
            return np.asarray(array[tuple(places)])
        case Selector(index=index, position=position):
            place = _places(position, size_of(index, sizes), node.free, arrays, sizes)
            return np.asarray(place == _places(index, 0, node.free, arrays, sizes), float)
        case Product(factors=factors, summed=summed):
            indices = (*node.free, *summed)
            result: Array = np.ones(shape_of(indices, sizes))
            for factor, value in zip(factors, below, strict=True):
                result = result * over_axes(value, factor.free, indices, sizes)
            return np.asarray(result.sum(axis=tuple(range(len(node.free), len(indices)))))
        case Sum(terms=terms):
            result = np.zeros(shape_of(node.free, sizes))
            for term, value in zip(terms, below, strict=True):
                result = result + over_axes(value, term.free, node.free, sizes)
            return result
        case Power(base=base, exponent=exponent):
            return np.power(
                over_axes(below[0], base.free, node.free, sizes), over_axes(below[1], exponent.free, node.free, sizes)
            )
        case Apply(function=function, args=args):
            spread = [over_axes(value, a.free, node.free, sizes) for a, value in zip(args, below, strict=True)]
            return np.asarray(POINTWISE[function](*spread))
        case Reduction(function=function, operand=operand, over=over):
            value = over_axes(below[0], operand.free, (*node.free, *over), sizes)
            shape = value.shape[: len(node.free)]
            return np.asarray(_REDUCTIONS[function](value.reshape(*shape, math.prod(value.shape[len(shape) :]))))
        case MatrixFunction(function=function, operand=operand, slots=slots, indices=indices):
            batch = [i for i in operand.free if i not in slots]
            value = np.asarray(_OF_MATRICES[function](over_axes(below[0], operand.free, [*batch, *slots], sizes)))
            return components(value, [*batch, *indices], node.free, sizes)
        case Derivative():
            raise InternalError("the reference interpreter was handed a derivative that no pass expanded")
        case _:
            assert_never(node)


def size_of(index: Index, sizes: Mapping[Index, int]) -> int:
    """Give the size of an index.

    Raises:
        ArrayError: it is not known.
    """
    if index not in sizes:
        raise ArrayError([Diagnostic("unknown-size", f"no array has an axis of index `{index}`: give its size")])
    return sizes[index]


def shape_of(indices: Sequence[Index], sizes: Mapping[Index, int]) -> tuple[int, ...]:
    """Give the sizes of indices."""
    return tuple(size_of(i, sizes) for i in indices)


def components(array: Array, indices: Sequence[Index], free: Sequence[Index], sizes: Mapping[Index, int]) -> Array:
    """Give the array over ``free`` whose components are ``array[indices]``; a repeated index takes the diagonal."""
    if not indices:
        return array
    values = dict(zip(free, np.indices(shape_of(free, sizes)), strict=True))
    return np.asarray(array[tuple(values[i] for i in indices)])


def _places(
    subscript: Subscript,
    length: int,
    free: Sequence[Index],
    arrays: Mapping[str, Array],
    sizes: Mapping[Index, int],
) -> Array:
    """Give the places along an axis that a subscript picks, as an array over ``free``.

    Raises:
        ArrayError: a position is outside the axis.
    """
    values = dict(zip(free, np.indices(shape_of(free, sizes)), strict=True))
    if isinstance(subscript, Index):
        return np.asarray(values[subscript])
    if isinstance(subscript, Affine):
        places = np.full(shape_of(free, sizes), subscript.constant)
        for letter, coefficient in subscript.terms:
            places = places + coefficient * values[letter]
        if not np.all((places >= 0) & (places < length)):
            message = f"`{subscript}` leaves an axis of size {length}"
            raise ArrayError([Diagnostic("position-range", message)])
        return np.asarray(places)
    if isinstance(subscript, Literal):
        at = int(subscript.value)
        if not -length <= at < length:
            message = f"the position {at} is outside an axis of size {length}"
            raise ArrayError([Diagnostic("position-range", message)])
        return np.full(shape_of(free, sizes), at % length)
    array = arrays[subscript.name].real
    if not np.all((array >= 0) & (array < length) & (array == np.floor(array))):
        message = f"`{subscript.name}` holds positions that an axis of size {length} does not have"
        raise ArrayError([Diagnostic("position-range", message)])
    return np.asarray(array[tuple(values[i] for i in subscript.indices)].astype(int))


def over_axes(value: Array, free: Sequence[Index], axes: Sequence[Index], sizes: Mapping[Index, int]) -> Array:
    """Give an array over ``free`` as one over ``axes``, which hold ``free``, constant along the others."""
    present = [i for i in axes if i in free]
    value = value.transpose([list(free).index(i) for i in present])
    value = value.reshape([size_of(i, sizes) if i in free else 1 for i in axes])
    return np.broadcast_to(value, shape_of(axes, sizes))


def _erf(x: Array) -> Array:
    """Give the error function; of a complex step ``a + ih``, with a tiny ``h``, to first order in ``h``."""
    value: Array = np.vectorize(math.erf, otypes=[float])(x.real)
    if np.iscomplexobj(x):
        value = value + 1j * x.imag * 2 / math.sqrt(math.pi) * np.exp(-(x.real**2))
    return value


def _erfc(x: Array) -> Array:
    """Give ``1 - erf``, as :func:`_erf` does, without cancellation."""
    value: Array = np.vectorize(math.erfc, otypes=[float])(x.real)
    if np.iscomplexobj(x):
        value = value - 1j * x.imag * 2 / math.sqrt(math.pi) * np.exp(-(x.real**2))
    return value


def _sigmoid(x: Array) -> Array:
    return np.where(x.real >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def _softplus(x: Array) -> Array:
    return np.where(x.real > 0, x + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))


def _special(name: str, slope: Callable[[Array], Any]) -> Callable[[Array], Array]:
    """Give a function of SciPy's; of a complex step to first order, by its slope."""

    def function(x: Array) -> Array:
        value: Array = np.asarray(getattr(scipy_special(), name)(x.real))
        return value + 1j * x.imag * slope(x.real) if np.iscomplexobj(x) else value

    return function


def _polygamma(n: Array, x: Array) -> Array:
    """Give the ``n``-th derivative of the digamma function; of a complex step to first order."""
    value: Array = np.asarray(scipy_special().polygamma(n.real, x.real))
    if np.iscomplexobj(x):
        value = value + 1j * x.imag * scipy_special().polygamma(n.real + 1, x.real)
    return value


def _slope_of_logndtr(x: Array) -> Any:
    return np.exp(-x * x / 2 - scipy_special().log_ndtr(x)) / math.sqrt(2 * math.pi)


def _slope_of_erfinv(x: Array) -> Any:
    return math.sqrt(math.pi) / 2 * np.exp(scipy_special().erfinv(x) ** 2)


def _hypot(x: Array, y: Array) -> Array:
    """Give the length of ``(x, y)``; of a complex step to first order."""
    value = np.asarray(np.hypot(x.real, y.real))
    return value + _step(x.real / value, x, y.real / value, y) if _moves(x, y) else value


def _atan2(y: Array, x: Array) -> Array:
    """Give the angle of the point ``(x, y)``; there is one zero, whichever sign NumPy gives it.

    Of a complex step to first order.
    """
    value = np.asarray(np.arctan2(y.real + 0.0, x.real + 0.0))
    square = x.real**2 + y.real**2
    return value + _step(x.real / square, y, -y.real / square, x) if _moves(x, y) else value


def _mod(x: Array, y: Array) -> Array:
    """Give the remainder with the sign of ``y``, which is the ``x - y floor(x/y)`` of exact numbers.

    Of a complex step on the branch where it is.
    """
    value = np.asarray(np.mod(x.real, y.real))
    return value + _step(np.ones_like(value), x, -np.floor(x.real / y.real), y) if _moves(x, y) else value


def _moves(*args: Array) -> bool:
    return any(map(np.iscomplexobj, args))


def _step(slope: Array, x: Array, other: Array, y: Array) -> Array:
    """Give the imaginary part that those of two arguments lead to."""
    return np.asarray(1j * (slope * x.imag + other * y.imag))


def _inverse(matrices: Array) -> Array:
    """Give the inverse of each matrix; one that has none has no value."""
    result = np.full_like(matrices, np.nan)
    for place in np.ndindex(matrices.shape[:-2]):
        with contextlib.suppress(np.linalg.LinAlgError):
            result[place] = np.linalg.inv(matrices[place])
    return result


def _logdet(matrices: Array) -> Array:
    """Give log(abs(det)); of a complex step, with the branch of the logarithm on which the determinant is."""
    sign, logarithm = np.linalg.slogdet(matrices)
    turned = np.log(sign * np.sign(sign.real)) if np.iscomplexobj(matrices) else 0
    return np.asarray(logarithm + turned)


def _extreme(sign: int) -> Callable[[Array], Array]:
    """Give what takes the component with the largest, or with -1 the smallest, real part along the last axis."""

    def take(value: Array) -> Array:
        if not value.shape[-1]:
            return np.full(value.shape[:-1], -sign * math.inf)
        place = np.argmax(sign * value.real, axis=-1, keepdims=True)
        return np.take_along_axis(value, place, axis=-1)[..., 0]

    return take


_REDUCTIONS: Mapping[str, Callable[[Array], Any]] = {
    "max": _extreme(1),
    "min": _extreme(-1),
    "prod": lambda value: np.prod(value, axis=-1),
    "norm": lambda value: np.sqrt(np.sum(value**2, axis=-1)),
    # Of nothing, or of nothing but -inf, it is the lowest finite number: what subtracts it stays defined.
    "shift": lambda value: value.real.max(axis=-1, initial=-np.finfo(float).max),
}


_OF_MATRICES: Mapping[str, Callable[[Array], Any]] = {"inv": _inverse, "det": np.linalg.det, "logdet": _logdet}


# Functions with a kink look at the real part alone, so that a complex step differentiates the branch it is on.
POINTWISE: Mapping[str, Callable[..., Any]] = of_every_function(
    "reference values",
    {
        "π": lambda: np.asarray(math.pi),
        "exp": np.exp,
        "log": np.log,
        "log2": lambda x: np.log(x) / math.log(2) if np.iscomplexobj(x) else np.log2(x),
        "log10": np.log10,
        "log1p": np.log1p,
        "expm1": np.expm1,
        "sqrt": np.sqrt,
        "hypot": _hypot,
        "abs": lambda x: np.sign(x.real) * x,
        "sign": lambda x: np.sign(x.real),
        "sin": np.sin,
        "cos": np.cos,
        "tan": np.tan,
        "asin": np.arcsin,
        "acos": np.arccos,
        "atan": np.arctan,
        "atan2": _atan2,
        "sinh": np.sinh,
        "cosh": np.cosh,
        "tanh": np.tanh,
        "asinh": np.arcsinh,
        "acosh": np.arccosh,
        "atanh": np.arctanh,
        "sigmoid": _sigmoid,
        "softplus": _softplus,
        "logsigmoid": lambda x: -_softplus(-x),
        "relu": lambda x: np.where(x.real > 0, x, 0),
        "gelu": lambda x: x * (1 + _erf(x / math.sqrt(2))) / 2,
        "silu": lambda x: x * _sigmoid(x),
        "erf": _erf,
        "erfc": _erfc,
        "erfinv": _special("erfinv", _slope_of_erfinv),
        "logndtr": _special("log_ndtr", _slope_of_logndtr),
        "lgamma": _special("gammaln", lambda x: scipy_special().digamma(x)),
        "digamma": _special("digamma", lambda x: scipy_special().polygamma(1, x)),
        "polygamma": _polygamma,
        "step": lambda x: np.where(x.real > 0, 1.0, 0.0),
        "maximum": lambda x, y: np.where(x.real >= y.real, x, y),
        "minimum": lambda x, y: np.where(x.real <= y.real, x, y),
        "stop": lambda x: x.real,
        "floor": lambda x: np.floor(x.real),
        "round": lambda x: np.rint(x.real),
        "mod": _mod,
        "<": lambda x, y: np.where(x.real < y.real, 1.0, 0.0),
        "<=": lambda x, y: np.where(x.real <= y.real, 1.0, 0.0),
        "==": lambda x, y: np.where(x.real == y.real, 1.0, 0.0),
        "!=": lambda x, y: np.where(x.real != y.real, 1.0, 0.0),
        "&": lambda x, y: x.real * y.real,
        "|": lambda x, y: np.maximum(x.real, y.real),
        "[]": lambda c, u: np.where(c.real != 0, u, 0),
    },
)
