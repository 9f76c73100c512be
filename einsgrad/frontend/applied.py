"""Applied names: ``f(x) = x_i x_i`` defines ``f``, and ``f(x)`` is ``f`` wherever it stands.

Before: the statements of a plain text. After: the same texts with the arguments of such names blanked, so that all
places stay. A name without indices that is applied to anything else, too, is a function of one's own
(:mod:`own_functions`): only its definition loses its arguments. One with indices is a tensor, and that is an error.
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
_CALL = re.compile(rf"(?<![\w\\])(?P<name>{_BARE})\(")
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
            found[_key(match)] = _arguments(match)
    return found


def own_functions(texts: Iterable[str], applied: Applied) -> Applied:
    """Give those of the names that are applied to something else than their arguments.

    >>> own_functions(["f(u) = u exp(u)", "L(w) = w_i w_i", "y_i = f(x_i) + L(w)"], {"f": "u", "L": "w"})
    {'f': 'u'}
    """
    rest = (without_arguments(text, applied) for text in texts)
    called = {_key(match) for text in rest for match in _CALL.finditer(text)} if applied else set()
    return {key: arguments for key, arguments in applied.items() if key in called}


def parameters_of(text: str, own: Applied) -> tuple[str, ...]:
    """Give the parameters, by key, of the function that an equation defines; none if it defines no function."""
    match = _LEFT.match(text) if own else None
    if match is None or _key(match) not in own:
        return ()
    return tuple(canonical(name.removeprefix("\\")) for name in _arguments(match).split(","))


def without_parameters(text: str) -> str:
    """Blank the parameters of the function that an equation defines.

    >>> without_parameters("f(u) = u exp(u)")
    'f    = u exp(u)'
    """
    match = _LEFT.match(text)
    assert match is not None
    start, end = match.start("arguments") - 1, match.end("arguments") + 1
    return text[:start] + " " * (end - start) + text[end:]


def _key(match: re.Match[str]) -> str:
    return canonical(match["name"].removeprefix("\\"))


def _arguments(match: re.Match[str]) -> str:
    return re.sub(r"\s+", "", match["arguments"])


def without_arguments(text: str, applied: Applied) -> str:
    """Blank the arguments of applied names, wherever they are those that the name is defined with.

    >>> without_arguments("g = f(x) + f(2)", {"f": "x"})
    'g = f    + f(2)'
    """
    return _APPLIED.sub(lambda match: _without_arguments(match, applied), text) if applied else text


def _without_arguments(match: re.Match[str], applied: Applied) -> str:
    if applied.get(_key(match)) != _arguments(match):
        return match[0]
    bracket = match.start("arguments") - 1 - match.start()
    return match[0][:bracket].ljust(len(match[0]))


def refuse_application(source: Source, start: int, text: str, applied: Applied) -> Diagnostic | None:
    """Give the error about a name that is applied to something else than it is defined with; ``text`` is blanked."""
    for match in _APPLIED.finditer(text) if applied else ():
        arguments = applied.get(_key(match))
        if arguments is not None:
            place = Span(start + match.start(), start + match.end(), source)
            message = (
                f"`{match['name']}` is defined with `({arguments})`, and applied to something else it is a function: "
                "that has no indices, and what it takes follows directly in brackets"
            )
            return Diagnostic("own-function", message, place)
    return None
