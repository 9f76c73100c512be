r"""Declarations: which shape each name has, as ``X: n×d, w: d, λ: scalar`` or ``X ∈ R^{n×d}`` say it.

Before: the tokens of a statement. After: the shapes of its names, if it declares any; what is no shape is reported.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend.matrix.scanner import Token

_LINE = re.compile(
    r"""^\s*(?:[^\W\d_]\w*\s*,\s*)*(?:[^\W\d_]\w*|\\[A-Za-z]+(?:\s*\{\w+\})?)\s*
        (?:(?:∈|\\in\b)\s*(?:R|ℝ|\\mathbb|\\mathbf|\\R\b)
          |:\s*(?:scalar|\(?[^\W_]\w*(?:\s*(?:×|\*|\bx\b|\\times)\s*[^\W_]\w*\)?)?)\s*(?:$|[,;\#]))""",
    re.VERBOSE | re.MULTILINE,
)
_REALS = frozenset({"R", "ℝ"})
_TIMES = frozenset({"TIMES", "STAR"})
_HINT = "a declaration is `X: n×d`, `w: d`, `λ: scalar`, or `X ∈ R^{n×d}`"


def declares(text: str) -> bool:
    r"""Tell whether a text has a line that declares shapes, which only matrix notation has.

    >>> declares("X: n×d, w: d\nf = ‖X w‖"), declares(r"x \in \mathbb{R}^n"), declares("y_i = x_i")
    (True, True, False)
    """
    return _LINE.search(text) is not None


@dataclass
class Declarations:
    """What a text declares: the sizes of each name, as they are spelled, and where; ``broken`` names have none."""

    sizes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    @property
    def size_names(self) -> set[str]:
        """The names of sizes."""
        return {size for sizes in self.sizes.values() for size in sizes if not size.isdigit()}

    def read(self, source: Source, tokens: Sequence[Token], problems: list[Diagnostic]) -> bool:
        """Take note of what a statement declares; ``False`` if it is no declaration."""
        kinds = {token.type for token in tokens}
        if not kinds & {"COLON", "IN"} or kinds & {"EQUALS", "CLAIM"}:
            return False
        for names, shape, last in _clauses(tokens):
            sizes = _shape(shape)
            if not names or sizes is None:
                at = shape[0] if names and shape else last
                end = shape[-1].end if shape else last.end
                problems.append(Diagnostic("matrix-declaration", _HINT, Span(at.start, end, source)))
                self.broken |= {name.text for name in names}
                continue
            for name in names:
                self._declare(name, sizes, source, problems)
        return True

    def _declare(self, name: Token, sizes: tuple[str, ...], source: Source, problems: list[Diagnostic]) -> None:
        span = Span(name.start, name.end, source)
        known = self.sizes.setdefault(name.text, sizes)
        self.places.setdefault(name.text, span)
        if known != sizes:
            message = f"`{name.text}` is declared twice: as {described(known)} and as {described(sizes)}"
            problems.append(Diagnostic("matrix-declaration", message, span))


def described(sizes: Sequence[str]) -> str:
    """Say what a shape is.

    >>> described(("n", "d")), described(("d",)), described(())
    ('n×d', 'a vector of length d', 'a scalar')
    """
    return "×".join(sizes) if len(sizes) > 1 else f"a vector of length {sizes[0]}" if sizes else "a scalar"


def _clauses(tokens: Sequence[Token]) -> list[tuple[list[Token], list[Token], Token]]:
    """Split ``a, b: n, c: m`` into the names, the tokens of the shape, and the last token of each part."""
    clauses: list[tuple[list[Token], list[Token], Token]] = []
    start = 0
    while start < len(tokens):
        at = next((k for k in range(start, len(tokens)) if tokens[k].type in ("COLON", "IN")), len(tokens))
        following = next((k for k in range(at + 1, len(tokens)) if tokens[k].type in ("COLON", "IN")), len(tokens))
        end = following
        if following < len(tokens):  # what stands before the next sign, from the last shape on, are its names
            end = next((k for k in range(at + 1, following) if _begins_names(tokens, k, following)), following)
        names = [token for token in tokens[start:at] if token.type != "COMMA"]
        shape = list(tokens[at + 1 : end])
        if any(token.type not in ("NAME", "FUNCTION") for token in names):
            names = []
        clauses.append((names, shape, tokens[min(end, len(tokens)) - 1]))
        start = end + 1
    return clauses


def _begins_names(tokens: Sequence[Token], comma: int, sign: int) -> bool:
    """Tell whether nothing but names and commas stands between a comma and the next sign."""
    if tokens[comma].type != "COMMA":
        return False
    between = tokens[comma + 1 : sign]
    return len(between) % 2 == 1 and all(t.type == ("COMMA" if k % 2 else "NAME") for k, t in enumerate(between))


def _shape(tokens: Sequence[Token]) -> tuple[str, ...] | None:
    inner = [token for token in tokens if token.type not in ("LBRACE", "RBRACE", "LPAR", "RPAR")]
    if inner and inner[0].text in _REALS:
        inner = inner[1:]
        if not inner:
            return ()
        if inner[0].type != "CARET":
            return None
        inner = inner[1:]
    elif len(inner) == 1 and inner[0].text == "scalar":
        return ()
    sizes = inner[::2]
    if not all(token.type in ("NAME", "NUMBER") for token in sizes) or len(sizes) not in (1, 2):
        return None
    if len(inner) != 2 * len(sizes) - 1 or any(t.type not in _TIMES and t.text != "x" for t in inner[1::2]):
        return None
    return tuple(token.text for token in sizes)
