"""The tree builder: what the parser calls to put the surface tree together, leaves first.

Nothing here has state, so one parser serves all threads. A part that is malformed becomes a `Wrong` that says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from lark import Token, Transformer

from einsgrad.frontend import surface as s
from einsgrad.frontend.conditions import (
    compared,
    is_condition,
    is_range,
    joined,
    opposite_of,
    read_range,
    with_positions,
)
from einsgrad.frontend.lexis import (
    MAX_DEPTH,
    LexicalError,
    Subscript,
    canonical,
    counted,
    read_exponent,
    read_number,
    read_reference,
    read_subscript,
    read_words,
)
from einsgrad.frontend.matrix_functions import MatrixCall, function_of, matrix_function
from einsgrad.ir.conditions import AND, OR
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.matrix_functions import MATRIX_FUNCTIONS

_P = TypeVar("_P")
_DEEP = f"signs or sums are nested more than {MAX_DEPTH} deep"


@dataclass(frozen=True, slots=True)
class SumMark:
    """``sum_i``, before it is known what it sums."""

    start: int
    end: int
    letters: tuple[s.Letter, ...]
    conditions: tuple[s.Factor, ...] = ()


@dataclass(frozen=True, slots=True)
class OperatorMark:
    """``max_j`` without brackets, before it is known what it takes."""

    start: int
    end: int
    function: str
    letters: tuple[s.Letter, ...]


class TreeBuilder(Transformer[Token, Any]):
    """One method for each rule of the grammar; each takes what the rule matched."""

    def bare(self, children: list[Any]) -> s.Wrong:
        """Refuse a statement that states nothing."""
        content: s.Content = children[0]
        message = "no equation and no claim: no `=`, no `==` (a line that goes on ends in an operator)"
        return s.Wrong(content.start, content.end, "no-equation", message)

    def equation(self, children: list[Any]) -> s.Statement | s.Wrong:
        """``lhs = rhs``."""
        return self._statement(False, children)

    def claim(self, children: list[Any]) -> s.Statement | s.Wrong:
        """``lhs == rhs``."""
        return self._statement(True, children)

    def _statement(self, is_claim: bool, children: list[Any]) -> s.Statement | s.Wrong:
        lhs, rhs, token = children
        if token is None:
            return with_positions(s.Statement(0, rhs.end, is_claim, lhs, rhs))
        start, end = _place(token)
        words = token.index("sum") + 3
        try:
            stated = _letters_of(read_words(token[words:-1], words), start)
            return with_positions(s.Statement(0, end, is_claim, lhs, rhs, stated))
        except LexicalError as mistake:
            return wrong(mistake, start)

    def expression(self, children: list[Any]) -> s.Content:
        """Terms, added or subtracted."""
        return add_terms(children)

    def term(self, children: list[Any]) -> s.Term:
        """Signs, factors and operators."""
        return build_term(children, _start(children[0]), _end(children[-1]))

    def mark(self, children: list[Token]) -> SumMark | s.Wrong:
        """``sum_i``, ``sum_{j < i}``."""
        if is_range(children[0]):
            return _decoded(children[0], _range_at)
        return _decoded(
            children[0], lambda text, at: SumMark(at, at + len(text), _letters_of(read_subscript(text), at))
        )

    def bare_operator(self, children: list[Token]) -> OperatorMark | s.Wrong:
        """``max_j`` before a factor."""
        return _decoded(children[0], _operator_mark)

    def operator(self, children: list[Any]) -> s.Factor:
        """``max_j(…)``."""
        name, _, contents, closer = children
        mark = _decoded(name, _operator_mark)
        if isinstance(mark, s.Wrong):
            return mark
        if len(contents) != 1:
            message = f"`{mark.function}` over letters takes 1 argument, not {len(contents)}"
            return s.Wrong(mark.start, closer.end_pos, "arity", message)
        return s.Operator(mark.start, closer.end_pos, mark.function, contents[0], mark.letters)

    def power(self, children: list[Any]) -> s.Factor:
        """``base ^ exponent``."""
        base, exponent = children[0], children[-1]
        negations = 0
        if isinstance(exponent, Token):
            exponent, negations = _raised(exponent)
        start, end = children[0].start, exponent.end
        if isinstance(base, s.Power):
            return s.Wrong(start, end, "power-chain", "`^` does not chain: put one of the powers in brackets")
        if isinstance(base, s.Derivative):
            return s.Wrong(start, end, "derivative-power", "to raise a derivative to a power put it in brackets")
        signs = [sign for sign in children[2:-1] if sign.type == "MINUS"]
        if len(signs) > MAX_DEPTH:
            return s.Wrong(start, end, "nesting-deep", _DEEP)
        return s.Power(start, end, base, exponent, negations + len(signs))

    def derivative(self, children: list[Any]) -> s.Factor:
        """``∂ operand / ∂ wrt``."""
        operand, wrt = children[1], self.reference(children[-1:])
        if isinstance(wrt, s.Gather):
            return _by_positions(wrt)
        if isinstance(wrt, s.Wrong):
            return wrt
        content = operand.content if isinstance(operand, s.Group) else s.single(operand)
        return s.Derivative(children[0].start_pos, wrt.end, content, wrt)

    def number(self, children: list[Token]) -> s.Factor:
        """``2``, ``1e-5``."""
        return _decoded(children[0], lambda text, at: s.Number(at, at + len(text), read_number(text)))

    def size(self, children: list[Token]) -> s.Factor:
        """``|h|``."""
        token = children[0]
        start, end = _place(token)
        inner = token[1:-1].strip()
        try:
            letters = _letters_of(read_words(token[1:-1], 1), start)
        except LexicalError:
            letters = ()
        if len(letters) == 1:
            return s.SizeOf(start, end, letters[0])
        message = f"`|…|` is the size of one index; the absolute value is `abs({inner or '…'})`"
        return s.Wrong(start, end, "bars", message, f"abs({inner})" if inner else None)

    def one(self, children: list[Token]) -> s.Factor:
        """``1_ij``."""
        return _decoded(children[0], lambda text, at: s.One(at, at + len(text), _letters_of(read_subscript(text), at)))

    def reference(self, children: list[Token]) -> s.Reference | s.Gather | s.Wrong:
        """``x_ij``, ``x_{t_b,j}``."""
        return _decoded(children[0], _reference_at)

    def called(self, children: list[Token]) -> s.Reference | s.Wrong:
        """A name directly before a bracket."""
        return _decoded(children[0], _called_at)

    def arguments(self, children: list[Any]) -> list[s.Content]:
        """Expressions with commas between them."""
        return children

    def comparison(self, children: list[Any]) -> s.Factor:
        """``i <= j < k``."""
        pairs = zip(children[::2], children[1::2], children[2::2], strict=False)
        return joined(AND, [compared(left, str(sign), right) for left, sign, right in pairs])

    def equality(self, children: list[s.Content]) -> s.Factor:
        """``i == j``."""
        return compared(children[0], "==", children[1])

    def negated(self, children: list[Any]) -> s.Factor:
        """``not i < j``."""
        return opposite_of(children[1])

    def nested(self, children: list[Any]) -> s.Factor:
        """``(i < j or j < k)`` inside a condition; ``-(i < j)`` is none."""
        *signs, _, inner, closer = children
        if signs:
            message = "a condition has no sign: its opposite is `not (…)`"
            return s.Wrong(signs[0].start_pos, closer.end_pos, "condition", message)
        found: s.Factor = inner
        return found

    def conjunction(self, children: list[Any]) -> s.Factor:
        """Conditions that all hold."""
        return joined(AND, children[::2])

    def disjunction(self, children: list[Any]) -> s.Factor:
        """Conditions of which one holds."""
        return joined(OR, children[::2])

    def condition(self, children: list[Any]) -> s.Factor:
        """``[i <= j]``."""
        opener, inner, closer = children
        return replace(inner, start=opener.start_pos, end=closer.end_pos) if isinstance(inner, s.Call) else inner

    def group(self, children: list[Any]) -> s.Factor:
        """An expression in brackets."""
        opener, contents, closer = children
        start, end = opener.start_pos, closer.end_pos
        if len(contents) == 1:
            return s.Group(start, end, contents[0])
        message = "a comma stands between the arguments of a known function, and here is none"
        return s.Wrong(start, end, "comma", message)

    def component(self, children: list[Any]) -> s.Factor:
        """``(a^T)_ji``, which is ``a_ij``."""
        group, token = children
        letters = _decoded(token, lambda text, at: _letters_of(read_subscript(text), at))
        of = _transposed(group)
        inverted = _inverted(group)
        if inverted is not None and not isinstance(letters, s.Wrong):
            end = _place(token)[1]
            return matrix_function(MatrixCall(group.start, end, "inv", [s.single(inverted)], (), letters))
        if isinstance(letters, s.Wrong):
            return letters
        end = _place(token)[1]
        if of is None or len(letters) != 2:
            message = (
                "only a transpose in brackets has indices, two of them, as in `(a^T)_ji`: write them on the tensors"
            )
            return s.Wrong(group.start, end, "index-bracket", message)
        return s.Reference(group.start, end, of.key, of.spelling, letters[::-1])

    def matrix(self, children: list[Any]) -> s.Factor:
        """``inv(A)_ij``, ``logdet_ij(…)``."""
        name, _, contents, closer, below = children
        start, end = _place(name)[0], closer.end_pos if below is None else _place(below)[1]
        function = next(known for known in MATRIX_FUNCTIONS if name.startswith(known))
        slots = _decoded(name, _letters_at) if name.type == "OVER" else ()
        indices = _decoded(below, _letters_at) if below is not None else ()
        if isinstance(slots, s.Wrong):
            return slots
        if isinstance(indices, s.Wrong):
            return indices
        return matrix_function(MatrixCall(start, end, function, contents, slots, indices))

    def call(self, children: list[Any]) -> s.Factor:
        """A function of its arguments; ``diff`` is a derivative."""
        name, _, contents, closer = children
        start, end = name.start_pos, closer.end_pos
        if name != "diff" and name not in FUNCTIONS:
            return s.Call(start, end, canonical(name.removeprefix("\\")), tuple(contents))
        wanted = 2 if name == "diff" else FUNCTIONS[name].arity
        if len(contents) != wanted:
            message = f"`{name}` takes {counted(wanted, 'argument')}, not {len(contents)}"
            return s.Wrong(start, end, "arity", message)
        if name != "diff":
            return function_of(s.Call(start, end, str(name), tuple(contents)))
        wrt = s.sole_reference(contents[1])
        if wrt is None:
            message = "the second argument of `diff` is a tensor with new indices, as in `diff(y_i, x_p)`"
            return s.Wrong(contents[1].start, contents[1].end, "derivative-by", message)
        return s.Derivative(start, end, contents[0], wrt)


def add_terms(children: Sequence[Any]) -> s.Content:
    """Put a sum together from terms and the signs between them; one term is no sum."""
    negated = False
    terms = []
    for child in children:
        if isinstance(child, Token):
            negated = child.type == "MINUS"
            continue
        terms.append(_negated(child) if negated else child)
    if len(terms) == 1:
        return terms[0]
    return s.Sum(terms[0].start, terms[-1].end, tuple(terms))


def build_term(children: Sequence[Any], start: int, end: int) -> s.Term:
    """Put a product together from signs, operators, factors and marks of explicit sums."""
    return _TermBuilder(_with_operators(children, end), start).build(end)


def _with_operators(children: Sequence[Any], end: int) -> Sequence[Any]:
    """Give an operator without brackets the one factor that follows; several could be its operand or beside it."""
    for position, mark in enumerate(children):
        if isinstance(mark, OperatorMark):
            rest = children[position + 1 :]
            if len(rest) == 1 and not isinstance(rest[0], Token | SumMark | OperatorMark):
                operator = s.Operator(mark.start, rest[0].end, mark.function, s.single(rest[0]), mark.letters)
                return [*children[:position], operator]
            message = (
                f"`{mark.function}` without brackets takes one factor, and here is not just one: write brackets around "
                f"what it takes, `{mark.function}_j(a_j b_j)` or `{mark.function}_j(a_j) b_j`"
            )
            return [*children[:position], s.Wrong(mark.start, end, "operator-factors", message)]
    return children


class _TermBuilder:
    """Puts a product together from signs, operators, factors and marks of explicit sums, from left to right.

    A mark after nothing but numbers binds the whole product; after other factors, the rest becomes a group.
    """

    def __init__(self, children: Sequence[Any], start: int) -> None:
        self.children = children
        self.levels: list[tuple[int, list[s.Factor], list[bool], list[s.Letter]]] = [(start, [], [], [])]
        self.negations = 0

    def build(self, end: int) -> s.Term:
        operator = "STAR"
        for child in self.children:
            if not isinstance(child, Token):
                self._add(child, operator)
                operator = ""
            elif child.type == "MINUS":
                self.negations += 1
            elif child.type != "PLUS":
                operator = child.type
        return self._close(end)

    def _add(self, child: s.Factor | SumMark, operator: str) -> None:
        _, factors, over, bound = self.levels[-1]
        divides = operator == "SLASH"
        if isinstance(child, SumMark):
            if divides:
                message = "an explicit sum in a denominator needs brackets"
                factors.append(s.Wrong(child.start, child.end, "sum-denominator", message))
                over.append(False)
                return
            if not all(isinstance(f, s.Number) or is_condition(f) for f in factors):
                self.levels.append((child.start, [], [], []))
            _, factors, over, bound = self.levels[-1]
            bound.extend(child.letters)
            factors.extend(child.conditions)
            over.extend(False for _ in child.conditions)
            return
        if not operator and _begins_with_number(child) and factors and isinstance(factors[-1], s.Number):
            child = s.Wrong(child.start, child.end, "number-number", "two numbers in a row: put `*` between them")
        factors.append(child)
        over.append(divides)

    def _close(self, end: int) -> s.Term:
        if len(self.levels) > MAX_DEPTH or self.negations > MAX_DEPTH:
            start = self.levels[0][0]
            return s.single(s.Wrong(start, end, "nesting-deep", _DEEP))
        while True:
            start, factors, over, bound = self.levels.pop()
            if bound and not factors:
                factors, over = (
                    [
                        s.Wrong(
                            start,
                            end,
                            "sum-empty",
                            "an explicit sum with nothing after it (brackets go around what begins with a sign)",
                        )
                    ],
                    [False],
                )
            if not self.levels:
                return s.Term(start, end, tuple(factors), tuple(over), tuple(bound), self.negations)
            inner = s.Term(start, end, tuple(factors), tuple(over), tuple(bound), 0)
            self.levels[-1][1].append(s.Group(start, end, inner))
            self.levels[-1][2].append(False)


def _operator_mark(text: str, at: int) -> OperatorMark:
    function = re.match("[a-z]+", text)
    assert function, text
    return OperatorMark(at, at + len(text), function[0], _letters_of(read_subscript(text), at))


def _begins_with_number(factor: s.Factor) -> bool:
    return isinstance(factor, s.Number) or (isinstance(factor, s.Power) and isinstance(factor.base, s.Number))


def _place(token: Token) -> tuple[int, int]:
    assert token.start_pos is not None
    return token.start_pos, token.start_pos + len(token)


def _start(child: Token | s.Factor | SumMark) -> int:
    return _place(child)[0] if isinstance(child, Token) else child.start


def _end(child: Token | s.Factor | SumMark) -> int:
    return _place(child)[1] if isinstance(child, Token) else child.end


def _negated(term: s.Term) -> s.Term:
    return s.Term(term.start, term.end, term.factors, term.over, term.bound, term.negations + 1)


def _transposed(group: s.Factor) -> s.Reference | None:
    """Give the tensor of ``(a^T)``."""
    power = s.sole_factor(group.content) if isinstance(group, s.Group) else None
    match power:
        case s.Power(base=s.Reference(indices=()) as base, exponent=s.Reference(key="T", indices=()), negations=0):
            return base
        case _:
            return None


def _letters_at(text: str, at: int) -> tuple[s.Letter, ...]:
    return _letters_of(read_subscript(text), at)


def _range_at(text: str, at: int) -> SumMark:
    """Read ``sum_{j < i}``: it sums the first letter, and its conditions are factors."""
    opener = text.index("{") if "{" in text else text.index("[")
    found = read_range(text[opener + 1 : -1], at + opener + 1)
    if found is None:
        message = "the range of a sum compares the summed letter with letters or numbers, as in `sum_{j < i}`"
        raise LexicalError("sum-range", message, 0, len(text))
    letter, conditions = found
    return SumMark(at, at + len(text), (letter,), conditions)


def _inverted(group: s.Factor) -> s.Reference | None:
    """Give the tensor of ``(A^-1)``."""
    match s.sole_factor(group.content) if isinstance(group, s.Group) else None:
        case s.Power(base=s.Reference(indices=()) as base, exponent=s.Number(value=value), negations=1) if value == 1:
            return base
        case _:
            return None


def _raised(token: Token) -> tuple[s.Factor, int]:
    """Give the exponent that raised digits are, and the number of signs before it."""
    is_negative = False

    def decode(text: str, at: int) -> s.Number:
        nonlocal is_negative
        value, is_negative = read_exponent(text)
        return s.Number(at, at + len(text), value)

    exponent = _decoded(token, decode)
    return exponent, int(is_negative)


def _letters_of(subscripts: Sequence[Subscript], at: int) -> tuple[s.Letter, ...]:
    """Give the letters that subscripts are.

    Raises:
        LexicalError: one is a tensor, where a letter has to stand.
    """
    for i in subscripts:
        if not i.is_index:
            message = f"a letter stands here: positions such as those of `{i.spelling}` stand below a tensor or `δ`"
            raise LexicalError("positions", message, i.start, i.end)
    return tuple(s.Letter(at + i.start, at + i.end, canonical(i.spelling), i.spelling) for i in subscripts)


def _called_at(text: str, at: int) -> s.Reference:
    name, subscripts = read_reference(text)
    return s.Reference(at, at + len(text), canonical(name), name, _letters_of(subscripts, at), True)


def _reference_at(text: str, at: int) -> s.Reference | s.Gather:
    name, subscripts = read_reference(text)
    end, key = at + len(text), canonical(name)
    if all(i.is_index for i in subscripts):
        return s.Reference(at, end, key, name, _letters_of(subscripts, at))
    letters = tuple(s.Letter(at + i.start, at + i.end, canonical(i.spelling), i.spelling) for i in subscripts)
    parts = (_subscript(letter, i, at) for letter, i in zip(letters, subscripts, strict=True))
    return s.Gather(at, end, s.Reference(at, end, key, name, letters), tuple(parts))


def _subscript(letter: s.Letter, found: Subscript, at: int) -> s.Subscript:
    if found.terms:
        letters = _letters_of([letter for letter, _ in found.terms], at)
        return s.Affine(letters, tuple(c for _, c in found.terms), found.number or 0)
    if found.number is not None:
        return found.number
    if not found.indices:
        return letter
    return s.Reference(letter.start, letter.end, letter.key, letter.spelling, _letters_of(found.indices, at))


def _by_positions(wrt: s.Gather) -> s.Wrong:
    message = "a derivative is taken by all components of a tensor: its indices are new letters"
    return s.Wrong(wrt.start, wrt.end, "derivative-by", message)


def _decoded(token: Token, decode: Callable[[str, int], _P]) -> _P | s.Wrong:
    """Give what ``decode`` makes of a token's text and place, or what is wrong with it."""
    start, _ = _place(token)
    try:
        return decode(str(token), start)
    except LexicalError as mistake:
        return wrong(mistake, start)


def wrong(mistake: LexicalError, at: int) -> s.Wrong:
    """Make the part that a token is which begins at ``at`` and has a mistake in it."""
    return s.Wrong(at + mistake.start, at + mistake.end, mistake.code, mistake.message, mistake.fix)
