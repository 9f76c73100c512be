"""Shared, iterative traversal: the depth of a user's input never meets the interpreter's recursion limit."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Generator, Iterable, Iterator, Sequence
from typing import Any, ParamSpec, TypeVar, assert_never

from einsgrad.ir import build
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
    Sum,
    Tensor,
)

P = ParamSpec("P")
R = TypeVar("R")


def stackless(function: Callable[P, Generator[tuple[Any, ...], Any, R]]) -> Callable[P, R]:
    """Turn a generator into a recursive function that needs no stack.

    Inside, ``value = yield (argument, …)`` stands for the recursive call with these arguments.

    >>> @stackless
    ... def depth(nested):
    ...     return 1 + (yield (nested[0],)) if nested else 0
    >>> nested = []
    >>> for _ in range(100_000):
    ...     nested = [nested]
    >>> depth(nested)
    100000
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        stack = [function(*args, **kwargs)]
        value: Any = None
        while True:
            try:
                request = stack[-1].send(value)
            except StopIteration as done:
                stack.pop()
                value = done.value
                if not stack:
                    return value  # type: ignore[no-any-return]
            else:
                stack.append(function(*request))  # type: ignore[call-arg]
                value = None

    return run


def children(node: Expr) -> tuple[Expr, ...]:
    """Give the nodes directly below ``node``. The tensor a derivative is taken by is no child."""
    match node:
        case Tensor() | One() | Literal() | Delta() | Size() | Iota():
            return ()
        case Gather(operand=operand, subscripts=subscripts):
            return (operand, *(s for s in subscripts if not isinstance(s, Index | Affine)))
        case Selector(position=position):
            return () if isinstance(position, Affine) else (position,)
        case Product():
            return node.factors
        case Sum():
            return node.terms
        case Apply():
            return node.args
        case Power():
            return (node.base, node.exponent)
        case Derivative() | Reduction() | MatrixFunction():
            return (node.operand,)
        case _:
            assert_never(node)


def rebuild(node: Expr, below: Sequence[Expr]) -> Expr:
    """Give ``node`` with the children ``below``; the one function that knows how to put a node together again."""
    if tuple(below) == children(node):
        return node
    match node:
        case Gather(subscripts=subscripts):
            left = map(_as_position, below[1:])
            operand = below[0]
            assert isinstance(operand, Tensor)
            return build.gather(operand.name, [s if isinstance(s, Index | Affine) else next(left) for s in subscripts])
        case Selector(index=index):
            return build.selector(index, _as_position(below[0]))
        case Product(summed=summed):
            return build.product(below, summed)
        case Sum():
            return build.add(below)
        case Apply(function=function):
            return build.apply(function, below)
        case Power():
            return build.power(below[0], below[1])
        case Derivative(wrt=wrt):
            return build.derivative(below[0], wrt)
        case Reduction(function=function, over=over):
            return build.reduction(function, below[0], over)
        case MatrixFunction(function=function, slots=slots, indices=indices):
            return build.matrix_function(function, below[0], slots, indices)
        case Literal() | Size() | Tensor() | Delta() | One() | Iota():
            return node
        case _:
            assert_never(node)


def _as_position(node: Expr) -> Tensor | Literal:
    assert isinstance(node, Tensor | Literal), "positions are tensors or numbers"
    return node


def postorder(*roots: Expr, known: Container[Expr] = ()) -> Iterator[Expr]:
    """Yield each node below ``roots`` once, children before parents; those that are ``known`` are left out."""
    seen: set[Expr] = set()
    stack: list[tuple[Expr | None, Iterator[Expr]]] = [(None, iter(roots))]
    while stack:
        parent, siblings = stack[-1]
        for node in siblings:
            if node in seen or node in known:
                continue
            below = children(node)
            if below:
                stack.append((node, iter(below)))
                break
            seen.add(node)
            yield node
        else:
            stack.pop()
            if parent is not None:
                seen.add(parent)
                yield parent


def transform(root: Expr, step: Callable[[Expr], Expr]) -> Expr:
    """Rebuild ``root`` from the leaves up, each node replaced by ``step`` of it once its children are done."""
    done: dict[Expr, Expr] = {}
    for node in postorder(root):
        below = children(node)
        done[node] = step(rebuild(node, [done[child] for child in below]) if below else node)
    return done[root]


def letters(*roots: Expr) -> set[Index]:
    """Give all indices that occur below ``roots``, free or bound or inside ``|…|``."""
    found: set[Index] = set()
    for node in postorder(*roots):
        match node:
            case Size(index=index):
                found.add(index)
            case Derivative(wrt=wrt):
                found.update(wrt.indices)
            case Reduction(over=over):
                found.update(over)
            case _:
                found.update(node.free)
                if isinstance(node, Product):
                    found.update(node.summed)
    return found


def tensors(*roots: Expr) -> Iterator[Tensor]:
    """Yield the tensor references below ``roots`` in order of appearance, each once."""
    return (node for node in postorder(*roots) if isinstance(node, Tensor))


def written_size(root: Expr) -> int:
    """Count the parts of an expression as it is written: what occurs twice counts twice."""
    sizes: dict[Expr, int] = {}
    for node in postorder(root):
        sizes[node] = 1 + sum(sizes[child] for child in children(node))
    return sizes[root]


def count_nodes(roots: Iterable[Expr]) -> int:
    """Count the distinct nodes below ``roots``."""
    return sum(1 for _ in postorder(*roots))
