"""The verifier: checks the invariants of the IR, which tests ask for after every pass.

Before: any program. After: the program is what every pass may assume, or an :class:`InternalError` has named the
statement and the invariant that it breaks. Ranges are not looked at: sizes that nothing settles are a reader's error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from einsgrad.diagnostics import InternalError
from einsgrad.ir.equations import Definition, uses
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.letters import separate
from einsgrad.ir.matrix_functions import MATRIX_FUNCTIONS
from einsgrad.ir.names import canonical_name, split_gradient_name
from einsgrad.ir.nodes import (
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
from einsgrad.ir.program import Program
from einsgrad.ir.reductions import REDUCTIONS
from einsgrad.ir.traversal import postorder


def verify(program: Program) -> None:
    """Check the invariants of the IR.

    Each tensor is defined once, no definition uses itself, a name has one spelling and one order; the indices of a
    definition are distinct and are the free indices of its right-hand side; every node is well-formed, and bound
    letters stand apart as :mod:`einsgrad.ir.letters` says.

    Raises:
        InternalError: an invariant is broken.

    >>> from einsgrad.ir import build
    >>> verify(Program((Definition("y", (Index("i"),), build.tensor("x")),)))
    Traceback (most recent call last):
        ...
    einsgrad.diagnostics.InternalError: internal error: the equation of `y`: indices i, but free on the right: none
    This is a defect of einsgrad: please report it with the input.
    """
    _check_names(program)
    for where, side in _sides(program):
        for node in postorder(side.rhs):
            problem = _malformed(node)
            if problem:
                raise InternalError(f"{where}: {problem}")
        _check_letters(where, side)
    _check_cycles(program)


def _sides(program: Program) -> Iterator[tuple[str, Definition]]:
    """Yield each equation, and each side of a claim as the equation of its free indices, with words for where."""
    for d in program.definitions:
        yield f"the equation of `{d.name}`", d
    for number, claim in enumerate((*program.claims, *program.facts), start=1):
        for side, name in ((claim.lhs, "left"), (claim.rhs, "right")):
            free = claim.free if side.free else ()
            yield f"the {name} side of claim {number}", Definition("claim", free, side)


def _check_names(program: Program) -> None:
    seen: set[str] = set()
    orders: dict[str, int] = {}
    spellings: dict[str, str] = {}

    def note(name: str, order: int) -> None:
        spelling = spellings.setdefault(canonical_name(name), name)
        if spelling != name:
            raise InternalError(f"one tensor has two spellings, `{spelling}` and `{name}`")
        if orders.setdefault(name, order) != order:
            raise InternalError(f"`{name}` has {orders[name]} indices in one place and {order} in another")

    if program.loss is not None:
        if program.loss in program.by_name:
            raise InternalError(f"the downstream loss `{program.loss}` is defined")
        note(program.loss, 0)
    for d in program.definitions:
        if d.name in seen:
            raise InternalError(f"`{d.name}` is defined twice")
        seen.add(d.name)
        note(d.name, len(d.indices))
    for node in postorder(*program.expressions()):
        if isinstance(node, Tensor):
            note(node.name, len(node.indices))
        elif isinstance(node, Derivative):
            note(node.wrt.name, len(node.wrt.indices))
    for name, order in orders.items():
        parts = split_gradient_name(name)
        if parts and orders.get(parts[1], order) != order:
            raise InternalError(f"`{name}` has {order} indices, but `{parts[1]}` has {orders[parts[1]]}")


def _check_letters(where: str, side: Definition) -> None:
    if len(set(side.indices)) != len(side.indices):
        raise InternalError(f"{where}: its indices {_listed(side.indices)} are not distinct")
    if set(side.indices) != set(side.rhs.free):
        raise InternalError(
            f"{where}: indices {_listed(side.indices)}, but free on the right: {_listed(side.rhs.free)}"
        )
    if separate(side).rhs is not side.rhs:
        raise InternalError(f"{where}: a bound letter stands outside its sum, too")


def _check_cycles(program: Program) -> None:
    """Set equations aside until every one is, each after all that it uses."""
    waiting = {d.name: {n for n in uses(d.rhs) if n in program.by_name} for d in program.definitions}
    users: dict[str, list[str]] = {}
    for name, used in waiting.items():
        for other in used:
            users.setdefault(other, []).append(name)
    ready = [name for name, used in waiting.items() if not used]
    while ready:
        done = ready.pop()
        del waiting[done]
        for user in users.get(done, ()):
            waiting[user].discard(done)
            if not waiting[user]:
                ready.append(user)
    if waiting:
        raise InternalError(f"the equations of {', '.join(f'`{name}`' for name in waiting)} depend on themselves")


def _malformed(node: Expr) -> str | None:
    """Say what is wrong with one node, if something is."""
    match node:
        case Literal() | Size() | Tensor() | Delta() | Iota() | Selector() | Power():
            return None
        case Gather(operand=operand, subscripts=subscripts):
            whole = len(operand.indices) == len(subscripts) and not all(isinstance(s, Index) for s in subscripts)
            return None if whole else f"`{operand.name}` is read at {len(subscripts)} subscripts, all of them letters"
        case One(indices=indices):
            return None if indices else "a one-tensor has no index"
        case Product(factors=factors, summed=summed):
            return _malformed_product(factors, summed)
        case Sum(terms=terms):
            if len(terms) < 2:
                return "a sum has fewer than two terms"
            if any(t.free and set(t.free) != set(node.free) for t in terms):
                return f"the terms of a sum have different free indices: {'; '.join(_listed(t.free) for t in terms)}"
            return None
        case Apply(function=function, args=args):
            if function not in FUNCTIONS:
                return f"no function is called `{function}`"
            if FUNCTIONS[function].arity != len(args):
                return f"`{function}` takes {FUNCTIONS[function].arity} arguments, not {len(args)}"
            return None
        case Derivative(operand=operand, wrt=wrt):
            if len(set(wrt.indices)) != len(wrt.indices):
                return f"a derivative by `{wrt.name}` repeats an index: {_listed(wrt.indices)}"
            if set(wrt.indices) & set(operand.free):
                return f"the indices {_listed(wrt.indices)} of a derivative by `{wrt.name}` are not new"
            return None
        case Reduction(function=function, operand=operand, over=over):
            if function not in REDUCTIONS:
                return f"no reduction is called `{function}`"
            if not set(over) <= set(operand.free):
                return f"`{function}` is taken over {_listed(over)} of an expression in {_listed(operand.free)}"
            return None
        case MatrixFunction():
            return _malformed_matrix_function(node)
        case _:
            assert_never(node)


def _malformed_matrix_function(node: MatrixFunction) -> str | None:
    if node.function not in MATRIX_FUNCTIONS:
        return f"no function of a matrix is called `{node.function}`"
    if len(set(node.slots)) != 2 or not set(node.slots) <= set(node.operand.free):
        return f"`{node.function}` is taken over {_listed(node.slots)} of an expression in {_listed(node.operand.free)}"
    wanted = 2 if MATRIX_FUNCTIONS[node.function].keeps else 0
    if len(node.indices) != wanted:
        return f"`{node.function}` has {len(node.indices)} indices, not {wanted}"
    return None


def _malformed_product(factors: Sequence[Expr], summed: Sequence[Index]) -> str | None:
    carried = {i for f in factors for i in f.free}
    if not set(summed) <= carried:
        return f"a product is summed over {_listed(set(summed) - carried)}, which no factor carries"
    if len(factors) < 2 and not summed:
        return f"a product of {len(factors)} factors sums nothing"
    return None


def _listed(indices: Iterable[Index]) -> str:
    return ", ".join(map(str, indices)) or "none"
