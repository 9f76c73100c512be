"""The element-wise functions of the language as calls of NumPy, or of a helper that the module brings along."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from einsgrad.ir.functions import of_every_function

_CALLS: Mapping[str, str] = of_every_function(
    "NumPy calls",
    {
        "π": "np.pi",
        "exp": "np.exp({0})",
        "log": "np.log({0})",
        "log2": "np.log2({0})",
        "log10": "np.log10({0})",
        "log1p": "np.log1p({0})",
        "expm1": "np.expm1({0})",
        "sqrt": "np.sqrt({0})",
        "hypot": "np.hypot({0}, {1})",
        "abs": "np.abs({0})",
        "sign": "np.sign({0})",
        "sin": "np.sin({0})",
        "cos": "np.cos({0})",
        "tan": "np.tan({0})",
        "asin": "np.arcsin({0})",
        "acos": "np.arccos({0})",
        "atan": "np.arctan({0})",
        "atan2": "_atan2({0}, {1})",
        "sinh": "np.sinh({0})",
        "cosh": "np.cosh({0})",
        "tanh": "np.tanh({0})",
        "asinh": "np.arcsinh({0})",
        "acosh": "np.arccosh({0})",
        "atanh": "np.arctanh({0})",
        "sigmoid": "_sigmoid({0})",
        "softplus": "_softplus({0})",
        "logsigmoid": "_logsigmoid({0})",
        "relu": "np.maximum({0}, 0)",
        "gelu": "_gelu({0})",
        "silu": "_silu({0})",
        "erf": "_erf({0})",
        "erfc": "_erfc({0})",
        "erfinv": "_special.erfinv({0})",
        "logndtr": "_special.log_ndtr({0})",
        "lgamma": "_special.gammaln({0})",
        "digamma": "_special.digamma({0})",
        "polygamma": "_polygamma({0}, {1})",
        "step": "_step({0})",
        "maximum": "np.maximum({0}, {1})",
        "minimum": "np.minimum({0}, {1})",
        "stop": "np.positive({0})",
        "floor": "np.floor({0})",
        "round": "np.rint({0})",
        "mod": "np.mod({0}, {1})",
        "<": "_holds(np.less, {0}, {1})",
        "<=": "_holds(np.less_equal, {0}, {1})",
        "==": "_holds(np.equal, {0}, {1})",
        "!=": "_holds(np.not_equal, {0}, {1})",
        "&": "np.minimum({0}, {1})",
        "|": "np.maximum({0}, {1})",
        "[]": "_where({0}, {1})",
    },
)


# Those that go through large arrays in blocks.
_IN_BLOCKS = frozenset({"sigmoid", "softplus", "logsigmoid", "gelu", "silu", "erf", "erfc"})


def writes_out(function: str) -> bool:
    """Tell whether a function of the language is one call that can write into an array.

    >>> writes_out("exp"), writes_out("relu"), writes_out("silu"), writes_out("step")
    (True, True, True, False)
    """
    text = _CALLS.get(function, "")
    return function in _IN_BLOCKS or (text.startswith("np.") and text.endswith(")"))


def call(function: str, arguments: Sequence[str], np: str) -> str:
    """Apply a function of the language to arguments, each of which is evaluated once.

    Args:
        function: its name in the language.
        arguments: the texts of its arguments.
        np: what NumPy is called.

    >>> call("asin", ["x"], "np"), call("relu", ["x"], "_np"), call("silu", ["x"], "np")
    ('np.arcsin(x)', '_np.maximum(x, 0)', '_silu(x)')
    """
    return re.sub(r"\bnp\.", f"{np}.", _CALLS[function]).format(*arguments)
