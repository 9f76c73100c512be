"""Judges derivations: each line of a chain has to be worth the same as the line before it, whoever wrote it.

A derivative that stands in a line is computed by complex steps through the reference interpreter, so nothing that
derived the line takes part in judging it.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from oracle import complex_step

from einsgrad.calculus.derivation import derive_gradients
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.calculus.gradient import define_gradients, resolve_inputs, resolve_outputs
from einsgrad.calculus.passes import FOR_READING, run_passes
from einsgrad.ir import build
from einsgrad.ir.derivation import Chain
from einsgrad.ir.equations import Definition
from einsgrad.ir.names import gradient_name, split_gradient_name
from einsgrad.ir.nodes import Derivative, Expr, Index, Tensor
from einsgrad.ir.printer import print_expression
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.traversal import transform
from einsgrad.reference import evaluate, evaluate_expression, index_sizes


class Judge:
    """Evaluates the lines of a program's derivation at a random point."""

    def __init__(self, program: Program, of=None, wrt=None) -> None:
        self.sections, self.derived = derive_gradients(program, of, wrt)
        differentiator = Differentiator(run_passes(program, FOR_READING))
        outputs = resolve_outputs(program, of)
        define_gradients(differentiator, outputs, resolve_inputs(program, wrt, outputs))
        self.definitions = differentiator.definitions
        self.anchors = differentiator.program.anchors
        self.equations = Program(tuple(self.definitions.values()), anchors=self.anchors)
        ranges = infer_ranges(self.equations)
        size = {number: 2 + number % 3 for number in {*ranges.of_index.values(), *ranges.of_axis.values()}}
        self.sizes = {index.name: size[number] for (_, index), number in ranges.of_index.items()}
        rng = np.random.default_rng(0)
        self.inputs = {}
        for x in self.equations.inputs:
            shape = [size[ranges.of_axis[x, axis]] for axis in range(len(self.equations.index_objects(x)))]
            self.inputs[x] = rng.uniform(0.5, 1.5, shape)
            if x in self.equations.positions:
                self.inputs[x] = rng.integers(0, min(size.values()), shape)
        self.values = {**self.inputs, **evaluate(self.equations, self.inputs, self.sizes)}
        # An upstream gradient that leads nowhere is in no equation, and yet in a line.
        for y in outputs:
            self.values.setdefault(gradient_name("l", y), rng.uniform(0.5, 1.5, self.values[y].shape))

    def disagreements(self) -> list[str]:
        """Give the lines that are worth something else than the line before, and results that are not the program's."""
        found = []
        for section in self.sections:
            for chain in section.chains:
                # What other equations define is held constant in the Jacobian of one equation, but not in a
                # derivative that stands in the text.
                wrong = self._judge(chain, self._partial)
                found += wrong and self._judge(chain, self._total)
        return found

    def _judge(self, chain: Chain, differentiate) -> list[str]:
        free = chain.left.free
        lines = [chain.left] if isinstance(chain.left, Derivative) else []
        lines += [step.expr for step in chain.steps]
        definitions = tuple(Definition(f"line {n}", free, line) for n, line in enumerate(lines))
        program = Program((*definitions, *self.equations.definitions), anchors=self.anchors)
        by_line = index_sizes(program, self.values, self.sizes)[: len(lines)]
        sizes = {index: size for found in by_line for index, size in found.items()}
        if isinstance(chain.left, Tensor) and (names := split_gradient_name(chain.left.name)):
            # Where all that tells an axis is positions along it, no line says how long a gradient is.
            sizes.update(zip(free, self.values[names[1]].shape, strict=True))
        worth = [self._evaluate(line, free, sizes, differentiate) for line in lines]
        match chain.left:
            case Tensor(name=name):
                worth.append(self.values.setdefault(name, worth[-1]))
                lines.append(chain.left)
            case Derivative(operand=Tensor(name=y, indices=()), wrt=wrt):
                self.values.setdefault(gradient_name(y, wrt.name), worth[-1])
        assert len(worth) > 1, "a chain with nothing to compare"
        return [
            f"{print_expression(a)}  =/=  {print_expression(b)}"
            for a, b, x, y in zip(lines, lines[1:], worth, worth[1:], strict=False)
            if not np.allclose(x, y, rtol=1e-8, atol=1e-10)
        ]

    def _evaluate(self, line: Expr, free: tuple[Index, ...], sizes: dict[Index, int], differentiate) -> np.ndarray:
        values = dict(self.values)

        def step(node: Expr) -> Expr:
            if not isinstance(node, Derivative):
                return node
            name = f"derivative {len(values)}"
            values[name] = complex_step(differentiate(node, values, sizes), self.values[node.wrt.name])
            return build.tensor(name, (*node.operand.free, *node.wrt.indices))

        return evaluate_expression(transform(line, step), values, sizes, free)

    def _partial(self, node: Derivative, values: dict[str, np.ndarray], sizes: dict[Index, int]):
        operand = node.operand
        if not isinstance(operand, Tensor) or operand.name == node.wrt.name or operand.name not in self.definitions:
            return lambda x: evaluate_expression(operand, {**values, node.wrt.name: x}, sizes, operand.free)
        d = self.definitions[operand.name]
        own = index_sizes(self.equations, self.values, self.sizes)[self.equations.definitions.index(d)]

        def function(x: np.ndarray) -> np.ndarray:
            moved = evaluate_expression(d.rhs, {**values, node.wrt.name: x}, own, d.indices)
            return evaluate_expression(operand, {**values, d.name: moved}, sizes, operand.free)

        return function

    def _total(self, node: Derivative, values: dict[str, np.ndarray], sizes: dict[Index, int]):
        others = tuple(d for d in self.equations.definitions if d.name != node.wrt.name)
        program = dataclasses.replace(self.equations, definitions=others)

        def function(x: np.ndarray) -> np.ndarray:
            moved = evaluate(program, {**self.inputs, node.wrt.name: x}, self.sizes)
            return evaluate_expression(node.operand, {**values, **moved, node.wrt.name: x}, sizes, node.operand.free)

        return function
