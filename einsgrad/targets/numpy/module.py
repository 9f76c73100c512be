"""The generated module: the equations, the functions that compute them and their gradients, and a self-test.

Before: a joint program. After: the text of a Python module that needs nothing but NumPy and is the same for the same
program, to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from einsgrad.calculus.joint import Joint
from einsgrad.ir.printer import print_definition
from einsgrad.planner.planning import make_plan
from einsgrad.targets.names import Names, python_names
from einsgrad.targets.numpy.functions import Setting, forward_function, value_and_grad_function, vjp_function
from einsgrad.targets.numpy.helpers import entry_helpers, numeric_helpers, self_test
from einsgrad.targets.numpy.public import dictionary, public_functions, upstream_parameters
from einsgrad.targets.numpy.statements import Constants
from einsgrad.targets.numpy.text import tuple_of
from einsgrad.targets.signature import Signature, signature_of


def generate(joint: Joint, sizes: dict[str, int] | None = None) -> str:
    """Give the text of the module that computes a joint program.

    Args:
        joint: forward and adjoint equations.
        sizes: sizes by letter: what costs are estimated from, and the size of a range that no input tells.

    Raises:
        ArrayError: the size of a range is needed that neither an input nor ``sizes`` tells.
    """
    return write_module(joint, signature_of(joint, sizes or {}))


def write_module(joint: Joint, signature: Signature) -> str:
    """Do what :func:`generate` does, where the signature is known."""
    return _Module(joint, signature).text()


class _Module:
    """The parts of one module."""

    def __init__(self, joint: Joint, signature: Signature) -> None:
        programs = (joint.source, joint.forward, joint.program)
        self.joint = joint
        self.signature = signature
        upstream = joint.upstream.values()
        named = [*signature.inputs, *upstream, *(n for p in programs for n in [*p.inputs, *p.by_name])]
        self.tensors = python_names(named)
        self.np = Names(self.tensors.values()).new("np")
        self.constants = Constants(Names(self.tensors.values()))
        self.setting = Setting(
            inputs=signature.inputs,
            outputs=joint.outputs,
            tensors=self.tensors,
            np=self.np,
            constants=self.constants,
            places=signature.places,
            sizes=signature.sizes,
            spelled=signature.spelled,
        )
        self.seeds = upstream_parameters(joint, self.setting) if joint.wrt else {}

    def text(self) -> str:
        """Give the whole module."""
        work = self._work()
        code = "\n".join([*work, *self.constants.of_text])
        helpers = [*numeric_helpers(code, self.np), *entry_helpers(self.np, bool(self.joint.upstream))]
        public = public_functions(self.joint, self.setting, self.seeds)
        test = [self_test(self.np), _MAIN] if self.joint.wrt else []
        late = self._constants(by_helpers=True)
        parts = [self._head(), *public, *work, *helpers, *(["\n".join(late)] if late else []), *test]
        return "\n\n\n".join(parts) + "\n"

    def _work(self) -> list[str]:
        """Write the functions that compute."""
        joint, sizes = self.joint, self.signature.sizes
        functions = [forward_function(make_plan(joint.forward, sizes), self.setting)]
        if joint.is_scalar:
            plan = make_plan(joint.program, sizes)
            functions.append(value_and_grad_function(plan, self.setting, joint.gradients))
        elif joint.wrt:
            plan = make_plan(joint.program, sizes)
            functions.append(vjp_function(plan, self.setting, joint.gradients, joint.upstream))
        return ["\n".join(lines) for lines in functions]

    def _head(self) -> str:
        """Write the docstring, the imports and what describes the inputs."""
        several = len(self.joint.outputs) > 1
        lines = [*self._docstring(), "", *(["from collections import namedtuple", ""] if several else [])]
        lines += ["import numpy as np" if self.np == "np" else f"import numpy as {self.np}", ""]
        lines += ["# The indices of the inputs' axes: axes with the same index have the same size."]
        axes = self.signature.axes
        lines += dictionary("_AXES", [f'"{self.tensors[x]}": {_strings(axes[x])}' for x in axes])
        if self.joint.wrt:
            lines += ["# The inputs that there are gradients by, and the keys of these gradients."]
            lines += dictionary("_DIFFERENTIATED", [f'"{self.tensors[x]}": "{x}"' for x in self.joint.wrt if x in axes])
            lines += ["# The parameters that take the upstream gradients."]
            lines += [f"_UPSTREAM = {_strings(self.seeds.values())}"]
        if several:
            fields = _strings(self.tensors[y] for y in self.joint.outputs)
            lines.append(f'_Outputs = namedtuple("Outputs", {fields})')
        return "\n".join([*lines, *self._constants(by_helpers=False)])

    def _constants(self, by_helpers: bool) -> list[str]:
        """Write the module's numbers: those that its own helpers compute, which come after these, or the others."""
        items = self.constants.of_text.items()
        return [f"{name} = {text}" for text, name in items if bool(re.search(r"\b_\w+\(", text)) == by_helpers]

    def _docstring(self) -> list[str]:
        forward = [print_definition(d) for d in self.joint.forward.in_order()]
        known = set(self.joint.forward.definitions)
        adjoint = [print_definition(d) for d in self.joint.program.in_order() if d not in known]
        lines = ['"""Generated by einsgrad from the equations', "", *("    " + line for line in forward), ""]
        if self.joint.wrt:
            lines += ["The gradients follow from", "", *("    " + line for line in adjoint), ""]
            lines += ["Run as a script, this module checks its own gradients."]
        return [*lines, '"""']


def _strings(items: Iterable[str]) -> str:
    return tuple_of([f'"{item}"' for item in items])


_MAIN = """if __name__ == "__main__":
    raise SystemExit(0 if _self_test() else 1)"""
