"""Scripts: what other notations write below and above a name."""

from __future__ import annotations

import re

from einsgrad.frontend.habits.notation import Answer, Context, habit

_NAME = r"(?<![\w\\])(?P<name>\\?[^\W\d_²³¹⁰⁴-⁹][^\W_²³¹⁰⁴-⁹]*)"
_INDEX = r"_(?:\{(?P<braced>[^{}]*)\}|(?P<index>[^\W_]+'*))"
_WHOLE = r"[-−–]?\d+(?![\d.])|\([-−–]?\d+\)|\{[-−–]?\d+\}"


@habit(rf"{_NAME}(?:\^(?P<power>{_WHOLE})|(?P<raised>[⁺⁻]?[²³¹⁰⁴-⁹]+)){_INDEX}")
def power_before_index(context: Context, match: re.Match[str]) -> Answer:
    """``a^-1_ij``, ``x²_i``."""
    power = match["raised"] or f"^{match['power'].strip('{}')}"
    index = match["braced"] or match["index"]
    written = f"{match['name']}_{index if match['index'] else f'{{{index}}}'}{power}"
    fix = context.edited((*match.span(), written))
    if power.strip("^()").replace("⁻¹", "-1").replace("−", "-") == "-1" and len(index) > 1:
        inverse = f"inv({match['name']})_{index if match['index'] else f'{{{index}}}'}"
        message = f"the inverse of a matrix is written `{inverse}`, the reciprocals of its components `{written}`"
        fixes = [context.edited((*match.span(), inverse)), fix]
        return Answer("inverse", message, *match.span(), fixes, ["the inverse", "reciprocals"])
    return Answer("power-index", f"an index stands before a power: write `{written}`", *match.span(), [fix])


_T = r"(?:\^T|\^⊤|\^\{T\}|ᵀ|⊤)"


@habit(rf"{_NAME}(?:(?:{_T}|\.T(?=_)){_INDEX}|_(?:(?P<before>[^\W_]+)|\{{(?P<inside>[^{{}}]*)\}}){_T}(?!\w))")
def transpose(context: Context, match: re.Match[str]) -> Answer | None:
    """``A^T_ij``, ``Aᵀ_ij``, ``A.T_ij``, ``A_ij^T``."""
    index = match["index"] or match["before"] or re.sub(r"[\s,]", "", match["inside"] or "")
    if not index or len(index) != 2 or "T" in context.known:
        return None
    written = f"{match['name']}_{index[::-1]}"
    message = f"a transpose swaps the indices: write `{written}`"
    return Answer("transpose", message, *match.span(), [context.edited((*match.span(), written))])


@habit(rf"{_NAME}\^\((?P<layer>[^\W_]+)\){_INDEX}")
def label_above(context: Context, match: re.Match[str]) -> Answer:
    """``W^(1)_ij``."""
    index = match["index"] or f"{{{match['braced']}}}"
    written = f"{match['name']}{match['layer']}_{index}"
    message = f"a label is a part of the name: write `{written}`"
    return Answer("power-index", message, *match.span(), [context.edited((*match.span(), written))])


_UPPER = re.compile(
    r"(?<![\w\\])(?P<name>\\?[^\W\d_][^\W_]*)(?P<lower>_[^\W_]+)?\^(?P<upper>[^\W\d_]+)(?P<after>_[^\W_]+)?(?!\w)"
)

# A claim may well begin with a power.
_LEFT_SIDE = re.compile(rf"{_UPPER.pattern}\s*=(?!=)")


@habit(_UPPER.pattern)
def upper_index(context: Context, match: re.Match[str]) -> Answer | None:
    """``T^i_j``, ``t_i^j``, where the upper letter stands as an index elsewhere in the statement."""
    if not _is_upper(context, match):
        return None
    found = [each for each in _UPPER.finditer(context.text) if _is_upper(context, each)]
    if not all(_is_mixed(each) or _has_index(context, each["name"]) for each in found):
        message = (
            f"`{match['upper']}` in `{match[0]}` is a scalar, and an index elsewhere: give one of them another letter"
        )
        return Answer("upper-index", message, *match.span())
    message = f"`{match['upper']}` in `{match[0]}`: upper indices are not in the language; write `{_lowered(match)}`"
    return Answer("upper-index", message, *match.span(), [context.edited(*((*e.span(), _lowered(e)) for e in found))])


def _is_mixed(match: re.Match[str]) -> bool:
    """Tell whether a name has both lower and upper letters, ``T^i_j``; an exponent may have letters, ``a_i^b_i``."""
    return bool(match["lower"]) != bool(match["after"]) or match["name"] == "δ"


def _is_upper(context: Context, match: re.Match[str]) -> bool:
    upper = match["upper"]
    is_factor = re.search(rf"(?<![\w^{{\[,]){re.escape(upper)}(?!\w)", context.text) is not None
    if is_factor or upper in context.known or (match["lower"] and match["after"]):
        return False
    left = _LEFT_SIDE.match(context.text)
    return set(upper) <= context.letters | set(left["upper"] if left else "")


def _has_index(context: Context, name: str) -> bool:
    return re.search(rf"(?<![\w\\]){re.escape(name)}[_\[]\w", context.text) is not None


def _lowered(match: re.Match[str]) -> str:
    lower, upper, after = match["lower"] or "", match["upper"], match["after"] or ""
    return f"{match['name']}_{lower[1:]}{upper}{after[1:]}"


@habit(r"(?<=[^\W])(?:_\{|\[)(?P<inside>[^{}\[\]]*(?:\.\.\.|[…:])[^{}\[\]]*)[}\]]")
def whole_axis(context: Context, match: re.Match[str]) -> Answer:
    """``X[i, :]``."""
    message = f"`{match['inside'].strip()}`: every axis has a letter of its own, as in `X_ij`"
    return Answer("subscript", message, *match.span("inside"))


@habit(r"(?<=[^\W])(?:_\{|\[)(?P<inside>[^{}\[\]]*(?:[*/]|\w_\w+\s*[+−–-])[^{}\[\]]*)[}\]]")
def index_arithmetic(context: Context, match: re.Match[str]) -> Answer:
    """``x_{i/2}``, ``x_{2*i}`` and ``e_{t_b+1}``: what is no affine expression as the language writes it."""
    message = (
        f"`{match['inside'].strip()}` in the place of an index: whole multiples of letters and a whole number are "
        "added there, as in `x_{2i+k+1}`"
    )
    return Answer("index-arithmetic", message, *match.span("inside"))


@habit(r"(?<![\w\\])(?P<name>[^\W\d_]\w*)(?P<chain>(?:\[[^\[\]]*\]){2,})")
def chained_brackets(context: Context, match: re.Match[str]) -> Answer:
    """``A[i][j]``."""
    written = f"{match['name']}{match['chain'].replace('][', ',')}"
    message = f"one bracket holds all indices: write `{written}`"
    return Answer("subscript", message, *match.span(), [context.edited((*match.span(), written))])
