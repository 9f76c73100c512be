"""Backward einsum strings: the gradients of an einsum, as einsums again."""

from __future__ import annotations

import string
from dataclasses import dataclass

from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.diagnostics import InternalError
from einsgrad.frontend.einsum import parse_einsum
from einsgrad.ir.nodes import Delta, Expr, Index, One, Product, Tensor
from einsgrad.ir.program import Definition, gradient_name


@dataclass(frozen=True)
class BackwardEinsum:
    """The gradient by one operand of an einsum.

    Attributes:
        operand: the operand's name in the equation.
        subscripts: the einsum string.
        operands: what each part of it stands for: names, ``∂l/∂out``, ``1`` for a one-tensor, ``δ`` for a delta.
        equation: the gradient as an equation.
    """

    operand: str
    subscripts: str
    operands: tuple[str, ...]
    equation: Definition


def backward_strings(subscripts: str) -> list[str]:
    """Give one string for each operand, with the upstream gradient in the operand's place.

    Where the gradient needs a delta or a one-tensor, it comes as one more operand, after the others.

    Raises:
        LanguageError: the subscripts are not einsum's.
    """
    return [backward.subscripts for backward in backward_einsums(subscripts)]


def backward_einsums(subscripts: str) -> list[BackwardEinsum]:
    """Give the gradient by each operand, with what its parts stand for.

    >>> [(b.subscripts, b.operands) for b in backward_einsums("ii->")]
    [(',ij->ij', ('∂l/∂out', 'δ'))]
    """
    program = rename_apart(parse_einsum(subscripts))
    differentiator = Differentiator(program)
    differentiator.adjoints("l", differentiator.upstream_seeds("l", program.outputs), program.inputs)
    upstream = gradient_name("l", program.outputs[0])
    return [
        _backward(operand, program.inputs, upstream, differentiator.definitions[gradient_name("l", operand)])
        for operand in program.inputs
    ]


def _backward(operand: str, operands: tuple[str, ...], upstream: str, equation: Definition) -> BackwardEinsum:
    place = {name: position for position, name in enumerate(operands)}
    place[upstream] = place[operand]
    factors = equation.rhs.factors if isinstance(equation.rhs, Product) else (equation.rhs,)
    ordered = sorted((f for f in factors if isinstance(f, Tensor)), key=lambda f: place[f.name])
    parts: list[tuple[str, tuple[Index, ...]]] = [(f.name, f.indices) for f in ordered]
    carried = {i for _, indices in parts for i in indices}
    for factor in factors:
        match factor:
            case Tensor():
                pass
            case Delta(indices=indices):
                parts.append(("δ", indices))
            case One(indices=indices):
                needed = tuple(i for i in indices if i not in carried)
                parts += [("1", needed)] if needed else []
            case _:
                raise InternalError(f"the gradient by `{operand}` is no einsum")
    letters = _single_letters(equation.rhs, equation.indices)
    inputs = ",".join("".join(letters[i] for i in indices) for _, indices in parts)
    output = "".join(letters[i] for i in equation.indices)
    return BackwardEinsum(operand, f"{inputs}->{output}", tuple(name for name, _ in parts), equation)


def _single_letters(rhs: Expr, indices: tuple[Index, ...]) -> dict[Index, str]:
    """Spell each index with one letter, its own where it is one."""
    factors = rhs.factors if isinstance(rhs, Product) else (rhs,)
    found = dict.fromkeys([*indices, *(i for f in factors for i in f.free)])
    taken = {i.name for i in found}
    spare = (c for c in "jkmnpqrst" + string.ascii_letters if c not in taken)
    return {i: i.name if len(i.name) == 1 else next(spare) for i in found}
