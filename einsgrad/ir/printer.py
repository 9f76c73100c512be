"""The printer: programs as text in the plain dialect, such that parsing the text gives the same program."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from fractions import Fraction
from typing import Any, assert_never

from einsgrad.ir.conditions import AND, MASK, OR, SIGNS, comparison
from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import (
    Affine,
    Apply,
    Delta,
    Derivative,
    Expr,
    Gather,
    Index,
    Iota,
    Literal,
    MatrixFunction,
    One,
    Power,
    Product,
    Reduction,
    Selector,
    Size,
    Subscript,
    Sum,
    Tensor,
)
from einsgrad.ir.notation import Level, are_letters, arrange, is_bare_operand, is_gradient
from einsgrad.ir.reductions import REDUCTIONS
from einsgrad.ir.traversal import stackless

_ONE_WORD = re.compile(r"[^\s()+]*")


def print_equations(
    definitions: Sequence[Definition], claims: Sequence[Claim] = (), facts: Sequence[Claim] = ()
) -> str:
    """Give equations, then claims, then facts, as text, one statement a line."""
    statements = [*map(print_definition, definitions), *map(print_claim, claims), *map(print_fact, facts)]
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
    return f"{print_expression(claim.lhs)} {claim.relation} {print_expression(claim.rhs)}{stated}"


def print_fact(fact: Claim) -> str:
    """Give a claim that is given as text."""
    return f"given {print_claim(fact)}"


def print_expression(node: Expr) -> str:
    """Give an expression as text."""
    sign, text, _ = _print(node)
    return sign + text


def print_tensor(name: str, indices: Sequence[Subscript]) -> str:
    """Give a tensor with its indices, in the shortest form that reads back.

    >>> print_tensor("x", [Index("i"), Index("j1")]), print_tensor("x", [Index("hid")]), print_tensor("W_in", [])
    ('x_ij1', 'x_{hid,}', 'W_in[]')
    """
    parts = split_gradient_name(name)
    if parts:
        return f"∂{print_tensor(parts[0], ())}/∂{print_tensor(parts[1], indices)}"
    if "_" in name or any(isinstance(i, Literal) for i in indices):
        return f"{name}[{','.join(map(_subscript_text, indices))}]"
    return name + _subscript(indices)


def _subscript(indices: Sequence[Subscript]) -> str:
    if not indices:
        return ""
    letters = [i for i in indices if isinstance(i, Index)]
    if len(letters) == len(indices) and are_letters(letters):
        return "_" + "".join(map(str, letters))
    lone = len(indices) == 1 and not isinstance(indices[0], Affine)
    return "_{" + ",".join(map(_subscript_text, indices)) + ("," if lone else "") + "}"


def _subscript_text(subscript: Subscript) -> str:
    if isinstance(subscript, Literal):
        return str(subscript.value)
    if isinstance(subscript, Affine):
        return str(subscript)
    return str(subscript) if isinstance(subscript, Index) else print_tensor(subscript.name, subscript.indices)


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
def _print(node: Expr) -> Generator[tuple[Any, ...], Any, tuple[str, str, Level]]:
    """Give a sign, the text after it, and how tightly the text holds."""
    match node:
        case Literal(value=value):
            text = print_number(abs(value))
            return ("-" if value < 0 else ""), text, Level.PRODUCT if "/" in text else Level.ATOM
        case Size() | Delta() | One() | Iota() | Gather() | Selector():
            return "", _lettered(node), Level.ATOM
        case Tensor(name=name, indices=indices):
            return "", print_tensor(name, indices), Level.PRODUCT if is_gradient(node) else Level.ATOM
        case Power(base=base, exponent=Literal(value=value)) if value == -1 and not isinstance(base, Literal):
            return "", "1" + _over((yield (base,))), Level.PRODUCT
        case Power(base=base, exponent=exponent):
            below = bracket((yield (base,)), Level.ATOM)
            sign, text, level = yield (exponent,)
            # `s^1_i` and `s^n_i` would look like an `s` with an index after its power, and so would `δ_i'j^1_i`.
            looks_like_index = exponent.free and ("'" in below or (below.isidentifier() and not base.free))
            is_bare = level == Level.ATOM and not looks_like_index
            above = sign + text if is_bare else f"({sign}{text})"
            return "", f"{below}^{above}", Level.POWER
        case Apply(function=function) if function in SIGNS:
            return "", f"[{(yield from _condition(node))}]", Level.ATOM
        case Apply(function=function, args=args) if function != MASK:
            texts = []
            for argument in args:
                sign, text, _ = yield (argument,)
                texts.append(sign + text)
            return "", f"{function}({', '.join(texts)})" if texts else function, Level.ATOM
        case Derivative(operand=operand, wrt=wrt):
            sign, text, _ = yield (operand,)
            over = text if is_bare_operand(operand) else f"({sign}{text})"
            return "", f"∂{over}/∂{print_tensor(wrt.name, wrt.indices)}", Level.PRODUCT
        case Reduction(operand=operand) | MatrixFunction(operand=operand):
            sign, text, _ = yield (operand,)
            return "", _with_letters(node, sign + text), Level.ATOM
        case Sum(terms=terms):
            pieces: list[str] = []
            for term in terms:
                sign, text, level = yield (term,)
                if level == Level.SUM:
                    sign, text = "", f"({sign}{text})"
                pieces.append((f" {sign or '+'} " if pieces else sign) + text)
            return "", "".join(pieces), Level.SUM
        case Product() | Apply():
            shown = arrange(node)
            text = f"sum{_subscript(shown.sums)} " if shown.sums else ""
            follows = False
            for factor in shown.factors:
                printed = yield (factor.node,)
                if factor.divides:
                    text += ("" if follows else "1") + _over(printed)
                else:
                    text += (" * " if factor.dotted else " " if follows else "") + bracket(printed, factor.least)
                follows = True
            return "-" if shown.negative else "", text, Level.PRODUCT
        case _:
            assert_never(node)


def _condition(node: Expr, inner: bool = False) -> Generator[tuple[Any, ...], Any, str]:
    """Write what stands in the square brackets of a condition."""
    match node:
        case Apply(function=function, args=(left, right)) if function in (AND, OR):
            first = yield from _condition(left, inner=True)
            second = yield from _condition(right, inner=True)
            text = f"{first} {'and' if function == AND else 'or'} {second}"
            return f"({text})" if inner else text
        case _:
            left, sign, right = comparison(node)
            return f"{(yield from _side(left))} {sign} {(yield from _side(right))}"


def _side(node: Expr) -> Generator[tuple[Any, ...], Any, str]:
    """Write a side of a comparison: a letter stands for its position, unless it has a prime, which no name has."""
    if isinstance(node, Iota) and node.index.name.isalnum():
        return node.index.name
    sign, text, _ = yield (node,)
    return str(sign + text)


def _lettered(node: Size | Delta | One | Iota | Gather | Selector) -> str:
    """Write a factor that is told by its letters."""
    match node:
        case Size(index=index):
            return f"|{index}|"
        case Iota(index=index):
            return "iota" + _subscript([index])
        case Gather(operand=operand, subscripts=subscripts):
            return print_tensor(operand.name, subscripts)
        case Selector(index=index, position=position):
            return print_tensor("δ", [index, position])
        case Delta(indices=indices) | One(indices=indices):
            return ("δ" if isinstance(node, Delta) else "1") + _subscript(indices)


def _with_letters(node: Reduction | MatrixFunction, operand: str) -> str:
    """Write what names letters of its operand; of a matrix that is one tensor the name says it all."""
    if isinstance(node, Reduction):
        return f"{REDUCTIONS[node.function].name}{_subscript(node.over)}({operand})"
    if node.is_bare and isinstance(node.operand, Tensor):
        return f"{node.function}({print_tensor(node.operand.name, ())}){_subscript(node.indices)}"
    kept = "" if node.slots == node.indices else _subscript(node.indices)
    return f"{node.function}{_subscript(node.slots)}({operand}){kept}"


def bracket(printed: tuple[str, str, Level], least: Level) -> str:
    """Put brackets around a text that holds less tightly than ``least``, or has a sign."""
    sign, text, level = printed
    return f"({sign}{text})" if sign or level < least else text


def _over(printed: tuple[str, str, Level]) -> str:
    below = bracket(printed, Level.POWER)
    return f"/{below}" if _ONE_WORD.fullmatch(below) else f" / {below}"
