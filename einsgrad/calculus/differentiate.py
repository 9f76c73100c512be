"""Differentiate: carry out the derivative operators of a program, and derive gradients across its equations.

Before: one range a letter (:mod:`einsgrad.calculus.apart`). After: no derivative operator is left; each gradient is
built from one adjoint equation an intermediate tensor, in reverse order, so that expressions don't swell. Each
step is the literature's: the Jacobian of one equation with new free indices, contracted with the upstream gradient,
deltas substituted. Jacobians of tensors are expanded through the equations, and named where they are needed twice.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from einsgrad.calculus.dependence import Dependence
from einsgrad.calculus.derivative_rules import derivative_rules
from einsgrad.calculus.factoring import factor_terms
from einsgrad.calculus.gather_rules import unfolded
from einsgrad.calculus.rewriting import Rewriter, is_zero, total
from einsgrad.calculus.simplify import SIMPLIFICATION
from einsgrad.diagnostics import InternalError
from einsgrad.ir import build
from einsgrad.ir.equations import Definition, uses
from einsgrad.ir.letters import fewest_primes, fresh, rename, separate
from einsgrad.ir.names import gradient_name, split_gradient_name
from einsgrad.ir.nodes import Derivative, Expr, Gather, Index, Literal, Tensor
from einsgrad.ir.program import Program
from einsgrad.ir.reductions import is_shift
from einsgrad.ir.traversal import children, letters, postorder, tensors, transform


@dataclass(frozen=True, slots=True)
class Adjoint:
    """A gradient that has been derived, and from what.

    Attributes:
        target: ``∂l/∂u_pq``, with new free indices.
        wrt: ``u_pq``.
        seed: the given gradient of an output, in these indices; ``None`` for other tensors.
        uses: the equations that use ``u``.
        start: the sum that the gradient is by the chain rule, with the Jacobians as derivatives to be carried out.
    """

    target: Tensor
    wrt: Tensor
    seed: Expr | None
    uses: tuple[Use, ...]
    start: Expr


@dataclass(frozen=True, slots=True)
class Use:
    """An equation on the way of a gradient.

    Attributes:
        equation: the equation, of a tensor ``y``.
        target: ``∂l/∂y_ij`` in the letters of the equation.
        adjoint: what that is: a reference, or an expression that is too short for an equation of its own.
    """

    equation: Definition
    target: Tensor
    adjoint: Expr


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """A derivative operator that is carried out: in an equation of the text, or for a Jacobian with a name.

    Attributes:
        node: the derivative.
        start: the same, or, for a Jacobian, that of the right-hand side of its tensor's equation.
        equation: the tensor that the equation defines, or whose Jacobian it is.
    """

    node: Derivative
    start: Derivative
    equation: str


@dataclass(frozen=True, slots=True)
class Restated:
    """A gradient that is written anew once all is derived.

    Attributes:
        target: the gradient, in the letters of its equation.
        start: what it is.
        rewriter: whose rules apply to it.
    """

    target: Tensor
    start: Expr
    rewriter: Rewriter


Event: TypeAlias = Adjoint | CarriedOut | Restated
"""What a differentiator is about to do."""


class Differentiator:
    """The equations of a program, to which derivatives add more as they are asked for."""

    def __init__(
        self,
        program: Program,
        forward_outputs: Sequence[str] | None = None,
        observe: Callable[[Differentiator, Event], None] | None = None,
    ) -> None:
        """Take a program with one range a letter, and carry out the derivatives that stand in it.

        Args:
            program: the equations.
            forward_outputs: the outputs that the downstream loss depends on; the program's if left out.
            observe: told of each derivation just before it is done, with the rules as they stand then.
        """
        self.program = program
        self._observe = observe
        self._forward_outputs = program.forward_outputs if forward_outputs is None else forward_outputs
        self.definitions: dict[str, Definition] = {}
        self._names = {*program.by_name, *program.inputs}
        self.letters = {i for d in program.definitions for i in {*letters(d.rhs), *d.indices}}
        self._letters_of: dict[str, frozenset[Index]] = {}
        self.dependence = Dependence()
        self._uses_of: Counter[str] = Counter()
        self._jacobians: dict[tuple[str, str], str] = {}
        self.total = Rewriter((*derivative_rules(self.dependence.on, self._chain), *SIMPLIFICATION))
        self.partial = Rewriter((*derivative_rules(lambda wrt: {wrt}, _no_chain), *SIMPLIFICATION))
        for definition in _forward_first(program):
            rhs = self.expand(definition.rhs, definition.name)
            self.define(definition.name, definition.indices, rhs)

    def define(self, name: str, indices: tuple[Index, ...], rhs: Expr) -> None:
        """Add an equation, which uses what is defined already, or inputs."""
        definition = fewest_primes(separate(Definition(name, indices, rhs), self.letters), self.letters)
        self.definitions[name] = definition
        self._names.add(name)
        self._letters_of[name] = frozenset({*letters(definition.rhs), *definition.indices})
        # What a maximum shifts does not depend on it, so it counts as a constant.
        self.dependence.add(name, () if is_shift(definition.rhs) else uses(definition.rhs))
        self._uses_of.update(
            child.name for node in postorder(definition.rhs) for child in children(node) if isinstance(child, Tensor)
        )

    def _chain(self, operand: Tensor | Gather, wrt: Tensor) -> Expr:
        if isinstance(operand, Gather):
            return build.derivative(unfolded(operand, self.definitions[operand.operand.name].indices), wrt)
        definition = self.definitions[operand.name]
        named = self._jacobians.get((operand.name, wrt.name))
        if named is not None:
            return build.tensor(named, (*operand.indices, *wrt.indices))
        rhs = rename(definition.rhs, dict(zip(definition.indices, operand.indices, strict=True)))
        return build.derivative(rhs, wrt)

    # -- derivative operators that stand in equations ------------------------------------------------------------

    def expand(self, rhs: Expr, equation: str = "") -> Expr:
        """Carry out the derivatives in an expression, inner ones first; without any it stays as it is.

        ``equation`` is the tensor that the expression defines, if any.
        """
        return transform(rhs, lambda node: self._carry_out(node, equation) if isinstance(node, Derivative) else node)

    def _carry_out(self, node: Derivative, equation: str) -> Expr:
        operand, wrt = node.operand, node.wrt
        if isinstance(operand, Tensor) and not operand.indices and operand.name != wrt.name:
            if operand.name == self.program.loss:
                seeds = self.upstream_seeds(operand.name, self._forward_outputs)
                return self._reference(operand.name, seeds, wrt)
            if operand.name in self.definitions and split_gradient_name(operand.name) is None:
                return self._reference(operand.name, {operand.name: build.literal(1)}, wrt)
        self._name_shared_jacobians(operand, wrt)
        if self._observe:
            self._observe(self, CarriedOut(node, node, equation))
        return self.total(node)

    def _reference(self, of: str, seeds: Mapping[str, Expr], wrt: Tensor) -> Expr:
        name = gradient_name(of, wrt.name)
        if name not in self.definitions:
            self.adjoints(of, seeds, [wrt.name])
        return build.tensor(name, wrt.indices)

    def _name_shared_jacobians(self, operand: Expr, wrt: Tensor) -> None:
        """Define the Jacobian of each tensor between ``operand`` and ``wrt`` that several expressions use."""
        between = self.dependence.between(wrt.name, (t.name for t in tensors(operand)))
        shared = {name for name in between if self._uses_of[name] > 1 and name != wrt.name}
        for d in [d for name, d in self.definitions.items() if name in shared]:
            if (d.name, wrt.name) in self._jacobians:
                continue
            new = self._new_indices(wrt.indices, self._letters_of[d.name])
            by = build.tensor(wrt.name, new)
            start = build.derivative(d.rhs, by)
            if self._observe:
                node = build.derivative(build.tensor(d.name, d.indices), by)
                self._observe(self, CarriedOut(node, start, d.name))
            rhs = self.total(start)
            name = self.new_name(f"J{d.name}{wrt.name}")
            self.define(name, (*d.indices, *new), rhs)
            self._jacobians[d.name, wrt.name] = name

    def _new_indices(self, like: Sequence[Index], *avoid: Collection[Index]) -> list[Index]:
        new: list[Index] = []
        for index in like:
            new.append(fresh(self.letters, new, *avoid, like=index))
        return new

    def reserve(self, names: Iterable[str]) -> None:
        """Keep names for equations and inputs that are to come."""
        self._names.update(names)

    def new_name(self, wish: str) -> str:
        """Give a name that no tensor has, as near to ``wish`` as a name can be."""
        plain = "".join(c for c in wish if c.isalnum())
        names = itertools.chain([plain], map(f"{plain}{{}}".format, itertools.count(2)))
        return next(name for name in names if name not in self._names)

    # -- gradients across equations ------------------------------------------------------------------------------

    def upstream_seeds(self, loss: str, outputs: Iterable[str]) -> dict[str, Expr]:
        """Give the upstream gradient ``∂l/∂y`` of each output, as a given tensor."""
        return {y: build.tensor(gradient_name(loss, y), self.program.index_objects(y)) for y in outputs}

    def new_loss(self) -> str:
        """Give a name for a downstream loss of which the program knows nothing."""
        known = {*self._names, self.program.loss}
        known |= {parts[0] for name in known if name is not None and (parts := split_gradient_name(name))}
        names = itertools.chain(["l", "L", "loss"], map("l{}".format, itertools.count(1)))
        return next(name for name in names if name not in known)

    def adjoints(self, of: str, seeds: Mapping[str, Expr], wrt: Sequence[str]) -> None:
        """Define the gradients of ``of`` with respect to ``wrt``, with one equation an intermediate tensor.

        Args:
            of: the name of the differentiated scalar, as gradients are to be named.
            seeds: the gradient of it by each output, in the output's own indices.
            wrt: the tensors to differentiate by.
        """
        on_the_way = self.dependence.on_any(wrt) & self.dependence.of(seeds)
        active = [d for name, d in self.definitions.items() if name in on_the_way]
        found: dict[str, list[Use]] = {}
        wanted = {*wrt, *(d.name for d in active)}
        for d in reversed(active):
            use = Use(d, *self._settle(of, d.name, found.pop(d.name, []), seeds.get(d.name), d.name in wrt))
            if is_zero(use.adjoint):
                continue
            for name in self.dependence.uses(d.name):
                if name in wanted:
                    found.setdefault(name, []).append(use)
        for x in wrt:
            if gradient_name(of, x) not in self.definitions:
                self._settle(of, x, found.get(x, []), seeds.get(x), named=True)

    def _settle(self, of: str, name: str, users: Sequence[Use], seed: Expr | None, named: bool) -> tuple[Tensor, Expr]:
        """Add up what reaches a tensor, as an equation of its own unless it is short.

        Returns:
            The gradient's name and letters, and what it is.
        """
        indices = self.own_indices(name)
        step = self._adjoint(of, name, users, seed)
        if self._observe:
            self._observe(self, step)
        own_letters = dict(zip(step.wrt.indices, indices, strict=True))
        value = factor_terms(rename(self.partial(step.start), own_letters), self.total)
        target = build.tensor(step.target.name, indices)
        short = isinstance(value, Tensor | Literal) or is_zero(value)
        if short and (isinstance(seed, Tensor) or not named):
            return target, value
        self.define(target.name, indices, value)
        return target, target

    def _adjoint(self, of: str, name: str, users: Sequence[Use], seed: Expr | None) -> Adjoint:
        """``∂l/∂u_pq = ∂l/∂y_ij ∂y_ij/∂u_pq`` and so on for each equation that uses ``u``, with new indices."""
        own = self.own_indices(name)
        avoid = (group for use in users for group in (self._letters_of[use.equation.name], letters(use.adjoint)))
        new = self._new_indices(own, own, *avoid)
        wrt = build.tensor(name, new)
        terms = [] if seed is None else [rename(seed, dict(zip(own, new, strict=True)))]
        for use in users:
            local = build.derivative(use.equation.rhs, wrt)
            terms.append(build.product([use.adjoint, local], use.equation.indices))
        # What reaches an output by other outputs, too, needs a name beside that of the given gradient.
        is_given = isinstance(seed, Tensor) and users
        target = build.tensor(self.new_name(f"g{name}") if is_given else gradient_name(of, name), new)
        return Adjoint(target, wrt, terms[0] if seed is not None else None, tuple(users), total(terms, new))

    def own_indices(self, name: str) -> tuple[Index, ...]:
        """Give letters for the axes of a tensor: its own where they are distinct."""
        found: list[Index] = []
        if name in self.definitions:
            return self.definitions[name].indices
        for index in self.program.index_objects(name):
            found.append(fresh(found, self.letters, like=index) if index in found else index)
        return tuple(found)


def _forward_first(program: Program) -> list[Definition]:
    """Give the equations in order, those that a downstream gradient enters after all others."""
    ordered = program.in_order()
    late: set[str] = set()
    for d in ordered:
        if program.loss is not None and any(n == program.loss or n in late for n in uses(d.rhs)):
            late.add(d.name)
    return [d for d in ordered if d.name not in late] + [d for d in ordered if d.name in late]


def _no_chain(operand: Tensor | Gather, wrt: Tensor) -> Expr:
    raise InternalError(f"a partial derivative met the equation of {operand}")
