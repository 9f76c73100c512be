"""The element-wise functions of the language in C, and which of them have vector versions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from einsgrad.ir.functions import of_every_function

# `@` is the suffix of the floating type: `exp@` is `expf` in single precision.
_CALLS: Mapping[str, str] = of_every_function(
    "C expressions",
    {
        "π": "3.141592653589793",
        "exp": "exp@({0})",
        "log": "log@({0})",
        "log2": "log2@({0})",
        "log10": "log10@({0})",
        "log1p": "log1p@({0})",
        "expm1": "expm1@({0})",
        "sqrt": "sqrt@({0})",
        "hypot": "hypot@({0}, {1})",
        "abs": "fabs@({0})",
        "sign": "sign({0})",
        "sin": "sin@({0})",
        "cos": "cos@({0})",
        "tan": "tan@({0})",
        "asin": "asin@({0})",
        "acos": "acos@({0})",
        "atan": "atan@({0})",
        "atan2": "angle({0}, {1})",
        "sinh": "sinh@({0})",
        "cosh": "cosh@({0})",
        "tanh": "tanh@({0})",
        "asinh": "asinh@({0})",
        "acosh": "acosh@({0})",
        "atanh": "atanh@({0})",
        "sigmoid": "sigmoid({0})",
        "softplus": "softplus({0})",
        "logsigmoid": "logsigmoid({0})",
        "relu": "relu({0})",
        "gelu": "gelu({0})",
        "silu": "silu({0})",
        "erf": "erf@({0})",
        "erfc": "erfc@({0})",
        "step": "step({0})",
        "maximum": "maximum({0}, {1})",
        "minimum": "minimum({0}, {1})",
        "floor": "floor@({0})",
        "round": "rint@({0})",
        "mod": "mod({0}, {1})",
    },
)

# Comparisons are false of what is not a number, so each of these hands it on.
_HELPERS = {
    "sign": "static inline real sign(real x) { return x != x ? x : (real)((x > 0) - (x < 0)); }",
    "relu": "static inline real relu(real x) { return x < 0 ? 0 : x; }",
    "step": "static inline real step(real x) { return x > 0 ? 1 : 0; }",
    "maximum": "static inline real maximum(real a, real b) { return a >= b || a != a ? a : b; }",
    "minimum": "static inline real minimum(real a, real b) { return a <= b || a != a ? a : b; }",
    "sigmoid": """\
static inline real sigmoid(real x)
{
    const real e = exp@(-fabs@(x));
    return (x < 0 ? e : 1) / (1 + e);
}""",
    "silu": "static inline real silu(real x) { return x * sigmoid(x); }",
    "softplus": "static inline real softplus(real x) { return relu(x) + log1p@(exp@(-fabs@(x))); }",
    "logsigmoid": "static inline real logsigmoid(real x) { return -relu(-x) - log1p@(exp@(-fabs@(x))); }",
    "angle": "static inline real angle(real y, real x) { return atan2@(y + 0, x + 0); }",
    "mod": """\
static inline real mod(real a, real b)
{
    const real rest = fmod@(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}""",
    "gelu": """\
static inline real gelu(real x)
{
    return (real)0.5 * x * (1 + erf@(x * (real)0.7071067811865476));
}""",
}
_NEEDS = {"silu": ("sigmoid",), "softplus": ("relu",), "logsigmoid": ("relu",)}

# Functions that glibc's vector library has, of one argument and of two.
_VECTOR_1 = "exp log log1p expm1 sin cos tan asin acos atan sinh cosh tanh erf"
_VECTOR_2 = "pow"


_OPERATORS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}


def operation(function: str, arguments: Sequence[str], suffix: str) -> str:
    """Apply an operation of a plan, or a function of the language, to arguments in C.

    >>> operation("exp", ["x"], "f"), operation("maximum", ["a", "b"], ""), operation("add", ["a", "b"], "")
    ('expf(x)', 'maximum(a, b)', 'a + b')
    """
    match function:
        case "add" | "subtract" | "multiply" | "divide":
            return f"{arguments[0]} {_OPERATORS[function]} {arguments[1]}"
        case "negative":
            return f"-{arguments[0]}"
        case "square":
            return f"{arguments[0]} * {arguments[0]}"
        case "power":
            return f"pow{suffix}({arguments[0]}, {arguments[1]})"
        case _:
            return _CALLS[function].replace("@", suffix).format(*arguments)


def helper_functions(text: str, suffix: str) -> list[str]:
    """Give the definitions of the functions of the language that C lacks, among those that a text calls."""
    names = [name for name in _HELPERS if re.search(rf"\b{name}\(", text)]
    wanted = {needed for name in names for needed in (name, *_NEEDS.get(name, ()))}
    return [text.replace("@", suffix) for name, text in _HELPERS.items() if name in wanted]


def vector_declarations(text: str, suffix: str) -> list[str]:
    """Declare the mathematical functions that a text calls as having vector versions.

    This makes the compiler call glibc's vector library, which is right to 4 ulp and for infinities, without leave to
    change what is computed.
    """
    counts = {**dict.fromkeys(_VECTOR_1.split(), 1), **dict.fromkeys(_VECTOR_2.split(), 2)}
    called = {name: count for name, count in counts.items() if re.search(rf"\b{name}{suffix}\(", text)}
    if not called:
        return []
    lines = [
        f'__attribute__((simd("notinbranch"))) real {name}{suffix}({", ".join(["real"] * count)});'
        for name, count in called.items()
    ]
    return ["#ifdef EINSGRAD_LIBMVEC", *lines, "#endif"]
