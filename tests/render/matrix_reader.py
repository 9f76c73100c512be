"""What a matrix equation is worth, read from its layout as a reader reads the page.

A reader knows no indices: how long a ``𝟏`` is, or how wide an ``I``, follows from what stands around it. So each is
tried with every size, and those combinations count in which all shapes fit.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from einsgrad.reference import POINTWISE
from einsgrad.render.layout import Fenced, Fraction, Identifier, Layout, Number, Operator, Root, Row, Script
from einsgrad.render.typeset import function_name

FUNCTIONS = {function_name(name): function for name, function in POINTWISE.items()}


class Misfit(Exception):
    """Shapes that don't fit."""


def read_right_side(
    equation: Layout, arrays: Mapping[Any, np.ndarray], counts: Mapping[str, int]
) -> list[np.ndarray | float]:
    """Every value that the right-hand side of an equation can have.

    Args:
        equation: the layout of an equation.
        arrays: an array for each shown name; for a gradient, by a pair of names.
        counts: the size of each index, for ``|i|``.
    """
    assert isinstance(equation, Row)
    assert equation.parts[1] == Operator("=")
    parts = equation.parts[2:]
    sizes = sorted(set(counts.values()))
    found = []
    for chosen in itertools.product(sizes, repeat=count_unknown(equation)):
        reader = _Reader(arrays, counts, list(chosen))
        try:
            found.append(reader.expression(parts))
        except Misfit:
            continue
    return found


def count_unknown(equation: Layout) -> int:
    """How many sizes a reader has to find."""
    return sum(1 for part in _leaves([equation]) if part in (Identifier("1", "bold"), Identifier("I")))


def _leaves(parts: Sequence[Layout]) -> list[Layout]:
    found, stack = [], list(parts)
    while stack:
        match stack.pop():
            case Row(parts=below):
                stack.extend(below)
            case Fraction(above=a, below=b):
                stack += [a, b]
            case Script(base=base, above=above):
                stack += [base, *([above] if above else [])]
            case Root(body=body) | Fenced(body=body):
                stack.append(body)
            case leaf:
                found.append(leaf)
    return found


def _flat(parts: Sequence[Layout]) -> list[Layout]:
    """Rows in rows are one row on the page; a function and its argument stay together."""
    out = []
    for part in parts:
        is_call = isinstance(part, Row) and getattr(part.parts[0], "style", None) == "function"
        out += _flat(part.parts) if isinstance(part, Row) and not is_call else [part]
    return out


def _split(parts: Sequence[Layout], signs: str) -> list[tuple[str, list[Layout]]]:
    groups: list[tuple[str, list[Layout]]] = [("", [])]
    for part in parts:
        if isinstance(part, Operator) and part.text in signs:
            groups.append((part.text, []))
        else:
            groups[-1][1].append(part)
    return groups if groups[0][1] else groups[1:]


def _same(a: Any, b: Any) -> None:
    if np.shape(a) != np.shape(b):
        raise Misfit


class _Reader:
    def __init__(self, arrays: Mapping[Any, np.ndarray], counts: Mapping[str, int], sizes: list[int]) -> None:
        self.arrays, self.counts, self.sizes = arrays, counts, sizes

    def expression(self, parts: Sequence[Layout]) -> Any:
        total: Any = None
        for sign, term in _split(_flat(parts), "+-"):
            value = self.term(term) * (-1 if sign == "-" else 1)
            if total is not None:
                _same(total, value)
            total = value if total is None else total + value
        return total

    def term(self, parts: list[Layout]) -> Any:
        groups = _split(parts, "⊙⊘")
        if len(groups) == 1:
            return self.product(parts)
        (_, first), *rest = groups
        assert all(len(group) == 1 for _, group in groups), "a product without brackets among Hadamard factors"
        value = self.factor(first[0])
        for sign, (part,) in rest:
            other = self.factor(part)
            _same(value, other)
            value = value * other if sign == "⊙" else value / other
        return value

    def product(self, parts: list[Layout]) -> Any:
        if Operator("·") in parts:
            at = parts.index(Operator("·"))
            left, right = self.product(parts[:at]), self.product(parts[at + 1 :])
            _same(left, right)
            assert left.shape[1] == 1
            return (left.T @ right).item()
        scalar, matrix = 1.0, None
        for part in parts:
            value = self.factor(part)
            if np.ndim(value) == 0:
                assert matrix is None, "a scalar after a matrix"
                scalar = scalar * value
            elif matrix is None:
                matrix = value
            else:
                assert matrix.shape != (1, 1), "an inner product goes on"
                if matrix.shape[1] != value.shape[0]:
                    raise Misfit
                matrix = matrix @ value
        if matrix is None:
            return scalar
        return scalar * (matrix.item() if matrix.shape == (1, 1) else matrix)

    def factor(self, part: Layout) -> Any:
        match part:
            case Identifier(text="1", style="bold"):
                return np.ones((self.sizes.pop(0), 1))
            case Identifier(text="I"):
                return np.eye(self.sizes.pop(0))
            case Identifier(text="π"):
                return np.pi
            case Identifier(text=text, style=style):
                value = self.arrays[text]
                assert (style == "bold") == (value.ndim == 1), text
                return _column(value)
            case Number(text=text):
                return float(text)
            case Fraction(above=Row(parts=(Operator("∂"), of)), below=Row(parts=(Operator("∂"), by))):
                return _column(self.arrays[of.text, by.text])
            case Fraction(above=above, below=below):
                values = self.expression([above]), self.expression([below])
                assert all(np.ndim(value) == 0 for value in values), "matrices don't divide"
                return np.divide(*values)
            case Root(body=body):
                value = self.expression([body])
                assert np.ndim(value) == 0
                return np.sqrt(value)
            case Fenced(opener="("):
                return self.expression([part.body])
            case Fenced(opener="|", body=Identifier(text=text, style="index")):
                return float(self.counts[text])
            case Fenced(opener="‖"):
                value = self.expression([part.body])
                assert value.shape[1] == 1
                return float(np.linalg.norm(value))
            case Row(parts=(Identifier(text=text, style="function"), Fenced(opener="(", body=body))):
                return self.call(text, body)
            case Script():
                return self.script(part)
        raise AssertionError(part)

    def script(self, part: Script) -> Any:
        if part.below is not None:
            assert part.below == Identifier("F", "upright")
            assert isinstance(part.base, Fenced)
            value = float(np.linalg.norm(self.expression([part.base.body])))
        else:
            value = self.factor(part.base)
        match part.above:
            case None:
                return value
            case Identifier(text="T", style="upright"):
                return value.T
            case Row(parts=(Operator("∘"), exponent)):
                assert np.ndim(value) == 2
                return np.power(value, self.expression([exponent]))
            case exponent:
                assert np.ndim(value) == 0
                return np.power(value, self.expression([exponent]))

    def call(self, name: str, body: Layout) -> Any:
        arguments = [self.expression(group) for _, group in _split(_flat([body]), ",")]
        if name in ("diag", "tr"):
            (value,) = arguments
            assert np.ndim(value) == 2
            if name == "diag" and value.shape[1] == 1:
                return np.diag(value[:, 0])
            if value.shape[0] != value.shape[1]:
                raise Misfit
            return np.trace(value) if name == "tr" else np.diag(value)[:, None]
        shapes = {np.shape(value) for value in arguments if np.ndim(value)}
        if len(shapes) > 1:
            raise Misfit
        return FUNCTIONS[name](*arguments)


def _column(value: np.ndarray) -> Any:
    return value.item() if value.ndim == 0 else value[:, None] if value.ndim == 1 else value
