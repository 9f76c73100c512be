"""Words: functions that other systems have, by the names they have there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from einsgrad.diagnostics import did_you_mean
from einsgrad.frontend.dialects import PLAIN
from einsgrad.frontend.habits.brackets import arguments, as_factor, bare, closing, in_condition
from einsgrad.frontend.habits.expressions import free_letters, renamed, square, summed_letters, total
from einsgrad.frontend.habits.norms import apart
from einsgrad.frontend.habits.notation import Answer, Context, habit
from einsgrad.frontend.lexis import FUNCTION_NAMES, canonical
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.matrix_functions import MATRIX_FUNCTIONS
from einsgrad.ir.nodes import Index
from einsgrad.ir.reductions import OPERATORS

_SPELLINGS = MappingProxyType(
    {
        "absolute": "abs", "fabs": "abs", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "ln": "log",
        "sgn": "sign", "signum": "sign", "heaviside": "step", "logistic": "sigmoid", "expit": "sigmoid",
        "swish": "silu", "fmax": "maximum", "fmin": "minimum", "arcsinh": "asinh", "arccosh": "acosh",
        "arctanh": "atanh", "arsinh": "asinh", "arcosh": "acosh", "artanh": "atanh", "arctan2": "atan2",
        "rint": "round", "stopgradient": "stop", "detach": "stop", "remainder": "mod",
        "gammaln": "lgamma", "loggamma": "lgamma", "psi": "digamma", "lgam": "lgamma",
    }
)  # fmt: skip
"""Element-wise functions that are here, by their other names."""

_FORMULAS = MappingProxyType(
    {
        "max": (2, "maximum({a}, {b})"), "min": (2, "minimum({a}, {b})"), "square": (1, "{A}^2"),
        "exp2": (1, "2^{A}"), "rsqrt": (1, "{A}^(-1/2)"), "reciprocal": (1, "(1/{A})"), "pow": (2, "{A}^{B}"),
        "power": (2, "{A}^{B}"), "relu6": (1, "minimum(relu({a}), 6)"), "softsign": (1, "({A}/(1 + abs({a})))"),
        "trigamma": (1, "polygamma(1, {a})"), "betaln": (2, "(lgamma({a}) + lgamma({b}) - lgamma({A} + {B}))"),
        "ceil": (1, "(-floor(-{A}))"), "trunc": (1, "(sign({a}) floor(abs({a})))"),
        "clip": (3, "minimum(maximum({a}, {b}), {c})"), "clamp": (3, "minimum(maximum({a}, {b}), {c})"),
        "add": (2, "({a} + {b})"), "subtract": (2, "({a} - {B})"), "multiply": (2, "({A} {B})"),
        "divide": (2, "({A}/{B})"), "negative": (1, "(-{A})"), "sec": (1, "(1/cos({a}))"), "csc": (1, "(1/sin({a}))"),
        "cot": (1, "(1/tan({a}))"), "elu": (1, "(relu({a}) + expm1(-relu(-{A})))"),
        "mish": (1, "({A} tanh(softplus({a})))"),
    }
)  # fmt: skip
"""Element-wise functions that others make: the number of arguments, and the formula; a capital is one as a factor."""

_ABSENT = MappingProxyType(
    {
        "inverse": "the inverse of a matrix is `inv(A)_ij`",
        "pinv": "pseudo-inverses are not in the language; the inverse of a matrix is `inv(A)_ij`",
        "solve": "the solution of `A x = b` is `inv(A)_ij b_j`",
        "slogdet": "the logarithm of the absolute value of a determinant is `logdet(A)`",
        "diag": "a diagonal matrix is `δ_ij x_i`, the diagonal of a matrix `x_ii`",
        "diagonal": "the diagonal of a matrix is `x_ii`",
        "trace": "the trace is `x_ii`",
        "tr": "the trace is `x_ii`",
        "transpose": "the transpose of `x_ij` is `x_ji`",
        "matmul": "a matrix product is `x_ik a_kj`",
        "mm": "a matrix product is `x_ik a_kj`",
        "bmm": "a product of batches of matrices is `x_bik a_bkj`",
        "outer": "an outer product is `a_i b_j`",
        "kron": "a Kronecker product has four indices here: `a_ij b_kl`",
        "tensordot": "a product of tensors is written with its indices: `a_ijk b_jkl`",
        "einsum": "an einsum is written with its indices: `ik,kj->ij` is `x_ik a_kj`",
        "eye": "the unit matrix is `δ_ij`",
        "ones": "a tensor of ones is `1_ij`",
        "zeros": "a tensor of zeros is left out of sums, and `0 1_ij` elsewhere",
        "prod": "a product over an index names it: `prod_i(x_i)`",
        "max": "the maximum over an index names it: `max_i(x_i)`; of two arguments it is `maximum`",
        "min": "the minimum over an index names it: `min_i(x_i)`; of two arguments it is `minimum`",
        "argmax": "positions of a maximum are not in the language",
        "argmin": "positions of a minimum are not in the language",
        "amax": "the maximum over an index is `max_i(x_i)`",
        "amin": "the minimum over an index is `min_i(x_i)`",
        "var": "a variance is `1/|i| 1_i (x_i - 1_i m)^2`, with the mean `m = 1/|i| 1_i x_i`",
        "std": "a variance is `1/|i| 1_i (x_i - 1_i m)^2`, with the mean `m = 1/|i| 1_i x_i`",
        "cumsum": "a cumulative sum names its index: `cumsum_i(x_i)`",
        "conv": "a convolution is a product with a sum as an index: `x_{i+k} w_k`",
        "conv1d": "a convolution is a product with a sum as an index: `x_{i+k} w_k`",
        "conv2d": "a convolution is a product with a sum as an index: `x_{i+k} w_k`",
        "gamma": "of the gamma function there is the logarithm, `lgamma`",
        "grad": "a gradient is written `∂f/∂x_p`",
        "jacobian": "a Jacobian is written `∂y_i/∂x_p`",
        "hessian": "a Hessian is written `∂(∂f/∂x_p)/∂x_q`",
        "concat": "joining tensors is not in the language",
        "concatenate": "joining tensors is not in the language",
        "stack": "joining tensors is not in the language",
        "reshape": "nothing is reshaped: an axis has one letter from the start to the end",
    }
)
"""What is not in the language, or is written with indices alone."""


@dataclass(frozen=True)
class _Call:
    """A function's name before a bracket.

    Attributes:
        name: the name, without the module before it and the letters below.
        script: the letters below it.
        given: the arguments.
        axis: the number of the axis that an argument names.
        is_qualified: a module stands before the name.
    """

    context: Context
    start: int
    opener: int
    end: int
    name: str
    script: str | None
    given: tuple[str, ...]
    axis: str | None
    is_qualified: bool

    @property
    def key(self) -> str:
        """The name as the tables have it."""
        return self.name.lower().replace("_", "")

    def refused(
        self, message: str, *written: str, labels: Sequence[str] = (), code: str = "unknown-function"
    ) -> Answer:
        """Answer what may be written in the place of the call."""
        fixes = [self.context.replaced(self.start, self.end, text) for text in written]
        return Answer(code, message, self.start, self.opener, fixes, labels)

    @property
    def shown(self) -> str:
        """The name as the statement has it."""
        return f"`{self.context.text[self.start : self.opener].strip()}`"

    def letters(self) -> list[list[str]]:
        """Give which letters the function may take from its argument, most likely first."""
        operand = self.given[0]
        if self.script is not None:
            wanted = re.findall(r"[^\W\d_]\d*'*" if not re.search(r"[\s,]", self.script) else r"\w+", self.script)
            return [wanted] if set(wanted) <= set(free_letters(operand)) else []
        if self.axis is not None:
            letters = free_letters(operand)
            number = int(self.axis)
            return [[letters[number]]] if -len(letters) <= number < len(letters) else []
        return summed_letters(self.context, operand, self.start, self.end)


def _sum(call: _Call, letters: list[str]) -> str:
    own, inner = apart(call.context, letters, call.given[0])
    return f"({total(own, inner)})"


def _mean(call: _Call, letters: list[str]) -> str:
    own, inner = apart(call.context, letters, call.given[0])
    sizes = " ".join(f"|{letter}|" for letter in own)
    return f"(1/{sizes if len(own) == 1 else f'({sizes})'} ({total(own, inner)}))"


def _norm(call: _Call, letters: list[str]) -> str:
    own, inner = apart(call.context, letters, call.given[0])
    return f"sqrt({total(own, square(inner))})"


def _logsumexp(call: _Call, letters: list[str]) -> str:
    own, inner = apart(call.context, letters, call.given[0])
    return f"log({total(own, f'exp({inner})')})"


def _with_new_letters(call: _Call, letters: list[str]) -> tuple[list[str], str]:
    new = call.context.new_letters(len(letters))
    return new, renamed(call.given[0], dict(zip(letters, new, strict=True)))


def _softmax(call: _Call, letters: list[str]) -> str:
    new, inner = _with_new_letters(call, letters)
    return f"(exp({call.given[0]}) / ({total(new, f'exp({inner})')}))"


def _logsoftmax(call: _Call, letters: list[str]) -> str:
    new, inner = _with_new_letters(call, letters)
    ones = PLAIN.one([Index(letter) for letter in letters])
    return f"({call.given[0]} - {ones} log({total(new, f'exp({inner})')}))"


_REDUCTIONS: Mapping[str, Callable[[_Call, list[str]], str]] = MappingProxyType(
    {
        "sum": _sum,
        "mean": _mean,
        "average": _mean,
        "norm": _norm,
        "logsumexp": _logsumexp,
        "softmax": _softmax,
        "logsoftmax": _logsoftmax,
    }
)
"""Functions that take letters, and how they are written."""

_KEEPING = ("softmax", "logsoftmax")
_AXIS = re.compile(r"(?:(?:axis|dim)\s*=\s*)?(-?\d+)")
_OPTION = re.compile(r"(?:axis|dim|keepdims?|ord)\s*=")


@habit(
    r"(?<![\w\\.])(?P<path>(?:[^\W\d_]\w*\.)*)(?P<word>[^\W\d_]\w*)"
    r"(?:(?<=_)\{(?P<braced>[^{}]*)\}|\[(?P<square>[^\[\]]*)\])?\("
)
def call(context: Context, match: re.Match[str]) -> Answer | None:
    """``ReLU(x_i)``, ``np.exp(x_i)``, ``log2(x_i)``, ``softmax_i(x_i)``, ``det(A)``."""
    name, script = _name_and_script(match)
    opener = match.end() - 1
    is_operator = name in OPERATORS and script is not None and not match["path"]
    if is_operator and canonical(name) in context.known:
        written = context.text[match.start() : opener]
        message = f"`{written}` before a bracket is an operator, and `{name}` a tensor: rename it, or put a space"
        return Answer("operator-name", message, match.start(), opener, [context.replaced(opener, opener, " ")])
    if (
        is_operator
        or (canonical(name) in context.known and not match["path"])
        or (name in ("sum", "diff") and script is not None)
    ):
        return None
    arguments_ = arguments(context.text, opener)
    options = [a for a in arguments_[1:] if _OPTION.match(a) or (name.lower() in _REDUCTIONS and _AXIS.fullmatch(a))]
    axis = next((found[1] for a in options if (found := _AXIS.fullmatch(a))), None)
    given = tuple(a for a in arguments_ if a not in options)
    end = closing(context.text, opener) + 1
    return _answer(_Call(context, match.start(), opener, end, name, script, given, axis, bool(match["path"])))


def _name_and_script(match: re.Match[str]) -> tuple[str, str | None]:
    """Give the name of a function, and the letters below it if it has any."""
    word = match["word"]
    if match["square"] is not None:
        return word, match["square"]
    if match["braced"] is not None:
        return word[:-1], match["braced"]
    if "_" not in word or word.lower().replace("_", "") in {
        *_REDUCTIONS,
        *_ABSENT,
        *_FORMULAS,
        *_SPELLINGS,
        *FUNCTION_NAMES,
    }:
        return word, None
    name, _, script = word.rpartition("_")
    return name, script


def _answer(call: _Call) -> Answer | None:
    if call.key in _REDUCTIONS and len(call.given) == 1:
        return _reduction(call)
    if call.key == "cross" and len(call.given) == 2:
        return _cross(call)
    ours = _SPELLINGS.get(call.key, call.key)
    if ours in FUNCTION_NAMES and len(call.given) == FUNCTIONS[ours].arity:
        if call.name == ours and call.script is None and not call.is_qualified:
            return None
        return call.refused(f"{call.shown} is `{ours}` here", f"{ours}({', '.join(call.given)})")
    formula = _FORMULAS.get(call.key)
    if formula is not None and formula[0] == len(call.given) and call.script is None:
        parts = dict(zip("abc", call.given, strict=False)) | dict(zip("ABC", map(as_factor, call.given), strict=False))
        written = formula[1].format(**parts)
        return call.refused(f"{call.shown} is no function here: write `{bare(written)}`", written)
    if call.key in ("dot", "inner", "vdot") and len(call.given) == 2:
        return _dot(call)
    if call.key == "einsum":
        return _einsum(call)
    if call.key in _ABSENT and (call.script is not None or call.name not in FUNCTION_NAMES):
        return call.refused(f"{call.shown} is no function here: {_ABSENT[call.key]}")
    if call.script is None and call.name[1:] in FUNCTION_NAMES and call.name not in FUNCTION_NAMES:
        written = f"{call.name[0]} {call.name[1:]}({', '.join(call.given)})"
        return call.refused(f"{call.shown} is no function: is it the product `{written}`?", written)
    if call.is_qualified and call.name not in FUNCTION_NAMES:
        return call.refused(f"{call.shown} is no function here{did_you_mean(call.name, FUNCTION_NAMES)}")
    return None


def _reduction(call: _Call) -> Answer:
    choices = call.letters()
    if call.key in _KEEPING and len(choices) > 1:
        choices = [[letter] for letter in reversed(choices[1])]
    written = [_REDUCTIONS[call.key](call, letters) for letters in choices]
    labels = ["over " + " and ".join(letters) for letters in choices]
    if call.key == "sum":
        message = "a sum names its indices: write `sum_i …`, with the indices to sum over"
        return call.refused(message, *written, labels=labels, code="sum-index")
    example = written[0] if written else PLAIN.idioms.get(call.key, "")
    hint = f": write `{bare(example)}`" if example else ""
    return call.refused(f"{call.shown} is no function here{hint}", *written, labels=labels)


def _cross(call: _Call) -> Answer:
    left, right = call.given
    letters = free_letters(left), free_letters(right)
    message = "a cross product is `ε_ijk a_j b_k`, with the Levi-Civita symbol as an input"
    own = call.script or "".join(call.context.free)
    if letters[0] != letters[1] or len(letters[0]) != 1 or len(own) != 1 or "ε" in call.context.known:
        return call.refused(message)
    j, k = call.context.new_letters(2)
    (i,) = letters[0]
    return call.refused(message, f"ε_{own}{j}{k} {renamed(left, {i: j})} {renamed(right, {i: k})}")


def _dot(call: _Call) -> Answer:
    left, right = call.given
    message = f"{call.shown} is no function here: an inner product is a product with a repeated index, as in `a_i b_i`"
    shares = set(free_letters(left)) & set(free_letters(right))
    return call.refused(message, f"({as_factor(left)} {as_factor(right)})") if shares else call.refused(message)


def _einsum(call: _Call) -> Answer:
    text = call.context.text
    message = f"{call.shown} is no function here: {_ABSENT['einsum']}"
    left = re.match(r"\s*([^\W\d_]\w*)\s*=\s*$", text[: call.start])
    found = re.fullmatch(
        r"\(\s*['\"]([a-zA-Z,\s]+)->\s*([a-zA-Z]*)\s*['\"]\s*,([\w\s,]+)\)", text[call.opener : call.end]
    )
    if left is None or found is None or text[call.end :].strip():
        return call.refused(message)
    subscripts, names = (re.split(r"\s*,\s*", part.strip()) for part in found.group(1, 3))
    if len(subscripts) != len(names):
        return call.refused(message)
    factors = " ".join(
        f"{name}_{letters}" if letters else name for name, letters in zip(names, subscripts, strict=True)
    )
    target = f"{left[1]}_{found[2]}" if found[2] else left[1]
    return Answer("unknown-function", message, call.start, call.opener, [f"{target} = {factors}"])


@habit(r"(?<=[\w)\]}])\.(?P<word>[^\W\d_]\w*)(?P<call>\()?")
def attribute(context: Context, match: re.Match[str]) -> Answer:
    """``x.T``, ``x.sum()``."""
    word = match["word"].lower()
    hint = (
        f": {_ABSENT['transpose' if word in ('t', 'mt', 'h') else word]}" if word in {*_ABSENT, "t", "mt", "h"} else ""
    )
    message = f"`.{match['word']}`: nothing follows a name but its indices{hint}"
    return Answer("notation", message, *match.span())


_INDEXED_CALL = re.compile(
    r"(?<![\w\\.])(?P<name>[^\W\d_]\w*)\(\s*(?P<letters>[^\W\d_]\d*(?:\s*,\s*[^\W\d_]\d*)*)\s*\)"
)


@habit(_INDEXED_CALL.pattern)
def indices_in_brackets(context: Context, match: re.Match[str]) -> Answer | None:
    """``A(i,j)``."""
    found = [each for each in _INDEXED_CALL.finditer(context.text) if _holds_indices(context, each)]
    if not any(each.span() == match.span() for each in found):
        return None
    edits = [(each.start("name"), each.end(), _with_square_brackets(each)) for each in found]
    start, end = match.end("name"), match.end()
    message = f"indices are written `{_with_square_brackets(match)}`"
    return Answer("subscript", message, start, end, [context.edited(*edits)])


def _with_square_brackets(match: re.Match[str]) -> str:
    return f"{match['name'].rstrip('_')}[{match['letters']}]"


def _holds_indices(context: Context, match: re.Match[str]) -> bool:
    letters = re.findall(r"\w+", match["letters"])
    is_name = any(re.search(rf"(?<![\w(,\s]){letter}(?![\w),\s])", context.text) for letter in letters)
    name = match["name"].partition("_")[0]
    return name not in FUNCTION_NAMES and name not in MATRIX_FUNCTIONS and set(letters) <= set("ijklmn") and not is_name


@habit(
    r"(?<=[\s)])(?P<word>(?:and|or|xor|div|if|else)(?=[\s(])|mod(?=\s))|(?<![\w\\.])(?P<value>True|False|None|nan|NaN|inf|Inf|1j)(?![\w(\[])"
)
def operator_word(context: Context, match: re.Match[str]) -> Answer | None:
    """``a and b``, ``a if b``, ``nan``: words that mean something in programs, and would be names here."""
    word = match[0]
    if word in context.known or (word in ("and", "or") and in_condition(context.text, match.start())):
        return None
    if word == "mod":
        return Answer("notation", "`mod`: the remainder of `a` by `b` is `mod(a, b)`", *match.span())
    what = (
        "logic and whole quotients are"
        if match["word"]
        else "it is no number here, and truth values and complex numbers are"
    )
    return Answer("notation", f"`{word}`: {what} not in the language", *match.span())
