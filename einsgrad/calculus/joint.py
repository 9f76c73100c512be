"""The joint program: forward equations and adjoint equations as one thing, which is what gets planned and compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from einsgrad.calculus.differentiate import Differentiator
from einsgrad.calculus.forward_values import name_forward_values
from einsgrad.calculus.given_rules import use_given
from einsgrad.calculus.gradient import define_gradients, resolve_inputs, resolve_outputs
from einsgrad.calculus.passes import FOR_RUNNING, Pass, run_passes
from einsgrad.calculus.selection import select
from einsgrad.calculus.stabilise import keep_tails
from einsgrad.diagnostics import Diagnostic, UsageError
from einsgrad.ir.program import Program


@dataclass(frozen=True)
class Joint:
    """What the planner and the code generator take.

    Both programs are free of derivatives, simplified, and have each letter stand for one range throughout.

    Attributes:
        source: the program as the user wrote it.
        forward: the equations that the outputs need; ``forward.requested`` are the outputs.
        program: forward and adjoint equations; ``program.requested`` are the outputs, then the gradients.
        outputs: the names of the outputs.
        wrt: the names of the inputs that gradients are taken by.
        gradients: the tensor of ``program`` that holds the gradient, for each name in ``wrt``.
        upstream: the input of ``program`` that holds the upstream gradient, for each output. Empty where the one output
            is a scalar: then ``gradients`` are its own.
    """

    source: Program
    forward: Program
    program: Program
    outputs: tuple[str, ...]
    wrt: tuple[str, ...]
    gradients: Mapping[str, str]
    upstream: Mapping[str, str]

    @property
    def is_scalar(self) -> bool:
        """Whether there is one output and it is a scalar."""
        return not self.upstream and bool(self.wrt)


def make_joint(
    program: Program,
    of: str | Sequence[str] | None,
    wrt: str | Sequence[str] | None,
    passes: Sequence[Pass] = FOR_RUNNING,
) -> Joint:
    """Make the joint program of the outputs ``of`` and their gradients by ``wrt``; all of them where ``None``.

    Args:
        program: the equations.
        of: the outputs.
        wrt: the inputs that gradients are taken by.
        passes: what the equations go through before they are differentiated.

    Raises:
        UsageError: a name is not in the program, or can't be an output or differentiated by; or there is no output.
    """
    outputs = resolve_outputs(program, of)
    if not outputs:
        message = "there is nothing to compute: no equation, only claims" if program.claims else "there is no output"
        raise UsageError([Diagnostic("no-output", message)])
    wanted = resolve_inputs(program, wrt, outputs)
    # A stable form may look through an intermediate tensor that nothing uses then: it is no output for that.
    differentiator = Differentiator(run_passes(program, passes), program.forward_outputs)
    gradients, upstream = define_gradients(differentiator, outputs, wanted)
    use_given(differentiator)
    name_forward_values(differentiator)
    forward = keep_tails(select(differentiator, list(outputs)))
    joint = keep_tails(select(differentiator, list(dict.fromkeys([*outputs, *gradients.values()]))))
    return Joint(program, forward, joint, outputs, wanted, gradients, upstream)
