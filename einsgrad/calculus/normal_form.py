"""The normal form of expressions: equal forms mean equal values, wherever both expressions have one.

Before: expressions without derivatives, in letters that each have one range. After: a sum of monomials in atoms
(:mod:`einsgrad.calculus.atoms`), the same for expressions that differ in the letters of sums, in the order and the
brackets of factors and terms, in deltas and one-tensors that can be substituted, in equations put into one another,
in common denominators, and in the identities of functions that hold for components. Not attempted: addition theorems,
greatest common divisors, and denominators inside contractions beyond a division by one bracket at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from einsgrad.calculus.atoms import Atoms, Form, TooLargeError
from einsgrad.calculus.contractions import divide, sum_over
from einsgrad.calculus.forms import add, apply_function, constant, join, multiply, rename, settle, single, subtract
from einsgrad.calculus.identities import FORMS_OF_FUNCTIONS, merge_powers
from einsgrad.diagnostics import InternalError
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import root
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
from einsgrad.ir.traversal import children

# Whether brackets are multiplied out, and how many factors may be looked at then: a second or two of work.
_BUDGETS = ((False, 100_000), (True, 300_000))
_MOST_PASSES = 4


def forms_coincide(left: Expr, right: Expr, definitions: Mapping[str, Definition], ranges: Mapping[Index, int]) -> bool:
    """Tell whether two expressions have one form; if so they are equal wherever both have a value.

    First without multiplying out brackets, which is cheap and enough where the sides differ in letters, order and
    substitution. What it takes for a side to have a value, say that the argument of a logarithm is positive, is used
    in a next pass.

    Raises:
        TooLargeError: the bound on the work was reached.
        UndefinedError: a part of a side has no value anywhere.
    """
    for multiply_out, budget in _BUDGETS:
        atoms = new_atoms(budget, multiply_out)
        form_of = NormalForms(definitions, ranges, atoms)
        try:
            for _ in range(_MOST_PASSES):
                if not settle(atoms, subtract(form_of(left), form_of(right))):
                    return True
                if not atoms.use_noticed():
                    break
                form_of.forget()
        except TooLargeError:
            if multiply_out:
                raise
    return False


def new_atoms(budget: int, multiply_out: bool) -> Atoms:
    """Make the atoms for a claim: none yet."""
    return Atoms({**FORMS_OF_FUNCTIONS, "sum over": sum_over}, (merge_powers,), budget, multiply_out)


class NormalForms:
    """The forms of expressions that one set of equations belongs to."""

    def __init__(self, definitions: Mapping[str, Definition], ranges: Mapping[Index, int], atoms: Atoms) -> None:
        """Take the equations, the number of the range of each family of letters, and the atoms to use."""
        self.atoms = atoms
        self._definitions = definitions
        self._ranges = ranges
        self._known: dict[Expr, Form] = {}

    def __call__(self, node: Expr) -> Form:
        """Give the form of an expression.

        Raises:
            TooLargeError: the bound on the work is reached.
            UndefinedError: a part of it has no value anywhere.
        """
        stack = [node]
        while stack:
            top = stack[-1]
            waiting = [n for n in self._needs(top) if n not in self._known]
            if waiting:
                stack += waiting
            else:
                stack.pop()
                if top not in self._known:
                    self._known[top] = self._form(top)
        return self._known[node]

    def forget(self) -> None:
        """Forget all forms, since more is known about the signs of atoms."""
        self._known.clear()

    def _needs(self, node: Expr) -> tuple[Expr, ...]:
        if isinstance(node, Tensor) and node.name in self._definitions:
            return (self._definitions[node.name].rhs,)
        return children(node)

    def _form(self, node: Expr) -> Form:
        atoms = self.atoms
        below = [self._known[child] for child in children(node)]
        match node:
            case Literal(value=value):
                return constant(value)
            case Size(index=index):
                return single(atoms.symbol("size", self._ranges[root(index)]))
            case Tensor(name=name, indices=indices) if name in self._definitions:
                d = self._definitions[name]
                mapping = {a.name: b.name for a, b in zip(d.indices, indices, strict=True)}
                return rename(atoms, self._known[d.rhs], mapping)
            case Tensor(name=name, indices=indices):
                return single(atoms.symbol("tensor", name, [i.name for i in indices]))
            case Delta(indices=indices):
                return join(atoms, [atoms.symbol("delta", "δ", [i.name for i in indices])])
            case One():
                return constant(1)
            case Product(summed=summed):
                product = multiply(atoms, *below)
                bound = {i.name: self._ranges[root(i)] for i in summed}
                return sum_over(atoms, divide(atoms, product, bound), bound)
            case Sum():
                return add(*below)
            case Power():
                return apply_function(atoms, "power", *below)
            case Apply(function=function):
                return apply_function(atoms, function, *below)
            case Derivative() | Max():
                raise InternalError(f"there is no normal form of a {type(node).__name__.lower()}")
            case _:
                assert_never(node)
