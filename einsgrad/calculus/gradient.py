"""Gradients of a program, as a program: forward equations that are needed, then one equation a gradient.

The result prints as equations and parses again, so each ``|h|`` in it stands where a reader can tell its range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from einsgrad.calculus.differentiate import Differentiator, Event
from einsgrad.calculus.forward_values import name_forward_values
from einsgrad.calculus.given_rules import use_given
from einsgrad.calculus.passes import FOR_READING, run_passes
from einsgrad.calculus.selection import rename_tensors, spell_sizes
from einsgrad.diagnostics import Diagnostic, UsageError
from einsgrad.ir import build
from einsgrad.ir.names import gradient_name, identifier, split_gradient_name
from einsgrad.ir.nodes import Expr, Tensor
from einsgrad.ir.program import Program


def gradient_program(
    program: Program,
    of: str | Sequence[str] | None,
    wrt: str | Sequence[str] | None,
    observe: Callable[[Differentiator, Event], None] | None = None,
) -> Program:
    """Give the equations of the gradients of ``of`` with respect to ``wrt``.

    A scalar ``E`` has gradients of its own, ``∂E/∂x``. For other outputs ``y`` the gradients are those of a downstream
    loss ``l``, by the chain rule from the given ``∂l/∂y``.

    Args:
        program: the forward program.
        of: the outputs; all of them if ``None``.
        wrt: the tensors to differentiate by; all inputs if ``None``.
        observe: told of each derivation, as :class:`Differentiator` tells.

    Raises:
        UsageError: a name is not in the program, or can't be differentiated by.
    """
    outputs = resolve_outputs(program, of)
    wanted = resolve_inputs(program, wrt, outputs)
    differentiator = Differentiator(run_passes(program, FOR_READING), observe=observe)
    gradients, _ = define_gradients(differentiator, outputs, wanted)
    use_given(differentiator, observe)
    name_forward_values(differentiator)
    return _name_inner_gradients(differentiator, spell_sizes(differentiator, list(gradients.values())))


def _name_inner_gradients(differentiator: Differentiator, program: Program) -> Program:
    """Give plain names to the gradients ``∂E/∂x`` of tensors ``E`` whose equations are here, too.

    Read as a text, an equation for ``∂E/∂x`` beside that for ``E`` states what follows from it, and defines nothing.
    """
    inner = [
        d.name for d in program.definitions if (parts := split_gradient_name(d.name)) and parts[0] in program.by_name
    ]
    names = {name: differentiator.new_name(identifier(name)) for name in inner}
    return rename_tensors(program, names)


def define_gradients(
    differentiator: Differentiator, outputs: Sequence[str], wrt: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Define the gradients of the outputs.

    Returns:
        The name of the gradient for each name in ``wrt``, and that of the upstream gradient for each output; none for
        a scalar output, which has gradients of its own.
    """
    of, seeds = scalar_or_loss(differentiator, outputs)
    missing = [x for x in wrt if gradient_name(of, x) not in differentiator.definitions]
    if missing:
        differentiator.adjoints(of, seeds, missing)
    upstream = {y: seed.name for y, seed in seeds.items() if isinstance(seed, Tensor)}
    return {x: gradient_name(of, x) for x in wrt}, upstream


def scalar_or_loss(differentiator: Differentiator, outputs: Sequence[str]) -> tuple[str, dict[str, Expr]]:
    """Give the name that is differentiated, and what its gradient by each output is."""
    if len(outputs) == 1 and not differentiator.own_indices(outputs[0]):
        return outputs[0], {outputs[0]: build.literal(1)}
    loss = differentiator.new_loss()
    return loss, differentiator.upstream_seeds(loss, outputs)


def resolve_outputs(program: Program, of: str | Sequence[str] | None) -> tuple[str, ...]:
    """Give the outputs that a caller names, each as the program spells it."""
    if of is None:
        return program.outputs
    names = _resolve(program, of)
    for name in names:
        if name not in program.by_name:
            message = f"`{name}` is an input, no equation defines it: it can't be an output"
            raise UsageError([Diagnostic("not-an-output", message, notes=(f"defined: {', '.join(program.by_name)}",))])
    return names


def resolve_inputs(program: Program, wrt: str | Sequence[str] | None, outputs: Iterable[str]) -> tuple[str, ...]:
    """Give the tensors that a caller differentiates by, each as the program spells it."""
    if wrt is None:
        return tuple(n for n in program.inputs if split_gradient_name(n) is None and n not in program.positions)
    names = _resolve(program, wrt)
    for name in names:
        if name in program.positions:
            raise UsageError([by_positions(name)])
        if name in outputs:
            message = f"`{name}` is the output itself: differentiate by what it depends on"
            raise UsageError([Diagnostic("wrt-output", message, notes=(f"inputs: {', '.join(program.inputs)}",))])
    return names


def by_positions(name: str) -> Diagnostic:
    """Make the error about a derivative by a tensor that gives positions."""
    return Diagnostic("wrt-positions", f"`{name}` gives positions: nothing is differentiated by them")


def _resolve(program: Program, given: str | Sequence[str]) -> tuple[str, ...]:
    """Give the names of tensors as the program spells them, each once."""
    if not isinstance(given, Iterable):
        raise UsageError([Diagnostic("wrong-type", f"expected the name of a tensor or several, not {given!r}")])
    return tuple(dict.fromkeys(program.resolve_name(name) for name in ([given] if isinstance(given, str) else given)))
