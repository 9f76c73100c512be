"""Matrix notation: transposes of names without indices, and products of them."""

from __future__ import annotations

import re

from einsgrad.diagnostics import Source
from einsgrad.frontend.habits.notation import Answer, Context, habit
from einsgrad.frontend.matrices import index_forms, labels_of
from einsgrad.frontend.names import LONGEST_FIX
from einsgrad.frontend.syntax import parse_statement

_T = r"(?:\^\s*(?:T(?!\w)|\{\s*T\s*\}|\(\s*T\s*\)|⊤)|ᵀ|⊤|\.T(?!\w))"
_PRIME = r"'(?=\s*\*?\s*[A-Za-z(])"
_NAME = r"(?<![\w\\.'′])"
_BRACKET = r"\((?=[^()]*[A-Z+−–-])[^()\d_\[/]*\)"
_TRANSPOSED = rf"(?:(?:{_NAME}[A-Za-z]\d*|{_BRACKET})(?:{_T}|{_PRIME})|{_NAME}[A-Z]\d*')"
_SIGN = re.compile(rf"(?<=[\w)])(?:{_T}|')")


@habit(rf"{_TRANSPOSED}(?!(?:\s*\))*[_\[])")
def transposed(context: Context, match: re.Match[str]) -> Answer | None:
    """``X^T A X``, ``Xᵀ``, ``(X A)^T``, where no equation defines ``T``: never a power."""
    is_power = "^" in match[0] and "⊤" not in match[0]
    if (is_power and "T" in context.known) or _is_subscript(context.text[: match.start()]):
        return None
    fixes, labels = with_indices(context)
    hint = f": `T` is defined nowhere, so `{match[0]}` is no power" if is_power else ""
    shown = f", as in `{fixes[0]}`" if fixes else ": the transpose of `x_ij` is `x_ji`"
    message = f"matrix notation is written with indices{shown}{hint}"
    return Answer("transpose", message, *match.span(), fixes, labels)


def _is_subscript(before: str) -> bool:
    return any(before.count(opener) > before.count(closer) for opener, closer in ("{}", "[]"))


def with_indices(context: Context) -> tuple[list[str], list[str]]:
    """Write a statement in matrix notation with indices: its readings, and what each takes its names for."""
    if len(context.text) > LONGEST_FIX:
        return [], []
    text = re.sub(r"\s*[@∘]\s*", " ", _SIGN.sub("^T", context.text))
    statement = parse_statement(Source(text), 0, text, [])
    forms = index_forms(statement, text) if statement is not None else []
    return [form.text for form in forms], labels_of(forms) if len(forms) > 1 else []
