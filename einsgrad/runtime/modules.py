"""NumPy code: a joint program as the functions of a generated module."""

from __future__ import annotations

from collections.abc import Mapping

from einsgrad.calculus.joint import Joint
from einsgrad.planner.options import PlanOptions
from einsgrad.runtime.loading import load_module
from einsgrad.targets.numpy.module import write_module
from einsgrad.targets.signature import Signature


class NumpyCode:
    """The functions of a generated NumPy module."""

    def __init__(self, joint: Joint, signature: Signature, sizes: Mapping[str, int], options: PlanOptions) -> None:
        self.source = write_module(joint, signature, sizes, options)
        self.functions = load_module(self.source)

    def files(self, name: str) -> dict[str, str]:
        """Give the module."""
        return {f"{name}.py": self.source}
