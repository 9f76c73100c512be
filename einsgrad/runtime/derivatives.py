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
from einsgrad.calculus.directional import Directional, with_upstream_given
from einsgrad.calculus.joint import Joint
from einsgrad.ir.program import Program
from einsgrad.planner.joint import plan_directional
from einsgrad.planner.options import PlanOptions
from einsgrad.runtime.arguments import sizes_within
from einsgrad.runtime.derived import hessian_program, jacobian_program

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
            directional = product(with_upstream_given(self._program), self._outputs, tuple(tangents))
            sizes = sizes_within(directional.program, sizes_apart(self._program, self._sizes))
            plan = partial(plan_directional, directional, options=self._options)
            self._along[key] = self._compile(directional.program, None, sizes, plan), directional.tangents
        function, names = self._along[key]
        given = {**arrays, **{names[x]: tangent for x, tangent in tangents.items()}}
        return function(**{x: given[x] for x in function.inputs})
