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
        "erfinv": "erfinv({0})",
        "logndtr": "logndtr({0})",
        "lgamma": "lgamma@({0})",
        "digamma": "digamma({0})",
        "polygamma": "polygamma({0}, {1})",
        "step": "step({0})",
        "maximum": "maximum({0}, {1})",
        "minimum": "minimum({0}, {1})",
        "stop": "({0})",
        "floor": "floor@({0})",
        "round": "rint@({0})",
        "mod": "mod({0}, {1})",
        "<": "(real)(({0}) < ({1}))",
        "<=": "(real)(({0}) <= ({1}))",
        "==": "(real)(({0}) == ({1}))",
        "!=": "(real)(({0}) != ({1}))",
        "&": "(({0}) * ({1}))",
        "|": "maximum({0}, {1})",
        "[]": "(({0}) != 0 ? ({1}) : 0)",
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
    "erfinv": """\
static inline real erfinv(real x)
{
    /* M. Giles, Approximating the erfinv function, then two steps of Halley's method. */
    static const double near[] = {2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
                                  -0.00125372503, -0.00417768164, 0.246640727, 1.50140941};
    static const double far[] = {-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
                                 -0.0076224613, 0.00943887047, 1.00167406, 2.83297682};
    const double a = fabs((double)x), w = -log1p(-a * a);
    if (!(a < 1)) return a == 1 ? (real)copysign(INFINITY, x) : (real)NAN;
    const double *c = w < 5 ? near : far, t = w < 5 ? w - 2.5 : sqrt(w) - 3;
    double y = 0;
    for (int k = 0; k < 9; k++) y = y * t + c[k];
    y *= a;
    for (int k = 0; k < 2; k++) {
        const double error = a < 0.5 ? erf(y) - a : (1 - a) - erfc(y);
        const double step = error * 0.886226925452758 * exp(y * y);
        y -= step / (1 + y * step);
    }
    return (real)copysign(y, x);
}""",
    "logndtr": """\
static inline real logndtr(real x)
{
    const double z = x, t = 1 / (z * z);
    if (z > -1) return (real)log1p(-0.5 * erfc(z * 0.7071067811865476));
    if (z > -30) return (real)log(0.5 * erfc(-z * 0.7071067811865476));
    const double tail = -t * (1 - t * (3 - t * (15 - t * (105 - t * 945))));
    return (real)(-0.5 * z * z - log(-z) - 0.9189385332046727 + log1p(tail));
}""",
    "digamma": """\
static inline real digamma(real x)
{
    double z = x, value = 0;
    if (z <= 0) {
        if (z == floor(z)) return (real)NAN;
        value = -3.141592653589793 / tan(3.141592653589793 * (z - rint(z)));
        z = 1 - z;
    }
    for (; z < 10; z++) value -= 1 / z;
    const double t = 1 / (z * z);
    const double series = t * (1. / 12 - t * (1. / 120 - t * (1. / 252 - t * (1. / 240 - t * (1. / 132
                          - t * (691. / 32760 - t / 12))))));
    return (real)(value + log(z) - 0.5 / z - series);
}""",
    "polygamma": """\
static inline real polygamma(real n, real x)
{
    /* (-1)^(n + 1) n! times Hurwitz's zeta of n + 1, by the formula of Euler and Maclaurin. */
    if (n == 0) return digamma(x);
    if (x <= 0 && x == floor@(x)) return (real)INFINITY;
    static const double even[] = {1. / 6, -1. / 30, 1. / 42, -1. / 30, 5. / 66, -691. / 2730, 7. / 6};
    const double s = (double)n + 1;
    double z = x, sum = 0;
    for (; z < 10 + s; z++) sum += pow(z, -s);
    sum += pow(z, 1 - s) / (s - 1) + 0.5 * pow(z, -s);
    double term = s * pow(z, -s - 1) / 2;
    for (int k = 0; k < 7; k++) {
        sum += even[k] * term;
        term *= (s + 2 * k + 1) * (s + 2 * k + 2) / (z * z * (2 * k + 3) * (2 * k + 4));
    }
    return (real)((fmod((double)n, 2) == 1 ? 1 : -1) * tgamma(s) * sum);
}""",
    "gelu": """\
static inline real gelu(real x)
{
    return (real)0.5 * x * (1 + erf@(x * (real)0.7071067811865476));
}""",
}
_NEEDS = {"silu": ("sigmoid",), "softplus": ("relu",), "logsigmoid": ("relu",), "polygamma": ("digamma",)}

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
