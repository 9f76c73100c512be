r"""Scripts: what a name is with its subscripts and superscripts: a reference, a transpose, a power, an exponential.

Before: a base and the scripts on it, in any order. After: a factor of the surface tree, or a mark that
:mod:`terms` makes sense of. Scripts that mean nothing here (upper indices, fixed components) become a `Wrong`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lark import Token

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.facts import EXPONENTIAL, Context
from einsgrad.frontend.latex.marks import (
    Argument,
    Bare,
    Braces,
    FunctionMark,
    Mark,
    PartialMark,
    Raised,
    Top,
    Transposed,
)
from einsgrad.frontend.latex.names import Piece, decode_name, read_pieces
from einsgrad.frontend.lexis import DELTA, LexicalError, canonical, fixed_component, read_name
from einsgrad.frontend.tree import SumMark, wrong

_P = TypeVar("_P")
_TRANSPOSE = "T"
Item = s.Factor | SumMark | Mark


@dataclass
class _Scripts:
    """The scripts on a base: at most one of each kind."""

    below: Token | None = None
    above: Argument | None = None
    primes: Token | None = None


def apply_scripts(context: Context, base: Item, scripts: Sequence[Token | Raised]) -> Item:
    """Give what a base is with its scripts."""
    end = scripts[-1].end if isinstance(scripts[-1], Raised) else _place(scripts[-1])[1]
    found = _Scripts()
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
            return _named(context, base, found, end)
        case FunctionMark():
            return _function(context, base, found, end)
        case SumMark():
            return _sum(context, base, found, end)
        case PartialMark():
            return _partial(base, found, end)
        case s.Number() | s.One() if found.below is not None:
            return _one(context, base, found, end)
        case _:
            return _bracketed(context, base, found, end)


def without_scripts(context: Context, item: Item) -> Item:
    """Give what a base is that has no scripts."""
    match item:
        case Bare():
            return _named(context, item, _Scripts(), item.end)
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
        return s.Wrong(braces.start, braces.end, "braces", _INVISIBLE)
    return factor


_INVISIBLE = "braces don't show: put brackets around what belongs together"


def _place(token: Token) -> tuple[int, int]:
    assert token.start_pos is not None
    return token.start_pos, token.start_pos + len(token)


def decoded(start: int, decode: Callable[[], _P]) -> _P | s.Wrong:
    """Give what ``decode`` gives, or what is wrong with the token that begins at ``start``."""
    try:
        return decode()
    except LexicalError as mistake:
        return wrong(mistake, start)


def letter_of(piece: Piece, at: int) -> s.Letter:
    """Make the letter that a piece of a subscript is; ``at`` is where its token begins."""
    return s.Letter(at + piece.start, at + piece.end, canonical(piece.name), piece.name)


def _letters(token: Token) -> tuple[s.Letter, ...]:
    start = _place(token)[0]
    return tuple(letter_of(piece, start) for piece in read_pieces(str(token), 1))


# --- names


def _named(context: Context, base: Bare, scripts: _Scripts, end: int) -> Item:
    """Give what a name with scripts is."""
    if scripts.primes is not None:
        message = f"`{base.text}'` is no name: mark it with an accent, as in `\\tilde{{{base.text}}}`"
        return s.Wrong(base.start, end, "bad-name", message)
    below, above = scripts.below, scripts.above
    content = above.content if above else None
    number = _label_above(context, content)
    name = decoded(base.start, lambda: _name(base.text, number or ""))
    if isinstance(name, s.Wrong):
        return name
    read = decoded(_place(below)[0], lambda: _subscript(context, name, below)) if below is not None else (name, ())
    if isinstance(read, s.Wrong):
        return read
    spelling, letters = read
    reference = s.Reference(base.start, end, canonical(spelling), spelling, letters)
    if content is None or above is None or number is not None:
        return reference
    if _is_transpose(context, content):
        return _transposed(reference)
    upper = _upper_indices(context, above)
    if upper is not None:
        return upper
    if reference.key == EXPONENTIAL and not letters and EXPONENTIAL not in context.facts.names:
        return s.Call(base.start, end, "exp", (content,))
    return _power(reference, above, end)


def _name(text: str, number: str) -> str:
    spelling = decode_name(text).spelling
    return read_name(spelling + number, spelling + number) if number else spelling


def _label_above(context: Context, content: s.Content | None) -> str | None:
    """Give the number or letter of a superscript ``(1)``, which is part of the name."""
    if not isinstance(content, s.Term) or len(content.factors) != 1 or content.over[0] or content.negations:
        return None
    group = content.factors[0]
    match s.sole_factor(group.content) if isinstance(group, s.Group) else None:
        case s.Number(value=value) if value.denominator == 1:
            return str(value)
        case s.Reference(key=key, spelling=spelling, indices=()) if _is_letter(spelling):
            return None if key in context.indices else spelling
        case _:
            return None


def _is_letter(spelling: str) -> bool:
    return len(spelling) == 1


def _subscript(context: Context, name: str, token: Token) -> tuple[str, tuple[s.Letter, ...]]:
    """Give the name with the label that a subscript adds to it, and the indices."""
    pieces = read_pieces(str(token), 1)
    start = _place(token)[0]
    labels = [p for p in pieces if p.is_upright and canonical(p.name) not in context.facts.words]
    letters = [p for p in pieces if p not in labels]
    for piece in letters:
        if canonical(piece.name) in context.facts.limits and canonical(name) != DELTA:
            raise _at(piece, fixed_component(piece.name, piece.start))
    spelling = f"{name}_{labels[0].name}" if labels else name
    return read_name(spelling, spelling), tuple(letter_of(p, start) for p in letters)


def _at(piece: Piece, mistake: LexicalError) -> LexicalError:
    mistake.end = piece.end
    return mistake


def _transposed(reference: s.Reference) -> Item:
    start, end, letters = reference.start, reference.end, reference.indices
    if len(letters) == 2:
        return s.Reference(start, end, reference.key, reference.spelling, (letters[1], letters[0]))
    if not letters:
        message = rf"a transpose has indices: write `({reference.spelling}^\top)_{{ji}}`, or swap the indices"
        return Transposed(start, end, "transpose", message, None, reference)
    message = f"a transpose swaps two indices, and here {'is 1' if len(letters) == 1 else f'are {len(letters)}'}"
    return s.Wrong(start, end, "transpose", message)


def _is_transpose(context: Context, content: s.Content) -> bool:
    match s.sole_factor(content):
        case Top():
            return True
        case s.Reference(key=key, indices=()):
            return key == _TRANSPOSE and key not in context.facts.names
        case _:
            return False


def _upper_indices(context: Context, above: Argument) -> s.Wrong | None:
    """Refuse a superscript of letters that are indices, or of several letters."""
    content = above.content
    factors = content.factors if isinstance(content, s.Term) else ()
    group = factors[0] if len(factors) == 1 else None
    if isinstance(group, s.Group):
        inner = s.sole_factor(group.content)
        factors = (inner,) if isinstance(inner, s.Reference) else ()
    names = [f for f in factors if isinstance(f, s.Reference) and not f.indices and _is_letter(f.spelling)]
    if not names or len(names) < len(factors) or (isinstance(content, s.Term) and any(content.over)):
        return None
    if len(names) == 1 and names[0].key not in context.indices:
        return None
    shown = context.text[above.start : above.end]
    message = f"`^{shown}` would be upper indices, which are not in the language: write all indices below"
    notes = " (an exponent in brackets)" if len(names) > 1 else ""
    return s.Wrong(above.start, above.end, "upper-index", message + notes)


# --- powers


def _power(base: s.Factor, above: Argument, end: int) -> s.Factor:
    """``base ^ exponent``; an exponent of several parts is a group."""
    exponent = s.sole_factor(above.content) or s.Group(above.start, above.end, above.content)
    return s.Power(base.start, end, base, exponent, 0)


def _bracketed(context: Context, base: s.Factor | Mark, scripts: _Scripts, end: int) -> Item:
    """Give what something in brackets is with scripts: a power, or the component of a transpose."""
    if scripts.primes is not None:
        return s.Wrong(base.start, end, "bad-name", "a prime belongs to an index")
    if scripts.below is not None:
        return _component(context, base, scripts, end)
    assert scripts.above is not None
    if _is_transpose(context, scripts.above.content):
        inner = s.sole_factor(base.content) if isinstance(base, s.Group) else base
        if isinstance(inner, s.Reference) and not inner.indices:
            return _transposed(s.Reference(base.start, end, inner.key, inner.spelling, ()))
        message = "the transpose of an expression is not part of the language: swap the indices in it"
        return s.Wrong(base.start, end, "transpose", message)
    upper = _upper_indices(context, scripts.above)
    if upper is not None:
        return upper
    if isinstance(base, Mark):
        return s.Wrong(base.start, end, "derivative", _HOW_TO_DERIVE)
    return _power(base, scripts.above, end)


def _component(context: Context, base: Item, scripts: _Scripts, end: int) -> Item:
    """``(a^T)_{ji}`` is ``a_{ij}``; no other expression in brackets has indices of its own."""
    below = scripts.below
    assert below is not None
    inner = s.sole_factor(base.content) if isinstance(base, s.Group) else base
    if isinstance(inner, s.Reference) and not inner.indices:
        text = context.text[inner.start : inner.end]
        return _named(context, Bare(base.start, base.end, text), scripts, end)
    if not isinstance(inner, Transposed):
        message = "an expression in brackets has no indices: write them on its tensors, as in `a_{ik} b_{kj}`"
        return s.Wrong(base.start, end, "index-bracket", message)
    assert inner.reference is not None
    letters = decoded(_place(below)[0], lambda: _letters(below))
    if isinstance(letters, s.Wrong):
        return letters
    of = inner.reference
    result = _transposed(s.Reference(base.start, end, of.key, of.spelling, letters))
    if scripts.above is None or not isinstance(result, s.Reference):
        return result
    return _power(result, scripts.above, end)


# --- the other bases


def _one(context: Context, base: s.Number | s.One, scripts: _Scripts, end: int) -> Item:
    below = scripts.below
    assert below is not None
    if isinstance(base, s.Number) and base.value != 1:
        return s.Wrong(*_place(below), "subscript", r"a number has no index, but for the one-tensor `\mathbf{1}_{i}`")
    letters = decoded(_place(below)[0], lambda: _letters(below))
    if isinstance(letters, s.Wrong):
        return letters
    one = s.One(base.start, end, letters)
    if scripts.above is None:
        return one
    return _upper_indices(context, scripts.above) or _power(one, scripts.above, end)


def _function(context: Context, base: FunctionMark, scripts: _Scripts, end: int) -> Item:
    r"""``\sin^2``: the power of the function's value."""
    if scripts.below is not None:
        name = context.text[base.start : base.end]
        if base.function in ("maximum", "minimum"):
            message = f"`{name}` over an index is not supported yet; of two arguments it is `{name}(a, b)`"
            return s.Wrong(base.start, end, "reserved-name", message)
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


def _sum(context: Context, base: SumMark, scripts: _Scripts, end: int) -> Item:
    r"""``\sum_{j}``, ``\sum_{j=1}^{N}``."""
    if scripts.below is None:
        return without_scripts(context, base)
    text, (start, _) = str(scripts.below), _place(scripts.below)
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


def _partial(base: PartialMark, scripts: _Scripts, end: int) -> Item:
    r"""``\partial^2``."""
    order = s.sole_factor(scripts.above.content) if scripts.above else None
    if scripts.below is None and isinstance(order, s.Number) and order.value in (1, 2, 3, 4):
        return PartialMark(base.start, end, int(order.value))
    return s.Wrong(base.start, end, "derivative", _HOW_TO_DERIVE)


_HOW_TO_DERIVE = r"a derivative is written `\frac{\partial y_{i}}{\partial x_{p}}`"
