r"""Derivatives: ``\partial`` takes what follows it, and a fraction of two of them is a derivative.

Before: the parts of a product, or the arguments of a fraction. After: derivatives, and operators
``\frac{\partial}{\partial x}`` that are still to take what they differentiate. A ``\partial`` left over is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.fractions import fraction_term
from einsgrad.frontend.latex.marks import (
    HOW_TO_DERIVE,
    Argument,
    Bare,
    Braces,
    Differential,
    FunctionMark,
    Item,
    Operator,
    PartialMark,
    Quotient,
)
from einsgrad.frontend.lexis import counted
from einsgrad.frontend.tree import SumMark

_Part = Item | Token


def with_derivatives(parts: Sequence[_Part]) -> list[_Part]:
    r"""Let each ``\partial`` take the factor after it, and ``\partial y / \partial x`` be a derivative."""
    out: list[_Part] = []
    k = 0
    while k < len(parts):
        part = parts[k]
        k += 1
        if isinstance(part, PartialMark):
            following = parts[k] if k < len(parts) else None
            part, took = _differential(part, following)
            k += took
            divides = len(out) >= 2 and isinstance(out[-1], Token) and out[-1].type == "SLASH"
            if divides and isinstance(out[-2], Differential):
                below = Argument(part.start, part.end, s.single(part))
                above = out[-2]
                del out[-2:]
                out.append(derivative(Argument(above.start, above.end, s.single(above)), below, above.start, part.end))
                continue
        out.append(part)
    return out


def without_totals(parts: Sequence[_Part]) -> list[_Part]:
    """Refuse ``dy / dx``: a product that would cancel is not meant as one."""
    out: list[_Part] = []
    for part in parts:
        out.append(part)
        match out[-5:]:
            case [s.Reference() as d, s.Reference(), Token(type="SLASH"), s.Reference() as e, s.Reference() as x]:
                if _is_d(d) and _is_d(e):
                    out[-5:] = [s.Wrong(d.start, x.end, "derivative", HOW_TO_DERIVE)]
    return out


def _is_d(factor: s.Factor) -> bool:
    return isinstance(factor, s.Reference) and factor.key == "d" and not factor.indices


def _differential(mark: PartialMark, following: _Part | None) -> tuple[Differential, bool]:
    """Give ``∂`` with the factor that follows it, and tell whether there is one."""
    if following is None or isinstance(following, Token | PartialMark):
        return Differential(mark.start, mark.end, "derivative", HOW_TO_DERIVE, None, None, mark.order), False
    content = content_of(following)
    return Differential(mark.start, following.end, "derivative", HOW_TO_DERIVE, None, content, mark.order), True


def content_of(item: Item) -> s.Content | None:
    """Give what a factor is as an expression, without its brackets; ``None`` for a mark."""
    match item:
        case s.Group(content=content) | Braces(content=content):
            return content
        case Quotient():
            return fraction_term(item)
        case Bare() | FunctionMark() | PartialMark() | Operator() | SumMark():
            return None
        case _:
            return s.single(item)


def is_derivative(above: Argument) -> bool:
    r"""Tell whether the numerator of a fraction is ``\partial …``."""
    return isinstance(s.sole_factor(above.content), Differential)


def is_total(above: Argument, below: Argument) -> bool:
    r"""Tell whether a fraction is ``\frac{d y}{d x}``: a product that would cancel is not meant as one."""
    begins = [a.content.factors[0] for a in (above, below) if isinstance(a.content, s.Term)]
    return len(begins) == 2 and all(map(_is_d, begins))


def derivative(above: Argument, below: Argument, start: int, end: int) -> s.Factor | Operator:
    r"""Give the derivative that a fraction of ``∂`` is: of several orders by several tensors, from left to right."""
    of = s.sole_factor(above.content)
    assert isinstance(of, Differential)
    by = below.content.factors if isinstance(below.content, s.Term) else ()
    wrt = [s.sole_reference(d.operand) if isinstance(d, Differential) and d.operand else None for d in by]
    names = [reference for reference in wrt if reference is not None]
    if not names or len(names) < len(wrt) or any(isinstance(d, Differential) and d.order > 1 for d in by):
        message = r"a derivative is taken by a tensor with new indices, as in `\frac{\partial y_{i}}{\partial x_{p}}`"
        return s.Wrong(below.start, below.end, "derivative-by", message)
    if len(names) != of.order:
        message = (
            f"a derivative of order {of.order} is taken by {counted(of.order, 'tensor')}, not {len(names)}: "
            r"`\frac{\partial^2 l}{\partial x_{p} \partial x_{q}}`"
        )
        return s.Wrong(start, end, "derivative-by", message)
    if of.operand is None:
        if of.end > of.start + len(r"\partial^{9}"):
            return s.Wrong(start, end, "derivative", "put brackets around what is differentiated")
        return Operator(start, end, tuple(names))
    return nested(of.operand, names, start, end)


def nested(operand: s.Content, wrt: Sequence[s.Reference], start: int, end: int) -> s.Derivative:
    """Give a derivative by several tensors, by the first of them first."""
    result = s.Derivative(start, end, operand, wrt[0])
    for reference in wrt[1:]:
        result = s.Derivative(start, end, s.single(result), reference)
    return result
