"""Derivatives as whole arrays: Jacobians and Hessians as equations with ``∂`` after those of the program."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import distinct_letters
from einsgrad.ir.names import identifier
from einsgrad.ir.nodes import Expr
from einsgrad.ir.program import Program


def jacobian_program(program: Program, of: str, wrt: str) -> tuple[Program, str]:
    """Give the program with an equation for ``∂ of / ∂ wrt``, and the name of what that defines.

    >>> from einsgrad.ir.nodes import Index
    >>> i, j = Index("i"), Index("j")
    >>> rhs = build.product([build.tensor("a", [i, j]), build.tensor("x", [j])], [j])
    >>> jacobian, name = jacobian_program(Program((Definition("y", (i,), rhs),)), "y", "x")
    >>> print(jacobian)
    y_i = a_ij x_j
    J_ij = ∂y_i/∂x_j
    <BLANKLINE>
    """
    return _with_derivative(program, "J", of, [wrt])


def hessian_program(program: Program, of: str, wrt: str, then: str) -> tuple[Program, str]:
    """Give the program with an equation for ``∂² of / ∂ wrt ∂ then``, and the name of what that defines."""
    return _with_derivative(program, "H", of, [wrt, then])


def hessians_program(program: Program, of: str, wrt: Sequence[str]) -> tuple[Program, tuple[str, ...]]:
    """Give the program with an equation for each pair of inputs, and the names of what they define, row by row.

    >>> from einsgrad.frontend.parser import parse_program
    >>> print(hessians_program(parse_program("l = x_i x_i a"), "l", ["x", "a"])[0], end="")
    l = x_i x_i a
    Hxx_ii' = ∂(∂l/∂x_i)/∂x_i'
    Hxa_i = ∂(∂l/∂x_i)/∂a
    Hax_i = ∂(∂l/∂a)/∂x_i
    Haa = ∂(∂l/∂a)/∂a
    """
    names = []
    for pair in itertools.product(wrt, repeat=2):
        stem = "".join(identifier(x).replace("_", "") for x in pair)
        program, name = _with_derivative(program, f"H{stem}", of, pair)
        names.append(name)
    return dataclasses.replace(program, requested=tuple(names)), tuple(names)


def _with_derivative(program: Program, stem: str, of: str, wrt: Sequence[str]) -> tuple[Program, str]:
    letters = list(program.index_objects(of))
    node: Expr = build.tensor(of, letters)
    for name in wrt:
        tensor = build.tensor(name, distinct_letters(program.index_objects(name), letters))
        node = build.derivative(node, tensor)
        letters += tensor.indices
    result = _unused_name(program, stem)
    definitions = (*program.definitions, Definition(result, tuple(letters), node))
    return dataclasses.replace(program, definitions=definitions, claims=(), requested=(result,)), result


def _unused_name(program: Program, stem: str) -> str:
    taken = {*program.by_name, *program.inputs}
    return next(name for name in (stem + "d" * k for k in range(len(taken) + 1)) if name not in taken)
