"""A program: a list of equations, each defining the components of one tensor, of claims about them, and of facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from einsgrad.diagnostics import Diagnostic, Span, UsageError, did_you_mean
from einsgrad.ir.equations import Claim, Definition, uses
from einsgrad.ir.given import Given
from einsgrad.ir.letters import unused_letters
from einsgrad.ir.names import canonical_name, gradient_name, split_gradient_name, typeable
from einsgrad.ir.nodes import Apply, Derivative, Expr, Gather, Index, Selector, Size, Tensor, axis_letters
from einsgrad.ir.printer import print_equations
from einsgrad.ir.summary import arrow, counted, listed
from einsgrad.ir.traversal import letters, postorder


@dataclass(frozen=True, repr=False)
class Program:
    """Equations, claims and facts, in the order of the text.

    Attributes:
        definitions: the equations.
        claims: what the file claims to be equal.
        facts: what it says is given of inputs.
        loss: the name of the downstream loss: a scalar that no equation defines, differentiated somewhere
            (``∂l/∂x``); ``None`` if there is none.
        anchors: for derived programs, the axis whose size ``|h|`` is where ``h`` occurs in no equation any more.
        ties: axes that have one size although no letter says so: those that matrix notation declares to have it.
        requested: the outputs that a caller asked for; ``None`` for those that follow from the equations.
        spans: where each definition and claim stands in the text, by position; beside the tree, not part of equality.
    """

    definitions: tuple[Definition, ...]
    claims: tuple[Claim, ...] = ()
    facts: tuple[Claim, ...] = ()
    loss: str | None = field(default=None, compare=False)
    anchors: Mapping[Index, tuple[str, int]] = field(default_factory=lambda: MappingProxyType({}), compare=False)
    ties: tuple[tuple[tuple[str, int], tuple[str, int]], ...] = field(default=(), compare=False)
    requested: tuple[str, ...] | None = field(default=None, compare=False)
    spans: Mapping[Definition | Claim, Span] = field(default_factory=lambda: MappingProxyType({}), compare=False)
    warnings: tuple[Diagnostic, ...] = field(default=(), compare=False)

    def __hash__(self) -> int:
        return hash((self.definitions, self.claims, self.facts))

    def __str__(self) -> str:
        return print_equations(self.definitions, self.claims, self.facts)

    def __repr__(self) -> str:
        told = (
            [arrow(self.inputs, self.outputs), counted(len(self.definitions), "equation")] if self.definitions else []
        )
        if self.claims:
            told.append(counted(len(self.claims), "claim"))
        if self.facts:
            told.append(counted(len(self.facts), "fact"))
        return f"Program({'; '.join(told)})"

    @cached_property
    def by_name(self) -> Mapping[str, Definition]:
        """The definition of each defined tensor."""
        return MappingProxyType({d.name: d for d in self.definitions})

    @cached_property
    def given(self) -> Given:
        """What the facts say."""
        return Given.of(self.facts)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The tensors that equations use and none defines, in order of appearance."""
        used = _first_uses(d.rhs for d in self.definitions)
        names = [n for n in used if n not in self.by_name and n != self.loss]
        if self.loss is not None and self._has_downstream:
            names += [gradient_name(self.loss, y) for y in self.forward_outputs]
        return tuple(dict.fromkeys(names))

    @cached_property
    def positions(self) -> frozenset[str]:
        """The tensors that give positions: data of whole numbers, by which nothing is differentiated."""
        found: set[str] = set()
        for node in postorder(*self.expressions()):
            if isinstance(node, Gather):
                found.update(s.name for s in node.subscripts if isinstance(s, Tensor))
            elif isinstance(node, Selector) and isinstance(node.position, Tensor):
                found.add(node.position.name)
        return frozenset(found)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The tensors that are defined and used by no other equation, unless the caller named others.

        The size of an index, ``D = |i|``, is one only where there is nothing else: it depends on no values.
        """
        if self.requested is not None:
            return self.requested
        return self._unused(self.definitions)

    @cached_property
    def forward_outputs(self) -> tuple[str, ...]:
        """The outputs that the downstream loss depends on: those of the equations that no gradient enters."""
        tainted: set[str] = set()
        for d in self.in_order():
            names = uses(d.rhs)
            if split_gradient_name(d.name) or any(
                split_gradient_name(n) or n in tainted or n == self.loss for n in names
            ):
                tainted.add(d.name)
        return self._unused([d for d in self.definitions if d.name not in tainted])

    @cached_property
    def _has_downstream(self) -> bool:
        return self.loss is not None and any(
            isinstance(node, Derivative) and isinstance(node.operand, Tensor) and node.operand.name == self.loss
            for node in postorder(*(d.rhs for d in self.definitions))
        )

    def _unused(self, definitions: Iterable[Definition]) -> tuple[str, ...]:
        kept = list(definitions)
        used = {name for d in kept for name in uses(d.rhs)}
        unused = [d for d in kept if d.name not in used]
        return tuple(d.name for d in [d for d in unused if not isinstance(d.rhs, Size)] or unused)

    def expressions(self) -> Iterator[Expr]:
        """Yield the right-hand sides of all equations, then both sides of all claims and facts."""
        yield from (d.rhs for d in self.definitions)
        for c in (*self.claims, *self.facts):
            yield from (c.lhs, c.rhs)

    def in_order(self) -> tuple[Definition, ...]:
        """Give the definitions so that each follows all that it uses. The program has no cycle."""
        done: dict[str, Definition] = {}
        stack = [(d, False) for d in reversed(self.definitions)]
        while stack:
            d, ready = stack.pop()
            if d.name in done:
                continue
            if ready:
                done[d.name] = d
                continue
            stack.append((d, True))
            stack.extend((self.by_name[n], False) for n in reversed(uses(d.rhs)) if n in self.by_name and n not in done)
        return tuple(done.values())

    def resolve_name(self, name: str) -> str:
        """Give a tensor's name as this program spells it, from any spelling of it.

        Raises:
            UsageError: the program has no such tensor.
        """
        if not isinstance(name, str):
            raise UsageError([Diagnostic("wrong-type", f"expected the name of a tensor, not {name!r}")])
        wanted = canonical_name(name)
        if wanted in self._spelling:
            return self._spelling[wanted]
        parts = split_gradient_name(wanted)
        if parts is not None and parts[0] == self.loss:
            return gradient_name(parts[0], self.resolve_name(parts[1]))
        known = list(self._spelling.values())
        message = f"the program has no tensor `{name}`{did_you_mean(name, typeable(known))}"
        raise UsageError([Diagnostic("unknown-tensor", message, notes=(f"it has {listed(known)}",))])

    def indices(self, name: str) -> tuple[str, ...]:
        """Give the letters of a tensor's axes: as defined, or as first used.

        Raises:
            UsageError: the program has no such tensor.
        """
        return tuple(i.name for i in self.index_objects(name))

    def index_objects(self, name: str) -> tuple[Index, ...]:
        """Give the same as :meth:`indices`, as :class:`Index` objects."""
        own = name if name in self.by_name else self.resolve_name(name)
        if own in self.by_name:
            return self.by_name[own].indices
        if own in self._first_use:
            return self._first_use[own]
        parts = split_gradient_name(own)
        assert parts is not None, own
        return self.index_objects(parts[1])

    @cached_property
    def _spelling(self) -> Mapping[str, str]:
        """The program's spelling of each tensor's name, by the canonical one."""
        return {canonical_name(own): own for own in [*self.by_name, *self.inputs, *self._first_use]}

    @cached_property
    def _first_use(self) -> Mapping[str, tuple[Index, ...]]:
        found = _first_uses(self.expressions())
        if any(letter.is_axis for indices in found.values() for letter in indices):
            _give_letters(found, letters(*self.expressions()).union(*(d.indices for d in self.definitions)))
        return found


def _give_letters(found: dict[str, tuple[Index, ...]], taken: Iterable[Index]) -> None:
    """Give letters to tensors that stand without any wherever they occur: ``d = logdet(A)``, ``y_b = e_{t_b,}``."""
    new = unused_letters(taken)
    for name, indices in found.items():
        if indices and indices == axis_letters(name, len(indices)):
            found[name] = tuple(next(new) for _ in indices)


def _first_uses(roots: Iterable[Expr]) -> dict[str, tuple[Index, ...]]:
    found: dict[str, tuple[Index, ...]] = {}
    for root in roots:
        for node in postorder(root):
            if isinstance(node, Tensor):
                if node.name not in found or found[node.name][:1] == axis_letters(node.name)[:1]:
                    found[node.name] = node.indices
            elif isinstance(node, Derivative):
                found.setdefault(node.wrt.name, node.wrt.indices)
    return found


def stops(program: Program) -> bool:
    """Tell whether a program has a ``stop``: what it gives counts as a constant in derivatives, and is none."""
    nodes = (node for d in program.definitions for node in postorder(d.rhs))
    return any(isinstance(node, Apply) and node.function == "stop" for node in nodes)
