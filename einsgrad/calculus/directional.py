"""Directional: products of Jacobians and Hessians with directions.

Before: a program, and the inputs that move. After: a :class:`Directional`, which says twice what a product is: as
equations with ``∂`` at the end of the program, for readers, names and axes; and as what is done to the equations of a
differentiator, so that no Jacobian or Hessian is formed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.calculus.gradient import define_gradients
from einsgrad.calculus.residuals import name_residuals
from einsgrad.calculus.rewriting import multiply, total
from einsgrad.calculus.selection import select
from einsgrad.calculus.tangents import define_tangents
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import distinct_letters, rename_all
from einsgrad.ir.names import gradient_name, identifier
from einsgrad.ir.nodes import Expr, Index, Tensor
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import letters

Names: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Directional:
    """A product with a direction.

    Attributes:
        base: the equations of the program.
        program: the same, and after them those of the product; ``program.requested`` are its results.
        tangents: the direction: an input of ``program`` for each input that moves.
        define: adds what is computed to the equations of ``base``: the results, by their names.
    """

    base: Program
    program: Program
    tangents: Names
    define: Callable[[Differentiator], None]


def jvp(program: Program, outputs: Sequence[str], wrt: Sequence[str]) -> Directional:
    """``dy_i = ∂y_i/∂x_p dx_p``: the outputs ``y``, and their tangents along tangents of the inputs ``x``.

    >>> from einsgrad.frontend.parser import parse_program
    >>> print(jvp(parse_program("y_ij = tanh(x_ik a_kj)"), ["y"], ["x"]).program, end="")
    y_ij = tanh(x_ik a_kj)
    dy_ij = ∂y_ij/∂x_i'k dx_i'k
    """
    text = _Text(program)
    along, results = text.new("d{}", wrt), text.new("d{}", outputs)
    for y, name in results.items():
        text.define(name, text.own(y), [text.contracted(text.own(y), x, along[x]) for x in wrt])

    def define(differentiator: Differentiator) -> None:
        define_tangents(differentiator, along, outputs, results)

    return text.finished(along, [*outputs, *results.values()], define)


def hvp(program: Program, outputs: Sequence[str], wrt: Sequence[str]) -> Directional:
    """``Hx_p = ∂(∂E/∂x_p)/∂x_q dx_q``: the tangents of the gradients of a scalar, forward over reverse.

    >>> from einsgrad.frontend.parser import parse_program
    >>> print(hvp(parse_program("E = x_i x_i"), ["E"], ["x"]).program, end="")
    E = x_i x_i
    Hx_i = ∂(∂E/∂x_i)/∂x_i' dx_i'
    """
    (output,) = outputs
    text = _Text(program)
    along, results = text.new("d{}", wrt), text.new("H{}", wrt)
    for x, name in results.items():
        gradient = build.derivative(build.tensor(output), text.fresh(x))
        text.define(name, gradient, [text.contracted(gradient, a, along[a]) for a in wrt])

    def define(differentiator: Differentiator) -> None:
        gradients, _ = define_gradients(differentiator, outputs, wrt)
        called = {gradients[x]: name for x, name in results.items()}
        define_tangents(differentiator, along, gradients.values(), called)

    return text.finished(along, list(results.values()), define)


def gnvp(program: Program, outputs: Sequence[str], wrt: Sequence[str]) -> Directional:
    """``Jᵀ J v`` of outputs with the Jacobian ``J``, or ``Jᵀ H J v`` of a scalar output.

    There ``J`` is the Jacobian of the residuals (:mod:`einsgrad.calculus.residuals`), and ``H`` the Hessian of the
    output by them: the Hessian of the output without the second derivatives of the residuals.

    >>> from einsgrad.frontend.parser import parse_program
    >>> print(gnvp(parse_program("r_i = tanh(a_ij x_j) - b_i; E = r_i r_i"), ["E"], ["x"]).program, end="")
    r_i = tanh(a_ij x_j) - b_i
    E = r_i r_i
    dr_i = ∂r_i/∂x_j dx_j
    Hr_i = ∂(∂E/∂r_i)/∂r_i' dr_i'
    Gx_j = Hr_i ∂r_i/∂x_j
    """
    is_scalar = len(outputs) == 1 and not program.indices(outputs[0])
    base, cut = name_residuals(program, outputs[0], wrt) if is_scalar else (program, tuple(outputs))
    text = _Text(base)
    along, results = text.new("d{}", wrt), text.new("G{}", wrt)
    named = text.new("d{}", [r for r in cut if r not in along])
    moved = {r: named.get(r) or along[r] for r in cut}
    curved = text.new("H{}", cut) if is_scalar else moved
    for r, name in named.items():
        text.define(name, text.own(r), [text.contracted(text.own(r), x, along[x]) for x in wrt])
    for r, name in curved.items() if is_scalar else ():
        gradient = build.derivative(build.tensor(outputs[0]), text.fresh(r))
        text.define(name, gradient, [text.contracted(gradient, s, moved[s]) for s in cut])
    for x, name in results.items():
        text.define(name, text.fresh(x), [text.pulled_back(r, curved[r], text.fresh(x)) for r in cut])

    def define(differentiator: Differentiator) -> None:
        differentiator.reserve([*curved.values(), *results.values()])
        define_tangents(differentiator, along, named, named)
        if is_scalar:
            gradients, _ = define_gradients(differentiator, outputs, cut)
            called = {gradients[r]: name for r, name in curved.items()}
            define_tangents(differentiator, moved, gradients.values(), called)
        loss = differentiator.new_loss()
        seeds = {r: build.tensor(curved[r], differentiator.own_indices(r)) for r in cut}
        differentiator.adjoints(loss, seeds, wrt)
        for x, name in results.items():
            indices = differentiator.own_indices(x)
            # A residual that is an input has the gradient that it is given, without an equation.
            gradient = curved[x] if x in cut else gradient_name(loss, x)
            differentiator.define(name, indices, build.tensor(gradient, indices))

    return text.finished(along, list(results.values()), define)


def with_upstream_given(program: Program) -> Program:
    """Give a program that differentiates a downstream loss with its upstream gradients as plain inputs.

    They are those of the outputs that no equation uses, which equations that are added would change.

    >>> from einsgrad.frontend.parser import parse_program
    >>> print(with_upstream_given(parse_program("y_i = sin(x_i); g_p = ∂l/∂x_p")), end="")
    y_i = sin(x_i)
    g_p = ∂l/∂x_p
    ∂l/∂x_i = ∂l/∂y_i cos(x_i)
    """
    if program.loss is None:
        return program
    differentiator = Differentiator(rename_apart(program), program.forward_outputs)
    return select(differentiator, program.outputs)


class _Text:
    """The equations of a program, and those with ``∂`` that are added to it."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._taken = {*program.by_name, *program.inputs}
        self._added: list[Definition] = []

    def new(self, form: str, tensors: Sequence[str]) -> dict[str, str]:
        """Give new names of a form such as ``d{}`` for some tensors."""
        found = {}
        for tensor in tensors:
            name = form.format(identifier(tensor).replace("_", ""))
            while name in self._taken:
                name = form.format(name)
            self._taken.add(name)
            found[tensor] = name
        return found

    def own(self, name: str) -> Tensor:
        """Give a defined tensor in the letters of its equation."""
        return build.tensor(name, self._program.index_objects(name))

    def fresh(self, name: str, *avoid: Expr) -> Tensor:
        """Give a tensor with distinct letters, its own as far as nothing to be avoided has them."""
        return build.tensor(name, distinct_letters(self._program.index_objects(name), *(node.free for node in avoid)))

    def contracted(self, node: Expr, wrt: str, tangent: str) -> Expr:
        """``∂u_i/∂x_p dx_p``."""
        by = self.fresh(wrt, node)
        return multiply([build.derivative(node, by), build.tensor(tangent, by.indices)], by.indices)

    def pulled_back(self, of: str, upstream: str, by: Tensor) -> Expr:
        """``g_i ∂u_i/∂x_p``."""
        operand = self.fresh(of, by)
        return multiply([build.tensor(upstream, operand.indices), build.derivative(operand, by)], operand.indices)

    def define(self, name: str, like: Expr, terms: Sequence[Expr]) -> None:
        """Add an equation for a tensor with the letters of ``like``, zero if there are no terms."""
        self._added.append(Definition(name, like.free, total(_apart(terms, like.free), like.free)))

    def finished(
        self, tangents: Names, results: Sequence[str], define: Callable[[Differentiator], None]
    ) -> Directional:
        """Give the product that the added equations say, its results among them."""
        base = dataclasses.replace(self._program, claims=())
        definitions = (*base.definitions, *self._added)
        program = dataclasses.replace(base, definitions=definitions, requested=tuple(results))
        return Directional(base, program, tangents, define)


def _apart(terms: Sequence[Expr], free: Sequence[Index]) -> list[Expr]:
    """Give terms that share no letters but ``free``: one would tie the axes that it stands on in either."""
    taken, found = set(free), []
    for term in terms:
        bound = [i for i in sorted(letters(term)) if i not in free]
        mapping = dict(zip(bound, distinct_letters(bound, taken), strict=True))
        found.append(rename_all(term, mapping))
        taken.update(mapping.values())
    return found
