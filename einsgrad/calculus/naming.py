"""Name arguments: compound arguments of nonlinear functions become equations of their own.

Before: one range a letter. After: where a function, a power or a divisor has an argument that contracts several
tensors, as in ``sigmoid(w_i x_i + b)``, an equation names it; so its gradient is derived once, and that of every input
refers to it. Arguments without a contraction of their own stay where the author wrote them, and so do sums of
exponentials, whose quotients are recognised as a whole.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.names import canonical_name
from einsgrad.ir.nodes import Apply, Derivative, Expr, MatrixFunction, Power, Product, Reduction, Sum, Tensor
from einsgrad.ir.program import Program
from einsgrad.ir.reductions import is_shift
from einsgrad.ir.traversal import children, postorder, rebuild, tensors, transform


def name_arguments(program: Program) -> Program:
    """Give the program with compound arguments named ``u1``, ``u2`` and so on."""
    known = {canonical_name(n) for n in (*program.by_name, *program.inputs)}
    names = (name for name in map("u{}".format, itertools.count(1)) if name not in known)
    named: dict[Expr, Expr] = {}
    definitions: list[Definition] = []

    def step(node: Expr) -> Expr:
        if not isinstance(node, Apply | Power | MatrixFunction | Reduction) or is_shift(node):
            return node
        below = list(children(node))
        for position, argument in enumerate(below):
            if argument not in named and (_is_compound(argument) or _is_one_value(node, argument)):
                definition = Definition(next(names), argument.free, argument)
                definitions.append(definition)
                named[argument] = build.tensor(definition.name, definition.indices)
            below[position] = named.get(argument, argument)
        return rebuild(node, below)

    for d in program.definitions:
        rhs = transform(d.rhs, step)
        definitions.append(Definition(d.name, d.indices, rhs))
    return dataclasses.replace(program, definitions=tuple(definitions))


def _is_one_value(node: Expr, argument: Expr) -> bool:
    """Tell whether the argument has to be computed once: a matrix, or what is compared with its maximum."""
    if not isinstance(node, MatrixFunction | Reduction) or isinstance(argument, Tensor):
        return False
    return not any(isinstance(n, Derivative) or is_shift(n) for n in postorder(argument))


def _is_compound(node: Expr) -> bool:
    if any(
        isinstance(n, Derivative) or is_shift(n) or (isinstance(n, Apply) and n.function == "exp")
        for n in postorder(node)
    ):
        return False
    return any(len({t.name for t in tensors(product)}) > 1 for product in _contractions(node))


def _contractions(node: Expr) -> Iterator[Product]:
    """Yield the products that sum, other than those inside functions and powers."""
    stack = [node]
    while stack:
        found = stack.pop()
        if isinstance(found, Product) and found.summed:
            yield found
        elif isinstance(found, Product | Sum):
            stack += children(found)
