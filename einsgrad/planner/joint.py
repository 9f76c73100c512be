"""The joint program as it is to be computed: rewritten by cost before and after it is differentiated.

Each step is a program, so each can be printed, evaluated by the reference interpreter, and compared with the one
before.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence, Set

from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.calculus.directional import Directional
from einsgrad.calculus.joint import Joint, make_joint
from einsgrad.calculus.naming import name_arguments
from einsgrad.calculus.passes import FOR_RUNNING, Pass, run_passes
from einsgrad.calculus.selection import rename_tensors, select
from einsgrad.calculus.stabilise import keep_tails, stabilise
from einsgrad.ir.letters import root
from einsgrad.ir.nodes import Derivative, Expr
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Ranges, infer_ranges
from einsgrad.ir.traversal import letters, postorder
from einsgrad.planner.cost import total_cost
from einsgrad.planner.distribute import Estimate, distribute
from einsgrad.planner.interning import PlanBuilder
from einsgrad.planner.lowering import lower_alone
from einsgrad.planner.options import DEFAULT, PlanOptions
from einsgrad.planner.pairwise import contract_pairwise
from einsgrad.planner.planning import nominal_sizes
from einsgrad.planner.share import share
from einsgrad.planner.spelling import spell_out


def plan_joint(
    program: Program,
    of: str | Sequence[str] | None,
    wrt: str | Sequence[str] | None,
    sizes: Mapping[str, int],
    options: PlanOptions = DEFAULT,
) -> Joint:
    """Make the joint program of the outputs ``of`` and their gradients by ``wrt``, to be computed at ``sizes``.

    Args:
        program: the equations.
        of: the outputs.
        wrt: the inputs that gradients are taken by.
        sizes: sizes by the letters that the program has once they are renamed apart; 64 for the others.
        options: what the user decides.

    Raises:
        UsageError: a name is not in the program, or can't be an output or differentiated by, or memory is short.
    """
    joint = make_joint(program, of, wrt, _passes(program, sizes, options))
    forward_and_adjoint = spell_out(joint.program) if joint.wrt else joint.program
    return dataclasses.replace(joint, program=_rewritten(forward_and_adjoint, sizes, options))


def plan_directional(directional: Directional, sizes: Mapping[str, int], options: PlanOptions = DEFAULT) -> Joint:
    """Make the program of a product with a direction, to be computed at ``sizes``: its results are the outputs.

    Raises:
        UsageError: memory is short.
    """
    source = directional.program
    # The letters of the whole: those of a call's axes are told by them.
    apart = rename_apart(source)
    base = dataclasses.replace(
        apart, definitions=apart.definitions[: len(directional.base.definitions)], requested=directional.base.requested
    )
    later = {*source.by_name, *source.inputs} - {*base.by_name, *base.inputs}
    prepared = _clear_of(later, base, run_passes(base, _passes(base, sizes, options)))
    differentiator = Differentiator(prepared, directional.base.forward_outputs)
    directional.define(differentiator)
    selected = keep_tails(select(differentiator, source.outputs))
    program = _rewritten(spell_out(selected), sizes, options)
    return Joint(source, program, program, source.outputs, (), {}, {})


def _clear_of(later: Set[str], base: Program, prepared: Program) -> Program:
    """Give other names to what passes have named as tensors are called that come later."""
    taken = {*later, *base.by_name, *base.inputs, *prepared.by_name}
    names: dict[str, str] = {}
    for d in prepared.definitions:
        if d.name in later:
            names[d.name] = next(n for n in map(f"{d.name}{{}}".format, itertools.count(2)) if n not in taken)
            taken.add(names[d.name])
    return rename_tensors(prepared, names)


def _rewritten(program: Program, sizes: Mapping[str, int], options: PlanOptions) -> Program:
    return share(_distribute(program, sizes) if options.expand else program)


def _passes(program: Program, sizes: Mapping[str, int], options: PlanOptions) -> Sequence[Pass]:
    """Give what the equations go through before they are differentiated.

    Where derivative operators stand in them, these are carried out from the equations as they are: a Hessian is best
    derived from what the author wrote.
    """
    if any(isinstance(node, Derivative) for node in postorder(*program.expressions())):
        return FOR_RUNNING
    # Ahead of naming, which would hide brackets behind names.
    expand: Sequence[Pass] = (lambda prepared: _distribute(prepared, sizes),) if options.expand else ()
    return (
        rename_apart,
        stabilise,
        *expand,
        name_arguments,
        lambda prepared: _contract_pairwise(prepared, sizes, options),
    )


def _contract_pairwise(program: Program, sizes: Mapping[str, int], options: PlanOptions) -> Program:
    ranges = infer_ranges(program)
    nominal = nominal_sizes(ranges, sizes)
    of_statement = ranges.by_statement
    extents = [{i: nominal[r] for i, r in of_statement.get(k, {}).items()} for k in range(len(program.definitions))]
    return contract_pairwise(program, extents, options)


def _distribute(program: Program, sizes: Mapping[str, int]) -> Program:
    ranges = infer_ranges(program)
    nominal = nominal_sizes(ranges, sizes)
    return distribute(program, [_estimator(ranges, nominal, k) for k in range(len(program.definitions))])


def _estimator(ranges: Ranges, nominal: Mapping[int, int], statement: int) -> Estimate:
    """Give the function that estimates what an expression of a statement costs by itself."""

    def estimate(node: Expr) -> float:
        families = {root(i): r for i, r in ranges.by_statement.get(statement, {}).items()}
        builder = PlanBuilder(nominal)
        lower_alone(node, {i: families[root(i)] for i in letters(node)}, builder)
        return total_cost(builder.values, range(len(builder.values)), nominal).seconds

    return estimate
