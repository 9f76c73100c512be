"""Keys under which expressions are equal exactly if they differ in nothing but bound letters and order.

``canonical_key(a) == canonical_key(b)`` if ``b`` is ``a`` with the letters of its sums renamed, its factors and terms
reordered, and the indices of its deltas swapped. Bound letters are told apart by the company they keep, refined
until nothing changes; letters that stay alike are tried in each order that a symmetry does not make needless, up to a
bound beyond which equal expressions may get different keys (never the other way round).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias, assert_never

from einsgrad.ir.convention import by_index
from einsgrad.ir.nodes import (
    Affine,
    Apply,
    Delta,
    Derivative,
    Expr,
    Gather,
    Index,
    Iota,
    Literal,
    MatrixFunction,
    One,
    Power,
    Product,
    Reduction,
    Selector,
    Size,
    Subscript,
    Sum,
    Tensor,
)
from einsgrad.ir.traversal import children, postorder, stackless

Key: TypeAlias = tuple[Any, ...]
Symmetries: TypeAlias = Mapping[str, Sequence[Sequence[int]]]
"""The orders of a tensor's axes that leave it what it is, for tensors that have more than one."""
_MOST_ORDERS = 120


def skeleton(node: Expr) -> Hashable:
    """Give a cheap key that equal expressions share: which leaves occur, and how often."""
    counts: dict[Hashable, int] = {}
    label: Hashable
    for found in postorder(node):
        match found:
            case Tensor(name=name):
                label = name
            case Literal(value=value):
                label = value
            case _:
                label = type(found).__name__
        counts[label] = counts.get(label, 0) + 1
    return frozenset(counts.items())


def canonical_key(node: Expr, symmetries: Symmetries = MappingProxyType({})) -> Key:
    """Give the key of an expression; of tensors with ``symmetries``, whatever the order of axes that these allow.

    >>> from einsgrad.ir import build
    >>> i, j = Index("i"), Index("j")
    >>> a = build.product([build.tensor("a", [i]), build.tensor("b", [i])], [i])
    >>> b = build.product([build.tensor("b", [j]), build.tensor("a", [j])], [j])
    >>> canonical_key(a) == canonical_key(b)
    True
    """
    return _key(node, {i: f"={i.name}" for i in node.free}, _Memo(symmetries))


@dataclass(frozen=True, slots=True)
class _Memo:
    """The symmetries of tensors, and the keys found so far, by expression and the names of its letters."""

    symmetries: Symmetries
    keys: dict[tuple[Expr, tuple[tuple[Index, str], ...]], Key] = field(default_factory=dict)


def _subscript(subscript: Subscript, env: Mapping[Index, str]) -> Hashable:
    if isinstance(subscript, Index):
        return env[subscript]
    if isinstance(subscript, Literal):
        return str(subscript.value)
    if isinstance(subscript, Affine):
        return ("affine", subscript.constant, *sorted((env[i], c) for i, c in subscript.terms))
    return (subscript.name, *(env[i] for i in subscript.indices))


@stackless
def _key(node: Expr, names: Mapping[Index, str], memo: _Memo) -> Generator[tuple[Any, ...], Any, Key]:
    env = {i: names[i] for i in node.free}
    where = (node, tuple(env.items()))
    if where in memo.keys:
        return memo.keys[where]
    key: Key
    match node:
        case Literal(value=value):
            key = ("0number", str(value))
        case Size(index=index):
            key = ("1size", index.name)
        case Tensor(name=name, indices=indices):
            orders = memo.symmetries.get(name, [range(len(indices))])
            key = ("tensor", name, *min([env[indices[axis]] for axis in order] for order in orders))
        case Delta(indices=indices):
            key = ("delta", *sorted(env[i] for i in indices))
        case One(indices=indices):
            key = ("one", *sorted({env[i] for i in indices}))
        case Iota(index=index):
            key = ("iota", env[index])
        case Gather(operand=operand, subscripts=subscripts):
            key = ("gather", operand.name, *(_subscript(s, env) for s in subscripts))
        case Selector(index=index, position=position):
            key = ("selector", env[index], _subscript(position, env))
        case Sum(terms=terms):
            below = []
            for term in terms:
                below.append((yield term, env, memo))
            key = ("sum", *sorted(below, key=repr))
        case Power() | Apply() | Derivative():
            below = []
            for part in children(node):
                below.append((yield part, env, memo))
            extra: Key = (node.function,) if isinstance(node, Apply) else ()
            if isinstance(node, Derivative):
                extra = (node.wrt.name, *(env[i] for i in node.wrt.indices))
            key = (type(node).__name__.lower(), *extra, *below)
        case MatrixFunction(function=function, indices=indices):
            numbered = {i: f"#{n}" for n, i in enumerate(node.slots, _first_number(env))}
            inner = yield node.operand, env | numbered, memo
            key = ("matrix", function, *(env[i] for i in indices), inner)
        case Product() | Reduction():
            key = yield from _bound_key(node, env, memo)
        case _:
            assert_never(node)
    memo.keys[where] = key
    return key


def _first_number(env: Mapping[Index, str]) -> int:
    """Give the first number that no bound letter around has."""
    return 1 + max((int(name[1:]) for name in env.values() if name[0] == "#"), default=-1)


def _bound_key(
    node: Product | Reduction, env: Mapping[Index, str], memo: _Memo
) -> Generator[tuple[Any, ...], Any, Key]:
    """Give the key of a node that binds letters: the keys of its parts that no bound letter joins."""
    factors = node.factors if isinstance(node, Product) else (node.operand,)
    bound = node.summed if isinstance(node, Product) else node.over
    keys = []
    for letters, members in _parts(factors, bound):
        if letters:
            keys.append((yield from _Part(members, letters, env, memo).key()))
        else:
            keys.append((yield members[0], env, memo))
    name = node.function if isinstance(node, Reduction) else "product"
    return (name, len(bound), *sorted(keys, key=repr))


def _parts(factors: Sequence[Expr], bound: Collection[Index]) -> list[tuple[list[Index], list[Expr]]]:
    """Split factors where no bound letter joins them: give the letters and the factors of each part.

    >>> from einsgrad.ir import build
    >>> i, j = Index("i"), Index("j")
    >>> factors = [build.tensor(name, [Index(letter)]) for name, letter in ("ai", "bj", "ci")]
    >>> [(str(*letters), [f.name for f in members]) for letters, members in _parts(factors, [i, j])]
    [('j', ['b']), ('i', ['c', 'a'])]
    """
    part_of: dict[Index, int] = {}
    parts: dict[int, tuple[list[Index], list[Expr]]] = {}
    for number, factor in enumerate(factors):
        parts[number] = letters, members = [], [factor]
        for index in factor.free:
            if index not in bound:
                continue
            other = part_of.get(index)
            if other is None:
                letters.append(index)
                part_of[index] = number
            elif other != number:
                more_letters, more_members = parts.pop(other)
                letters += more_letters
                members += more_members
                part_of.update(dict.fromkeys(more_letters, number))
    return list(parts.values())


Colours: TypeAlias = dict[Index, str]


class _Part:
    """Factors that bound letters join, and the search for the naming of these letters that gives the least key.

    Letters that refinement leaves alike are told apart one after the other, each choice followed to its end, except
    where another choice is known to give the same: two letters that can be swapped, or a choice below which one end
    is the same as the first end of all, since then a symmetry of the part takes one choice to the other.
    """

    def __init__(
        self, factors: Sequence[Expr], letters: Sequence[Index], env: Mapping[Index, str], memo: _Memo
    ) -> None:
        self._factors = factors
        self._letters = letters
        self._env = env
        self._memo = memo
        self._carriers = by_index(factors)
        self._first = _first_number(env)

    def key(self) -> Generator[tuple[Any, ...], Any, Key]:
        """Give the key, the least one of those tried."""
        ends: list[Key] = []
        stack = [(0, dict.fromkeys(self._letters, "*"))]
        branch = len(self._letters)
        while stack and len(ends) < _MOST_ORDERS:
            depth, colours = stack.pop()
            branch = min(branch, depth) if ends else branch
            colours = yield from self._refined(colours)
            alike = _first_alike(colours)
            if alike:
                choices = yield from self._choices(alike)
                stack += [(depth + 1, colours | _told_apart(choice, colours)) for choice in reversed(choices)]
                continue
            ordered = sorted(self._letters, key=colours.__getitem__)
            keys = yield from self._keys(self._factors, self._numbered(ordered))
            ends.append(("part", len(ordered), *keys))
            if len(ends) > 1 and ends[-1] == ends[0]:
                while stack and stack[-1][0] > branch:
                    stack.pop()
        return min(ends, key=repr)

    def _refined(self, colours: Colours) -> Generator[tuple[Any, ...], Any, Colours]:
        """Tell letters apart by the company they keep, until that tells no more of them apart."""
        while True:
            names = {**self._env, **colours}
            count = Counter(colours.values())
            signs = {}
            for index, colour in colours.items():
                keys = []
                if count[colour] > 1:
                    keys = yield from self._keys(self._carriers[index], names | {index: "@"})
                signs[index] = repr((colour, keys))
            rank = {sign: f"*{number}" for number, sign in enumerate(sorted(set(signs.values())))}
            stable = len(rank) == len(set(colours.values()))
            colours = {index: rank[sign] for index, sign in signs.items()}
            if stable:
                return colours

    def _choices(self, alike: Sequence[Index]) -> Generator[tuple[Any, ...], Any, list[Sequence[Index]]]:
        """Give the ways to put first one of the letters that are alike; or all in any order, if all can be swapped.

        Of letters that can be swapped without changing the part only one is tried.
        """
        found: list[Index] = []
        for index in alike:
            for other in found:
                if (yield from self._can_swap(index, other)):
                    break
            else:
                found.append(index)
        return [[index] for index in found] if len(found) > 1 else [alike]

    def _can_swap(self, a: Index, b: Index) -> Generator[tuple[Any, ...], Any, bool]:
        touched = list(dict.fromkeys((*self._carriers[a], *self._carriers[b])))
        names = self._numbered(self._letters)
        before = yield from self._keys(touched, names)
        after = yield from self._keys(touched, names | {a: names[b], b: names[a]})
        return before == after

    def _numbered(self, ordered: Sequence[Index]) -> dict[Index, str]:
        return {**self._env, **{index: f"#{number}" for number, index in enumerate(ordered, self._first)}}

    def _keys(self, factors: Sequence[Expr], names: Mapping[Index, str]) -> Generator[tuple[Any, ...], Any, list[Key]]:
        keys = []
        for factor in factors:
            keys.append((yield factor, names, self._memo))
        return sorted(keys, key=repr)


def _told_apart(letters: Sequence[Index], colours: Colours) -> Colours:
    """Give letters of one colour colours of their own, in the order given, and other ones than those that have none."""
    return {index: f"{colours[index]}!{number}" for number, index in enumerate(letters)}


def _first_alike(colours: Colours) -> list[Index]:
    """Give the letters of the first colour that several have."""
    classes: dict[str, list[Index]] = {}
    for index, colour in colours.items():
        classes.setdefault(colour, []).append(index)
    return next((classes[colour] for colour in sorted(classes) if len(classes[colour]) > 1), [])
