"""Cases of a claim: which ranges are empty. A claim is proved when it is proved in each of them.

A sum over nothing is zero, whatever stands in it: ``1_i sqrt(a exp(b_i))`` needs ``a >= 0`` only if there is an ``i``.
So neither may a fact be drawn from inside a sum that may be empty, nor may a factor that could lack a value leave
it: ``a (1_i (b_i/(a d_i)))`` has a value at ``a = 0`` where there is no ``i``, and ``1/a (1_i (b_i/d_i))`` has none.
Both are right where there is an ``i``. The cases keep them apart:

- In a case some ranges are empty. Each product that sums over one of them is zero, and what stands in it is left out:
  no fact is drawn from there. All other ranges that decide anything have at least one element.
- A range decides something if a sum over it holds a part that may lack a value (:mod:`einsgrad.calculus.domains`); to
  all other sums it makes no difference whether they are empty, since both facts and lost values come from such parts
  alone.
- The range of a free letter is never empty: without components there is nothing to prove.
- A case is settled, too, if a part has no value there. A part is evaluated for all values of its letters, so that
  in ``p_ij = exp(x_ij)/(1_k exp(x_ik))`` the denominator, which carries ``i`` alone, has none where ``k`` takes no
  value, although ``p`` has no component then: ``1_j p_ij == 1_i``. To see this, what was left out is looked at
  (``whole``), and what is said about it has to hold whether its own ranges are empty or not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from einsgrad.calculus.domains import may_lack_a_value
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import root
from einsgrad.ir.nodes import Expr, Index, Product, Tensor
from einsgrad.ir.traversal import children


@dataclass(frozen=True, slots=True)
class Case:
    """The equations of a claim, where some ranges are empty.

    Attributes:
        definitions: the equations, by the names of their tensors.
        ranges: the number of the range of each family of letters, by its root.
        empty: the ranges that have no element.
        filled: ranges that have one.
        whole: whether what stands in a sum over nothing is a part, too.
    """

    definitions: Mapping[str, Definition]
    ranges: Mapping[Index, int]
    empty: frozenset[int] = frozenset()
    filled: frozenset[int] = frozenset()
    whole: bool = False

    @staticmethod
    def of(definitions: Mapping[str, Definition], ranges: Mapping[Index, int], free: Iterable[Index] = ()) -> Case:
        """Make the case of which nothing is known but that the free letters of a claim take a value."""
        nothing = Case(definitions, ranges)
        return dataclasses.replace(nothing, filled=frozenset(map(nothing.range_of, free)))

    def split(self, ranges: Iterable[int]) -> tuple[Case, list[Case]]:
        """Give the case in which all of these ranges have an element, and those in which a first one has none."""
        filled, smaller = self.filled, []
        for range_ in ranges:
            smaller.append(dataclasses.replace(self, empty=self.empty | {range_}, filled=filled))
            filled |= {range_}
        return dataclasses.replace(self, filled=filled), smaller

    def range_of(self, index: Index) -> int:
        """Give the number of the range of a letter."""
        return self.ranges[root(index)]

    def is_empty_sum(self, node: Expr) -> bool:
        """Tell whether a node is a sum over nothing."""
        return isinstance(node, Product) and self._any_empty(node.summed)

    def has_no_component(self, node: Expr) -> bool:
        """Tell whether a node carries a letter that takes no value."""
        return self._any_empty(node.free)

    def _any_empty(self, letters: Iterable[Index]) -> bool:
        return bool(self.empty) and any(self.range_of(i) in self.empty for i in letters)

    def parts(self, node: Expr) -> tuple[Expr, ...]:
        """Give what a node is made of: its children, or what an equation says; a sum over nothing of nothing."""
        if isinstance(node, Tensor) and node.name in self.definitions:
            return (self.definitions[node.name].rhs,)
        return () if self.is_empty_sum(node) and not self.whole else children(node)

    def postorder(self, *roots: Expr, known: Container[Expr] = ()) -> Iterator[Expr]:
        """Yield all parts of some expressions, each once and after its own; not those that are, or become, known."""
        done: set[Expr] = set()
        stack = list(roots)
        while stack:
            top = stack[-1]
            waiting = [n for n in self.parts(top) if n not in done and n not in known]
            if waiting:
                stack += waiting
                continue
            stack.pop()
            if top not in done and top not in known:
                done.add(top)
                yield top

    def deciding_ranges(self, *sides: Expr) -> list[int]:
        """Give those ranges of sums around a part which may lack a value that may be empty or not."""
        limited: set[Expr] = set()
        found: set[int] = set()
        for node in self.postorder(*sides):
            below = any(part in limited for part in self.parts(node))
            if below or may_lack_a_value(node):
                limited.add(node)
            if below and isinstance(node, Product):
                found.update(map(self.range_of, node.summed))
        return sorted(found - self.empty - self.filled)
