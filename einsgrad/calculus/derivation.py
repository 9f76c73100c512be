"""Derivation: what the differentiator does, as the lines that a person writes.

Before: a program, and what to differentiate. After: for each equation the Jacobians by the tensors it uses, for each
tensor its gradient by the chain rule, each as a chain of equal lines with the rule that leads to each; and the program
of the gradients. The lines are the differentiator's own steps, told by it as it works; only the letters of the new free
indices are chosen for reading, ``p q …`` as in the literature. Nothing is derived here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import assert_never

from einsgrad.calculus.differentiate import Adjoint, CarriedOut, Differentiator, Event, Restated, Use
from einsgrad.calculus.excerpt import excerpt
from einsgrad.calculus.factoring import factor_terms
from einsgrad.calculus.forward_values import ForwardValues
from einsgrad.calculus.gradient import gradient_program
from einsgrad.calculus.occurrences import Occurrences
from einsgrad.calculus.rewriting import Rewriter, is_number, total
from einsgrad.calculus.trace import tidy, trace
from einsgrad.ir import build
from einsgrad.ir.derivation import Chain, Reason, Section, Step, join_reasons
from einsgrad.ir.equations import Definition, uses
from einsgrad.ir.letters import rename_all, root, unused_letters
from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import Derivative, Expr, Index, Literal, Tensor
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import letters, tensors

# What a person does first: derivatives from the outside in, then deltas, then one-tensors, then algebra.
_ORDER = (
    "definition",
    "sum rule",
    "product rule",
    "power rule",
    "chain rule",
    "∂x_i/∂x_p = δ_ip",
    "constant",
    "delta substitution",
    "δ_ii = 1_i",
    "one-tensors",
)
# The usual letters of new free indices.
_NEW_LETTERS = "pqrstuvwabcdefg"


def derive_gradients(
    program: Program, of: str | Sequence[str] | None, wrt: str | Sequence[str] | None
) -> tuple[tuple[Section, ...], Program]:
    """Derive gradients line by line.

    Args and raises: as :func:`einsgrad.calculus.gradient.gradient_program`, whose result is given as well.
    """
    recorder = _Recorder()
    derived = gradient_program(program, of, wrt, recorder)
    return recorder.sections(), derived


class _Recorder:
    """Listens to a differentiator, and keeps the chains of lines by equation and by tensor."""

    def __init__(self) -> None:
        self._taken: frozenset[Index] = frozenset()
        self._occurrences = Occurrences()
        self._differentiator: Differentiator | None = None
        self._forward_values: ForwardValues | None = None
        self._carried_out: dict[str, list[Chain]] = {}
        self._jacobians: dict[str, dict[str, Chain]] = {}
        self._gradients: dict[str, list[Chain]] = {}

    def __call__(self, differentiator: Differentiator, event: Event) -> None:
        self._taken = self._taken or _taken(differentiator)
        match event:
            case Adjoint():
                self._adjoint(differentiator, event)
            case CarriedOut(node=node, start=start, equation=equation):
                moving = differentiator.dependence.on(node.wrt.name)
                chain = self._chain(node, start, moving, differentiator.total)
                self._carried_out.setdefault(equation, []).append(chain)
            case Restated():
                self._restated(differentiator, event)
            case _:
                assert_never(event)
        self._differentiator = differentiator

    def _adjoint(self, differentiator: Differentiator, event: Adjoint) -> None:
        new, taken = event.wrt.indices, self._taken
        # Where the one equation on the way is that of a scalar output, the Jacobian is the gradient.
        is_gradient = len(event.uses) == 1 and is_number(event.uses[0].adjoint, 1)
        jacobians = []
        for use in event.uses:
            chain = self._jacobian(use.equation, event.wrt, differentiator.partial)
            jacobians.append(chain.steps[-1].expr)
            if is_gradient:
                chain = self._finished(chain, event.target, differentiator)
            of_equation = self._jacobians.setdefault(use.equation.name, {})
            of_equation.setdefault(event.wrt.name, _readable(chain, new, taken))
        if event.uses and not is_gradient:
            gradient = self._finished(_gradient(event, jacobians, differentiator.partial), event.target, differentiator)
            self._gradients.setdefault(event.wrt.name, []).append(_readable(gradient, new, taken))

    def _restated(self, differentiator: Differentiator, event: Restated) -> None:
        target, start = event.target, tidy(event.start)
        steps = (Step(start, ("as derived",)), *trace(event.start, event.rewriter, _ORDER))
        parts = split_gradient_name(target.name)
        chain = self._finished(Chain(target, steps), target, differentiator)
        self._gradients.setdefault(parts[1] if parts else target.name, []).append(
            _readable(chain, target.indices, self._taken)
        )

    def _finished(self, chain: Chain, target: Tensor, differentiator: Differentiator) -> Chain:
        """Add a line where the terms of the last one have common factors, and one where these are forward values."""
        if self._forward_values is None:
            self._forward_values = ForwardValues(differentiator)
        result = differentiator.partial(chain.steps[-1].expr)
        factored = factor_terms(result, differentiator.total)
        named = self._forward_values.put_into(factored, target.name)
        steps = chain.steps
        if factored is not result:
            steps = (*steps, Step(tidy(factored), ("common factors in front",)))
        if named is not factored:
            steps = (*steps, Step(tidy(named), _forward_values(factored, named)))
        return Chain(chain.left, steps)

    def _jacobian(self, d: Definition, wrt: Tensor, rewriter: Rewriter) -> Chain:
        """``∂y_ij/∂x_pq``, from the right-hand side of the equation of ``y``."""
        node = build.derivative(build.tensor(d.name, d.indices), wrt)
        return self._chain(node, build.derivative(d.rhs, wrt), {wrt.name}, rewriter)

    def _chain(self, node: Derivative, start: Derivative, moving: Set[str], rewriter: Rewriter) -> Chain:
        """Give the lines from a derivative, by way of an equation where ``start`` is another; ``moving`` do depend."""
        if start is node:
            return Chain(node, tuple(trace(start, rewriter, _ORDER)))
        because: Reason = ("definition of ", *(build.tensor(t.name) for t in tensors(node)))
        short = build.derivative(excerpt(start.operand, moving, self._occurrences), start.wrt)
        if short is not start:
            because = (*because, ", whose other terms are constant")
        return Chain(node, (Step(short, because), *trace(short, rewriter, _ORDER)))

    def sections(self) -> tuple[Section, ...]:
        """Give a section for each equation, then one for the gradients; just one where there is one equation."""
        found = [Section(d, chains) for d in self._equations() if (chains := tuple(self._chains_of(d)))]
        gradients = tuple(chain for chains in self._gradients.values() for chain in chains)
        if len(found) == 1:
            return (Section(found[0].equation, tuple(self._side_by_side())),)
        return (*found, Section(None, gradients)) if gradients else tuple(found)

    def _equations(self) -> Iterable[Definition]:
        known = self._differentiator
        return {**known.definitions, **known.program.by_name}.values() if known else ()

    def _chains_of(self, d: Definition) -> Iterator[Chain]:
        yield from self._carried_out.get(d.name, ())
        yield from self._jacobians.get(d.name, {}).values()

    def _side_by_side(self) -> Iterator[Chain]:
        """Give each gradient after the Jacobian that it comes from."""
        yield from itertools.chain.from_iterable(self._carried_out.values())
        for jacobians in self._jacobians.values():
            for x, jacobian in jacobians.items():
                yield jacobian
                yield from self._gradients.get(x, ())


def _gradient(event: Adjoint, jacobians: Sequence[Expr], rewriter: Rewriter) -> Chain:
    """``∂l/∂x_pq = ∂l/∂y_ij ∂y_ij/∂x_pq``, then the Jacobians put in, and what is left in the end."""
    free = event.wrt.indices
    seeds = [] if event.seed is None else [event.seed]
    named, known = list(seeds), list(seeds)
    for use, jacobian in zip(event.uses, jacobians, strict=True):
        y = use.equation
        upstream = use.adjoint if isinstance(use.adjoint, Literal) else use.target
        named.append(_times(upstream, build.derivative(build.tensor(y.name, y.indices), event.wrt), y.indices))
        known.append(_times(use.adjoint, jacobian, y.indices))
    start = total(known, free)
    inserted = "Jacobian inserted" if len(jacobians) == 1 else "Jacobians inserted"
    steps = [Step(total(named, free), _chain_rule(event.uses)), Step(tidy(start), (inserted,))]
    return Chain(event.target, (*steps, *trace(start, rewriter, _ORDER)))


def _forward_values(before: Expr, after: Expr) -> Reason:
    """Say which forward values have got their names."""
    new = [(build.tensor(name),) for name in uses(after) if name not in uses(before)]
    return (f"forward value{'s' if len(new) != 1 else ''}", *((" ", *join_reasons(new)) if new else ()))


def _times(adjoint: Expr, jacobian: Expr, summed: Sequence[Index]) -> Expr:
    return jacobian if is_number(adjoint, 1) else build.product([adjoint, jacobian], summed)


def _chain_rule(uses: Sequence[Use]) -> Reason:
    """Say through which tensors the chain rule goes, if through several; a scalar output is reached directly."""
    if len(uses) == 1:
        return ("chain rule",)
    names: list[Reason] = [(build.tensor(u.equation.name),) for u in uses if not is_number(u.adjoint, 1)]
    directly = "directly and " if len(names) < len(uses) else ""
    others = (*join_reasons(names[:-1]), " and ") if len(names) > 1 else ()
    return f"chain rule {directly}through ", *others, *names[-1]


def _taken(differentiator: Differentiator) -> frozenset[Index]:
    """Give the letters of a program, and those that its tensors are called: in ``∂l/∂p_pq``, ``p`` would be both."""
    program = differentiator.program
    return frozenset(map(root, differentiator.letters)).union(map(Index, (*program.by_name, *program.inputs)))


def _readable(chain: Chain, new: Sequence[Index], taken: Set[Index]) -> Chain:
    """Give the new free indices of a chain the letters ``p q …``, of those that are not ``taken`` and not its own."""
    own = {root(i) for i in letters(chain.left, *(step.expr for step in chain.steps))}
    usual = [Index(letter) for letter in _NEW_LETTERS]
    letters_left = (i for i in itertools.chain(usual, unused_letters(usual)) if i not in own and i not in taken)
    mapping = dict(zip(new, letters_left, strict=False))
    return Chain(
        rename_all(chain.left, mapping),
        tuple(Step(rename_all(s.expr, mapping), _renamed_reason(s.reason, mapping)) for s in chain.steps),
    )


def _renamed_reason(reason: Reason, mapping: Mapping[Index, Index]) -> Reason:
    def renamed(part: str | Expr | Index) -> str | Expr | Index:
        match part:
            case str():
                return part
            case Index():
                return mapping.get(part, part)
            case _:
                return rename_all(part, mapping)

    return tuple(map(renamed, reason))
