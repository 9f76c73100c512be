"""The builder: Lark's parse of a side to the tree of matrix notation."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from lark import Token, Transformer

from einsgrad.frontend.lexis import read_number
from einsgrad.frontend.matrix import tree as t

if TYPE_CHECKING:
    _Transformer = Transformer[Token, t.Matrix]
else:
    _Transformer = Transformer

_DOTS = frozenset({"·", "⋅", r"\cdot"})
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class _List(NamedTuple):
    """Several expressions in one bracket: the arguments of a function."""

    start: int
    end: int
    parts: tuple[t.Matrix, ...]


class _Operator(NamedTuple):
    """``∂/∂x``: the derivative of all that follows in its product."""

    start: int
    end: int
    wrt: t.Symbol


_Item: TypeAlias = Any
"""A token or what a rule below made of its parts: Lark types neither."""


class BadTreeError(Exception):
    """What is said without a meaning: a code, a message, and the place."""

    def __init__(self, code: str, message: str, start: int, end: int, fix: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.start, self.end, self.fix = code, message, start, end, fix


class TreeBuilder(_Transformer):
    """One method a rule of ``grammar/matrix.lark``; the rules with an underscore are part of those around them."""

    def start(self, items: list[_Item]) -> t.Matrix:
        """Give the side."""
        return _one(items[0])

    def expression(self, items: list[_Item]) -> t.Matrix:
        """Give a sum, or its one term."""
        first, *rest = items
        terms = [first]
        for sign, term in zip(rest[::2], rest[1::2], strict=True):
            terms.append(t.Negative(sign.start_pos, term.end, term) if sign.type == "MINUS" else term)
        return t.Sum(first.start, terms[-1].end, tuple(terms)) if rest else first

    def term(self, items: list[_Item]) -> t.Matrix:
        """Give factors by element, with the sign before them."""
        _refuse_two_readings(items)
        signs, factors, over = _signs_before(items)
        value = factors[0]
        if len(factors) > 1:
            value = t.Hadamard(factors[0].start, factors[-1].end, tuple(factors), tuple(over))
        return _signed(signs, value)

    def product(self, items: list[_Item]) -> t.Matrix:
        """Give a product, and the derivative that an operator in it takes of all that follows it."""
        factors: list[t.Matrix] = []
        operators: list[str] = []
        pending: list[tuple[_Operator, int]] = []
        operator, signs = "", 0
        for item in items:
            match item:
                case Token(type="STAR" | "SLASH"):
                    operator = "/" if item.type == "SLASH" else "·" if item in _DOTS else "*"
                case Token(type="MINUS" | "PLUS"):
                    signs += item.type == "MINUS"
                case _Operator():
                    pending.append((item, len(factors)))
                case _:
                    factors.append(_negated(signs, _one(item)))
                    operators.append(operator)
                    operator, signs = "", 0
        for taken, at in reversed(pending):
            if at == len(factors):
                raise BadTreeError("unexpected-end", "the derivative of nothing: something has to follow", *taken[:2])
            operand = _product(factors[at:], ["", *operators[at + 1 :]])
            factors[at:] = [t.Derivative(taken.start, operand.end, operand, taken.wrt)]
            del operators[at + 1 :]
        return _product(factors, operators)

    def transpose(self, items: list[_Item]) -> t.Matrix:
        """Transpose."""
        of = _one(items[0])
        if isinstance(of, t.Number) and of.value == 1:
            of = t.Ones(of.start, of.end, None)
        return t.Transpose(of.start, items[1].end_pos, of)

    def inverse(self, items: list[_Item]) -> t.Matrix:
        """Invert, and transpose where the sign says so."""
        of = _one(items[0])
        inverse = t.Inverse(of.start, items[1].end_pos, of)
        return t.Transpose(of.start, inverse.end, inverse) if "1" not in items[1].replace("¹", "1") else inverse

    def power(self, items: list[_Item]) -> t.Matrix:
        """Raise to a power."""
        base, sign, *rest = items
        if sign.type == "RAISED":
            exponent: t.Matrix = t.Number(sign.start_pos, sign.end_pos, read_number(sign.translate(_DIGITS)))
            return t.Power(base.start, exponent.end, _one(base), exponent, False)
        signs, (exponent,), _ = _signs_before(rest)
        exponent = _signed(signs, exponent)
        return t.Power(base.start, exponent.end, _one(base), exponent, sign.type == "ECARET")

    def name(self, items: list[_Item]) -> t.Matrix:
        """Give a name; ``I`` may be the identity, which the declarations decide."""
        return _symbol(items[0])

    def number(self, items: list[_Item]) -> t.Matrix:
        """Give a number."""
        return t.Number(items[0].start_pos, items[0].end_pos, read_number(items[0]))

    def ones(self, items: list[_Item]) -> t.Matrix:
        """Give the vector of ones."""
        token = items[0]
        size = token.partition("_")[2].strip("{}")
        return t.Ones(token.start_pos, token.end_pos, size or None)

    def call(self, items: list[_Item]) -> t.Matrix:
        """Apply a function to what its brackets hold, or to the one factor that follows it."""
        function, argument = items
        parts = argument.parts if isinstance(argument, _List) else (_one(argument),)
        name, start = str(function), function.start_pos
        if name == "log" and isinstance(parts[0], t.Call) and parts[0].function == "det":
            return t.Call(start, argument.end, "logdet", parts[0].arguments)
        return t.Call(start, argument.end, name, parts)

    def group(self, items: list[_Item]) -> _List:
        """Give what stands in brackets."""
        parts = tuple(_one(item) for item in items if not isinstance(item, Token))
        return _List(items[0].start_pos, items[-1].end_pos, parts)

    def braces(self, items: list[_Item]) -> t.Matrix:
        """Give what stands in braces."""
        return _one(items[1])

    def fraction(self, items: list[_Item]) -> t.Matrix:
        r"""Divide: ``\frac{a}{b}``."""
        frac, above, below = items
        return t.Product(frac.start_pos, below.end, (above, below), ("", "/"))

    def root(self, items: list[_Item]) -> t.Matrix:
        """Take the square root."""
        return t.Call(items[0].start_pos, items[1].end, "sqrt", (items[1],))

    def norm(self, items: list[_Item]) -> t.Matrix:
        """Give a norm; what its subscript says is part of the closing sign."""
        kind = items[2].partition("_")[2].strip("{}\\ ")
        function = {"": "norm", "2": "norm", "F": "norm", "1": "norm1", "∞": "normInf", "infty": "normInf"}.get(kind)
        if function is None:
            message = f"there is no norm `{kind}` here: `‖A‖_F`, `‖x‖`, `‖x‖_1` are known"
            raise BadTreeError("norm", message, items[0].start_pos, items[2].end_pos)
        function = "normF" if kind == "F" else function
        return t.Call(items[0].start_pos, items[2].end_pos, function, (_one(items[1]),))

    def bars(self, items: list[_Item]) -> t.Matrix:
        """Give a determinant or an absolute value, which the shape decides."""
        return t.Call(items[0].start_pos, items[2].end_pos, "bars", (_one(items[1]),))

    def derivative(self, items: list[_Item]) -> t.Matrix:
        """Take the derivative."""
        (operand,) = (item for item in items if not isinstance(item, Token))
        return t.Derivative(items[0].start_pos, items[-1].end_pos, _one(operand), _wrt(items))

    def operator(self, items: list[_Item]) -> _Operator:
        """Give a derivative of what follows."""
        if items[0].type == "NABLA":
            token = items[0]
            return _Operator(token.start_pos, token.end_pos, t.Symbol(token.start_pos, token.end_pos, str(token)))
        return _Operator(items[0].start_pos, items[-1].end_pos, _wrt(items))


def _refuse_two_readings(items: Sequence[_Item]) -> None:
    """Refuse ``A .* B * C``: here ``⊙`` holds less than a product, in other systems ``.*`` holds as much."""
    for sign, right in itertools.pairwise(items):
        if not isinstance(sign, Token) or sign.type != "HADAMARD" or sign[0] != ".":
            continue
        factors = [f for f in right.factors if not isinstance(f, t.Number)] if isinstance(right, t.Product) else []
        if len(factors) > 1:
            message = f"`{sign}` before a product has two readings: write `(A {sign} B) * C` or `A {sign} (B * C)`"
            raise BadTreeError("ambiguous-product", message, sign.start_pos or 0, right.end)


def _one(item: t.Matrix | _List) -> t.Matrix:
    """Give the one expression that a bracket must hold where no function stands before it, brackets in its span."""
    if not isinstance(item, _List):
        return item
    if len(item.parts) > 1:
        message = "a comma stands between the arguments of a function only"
        raise BadTreeError("unexpected-token", message, item.start, item.end)
    return dataclasses.replace(item.parts[0], start=item.start, end=item.end)


def _symbol(token: Token) -> t.Matrix:
    start, end = token.start_pos, token.end_pos
    assert start is not None
    assert end is not None
    return t.Symbol(start, end, str(token))


def _wrt(items: Sequence[_Item]) -> t.Symbol:
    token = [item for item in items if isinstance(item, Token) and item.type == "NAME"][-1]
    return t.Symbol(token.start_pos or 0, token.end_pos or 0, str(token))


def _signs_before(items: Sequence[_Item]) -> tuple[list[Token], list[t.Matrix], list[bool]]:
    """Take apart signs, factors, and which of them the operators before divide by."""
    signs: list[Token] = []
    factors: list[t.Matrix] = []
    over: list[bool] = []
    divides, inner = False, 0
    for item in items:
        if not isinstance(item, Token):
            factors.append(_negated(inner, _one(item)))
            over.append(divides)
            divides, inner = False, 0
        elif item.type == "HADAMARD":
            divides = item in ("./", "⊘") or item.endswith("oslash")
        elif factors:
            inner += item.type == "MINUS"
        else:
            signs.append(item)
    return signs, factors, over


def _signed(signs: Sequence[Token], value: t.Matrix) -> t.Matrix:
    if sum(sign.type == "MINUS" for sign in signs) % 2 == 0:
        return value
    return t.Negative(signs[0].start_pos or 0, value.end, value)


def _negated(signs: int, value: t.Matrix) -> t.Matrix:
    return t.Negative(value.start, value.end, value) if signs % 2 else value


def _product(factors: Sequence[t.Matrix], operators: Sequence[str]) -> t.Matrix:
    if len(factors) == 1:
        return factors[0]
    return t.Product(factors[0].start, factors[-1].end, tuple(factors), tuple(operators))
