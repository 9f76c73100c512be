r"""Scripts: what a base is with its subscripts and superscripts, in any order.

Before: a base and the scripts on it. After: a factor of the surface tree, or a mark that :mod:`terms` makes sense of.
What scripts on a name mean is decided in :mod:`references`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from lark import Token

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.conditions import NO_PART_OF_A_RANGE, Unequal, has_condition, unequal_sides
from einsgrad.frontend.latex.facts import Context
from einsgrad.frontend.latex.marks import (
    HOW_TO_DERIVE,
    INVISIBLE,
    Bare,
    Bars,
    Braces,
    FunctionMark,
    Item,
    Mark,
    Norm,
    PartialMark,
    Raised,
)
from einsgrad.frontend.latex.names import read_pieces
from einsgrad.frontend.latex.norms import refused_norm
from einsgrad.frontend.latex.references import (
    Scripts,
    component,
    decoded,
    is_transpose,
    letter_of,
    letters_of,
    named,
    place,
    power,
    transposed,
    upper_indices,
)
from einsgrad.frontend.lexis import LexicalError
from einsgrad.frontend.tree import SumMark
from einsgrad.ir.matrix_functions import MATRIX_FUNCTIONS
from einsgrad.ir.reductions import OPERATORS


def apply_scripts(context: Context, base: Item, scripts: Sequence[Token | Raised]) -> Item:
    """Give what a base is with its scripts."""
    end = scripts[-1].end if isinstance(scripts[-1], Raised) else place(scripts[-1])[1]
    found = Scripts()
    for script in scripts:
        if isinstance(script, Raised):
            is_second, found.above = found.above is not None, script.argument
        elif script.type == "SUBSCRIPT":
            is_second, found.below = found.below is not None, script
        else:
            is_second, found.primes = False, script
        if is_second:
            return s.Wrong(base.start, end, "double-script", "two subscripts or two superscripts on one base")
    if isinstance(base, Braces):
        base = _unwrapped(context, base)
    match base:
        case Bare():
            return named(context, base, found, end)
        case FunctionMark():
            return _function(context, base, found, end)
        case SumMark():
            return _sum(context, base, found, end)
        case PartialMark():
            return _partial(base, found, end)
        case Norm():
            return _norm(context, base, found, end)
        case Bars(arguments=(content,)) if found.below is not None:
            return _norm(context, refused_norm(base.start, base.end, content), found, end)
        case s.Number() | s.One() if found.below is not None:
            return _one(context, base, found, end)
        case _:
            return _bracketed(context, base, found, end)


def without_scripts(context: Context, item: Item) -> Item:
    """Give what a base is that has no scripts."""
    match item:
        case Bare():
            return named(context, item, Scripts(), item.end)
        case SumMark(letters=()):
            message = r"a sum names its indices: write `\sum_{i} …`, with the indices to sum over"
            return s.Wrong(item.start, item.end, "sum-index", message)
        case s.One(indices=()):
            return s.Wrong(item.start, item.end, "subscript", r"a one-tensor has an index: write `\mathbf{1}_{i}`")
        case _:
            return item


def _unwrapped(context: Context, braces: Braces) -> Item:
    factor = s.sole_factor(braces.content)
    if isinstance(factor, s.Reference) and not factor.indices:
        return Bare(factor.start, factor.end, context.text[factor.start : factor.end])
    if factor is None:
        return s.Wrong(braces.start, braces.end, "braces", INVISIBLE)
    return factor


def _bracketed(context: Context, base: s.Factor | Mark, scripts: Scripts, end: int) -> Item:
    """Give what something in brackets is with scripts: a power, or the component of a transpose."""
    if scripts.primes is not None:
        return s.Wrong(base.start, end, "bad-name", "a prime belongs to an index")
    if scripts.below is not None:
        return component(context, base, scripts, end)
    assert scripts.above is not None
    if is_transpose(context, scripts.above.content):
        inner = s.sole_factor(base.content) if isinstance(base, s.Group) else base
        if isinstance(inner, s.Reference) and not inner.indices:
            return transposed(s.Reference(base.start, end, inner.key, inner.spelling, ()))
        message = "the transpose of an expression is not part of the language: swap the indices in it"
        return s.Wrong(base.start, end, "transpose", message)
    upper = upper_indices(context, scripts.above)
    if upper is not None:
        return upper
    if isinstance(base, Mark):
        return s.Wrong(base.start, end, "derivative", HOW_TO_DERIVE)
    return power(base, scripts.above, end)


def _one(context: Context, base: s.Number | s.One, scripts: Scripts, end: int) -> Item:
    below = scripts.below
    assert below is not None
    if isinstance(base, s.Number) and base.value != 1:
        return s.Wrong(*place(below), "subscript", r"a number has no index, but for the one-tensor `\mathbf{1}_{i}`")
    letters = decoded(place(below)[0], lambda: letters_of(below))
    if isinstance(letters, s.Wrong):
        return letters
    one = s.One(base.start, end, letters)
    if scripts.above is None:
        return one
    return upper_indices(context, scripts.above) or power(one, scripts.above, end)


def _bare(below: Token) -> str:
    """Give what a subscript holds, without braces."""
    return str(below)[1:].strip().removeprefix("{").removesuffix("}").strip()


def _norm(context: Context, base: Norm, scripts: Scripts, end: int) -> Norm:
    order = _bare(scripts.below) if scripts.below else ""
    above = scripts.above
    shown = context.text[above.start : above.end] if above else ""
    power = f"^{shown}" if shown.isascii() and shown else shown
    return dataclasses.replace(base, end=end, order=order, power=power)


_BASES = {"2": "log2", "10": "log10"}
"""The logarithms whose base is written below."""
_REDUCING = {"maximum": "max", "minimum": "min"}
"""What functions of two arguments are over a letter."""


def _function(context: Context, base: FunctionMark, scripts: Scripts, end: int) -> Item:
    r"""``\sin^2``: the power of the function's value."""
    operator = _REDUCING.get(base.function, base.function)
    if operator in OPERATORS and scripts.below is not None and scripts.primes is None:
        over = _sum(context, SumMark(base.start, base.end, ()), scripts, end)
        return FunctionMark(base.start, end, operator, None, over.letters) if isinstance(over, SumMark) else over
    if scripts.below is not None and base.function in MATRIX_FUNCTIONS and scripts.above is None:
        below = scripts.below
        named_letters = decoded(place(below)[0], lambda: letters_of(below))
        if isinstance(named_letters, s.Wrong):
            return named_letters
        return FunctionMark(base.start, end, base.function, None, named_letters)
    if scripts.below is not None and base.function == "log" and scripts.primes is None:
        function = _BASES.get(_bare(scripts.below))
        if function is not None:
            logarithm = FunctionMark(base.start, end, function)
            above = dataclasses.replace(scripts, below=None)
            return logarithm if scripts.above is None else _function(context, logarithm, above, end)
    if scripts.below is not None:
        name = context.text[base.start : base.end]
        message = f"`{name}` has no index" + (": divide by the logarithm of the base" if base.function == "log" else "")
        return s.Wrong(base.start, end, "subscript", message)
    if scripts.primes is not None or scripts.above is None:
        message = r"a derivative is written `\frac{\partial y_{i}}{\partial x_{p}}`"
        return s.Wrong(base.start, end, "bad-name", message)
    exponent = scripts.above.content
    if isinstance(exponent, s.Term) and exponent.negations:
        name = context.text[base.start : base.end]
        message = (
            f"`{name}^{{-1}}` can be the inverse function or the reciprocal: write `1 / {name}(x)`, or the function"
        )
        return s.Wrong(base.start, end, "function-power", message)
    return FunctionMark(base.start, end, base.function, scripts.above)


def _sum(context: Context, base: SumMark, scripts: Scripts, end: int) -> Item:
    r"""``\sum_{j}``, ``\sum_{j=1}^{N}``."""
    if scripts.below is None:
        return without_scripts(context, base)
    text, (start, below_end) = str(scripts.below), place(scripts.below)
    sides = unequal_sides(text)
    if sides is not None:
        return _unequal(context, scripts.below, sides, base.start, end)
    if has_condition(text):
        return s.Wrong(start, below_end, "sum-range", NO_PART_OF_A_RANGE)
    indices, equals, first = text.partition("=")
    lower = first.strip("{} ")
    if equals and lower not in ("0", "1"):
        message = "a sum runs over the whole range of an index: it begins at 1, and ends at the name of its size"
        return s.Wrong(base.start, end, "sum-range", message)
    letters = decoded(start, lambda: tuple(letter_of(p, start) for p in read_pieces(indices + "}" * bool(equals), 1)))
    if isinstance(letters, s.Wrong):
        return letters
    if scripts.above is not None:
        limit = _limit(scripts.above.content, lower)
        if limit is None:
            message = "a sum runs over the whole range of an index: its upper limit is the name of a size, as in `^{N}`"
            return s.Wrong(scripts.above.start, scripts.above.end, "sum-range", message)
        context.limits.extend((limit, letter) for letter in letters)
    return SumMark(base.start, end, letters)


def _unequal(context: Context, below: Token, sides: tuple[str, str], start: int, end: int) -> Item:
    """Read a sum over letters that differ as one over the first of them, and note the condition."""
    text, (at, below_end) = str(below), place(below)
    letters: list[s.Letter] = []
    for side in sides:
        within = text.index(side, letters[-1].end - at if letters else 1)
        try:
            (piece,) = read_pieces(side, 0)
            letters.append(letter_of(piece, at + within))
        except (LexicalError, ValueError):
            return s.Wrong(at, below_end, "sum-range", NO_PART_OF_A_RANGE)
    context.conditions.append(Unequal(letters[0], letters[1], at, below_end, end))
    return SumMark(start, end, (letters[0],))


def _limit(content: s.Content, lower: str) -> s.Reference | None:
    """Give the name of the size of what a sum runs over, from its upper limit: ``N`` from 1, ``N - 1`` from 0."""
    if lower != "0":
        reference = s.sole_reference(content)
        return reference if reference is not None and not reference.indices else None
    match content:
        case s.Sum(terms=(first, s.Term(factors=(s.Number(value=1),), negations=1))):
            return _limit(first, "1")
        case _:
            return None


def _partial(base: PartialMark, scripts: Scripts, end: int) -> Item:
    r"""``\partial^2``."""
    order = s.sole_factor(scripts.above.content) if scripts.above else None
    if scripts.below is None and isinstance(order, s.Number) and order.value in (1, 2, 3, 4):
        return PartialMark(base.start, end, int(order.value))
    return s.Wrong(base.start, end, "derivative", HOW_TO_DERIVE)
