r"""Names: what a letter, a styled letter or a word is called, and what stands in a subscript.

Before: the characters of one token. After: the name that the plain dialect has for it, with the style that LaTeX gives
it, which is not part of the name; or a :class:`LexicalError`. A letter is a name, a word is one in a style, accents are
part of it. In a subscript, what is upright labels the tensor (``W_{\mathrm{in},ij}``) and what is italic is an index.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata
from dataclasses import dataclass

from einsgrad.frontend.latex.commands import (
    ACCENTS,
    BOLD,
    LETTERS,
    NO_CONDITIONS,
    PROSE,
    STYLES,
    UPRIGHT,
    VARIANTS,
    function_name,
)
from einsgrad.frontend.lexis import (
    MAX_NAME,
    NESTED_POSITIONS,
    LexicalError,
    read_name,
    read_words,
)

_STYLED = re.compile(r"\\([A-Za-z]+\*?)\s*(?:\{(.*)\}|(.+))", re.DOTALL)
_LONGEST = 4 * MAX_NAME
_WORD = re.compile(r"[^\W\d_][^\W_]*(?:\\?_[^\W_]+)*")
_GREEK = re.compile(r"\\([A-Za-z]+)\s*")
_ITALIC = frozenset({"mathit", "textit", "mathnormal"})
_CONDITION = re.compile(r"[<>=≠≤≥]|\\(?:neq?|[lg]eq?|[lg]t|[lg]eqslant|in|notin)(?![A-Za-z])")
_CONNECTIVES = frozenset(
    {"and", "where", "with", "for", "or", "so", "hence", "thus", "then", "if", "since", "because", "let", "also",
     "but", "here", "that", "is", "gives", "yields", "as", "by", "from", "which", "such", "subject", "to", "all"}
)  # fmt: skip

_PIECE = re.compile(
    r"""
      (?P<gap>[\s,~]+|\\[,;:!\s]|\\q?quad(?![A-Za-z]))
    | (?P<base>\\(?:NAMES)(?![A-Za-z])\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+|[^\s\\{}])|\\[A-Za-z]+|[^\W\d_])
      (?P<digits>\s*(?:[0-9]+|_\s*(?:\{\s*[0-9]+\s*\}|[0-9])))?
      (?P<primes>(?:\s*(?:['′]|\^\s*(?:\{(?:\s*(?:\\prime|['′]))+\s*\}|\\prime(?![A-Za-z]))))*)
      (?:\s*(?P<below>_\s*(?:\{[^{}]*\}|[^\W\d_]|\\[A-Za-z]+)))?
    | \[\s*(?P<position>[-−]?[0-9]+)\s*\]
    | (?P<number>[0-9]+)
    | (?P<other>[^\s,]+)
    """.replace("NAMES", "|".join(sorted({*STYLES, *ACCENTS} - {"operatorname*"}, key=len, reverse=True))),
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name: as the plain dialect has it, and the style it is set in, which is empty for letters as they come."""

    spelling: str
    style: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands in a subscript: an index or, where it ``is_upright``, maybe a label, with its place in the token.

    With ``indices`` it is no index but a tensor, which gives positions, and with ``number`` it is a position itself.
    """

    name: str
    is_upright: bool
    start: int
    end: int
    indices: tuple[Piece, ...] = ()
    number: int | None = None

    @property
    def letters(self) -> tuple[Piece, ...]:
        """The indices that it is or has."""
        return self.indices or ((self,) if self.number is None else ())


@functools.lru_cache(maxsize=4096)
def decode_name(text: str) -> Name:
    r"""Give the name that a token is.

    Raises:
        LexicalError: it is none.

    >>> decode_name(r"\gamma"), decode_name(r"\mathbf{x}").spelling, decode_name(r"\mathrm{W\_in}").spelling
    (Name(spelling='γ', style=''), 'x', 'W_in')
    """
    spelling, style = _decode(text)
    if spelling == "sum":
        message = r"a sum names its indices: write `\sum_{i} …`, with the indices to sum over"
        raise LexicalError("sum-index", message, 0, len(text))
    try:
        return Name(read_name(spelling, spelling), style)
    except LexicalError as mistake:
        raise LexicalError(mistake.code, mistake.message, 0, len(text)) from None


def _decode(text: str) -> tuple[str, str]:
    """Give name and style; styles within styles recurse, but no token that is a name is long."""
    if len(text) > _LONGEST:
        raise LexicalError("name-long", f"a name of {len(text)} characters, more than {_LONGEST}", 0, len(text))
    text = text.strip()
    if not text.startswith("\\"):
        return text, ""
    command = text[1:]
    if command in LETTERS:
        return LETTERS[command], text if command in VARIANTS or command == "ell" else ""
    match = _STYLED.fullmatch(text)
    name = match[1] if match else ""
    inner = (match[2] if match[2] is not None else match[3]).strip() if match else ""
    if name in ACCENTS:
        letter, style = _decode(inner)
        if len(unicodedata.normalize("NFC", letter)) > 1 + (letter in LETTERS.values()) * len(letter):
            raise LexicalError("bad-name", f"`{text}`: an accent stands on one letter", 0, len(text))
        return unicodedata.normalize("NFKC", letter + ACCENTS[name]), style
    if name in STYLES:
        word = inner if inner[1:] in LETTERS else _GREEK.sub(_letter, inner)
        if "_" in word.replace("\\_", "") and name not in PROSE:
            base, _, rest = inner.partition("_")
            fix = f"\\{name}{{{base.strip()}}}_{{{rest.strip().removeprefix('{').removesuffix('}')}}}"
            raise LexicalError("bad-name", f"a subscript stands after the letter: write `{fix}`", 0, len(text), fix)
        if _WORD.fullmatch(word):
            return word.replace("\\_", "_"), "" if len(word) > 1 else f"\\{name}"
        if inner.startswith("\\"):
            letter, style = _decode(inner)
            return letter, f"\\{name} {style}".rstrip()
    raise LexicalError("bad-name", f"`{text}` is no name: a name is a letter, or a word in `\\mathrm`", 0, len(text))


def _letter(command: re.Match[str]) -> str:
    """Give the Greek letter of a word that a command stands for."""
    return LETTERS.get(command[1], command[0])


def styled_type(text: str) -> str:
    r"""Give the type of the token that a command with a style or an accent and its argument is.

    >>> [styled_type(rf"\{t}") for t in ("mathbf{1}", "mathrm{relu}", "text{where}", "text{loss}", "hat x")]
    ['ONE', 'FUNCTION', 'NOTE', 'NAME', 'NAME']
    """
    match = _STYLED.fullmatch(text)
    assert match, text
    style, inner = match[1], word_of(text)
    if inner == "1" and style in BOLD:
        return "ONE"
    if style in UPRIGHT:
        # The mean or the norm of something is a usual name.
        if function_name(inner) and (style.startswith("operatorname") or inner not in ("mean", "norm")):
            return "FUNCTION"
        if style in PROSE and _is_prose(inner):
            return "NOTE"
    return "NAME"


def word_of(text: str) -> str:
    r"""Give the argument of a style: ``relu`` of ``\operatorname{relu}``."""
    match = _STYLED.fullmatch(text)
    assert match, text
    return (match[2] if match[2] is not None else match[3]).strip()


def _is_prose(words: str) -> bool:
    return not words or words.lower() in _CONNECTIVES or re.search(r"[\s$.,;:()]", words) is not None


@functools.lru_cache(maxsize=4096)
def read_pieces(text: str, start: int) -> tuple[Piece, ...]:
    r"""Take apart what stands in a subscript, from ``start`` of the token on.

    Raises:
        LexicalError: something in it is no index.

    >>> [p.name for p in read_pieces(r"_{i_1 j'\mu}", 1)]
    ['i1', "j'", 'μ']
    """
    content, at = text[start:], start
    if content.lstrip().startswith("{") and content.endswith("}"):
        at += content.index("{") + 1
        content = text[at:-1]
    if not content.strip():
        raise LexicalError("subscript", "a subscript without an index: a scalar has none", 0, len(text))
    if re.search(r",\s*,|^\s*,", content):
        message = "a comma in a subscript stands between two indices"
        raise LexicalError("subscript", message, at, at + len(content))
    found: list[Piece] = []
    for match in _PIECE.finditer(content):
        place = at + match.start(), at + match.end()
        if match["position"]:
            found.append(Piece(match[0], False, *place, number=int(match["position"].replace("−", "-"))))
        if match["number"]:
            raise fixed_component(match[0], place[0])
        if match["other"]:
            raise _no_index(match[0], place, content)
        if match["base"]:
            piece = _piece(match["base"], match["digits"], match["primes"], place)
            below = _below(match["below"], at + match.start("below")) if match["below"] else ()
            found.append(dataclasses.replace(piece, indices=below))
    if not found:
        raise LexicalError("subscript", "a subscript without an index: a scalar has none", 0, len(text))
    return tuple(found)


def fixed_component(run: str, start: int) -> LexicalError:
    """Make the error about a number in the place of an index, which begins at ``start`` of its token."""
    message = f"`{run}` picks one component: an index is a letter, and fixed components are not supported"
    return LexicalError("fixed-component", message, start, start + len(run))


def _below(text: str, start: int) -> tuple[Piece, ...]:
    """Give the indices of a tensor that gives positions, whose subscript begins at ``start`` of the token."""
    indices = [dataclasses.replace(p, start=p.start + start, end=p.end + start) for p in read_pieces(text, 1)]
    if any(p.indices or p.number is not None for p in indices):
        raise LexicalError("positions", NESTED_POSITIONS, start, start + len(text))
    return tuple(indices)


def _no_index(text: str, place: tuple[int, int], content: str) -> LexicalError:
    """Make the error about what stands in a subscript and is no index."""
    if _CONDITION.search(content):
        return LexicalError("condition", NO_CONDITIONS, *place)
    if text[0] in "+-−*/" or text[0].isdigit():
        message = f"`{text}` is no index: arithmetic of indices is not part of the language yet"
        return LexicalError("index-arithmetic", message, *place)
    return LexicalError("subscript", f"`{text}` is no index: an index is a letter or a word", *place)


def _piece(base: str, digits: str | None, primes: str, place: tuple[int, int]) -> Piece:
    try:
        spelling, _ = _decode(base)
        read_words(spelling, 0)
    except LexicalError:
        raise LexicalError("subscript", f"`{base}` is no index: an index is a letter or a word", *place) from None
    match = _STYLED.fullmatch(base)
    is_upright = match is not None and match[1] in UPRIGHT
    is_word = len(spelling) > 1 and base[1:] not in LETTERS and match is not None and match[1] not in ACCENTS
    upright = is_upright or (is_word and match is not None and match[1] not in _ITALIC)
    number = re.sub(r"[^0-9]", "", digits or "")
    prime = "'" * (primes.count("'") + primes.count("′") + primes.count(r"\prime"))
    return Piece(spelling + number + prime, upright, *place)
