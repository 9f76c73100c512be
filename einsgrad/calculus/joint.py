"""The joint program: forward equations and adjoint equations as one thing, which is what gets planned and compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
