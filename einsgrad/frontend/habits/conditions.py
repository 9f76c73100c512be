"""Conditions in other notations: comparisons without square brackets, cases, and ranges of sums with bounds."""

from __future__ import annotations

import re

from einsgrad.frontend.habits.brackets import arguments, as_factor, closing, in_condition
from einsgrad.frontend.habits.notation import Answer, Context, habit

_SIGN = re.compile(r"<=|>=|!=|==|[<>≤≥≠⩽⩾=]")
_OPPOSITES = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "=="}
_PLAIN = {"≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "≠": "!=", "=": "=="}
_WRITTEN = "a condition stands in square brackets"
_SUM = r"(?<![^\W_])(?:sum|Σ|∑)_?"


def _indicator(condition: str) -> tuple[str, str] | None:
    """Write what is one where a condition holds, and what is one where it doesn't; ``None`` if it is no comparison."""
    signs = list(_SIGN.finditer(condition))
    if len(signs) != 1:
        return None
    left, right = condition[: signs[0].start()].strip(), condition[signs[0].end() :].strip()
    sign = _PLAIN.get(signs[0][0], signs[0][0])
    return (f"[{left} {sign} {right}]", f"[{left} {_OPPOSITES[sign]} {right}]") if left and right else None


@habit(r"\b(?:(?:np|jnp|numpy|torch|tf)\.)?where\s*(?P<opener>\()")
def where(context: Context, match: re.Match[str]) -> Answer:
    """``where(m_i > 0, x_i, z_i)``."""
    end = closing(context.text, match.start("opener")) + 1
    parts = arguments(context.text, match.start("opener"))
    return _cases(context, match.start(), end, *parts) if len(parts) == 3 else _refused(match)


@habit(r"=(?P<yes>[^=]*?[\s)\]])if(?P<condition>[\s(\[].*?[\s)\]])else(?P<no>[\s(\[-][^;]*)$")
def conditional(context: Context, match: re.Match[str]) -> Answer:
    """``x_i if x_i > 0 else 0``."""
    start = match.start("yes") + len(match["yes"]) - len(match["yes"].lstrip())
    yes, condition, no = (match[part].strip() for part in ("yes", "condition", "no"))
    return _cases(context, start, match.end(), condition, yes, no)


def _cases(context: Context, start: int, end: int, condition: str, yes: str, no: str) -> Answer:
    pair = _indicator(condition)
    message = "cases are written with conditions, as in `[x_i > 0] x_i + [x_i <= 0] z_i`"
    if pair is None:
        return Answer("condition", message, start, end)
    terms = [
        part if value == "1" else f"{part} {as_factor(value)}"
        for value, part in zip((yes, no), pair, strict=True)
        if value != "0"
    ]
    text = " + ".join(terms) or "0"
    is_all = context.text[:start].rstrip().endswith("=") and not context.text[end:].strip()
    written = text if is_all or len(terms) == 1 else f"({text})"
    return Answer("condition", message, start, end, [context.edited((start, end, written))])


@habit(
    r"(?:(?<![^\W_])1_?|𝟙_?)\{(?P<brace>[^{}]*)\}|𝟙_?\[(?P<square>[^\[\]]*)\]"
    r"|(?<![\w\]}])(?<!not )(?<!or )(?<!and )\((?P<round>[^()<>≤≥≠=!]*(?:<=|>=|!=|==|[<>≤≥≠⩽⩾])[^()]*)\)"
)
def bracket(context: Context, match: re.Match[str]) -> Answer | None:
    """``1{i = j}``, ``(x_i > 0)``."""
    condition = match["square"] or match["brace"] or match["round"] or ""
    pair = _indicator(condition)
    sign = _SIGN.search(condition)
    if pair is None or sign is None:
        return None
    if match["round"] and in_condition(context.text, match.start("round") + sign.start()):
        return None
    message = f"{_WRITTEN}: write `{pair[0]}`"
    return Answer("condition", message, *match.span(), [context.edited((*match.span(), pair[0]))])


@habit(
    _SUM + r"(?:\{(?P<range>[^{}<>!]*(?:=|≔|\\n?eq?\b|\\l[et]|\\g[et])[^{}<>!]*)\}|(?P<letter>[^\W\d_])=(?P<from>\d+))"
    r"(?:\^(?:\{(?P<braced>[^{}]*)\}|\((?P<bracketed>[^()]*)\)|(?P<bare>\w+)))?"
)
def sum_with_range(context: Context, match: re.Match[str]) -> Answer:
    """``sum_{i=1}^N``."""
    text = match["range"] or f"{match['letter']}={match['from']}"
    whole = re.fullmatch(r"\s*([^\W\d_])\s*=\s*([01])\s*", text)
    last = (match["braced"] or match["bracketed"] or match["bare"] or "").replace(" ", "").replace("−", "-")
    if whole is not None:
        fix = _whole_range(context, match, whole[1], last.removesuffix("-1") if whole[2] == "0" else last)
        message = f"a sum runs over all of an index: write `sum_{whole[1]}`"
        return Answer("sum-range", message, *match.span(), [fix] if fix else ())
    other = re.fullmatch(r"(\s*[^\W\d_]\s*)\\neq?(\s*[^\W\d_]\s*)", text)
    message = "a sum over a part of a range names the letter and the condition, as in `sum_{j < i}` or `sum_{j != i}`"
    fixes = [context.edited((*match.span("range"), f"{other[1]}!={other[2]}"))] if other else ()
    return Answer("sum-range", message, *match.span(), fixes)


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
def comparison(context: Context, match: re.Match[str]) -> Answer | None:
    """Any other comparison."""
    return None if in_condition(context.text, match.start()) else _refused(match)


def _refused(match: re.Match[str]) -> Answer:
    message = f"{_WRITTEN} and is one where it holds, as in `[x_i > 0] x_i`"
    return Answer("condition", message, *match.span())
