"""The derivation of gradients, for reading: its steps, its results, and the formats that both can be written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from einsgrad.ir import build
from einsgrad.ir.derivation import Reason, Section, Step, join_reasons
from einsgrad.ir.equations import Definition
from einsgrad.ir.names import identifier, split_gradient_name
from einsgrad.ir.printer import print_definition, print_expression
from einsgrad.ir.program import Program
from einsgrad.ir.summary import counted, listed
from einsgrad.render.document import Document, Result
from einsgrad.render.einsum import einsum_of
from einsgrad.render.html import html
from einsgrad.render.latex_document import latex_document
from einsgrad.render.markdown import markdown
from einsgrad.render.matrix import matrix_definition, matrix_names
from einsgrad.render.text import text
from einsgrad.render.unicode import unicode


@dataclass(frozen=True, repr=False)
class Derivation:
    """Derived gradients, with the steps that lead to them.

    Attributes:
        program: the equations of the gradients, and of what they need.
        sections: the steps: for each equation its Jacobians, then the gradients by the chain rule.

    >>> import einsgrad as eg
    >>> derivation = eg.derive(eg.parse("y_ij = x_ik a_kj"), wrt="x")
    >>> [step.rule for step in derivation.steps][-2:]
    ['Jacobian inserted', 'δ_ip: i → p']
    >>> print(derivation.matrix())
    ∂l/∂X = ∂l/∂Y Aᵀ
    """

    program: Program
    sections: tuple[Section, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All lines in order, each with the name of the rule that leads to it."""
        return tuple(step for section in self.sections for chain in section.chains for step in chain.steps)

    @cached_property
    def document(self) -> Document:
        """What the formats are made from: the steps and the gradients, or without steps all equations."""
        by = [parts[1] for name in self.program.outputs if (parts := split_gradient_name(name))]
        title: Reason = ("Gradients by ", *join_reasons((build.tensor(x),) for x in by)) if by else ("Gradients",)
        shown = [d for d in self.program.definitions if split_gradient_name(d.name) or not self.sections]
        names = matrix_names(self.program.definitions)
        return Document(title, self.sections, tuple(_result(d, names) for d in shown))

    def without_steps(self) -> Derivation:
        """Give the equations alone."""
        return Derivation(self.program, ())

    def text(self, width: int | None = None) -> str:
        """Give the derivation as Unicode text for terminals, its equations in the plain dialect.

        Args:
            width: the most places of a line, wider ones are wrapped at operators; without it none is.
        """
        return text(self.document, width)

    def latex(self) -> str:
        """Give the derivation as LaTeX, to paste into a paper; the package amsmath is enough to compile it."""
        return latex_document(self.document)

    def markdown(self) -> str:
        """Give the derivation as Markdown with mathematics, as Jupyter and GitHub show it."""
        return markdown(self.document)

    def html(self) -> str:
        """Give the derivation as a page of HTML that stands alone, with MathML and without scripts."""
        return html(self.document)

    def matrix(self) -> str:
        """Give the gradients in matrix notation, a line each; those that matrices can't say are left out."""
        shown = [unicode(result.matrix) for result in self.document.results if result.matrix is not None]
        return "\n".join(shown)

    def as_dict(self) -> dict[str, Any]:
        """Give the derivation as plain data, as ``--json`` prints it."""
        return {
            "sections": [_section_data(section) for section in self.sections],
            "results": [_result_data(result) for result in self.document.results],
        }

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Derivation({listed(self.program.outputs)}; {counted(len(self.steps), 'step')})"

    def _repr_markdown_(self) -> str:
        return self.markdown()


def _result(equation: Definition, names: Mapping[str, str]) -> Result:
    return Result(equation, matrix_definition(equation, names), _einsum(equation))


def _einsum(equation: Definition) -> str | None:
    """Give the einsum string of an equation with the operands that it takes, and a number that it is multiplied by."""
    einsum = einsum_of(equation)
    if einsum is None:
        return None
    number = "" if einsum.coefficient == 1 else f"{einsum.coefficient} × "
    return f"{number}{einsum.subscripts}  ({', '.join(einsum.operands)})"


def _section_data(section: Section) -> dict[str, Any]:
    return {
        "equation": print_definition(section.equation) if section.equation is not None else None,
        "derivations": [
            {
                "left": print_expression(chain.left),
                "steps": [{"expression": print_expression(s.expr), "rule": s.rule} for s in chain.steps],
            }
            for chain in section.chains
        ],
    }


def _result_data(result: Result) -> dict[str, Any]:
    return {
        "name": result.equation.name,
        "identifier": identifier(result.equation.name),
        "equation": print_definition(result.equation),
        "matrix": unicode(result.matrix) if result.matrix is not None else None,
        "einsum": result.einsum,
    }
