"""Functions that generated modules bring along: those that they call, and no others.

They are written in the usual words (:mod:`einsgrad.targets.numpy.words`). Those that compute element by element take
arrays and scalars alike, for which there is no type short of ``Any``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from einsgrad.targets.numpy.error_functions import ERF, ERFC, POLYNOMIAL, SCALED_ERFC, SINGLE_ERF

_BLOCKWISE = '''
def _blockwise(function: Any) -> Any:
    """Go through a large array in blocks, which the cache keeps."""

    def in_blocks(x: Any, out: Any = None) -> Any:
        if out is None and np.size(x) <= _BLOCK:
            return function(x)
        results = np.empty(x.shape, x.dtype) if out is None else out
        flat, into = x.reshape(-1), results.reshape(-1)
        for k in range(0, x.size, _BLOCK):
            into[k : k + _BLOCK] = function(flat[k : k + _BLOCK])
        return results

    return in_blocks


_BLOCK = 2**15
'''

_SIGMOID = '''
@_blockwise
def _sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), where the exponential may overflow."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))
'''

_SILU = '''
@_blockwise
def _silu(x: Any) -> Any:
    """x sigmoid(x)."""
    return x * _sigmoid(x)
'''

_SOFTPLUS = '''
@_blockwise
def _softplus(x: Any) -> Any:
    """log(1 + exp(x)), without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
'''

_LOGSIGMOID = '''
@_blockwise
def _logsigmoid(x: Any) -> Any:
    """log(1 / (1 + exp(-x))), without overflow."""
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))
'''

_ATAN2 = '''
def _atan2(y: Any, x: Any) -> Any:
    """The angle of the point (x, y), where a negative zero is a zero."""
    return np.arctan2(y + 0.0, x + 0.0)
'''

_POLYGAMMA = '''
def _polygamma(n: Any, x: Any) -> Any:
    """The n-th derivative of the digamma function."""
    return _special.polygamma(n, x).astype(np.asarray(x).dtype)[()]
'''

_STEP = '''
def _step(x: Any) -> Any:
    """1 where x is positive, else 0."""
    return np.greater(x, 0).astype(np.asarray(x).dtype)
'''

_HOLDS = '''
def _holds(compare: Any, x: Any, y: Any) -> Any:
    """1 where a comparison of x and y holds, else 0."""
    return compare(x, y).astype(np.result_type(x, y))
'''

_WHERE = '''
def _where(condition: Any, value: Any) -> Any:
    """The value where the condition holds, else 0."""
    return np.where(condition, value, np.zeros_like(value))
'''

_ROW_SUMS = '''
def _row_sums(x: Array) -> Array:
    """The sums over the last axis, as a matrix product because that is faster."""
    return x @ np.ones(x.shape[-1], x.dtype)
'''

_COLUMN_SUMS = '''
def _column_sums(x: Array) -> Array:
    """The sums over the last axis but one, as a matrix product for speed."""
    return np.ones(x.shape[-2], x.dtype) @ x
'''

_INVERSE = '''
def _inverse(x: Array, name: str) -> Array:
    """The inverse of each matrix."""
    try:
        inverse: Array = np.linalg.inv(x)
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError(f"{name} is singular") from None
    return inverse
'''

_SOLVE = '''
def _solve(x: Array, right: Array, name: str) -> Array:
    """The product of the inverse of each matrix with the last axis of right."""
    count = int(np.prod(right.shape[x.ndim - 2 : -1]))
    rows = right.reshape(*x.shape[:-2], count, right.shape[-1])
    try:
        columns = np.linalg.solve(x, rows.swapaxes(-1, -2))
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError(f"{name} is singular") from None
    solution: Array = columns.swapaxes(-1, -2).reshape(right.shape)
    return solution
'''

_PUT = '''
def _put(x: Array, shape: tuple[int, ...], *places: NDArray[np.intp]) -> Array:
    """The sums of what has the same place; places have the first axes of x."""
    place = places[0]
    for size, other in zip(shape[1:], places[1:]):
        place = place * size + other
    rest = x.shape[place.ndim :]
    width = int(np.prod(rest))
    first = np.broadcast_to(place, x.shape[: place.ndim]).reshape(-1, 1) * width
    at = first + np.arange(width)
    total: Array = np.zeros(int(np.prod(shape)) * width, x.dtype)
    # Over one axis this is several times as fast as over rows.
    np.add.at(total, at.ravel(), x.ravel())
    return total.reshape(*shape, *rest)
'''

_BUFFERS = '''
_LOCAL = threading.local()


def _buffers(owner: str, dtype: np.dtype[Any], *shapes: tuple[int, ...]) -> list[Array]:
    """Memory for what is computed on the way.

    Each thread keeps its own from one call of a function to the next.
    """
    held = _LOCAL.__dict__.get(owner)
    if held is None or held[0] != (dtype, shapes):
        held = (dtype, shapes), [np.empty(shape, dtype) for shape in shapes]
        _LOCAL.__dict__[owner] = held
    buffers: list[Array] = held[1]
    return buffers
'''

_GELU = '''
@_blockwise
def _gelu(x: Any) -> Any:
    """x times the distribution function of the standard normal distribution."""
    return 0.5 * x * (1 + _erf(x * 0.7071067811865476))
'''

_ARRAY = '''
def _array(name: str, given: ArrayLike) -> NDArray[Any]:
    """Give an array of real numbers; a TypeError says what is none."""
    if isinstance(given, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, and its mask would be lost")
    array = np.asarray(given)
    if array.dtype.kind not in "fiub":
        kind = f"an array of {array.dtype}, which is no real number"
        raise TypeError(f"{name} is {kind}")
    return array
'''

_FLOATING = '''
def _floating(axes: dict[str, tuple[str, ...]], /, **given: ArrayLike) -> list[Any]:
    """Give arrays of one floating type, and scalars for those without axes.

    A ValueError says where their axes don't fit together.
    """
    arrays = {name: _array(name, array) for name, array in given.items()}
    sizes: dict[str, tuple[str, int, int]] = {}
    for name, array in arrays.items():
        if array.ndim != len(axes[name]):
            expected = f"{len(axes[name])}: ({', '.join(axes[name])})"
            raise ValueError(f"{name} has {array.ndim} axes; expected {expected}")
        for axis, (index, size) in enumerate(zip(axes[name], array.shape)):
            first, first_axis, known = sizes.setdefault(index, (name, axis, size))
            if size != known:
                raise ValueError(
                    f"index {index}: axis {axis} of {name} has size {size}, "
                    f"but axis {first_axis} of {first} has size {known}"
                )
    kinds = [
        array.dtype
        for name, array in arrays.items()
        if array.dtype.kind == "f" and type(given[name]) is not float
    ]
    common = np.result_type(*kinds) if kinds else np.dtype(np.float64)
    return [array.astype(common, copy=False)[()] for array in arrays.values()]
'''

_INDEXING = '''
def _indexing(
    axes: dict[str, tuple[str, ...]],
    bounds: dict[str, tuple[str, ...]],
    /,
    **given: ArrayLike,
) -> list[Any]:
    """Give arrays as _floating does, and positions as whole numbers.

    An IndexError says where these are off the axes that they are for.
    """
    arrays = dict(zip(given, _floating(axes, **given)))
    shapes = {name: np.shape(array) for name, array in arrays.items()}
    sizes = {i: n for name in shapes for i, n in zip(axes[name], shapes[name])}
    for name, indices in bounds.items():
        array = _array(name, given[name])
        if array.size and array.dtype.kind not in "iu":
            raise TypeError(f"{name} gives positions; expected an array of integers")
        for index in indices:
            if array.size and not 0 <= array.min() <= array.max() < sizes[index]:
                size = sizes[index]
                raise IndexError(f"{name} has a position off an axis of size {size}")
        arrays[name] = array.astype(np.intp)
    return list(arrays.values())
'''

_UPSTREAM = '''
def _upstream(name: str, gradient: ArrayLike, output: Array | Scalar) -> Any:
    """Give an upstream gradient the type of its output.

    A ValueError says where the shapes differ.
    """
    array = _array(name, gradient).astype(output.dtype, copy=False)
    if array.shape != output.shape:
        expected = f"that of the output, {output.shape}"
        raise ValueError(f"{name} has shape {array.shape}; expected {expected}")
    return array[()]
'''

_TANGENT = '''
def _tangent(name: str, given: ArrayLike | None, moving: Array | Scalar) -> Any:
    """Give a tangent the type of the input that moves, and zeros if it does not.

    A ValueError says where the shapes differ.
    """
    if given is None:
        return np.zeros_like(moving)[()]
    array = _array(name, given).astype(moving.dtype, copy=False)
    if array.shape != moving.shape:
        expected = f"that of the input, {moving.shape}"
        raise ValueError(f"{name} has shape {array.shape}; expected {expected}")
    return array[()]
'''

_SELF_TEST = '''
def _self_test() -> bool:
    """Compare the gradients with central differences on small random arrays."""
    random = np.random.default_rng(0)
    indices = dict.fromkeys(index for axes in _AXES.values() for index in axes)
    sizes = {index: 2 + k % 3 for k, index in enumerate(indices)}

    def draw(low: float, high: float) -> dict[str, Any]:
        shapes = {name: [sizes[i] for i in axes] for name, axes in _AXES.items()}
        return {name: random.uniform(low, high, shapes[name]) for name in shapes}

    def is_finite(inputs: dict[str, Any]) -> bool:
        with np.errstate(all="ignore"):
            return all(np.isfinite(y).all() for y in _as_tuple(forward(**inputs)))

    for low, high in [(-1, 1), (0.2, 0.8), (1.2, 2.4), (0.01, 0.1), (3, 9)]:
        inputs = draw(low, high)
        if is_finite(inputs):
            break
    else:
        print("failed: found no inputs for which all outputs are finite")
        return False
    outputs = _as_tuple(forward(**inputs))
    weights = [random.uniform(0.5, 1.5, np.shape(output)) for output in outputs]
    gradients: Any = backward(**inputs, **dict(zip(_UPSTREAM, weights)))
    passed = True
    for name, key in _DIFFERENTIATED.items():
        error = np.zeros(inputs[name].shape)
        for place in np.ndindex(error.shape):
            step = 1e-5 * max(1, abs(inputs[name][place]))
            sides = []
            for sign in (1, -1):
                moved = inputs[name].copy()
                moved[place] += sign * step
                outputs = _as_tuple(forward(**{**inputs, name: moved}))
                sides.append(sum(np.sum(w * y) for w, y in zip(weights, outputs)))
            slope = (sides[0] - sides[1]) / (2 * step)
            error[place] = abs(slope - gradients[key][place]) / (1 + abs(slope))
        worst = float(error.max(initial=0))
        passed = passed and worst < 1e-6
        shape = f"shape {error.shape}"
        print(f"gradient by {key}, {shape}: largest relative error {worst:.1e}")
    print("ok" if passed else "failed")
    return passed


def _as_tuple(outputs: Any) -> tuple[Any, ...]:
    return outputs if isinstance(outputs, tuple) else (outputs,)
'''

_VERDICT = '    print("ok" if passed else "failed")\n    return passed'
_SIZES = """    sizes = {index: 2 + k % 3 for k, index in enumerate(indices)}
"""
_WIDENED = """    # Axes are as long as the subscripts on them reach.
    windows: list[tuple[str, dict[str, int], int]] = [
{}    ]
    for _ in windows:
        for axis, terms, constant in windows:
            last = [n * (sizes.setdefault(index, 2) - 1) for index, n in terms.items()]
            sizes[axis] = max(sizes.get(axis, 2), constant + sum(last) + 1)
"""
_DRAWN = """        return {name: random.uniform(low, high, shapes[name]) for name in shapes}
"""
_DRAWN_WITH_POSITIONS = """        drawn: dict[str, Any]
        drawn = {x: random.uniform(low, high, shapes[x]) for x in shapes}
        for x, axes in _POSITIONS.items():
            drawn[x] = random.integers(0, min(sizes[i] for i in axes), shapes[x])
        return drawn
"""

# In the order in which a module has them.
_NUMERIC = {
    "_blockwise": _BLOCKWISE,
    "_sigmoid": _SIGMOID,
    "_silu": _SILU,
    "_softplus": _SOFTPLUS,
    "_logsigmoid": _LOGSIGMOID,
    "_atan2": _ATAN2,
    "_polygamma": _POLYGAMMA,
    "_step": _STEP,
    "_holds": _HOLDS,
    "_where": _WHERE,
    "_polynomial": POLYNOMIAL,
    "_scaled_erfc": SCALED_ERFC,
    "_single_erf": SINGLE_ERF,
    "_erf": ERF,
    "_erfc": ERFC,
    "_gelu": _GELU,
    "_row_sums": _ROW_SUMS,
    "_column_sums": _COLUMN_SUMS,
    "_inverse": _INVERSE,
    "_solve": _SOLVE,
    "_put": _PUT,
    "_buffers": _BUFFERS,
}
_CALL = re.compile(r"(?:@|\b(?=_[a-z_0-9]+\())(_[a-z_0-9]+)")


def numeric_helpers(code: str) -> list[str]:
    """Give the helper functions that some code calls, and those that these call.

    >>> [text.split("(")[0] for text in numeric_helpers("y = _column_sums(_row_sums(x))")]
    ['def _row_sums', 'def _column_sums']
    """
    wanted: set[str] = set()
    stack = [code]
    while stack:
        for name in set(_CALL.findall(stack.pop())) & _NUMERIC.keys() - wanted:
            wanted.add(name)
            stack.append(_NUMERIC[name])
    return [text.strip("\n") for name, text in _NUMERIC.items() if name in wanted]


def entry_helpers(upstream: bool, tangents: bool, positions: bool) -> list[str]:
    """Give the helper functions that check what the user gives, upstream gradients and the like among it or not."""
    further = ((_INDEXING, positions), (_UPSTREAM, upstream), (_TANGENT, tangents))
    return [text.strip("\n") for text in (_ARRAY, _FLOATING, *(text for text, wanted in further if wanted))]


def self_test(further: str, positions: bool, windows: Sequence[str] = ()) -> str:
    """Give the function that tests a module's gradients.

    Args:
        further: the name of one that goes on with its inputs, if any.
        positions: whether some inputs are positions, and drawn as such.
        windows: affine subscripts as they are written in Python: the letter of an axis, its letters with their
            coefficients, and what is added.
    """
    goes_on = f"    passed = {further}(random, inputs) and passed\n" if further else ""
    text = _SELF_TEST.replace(_DRAWN, _DRAWN_WITH_POSITIONS) if positions else _SELF_TEST
    if windows:
        text = text.replace(_SIZES, _SIZES + _WIDENED.format("".join(f"        {window},\n" for window in windows)))
    return text.replace(_VERDICT, goes_on + _VERDICT).strip("\n")
