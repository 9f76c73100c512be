"""Applied names: ``f(x) = x_i x_i`` defines ``f``, and ``f(x)`` is ``f`` wherever it stands.

Before: the statements of a plain text. After: the same texts with the arguments of such names blanked, so that all
places stay; or an error where a name is applied to anything else, since functions of one's own are not in the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.lexis import FUNCTION_NAMES, canonical

_NAME = r"(?<![\w\\])(?P<name>\\?[^\W\d_]\w*?)(?P<script>_[^\W_]+|_?\{[^{}]*\}|\[[^\[\]]*\])?"
_BARE = r"\\?[^\W\d_][^\W_]*"
_LEFT = re.compile(rf"\s*{_NAME}\((?P<arguments>\s*{_BARE}(?:\s*,\s*{_BARE})*\s*)\)\s*(?::?=(?!=)|≔)")
_APPLIED = re.compile(rf"{_NAME}\((?P<arguments>[^()]*)\)")
_INDICES = frozenset("ijklmn")

Applied = dict[str, str]
"""The arguments of each name that is defined with some, without blanks, by key."""


def applied_names(texts: Iterable[str]) -> Applied:
    """List the names that equations define with their arguments.

    >>> applied_names(["f(x, y) = x_i y_i", "y = exp(x)", "A(i,j) = B(i,j)"])
    {'f': 'x,y'}
    """
    found: Applied = {}
    for text in texts:
        match = _LEFT.match(text) if "(" in text else None
        if match and match["name"] not in FUNCTION_NAMES and not set(_arguments(match).split(",")) <= _INDICES:
            found[canonical(match["name"].removeprefix("\\"))] = _arguments(match)
    return found


def _arguments(match: re.Match[str]) -> str:
    return re.sub(r"\s+", "", match["arguments"])


def without_arguments(text: str, applied: Applied) -> str:
    """Blank the arguments of applied names, wherever they are those that the name is defined with.

    >>> without_arguments("g = f(x) + f(2)", {"f": "x"})
    'g = f    + f(2)'
    """
    return _APPLIED.sub(lambda match: _without_arguments(match, applied), text) if applied else text


def _without_arguments(match: re.Match[str], applied: Applied) -> str:
    if applied.get(canonical(match["name"].removeprefix("\\"))) != _arguments(match):
        return match[0]
    bracket = match.start("arguments") - 1 - match.start()
    return match[0][:bracket].ljust(len(match[0]))


def refuse_application(source: Source, start: int, text: str, applied: Applied) -> Diagnostic | None:
    """Give the error about a name that is applied to something else than it is defined with; ``text`` is blanked."""
    for match in _APPLIED.finditer(text) if applied else ():
        arguments = applied.get(canonical(match["name"].removeprefix("\\")))
        if arguments is not None:
            place = Span(start + match.start(), start + match.end(), source)
            message = (
                f"`{match['name']}` is defined with `({arguments})`, and so it is a tensor: functions of one's own "
                "are not in the language yet; write its equation out"
            )
            return Diagnostic("own-function", message, place)
    return None
