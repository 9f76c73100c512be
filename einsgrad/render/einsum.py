"""Equations as einsum strings, with what each operand of the string is.

Before: any equation. After: the string and its operands, where the right-hand side is one product of tensors, deltas,
one-tensors and a number. Sums of terms, functions, powers, divisions and sizes are not attempted.
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from einsgrad.ir.equations import Definition
from einsgrad.ir.names import canonical_name, identifier, split_gradient_name
from einsgrad.ir.nodes import Delta, Index, Literal, One, Tensor
from einsgrad.render.products import flatten

Operand: TypeAlias = Tensor | Delta | One


@dataclass(frozen=True, slots=True)
class Einsum:
    """An equation as an einsum.

    Attributes:
        equation: the equation.
        subscripts: the einsum string.
        operands: what each part of the string stands for: a tensor's name, ``δ`` for a delta, ``1`` for a one-tensor.
        coefficient: the number to multiply the einsum by.
        notes: what array each delta and one-tensor is, and what ``np.einsum`` needs to take the string.
    """

    equation: Definition
    subscripts: str
    operands: tuple[str, ...]
    coefficient: Fraction
    notes: tuple[str, ...]


def einsum_of(equation: Definition, ellipsis: Index | None = None) -> Einsum | None:
    """Give an equation as an einsum, or ``None`` where it is none.

    Args:
        equation: any equation.
        ellipsis: the index that is written ``...``, if any; it stands in each operand once at most.

    >>> from einsgrad.ir import build
    >>> i, j = Index("i"), Index("j")
    >>> rhs = build.product([build.literal(2), build.tensor("∂l/∂y"), build.delta(i, j)])
    >>> e = einsum_of(Definition("∂l/∂x", (i, j), rhs))
    >>> e.subscripts, e.operands, e.coefficient, e.notes
    (',ij->ij', ('∂l/∂y', 'δ'), Fraction(2, 1), ('δ_ij: the identity matrix, np.eye(x.shape[0])',))
    """
    coefficient = Fraction(1)
    operands: list[Operand] = []
    carried: set[Index] = set()
    for factor in sorted(flatten(equation.rhs)[0], key=lambda f: isinstance(f, One)):
        match factor:
            case Literal(value=value):
                coefficient *= value
            case Tensor() | Delta():
                operands.append(factor)
            case One() if not carried.issuperset(factor.free):
                operands.append(factor)
            case One():
                pass
            case _:
                return None
        carried.update(factor.free)
    return _spell(equation, operands, coefficient, ellipsis)


def _spell(
    equation: Definition, operands: Sequence[Operand], coefficient: Fraction, ellipsis: Index | None
) -> Einsum | None:
    if not operands:
        return None
    letters = _letters([*equation.indices, *(i for o in operands for i in o.indices)], ellipsis)

    def spell(indices: Iterable[Index]) -> str:
        return "".join(letters[i] for i in indices)

    subscripts = f"{','.join(spell(o.indices) for o in operands)}->{spell(equation.indices)}"
    notes = []
    for operand in operands:
        if isinstance(operand, Delta):
            size = _shape(operand.indices[:1], equation, operands, ellipsis)
            notes.append(f"δ_{spell(operand.indices)}: the identity matrix, np.eye({size})")
        elif isinstance(operand, One):
            shape = _shape(operand.indices, equation, operands, ellipsis)
            notes.append(f"1_{spell(operand.indices)}: ones, np.ones({shape})")
    carried = {i for o in operands for i in o.free}
    if ellipsis in carried and ellipsis not in equation.indices:
        notes.append("the sum over `...`: np.einsum takes it with optimize=True, and opt_einsum.contract always")
    if any(letter not in string.ascii_letters for i, letter in letters.items() if i != ellipsis):
        notes.append("np.einsum knows the 52 letters a to z and A to Z; opt_einsum.contract takes any letter")
    return Einsum(equation, subscripts, tuple(map(_name, operands)), coefficient, tuple(notes))


def _name(operand: Operand) -> str:
    match operand:
        case Tensor(name=name):
            return name
        case Delta():
            return "δ"
        case One():
            return "1"


def _letters(indices: Iterable[Index], ellipsis: Index | None) -> dict[Index, str]:
    """Spell each index with one letter, its own where it is one."""
    found = dict.fromkeys(indices)
    taken = {i.name for i in found}
    spare = (c for c in _alphabet() if c not in taken)
    return {i: "..." if i == ellipsis else i.name if len(i.name) == 1 else next(spare) for i in found}


def _alphabet() -> Iterator[str]:
    """Yield letters, as opt_einsum does: the 52 that NumPy takes, then those beyond ASCII."""
    beyond = filter(str.isalpha, map(chr, itertools.count(ord("À"))))
    return itertools.chain("jkmnpqrst" + string.ascii_letters, (c for c in beyond if canonical_name(c) == c))


def _shape(indices: Sequence[Index], equation: Definition, operands: Sequence[Operand], ellipsis: Index | None) -> str:
    """Give the Python expression of the shape of an array with these indices, from the arrays at hand.

    A gradient has the shape of the tensor it is taken by, which is at hand where the gradient is computed.
    """
    by = split_gradient_name(equation.name)
    tensors = [(by[1], equation.indices)] if by else []
    tensors += [(o.name, o.indices) for o in operands if isinstance(o, Tensor)]
    sizes = [_size(index, tensors, ellipsis) for index in indices]
    if len(sizes) == 1:
        return sizes[0].removeprefix("*")
    return f"({', '.join(sizes)})"


def _size(index: Index, tensors: Sequence[tuple[str, tuple[Index, ...]]], ellipsis: Index | None) -> str:
    """Give the Python expression of an index's size, or, with a star, of the sizes of the axes of ``...``."""
    for name, indices in tensors:
        if index in indices:
            place = indices.index(index)
            behind = len(indices) - place - 1
            if index == ellipsis:
                bounds = f"{place or ''}:{-behind or ''}"
                return f"*{identifier(name)}.shape[{bounds}]"
            after_ellipsis = ellipsis in indices[:place]
            return f"{identifier(name)}.shape[{-behind - 1 if after_ellipsis else place}]"
    return f"|{index}|"
