"""The network again, 784×1024×10 on a batch of 512: all matrix products."""

from typing import Any

import numpy

from workloads import mlp
from workloads.mlp import EQUATIONS, WRT, forward, forward_torch, truth

__all__ = ["EQUATIONS", "TITLE", "WRT", "forward", "forward_torch", "inputs", "truth"]

TITLE = "mlp 512×784×1024×10"


def inputs(rng: numpy.random.Generator) -> dict[str, Any]:
    """Draw the arrays."""
    return mlp.inputs(rng, (512, 784, 1024, 10))
