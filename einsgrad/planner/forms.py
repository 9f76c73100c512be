"""Forms: the value of an expression without what needs no arithmetic.

Ones and deltas are never computed with. A form is an array over some of an expression's free indices; over the others
it broadcasts (that is what a one-tensor does), and where a delta ties free indices it is zero off their diagonal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from einsgrad.ir.nodes import Index
from einsgrad.planner.interning import PlanBuilder, in_order, union
from einsgrad.planner.plan import Labels, Operand


@dataclass(frozen=True, slots=True)
class Form:
    """The value of an expression.

    Attributes:
        operand: an array over some of the free indices.
        ties: groups of two or more free indices that a delta ties; of each, only the first may stand in ``operand``.
    """

    operand: Operand
    ties: tuple[Labels, ...] = ()


def tied(groups: Iterable[Labels]) -> list[Labels]:
    """Merge groups of letters that have a letter in common, keeping the order of appearance.

    >>> i, j, k, m = map(Index, "ijkm")
    >>> [[str(x) for x in group] for group in tied([(i, j), (k, m), (j, m)])]
    [['i', 'j', 'k', 'm']]
    """
    of: dict[Index, dict[Index, None]] = {}
    for group in groups:
        merged: dict[Index, None] = {}
        for letter in group:
            merged.update(of.get(letter, {letter: None}))
        for letter in merged:
            of[letter] = merged
    return [tuple(group) for group in {id(group): group for group in of.values()}.values()]


def relabel(form: Form, mapping: Mapping[Index, Index]) -> Form:
    """Rename the letters of a form; letters that become one leave a diagonal.

    The result may have a letter of ``ties`` anywhere in its operand: :func:`settle` puts that right.
    """
    labels = tuple(mapping.get(i, i) for i in form.operand.labels)
    ties = tuple(union([[mapping.get(i, i) for i in group]]) for group in form.ties)
    return Form(Operand(form.operand.value, labels), ties)


def settle(builder: PlanBuilder, form: Form) -> Form:
    """Bring a form into shape: tied groups apart, each with one letter in the operand, no letter twice there."""
    ties = [group for group in tied(form.ties) if len(group) > 1]
    first = {letter: group[0] for group in ties for letter in group}
    labels = tuple(first.get(i, i) for i in form.operand.labels)
    return Form(builder.diagonal(Operand(form.operand.value, labels)), tuple(ties))


def dense(builder: PlanBuilder, form: Form, ranges: Mapping[Index, int], order: Labels = ()) -> Operand:
    """Give a form as an array that may broadcast but has no ties left."""
    if not form.ties:
        return form.operand
    return scatter(builder, [form], ranges, order)


def scatter(builder: PlanBuilder, forms: list[Form], ranges: Mapping[Index, int], order: Labels = ()) -> Operand:
    """Add forms up in one array over all letters that any of them has."""
    labels = in_order(order, union([f.operand.labels, *f.ties][k] for f in forms for k in range(1 + len(f.ties))))
    pieces = []
    for form in forms:
        first = {letter: group[0] for group in form.ties for letter in group}
        pieces.append((form.operand, tuple(first.get(i, i) for i in labels)))
    return builder.scatter(tuple(pieces), labels, {i: ranges[i] for i in labels})
