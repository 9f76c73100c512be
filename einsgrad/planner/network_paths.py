"""Networks of letters: what a contraction path through one costs, and the best path where memory is short."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = list[tuple[int, int]]
"""The pairs to contract, as positions in a list of operands from which they go and whose end their result joins."""


@dataclass(frozen=True, slots=True)
class Network:
    """A product to contract, its letters numbered.

    Attributes:
        inputs: the letters of each operand.
        output: the letters that are not summed.
        extents: the size of each letter.
    """

    inputs: tuple[tuple[int, ...], ...]
    output: frozenset[int]
    extents: tuple[int, ...]

    def size(self, letters: Iterable[int]) -> int:
        """Give the number of elements over some letters."""
        return math.prod(self.extents[k] for k in letters)

    def multiplications(self, path: Path) -> int:
        """Give the multiplications that a path takes."""
        return sum(self.size(over) for over, _ in self._steps(path))

    def largest(self, path: Path) -> int:
        """Give the elements of the largest intermediate result of a path."""
        return max((self.size(kept) for _, kept in list(self._steps(path))[:-1]), default=0)

    def _steps(self, path: Path) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
        """Yield the letters that each pair's product runs over, and those of its result.

        What only one of the two has and nothing else needs is summed before they are multiplied.
        """
        left = [frozenset(letters) for letters in self.inputs]
        for first, second in path:
            b, a = left.pop(second), left.pop(first)
            kept = (a | b) & self.output.union(*left)
            left.append(kept)
            yield (a & b) | kept, kept


@dataclass(frozen=True, slots=True)
class _Part:
    """Some operands contracted as well as can be: by how much the largest result is too large, then what it costs."""

    excess: int
    cost: int
    letters: frozenset[int]
    halves: tuple[int, int] | None = None


def within(network: Network, limit: int) -> Path:
    """Give the cheapest path whose intermediate results have at most ``limit`` elements.

    Where there is none, it is one whose largest is least. All paths are looked at: three to the power of the number of
    operands.

    >>> chain = Network(((0, 1), (1, 2), (2, 3)), frozenset((0, 3)), (10, 2, 20, 10))
    >>> within(chain, 30)
    [(1, 2), (0, 1)]
    """
    count = len(network.inputs)
    whole = (1 << count) - 1
    parts = {1 << k: _Part(0, 0, frozenset(letters)) for k, letters in enumerate(network.inputs)}
    needed = [network.output] * (whole + 1)
    for subset in range(whole - 1, 0, -1):
        lowest = ~subset & (subset + 1)
        needed[subset] = needed[subset | lowest].union(network.inputs[lowest.bit_length() - 1])
    for subset in range(1, whole + 1):
        if subset not in parts:
            allowed = network.size(network.output) if subset == whole else limit
            candidates = (_joined(network, parts, half, subset, needed[subset], allowed) for half in _halves(subset))
            parts[subset] = min(candidates, key=lambda part: (part.excess, part.cost))
    return _path(parts, whole, count)


def _halves(subset: int) -> Iterator[int]:
    """Yield one half of each way to part a set of operands in two: the one without its first."""
    rest = subset & (subset - 1)
    half = rest
    while half:
        yield half
        half = (half - 1) & rest


def _joined(
    network: Network, parts: dict[int, _Part], half: int, subset: int, needed: frozenset[int], allowed: int
) -> _Part:
    a, b = parts[subset ^ half], parts[half]
    kept = (a.letters | b.letters) & needed
    excess = max(a.excess, b.excess, network.size(kept) - allowed)
    cost = a.cost + b.cost + network.size((a.letters & b.letters) | kept)
    return _Part(max(0, excess), cost, kept, (subset ^ half, half))


def _path(parts: dict[int, _Part], whole: int, count: int) -> Path:
    """Give the pairs in order: what a pair is made of goes before it."""
    order, stack = [], [whole]
    while stack:
        halves = parts[stack.pop()].halves
        if halves is not None:
            order.append(halves)
            stack += halves
    left = [1 << k for k in range(count)]
    path = []
    for a, b in reversed(order):
        first, second = sorted((left.index(a), left.index(b)))
        path.append((first, second))
        left = [subset for subset in left if subset not in (a, b)] + [a | b]
    return path
