"""The normal form of expressions: equal forms mean equal values, wherever both expressions have one.

Before: expressions without derivatives, in letters that each have one range. After: a sum of monomials in atoms
(:mod:`einsgrad.calculus.atoms`), the same for expressions that differ in the letters of sums, in the order and the
brackets of factors and terms, in deltas and one-tensors that can be substituted, in equations put into one another,
in common denominators, and in the identities of functions that hold for components. Not attempted: addition theorems,
greatest common divisors, and denominators inside contractions beyond a division by one bracket at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from einsgrad.calculus.atoms import Atoms, Factor, Form, TooLargeError, UndefinedError
from einsgrad.calculus.cases import Case
from einsgrad.calculus.contractions import divide, sum_over
from einsgrad.calculus.facts import draw_facts
from einsgrad.calculus.forms import add, apply_function, constant, join, multiply, rename, settle, single, subtract
from einsgrad.calculus.identities import FORMS_OF_FUNCTIONS, merge_powers
from einsgrad.calculus.matrix_forms import matrix_form
from einsgrad.calculus.reduction_forms import reduction_form
from einsgrad.diagnostics import InternalError
from einsgrad.ir.equations import Definition
from einsgrad.ir.given import Given
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

# Whether brackets are multiplied out, and how many factors may be looked at then: a second or two of work.
_BUDGETS = ((False, 100_000), (True, 300_000))
_MOST_PASSES = 4
_MOST_CASES = 500


def forms_coincide(
    left: Expr,
    right: Expr,
    definitions: Mapping[str, Definition],
    ranges: Mapping[Index, int],
    given: Given | None = None,
) -> bool:
    """Tell whether two expressions have one form; if so they are equal wherever both have a value.

    They have to have one form in each case of empty ranges (:mod:`einsgrad.calculus.cases`).

    Args:
        left: an expression; its free letters are those of the claim.
        right: the other one.
        definitions: the equations that they may use, by the names of their tensors.
        ranges: the number of the range of each family of letters, by its root.
        given: what is given of the tensors that no equation defines.

    Raises:
        TooLargeError: the bound on the work was reached.
        UndefinedError: a part of a side has no value anywhere.
    """
    budgets = dict(_BUDGETS)
    given = given or Given()
    case = Case.of(definitions, ranges, (*left.free, *right.free))
    stack = [replace(case, filled=case.filled | _filled(given, case))]
    for _ in range(_MOST_CASES):
        if not stack:
            return True
        case = stack.pop()
        case, smaller = case.split(case.deciding_ranges(left, right))
        if not _coincide(case, left, right, budgets, given) and not _lacks_a_value(case, left, right):
            return False
        stack += smaller
    raise TooLargeError


def _filled(given: Given, case: Case) -> frozenset[int]:
    """Give the ranges that have an element since a sum over nothing is not what it is given to be."""
    sums = [(total.name, total.axes) for totals in given.totals.values() for total in totals if total.value]
    sums += [(name, axes) for name, axes in given.orthogonal.items()]
    found = set[int]()
    for name, axes in sums:
        others = {number for (of, axis), number in given.ranges.items() if of == name and axis not in axes}
        if others <= case.filled:
            found |= {given.ranges[name, axis] for axis in axes} if len(axes) == 1 else set()
    return frozenset(found)


def _coincide(case: Case, left: Expr, right: Expr, budgets: dict[bool, int], given: Given) -> bool:
    """Tell whether two expressions have one form in a case, and take the work off the budgets.

    First without multiplying out brackets, which is cheap and enough where the sides differ in letters, order and
    substitution.
    """
    for multiply_out, budget in budgets.items():
        atoms = new_atoms(budget, multiply_out, given)
        try:
            if _pass_by_pass(case, left, right, atoms):
                return True
        except TooLargeError:
            if multiply_out:
                raise
        except UndefinedError:
            if not case.empty:
                raise
            return True  # at no point has a side a value
        finally:
            budgets[multiply_out] = atoms.budget
    return False


def _lacks_a_value(case: Case, left: Expr, right: Expr) -> bool:
    """Tell whether something in a sum over nothing has no value, whichever ranges in there are empty."""
    if not case.empty:
        return False
    whole = replace(case, whole=True)
    whole, smaller = whole.split(whole.deciding_ranges(left, right))
    form_of = NormalForms(whole, new_atoms(dict(_BUDGETS)[False], multiply_out=False))
    try:
        form_of(left), form_of(right)
    except UndefinedError:
        return all(_lacks_a_value(one, left, right) for one in smaller)
    return False


def _pass_by_pass(case: Case, left: Expr, right: Expr, atoms: Atoms) -> bool:
    """Tell whether two expressions have one form, with what their having a value tells of signs in a next pass."""
    for _ in range(_MOST_PASSES):
        form_of = NormalForms(case, atoms)
        if not settle(atoms, subtract(form_of(left), form_of(right))):
            return True
        facts = draw_facts(atoms, case, form_of.known, left, right)
        if facts == atoms.known:
            break
        atoms.use(facts)
    return False


def new_atoms(budget: int, multiply_out: bool, given: Given | None = None) -> Atoms:
    """Make the atoms for a claim: none yet."""
    functions = {**FORMS_OF_FUNCTIONS, "sum over": sum_over}
    return Atoms(functions, (merge_powers,), budget, multiply_out, given=given or Given())


class NormalForms:
    """The forms of expressions in a case.

    Attributes:
        atoms: the atoms of the forms.
        known: the forms made so far, those of all parts among them.
    """

    def __init__(self, case: Case, atoms: Atoms) -> None:
        """Take the equations that the expressions may use, and the atoms to make."""
        self.atoms = atoms
        self.known: dict[Expr, Form] = {}
        self._case = case

    def __call__(self, node: Expr) -> Form:
        """Give the form of an expression.

        Raises:
            TooLargeError: the bound on the work is reached.
            UndefinedError: a part of it has no value anywhere.
        """
        for part in self._case.postorder(node, known=self.known):
            self.known[part] = self._form(part)
        return self.known[node]

    def _form(self, node: Expr) -> Form:
        atoms, case = self.atoms, self._case
        if case.is_empty_sum(node) or case.has_no_component(node):
            return constant(0)
        below = [self.known[part] for part in case.parts(node)]
        match node:
            case Literal(value=value):
                return constant(value)
            case Size(index=index) if case.range_of(index) in case.empty:
                return constant(0)
            case Size(index=index):
                return single(atoms.symbol("size", case.range_of(index)))
            case Tensor(name=name, indices=indices) if name in case.definitions:
                own = case.definitions[name].indices
                mapping = {a.name: b.name for a, b in zip(own, indices, strict=True)}
                return rename(atoms, below[0], mapping)
            case Tensor(name=name, indices=indices):
                return single(atoms.symbol("tensor", name, [i.name for i in indices]))
            case Delta(indices=indices):
                return join(atoms, [atoms.symbol("delta", case.range_of(indices[0]), [i.name for i in indices])])
            case One():
                return constant(1)
            case Iota(index=index):
                return single(atoms.symbol("tensor", "iota", [index.name]))
            case Gather(operand=operand, subscripts=subscripts):
                return single(_at_positions(atoms, operand.name, subscripts))
            case Selector(index=index, position=position):
                return single(_at_positions(atoms, "δ", (index, position)))
            case Product(summed=summed):
                product = multiply(atoms, *below)
                bound = {i.name: case.range_of(i) for i in summed}
                return sum_over(atoms, divide(atoms, product, bound), bound)
            case Sum():
                return add(*below)
            case Power():
                return apply_function(atoms, "power", *below)
            case Apply(function=function):
                return apply_function(atoms, function, *below)
            case MatrixFunction() | Reduction():
                return self._binding(node, below[0])
            case Derivative():
                raise InternalError(f"there is no normal form of a {type(node).__name__.lower()}")
            case _:
                assert_never(node)

    def _binding(self, node: MatrixFunction | Reduction, operand: Form) -> Form:
        """Give the form of what binds letters of its operand."""
        ranges = self._case.range_of
        if isinstance(node, MatrixFunction):
            return matrix_form(self.atoms, node, operand, ranges(node.slots[0]))
        return reduction_form(self.atoms, node.function, operand, {i.name: ranges(i) for i in node.over})


def _at_positions(atoms: Atoms, name: str, subscripts: Sequence[Subscript]) -> Factor:
    """Give the symbol for components at given positions: of one name wherever the same tensors give them."""
    shape: list[str] = []
    letters: list[str] = []
    for subscript in subscripts:
        match subscript:
            case Index(name=letter):
                shape.append("·")
                letters.append(letter)
            case Literal(value=value):
                shape.append(str(value))
            case Affine(terms=terms, constant=constant):
                ordered = sorted(terms, key=lambda term: term[1])
                shape.append(f"{''.join(f'{c:+d}·' for _, c in ordered)}{constant:+d}")
                letters += [i.name for i, _ in ordered]
            case Tensor(name=given, indices=indices):
                shape.append(f"{given}{len(indices)}")
                letters += [i.name for i in indices]
    return atoms.symbol("tensor", f"{name}[{','.join(shape)}]", letters)
