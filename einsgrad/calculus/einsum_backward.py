"""The gradients of an einsum, each as an equation that is an einsum again.

Before: a program of one equation, the product of its inputs, each of which occurs once. After: one equation an input,
whose factors stand in the order in which an einsum string takes them. No other programs are attempted.
"""

from __future__ import annotations

from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.names import gradient_name
from einsgrad.ir.nodes import Delta, Expr, One, Product, Tensor
from einsgrad.ir.program import Program


def backward_equations(program: Program) -> list[Definition]:
    """Give the gradient of a downstream loss by each input.

    The upstream gradient takes the place of the operand that the gradient is taken by; deltas, and then a one-tensor,
    come after the others.

    >>> from einsgrad.frontend.einsum import parse_einsum
    >>> from einsgrad.ir.printer import print_definition
    >>> [print_definition(d) for d in backward_equations(parse_einsum("ik,kj->ij"))]
    ['∂l/∂a_ik = ∂l/∂out_ij b_kj', '∂l/∂b_kj = a_ik ∂l/∂out_ij']
    """
    differentiator = Differentiator(rename_apart(program))
    differentiator.adjoints("l", differentiator.upstream_seeds("l", program.outputs), program.inputs)
    (output,) = program.outputs
    places = {name: position for position, name in enumerate(program.inputs)}
    equations = []
    for operand, place in places.items():
        equation = differentiator.definitions[gradient_name("l", operand)]
        order = places | {gradient_name("l", output): place}
        equations.append(Definition(equation.name, equation.indices, _ordered(equation.rhs, order)))
    return equations


def _ordered(rhs: Expr, order: dict[str, int]) -> Expr:
    """Put the factors of a product of tensors, deltas and one-tensors in order: multiplication is commutative."""

    def place(factor: Expr) -> int:
        match factor:
            case Tensor(name=name):
                return order[name]
            case Delta():
                return len(order)
            case One():
                return len(order) + 1
            case _:
                raise AssertionError(f"the gradient of a product of distinct tensors has no {type(factor).__name__}")

    return build.product(sorted(rhs.factors, key=place), rhs.summed) if isinstance(rhs, Product) else rhs
