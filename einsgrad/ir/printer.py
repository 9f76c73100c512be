"""The printer: programs as text in the plain dialect, such that parsing the text gives the same program."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from fractions import Fraction
from typing import Any, assert_never

from einsgrad.ir.convention import is_implicit
from einsgrad.ir.nodes import (
    Apply,
    Delta,
    Derivative,
    Expr,
    Index,
    Literal,
    Max,
    One,
    Power,
    Product,
    Size,
    Sum,
    Tensor,
)
from einsgrad.ir.program import Claim, Definition, Program, split_gradient_name
from einsgrad.ir.traversal import stackless

_ONE_LETTER = re.compile(r"[^\W\d_][0-9]*'*")
# How tightly a text holds together: a sum, a product, a power, an atom.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)


def print_program(program: Program) -> str:
    """Give the program as text, one statement a line."""
    statements = [*map(print_definition, program.definitions), *map(print_claim, program.claims)]
    return "".join(line + "\n" for line in statements)


def print_definition(definition: Definition) -> str:
    """Give an equation as text.

    >>> from einsgrad.ir import build
    >>> i, j = Index("i"), Index("j")
    >>> rhs = build.product([build.tensor("x", [i, j]), build.tensor("w", [j])], [j])
    >>> print_definition(Definition("y", (i,), rhs))
    'y_i = x_ij w_j'
    """
    return f"{print_tensor(definition.name, definition.indices)} = {print_expression(definition.rhs)}"


def print_claim(claim: Claim) -> str:
    """Give a claim as text."""
    stated = f" (no sum {', '.join(map(str, claim.free))})" if claim.stated else ""
    return f"{print_expression(claim.lhs)} == {print_expression(claim.rhs)}{stated}"


def print_expression(node: Expr) -> str:
    """Give an expression as text."""
    sign, text, _ = _print(node)
    return sign + text


def print_tensor(name: str, indices: Sequence[Index]) -> str:
    """Give a tensor with its indices, in the shortest form that reads back.

    >>> print_tensor("x", [Index("i"), Index("j1")]), print_tensor("x", [Index("hid")]), print_tensor("W_in", [])
    ('x_ij1', 'x_{hid,}', 'W_in[]')
    """
    parts = split_gradient_name(name)
    if parts:
        return f"∂{print_tensor(parts[0], ())}/∂{print_tensor(parts[1], indices)}"
    if "_" in name:
        return f"{name}[{','.join(map(str, indices))}]"
    return name + _subscript(indices)


def _subscript(indices: Sequence[Index]) -> str:
    if not indices:
        return ""
    if all(_ONE_LETTER.fullmatch(i.name) for i in indices):
        return "_" + "".join(map(str, indices))
    return "_{" + ",".join(map(str, indices)) + ("," if len(indices) == 1 else "") + "}"


def print_number(value: Fraction) -> str:
    """Give a number that is not negative: a decimal where that is exact and a fraction reads no better.

    >>> [print_number(Fraction(v)) for v in ("2", "1/2", "1/3", "0.1", "1e-5")]
    ['2', '1/2', '1/3', '0.1', '1e-5']
    """
    if value.denominator == 1:
        return str(value.numerator)
    remaining = value.denominator
    for prime in (2, 5):
        while remaining % prime == 0:
            remaining //= prime
    if remaining != 1 or value.denominator < 10:
        return f"{value.numerator}/{value.denominator}"
    if Fraction(repr(float(value))) == value:
        return re.sub(r"e-0(\d)$", r"e-\1", repr(float(value)))
    digits = 1
    while (value * 10**digits).denominator != 1:
        digits += 1
    return f"{(value * 10**digits).numerator}e-{digits}"


@stackless
def _print(node: Expr) -> Generator[tuple[Any, ...], Any, tuple[str, str, int]]:
    """Give a sign, the text after it, and how tightly the text holds."""
    match node:
        case Literal(value=value):
            text = print_number(abs(value))
            return ("-" if value < 0 else ""), text, _PRODUCT if "/" in text else _ATOM
        case Size(index=index):
            return "", f"|{index}|", _ATOM
        case Tensor(name=name, indices=indices):
            return "", print_tensor(name, indices), _PRODUCT if split_gradient_name(name) else _ATOM
        case Delta(indices=indices):
            return "", "δ" + _subscript(indices), _ATOM
        case One(indices=indices):
            return "", "1" + _subscript(indices), _ATOM
        case Power(base=base, exponent=Literal(value=value)) if value == -1 and not isinstance(base, Literal):
            return "", "1" + _over((yield (base,))), _PRODUCT
        case Power(base=base, exponent=exponent):
            below = bracket((yield (base,)), _ATOM)
            sign, text, level = yield (exponent,)
            above = sign + text if level == _ATOM else f"({sign}{text})"
            return "", f"{below}^{above}", _POWER
        case Apply(function=function, args=args):
            texts = []
            for argument in args:
                sign, text, _ = yield (argument,)
                texts.append(sign + text)
            return "", f"{function}({', '.join(texts)})" if texts else function, _ATOM
        case Derivative(operand=operand, wrt=wrt):
            sign, text, _ = yield (operand,)
            plain = isinstance(operand, Apply) or (
                isinstance(operand, Tensor) and not split_gradient_name(operand.name)
            )
            over = text if plain else f"({sign}{text})"
            return "", f"∂{over}/∂{print_tensor(wrt.name, wrt.indices)}", _PRODUCT
        case Max(operand=operand, over=over):
            sign, text, _ = yield (operand,)
            return "", f"max{_subscript(over)}({sign}{text})", _ATOM
        case Sum(terms=terms):
            pieces: list[str] = []
            for term in terms:
                sign, text, level = yield (term,)
                if level == _SUM:
                    sign, text = "", f"({sign}{text})"
                pieces.append((f" {sign or '+'} " if pieces else sign) + text)
            return "", "".join(pieces), _SUM
        case Product(factors=factors):
            printed = []
            for position, factor in enumerate(factors):
                printed.append((yield (denominator(factors, position) or factor,)))
            return _print_product(node, printed)
        case _:
            assert_never(node)


def bracket(printed: tuple[str, str, int], least: int) -> str:
    """Put brackets around a text that holds less tightly than ``least``, or has a sign."""
    sign, text, level = printed
    return f"({sign}{text})" if sign or level < least else text


def denominator(factors: Sequence[Expr], position: int) -> Expr | None:
    """Give ``b`` of a factor ``b ^ -1``, which prints as a division by ``b``; ``None`` for other factors.

    A number that follows nothing, or a leading number, is no denominator: ``2/3`` reads as one number.
    """
    match factors[position]:
        case Power(base=base, exponent=Literal(value=value)) if value == -1:
            after_tensor = position > 1 or (position == 1 and not isinstance(factors[0], Literal))
            return base if after_tensor or not isinstance(base, Literal) else None
        case _:
            return None


def _print_product(node: Product, printed: list[tuple[str, str, int]]) -> tuple[str, str, int]:
    explicit = [i for i in node.summed if not is_implicit(node, i)]
    sign, text, start = _leading(node, printed, bool(explicit))
    for position in range(start, len(printed)):
        text += _factor(node.factors, printed, position, first=not text)
    if explicit:
        text = f"sum{_subscript(explicit)} {text}"
    return sign, text, _PRODUCT


def _leading(node: Product, printed: list[tuple[str, str, int]], explicit: bool) -> tuple[str, str, int]:
    """Print a leading number as sign and text; give also the position of the first factor that is left.

    A factor -1 becomes a bare sign unless the reader would take sign and next factor for something else.
    """
    factors = node.factors
    first = factors[0]
    if not isinstance(first, Literal):
        return "", "", 0
    following = factors[1] if len(factors) > 1 else None
    if first.value == -1 and following is not None:
        alone = isinstance(following, Product) and len(factors) == 2
        if not (denominator(factors, 1) or isinstance(following, Literal) or alone):
            return "-", "", 1
    sign, text, _ = printed[0]
    if explicit and sign:
        return "", f"({sign}{text})", 1
    if sign and isinstance(following, Literal | Product):
        return "", f"({sign}{text})", 1
    return sign, text, 1


def _factor(factors: Sequence[Expr], printed: list[tuple[str, str, int]], position: int, first: bool) -> str:
    factor = factors[position]
    divisor = denominator(factors, position)
    if divisor is not None:
        number = factors[0] if position == 1 and isinstance(factors[0], Literal) else None
        if number is not None and number.value == 1:
            return f" (1{_over(printed[position])})"
        return ("1" if first else "") + _over(printed[position])
    text = bracket(printed[position], _PRODUCT if is_gradient(factor) else _POWER)
    if first:
        return text
    starts_with_number = isinstance(factor, Literal) or (isinstance(factor, Power) and isinstance(factor.base, Literal))
    return f" * {text}" if starts_with_number else f" {text}"


def _over(printed: tuple[str, str, int]) -> str:
    below = bracket(printed, _POWER)
    return f"/{below}" if _ONE_WORD.fullmatch(below) else f" / {below}"


_ONE_WORD = re.compile(r"[^\s()+]*")


def is_gradient(node: Expr) -> bool:
    """Tell whether a factor prints as ``∂…/∂…``, which needs no brackets among factors."""
    return isinstance(node, Derivative) or (isinstance(node, Tensor) and split_gradient_name(node.name) is not None)
