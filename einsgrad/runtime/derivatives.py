"""Derivatives of a function beyond its gradients: programs of their own, each compiled when it is first asked for.

Jacobians and Hessians as whole arrays are equations with ``∂`` more; their products with directions are planned so that
no such array is formed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from einsgrad.calculus.apart import sizes_apart
from einsgrad.calculus.directional import Directional, hvp, jvp, with_upstream_given
from einsgrad.calculus.joint import Joint
from einsgrad.calculus.whole_derivatives import hessian_program, hessians_program, jacobian_program
from einsgrad.diagnostics import Diagnostic, UsageError, did_you_mean
from einsgrad.ir.program import Program
from einsgrad.planner.joint import plan_directional, plan_joint
from einsgrad.planner.options import PlanOptions
from einsgrad.runtime.arguments import sizes_within
from einsgrad.targets.numpy.offered import FUNCTIONS, Offered

if TYPE_CHECKING:
    from einsgrad.runtime.function import Function

Array = NDArray[Any]
ProductOf = Callable[[Program, Sequence[str], Sequence[str]], Directional]


class Compile(Protocol):
    """Compiles a program without gradients; ``plan`` plans it its own way."""

    def __call__(
        self,
        program: Program,
        of: str | None,
        sizes: Mapping[str, int],
        plan: Callable[[Mapping[str, int]], Joint] | None = None,
    ) -> Function:
        """Give the function."""


class Derivatives:
    """What is made of one function's derivatives."""

    def __init__(
        self,
        program: Program,
        outputs: Sequence[str],
        sizes: Mapping[str, int],
        options: PlanOptions,
        compile_alone: Compile,
    ) -> None:
        self._program = program
        self._outputs = outputs
        self._sizes = sizes
        self._options = options
        self._compile = compile_alone
        self._whole: dict[tuple[str, ...], Function] = {}
        # With the input that takes the tangent of each input that moves.
        self._along: dict[tuple[str, ...], tuple[Function, Mapping[str, str]]] = {}

    def whole(self, of: str, wrt: Sequence[str], arrays: Mapping[str, Array]) -> Array:
        """Compute all derivatives of ``of`` by one input, or all second derivatives by two.

        Args:
            of: an output.
            wrt: the inputs.
            arrays: all inputs by name.
        """
        key = of, *wrt
        if key not in self._whole:
            program, name = (jacobian_program if len(wrt) == 1 else hessian_program)(self._program, of, *wrt)
            self._whole[key] = self._compile(program, name, self._sizes)
        function = self._whole[key]
        return np.asarray(function(**{x: arrays[x] for x in function.inputs}))

    def along(self, product: ProductOf, arrays: Mapping[str, Array], tangents: Mapping[str, Array]) -> Any:
        """Compute a product with the direction in which inputs move.

        Args:
            product: what is multiplied by it.
            arrays: all inputs by name.
            tangents: how those move that do.
        """
        key = product.__name__, *tangents
        if key not in self._along:
            directional, sizes = self._directional(product, tuple(tangents))
            plan = partial(plan_directional, directional, options=self._options)
            self._along[key] = self._compile(directional.program, None, sizes, plan), directional.tangents
        function, names = self._along[key]
        given = {**arrays, **{names[x]: tangent for x, tangent in tangents.items()}}
        return function(**{x: given[x] for x in function.inputs})

    def offered(self, name: str, wrt: tuple[str, ...]) -> Offered:
        """Plan a function that a module is to offer, by inputs of which each may move.

        Raises:
            UsageError: there is no such function, or no input to differentiate by.
        """
        if name not in FUNCTIONS:
            message = f"a module can't offer `{name}`{did_you_mean(name, FUNCTIONS)}"
            raise UsageError([Diagnostic("not-offered", message, notes=(f"it can offer {', '.join(FUNCTIONS)}",))])
        if not wrt:
            message = f"there is no input to differentiate by, so a module can't offer {name}"
            raise UsageError([Diagnostic("not-offered", message)])
        if name == "hessian":
            program, names = hessians_program(self._program, self._outputs[0], wrt)
            sizes = sizes_apart(program, sizes_within(program, self._sizes))
            return Offered(name, plan_joint(program, names, (), sizes, self._options), {}, wrt, sizes)
        directional, given = self._directional({"jvp": jvp, "hvp": hvp}[name], wrt)
        sizes = sizes_apart(directional.program, given)
        joint = plan_directional(directional, sizes, self._options)
        return Offered(name, joint, directional.tangents, wrt, sizes)

    def _directional(self, product: ProductOf, moving: tuple[str, ...]) -> tuple[Directional, dict[str, int]]:
        """Give a product with a direction, and the sizes that are known of its program's indices."""
        directional = product(with_upstream_given(self._program), self._outputs, moving)
        return directional, sizes_within(directional.program, sizes_apart(self._program, self._sizes))
