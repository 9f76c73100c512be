"""Brackets in a text, which are balanced: a statement with others has been refused before."""

from __future__ import annotations

import re

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_ATOM = re.compile(r"\\?[\w'′\u0300-\u036f]+(?:\{[^{}]*\}|\[[^\[\]]*\])?")


def closing(text: str, opener: int) -> int:
    """Give the place of the bracket that closes the one at ``opener``; brackets are balanced.

    >>> closing("f(a (b), c) d", 1)
    10
    """
    depth = 0
    for at in range(opener, len(text)):
        if text[at] in _PAIRS:
            depth += 1
        elif text[at] in _PAIRS.values():
            depth -= 1
            if depth == 0:
                return at
    raise AssertionError("a statement with unbalanced brackets has been refused before")


def arguments(text: str, opener: int) -> list[str]:
    """Give what stands between the commas of a bracket.

    >>> arguments("f(a (b, c), d)", 1)
    ['a (b, c)', 'd']
    """
    end = closing(text, opener)
    found, start, depth = [], opener + 1, 0
    for at in range(opener + 1, end + 1):
        if (text[at] == "," and depth == 0) or at == end:
            found.append(text[start:at].strip())
            start = at + 1
        depth += (text[at] in _PAIRS) - (text[at] in _PAIRS.values())
    return found


def as_factor(text: str) -> str:
    """Put an expression in brackets unless it needs none in a product, under a power or a slash.

    >>> as_factor("x_{ij}"), as_factor("exp(x)"), as_factor("a + b"), as_factor("(a) (b)")
    ('x_{ij}', 'exp(x)', '(a + b)', '((a) (b))')
    """
    atom = _ATOM.match(text)
    opener = atom.end() if atom else 0
    if atom and opener == len(text):
        return text
    if opener < len(text) and text[opener] == "(" and closing(text, opener) == len(text) - 1:
        return text
    return f"({text})"


def bare(text: str) -> str:
    """Take away brackets around all of an expression.

    >>> bare("(a + b)"), bare("(a) (b)")
    ('a + b', '(a) (b)')
    """
    return text[1:-1] if text.startswith("(") and closing(text, 0) == len(text) - 1 else text


def in_condition(text: str, at: int) -> bool:
    """Tell whether a place is inside of square brackets, or of the braces of a sum.

    >>> in_condition("y_i = [i < 3] x_i", 9), in_condition("y_i = x_i > 3", 10)
    (True, False)
    """
    depth = 0
    for position in range(at - 1, -1, -1):
        depth += (text[position] in "]}") - (text[position] in "[{")
        if depth < 0:
            return text[position] == "[" or re.search(r"(?<![^\W_])(?:sum|Σ|∑)_?$", text[:position]) is not None
    return False
