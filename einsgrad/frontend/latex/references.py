r"""References: what a name is with its scripts: a tensor, a transpose, a power, an exponential.

Before: a name, or a name in brackets, and the scripts on it. After: a factor of the surface tree. Scripts that mean
nothing here (upper indices, fixed components) become a `Wrong`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lark import Token

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex.facts import EXPONENTIAL, Context
from einsgrad.frontend.latex.marks import Argument, Bare, Item, MatrixProduct, Top, Transposed
from einsgrad.frontend.latex.matrices import matrices_of, with_indices
from einsgrad.frontend.latex.names import Piece, decode_name, fixed_component, read_pieces
from einsgrad.frontend.lexis import DELTA, LexicalError, canonical, read_name
from einsgrad.frontend.matrix_functions import MatrixCall, matrix_function
from einsgrad.frontend.tree import wrong

_P = TypeVar("_P")
_TRANSPOSE, _HERMITIAN = "T", "H"


@dataclass
class Scripts:
    """The scripts on a base: at most one of each kind."""

    below: Token | None = None
    above: Argument | None = None
    primes: Token | None = None


def named(context: Context, base: Bare, scripts: Scripts, end: int) -> Item:
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
    read = decoded(place(below)[0], lambda: _subscript(context, name, below)) if below is not None else (name, (), ())
    if isinstance(read, s.Wrong):
        return read
    spelling, letters, subscripts = read
    reference = s.Reference(base.start, end, canonical(spelling), spelling, letters)
    if not all(isinstance(i, s.Letter) for i in subscripts):
        gather = s.Gather(base.start, end, reference, subscripts)
        return gather if above is None else upper_indices(context, above) or power(gather, above, end)
    if content is None or above is None or number is not None:
        return reference
    if len(letters) > 1 and is_inverse(content):
        assert below is not None
        if len(letters) == 2 and _is_matrix(spelling) and above.end <= place(below)[0]:
            return inverse_of(s.Reference(base.start, base.end, reference.key, spelling, ()), content, letters, end)
        return inverse(context, base.start, end, base.text, str(below), is_of_matrix=len(letters) == 2)
    if is_transpose(context, content):
        return transposed(reference)
    if _is_t(content) and len(letters) == 2:
        return _transpose_or_power(base, below, end)
    if len(letters) == 2 and _is_hermitian(context, content):
        message = "there is no conjugate transpose, since there are no complex numbers: the transpose swaps the indices"
        return s.Wrong(base.start, end, "transpose", message)
    raised = _raised_indices(context, above) if letters else ()
    if raised:
        return dataclasses.replace(reference, indices=(*letters, *raised))
    upper = upper_indices(context, above)
    if upper is not None:
        return upper
    if reference.key == EXPONENTIAL and letters and EXPONENTIAL not in context.facts.names:
        shown = context.text[above.start : above.end].strip("{}")
        return s.Wrong(base.start, end, "script-braces", "put the exponent in braces", f"e^{{{shown}{below}}}")
    if reference.key == EXPONENTIAL and not letters and EXPONENTIAL not in context.facts.names:
        return s.Call(base.start, end, "exp", (content,))
    return power(reference, above, end)


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


def _subscript(
    context: Context, name: str, token: Token
) -> tuple[str, tuple[s.Letter, ...], tuple[s.Letter | s.Reference | int, ...]]:
    """Give the name with the label that a subscript adds to it, a letter for each index or position, and these."""
    pieces = read_pieces(str(token), 1)
    start = place(token)[0]
    labels = [p for p in pieces if _is_label(context, name, p)]
    letters = [p for p in pieces if p not in labels]
    for piece in letters:
        if canonical(piece.name) in context.facts.limits and canonical(name) != DELTA:
            raise fixed_component(piece.name, piece.start)
    spelling = f"{name}_{''.join(p.name for p in labels)}" if labels else name
    subscripts = tuple(_subscript_of(p, start) for p in letters)
    return read_name(spelling, spelling), tuple(_letter(p, start) for p in letters), subscripts


def _is_label(context: Context, name: str, piece: Piece) -> bool:
    key = canonical(piece.name)
    if piece.indices:
        return False
    return (piece.is_upright and key not in context.facts.words) or (canonical(name), key) in context.facts.parameters


def _transpose_or_power(base: Bare, below: Token | None, end: int) -> s.Wrong:
    """Refuse ``a_{ij}^T`` where ``T`` may be an exponent, and show both readings."""
    message = r"`T` is a tensor or a size of this text: a transpose is written with `\top`, a power with brackets"
    readings = f"{base.text}{below}^\\top\n({base.text}{below})^T"
    return s.Wrong(base.start, end, "transpose", message, readings)


def _inverted(base: Item, scripts: Scripts) -> s.Part | None:
    """Give what is raised to the power -1 in ``(A^{-1})_{ij}``, ``(A^{-1} B)_{ij}`` and ``(A)^{-1}_{ij}``."""
    content = base.content if isinstance(base, s.Group) else None
    if content is not None and scripts.above is not None and is_inverse(scripts.above.content):
        return s.sole_factor(content) or content
    factors = content.factors if isinstance(content, s.Term) else ()
    for factor in factors:
        if isinstance(factor, s.Power) and isinstance(factor.exponent, s.Group) and is_inverse(factor.exponent.content):
            return factor.base if len(factors) == 1 else content
    return None


def is_inverse(content: s.Content) -> bool:
    """Tell whether a superscript is ``-1``, or ``-T``."""
    if not isinstance(content, s.Term) or content.negations != 1:
        return False
    (factor,), over = content.factors[:1], content.over
    is_one = isinstance(factor, s.Number) and factor.value == 1
    return len(over) == 1 and not over[0] and (is_one or isinstance(factor, Top) or _is_t(s.single(factor)))


def inverse(context: Context, start: int, end: int, name: str, below: str, is_of_matrix: bool) -> s.Wrong:
    """Refuse what may be the inverse of a matrix, or the reciprocal of each component, and show both."""
    message = f"`{context.text[start:end]}` can be the inverse of a matrix or the reciprocal of each component"
    readings = [f"({name}^{{-1}}){below}"] if is_of_matrix else []
    return s.Wrong(start, end, "inverse", message, "\n".join([*readings, f"1/{name}{below}"]))


def inverse_of(of: s.Reference, above: s.Content, letters: tuple[s.Letter, ...], end: int) -> s.Matrix | s.Wrong:
    """Give a component of the inverse of a matrix, or of its transpose if that is what stands above."""
    power = s.sole_factor(dataclasses.replace(above, negations=0)) if isinstance(above, s.Term) else None
    indices = letters if isinstance(power, s.Number) else letters[::-1]
    return matrix_function(MatrixCall(of.start, end, "inv", [s.single(of)], (), indices))


def _is_matrix(name: str) -> bool:
    """Tell whether a name is one that matrices have: a capital letter."""
    return name[0].isupper()


def _component_of_inverse(context: Context, base: Item, inverted: s.Part, below: Token, end: int) -> Item:
    """``(A^{-1})_{ij}``; of an expression the two letters are to be named."""
    letters = decoded(place(below)[0], lambda: letters_of(below))
    if isinstance(letters, s.Wrong):
        return letters
    content = base.content if isinstance(base, s.Group) else None
    power = s.sole_factor(content) if content is not None else None
    if isinstance(inverted, s.Reference) and not inverted.indices and isinstance(power, s.Power):
        reference = s.Reference(base.start, base.end, inverted.key, inverted.spelling, ())
        exponent = power.exponent.content if isinstance(power.exponent, s.Group) else s.single(power.exponent)
        return inverse_of(reference, exponent, letters, end)
    message = (
        r"the inverse of an expression names the letters of its row and column: "
        r"`\operatorname{inv}_{ij}(a_{ik} b_{kj})`; that of a matrix is `(A^{-1})_{ij}`"
    )
    return s.Wrong(base.start, end, "inverse", message)


def transposed(reference: s.Reference) -> Item:
    """Give the transpose of a tensor: with its two indices swapped, or a mark that waits for indices."""
    start, end, letters = reference.start, reference.end, reference.indices
    if len(letters) == 2:
        return s.Reference(start, end, reference.key, reference.spelling, (letters[1], letters[0]))
    if not letters:
        message = rf"a transpose has indices: write `({reference.spelling}^\top)_{{ji}}`, or swap the indices"
        return Transposed(start, end, "transpose", message, None, reference)
    message = f"a transpose swaps two indices, and here {'is 1' if len(letters) == 1 else f'are {len(letters)}'}"
    return s.Wrong(start, end, "transpose", message)


def is_transpose(context: Context, content: s.Content) -> bool:
    """Tell whether a superscript is a transpose sign: ``T`` is one unless the text has a tensor or a size ``T``."""
    known = _TRANSPOSE in context.facts.names or _TRANSPOSE in context.facts.limits
    return isinstance(s.sole_factor(content), Top) or (_is_t(content) and not known)


def _is_t(content: s.Content) -> bool:
    reference = s.sole_reference(content)
    return reference is not None and reference.key == _TRANSPOSE and not reference.indices


def _is_hermitian(context: Context, content: s.Content) -> bool:
    """Tell whether a superscript is an ``H`` that is no tensor and no size of the text."""
    reference = s.sole_reference(content)
    known = context.facts.names | context.facts.limits
    return reference is not None and reference.key == _HERMITIAN and not reference.indices and _HERMITIAN not in known


def _raised_indices(context: Context, above: Argument) -> tuple[s.Letter, ...]:
    """Give the letters of ``t_{ij}^{ab}`` that are raised, where each of several stands as an index in the chain."""
    names = _raised_letters(above)
    if len(names) < 2 or not all(name.key in context.indices for name in names):
        return ()
    return tuple(s.Letter(name.start, name.end, name.key, name.spelling) for name in names)


def _raised_letters(above: Argument) -> list[s.Reference]:
    """Give the letters that a superscript consists of; none where there is anything else in it."""
    content = above.content
    factors = content.factors if isinstance(content, s.Term) else ()
    group = factors[0] if len(factors) == 1 else None
    if isinstance(group, s.Group):
        inner = s.sole_factor(group.content)
        factors = (inner,) if isinstance(inner, s.Reference) else ()
    names = [f for f in factors if isinstance(f, s.Reference) and not f.indices and _is_letter(f.spelling)]
    is_all = len(names) == len(factors) and not (isinstance(content, s.Term) and any(content.over))
    return names if is_all else []


def upper_indices(context: Context, above: Argument) -> s.Wrong | None:
    """Refuse a superscript of letters that are indices, or of several letters."""
    names = _raised_letters(above)
    if not names:
        return None
    if len(names) == 1 and names[0].key not in context.indices:
        return None
    shown = context.text[above.start : above.end]
    message = f"`^{shown}` would be upper indices, which are not in the language: write all indices below"
    notes = " (an exponent in brackets)" if len(names) > 1 else ""
    return s.Wrong(above.start, above.end, "upper-index", message + notes)


def component(context: Context, base: Item, scripts: Scripts, end: int) -> Item:
    """``(a^T)_{ji}`` is ``a_{ij}``; no other expression in brackets has indices of its own."""
    below = scripts.below
    assert below is not None
    inner = s.sole_factor(base.content) if isinstance(base, s.Group) else base
    if below[1:].strip("{} ") == "+" and isinstance(base, s.Group):
        shown = context.text[base.content.start : base.content.end]
        fix = rf"\operatorname{{relu}}({shown})"
        return s.Wrong(base.start, end, "subscript", f"the positive part is written `{fix}`", fix)
    inverted = _inverted(base, scripts)
    if inverted is not None:
        return _component_of_inverse(context, base, inverted, below, end)
    if isinstance(inner, s.Reference) and not inner.indices:
        text = context.text[inner.start : inner.end]
        return named(context, Bare(base.start, base.end, text), scripts, end)
    if isinstance(inner, s.Power) and isinstance(inner.base, s.Reference) and _is_t(s.single(inner.exponent)):
        inner = transposed(s.Reference(inner.start, inner.end, inner.base.key, inner.base.spelling, inner.base.indices))
    if not isinstance(inner, Transposed):
        message = "an expression in brackets has no indices: write them on its tensors, as in `a_{ik} b_{kj}`"
        return s.Wrong(base.start, end, "index-bracket", message, _product_with_indices(context, base, below))
    assert inner.reference is not None
    letters = decoded(place(below)[0], lambda: letters_of(below))
    if isinstance(letters, s.Wrong):
        return letters
    of = inner.reference
    result = transposed(s.Reference(base.start, end, of.key, of.spelling, letters))
    if scripts.above is None or not isinstance(result, s.Reference):
        return result
    return power(result, scripts.above, end)


def _product_with_indices(context: Context, base: Item, below: Token) -> str | None:
    """Give ``(A B)_{ij}`` with the indices on its tensors."""
    content = base.content if isinstance(base, s.Group) else None
    if not isinstance(content, s.Term) or content.negations or content.bound or any(content.over):
        return None
    inner = s.sole_factor(content)
    matrices = inner.matrices if isinstance(inner, MatrixProduct) else matrices_of(context.text, content.factors)
    letters = decoded(place(below)[0], lambda: letters_of(below))
    if matrices is None or isinstance(letters, s.Wrong):
        return None
    return with_indices(matrices, [context.text[i.start : i.end] for i in letters], context.indices)


def power(base: s.Factor, above: Argument, end: int) -> s.Factor:
    """``base ^ exponent``; an exponent of several parts is a group."""
    exponent = s.sole_factor(above.content) or s.Group(above.start, above.end, above.content)
    return s.Power(base.start, end, base, exponent, 0)


def place(token: Token) -> tuple[int, int]:
    """Give where a token begins and ends."""
    assert token.start_pos is not None
    return token.start_pos, token.start_pos + len(token)


def decoded(start: int, decode: Callable[[], _P]) -> _P | s.Wrong:
    """Give what ``decode`` gives, or what is wrong with the token that begins at ``start``."""
    try:
        return decode()
    except LexicalError as mistake:
        return wrong(mistake, start)


def letter_of(piece: Piece, at: int) -> s.Letter:
    """Make the letter that a piece of a subscript is; ``at`` is where its token begins.

    Raises:
        LexicalError: it is no letter but gives positions.
    """
    if piece.indices or piece.number is not None:
        message = f"a letter stands here: positions such as those of `{piece.name}` stand below a tensor or `δ`"
        raise LexicalError("positions", message, piece.start, piece.end)
    return _letter(piece, at)


def _letter(piece: Piece, at: int) -> s.Letter:
    return s.Letter(at + piece.start, at + piece.end, canonical(piece.name), piece.name)


def _subscript_of(piece: Piece, at: int) -> s.Letter | s.Reference | int:
    if piece.number is not None:
        return piece.number
    if not piece.indices:
        return letter_of(piece, at)
    name, indices = read_name(piece.name, piece.name), tuple(letter_of(p, at) for p in piece.indices)
    return s.Reference(at + piece.start, at + piece.end, canonical(name), name, indices)


def letters_of(token: Token) -> tuple[s.Letter, ...]:
    """Give the indices in a subscript that has no labels.

    Raises:
        LexicalError: there is something else in it.
    """
    start = place(token)[0]
    return tuple(letter_of(piece, start) for piece in read_pieces(str(token), 1))
