"""Einsum strings: NumPy's subscripts notation to a program of one equation."""

from __future__ import annotations

import itertools
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from einsgrad.diagnostics import Diagnostic, LanguageError, Source, Span
from einsgrad.ir import build
from einsgrad.ir.nodes import Expr, Index
from einsgrad.ir.program import Definition, Program, canonical_name

RESULT = "out"
"""The name of the tensor that an einsum string defines."""


def parse_einsum(subscripts: str) -> Program:
    """Make a program of an einsum string: operands ``a``, ``b``, ``c``, …, and the result ``out``.

    Without an output, that is the letters that occur once, sorted, as in NumPy. A letter that occurs once and is not
    in the output is summed by a one-tensor.

    Args:
        subscripts: the letters of each operand, commas between, and ``->`` with the letters of the output, if any.

    Raises:
        LanguageError: the string is malformed, or its output has a letter twice, or one that no operand has.

    >>> print(parse_einsum("ik,kj->ij"), end="")
    out_ij = a_ik b_kj
    >>> print(parse_einsum("ij->i"), end="")
    out_i = 1_j a_ij
    """
    source = Source(subscripts, "<einsum>")
    left, arrow, right = subscripts.partition("->")
    problems = [*_malformed(source, left, 0), *_malformed(source, right, len(left) + len(arrow), is_output=True)]
    if problems:
        raise LanguageError(problems)
    operands = ["".join(operand.split()) for operand in left.split(",")]
    counts = Counter("".join(operands))
    output = "".join(right.split()) if arrow else "".join(sorted(c for c, n in counts.items() if n == 1))
    if arrow:
        _check_output(source, output, counts, len(left) + len(arrow))
    factors: list[Expr] = [
        build.tensor(name, _indices(operand)) for name, operand in zip(_names(), operands, strict=False)
    ]
    summed = [c for c in counts if c not in output]
    alone = [c for c in summed if counts[c] == 1]
    if alone:
        factors.insert(0, build.one(_indices(alone)))
    rhs = factors[0] if len(factors) == 1 and not summed else build.product(factors, _indices(summed))
    return Program((Definition(RESULT, tuple(_indices(output)), rhs),))


def _indices(letters: Iterable[str]) -> list[Index]:
    return [Index(letter) for letter in letters]


def _names() -> Iterator[str]:
    """Yield a, b, …, z, a1, b1 and so on."""
    for number in itertools.chain([""], map(str, itertools.count(1))):
        for letter in string.ascii_lowercase:
            yield letter + number


def _malformed(source: Source, text: str, offset: int, is_output: bool = False) -> Iterator[Diagnostic]:
    dots = text.find("...")
    for position, char in enumerate(text):
        span = Span(offset + position, offset + position + 1, source)
        if 0 <= dots <= position < dots + 3:
            if position == dots:
                message = "`...` is not yet supported: write the letters out"
                yield Diagnostic("einsum-ellipsis", message, Span(span.start, span.start + 3, source))
        elif char == "," and is_output:
            yield Diagnostic("einsum-output", "the output is one group of letters, without a comma", span)
        elif not (char.isspace() or char == "," or _is_letter(char)):
            shown = f"`{char}`" if char.isprintable() else f"the character U+{ord(char):04X}"
            message = f"{shown} is no index: an einsum string has letters, commas and one `->`"
            yield Diagnostic("einsum-character", message, span)


def _is_letter(char: str) -> bool:
    """Tell whether a character is a letter that stands for itself alone, whatever its spelling."""
    is_plain = unicodedata.category(char) in ("Lu", "Ll", "Lt", "Lo") and canonical_name(char) == char
    return is_plain and unicodedata.normalize("NFKC", char) == char


def _check_output(source: Source, output: str, counts: Counter[str], offset: int) -> None:
    problems = []
    for letter, count in Counter(output).items():
        at = source.text.rindex(letter, offset)
        if count > 1:
            message = f"`{letter}` occurs {count} times in the output"
            problems.append(Diagnostic("einsum-output", message, Span(at, at + 1, source)))
        elif letter not in counts:
            message = f"the output has `{letter}`, which no operand has"
            problems.append(Diagnostic("einsum-output", message, Span(at, at + 1, source)))
    if problems:
        raise LanguageError(problems)
