"""Functions that generated modules bring along: those that they call, and no others."""

from __future__ import annotations

import re

_SIGMOID = '''
def _sigmoid(x):
    """1 / (1 + exp(-x)), without overflow on either side."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)
'''

_SILU = '''
def _silu(x):
    """x sigmoid(x)."""
    return x * _sigmoid(x)
'''

_SOFTPLUS = '''
def _softplus(x):
    """log(1 + exp(x)), without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
'''

_STEP = '''
def _step(x):
    """1 where x is positive, else 0."""
    return np.greater(x, 0).astype(np.asarray(x).dtype)
'''

_ERF = '''
def _erf(x):
    """The error function, to round-off.

    The rational approximations of W. J. Cody, Rational Chebyshev approximations for the error function, Mathematics of
    Computation 23 (1969): of erf(x) / x in x squared up to 0.46875, of exp(x x) erfc(x) beyond. From 6 on it is 1.
    """
    a = np.minimum(np.abs(x), 6)
    c = np.clip(x, -0.46875, 0.46875)
    s = c * c
    top = (((1.85777706184603153e-1 * s + 3.16112374387056560e0) * s + 1.13864154151050156e2) * s
           + 3.77485237685302021e2) * s + 3.20937758913846947e3
    bottom = (((s + 2.36012909523441209e1) * s + 2.44024637934444173e2) * s
              + 1.28261652607737228e3) * s + 2.84423683343917062e3
    near = c * top / bottom
    top = (((((((2.15311535474403846e-8 * a + 5.64188496988670089e-1) * a + 8.88314979438837594e0) * a
               + 6.61191906371416295e1) * a + 2.98635138197400131e2) * a + 8.81952221241769090e2) * a
            + 1.71204761263407058e3) * a + 2.05107837782607147e3) * a + 1.23033935479799725e3
    bottom = (((((((a + 1.57449261107098347e1) * a + 1.17693950891312499e2) * a + 5.37181101862009858e2) * a
                 + 1.62138957456669019e3) * a + 3.29079923573345963e3) * a + 4.36261909014324716e3) * a
              + 3.43936767414372164e3) * a + 1.23033935480374942e3
    far = np.copysign(1 - np.exp(-a * a) * top / bottom, x)
    return np.where(a <= 0.46875, near, far)[()]
'''

_ROW_SUMS = '''
def _row_sums(x):
    """The sums over the last axis, as a matrix product because that is faster."""
    return x @ np.ones(x.shape[-1], x.dtype)
'''

_GELU = '''
def _gelu(x):
    """x times the distribution function of the standard normal distribution."""
    return 0.5 * x * (1 + _erf(x * 0.7071067811865476))
'''

_FLOATING = '''
def _floating(axes, /, **arrays):
    """Give the arrays in floating point; a ValueError says where their axes don't fit together."""
    for name, array in arrays.items():
        if isinstance(array, np.ma.MaskedArray):
            raise TypeError(f"{name} is a masked array, and its mask would be lost")
    arrays = {name: np.asarray(array) for name, array in arrays.items()}
    sizes = {}
    for name, array in arrays.items():
        if array.dtype.kind not in "fiub":
            raise TypeError(f"{name} is an array of {array.dtype}, which is no real number")
        if array.ndim != len(axes[name]):
            raise ValueError(f"{name} has {array.ndim} axes; expected {len(axes[name])}: ({', '.join(axes[name])})")
        for axis, (index, size) in enumerate(zip(axes[name], array.shape)):
            first, first_axis, known = sizes.setdefault(index, (name, axis, size))
            if size != known:
                raise ValueError(
                    f"index {index}: axis {axis} of {name} has size {size}, "
                    f"but axis {first_axis} of {first} has size {known}"
                )
    kinds = [array.dtype for array in arrays.values() if array.dtype.kind == "f"]
    common = np.result_type(*kinds) if kinds else np.float64
    return [array if array.dtype.kind == "f" else array.astype(common) for array in arrays.values()]
'''

_UPSTREAM = '''
def _upstream(name, gradient, output):
    """Give an upstream gradient the type of its output; a ValueError says where the shapes differ."""
    if isinstance(gradient, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, and its mask would be lost")
    gradient = np.asarray(gradient, output.dtype)
    if gradient.shape != output.shape:
        raise ValueError(f"{name} has shape {gradient.shape}; expected that of the output, {output.shape}")
    return gradient
'''

_SELF_TEST = '''
def _self_test():
    """Compare the gradients with central differences on small random arrays; give whether they agree."""
    random = np.random.default_rng(0)
    indices = dict.fromkeys(index for axes in _AXES.values() for index in axes)
    sizes = {index: 2 + k % 3 for k, index in enumerate(indices)}

    def draw(low, high):
        return {name: random.uniform(low, high, [sizes[i] for i in axes]) for name, axes in _AXES.items()}

    def is_finite(inputs):
        with np.errstate(all="ignore"):
            return all(np.isfinite(output).all() for output in _as_tuple(forward(**inputs)))

    for low, high in [(-1, 1), (0.2, 0.8), (1.2, 2.4), (0.01, 0.1), (3, 9)]:
        inputs = draw(low, high)
        if is_finite(inputs):
            break
    else:
        print("failed: found no inputs for which all outputs are finite")
        return False
    outputs = _as_tuple(forward(**inputs))
    weights = [random.uniform(0.5, 1.5, np.shape(output)) for output in outputs]
    gradients = backward(**inputs, **dict(zip(_UPSTREAM, weights)))
    passed = True
    for name, key in _DIFFERENTIATED.items():
        error = np.zeros(inputs[name].shape)
        for place in np.ndindex(error.shape):
            step = 1e-5 * max(1, abs(inputs[name][place]))
            sides = []
            for sign in (1, -1):
                moved = {**inputs, name: inputs[name].copy()}
                moved[name][place] += sign * step
                sides.append(sum(np.sum(w * y) for w, y in zip(weights, _as_tuple(forward(**moved)))))
            slope = (sides[0] - sides[1]) / (2 * step)
            error[place] = abs(slope - gradients[key][place]) / (1 + abs(slope))
        worst = float(error.max(initial=0))
        passed = passed and worst < 1e-6
        print(f"gradient by {key}, shape {error.shape}: largest relative error {worst:.1e}")
    print("ok" if passed else "failed")
    return passed


def _as_tuple(outputs):
    return outputs if isinstance(outputs, tuple) else (outputs,)
'''

# In the order in which a module has them.
_NUMERIC = {
    "_sigmoid": _SIGMOID,
    "_silu": _SILU,
    "_softplus": _SOFTPLUS,
    "_step": _STEP,
    "_erf": _ERF,
    "_gelu": _GELU,
    "_row_sums": _ROW_SUMS,
}
_CALL = re.compile(r"\b(_[a-z_]+)\(")


def numeric_helpers(code: str, np: str) -> list[str]:
    """Give the helper functions that some code calls, and those that these call.

    >>> [text.split("(")[0] for text in numeric_helpers("y = _silu(x)", "np")]
    ['def _sigmoid', 'def _silu']
    """
    wanted: set[str] = set()
    stack = [code]
    while stack:
        for name in set(_CALL.findall(stack.pop())) & _NUMERIC.keys() - wanted:
            wanted.add(name)
            stack.append(_NUMERIC[name])
    return [with_alias(text, np) for name, text in _NUMERIC.items() if name in wanted]


def entry_helpers(np: str, upstream: bool) -> list[str]:
    """Give the helper functions that check what the user gives."""
    return [with_alias(text, np) for text in ([_FLOATING, _UPSTREAM] if upstream else [_FLOATING])]


def self_test(np: str) -> str:
    """Give the function that tests a module's gradients."""
    return with_alias(_SELF_TEST, np)


def with_alias(text: str, np: str) -> str:
    """Call NumPy ``np`` in some code, and take the blank lines around it away."""
    return re.sub(r"\bnp\.", f"{np}.", text).strip("\n")
