"""Lexis: what stands inside a token: names, indices, numbers, and the limits that every text is held to.

Before: the characters of one token. After: names and indices, NFKC-normalised, each with its place in the token; or a
:class:`LexicalError` that says what is wrong with them. Whether a name means anything is not decided here.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.names import GREEK

MAX_TEXT = 2_000_000
"""Characters of a text."""
MAX_STATEMENT = 100_000
"""Characters of a statement."""
MAX_STATEMENTS = 20_000
"""Statements of a text."""
MAX_LETTERS = 500
"""Indices of a statement."""
MAX_ORDER = 64
"""Indices of a tensor, and free indices of a claim: the axes that an array can have."""
MAX_DEPTH = 1000
"""Brackets within brackets, or signs in a row."""
LARGEST_EXPANSION = 20_000
"""Parts of an expression that a function of the text is where it is applied."""
MAX_ERRORS = 1000
"""Errors that are reported."""
MAX_DIGITS = 400
"""Characters of a number."""
MAX_NAME = 100
"""Characters of a name or an index."""

NESTED_POSITIONS = "positions at positions: compute the array of them before, and give it as one input"

FUNCTION_NAMES = frozenset(name for name, function in FUNCTIONS.items() if function.arity and function.is_named)
DELTA, IOTA, PI = "δ", "ι", "π"
_REDUCTIONS = {"max": "maximum", "min": "minimum", "prod": None}
_SUMS = frozenset({"sum", "Σ", "∑"})

_BRACES, _SQUARE = r"(?:[^{}]|\{[^{}]*\})*", r"(?:[^\[\]]|\[[^\[\]]*\])*"
_REFERENCE = re.compile(rf"(?P<word>[^{{\[]*)(?:\{{(?P<brace>{_BRACES})\}}|\[(?P<square>{_SQUARE})\])?")
_NAME = re.compile(r"[^\W\d_][\u0300-\u036f]*(?:_?[^\W_][\u0300-\u036f]*)*")
_INDEX_LETTER = re.compile(r"[^\W\d_][0-9]*'*")
_INDEX_WORD = re.compile(r"[^\W\d_][^\W_]*'*")
_LOWERED_DIGITS = re.compile(r"[^\W_₀-₉]+[₀-₉]+(?:[_\[].*)?")
_POSITIONS = re.compile(r"[^\W\d_][^\W_]*(?:_\{.*\}|_[^_]+|\[.*\])")
_NUMBER = re.compile(r"[-−]?[0-9]{1,9}")
_AFFINE_TERM = re.compile(
    r"(?P<sign>[-−+]?)\s*(?:"
    r"(?:(?P<times>[1-9][0-9]{0,5})(?![eE][0-9]))?(?P<letter>[^\W\d_][^\W_]*'*)|(?P<number>[0-9]{1,9}))"
)
_EMPTY = re.compile(r"^\s*,|(?<=,)\s*,")
_SEPARATED = re.compile(r"(?:[^\s,\[\]{}]|\[[^\[\]]*\]|\{[^{}]*\}|\s+[+−-]\s+(?=[^\W_]))+")
_LOWERED = re.compile("[ᵢⱼₖₗₘₙₚᵣₛₜᵤᵥₓₐₑₒₕᵦᵧᵨᵩᵪ][ᵢⱼₖₗₘₙₚᵣₛₜᵤᵥₓₐₑₒₕᵦᵧᵨᵩᵪ₀-₉]*$")
_LETTER_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lo", "Mn", "Nd"})


class LexicalError(Exception):
    """What is wrong with the characters ``start:end`` of a token."""

    def __init__(self, code: str, message: str, start: int, end: int, fix: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.start, self.end, self.fix = code, message, start, end, fix


@dataclass(frozen=True, slots=True)
class Subscript:
    """What stands below a name as it is written: an index, NFKC-normalised, and its place in the token.

    With ``indices`` it is no index but a tensor, which gives positions, with ``number`` it is a position itself, and
    with ``terms`` it is an affine expression: these with their coefficients, and the number.
    """

    spelling: str
    start: int
    end: int
    indices: tuple[Subscript, ...] = ()
    number: int | None = None
    terms: tuple[tuple[Subscript, int], ...] = ()

    @property
    def is_index(self) -> bool:
        """Whether it is an index."""
        return not self.indices and self.number is None


def canonical(spelling: str) -> str:
    """Give the one spelling that stands for all spellings of a normalised name.

    >>> canonical("gamma"), canonical("W1")
    ('γ', 'W1')
    """
    return GREEK.get(spelling, spelling)


def counted(number: int, noun: str) -> str:
    """Give a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@functools.lru_cache(maxsize=4096)
def read_reference(text: str) -> tuple[str, tuple[Subscript, ...]]:
    """Take a tensor reference apart into its name and its indices.

    Raises:
        LexicalError: the name or an index is malformed, or reserved.

    >>> name, indices = read_reference("W_in[i,j1]")
    >>> name, [i.spelling for i in indices]
    ('W_in', ['i', 'j1'])
    >>> [i.spelling for i in read_reference("x_i1j'")[1]]
    ['i1', "j'"]
    >>> [i.spelling for i in read_reference("xᵢⱼ")[1]]
    ['i', 'j']
    """
    text, lowered = _without_lowered(text)
    if lowered:
        _refuse_raised(text)
        return read_name(text, text), lowered
    _refuse_raised(text)
    match = _REFERENCE.fullmatch(text)
    assert match, text
    word = match["word"]
    if match["square"] is not None:
        name, indices = word, _words(match["square"], match.start("square"), has_numbers=True)
    elif match["brace"] is not None:
        name, indices = word[:-1], _in_braces(match["brace"], match.start("brace"))
    elif "_" in word:
        name, _, run = word.rpartition("_")
        indices = _letters(run, len(name) + 1)
    else:
        name, indices = word, ()
    return read_name(name, text), indices


@functools.lru_cache(maxsize=1024)
def read_subscript(text: str) -> tuple[Subscript, ...]:
    """Take apart the indices of a token of which only they matter: ``1_ij``, ``sum_{i,j}``.

    Raises:
        LexicalError: an index is malformed, or there is none.

    >>> [i.spelling for i in read_subscript("1_{batch,hid}")]
    ['batch', 'hid']
    """
    _, lowered = _without_lowered(text)
    if lowered:
        return lowered
    _refuse_raised(text)
    match = _REFERENCE.fullmatch(text)
    assert match, text
    if match["square"] is not None:
        indices = _words(match["square"], match.start("square"))
    elif match["brace"] is not None:
        indices = _in_braces(match["brace"], match.start("brace"))
    else:
        start = text.index("_") + 1
        indices = _letters(text[start:], start)
    if not indices:
        raise LexicalError("subscript", f"`{text}` has no index", 0, len(text))
    return indices


def read_words(text: str, start: int) -> tuple[Subscript, ...]:
    """Take apart indices with commas or spaces between them, which begin at ``start`` of the token.

    Raises:
        LexicalError: an index is malformed.

    >>> [i.spelling for i in read_words("i, hid", 0)]
    ['i', 'hid']
    """
    _refuse_raised(text)
    return _words(text, start)


def read_number(text: str) -> Fraction:
    """Give the exact value of a number.

    Raises:
        LexicalError: it has too many digits, or is no finite floating-point number.

    >>> read_number("1e-5"), read_number("2½")
    (Fraction(1, 100000), Fraction(5, 2))
    """
    if len(text) > MAX_DIGITS:
        raise LexicalError("number-long", f"a number of more than {MAX_DIGITS} characters", 0, len(text))
    if not text.isascii():
        whole, fraction = text[:-1], unicodedata.normalize("NFKC", text[-1]).replace("⁄", "/")
        return Fraction(whole or 0) + Fraction(fraction)
    value = float(text)
    if value == float("inf") or (value == 0 and re.search("[1-9]", re.split("[eE]", text)[0])):
        raise LexicalError("number-range", f"`{text}` is outside the range of floating-point numbers", 0, len(text))
    return Fraction(text) if value else Fraction(0)


def read_exponent(text: str) -> tuple[Fraction, bool]:
    """Give the value of raised digits, and whether a minus sign stands before it.

    Raises:
        LexicalError: there are too many digits.

    >>> read_exponent("⁻²")
    (Fraction(2, 1), True)
    """
    return read_number(unicodedata.normalize("NFKC", text.lstrip("⁺⁻"))), text.startswith("⁻")


def plain_spelling(text: str) -> str:
    """Write superscripts and subscripts with ``^`` and ``_``.

    >>> plain_spelling("xᵢⱼ²"), plain_spelling("x_i²")
    ('x_ij^2', 'x_i^2')
    """
    out, level = "", "_" if "_" in text else ""
    for char in text:
        mark = {"<sub>": "_", "<super>": "^"}.get(unicodedata.decomposition(char).partition(" ")[0], "")
        out += mark if mark and mark != level else ""
        level = mark or level
        out += unicodedata.normalize("NFKC", char) if mark else char
    return out


def is_raised(char: str) -> bool:
    """Tell whether a character is a superscript or a subscript.

    >>> is_raised("²"), is_raised("ᵢ"), is_raised("2")
    (True, True, False)
    """
    return unicodedata.decomposition(char).startswith(("<sub>", "<super>"))


def _refuse_raised(text: str) -> None:
    if text.isascii():
        return
    if any(map(is_raised, text)):
        plain = unicodedata.normalize("NFKC", text) if _LOWERED_DIGITS.fullmatch(text) else plain_spelling(text)
        message = f"superscript and subscript characters are not part of the language: write `{plain}`"
        raise LexicalError("raised-character", message, 0, len(text), plain)


def _without_lowered(text: str) -> tuple[str, tuple[Subscript, ...]]:
    """Take lowered letters, as in ``xᵢⱼ``, off the end of a token."""
    run = None if text.isascii() else _LOWERED.search(text)
    if run is None or "_" in text:
        return text, ()
    return text[: run.start()], _letters(run[0], run.start())


def _normal(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text).replace("′", "'")


def _is_lettered(text: str) -> bool:
    """Tell whether all characters beyond ASCII are letters, marks or digits of words, not numerals like ½."""
    return text.isascii() or all(c.isascii() or unicodedata.category(c) in _LETTER_CATEGORIES for c in text)


def read_name(name: str, text: str) -> str:
    """Give the normalised spelling of the name that a token begins with; ``text`` is the whole token.

    Raises:
        LexicalError: it is malformed, or reserved.

    >>> read_name("W_in", "W_in[i,j]")
    'W_in'
    """
    _refuse_long(name, 0)
    normal = GREEK.get(name[1:], name) if name.startswith("\\") else _normal(name)
    if not _NAME.fullmatch(normal) or not _is_lettered(normal):
        message = f"`{name}` is no name: a name is a letter, then letters and digits"
        raise LexicalError("bad-name", message, 0, len(name))
    if normal == name and normal not in FUNCTION_NAMES and normal not in _REDUCTIONS and normal[0] not in "sΣ∑":
        return normal
    _refuse_reserved(normal, text, len(name))
    return normal


def _refuse_long(name: str, start: int) -> None:
    if len(name) > MAX_NAME:
        message = f"a name of {len(name)} characters, more than {MAX_NAME}"
        raise LexicalError("name-long", message, start, start + len(name))


def _refuse_reserved(name: str, text: str, end: int) -> None:
    if name in FUNCTION_NAMES:
        arguments = ", ".join("…" for _ in range(FUNCTIONS[name].arity))
        message = f"`{name}` is a function, not a tensor: write `{name}({arguments})`, or choose another name"
        raise LexicalError("reserved-name", message, 0, end)
    if name in _REDUCTIONS:
        other = _REDUCTIONS[name]
        hint = f"; of two arguments it is `{other}(…, …)`" if other else ""
        message = f"`{name}` is reserved: over an index it is `{name}_i(…)`{hint}"
        raise LexicalError("reserved-name", message, 0, end)
    if name in _SUMS or name[0] in "Σ∑":
        message = "a sum names its indices: write `sum_i …`, with the indices to sum over"
        raise LexicalError("sum-index", message, 0, end)


def _in_braces(content: str, start: int) -> tuple[Subscript, ...]:
    stripped = content.strip()
    at = start + content.index(stripped)
    if lone := _affine(_normal(stripped), at, at + len(stripped), is_lone=True):
        return (lone,)
    if re.search(r"[\s,]", stripped):
        return _words(content, start)
    if _POSITIONS.fullmatch(stripped):
        return (_sole_positions(stripped, start + content.index(stripped)),)
    if not stripped:
        raise LexicalError(
            "subscript", "a subscript without an index: a scalar has none", start - 2, start + len(content) + 1
        )
    return _letters(stripped, start + content.index(stripped))


def _letters(run: str, start: int) -> tuple[Subscript, ...]:
    """Split indices without separators: each letter, with the digits and primes that follow it, is one."""
    normal = _normal(run)
    if not normal or not _is_lettered(normal):
        raise LexicalError("subscript", "an underscore with no index after it", max(0, start - 1), start + len(run))
    if normal[0].isdigit():
        raise _fixed_component(run, start)
    found = []
    position = 0
    while position < len(normal):
        match = _INDEX_LETTER.match(normal, position)
        if match is None:
            raise LexicalError("subscript", f"`{run}` is no list of indices", start, start + len(run))
        place = (start + position, start + match.end()) if len(normal) == len(run) else (start, start + len(run))
        found.append(Subscript(match[0], *place))
        position = match.end()
    return tuple(found)


def _words(content: str, start: int, has_numbers: bool = False) -> tuple[Subscript, ...]:
    """Split indices with commas or spaces between them; in brackets whole numbers are positions."""
    empty = _EMPTY.search(content)
    if empty:
        at = start + empty.start()
        raise LexicalError("subscript", "a comma with no index before it", at, at + len(empty[0]))
    found = []
    for match in _SEPARATED.finditer(content):
        word, place = _normal(match[0]), (start + match.start(), start + match.end())
        if _POSITIONS.fullmatch(word) and not re.search(r"\s", word):
            found.append(_positions(match[0], place[0]))
            continue
        _refuse_long(word, place[0])
        if has_numbers and _NUMBER.fullmatch(word):
            found.append(Subscript(word, *place, number=int(word.replace("−", "-"))))
            continue
        if word.isdigit():
            raise _fixed_component(match[0], place[0])
        if len(word) > 1 and (affine := _affine(word, *place)):
            found.append(affine)
            continue
        if not _INDEX_WORD.fullmatch(word) or not _is_lettered(word):
            raise LexicalError("subscript", f"`{match[0]}` is no index: an index is a letter or a word", *place)
        found.append(Subscript(word, *place))
    return tuple(found)


def _affine(word: str, start: int, end: int, is_lone: bool = False) -> Subscript | None:
    """Read ``2i+k-1``; ``None`` if it is no affine expression with a letter. One that is ``lone`` has no words."""
    if not re.search(r"[+−-]|^[0-9]", word):
        return None
    terms: list[tuple[Subscript, int]] = []
    constant = position = 0
    while position < len(word):
        match = _AFFINE_TERM.match(word, position)
        if match is None or (position and not match["sign"]):
            return None
        sign = -1 if match["sign"] in ("-", "−") and match["sign"] else 1
        if match["letter"] is None:
            constant += sign * int(match["number"])
        elif is_lone and not _INDEX_LETTER.fullmatch(match["letter"]) and match["letter"] not in GREEK:
            return None
        else:
            place = (start + match.start("letter"), start + match.end("letter"))
            terms.append((Subscript(match["letter"], *place), sign * int(match["times"] or 1)))
        position = match.end()
        while position < len(word) and word[position].isspace():
            position += 1
    return Subscript(word, start, end, number=constant, terms=tuple(terms)) if terms else None


def _positions(text: str, start: int) -> Subscript:
    """Take apart a tensor that gives positions, which begins at ``start`` of the token."""
    try:
        name, indices = read_reference(text)
    except LexicalError as mistake:
        raise LexicalError(mistake.code, str(mistake), start + mistake.start, start + mistake.end) from None
    nested = next((i for i in indices if not i.is_index), None)
    if nested is not None:
        raise LexicalError("positions", NESTED_POSITIONS, start + nested.start, start + nested.end)
    moved = tuple(Subscript(i.spelling, start + i.start, start + i.end) for i in indices)
    return Subscript(name, start, start + len(text), moved)


def _sole_positions(text: str, start: int) -> Subscript:
    """Take apart positions that stand alone below a tensor, where ``s_{ny_n}`` may mean ``s_{n,y_n}``."""
    found = _positions(text, start)
    if _INDEX_LETTER.fullmatch(found.spelling) or found.spelling in GREEK.values():
        return found
    apart = f"{text[0]},{text[1:]}"
    message = f"`{text}` may be one tensor or an index before one: write `{text},` or, with a comma, `{apart}`"
    raise LexicalError("positions", message, start, start + len(text))


def _fixed_component(run: str, start: int) -> LexicalError:
    """Make the error about a number in the place of an index, which begins at ``start`` of its token."""
    message = f"`{run}` is no index: a component is picked in brackets, as in `x[{run}]`, and `x{run}` is a name"
    return LexicalError("fixed-component", message, start, start + len(run))
