"""Match one expression against another, up to a renaming of some letters."""

from __future__ import annotations

from collections.abc import Collection, Generator
from typing import Any

from einsgrad.ir.nodes import Apply, Delta, Expr, Index, MatrixFunction, One, Product, Reduction, Size, Tensor
from einsgrad.ir.traversal import children, stackless


def match(pattern: Expr, target: Expr, variables: Collection[Index]) -> dict[Index, Index] | None:
    """Give the letters for ``variables`` that turn ``pattern`` into ``target``; ``None`` if there are none.

    Bound letters are matched, too; factors and terms have to be in one order.

    >>> from einsgrad.ir import build
    >>> i, j, k = map(Index, "ijk")
    >>> match(build.tensor("u", [i, j]), build.tensor("u", [i, k]), [j])
    {Index(name='j'): Index(name='k')}
    >>> match(build.tensor("u", [i, j]), build.tensor("u", [k, j]), [j]) is None
    True
    """
    letters: dict[Index, Index] = {}
    if not _match(pattern, target, frozenset(variables), letters):
        return None
    return {v: letters[v] for v in variables if v in letters}


@stackless
def _match(
    pattern: Expr, target: Expr, variables: frozenset[Index], letters: dict[Index, Index]
) -> Generator[tuple[Any, ...], Any, bool]:
    if type(pattern) is not type(target):
        return False
    below, above = children(pattern), children(target)
    if len(below) != len(above):
        return False
    match pattern, target:
        case (
            (Tensor(indices=a), Tensor(indices=b))
            | (Delta(indices=a), Delta(indices=b))
            | (One(indices=a), One(indices=b))
        ):
            if isinstance(pattern, Tensor) and isinstance(target, Tensor) and pattern.name != target.name:
                return False
            return len(a) == len(b) and all(_bind(i, j, variables, letters) for i, j in zip(a, b, strict=True))
        case (Product(summed=a), Product(summed=b)) | (Reduction(over=a), Reduction(over=b)):
            if len(a) != len(b):
                return False
            if isinstance(pattern, Reduction) and isinstance(target, Reduction) and pattern.function != target.function:
                return False
            variables = variables | frozenset(a)
        case Apply(function=f), Apply(function=g):
            if f != g:
                return False
        case MatrixFunction(), MatrixFunction():
            if pattern.function != target.function or len(pattern.indices) != len(target.indices):
                return False
            if not all(_bind(i, j, variables, letters) for i, j in zip(pattern.indices, target.indices, strict=True)):
                return False
            variables = variables | frozenset(pattern.bound)
        case Size(index=i), Size(index=j):
            return i == j
    if not below:
        return pattern is target
    for one, other in zip(below, above, strict=True):
        if not (yield one, other, variables, letters):
            return False
    return True


def _bind(i: Index, j: Index, variables: frozenset[Index], letters: dict[Index, Index]) -> bool:
    if i not in variables:
        return i == j
    return letters.setdefault(i, j) == j
