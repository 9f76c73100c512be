"""Divisions: where a product multiplies by the inverse of a matrix, and what a linear system solves instead.

Before: a product of expressions. After: the inverse that is applied first, what it is applied to, and what is left. An
inverse is never computed where it stands against a vector or a matrix; it is where it stands for itself, or against
nothing but deltas.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from einsgrad.ir import build
from einsgrad.ir.nodes import Delta, Expr, Index, MatrixFunction, Product, Tensor
from einsgrad.ir.printer import print_expression
from einsgrad.ir.traversal import postorder


@dataclass(frozen=True, slots=True)
class Division:
    """An inverse in a product, and the factors that it is applied to.

    Attributes:
        inverse: the inverse.
        position: which of its two indices is left, 0 for ``inv(A)_ij b_j`` and 1 for its transpose ``b_i inv(A)_ij``.
        right: the product of what it is applied to.
        others: the other factors.
        free: the free letters of the whole product.
    """

    inverse: MatrixFunction
    position: int
    right: Expr
    others: tuple[Expr, ...]
    free: tuple[Index, ...]

    @property
    def row(self) -> Index:
        """The letter that is summed."""
        return self.inverse.indices[1 - self.position]

    @property
    def column(self) -> Index:
        """The letter of the inverse that is left."""
        return self.inverse.indices[self.position]

    def rest(self, solution: Tensor) -> Expr:
        """Give the whole product, with the solution in place of what it solves."""
        factors = (*self.others, solution)
        summed = {i for f in factors for i in f.free} - set(self.free)
        return build.product(factors, summed) if len(factors) > 1 or summed else solution


def division_in(node: Product, shared: Collection[Expr]) -> Division | None:
    """Give the division that a product does first: the one with the smallest right-hand side.

    >>> from einsgrad.frontend.parser import parse_program
    >>> (equation,) = parse_program("y_i = inv(A)_ij inv(B)_jk c_k").definitions
    >>> found = division_in(equation.rhs, ())
    >>> print_expression(found.inverse), print_expression(found.right)
    ('inv(B)_jk', 'c_k')
    """
    factors, summed = _flattened(node, shared)
    found = list(_divisions(factors, summed, node.free))
    return min(found, key=lambda d: (_holds_inverse(d.right), len(d.right.free))) if found else None


def name_of(node: MatrixFunction) -> str:
    """Give what a message calls a matrix: its name, or the expression that it is."""
    return node.operand.name if isinstance(node.operand, Tensor) else print_expression(node.operand)


def _flattened(node: Product, shared: Collection[Expr]) -> tuple[list[Expr], set[Index]]:
    """Give the factors of a product and of the products in it that stand nowhere else, and the letters summed."""
    summed, letters = set(node.summed), {i for factor in node.factors for i in factor.free}
    factors: list[Expr] = []
    stack = [*reversed(node.factors)]
    while stack:
        factor = stack.pop()
        if isinstance(factor, Product) and factor not in shared and letters.isdisjoint(factor.summed):
            stack.extend(reversed(factor.factors))
            summed.update(factor.summed)
            letters.update(factor.summed)
        else:
            factors.append(factor)
    return factors, summed


def _divisions(factors: Sequence[Expr], summed: Collection[Index], free: tuple[Index, ...]) -> Iterator[Division]:
    for inverse in factors:
        if not isinstance(inverse, MatrixFunction) or len(set(inverse.indices)) != 2:
            continue
        for position in (0, 1):
            row = inverse.indices[1 - position]
            applied = [f for f in factors if f is not inverse and row in f.free]
            others = [f for f in factors if f is not inverse and row not in f.free]
            if row in summed and applied and not any(isinstance(n, Delta) for f in applied for n in postorder(f)):
                keep = {i for f in (inverse, *others) for i in f.free} - {row} | {*free, row}
                inside = {i for f in applied for i in f.free} - keep
                right = build.product(applied, inside) if len(applied) > 1 or inside else applied[0]
                yield Division(inverse, position, right, tuple(others), free)


def _holds_inverse(node: Expr) -> bool:
    return any(isinstance(n, MatrixFunction) and n.indices for n in postorder(node))
