"""Keys under which expressions are equal exactly if they differ in nothing but bound letters and order.

``canonical_key(a) == canonical_key(b)`` if ``b`` is ``a`` with the letters of its sums renamed, its factors and terms
reordered, and the indices of its deltas swapped. Bound letters are told apart by the company they keep, refined
until nothing changes; letters that stay alike are tried in each order, up to a bound beyond which equal
expressions may get different keys (never the other way round).
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Hashable, Mapping
from typing import Any, TypeAlias, assert_never

from einsgrad.ir.nodes import (
    Apply,
    Delta,
    Derivative,
    Expr,
    Index,
    Literal,
    Max,
    One,
    Power,
    Product,
    Size,
    Sum,
    Tensor,
)
from einsgrad.ir.traversal import children, postorder, stackless

Key: TypeAlias = tuple[Any, ...]
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


def canonical_key(node: Expr) -> Key:
    """Give the key of an expression.

    >>> from einsgrad.ir import build
    >>> i, j = Index("i"), Index("j")
    >>> a = build.product([build.tensor("a", [i]), build.tensor("b", [i])], [i])
    >>> b = build.product([build.tensor("b", [j]), build.tensor("a", [j])], [j])
    >>> canonical_key(a) == canonical_key(b)
    True
    """
    return _key(node, {i: f"={i.name}" for i in node.free}, {})


_Memo: TypeAlias = dict[tuple[Expr, tuple[tuple[Index, str], ...]], Key]


@stackless
def _key(node: Expr, names: Mapping[Index, str], memo: _Memo) -> Generator[tuple[Any, ...], Any, Key]:
    env = {i: names[i] for i in node.free}
    where = (node, tuple(env.items()))
    if where in memo:
        return memo[where]
    key: Key
    match node:
        case Literal(value=value):
            key = ("0number", str(value))
        case Size(index=index):
            key = ("1size", index.name)
        case Tensor(name=name, indices=indices):
            key = ("tensor", name, *(env[i] for i in indices))
        case Delta(indices=indices):
            key = ("delta", *sorted(env[i] for i in indices))
        case One(indices=indices):
            key = ("one", *sorted({env[i] for i in indices}))
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
        case Product() | Max():
            key = yield from _bound_key(node, env, memo)
        case _:
            assert_never(node)
    memo[where] = key
    return key


def _bound_key(node: Product | Max, env: Mapping[Index, str], memo: _Memo) -> Generator[tuple[Any, ...], Any, Key]:
    """Give the key of a node that binds letters: the least over the namings that refinement leaves open."""
    factors = node.factors if isinstance(node, Product) else (node.operand,)
    bound = node.summed if isinstance(node, Product) else node.over
    colours = dict.fromkeys(bound, "*")
    for _ in range(len(bound)):
        signs = {}
        for index in bound:
            keys = []
            for factor in factors:
                if index in factor.free:
                    keys.append((yield factor, {**env, **colours, index: "@"}, memo))
            signs[index] = (colours[index], sorted(keys, key=repr))
        ranked = sorted({repr(s) for s in signs.values()})
        refined = {index: f"*{ranked.index(repr(s))}" for index, s in signs.items()}
        stable = len(set(refined.values())) == len(set(colours.values()))
        colours = refined
        if stable:
            break
    best: Key | None = None
    first = 1 + max((int(name[1:]) for name in env.values() if name[0] == "#"), default=-1)
    for naming in itertools.islice(_namings(colours, first), _MOST_ORDERS):
        keys = []
        for factor in factors:
            keys.append((yield factor, {**env, **naming}, memo))
        key = (type(node).__name__.lower(), len(bound), *sorted(keys, key=repr))
        if best is None or repr(key) < repr(best):
            best = key
    assert best is not None
    return best


def _namings(colours: Mapping[Index, str], first: int) -> Generator[dict[Index, str], None, None]:
    """Yield the ways to number the bound letters, from ``first`` on, that respect their colours."""
    classes: dict[str, list[Index]] = {}
    for index, colour in colours.items():
        classes.setdefault(colour, []).append(index)
    ordered = [classes[colour] for colour in sorted(classes)]
    for choice in itertools.product(*(itertools.permutations(members) for members in ordered)):
        flat = [index for members in choice for index in members]
        yield {index: f"#{number}" for number, index in enumerate(flat, first)}
