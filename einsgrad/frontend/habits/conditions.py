"""Conditions: comparisons, cases, and sums over a part of a range. None is in the language yet."""

from __future__ import annotations

import re

from einsgrad.frontend.dialects import PLAIN
from einsgrad.frontend.habits.brackets import arguments, as_factor, bare, closing
from einsgrad.frontend.habits.notation import Answer, Context, habit
from einsgrad.ir.nodes import Index

_SIGN = re.compile(r"<=|>=|!=|==|[<>≤≥≠⩽⩾=]")
_POSITION = re.compile(r"[^\W\d_]\d*'*")
_SAME = ("==", "=")
_OTHER = ("!=", "≠", r"\neq", r"\ne")
_MISSING = "conditions are not in the language yet"
_MASK = "multiply by a tensor that is one where the condition holds, an input"
_SUM = r"(?<![^\W_])(?:sum|Σ|∑)_?"


def _indicator(context: Context, condition: str) -> tuple[str, str] | None:
    """Write what is one where a condition holds, and what is one where it doesn't; ``None`` if it can't be written."""
    sign = _SIGN.search(condition)
    if sign is None:
        return None
    left, right = condition[: sign.start()].strip(), condition[sign.end() :].strip()
    if _POSITION.fullmatch(left) and _POSITION.fullmatch(right) and {left, right} <= context.letters:
        delta, ones = PLAIN.delta(Index(left), Index(right)), PLAIN.one([Index(left), Index(right)])
        pair = (delta, f"({ones} - {delta})")
        return pair if sign[0] in _SAME else pair[::-1] if sign[0] in _OTHER else None
    if sign[0] in _SAME + _OTHER or not left or not right or _SIGN.search(right):
        return None
    if sign[0] in ("<", ">=", "≥", "⩾"):
        left, right = right, left
    step = f"step({_difference(left, right)})"
    pair = (step, f"(1 - {step})")
    return pair if sign[0] in ("<", ">") else pair[::-1]


def _difference(left: str, right: str) -> str:
    if right == "0":
        return left
    return f"-{as_factor(right)}" if left == "0" else f"{left} - {as_factor(right)}"


@habit(r"\b(?:(?:np|jnp|numpy|torch|tf)\.)?where\s*(?P<opener>\()")
def where(context: Context, match: re.Match[str]) -> Answer:
    """``where(m_i > 0, x_i, z_i)``."""
    end = closing(context.text, match.start("opener")) + 1
    parts = arguments(context.text, match.start("opener"))
    return _cases(context, match.start(), end, *parts) if len(parts) == 3 else _refused(match)


@habit(r"=(?P<yes>[^=]*?[\s)\]])if(?P<condition>[\s(\[].*?[\s)\]])else(?P<no>[\s(\[-][^;]*)$")
def conditional(context: Context, match: re.Match[str]) -> Answer:
    """``x_i if x_i > 0 else 0``."""
    start = match.start("yes") + 1
    yes, condition, no = (match[part].strip() for part in ("yes", "condition", "no"))
    return _cases(context, start, match.end(), condition, yes, no)


def _cases(context: Context, start: int, end: int, condition: str, yes: str, no: str) -> Answer:
    pair = _indicator(context, condition)
    if pair is None:
        return Answer("condition", f"{_MISSING}: {_MASK}", start, end)
    terms = [
        f"{as_factor(value)} {part}".removeprefix("1 ")
        for value, part in zip((yes, no), pair, strict=True)
        if value != "0"
    ]
    text = " + ".join(terms) or "0"
    is_all = context.text[:start].rstrip().endswith("=") and not context.text[end:].strip()
    written = text if is_all or len(terms) == 1 else f"({text})"
    message = f"{_MISSING}: a comparison of values is written with `step`"
    return Answer("condition", message, start, end, [context.edited((start, end, written))])


@habit(
    r"(?:(?<![^\W_])1_?|𝟙_?|(?<![\w\]}]))(?:\[(?P<square>[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]"
    r"|\{(?P<brace>[^{}]*)\}|\((?P<round>[^()<>≤≥≠=!]*(?:<=|>=|!=|==|[<>≤≥≠⩽⩾])[^()]*)\))"
)
def bracket(context: Context, match: re.Match[str]) -> Answer | None:
    """``[x_i > 0]``, ``1{i = j}``, ``(x_i > 0)``."""
    condition = match["square"] or match["brace"] or match["round"] or ""
    if _SIGN.search(condition) is None:
        return None
    pair = _indicator(context, condition)
    if pair is None:
        return Answer("condition", f"{_MISSING}: {_MASK}", *match.span())
    message = f"{_MISSING}: write `{bare(pair[0])}`"
    return Answer("condition", message, *match.span(), [context.edited((*match.span(), pair[0]))])


@habit(
    _SUM
    + r"(?:\{(?P<range>[^{}]*(?:<|>|≤|≥|≠|=|\\n?eq?\b|\\l[et]|\\g[et])[^{}]*)\}|(?P<letter>[^\W\d_])=(?P<from>\d+))"
    r"(?:\^(?:\{(?P<braced>[^{}]*)\}|\((?P<bracketed>[^()]*)\)|(?P<bare>\w+)))?"
)
def sum_with_range(context: Context, match: re.Match[str]) -> Answer:
    """``sum_{i != j}``, ``sum_{i=1}^N``."""
    text = match["range"] or f"{match['letter']}={match['from']}"
    whole = re.fullmatch(r"\s*([^\W\d_])\s*=\s*([01])\s*", text)
    last = (match["braced"] or match["bracketed"] or match["bare"] or "").replace(" ", "").replace("−", "-")
    if whole is not None:
        fix = _whole_range(context, match, whole[1], last.removesuffix("-1") if whole[2] == "0" else last)
        message = f"a sum runs over all of an index: write `sum_{whole[1]}`"
        return Answer("sum-range", message, *match.span(), [fix] if fix else ())
    other = re.fullmatch(r"\s*([^\W\d_])\s*(?:!=|≠|\\neq?)\s*([^\W\d_])\s*", text)
    if other is None:
        message = f"sums over a part of a range are not in the language yet: {_MASK}"
        return Answer("sum-range", message, *match.span())
    pair = list(other.groups())
    earlier = re.findall(_SUM + r"(?:\{([^{}]*)\}|(\w+))", context.text[: match.start()])
    bound = [letter for letter in pair if letter not in context.free and letter not in str(earlier)]
    indices = [Index(letter) for letter in pair]
    factor = f"({PLAIN.one(indices)} - {PLAIN.delta(*indices)})"
    written = f"{PLAIN.sum([Index(letter) for letter in bound])} {factor}" if bound else factor
    message = f"sums over a part of a range are not in the language yet: write `{written}`"
    return Answer("sum-range", message, *match.span(), [context.edited((*match.span(), written))])


def _whole_range(context: Context, match: re.Match[str], letter: str, last: str) -> str | None:
    """Write a sum over all of an index, whose size has a name if the statement goes on to use it."""
    fix = context.edited((*match.span(), f"sum_{letter}"))
    if not last or last in ("∞", "inf"):
        return fix
    if not re.fullmatch(r"[^\W\d_]\w*", last):
        return None
    is_used = re.search(rf"(?<!\w){last}(?!\w)", fix) and last not in context.known
    return f"{fix}; {last} = |{letter}|" if is_used else fix


@habit(r"<=|>=|!=|[<>≤≥≠⩽⩾]")
def comparison(context: Context, match: re.Match[str]) -> Answer:
    """Any other comparison."""
    return _refused(match)


def _refused(match: re.Match[str]) -> Answer:
    message = f"{_MISSING}: a comparison of values is written with `step`, as in `step(x_i)` for `x_i > 0`"
    return Answer("condition", message, *match.span())
