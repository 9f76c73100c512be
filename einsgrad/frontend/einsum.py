"""Einsum strings: NumPy's subscripts notation to a program of one equation.

After: an equation that computes what ``np.einsum`` does, or an error that says where the string is malformed. ``...``
is one index, :data:`ELLIPSIS`, for all the axes that it stands for: the same axes in every operand that has it. Axes of
size 1 that NumPy would broadcast to others under ``...`` are not attempted.
"""

from __future__ import annotations

import itertools
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from einsgrad.diagnostics import Diagnostic, LanguageError, Source, Span
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.names import canonical_name
from einsgrad.ir.nodes import Expr, Index
from einsgrad.ir.program import Program

RESULT = "out"
"""The name of the tensor that an einsum string defines."""

ELLIPSIS = Index("ellipsis")
"""The index that runs over all the axes of ``...``."""

_DOTS = "..."
_SYMBOL = re.compile(r"\.\.\.|->|\S")


def parse_einsum(subscripts: str) -> Program:
    """Make a program of an einsum string: operands ``a``, ``b``, ``c``, …, and the result ``out``.

    Without an output, that is ``...`` and the letters that occur once, sorted, as in NumPy. A letter that occurs once
    and is not in the output is summed by a one-tensor. ``...`` may be left out of the output, too: ``np.einsum`` sums
    over it with ``optimize=True``.

    Args:
        subscripts: the letters of each operand, commas between, and ``->`` with the letters of the output, if any.

    Raises:
        LanguageError: the string is malformed, or its output has a letter twice, or one that no operand has.

    >>> print(parse_einsum("ik,kj->ij"), end="")
    out_ij = a_ik b_kj
    >>> print(parse_einsum("ij->i"), end="")
    out_i = 1_j a_ij
    >>> print(parse_einsum("...i,i"), end="")
    out_{ellipsis,} = a_{ellipsis,i} b_i
    """
    operands, right = _split(Source(subscripts, "<einsum>"))
    counts = Counter(span.text for operand in operands for span in operand)
    if right is None:
        output = sorted(symbol for symbol, count in counts.items() if count == 1 and symbol != _DOTS)
        output = [_DOTS, *output] if _DOTS in counts else output
    else:
        _check_output(right, counts)
        output = [span.text for span in right if span.text in counts]
    factors: list[Expr] = [
        build.tensor(name, _indices(span.text for span in operand))
        for name, operand in zip(_names(), operands, strict=False)
    ]
    summed = [symbol for symbol in counts if symbol not in output]
    alone = [symbol for symbol in summed if counts[symbol] == 1]
    if alone:
        factors.insert(0, build.one(_indices(alone)))
    rhs = factors[0] if len(factors) == 1 and not summed else build.product(factors, _indices(summed))
    return Program((Definition(RESULT, tuple(_indices(output)), rhs),))


def _indices(symbols: Iterable[str]) -> list[Index]:
    return [ELLIPSIS if symbol == _DOTS else Index(symbol) for symbol in symbols]


def _names() -> Iterator[str]:
    """Yield a, b, …, z, a1, b1 and so on."""
    for number in itertools.chain([""], map(str, itertools.count(1))):
        for letter in string.ascii_lowercase:
            yield letter + number


def _split(source: Source) -> tuple[list[list[Span]], list[Span] | None]:
    """Give the letters and ellipses of each operand, and those of the output, if there is one."""
    groups: list[list[Span]] = [[]]
    arrow: Span | None = None
    problems = []
    for found in _SYMBOL.finditer(source.text):
        span = Span(found.start(), found.end(), source)
        if span.text in (",", "->") and arrow is not None:
            message = "the output is one group of letters, without a comma or another `->`"
            problems.append(Diagnostic("einsum-output", message, span))
        elif span.text in (",", "->"):
            groups.append([])
            arrow = span if span.text == "->" else None
        elif span.text == _DOTS and any(other.text == _DOTS for other in groups[-1]):
            problems.append(Diagnostic("einsum-ellipsis", "a second `...` in one group of letters", span))
        elif span.text == _DOTS or _is_letter(span.text):
            groups[-1].append(span)
        else:
            problems.append(_no_index(span))
    if problems:
        raise LanguageError(problems)
    return (groups, None) if arrow is None else (groups[:-1], groups[-1])


def _no_index(span: Span) -> Diagnostic:
    if span.text == ".":
        return Diagnostic("einsum-ellipsis", "`.` is part of no `...`", span)
    shown = f"`{span.text}`" if span.text.isprintable() else f"the character U+{ord(span.text):04X}"
    message = f"{shown} is no index: an einsum string has letters, `...`, commas and one `->`"
    return Diagnostic("einsum-character", message, span)


def _is_letter(char: str) -> bool:
    """Tell whether a character is a letter that stands for itself alone, whatever its spelling."""
    is_plain = unicodedata.category(char) in ("Lu", "Ll", "Lt", "Lo") and canonical_name(char) == char
    return is_plain and unicodedata.normalize("NFKC", char) == char


def _check_output(output: list[Span], counts: Counter[str]) -> None:
    """Raise what is wrong with a given output; a ``...`` that no operand has stands for no axes."""
    problems = []
    occurrences = Counter(span.text for span in output)
    for symbol, span in {span.text: span for span in output}.items():
        if occurrences[symbol] > 1:
            message = f"`{symbol}` occurs {occurrences[symbol]} times in the output"
            problems.append(Diagnostic("einsum-output", message, span))
        elif symbol not in counts and symbol != _DOTS:
            message = f"the output has `{symbol}`, which no operand has"
            problems.append(Diagnostic("einsum-output", message, span))
    if problems:
        raise LanguageError(problems)
