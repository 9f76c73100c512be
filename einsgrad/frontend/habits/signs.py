"""Signs: operators of programming languages, of matrix notation and of physics, and what stands around equations."""

from __future__ import annotations

import re

from einsgrad.frontend.habits.brackets import closing
from einsgrad.frontend.habits.notation import Answer, Context, habit
from einsgrad.frontend.lexis import FUNCTION_NAMES

_REFERENCE = r"(?<![\w\\])\\?[^\W\d_]\w*(?:\{[^{}]*\}|\[[^\[\]]*\])?"
_AFTER = re.compile(r"\s*([^\W\d_]\w*)")
_INDEXED = r"\w*_(?:\w+|\{[^{}]*\})|\w+\[[^\[\]]*\]"


def _all_replaced(context: Context, pattern: str, new: str) -> str:
    return re.sub(pattern, new, context.text)


@habit(r"\*\*")
def double_star(context: Context, match: re.Match[str]) -> Answer:
    """``x**2``."""
    fix = _all_replaced(context, r"\s*\*\*\s*", "^")
    return Answer("notation", "a power is written `x^2`", *match.span(), [fix])


@habit(r"(?<=[\w)\]}\s])\.(?P<sign>[*/^+-])|(?<=[\w)\]}\s])\.[×÷]")
def dotted(context: Context, match: re.Match[str]) -> Answer | None:
    """``x .* y``, ``x .^ 2``; ``2.*x`` is a number before a sign."""
    if re.search(r"(?<![\w_])\d+$", context.text[: match.start()]):
        return None
    fix = _all_replaced(context, r"(?<![0-9])\.(?=[*/^+×÷-])", "")
    return Answer("notation", "operators act component by component already: leave out the point", *match.span(), [fix])


@habit(r"(?<=\w)\.\(")
def dotted_call(context: Context, match: re.Match[str]) -> Answer:
    """``exp.(x)``."""
    fix = _all_replaced(context, r"(?<=\w)\.\(", "(")
    return Answer("notation", "functions act component by component already: leave out the point", *match.span(), [fix])


@habit(r"(?:[@⊙∘⊗])")
def matrix_operator(context: Context, match: re.Match[str]) -> Answer:
    """``x_ik @ a_kj``."""
    sign = match[0]
    what = {"@": "a matrix product", "⊗": "an outer product"}.get(sign, "a product of components")
    indices = {"@": ("ik", "kj"), "⊗": ("i", "j")}.get(sign, ("i", "i"))
    around = re.search(r"([^\W\d_]\w*)\s*$", context.text[: match.start()]), _AFTER.match(context.text, match.end())
    left, right = (found[1].partition("_")[0] if found else name for found, name in zip(around, "xy", strict=True))
    message = f"`{sign}`: {what} is written with indices, as in `{left}_{indices[0]} {right}_{indices[1]}`"
    if _all_indexed(context, sign):
        return Answer("notation", message, *match.span(), [_all_replaced(context, rf"\s*{re.escape(sign)}\s*", " ")])
    return Answer("notation", message, *match.span())


def _all_indexed(context: Context, sign: str) -> bool:
    parts = context.text.split(sign)
    befores, afters = parts[:-1], parts[1:]
    return all(re.search(rf"(?:{_INDEXED})\s*$", part) for part in befores) and all(
        re.match(rf"\s*(?:{_INDEXED})", part) for part in afters
    )


@habit(r"(?<![\w\]}\\.])(?P<left>\\?[^\W\d_][^\W_]*)\s*(?P<sign>[·⋅×])\s*(?P<right>\\?[^\W\d_][^\W_]*)(?![\w\[(])")
def vector_product(context: Context, match: re.Match[str]) -> Answer:
    """``a · b``, ``a × b`` of names without indices: numbers, or vectors."""
    left, right, sign = match["left"], match["right"], match["sign"]
    product = context.edited((*match.span(), f"{left} * {right}"))
    if sign == "×":
        message = f"`{match[0]}`: a product of numbers is `{left} * {right}`; a cross product is written with indices"
        return Answer("notation", message, *match.span(), [product])
    i = context.new_letters(1)[0]
    dot = context.edited((*match.span(), f"{left}_{i} {right}_{i}"))
    message = f"`{match[0]}`: a product of numbers is `{left} * {right}`, one of vectors `{left}_{i} {right}_{i}`"
    return Answer("notation", message, *match.span(), [product, dot], ["of numbers", "of vectors"])


@habit(r"\(\s*(?P<left>[^\W\d_]\w*)\s*×\s*(?P<right>[^\W\d_]\w*)\s*\)_(?P<index>[^\W\d_])(?!\w)")
def cross_component(context: Context, match: re.Match[str]) -> Answer:
    """``(a × b)_i``."""
    return cross_product(context, match["left"], match["right"], match["index"], *match.span())


def cross_product(context: Context, left: str, right: str, index: str, start: int, end: int) -> Answer:
    """Write a cross product with the Levi-Civita symbol, which is an input."""
    j, k = context.new_letters(2)
    message = f"a cross product is `ε_{index}{j}{k} {left}_{j} {right}_{k}`, with the Levi-Civita symbol as an input"
    fix = context.edited((start, end, f"ε_{index}{j}{k} {left}_{j} {right}_{k}"))
    return Answer("notation", message, start, end, [fix] if "ε" not in context.known else ())


@habit(rf"√\s*(?P<operand>\(|{_REFERENCE}|\d+)")
def root(context: Context, match: re.Match[str]) -> Answer:
    """``√(x_i x_i)``, ``√x``."""
    written = "sqrt(" if match["operand"] == "(" else f"sqrt({match['operand']})"
    fix = context.edited((*match.span(), written))
    return Answer("notation", "a root is written `sqrt(…)`", match.start(), match.start() + 1, [fix])


@habit(r"(?P<sign>[-+*/^])=|<-|←|⟵|[-=]>|→|⇒|↦|∝|≈|≃|\?=|≟")
def assignment(context: Context, match: re.Match[str]) -> Answer | None:
    """``x += 1``, ``x ← 1``."""
    if match["sign"]:
        message = "an equation defines its tensor once, and with `=`: nothing is updated"
        return Answer("notation", message, *match.span())
    if match[0] in ("<-", "←", "⟵"):
        if match[0] == "<-" and "=" in context.text:
            return None
        return Answer(
            "notation", "an equation is written with `=`", *match.span(), [context.edited((*match.span(), "="))]
        )
    if match[0] in ("?=", "≟"):
        return Answer(
            "notation", "a claim is written with `==`", *match.span(), [context.edited((*match.span(), "=="))]
        )
    return Answer("notation", f"`{match[0]}` is not in the language: an equation is written with `=`", *match.span())


@habit(r"(?<=[\w)\]}'⁰-⁹²³¹|])(?<![\d.]\.)\s*(?P<sign>,|(?<!\d)\.)\s*$")
def trailing(context: Context, match: re.Match[str]) -> Answer:
    """A comma or a full stop at the end."""
    fix = context.text[: match.start()]
    return Answer("notation", f"leave out the `{match['sign']}` at the end", *match.span("sign"), [fix])


@habit(r"[ \t]+\((?P<number>\d+(?:\.\d+)*[a-z]?)\)\s*$")
def equation_number(context: Context, match: re.Match[str]) -> Answer:
    """``y = x    (2)``."""
    number = match["number"]
    start = match.start("number") - 1
    without = context.text[: match.start()]
    message = f"`({number})` at the end is a factor, or the number of the equation"
    if not number.isdigit():
        return Answer("notation", message, start, start + len(number) + 2, [without])
    return Answer(
        "notation",
        message,
        start,
        start + len(number) + 2,
        [without, f"{without} * {number}"],
        ["the number of the equation", "a factor"],
    )


@habit(
    r"[,\s]+(?P<words>(?:for\s+(?:all\s+|every\s+|each\s+)?|∀\s*)[^\W\d_](?:\s*,\s*[^\W\d_])*(?:\s*(?:=|in\b|∈).*)?)$"
    r"|,\s*(?P<range>[^\W\d_]\s*(?:=\s*[01]\s*(?:,|\.\.|…|:)|∈).*)$"
)
def quantifier(context: Context, match: re.Match[str]) -> Answer:
    """``y_i = x_i for all i``."""
    message = "the free indices are those of the left-hand side: leave this out"
    place = match.span("words" if match["words"] else "range")
    return Answer("notation", message, *place, [context.text[: match.start()]])


@habit(r"^\s*(?P<word>let|def|set|var|const|return|define)\s+(?=[^\W\d_][^\s=]*\s*(?::?=(?!=)|≔))")
def keyword(context: Context, match: re.Match[str]) -> Answer | None:
    """``let y = x``."""
    word = match["word"]
    if word in context.known:
        return None
    return Answer("notation", f"leave out `{word}`", *match.span("word"), [context.text[match.end() :]])


@habit(r"(?:\s*,)?\s+(?P<word>where|with)\s+(?=[^\W\d_][^\s=]*\s*(?::?=(?!=)|≔))")
def where(context: Context, match: re.Match[str]) -> Answer:
    """``y = x where x = 2``."""
    fix = context.edited((*match.span(), "; "))
    return Answer("notation", f"`;` stands between equations: write `{fix}`", *match.span("word"), [fix])


@habit(r"\(\s*no\s+sum\s*\)|(?<![\w(])(?<!\(\s)no\s+sum\s+(?P<letters>[^()=]+)$")
def no_sum(context: Context, match: re.Match[str]) -> Answer:
    """``(no sum)``, and ``no sum i`` without brackets."""
    message = "what a claim does not sum is stated with its indices, as in `(no sum i)`"
    letters = match["letters"]
    fixes = [context.edited((*match.span(), f"(no sum {letters.strip()})"))] if letters else []
    return Answer("no-sum", message, *match.span(), fixes)


@habit(r"%")
def percent(context: Context, match: re.Match[str]) -> Answer:
    """A comment of LaTeX or MATLAB, or a remainder."""
    message = (
        "`%` is unexpected: a comment begins with `#`, and the remainder of `a` by `b` is `mod(a, b)`; "
        r"if this is LaTeX, put the equations between `\[` and `\]`"
    )
    return Answer("unexpected-character", message, *match.span())


@habit(
    r"(?P<sign>∇)(?:_\w+)?|(?P<by>∂\s*/\s*∂|(?<![\w\\])d\s*/\s*d)\s*(?P<wrt>[^\W\d_]\w*)(?!\w)\s*(?P<of>\(|[^\W\d_]\w*)|(?P<low>∂_\w+)"
)
def gradient_sign(context: Context, match: re.Match[str]) -> Answer:
    """``∇f``, ``∂/∂x_p (x_i x_i)``, ``∂_i f``."""
    message = "a derivative is written `∂f/∂x_p`, with new indices below"
    if match["by"] is None:
        return Answer("notation", message, *match.span())
    if match["of"] == "(":
        end = closing(context.text, match.end() - 1) + 1
        operand = context.text[match.end() - 1 : end]
    else:
        end, operand = match.end(), match["of"]
    fix = context.edited((match.start(), end, f"∂{operand}/∂{match['wrt']}"))
    return Answer("notation", message, match.start(), end, [fix])


@habit(
    r"(?P<d>∂|(?<![\w\\])d)(?:²|\^2)\s*(?P<of>[^\W\d_]\w*)\s*/\s*(?:\(\s*)?"
    r"(?P=d)\s*(?P<first>[^\W\d_]\w*)\s*(?P=d)\s*(?P<second>[^\W\d_]\w*)(?:\s*\))?"
)
def second_derivative(context: Context, match: re.Match[str]) -> Answer:
    """``∂²E/∂x_p∂x_q``, ``d^2 E/dx_p dx_q``."""
    written = f"∂(∂{match['of']}/∂{match['first']})/∂{match['second']}"
    message = f"a second derivative is the derivative of a derivative: `{written}`"
    return Answer("notation", message, *match.span(), [context.edited((*match.span(), written))])


_FUNCTIONS = "|".join(sorted(FUNCTION_NAMES, key=len, reverse=True))


@habit(rf"(?<![\w\\.])(?P<name>{_FUNCTIONS})(?:\^(?P<power>-?\d+|\(-?\d+\))|(?P<raised>[⁺⁻]?[²³¹⁰⁴-⁹]+))\s*\(")
def power_of_function(context: Context, match: re.Match[str]) -> Answer:
    """``sin^2(x)``, ``sin²(x)``."""
    power = match["raised"] or f"^{match['power']}"
    opener = match.end() - 1
    end = closing(context.text, opener) + 1
    operand = context.text[opener:end]
    written = f"{match['name']}{operand}{power}"
    fixes, labels = [context.edited((match.start(), end, written))], [f"the power {power.strip('^()')}"]
    inverse = f"a{match['name']}"
    if inverse in FUNCTION_NAMES and power.strip("^()") in ("-1", "⁻¹"):
        fixes.insert(0, context.edited((match.start(), end, f"{inverse}{operand}")))
        labels.insert(0, "the inverse function")
    return Answer(
        "function-power", "the power of a function stands after its bracket", match.start(), end, fixes, labels
    )


@habit(rf"(?<![\w\\.])(?P<name>{_FUNCTIONS})\s+(?P<operand>{_REFERENCE})(?=\s*(?:$|[-−–+)\],=])|(?P<more>))")
def function_without_bracket(context: Context, match: re.Match[str]) -> Answer | None:
    """``log x_i``; with more factors after it there are several readings, and the parser says what is wrong."""
    if match["more"] is not None:
        return None
    name = match["name"]
    message = f"`{name}` is a function, not a tensor: write `{name}({match['operand']})`"
    fix = context.edited((*match.span(), f"{name}({match['operand']})"))
    return Answer("reserved-name", message, *match.span("name"), [fix])


@habit(r"(?<![\w.])\d{1,3}(?:_\d{3})+(?!\w)")
def grouped_digits(context: Context, match: re.Match[str]) -> Answer:
    """``1_000``."""
    written = match[0].replace("_", "")
    fix = context.edited((*match.span(), written))
    return Answer("notation", f"digits stand together: write `{written}`", *match.span(), [fix])


@habit(r"(?<![\w.])(?P<whole>\d+)(?P<sign>,|x)(?P<rest>\d+)(?![\w,])")
def number(context: Context, match: re.Match[str]) -> Answer | None:
    """``1,5``, ``2x10^3``."""
    before = context.text[: match.start()]
    if match["sign"] == "," and before.count("(") + before.count("[") > before.count(")") + before.count("]"):
        return None
    new = "." if match["sign"] == "," else "*"
    what = "a decimal point is written `.`" if match["sign"] == "," else "a product of numbers is written `*`"
    fix = context.edited((*match.span("sign"), new))
    return Answer(
        "notation", f"`{match[0]}`: {what}", *match.span(), [fix] if match["whole"] != "0" or new == "." else ()
    )
