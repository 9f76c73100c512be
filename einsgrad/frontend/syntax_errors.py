"""Syntax errors: what is missing, or too much, where the parser stopped, in the reader's terms.

Before: a statement of the plain dialect, and the token or the character at which it has no parse. After: one error.
What stands around the place says what should stand there; the parser's own expectations are of no use to a reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.lexis import is_raised, plain_spelling
from einsgrad.frontend.names import LONGEST_FIX

_OPERATORS = "+-−–*·⋅×∙∗/÷∕⁄^"
_PARTIAL = "∂𝛛𝜕"
_SLASHES = "/÷∕⁄"
_NEAR = 120
"""Characters that are looked back at: no name is longer."""
_BEFORE = re.compile(r"(?:==|:=|\w+|\S)\s*$")
_NO_SUM = re.compile(r"(\(\s*no\s+sum\s[^()]*\))\s*$")
_INDEX_LIST = re.compile(r"(?P<name>[^\W\d_]\w*?)_(?P<first>[^\W\d_]\d*'*)$")
_MORE_INDICES = re.compile(r"(?:,\s*[^\W\d_]\d*'*(?!\w))+")
_DERIVATIVE = "write `∂y_i/∂x_p`"
_BRACKETS = "put brackets around what is differentiated, as in `∂(x_i x_i)/∂x_p`"

_CHARACTERS = MappingProxyType(
    {
        "_": "an index belongs to a name, or to the one-tensor `1_i`",
        "[": "square brackets hold the indices of a name and follow it directly",
        "{": "braces hold indices and follow `_`; what belongs together stands in round brackets",
        "|": "`|h|` is the size of an index, and `abs(x)` an absolute value",
        "@": "a matrix product is `x_ik a_kj`, with the summed index on both",
        ":": "an equation is written with `=`",
        "!": "there are no factorials, and no logic",
        "&": "there is no logic; in LaTeX `&` aligns equations",
        "~": "there is no logic",
        "?": "a condition stands in square brackets, as in `[x_i > 0] x_i`",
        '"': "a comment begins with `#`",
        "'": "a prime belongs to an index, as in `x_i'`",
        "$": "in LaTeX `$` stands around equations; here they stand alone",
        "\\": "a backslash begins a Greek letter, as in `\\gamma`",
        ".": "a point belongs to a number",
        "…": "every axis has a letter of its own, and a sum all of its terms",
        "±": "write one equation for each sign",
        "∓": "write one equation for each sign",
        "∈": "what is a member of what is not stated: indices run over all of their axes",
        "∞": "infinity is no number here",
        "∫": "integrals are not in the language",
        "√": "a root is written `sqrt(…)`",
        "∛": "a third root is written `x^(1/3)`",
        "∑": "a sum names its indices: write `sum_i …`",
        "∏": "a product over an index is written `prod_i(…)`",
    }
)


class _Problem(NamedTuple):
    code: str
    message: str
    start: int
    end: int
    fix: str | None = None


@dataclass(frozen=True)
class _Place:
    """Where a statement has no parse: at ``token``, which begins at ``at``; it is empty at the end."""

    text: str
    at: int
    token: str

    @property
    def before(self) -> str:
        """What stands directly before: a sign, or a word."""
        match = _BEFORE.search(self.text, max(0, self.at - _NEAR), self.at)
        return match[0].rstrip() if match else ""

    @property
    def depth(self) -> int:
        """How many brackets are open."""
        return self.text.count("(", 0, self.at) - self.text.count(")", 0, self.at)

    @property
    def differential(self) -> tuple[str, bool] | None:
        """What stands between the last ``∂`` and here, and whether that ``∂`` is the lower one of its derivative."""
        begin = max(self.text.rfind(sign, 0, self.at) for sign in _PARTIAL)
        inner = self.text[begin + 1 : self.at].strip()
        if begin < 0 or inner.count("(") != inner.count(")"):
            return None
        return inner, self.text[:begin].rstrip().endswith(tuple(_SLASHES))

    def problem(self, code: str, message: str, fix: str | None = None) -> _Problem:
        is_short = fix is not None and len(self.text) <= LONGEST_FIX
        return _Problem(code, message, self.at, self.at + len(self.token), fix if is_short else None)


def strange_character(source: Source, start: int, text: str, at: int) -> Diagnostic:
    """Make the error about a character that begins nothing that may stand at its place."""
    char = text[at]
    if is_raised(char):
        message = "superscript and subscript characters are not part of the language"
        span = Span(start + at, start + at + 1, source)
        return Diagnostic("raised-character", message, span, fix=plain_spelling(char))
    shown = f"`{char}`" if char.isprintable() and not char.isspace() else f"the character U+{ord(char):04X}"
    place = _Place(text, at, char)
    hint = _CHARACTERS.get(char, "it is no sign of the language")
    fix = None
    if char == "_" and re.search(r"(?<![\w.])1$", text[:at]):
        return _diagnostic(source, start, place.problem("subscript", "an underscore with no index after it"))
    if char in "{[":
        hint, fix = _brackets(place, hint)
    return _diagnostic(source, start, place.problem("unexpected-character", f"{shown} is unexpected: {hint}", fix))


def _brackets(place: _Place, hint: str) -> tuple[str, str | None]:
    """Say what braces or square brackets should be: indices of the name before them, or round brackets."""
    text, at = place.text, place.at
    end = text.index("}" if place.token == "{" else "]", at) + 1
    inner = text[at + 1 : end - 1]
    command = re.search(r"\\[A-Za-z]+$", text[:at])
    if command is not None:
        return f"`{command[0]}` is a command of LaTeX, and this is read as plain text", None
    name = re.search(r"(?<![\w\\])[^\W\d_][^\W_]*\s*$", text[:at])
    if name is not None and re.fullmatch(r"\s*\w+'*(?:[\s,]+\w+'*)*\s*", inner):
        written = f"{name[0].rstrip()}{'_' if place.token == '{' else ''}{text[at:end]}"
        return f"indices follow the name directly: write `{written}`", text[: name.start()] + written + text[end:]
    if place.token == "{" and inner.strip():
        return hint, f"{text[:at]}({inner}){text[end:]}"
    return hint, None


def strange_token(source: Source, start: int, text: str, at: int, kind: str, token: str) -> Diagnostic:
    """Make the error about a token, of a kind, that can't stand where it is; ``$END`` is the end."""
    if kind == "$END":
        return _diagnostic(source, start, _early_end(text))
    place = _Place(text, at, token)
    return _diagnostic(source, start, _in_derivative(place) or _elsewhere(place, kind))


def _diagnostic(source: Source, start: int, problem: _Problem) -> Diagnostic:
    span = Span(start + problem.start, start + problem.end, source)
    return Diagnostic(problem.code, problem.message, span, fix=problem.fix)


def _early_end(text: str) -> _Problem:
    place = _Place(text, len(text), "")
    _, is_lower = place.differential or ("", True)
    if not is_lower or place.before in tuple(_PARTIAL):
        begin = max(text.rfind(sign) for sign in _PARTIAL)
        return _Problem("unexpected-end", f"the derivative is not complete: {_DERIVATIVE}", begin, len(text))
    sign = place.before
    return _Problem(
        "unexpected-end", f"nothing follows the `{sign}`: a term is missing", len(text) - len(sign), len(text)
    )


def _in_derivative(place: _Place) -> _Problem | None:
    """Say what is wrong inside of ``∂…/∂…``; ``None`` if no derivative goes on."""
    if place.differential is None:
        return None
    inner, is_lower = place.differential
    unexpected = f"`{place.token}` is unexpected here"
    if is_lower:
        message = f"{unexpected}: a derivative is taken by a tensor with new indices, as in `∂y_i/∂x_p`"
        return None if inner else place.problem("unexpected-token", message)
    if inner.endswith(tuple(_SLASHES)):
        fix = f"{place.text[: place.at]}∂{place.text[place.at :]}" if place.token[0].isalpha() else None
        message = f"{unexpected}: below a `∂…/` stands another `∂`, as in `∂y_i/∂x_p`"
        return place.problem("unexpected-token", message, fix)
    if place.token in tuple(_SLASHES) and not inner:
        return place.problem("unexpected-token", f"between `∂` and `{place.token}` a term is missing: {_DERIVATIVE}")
    if place.token in tuple(_PARTIAL) and inner:
        return place.problem("unexpected-token", f"between `{inner}` and `∂` a `/` is missing: {_DERIVATIVE}")
    if inner.startswith("(") and inner.endswith(")"):
        return place.problem("unexpected-token", f"{unexpected}: the derivative is not complete, {_DERIVATIVE}")
    return place.problem("unexpected-token", f"{unexpected}: {_BRACKETS}")


def _elsewhere(place: _Place, kind: str) -> _Problem:
    token, before = place.token, place.before
    if kind in ("_EQUALS", "_CLAIMS"):
        return _relation(place)
    if token.startswith("(") and kind == "NO_SUM":
        return place.problem("unexpected-token", f"`{token}` is unexpected here: it stands at the end of a claim")
    if kind == "RPAR" and before == "(":
        return place.problem("unexpected-token", "there is nothing between the brackets: a term is missing")
    if before == "(" or before in tuple(_OPERATORS + ",") or before in ("=", "==", ":=", "≔", "≡"):
        comment = "; a comment begins with `#`" if before + token in ("//", "/*") else ""
        return place.problem("unexpected-token", f"between `{before}` and `{token}` a term is missing{comment}")
    if not before or before.startswith("sum_"):
        where = f"between `{before}` and `{token}`" if before else f"before `{token}`"
        return place.problem("unexpected-token", f"{where} a term is missing")
    if kind == "_COMMA":
        return _comma(place)
    no_sum = _NO_SUM.search(place.text, max(0, place.at - _NEAR), place.at)
    last = no_sum[1] if no_sum else before
    return place.problem("unexpected-token", f"`{token}` is unexpected here: nothing follows `{last}`")


def _comma(place: _Place) -> _Problem:
    text, at = place.text, place.at
    name, more = _INDEX_LIST.search(text, max(0, at - _NEAR), at), _MORE_INDICES.match(text, at)
    if name is not None and more is not None:
        written = f"{name['name']}_{{{name['first']}{more[0]}}}"
        message = f"indices with commas stand in braces: write `{written}`"
        return place.problem("unexpected-token", message, text[: name.start()] + written + text[more.end() :])
    message = "`,` is unexpected here: a comma stands between the arguments of a function"
    return place.problem("unexpected-token", f"{message}, and `;` between statements" if not place.depth else message)


def _relation(place: _Place) -> _Problem:
    """Say what is wrong with a second ``=``, or one in a wrong place."""
    token, before, text = place.token, place.before, place.text
    if place.depth:
        inner = text.strip()[1:-1] if text.strip().startswith("(") and text.strip().endswith(")") else None
        message = f"`{token}` is unexpected here: it stands between the two sides of a statement, not in brackets"
        return place.problem("unexpected-token", message, inner if inner and not re.search("[()]", inner) else None)
    if not before:
        missing = "a term" if token in ("==", "≡") else "the tensor that it defines"
        return place.problem("unexpected-token", f"before `{token}` {missing} is missing")
    if before in ("=", "==") and not text[: place.at].rstrip()[:-1].strip().endswith("="):
        message = f"`{before} {token}` is unexpected here: an equation has one `=`, and a claim is written `==`"
        left = text[: place.at].rstrip().removesuffix(before)
        fix = f"{left}=={text[place.at + len(token) :]}" if before == token == "=" else None
        return place.problem("unexpected-token", message, fix)
    parts = re.split(r"(?<![=:])=(?!=)", text)
    fix = None
    if len(parts) == 3 and token == "=" and re.fullmatch(r"\s*[^\W\d_][\w{}\[\],']*\s*", parts[0]):
        left, middle, right = (part.strip() for part in parts)
        fix = f"{left} = {middle}; {left} == {right}"
    return place.problem("unexpected-token", f"`{token}` is unexpected here: a statement has one `{token}`", fix)
