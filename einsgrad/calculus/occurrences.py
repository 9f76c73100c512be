"""Where in an expression tensors occur, so that a sum of many terms is not searched for each tensor in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from einsgrad.ir.nodes import Expr, Tensor
from einsgrad.ir.traversal import children, postorder


class Occurrences:
    """The children of each node by the tensors in them; what was looked at is kept.

    >>> from einsgrad.ir import build
    >>> a, b = build.tensor("a"), build.tensor("b")
    >>> node = build.add([a, b, build.product([a, b])])
    >>> occurrences = Occurrences()
    >>> occurrences.positions(node, {"b"}), occurrences.any(node, {"c"})
    ([1, 2], False)
    """

    def __init__(self) -> None:
        self._places: dict[Expr, Mapping[str, Sequence[int]]] = {}

    def any(self, node: Expr, names: Set[str]) -> bool:
        """Tell whether any of some tensors occurs in an expression."""
        return not self._of(node).keys().isdisjoint(names)

    def positions(self, node: Expr, names: Set[str]) -> Sequence[int]:
        """Give the positions of the children of a node in which any of some tensors occurs, in order."""
        places = self._of(node)
        if len(names) == 1:
            (name,) = names
            return places.get(name, ())
        return sorted({position for name in _common(names, places) for position in places[name]})

    def _of(self, node: Expr) -> Mapping[str, Sequence[int]]:
        if node not in self._places:
            for below in postorder(node, known=self._places):
                self._places[below] = self._look_at(below)
        return self._places[node]

    def _look_at(self, node: Expr) -> Mapping[str, Sequence[int]]:
        if isinstance(node, Tensor):
            return {node.name: ()}
        found: dict[str, list[int]] = {}
        for position, child in enumerate(children(node)):
            for name in self._places[child]:
                found.setdefault(name, []).append(position)
        return found


def _common(names: Set[str], places: Mapping[str, Sequence[int]]) -> Set[str]:
    """Give the names in both; the cost is that of the smaller."""
    if len(names) < len(places):
        return {name for name in names if name in places}
    return {name for name in places if name in names}
