"""Letters: renaming without capture, and keeping bound letters apart.

Meaning never depends on which letter a bound index has, but printing does: a reader of index notation tells sums by
their letters. So the equations of a program keep this invariant, which :func:`separate` establishes: a letter bound
inside one factor or argument stands in none of its siblings, nor in the scope around it.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from typing import Any

from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.nodes import (
    Affine,
    Delta,
    Derivative,
    Expr,
    Gather,
    Index,
    Iota,
    Literal,
    MatrixFunction,
    One,
    Position,
    Product,
    Reduction,
    Selector,
    Size,
    Subscript,
    Sum,
    Tensor,
)
from einsgrad.ir.traversal import children, letters, postorder, rebuild, stackless, transform

_ALPHABET = "ijkmnpqrstuvwabcdfghxyz"


def fresh(*taken: Collection[Index], like: Index) -> Index:
    """Give a letter of the family of ``like`` that is in none of ``taken``: ``i'``, ``i''`` and so on.

    A primed letter has the range of its root, so that ``1_i' 1_i'`` is known to be ``|i|``.

    >>> fresh({Index("i"), Index("j")}, like=Index("i"))
    Index(name="i'")
    """
    letter = Index(root(like).name + "'")
    while any(letter in letters for letters in taken):
        letter = Index(letter.name + "'")
    return letter


def distinct_letters(indices: Iterable[Index], *taken: Collection[Index]) -> tuple[Index, ...]:
    """Give letters for axes: their own as far as these are distinct and nobody has taken them.

    >>> [i.name for i in distinct_letters(map(Index, "iij"), [Index("j")])]
    ['i', "i'", "j'"]
    """
    found: list[Index] = []
    for index in indices:
        is_new = index not in found and not any(index in group for group in taken)
        found.append(index if is_new else fresh(found, *taken, like=index))
    return tuple(found)


def root(index: Index) -> Index:
    """Give the letter without its primes.

    >>> root(Index("i''"))
    Index(name='i')
    """
    return Index(index.name.rstrip("'"))


def unused(taken: Iterable[Index]) -> Index:
    """Give a letter whose family has no member in ``taken``.

    >>> unused({Index("i"), Index("j'")})
    Index(name='k')
    """
    return next(unused_letters(taken))


def unused_letters(taken: Iterable[Index]) -> Iterator[Index]:
    """Yield all letters whose families have no member in ``taken``."""
    used = {root(i).name for i in taken}
    numbers = itertools.chain([""], map(str, itertools.count(1)))
    return (Index(c + n) for n in numbers for c in _ALPHABET if c + n not in used)


def rename(node: Expr, mapping: Mapping[Index, Index]) -> Expr:
    """Replace free indices of ``node``, renaming bound ones that would capture a new letter.

    ``|h|`` keeps its letter: it means the size of a range, not an occurrence of the index.

    >>> i, j, k = Index("i"), Index("j"), Index("k")
    >>> row_sum = build.product([build.tensor("x", [i, j]), build.tensor("w", [j])], [j])
    >>> renamed = rename(row_sum, {i: j})
    >>> renamed.free, len(renamed.summed), renamed.summed == (j,)
    ((Index(name='j'),), 1, False)
    """
    return _rename(node, mapping, {})


def rename_each(nodes: Iterable[Expr], mapping: Mapping[Index, Index]) -> list[Expr]:
    """Do what :func:`rename` does for several nodes; what they share is renamed once."""
    memo: dict[tuple[Expr, frozenset[tuple[Index, Index]]], Expr] = {}
    return [node if mapping.keys().isdisjoint(node.free) else _rename(node, mapping, memo) for node in nodes]


@stackless
def _rename(
    node: Expr, mapping: Mapping[Index, Index], memo: dict[tuple[Expr, frozenset[tuple[Index, Index]]], Expr]
) -> Generator[tuple[Any, ...], Any, Expr]:
    mapping = {a: b for a, b in mapping.items() if a in node.free and a != b}
    if not mapping:
        return node
    key = (node, frozenset(mapping.items()))
    if key in memo:
        return memo[key]
    result: Expr
    match node:
        case Tensor(name=name, indices=indices):
            result = build.tensor(name, [mapping.get(i, i) for i in indices])
        case Delta(indices=(i, j)):
            result = build.delta(mapping.get(i, i), mapping.get(j, j))
        case One(indices=indices):
            result = build.one([mapping.get(i, i) for i in indices])
        case Iota(index=index):
            result = build.iota(mapping[index])
        case Gather(operand=operand, subscripts=subscripts):
            result = build.gather(operand.name, [_renamed(s, mapping) for s in subscripts])
        case Selector(index=index, position=position):
            result = build.selector(mapping.get(index, index), _with_letters(position, mapping))
        case Derivative(operand=operand, wrt=wrt):
            inner = yield operand, mapping, memo
            result = build.derivative(inner, build.tensor(wrt.name, [mapping.get(i, i) for i in wrt.indices]))
        case Product(summed=bound) | Reduction(over=bound):
            inward = mapping | _out_of_the_way(node, bound, mapping.values())
            below = []
            for child in children(node):
                below.append(child if inward.keys().isdisjoint(child.free) else (yield child, inward, memo))
            new_bound = [inward.get(i, i) for i in bound]
            if isinstance(node, Reduction):
                result = build.reduction(node.function, below[0], new_bound)
            else:
                result = build.product(below, new_bound)
        case MatrixFunction(function=function, operand=operand, indices=indices):
            new_indices = tuple(mapping.get(i, i) for i in indices)
            slots, inward = _slots(node, new_indices, mapping)
            inner = operand if inward.keys().isdisjoint(operand.free) else (yield operand, inward, memo)
            result = build.matrix_function(function, inner, slots, new_indices)
        case _:
            below = []
            for child in children(node):
                below.append(child if mapping.keys().isdisjoint(child.free) else (yield child, mapping, memo))
            result = rebuild(node, below)
    memo[key] = result
    return result


def substituted(position: Affine, mapping: Mapping[Index, Index | Affine]) -> Index | Affine:
    """Replace letters of an affine subscript by letters or by affine subscripts.

    >>> i, j, k = map(Index, "ijk")
    >>> found = substituted(build.affine([(i, 2), (k, 1)], 0), {i: build.affine([(j, 1)], 1)})
    >>> str(found)
    '2j+k+2'
    """
    terms: list[tuple[Index, int]] = []
    constant = position.constant
    for letter, coefficient in position.terms:
        value = mapping.get(letter, letter)
        inner = value if isinstance(value, Affine) else Affine(((value, 1),), 0)
        terms += [(i, c * coefficient) for i, c in inner.terms]
        constant += coefficient * inner.constant
    return build.affine(terms, constant)


def _renamed(subscript: Subscript, mapping: Mapping[Index, Index]) -> Subscript:
    return mapping.get(subscript, subscript) if isinstance(subscript, Index) else _with_letters(subscript, mapping)


def _with_letters(position: Position, mapping: Mapping[Index, Index]) -> Subscript:
    if isinstance(position, Affine):
        return substituted(position, mapping)
    if isinstance(position, Literal):
        return position
    return build.tensor(position.name, [mapping.get(i, i) for i in position.indices])


def _slots(
    node: MatrixFunction, indices: tuple[Index, ...], mapping: Mapping[Index, Index]
) -> tuple[tuple[Index, Index], dict[Index, Index]]:
    """Give a matrix function's slots if it gets ``indices`` and a renaming, and what to rename in its operand.

    The slots are the indices if these are two that stand nowhere else in the operand.
    """
    if node.is_bare:
        return node.slots, {}
    batch = {mapping.get(i, i) for i in node.operand.free if i not in node.slots}
    if len(set(indices)) == 2 and batch.isdisjoint(indices):
        first, second = indices
    else:
        clash = [i for i in node.slots if i.is_axis or i in batch or i in indices]
        avoid = {*batch, *indices, *letters(node.operand)}
        new = dict(zip(clash, _apart(clash, avoid), strict=True))
        first, second = (new.get(i, i) for i in node.slots)
    renamed = {node.slots[0]: first, node.slots[1]: second}
    others = {a: b for a, b in mapping.items() if a not in node.slots}
    return (first, second), others | {a: b for a, b in renamed.items() if a != b}


def of_matrix(node: MatrixFunction, function: str, indices: tuple[Index, ...] = ()) -> MatrixFunction:
    """Give a function of the matrix that ``node`` is one of, with ``indices`` if it is an inverse.

    >>> from einsgrad.ir.printer import print_expression
    >>> i, j = Index("i"), Index("j")
    >>> inverse = build.matrix_function("inv", build.tensor("A", [i, j]), (i, j), (i, j))
    >>> print_expression(of_matrix(inverse, "logdet")), print_expression(of_matrix(inverse, "inv", (i, i)))
    ('logdet(A)', 'inv(A)_ii')
    """
    slots, renamed = _slots(node, indices, {})
    return build.matrix_function(function, rename(node.operand, renamed), slots, indices)


def _apart(clash: Iterable[Index], avoid: set[Index]) -> Iterator[Index]:
    """Yield other letters for some: of their families, or any for those that stand for an axis."""
    for index in clash:
        new = unused(avoid) if index.is_axis else fresh(avoid, like=index)
        avoid.add(new)
        yield new


def _out_of_the_way(node: Expr, bound: Iterable[Index], new: Collection[Index]) -> dict[Index, Index]:
    """Give other letters for those letters a node binds that would capture a new one."""
    clash = [index for index in bound if index in new]
    if not clash:
        return {}
    avoid = {*new, *letters(node)}
    found: dict[Index, Index] = {}
    for index in clash:
        found[index] = fresh(avoid, like=index)
        avoid.add(found[index])
    return found


def rename_all(node: Expr, mapping: Mapping[Index, Index]) -> Expr:
    """Rename letters throughout an expression, free or bound or in ``|…|``; the new letters are new to it."""

    def step(found: Expr) -> Expr:
        match found:
            case Size(index=index):
                return build.size(mapping.get(index, index))
            case Product(factors=factors, summed=summed):
                bound = {i: mapping[i] for i in summed if i in mapping}
                return build.product([rename(f, bound) for f in factors], [mapping.get(i, i) for i in summed])
            case Reduction(function=function, operand=operand, over=over):
                bound = {i: mapping[i] for i in over if i in mapping}
                return build.reduction(function, rename(operand, bound), [mapping.get(i, i) for i in over])
            case MatrixFunction(function=function, operand=operand, slots=(a, b), indices=indices) if found.bound:
                bound = {i: mapping[i] for i in (a, b) if i in mapping}
                slots = (mapping.get(a, a), mapping.get(b, b))
                return build.matrix_function(function, rename(operand, bound), slots, indices)
            case _:
                return found

    return rename(transform(node, step), mapping)


def fewest_primes(definition: Definition, keep: Collection[Index]) -> Definition:
    """Rename the primed letters of an equation so that each family has the fewest primes; ``keep`` stay as they are.

    >>> i, i3 = Index("i"), Index("i'''")
    >>> rhs = build.product([build.tensor("x", [i, i3]), build.tensor("w", [i3])], [i3])
    >>> fewest_primes(Definition("y", (i,), rhs), keep=[i]).rhs.summed
    (Index(name="i'"),)
    """
    used = sorted({*letters(definition.rhs), *definition.indices})
    taken = {i for i in used if i in keep or i == root(i)}
    mapping = {}
    for index in used:
        if index not in taken:
            mapping[index] = fresh(taken, keep, like=index)
            taken.add(mapping[index])
    if all(old == new for old, new in mapping.items()):
        return definition
    indices = tuple(mapping.get(i, i) for i in definition.indices)
    return Definition(definition.name, indices, rename_all(definition.rhs, mapping))


def separate(definition: Definition, taken: Collection[Index] = ()) -> Definition:
    """Rename bound letters of an equation so that the invariant above holds; new letters avoid ``taken``."""
    avoid = {*letters(definition.rhs), *definition.indices}
    rhs, _ = _separate(definition.rhs, frozenset(definition.indices), (avoid, taken), _without_sums(definition.rhs))
    return Definition(definition.name, definition.indices, rhs)


def separate_expression(node: Expr) -> Expr:
    """Do what :func:`separate` does, for an expression on its own."""
    return _separate(node, frozenset(node.free), (letters(node), ()), _without_sums(node))[0]


def _without_sums(root: Expr) -> set[Expr]:
    """Give the nodes below which no letter is bound: there is nothing to rename in them, however often they occur."""
    found: set[Expr] = set()
    for node in postorder(root):
        match node:
            case Product(summed=bound) | Reduction(over=bound) | MatrixFunction(bound=bound):
                binds = bool(bound)
            case _:
                binds = False
        if not binds and all(child in found for child in children(node)):
            found.add(node)
    return found


@stackless
def _separate(
    node: Expr, scope: frozenset[Index], avoid: tuple[set[Index], Collection[Index]], settled: set[Expr]
) -> Generator[tuple[Any, ...], Any, tuple[Expr, frozenset[Index]]]:
    """Give the node with bound letters outside ``scope``, and all letters that occur in the result.

    New letters are in neither collection of ``avoid``, and are added to the first.
    """
    if node in settled or not children(node):
        return node, frozenset(node.free)
    if isinstance(node, Product | Reduction):
        bound = node.summed if isinstance(node, Product) else node.over
        clash = {}
        for index in bound:
            if index in scope:
                clash[index] = fresh(*avoid, like=index)
                avoid[0].add(clash[index])
        if clash:
            below = [rename(child, clash) for child in children(node)]
            names = [clash.get(i, i) for i in bound]
            if isinstance(node, Product):
                node = build.product(below, names)
            else:
                node = build.reduction(node.function, below[0], names)
            bound = tuple(names)
        scope = scope | frozenset(bound)
    if isinstance(node, MatrixFunction):
        node = _with_slots_apart(of_matrix(node, node.function, node.indices), scope, avoid)
        scope = scope | frozenset(node.bound)
    around = scope.union(*(child.free for child in children(node)))
    seen: set[Index] = set()
    below = []
    for child in children(node):
        if child in settled:
            below.append(child)
            seen.update(child.free)
        else:
            inside = around if isinstance(node, Sum) else around | seen
            new, found = yield child, inside, avoid, settled
            below.append(new)
            seen |= found
    return rebuild(node, below), frozenset(seen.union(node.free))


def _with_slots_apart(
    node: MatrixFunction, scope: frozenset[Index], avoid: tuple[set[Index], Collection[Index]]
) -> MatrixFunction:
    """Give a matrix function that binds no letter of ``scope``."""
    clash = [i for i in node.bound if i in scope]
    if not clash:
        return node
    new = dict(zip(clash, _apart(clash, avoid[0] | set(avoid[1])), strict=True))
    avoid[0].update(new.values())
    first, second = (new.get(i, i) for i in node.slots)
    return build.matrix_function(node.function, rename(node.operand, new), (first, second), node.indices)
