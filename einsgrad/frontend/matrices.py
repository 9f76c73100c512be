"""Matrix notation: a statement without indices, as what it says of matrices and vectors.

Before: the surface tree of a statement whose names have no indices, with ``X^T`` read as a power. After: the statement
with indices, once for each way of taking its names for matrices, vectors and scalars in which all its shapes fit, the
likeliest first: a capital is a matrix, another Latin letter a vector. Where there is more in it than sums, products,
transposes, functions of components and derivatives, nothing is proposed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from einsgrad.frontend import surface as s
from einsgrad.frontend.dialects import PLAIN, Dialect
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.nodes import Index

Kind: TypeAlias = Literal["matrix", "vector", "scalar"]

_MOST_NAMES = 8
_MOST_BRACKETS = 50
_LETTERS = "ijklmnpqrstuvwabcdefgh"
_Kinds: TypeAlias = tuple[tuple[Kind, int], ...]
_CAPITAL: _Kinds = (("matrix", 0), ("vector", 1))
_LETTER: _Kinds = (("vector", 0), ("scalar", 1))
_OTHER: _Kinds = (("scalar", 0), ("vector", 1))
_LEFT_CAPITAL: _Kinds = (("matrix", 0), ("scalar", 0), ("vector", 1))
_LEFT_LETTER: _Kinds = (("vector", 0), ("scalar", 0), ("matrix", 1))
_LEFT_OTHER: _Kinds = (("scalar", 0), ("vector", 1), ("matrix", 1))


class Form(NamedTuple):
    """A statement with indices, and what each name of its right-hand side is taken for."""

    text: str
    kinds: Mapping[str, Kind]


class _NoFitError(Exception):
    """The shapes don't fit, or there is something that matrix notation has not."""


class _Shape(NamedTuple):
    """Which axes an expression has: a column vector has rows, a row vector columns."""

    rows: bool
    columns: bool


_SCALAR, _COLUMN, _ROW = _Shape(False, False), _Shape(True, False), _Shape(False, True)


def is_capital(key: str) -> bool:
    """Tell whether a name is a capital, perhaps with a number.

    >>> is_capital("W1"), is_capital("Sigma"), is_capital("Mean"), is_capital("w")
    (True, True, False, False)
    """
    stem = key.rstrip("0123456789")
    return stem == "Sigma" or (len(stem) == 1 and stem.isupper())


def index_forms(statement: s.Statement, text: str, dialect: Dialect = PLAIN) -> list[Form]:
    """Give what a statement says with indices, the likeliest readings: several where none is likelier.

    >>> from einsgrad.diagnostics import Source
    >>> from einsgrad.frontend.syntax import parse_statement
    >>> text = "E = x^T A x + b^T x"
    >>> [form.text for form in index_forms(parse_statement(Source(text), 0, text, []), text)]
    ['E = x_i A_ij x_j + b_k x_k']
    """
    left = None if statement.is_claim else s.sole_reference(statement.lhs)
    names = _names_of(statement)
    if len(names) > _MOST_NAMES or text.count("(") > _MOST_BRACKETS:
        return []
    found: list[tuple[int, Form]] = []
    transposed = _transposed_names(statement)
    choices = [_kinds_of(key, left is not None and key == left.key, key in transposed) for key in names]
    for choice in itertools.product(*choices):
        kinds = {key: kind for key, (kind, _) in zip(names, choice, strict=True)}
        try:
            written = _Writer(kinds, dialect, set(names)).written(statement, text)
        except _NoFitError:
            continue
        own = {key: kind for key, kind in kinds.items() if left is None or key != left.key}
        found.append((sum(cost for _, cost in choice), Form(written, own)))
    least = min((cost for cost, _ in found), default=0)
    return [form for cost, form in found if cost == least]


def labels_of(forms: list[Form]) -> list[str]:
    """Say which names each of several forms takes for what: those that not all take for the same.

    >>> labels_of([Form("", {"X": "matrix", "A": "matrix"}), Form("", {"X": "vector", "A": "matrix"})])
    ['X a matrix', 'X a vector']
    """
    differing = [key for key in forms[0].kinds if len({form.kinds[key] for form in forms}) > 1]
    return [", ".join(f"{key} a {form.kinds[key]}" for key in differing) for form in forms]


def _names_of(statement: s.Statement) -> list[str]:
    """Give the names of a statement by key, but ``T`` where it transposes and what is only differentiated."""
    signs = {_transpose_sign(part) for part in s.walk(*statement.sides)}
    operands = {part.bare for part in s.walk(*statement.sides) if isinstance(part, s.Derivative)}
    found: dict[str, None] = {}
    for part in s.walk(*statement.sides):
        if isinstance(part, s.Reference) and part not in signs | operands:
            found[part.key] = None
        elif isinstance(part, s.Derivative):
            found[part.wrt.key] = None
    return list(found)


def _kinds_of(key: str, is_left: bool, is_transposed: bool) -> _Kinds:
    """Give what a name may be, with what speaks against it; a capital is a vector only where it is transposed."""
    if is_capital(key):
        return _LEFT_CAPITAL if is_left else _CAPITAL[: 1 + is_transposed]
    if key[0].isascii() and len(key.rstrip("0123456789")) == 1:
        return _LEFT_LETTER if is_left else _LETTER
    return _LEFT_OTHER if is_left else _OTHER


def _transpose_sign(part: s.Part) -> s.Reference | None:
    """Give the ``T`` of a part that is ``X^T``, in brackets or not."""
    exponent = s.sole_reference(s.single(part.exponent)) if isinstance(part, s.Power) else None
    return exponent if exponent is not None and exponent.key == "T" and not exponent.indices else None


def _transposed_names(statement: s.Statement) -> set[str]:
    powers = (part for part in s.walk(*statement.sides) if isinstance(part, s.Power) and _transpose_sign(part))
    return {power.base.key for power in powers if isinstance(power.base, s.Reference)}


def _may_be_inverse(power: s.Power) -> bool:
    capitals = (isinstance(part, s.Reference) and is_capital(part.key) for part in s.walk(power.base))
    return power.negations > 0 and any(capitals)


@dataclass
class _Writer:
    """Writes a statement with indices where its names are of given kinds; ``edits`` are what changes in the text."""

    kinds: Mapping[str, Kind]
    dialect: Dialect
    names: set[str]
    edits: list[tuple[int, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.letters: Iterator[str] = iter([letter for letter in _LETTERS if letter not in self.names])

    def written(self, statement: s.Statement, text: str) -> str:
        left, right = self.shape(statement.lhs), self.shape(statement.rhs)
        is_row = (left, right) == (_COLUMN, _ROW)
        if left != right and not is_row:
            raise _NoFitError
        row = self.letter() if right.rows else None
        column = self.letter() if right.columns else None
        self.write(statement.lhs, *((column, None) if is_row else (row, column)))
        self.write(statement.rhs, row, column)
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def letter(self) -> str:
        letter = next(self.letters, None)
        if letter is None:
            raise _NoFitError
        return letter

    def shape(self, part: s.Part) -> _Shape:
        match part:
            case s.Number():
                return _SCALAR
            case s.Reference(indices=(), called=False) | s.Derivative(wrt=s.Reference(indices=())):
                if isinstance(part, s.Derivative) and (part.bare is None or part.bare.indices):
                    raise _NoFitError
                kind = self.kinds[part.wrt.key if isinstance(part, s.Derivative) else part.key]
                return _Shape(kind != "scalar", kind == "matrix")
            case s.Group(content=content):
                return self.shape(content)
            case s.Power(base=base) if _transpose_sign(part):
                shape = self.shape(base)
                if shape == _SCALAR:
                    raise _NoFitError
                return _Shape(*reversed(shape))
            case s.Power(base=base, exponent=exponent) if not _may_be_inverse(part):
                return self.same([_SCALAR, self.shape(base), self.shape(exponent)])
            case s.Call(function=function, arguments=(argument,)) if FUNCTIONS[function].arity == 1:
                return self.shape(argument)
            case s.Term(bound=()):
                return self.product(part)
            case s.Sum(terms=terms):
                return self.same(self.shape(term) for term in terms)
            case _:
                raise _NoFitError

    def same(self, shapes: Iterable[_Shape]) -> _Shape:
        first, *others = shapes
        if any(shape != first for shape in others):
            raise _NoFitError
        return first

    def product(self, term: s.Term) -> _Shape:
        found = _SCALAR
        for factor, over in zip(term.factors, term.over, strict=True):
            shape = self.shape(factor)
            if over and shape != _SCALAR:
                raise _NoFitError
            found = _times(found, shape)
        return found

    def write(self, part: s.Part, row: str | None, column: str | None) -> None:
        """Note what changes where a part has a row and a column of these letters."""
        match part:
            case s.Reference() | s.Derivative(wrt=s.Reference()):
                end = part.wrt.end if isinstance(part, s.Derivative) else part.end
                letters = [Index(letter) for letter in (row, column) if letter is not None]
                self.edits.append((end, end, self.dialect.script(letters)))
            case s.Power(base=base, exponent=exponent) if _transpose_sign(part):
                self.edits.append((base.end, exponent.end, ""))
                self.write(base, column, row)
            case s.Term(factors=factors):
                self.write_product(factors, row, column)
            case _:
                for below in s.parts_of(part):
                    self.write(below, row, column)

    def write_product(self, factors: tuple[s.Factor, ...], row: str | None, column: str | None) -> None:
        """Give each factor its letters: those that meet are one new letter."""
        shapes = [self.shape(factor) for factor in factors]
        before, open_ = _SCALAR, row
        for place, (factor, shape) in enumerate(zip(factors, shapes, strict=True)):
            first = open_ if before.columns and shape.rows else row
            before = _times(before, shape)
            closes = shape.columns and any(later.rows for later in shapes[place + 1 :])
            open_ = self.letter() if closes else column if shape.columns else None if shape.rows else open_
            self.write(factor, first if shape.rows else None, open_ if shape.columns else None)


def _times(left: _Shape, right: _Shape) -> _Shape:
    """Give the shape of a product: two matrices, a row and a column, a column and a row."""
    if _SCALAR in (left, right):
        return left if right == _SCALAR else right
    if left.columns != right.rows:
        raise _NoFitError
    return _Shape(left.rows, right.columns)
