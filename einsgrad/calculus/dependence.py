"""Which tensors of a program depend on which, asked name by name while equations are added.

Each answer is one walk over what depends on the tensor asked for, and is kept up to date from then on: nothing is
stored for tensors that nobody asks about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set


class Dependence:
    """Who uses whom, of a program's tensors.

    >>> dependence = Dependence()
    >>> dependence.add("y", ["x"])
    >>> dependence.add("z", ["y", "w"])
    >>> sorted(dependence.on("x")), sorted(dependence.on("w"))
    (['x', 'y', 'z'], ['w', 'z'])
    """

    def __init__(self) -> None:
        self._uses: dict[str, tuple[str, ...]] = {}
        self._users: dict[str, list[str]] = {}
        self._known: dict[str, set[str]] = {}

    def add(self, name: str, uses: Iterable[str]) -> None:
        """Say that the equation of ``name`` uses the tensors ``uses``; equations follow what they use."""
        self._uses[name] = tuple(uses)
        for used in self._uses[name]:
            self._users.setdefault(used, []).append(name)
        for dependent in self._known.values():
            if not dependent.isdisjoint(self._uses[name]):
                dependent.add(name)

    def uses(self, name: str) -> tuple[str, ...]:
        """Give the tensors that the equation of a tensor uses."""
        return self._uses[name]

    def on(self, name: str) -> Set[str]:
        """Give the tensors whose value depends on a tensor, itself included."""
        if name not in self._known:
            self._known[name] = reachable([name], self._users)
        return self._known[name]

    def on_any(self, names: Iterable[str]) -> Set[str]:
        """Give the tensors whose value depends on any of some tensors, those included."""
        return reachable(names, self._users)

    def between(self, first: str, last: Iterable[str]) -> Set[str]:
        """Give the tensors that depend on ``first`` and that any of ``last`` depend on, ends included."""
        on_first = self.on(first)
        inside = {n: [u for u in self._uses.get(n, ()) if u in on_first] for n in on_first}
        return reachable((n for n in last if n in on_first), inside)

    def of(self, names: Iterable[str]) -> Set[str]:
        """Give the tensors that any of some tensors depend on, those included."""
        return reachable(names, self._uses)


def reachable(starts: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    """Give the names that can be reached from some names, those included.

    >>> sorted(reachable(["a"], {"a": ["b"], "b": ["a", "c"], "d": ["a"]}))
    ['a', 'b', 'c']
    """
    stack = list(starts)
    found: set[str] = set()
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack.extend(edges.get(name, ()))
    return found
