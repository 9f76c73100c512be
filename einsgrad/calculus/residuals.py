"""Residuals: what a scalar output is a plain function of, where Gauss-Newton products cut its equations in two.

The output's equation is on the side of the loss, and so are those of the tensors that it is linear in, and so on. What
these equations use otherwise is a residual, and so are the brackets that they square: each gets an equation of its own.
Which residuals there are depends on how the equations are written, so a loss that names none is refused.

Before: any program. After: the same with the residuals named, none of which depends on another.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence, Set

from einsgrad.calculus.dependence import reachable
from einsgrad.calculus.rewriting import is_number
from einsgrad.calculus.selection import renamed
from einsgrad.calculus.tangents import along_direction
from einsgrad.diagnostics import Diagnostic, UsageError
from einsgrad.ir import build
from einsgrad.ir.equations import Definition, uses
from einsgrad.ir.letters import distinct_letters
from einsgrad.ir.nodes import Derivative, Expr, Power, Product, Sum, Tensor
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import children, postorder, transform


def name_residuals(program: Program, output: str, wrt: Sequence[str]) -> tuple[Program, tuple[str, ...]]:
    """Give the program with its residuals named, and their names.

    Raises:
        UsageError: the loss names no residual, or is linear in one of them and also is not.

    >>> from einsgrad.frontend.parser import parse_program
    >>> text = "L = 1/2 s + λ w_i w_i; s = 1_n (y_n - x_ni w_i)^2"
    >>> program, names = name_residuals(parse_program(text), "L", ["w"])
    >>> print(program, names)
    L = 1/2 s + λ w1_i w1_i
    r_n = y_n - x_ni w_i
    s = 1_n r_n^2
    w1_i = w_i
     ('r', 'w1')
    """
    loss, _ = _split(program, output, wrt)
    program = _name_squares(program, loss, _moving(program, wrt))
    loss, cut = _split(program, output, wrt)
    if program.by_name.keys().isdisjoint(cut):
        message = f"gnvp: the equation of `{output}` names no residual that depends on {', '.join(wrt)}"
        note = "a Gauss-Newton product drops the second derivatives of residuals, so it has to be told what these are"
        fix = f"give what `{output}` is a plain function of an equation of its own: r_i = …; {output} = r_i r_i"
        raise UsageError([Diagnostic("no-residual", message, notes=(note,), fix=fix)])
    both = sorted(loss.intersection(cut))
    if both:
        message = f"gnvp: `{output}` is linear in `{both[0]}` in one place and not in another"
        raise UsageError([Diagnostic("no-residual", message)])
    return _cut_apart(program, loss, cut)


def _moving(program: Program, wrt: Sequence[str]) -> set[str]:
    """Give the tensors whose values depend on some, those included."""
    users: dict[str, list[str]] = {}
    for d in program.definitions:
        for name in uses(d.rhs):
            users.setdefault(name, []).append(d.name)
    return reachable(wrt, users)


def _split(program: Program, output: str, wrt: Sequence[str]) -> tuple[set[str], tuple[str, ...]]:
    """Give the tensors on the side of the loss, and those where the other side begins, in order."""
    moving = _moving(program, wrt)
    loss: set[str] = set()
    cut: set[str] = set()
    stack = [output]
    while stack:
        name = stack.pop()
        if name in loss:
            continue
        loss.add(name)
        rhs = program.by_name[name].rhs
        used = [u for u in uses(rhs) if u in moving]
        inner = [u for u in used if u in program.by_name and _is_linear(rhs, u, moving)]
        stack += inner
        cut.update(u for u in used if u not in inner)
    return loss, tuple(name for name in [*program.by_name, *program.inputs] if name in cut)


def _is_linear(rhs: Expr, name: str, moving: Set[str]) -> bool:
    """Tell whether the derivative by a tensor is constant, for all that moves."""
    if any(isinstance(node, Derivative) for node in postorder(rhs)):
        return False
    tangent = along_direction({name: ""})
    return moving.isdisjoint(uses(tangent(rhs)))


def _name_squares(program: Program, loss: Set[str], moving: Set[str]) -> Program:
    """Give each bracket that an equation of the loss squares, outside functions, an equation of its own."""
    taken = {*program.by_name, *program.inputs}
    names = (name for name in itertools.chain(["r"], map("r{}".format, itertools.count(2))) if name not in taken)
    definitions: list[Definition] = []
    for d in program.definitions:
        found: dict[Expr, Expr] = {}
        for base in _squared(d.rhs) if d.name in loss else ():
            if base not in found and not isinstance(base, Tensor) and not moving.isdisjoint(uses(base)):
                new = Definition(next(names), base.free, base)
                definitions.append(new)
                found[base] = build.tensor(new.name, base.free)
        definitions.append(dataclasses.replace(d, rhs=_replaced(d.rhs, found)))
    return dataclasses.replace(program, definitions=tuple(definitions))


def _squared(rhs: Expr) -> Iterator[Expr]:
    """Yield what is squared in a sum of products, brackets within brackets included."""
    stack = [rhs]
    while stack:
        node = stack.pop()
        if isinstance(node, Power) and is_number(node.exponent, 2):
            yield node.base
        elif isinstance(node, Product | Sum):
            stack += reversed(children(node))


def _replaced(rhs: Expr, replacements: Mapping[Expr, Expr]) -> Expr:
    return transform(rhs, lambda node: replacements.get(node, node)) if replacements else rhs


def _cut_apart(program: Program, loss: Set[str], cut: Sequence[str]) -> tuple[Program, tuple[str, ...]]:
    """Let the loss use copies of those residuals that others depend on, so that it can be differentiated by each."""
    inner = [name for name in cut if len(_moving(program, [name]).intersection(cut)) > 1]
    taken = {*program.by_name, *program.inputs}
    copies = {name: next(n for n in map(f"{name}{{}}".format, itertools.count(1)) if n not in taken) for name in inner}

    definitions = [
        dataclasses.replace(d, rhs=renamed(d.rhs, copies)) if d.name in loss else d for d in program.definitions
    ]
    for name, copy in copies.items():
        letters = distinct_letters(program.index_objects(name))
        definitions.append(Definition(copy, letters, build.tensor(name, letters)))
    return dataclasses.replace(program, definitions=tuple(definitions)), tuple(copies.get(name, name) for name in cut)
