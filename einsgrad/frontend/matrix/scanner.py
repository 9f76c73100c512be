r"""The scanner: a text in matrix notation, plain or LaTeX, to the tokens of its statements.

Before: any text. After: for each statement its tokens, spaces, comments and layout left out, every ``‖`` and ``|``
known to open or to close. What is no token is reported. Nothing is known of shapes yet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.latex.commands import ACCENTS, BOLD, LETTERS, SPELLINGS, STYLES
from einsgrad.frontend.lexis import FUNCTION_NAMES, MAX_STATEMENT, MAX_TEXT
from einsgrad.frontend.matrix.functions import OF_BARS, OF_MATRICES
from einsgrad.ir.names import GREEK

MAX_DEPTH = 100
"""Brackets within brackets. Matrix notation is for what a person reads."""

_FUNCTIONS = {
    **{name: name for name in FUNCTION_NAMES | (OF_MATRICES.keys() - OF_BARS)},
    **{name: known for name, known in SPELLINGS.items() if known in FUNCTION_NAMES},
    "Tr": "tr", "trace": "tr", "Trace": "tr", "Det": "det", "Diag": "diag", "Vec": "vec", "norm2": "norm", "ln": "log",
}  # fmt: skip

_LETTER = r"[^\W\d_ᵀ⁰¹²³⁴-⁹⁻ᐟ]"
_MARKS = r"[\u0300-\u036f]*"
_WORD = rf"{_LETTER}{_MARKS}(?:[^\W_ᵀ⁰¹²³⁴-⁹⁻]{_MARKS})*"
_SUBSCRIPT = rf"_(?:\{{[^{{}}]*\}}|{_LETTER}|[0-9]+|\*|∞|\\[A-Za-z]+)"
_ARGUMENT = r"(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+|[^\s\\{}])"
_STYLED = "|".join(re.escape(name) for name in sorted({*STYLES, *ACCENTS} - {"vec"}, key=len, reverse=True))
_TRANSPOSED = r"(?:\\(?:mathrm|mathsf|text|mathit|mathbf)\s*\{T\}|\\mathsf\s*T|T|⊤|\\top|\\intercal|\\mathsf T)"
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"


def _token_pattern(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"""
          (?P<comment>\#[^\n]*|%[^\n]*)
        | (?P<NEWLINE>\r?\n\s*)
        | (?P<blank>\s+|~|&|\$|\\[,;:!>\ \[\]()]|\\(?:left|right|[bB]igg?[lrm]?|quad|qquad|displaystyle|limits|nonumber)
                    (?![A-Za-z])|\\(?:begin|end)\s*\{{[^{{}}]*\}}(?:\s*\{{[lcr|]+\}})?
                    |\\(?:label|tag)\s*\{{[^{{}}]*\}})
        | (?P<ROW>\\\\(?:\s*\[[^\[\]]*\])?)
        | (?P<SEMI>;)
        | (?P<ONES>(?:𝟏|𝟙|\\(?:{"|".join(sorted(BOLD))})\s*\{{?1(?:\}})?|ones(?=\s*\()|1(?=_))(?:{_SUBSCRIPT})?)
        | (?P<NUMBER>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
        | (?P<INVERSE>⁻¹|⁻ᵀ|\^\s*(?:\{{\s*-\s*(?:1|{_TRANSPOSED})\s*\}}|-\s*1(?![0-9./])|-\s*T(?!\w)))
        | (?P<TRANSPOSE>ᵀ|⊤|'|′|\^\s*(?:\{{\s*{_TRANSPOSED}\s*\}}|{_TRANSPOSED}(?![^\W_])))
        | (?P<RAISED>[{_SUPERSCRIPTS}]+)
        | (?P<ECARET>\.\^|\^(?=\s*[\{{(]\s*(?:∘|⊙|\\circ|\\odot)))
        | (?P<within>(?<=[\{{(])\s*(?:∘|⊙|\\circ|\\odot))
        | (?P<FRAC>\\[dt]?frac(?![A-Za-z]))
        | (?P<SQRT>\\sqrt(?=\s*\{{))
        | (?P<OVER>/\s*(?:∂|\\partial(?![A-Za-z])))
        | (?P<PARTIAL>∂|\\partial(?![A-Za-z]))
        | (?P<NABLA>(?:∇|\\nabla(?![A-Za-z]))\s*_\s*(?:\{{\s*(?P<by>[^{{}}]*)\}}|(?P<by1>{name})))
        | (?P<NORM>(?:‖|\|\||\\\||\\[lr]?Vert(?![A-Za-z]))(?:{_SUBSCRIPT})?)
        | (?P<BAR>\||\\[lr]?vert(?![A-Za-z]))
        | (?P<STYLED>\\(?:{_STYLED})(?![A-Za-z])\s*{_ARGUMENT}(?:{_SUBSCRIPT})?)
        | (?P<COMMAND>\\[A-Za-z]+(?:{_SUBSCRIPT})?)
        | (?P<NAME>(?:scalar(?![^\W_])|{name})(?:{_SUBSCRIPT})?)
        | (?P<SUBSCRIPT>{_SUBSCRIPT})
        | (?P<CLAIM>==|≡) | (?P<EQUALS>:=|≔|=) | (?P<COLON>:) | (?P<IN>∈)
        | (?P<HADAMARD>⊙|∘|\.\*|\./|⊘) | (?P<TIMES>×)
        | (?P<sign>.)
        """,
        re.VERBOSE | re.DOTALL,
    )


_PLAIN, _LATEX = _token_pattern(_WORD), _token_pattern(_LETTER + _MARKS)
_SIGNS = {
    "+": "PLUS", "-": "MINUS", "−": "MINUS", "–": "MINUS", "*": "STAR", "·": "STAR", "⋅": "STAR", "@": "STAR",
    "/": "SLASH", "^": "CARET", "(": "LPAR", ")": "RPAR", "[": "LPAR", "]": "RPAR", "{": "LBRACE", "}": "RBRACE",
    ",": "COMMA",
}  # fmt: skip
_COMMANDS = {
    "cdot": "STAR", "odot": "HADAMARD", "circ": "HADAMARD", "oslash": "HADAMARD", "times": "TIMES", "in": "IN",
    "equiv": "CLAIM", "colon": "COLON", "lbrace": "LPAR", "rbrace": "RPAR",
}  # fmt: skip
_OPENERS, _CLOSERS = frozenset({"LPAR", "LBRACE", "LNORM", "LBAR"}), frozenset({"RPAR", "RBRACE", "RNORM", "RBAR"})
_ENDS_AN_OPERAND = frozenset(
    {"NAME", "NUMBER", "ONES", "RPAR", "RBRACE", "RNORM", "RBAR", "TRANSPOSE", "INVERSE", "RAISED", "NABLA"}
)
_BREAKS = frozenset({"NEWLINE", "ROW", "SEMI"})
_GOES_ON = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "HADAMARD", "EQUALS", "CLAIM", "CARET", "ECARET", "COMMA"})
_LEADS_ON = frozenset({"PLUS", "STAR", "HADAMARD"})


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its kind, what it stands for, and its place in the text."""

    type: str
    text: str
    start: int
    end: int


def scan(source: Source, problems: list[Diagnostic]) -> list[list[Token]]:
    """Give the tokens of each statement; one with something that is no token, or too deep, is reported and left out.

    >>> [[t.type for t in tokens] for tokens in scan(Source("f = ‖x‖; g = Xᵀ"), [])]
    [['NAME', 'EQUALS', 'LNORM', 'NAME', 'RNORM'], ['NAME', 'EQUALS', 'NAME', 'TRANSPOSE']]
    """
    if len(source.text) > MAX_TEXT:
        message = f"the text has {len(source.text)} characters, more than {MAX_TEXT}"
        problems.append(Diagnostic("text-long", message, Span(MAX_TEXT, MAX_TEXT + 1, source)))
        return []
    statements: list[list[Token]] = []
    for tokens in _split(_tokens(source)):
        problem = _refusal(source, tokens)
        if problem is None:
            statements.append(list(_with_bars(tokens)))
        else:
            problems.append(problem)
    return statements


def _tokens(source: Source) -> Iterator[Token]:
    commands = set(re.findall(r"\\([A-Za-z]+)", source.text))
    pattern = _PLAIN if commands <= GREEK.keys() else _LATEX
    for match in pattern.finditer(source.text):
        kind = match.lastgroup
        kind = "NABLA" if kind in ("by", "by1") else kind
        assert kind is not None
        if kind in ("comment", "blank", "within"):
            continue
        token = Token(kind, match[0], match.start(), match.end())
        match kind:
            case "sign":
                token = replace(token, type=_SIGNS.get(match[0], "WRONG"))
            case "COMMAND":
                token = _command(token)
            case "STYLED":
                token = _styled(token)
            case "NAME":
                token = _named(token, match[0])
            case "NABLA":
                token = replace(token, text=_name(match["by"] or match["by1"]))
            case "OVER" | "PARTIAL":
                token = replace(token, text=kind)
        yield token


def _command(token: Token) -> Token:
    name, underscore, subscript = token.text[1:].partition("_")
    if name in _COMMANDS:
        return replace(token, type=_COMMANDS[name], text={"oslash": "⊘"}.get(name, token.text))
    is_known = name in LETTERS or (
        name in _FUNCTIONS and (not underscore or name + subscript.strip("{}") in _FUNCTIONS)
    )
    return _named(token, name + underscore + subscript if is_known else token.text)


def _styled(token: Token) -> Token:
    match = re.fullmatch(r"\\(\w+\*?)\s*(.*?)(_.*)?", token.text, re.DOTALL)
    assert match is not None
    style, inside, subscript = match[1], match[2].strip("{} "), match[3] or ""
    return _named(token, inside + ACCENTS.get(style, "") + subscript)


def _named(token: Token, text: str) -> Token:
    name = _name(text)
    for spelled in (text, name):
        if spelled in _FUNCTIONS:
            return replace(token, type="FUNCTION", text=_FUNCTIONS[spelled])
    return replace(token, type="NAME" if re.fullmatch(_WORD, name) else "WRONG", text=name)


def _name(text: str) -> str:
    r"""Give the name of a tensor, subscripts a part of it: ``\mu_{0}`` is ``μ0``."""
    words = (LETTERS.get(word, word) for word in re.findall(r"\\?[^\W_]+[\u0300-\u036f]*|[\u0300-\u036f]+", text))
    joined = "".join(LETTERS.get(word.removeprefix("\\"), word) if word[0] == "\\" else word for word in words)
    return unicodedata.normalize("NFKC", LETTERS.get(joined, joined)).replace("Σ", "Sigma")


def _split(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    """Cut at line ends, ``;`` and the rows of LaTeX; not inside brackets, nor where an operator is to go on."""
    current: list[Token] = []
    depth, ended = 0, False
    for token in tokens:
        if token.type in _BREAKS:
            hard = token.type == "SEMI"
            ended = ended or hard or (depth == 0 and not (current and current[-1].type in _GOES_ON))
            continue
        if ended and current and (token.type not in _LEADS_ON or depth):
            yield current
            current, depth = [], 0
        ended = False
        depth = max(0, depth + (token.type in _OPENERS) - (token.type in _CLOSERS))
        current.append(token)
    if current:
        yield current


def _refusal(source: Source, tokens: list[Token]) -> Diagnostic | None:
    start, end = tokens[0].start, tokens[-1].end
    if end - start > MAX_STATEMENT:
        message = f"a statement of {end - start} characters, more than {MAX_STATEMENT}: split it into several equations"
        return Diagnostic("statement-long", message, Span(start, start + 1, source))
    depth = 0
    for token in tokens:
        span = Span(token.start, token.end, source)
        if token.type in ("WRONG", "SUBSCRIPT"):
            return Diagnostic("unexpected-character", _unexpected(token), span)
        depth += (token.type in _OPENERS) - (token.type in _CLOSERS)
        if depth > MAX_DEPTH:
            return Diagnostic("nesting-deep", f"brackets are nested more than {MAX_DEPTH} deep", span)
    return None


def _unexpected(token: Token) -> str:
    if token.text.startswith("\\"):
        return f"`{token.text}` is no command that is known in matrix notation"
    if token.type == "SUBSCRIPT":
        return f"`{token.text}` follows no name: matrix notation has no components"
    char = token.text
    return f"{f'`{char}`' if char.isprintable() else f'the character U+{ord(char[0]):04X}'} is unexpected"


def _with_bars(tokens: Iterable[Token]) -> Iterator[Token]:
    """Decide which bars open: those after which something is still to come, and where none is open."""
    open_bars: list[str] = []
    previous = ""
    for token in tokens:
        if token.type in ("NORM", "BAR"):
            closes = bool(open_bars) and open_bars[-1] == token.type and previous in _ENDS_AN_OPERAND
            if closes:
                open_bars.pop()
            else:
                open_bars.append(token.type)
            token = replace(token, type=("R" if closes else "L") + token.type)
        elif token.type in ("LPAR", "LBRACE"):
            open_bars.append(token.type)
        elif token.type in ("RPAR", "RBRACE") and open_bars:
            open_bars.pop()
        previous = token.type
        yield token
