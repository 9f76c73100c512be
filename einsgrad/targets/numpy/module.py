"""The generated module: the equations, the functions that compute them and their gradients, and a self-test.

Before: a joint program. After: the text of a Python module that needs nothing but NumPy and is the same for the same
program, to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from einsgrad.calculus.joint import Joint
from einsgrad.ir.program import stops
from einsgrad.planner.options import DEFAULT, PlanOptions
from einsgrad.planner.planning import make_plan
from einsgrad.targets.names import Names, python_names
from einsgrad.targets.numpy.functions import Setting, forward_function, value_and_grad_function, vjp_function
from einsgrad.targets.numpy.head import module_head
from einsgrad.targets.numpy.helpers import entry_helpers, numeric_helpers, self_test
from einsgrad.targets.numpy.offered import TEST, Offered, further_test, public_function, working_function
from einsgrad.targets.numpy.public import public_functions, upstream_parameters
from einsgrad.targets.numpy.statements import Constants
from einsgrad.targets.numpy.words import words_beside
from einsgrad.targets.signature import Signature, signature_of


def generate(joint: Joint, sizes: dict[str, int] | None = None) -> str:
    """Give the text of the module that computes a joint program.

    Args:
        joint: forward and adjoint equations.
        sizes: sizes by letter: what costs are estimated from, and the size of a range that no input tells.

    Raises:
        ArrayError: the size of a range is needed that neither an input nor ``sizes`` tells.
    """
    signature = signature_of(joint, sizes or {})
    return write_module(joint, signature, signature.sizes)


def write_module(
    joint: Joint,
    signature: Signature,
    sizes: Mapping[str, int],
    options: PlanOptions = DEFAULT,
    offered: Sequence[Offered] = (),
) -> str:
    """Do what :func:`generate` does where the signature is known.

    Args:
        joint: forward and adjoint equations.
        signature: what the functions are given.
        sizes: sizes by letter, from which costs are estimated.
        options: what the user decides about planning.
        offered: functions that the module is to have besides.
    """
    return Module(joint, signature, sizes, options, offered).text()


class Module:
    """The parts of one module; other targets may have its functions call something else."""

    modules: Sequence[str] = ()
    """The modules of Python that it imports besides those of every module."""

    def __init__(
        self,
        joint: Joint,
        signature: Signature,
        sizes: Mapping[str, int],
        options: PlanOptions,
        offered: Sequence[Offered] = (),
    ) -> None:
        programs = (joint.source, joint.forward, joint.program, *(o.joint.program for o in offered))
        upstream = joint.upstream.values()
        self.programs = programs
        self.offered = offered
        named = [*signature.inputs, *upstream, *(n for p in programs for n in [*p.inputs, *p.by_name])]
        self.joint = joint
        self.signature = signature
        self.sizes = sizes
        self.options = options
        self.tensors = python_names(named)
        self.words = words_beside(self.tensors.values())
        self.constants = Constants(Names(self.tensors.values()))
        self.setting = Setting(
            inputs=signature.inputs,
            outputs=joint.outputs,
            tensors=self.tensors,
            types=self._types(),
            words=self.words,
            constants=self.constants,
            places=signature.places,
            sizes=signature.sizes,
            spelled=signature.spelled,
            positions=tuple(self.tensors[x] for x in signature.positions),
            windows=signature.windows,
        )
        self.seeds = upstream_parameters(joint, self.setting) if joint.wrt else {}

    def text(self) -> str:
        """Give the whole module."""
        work = self.work()
        code = "\n".join([*work, *self.constants.of_text])
        helpers = [*numeric_helpers(code), *self._entry_helpers()]
        test = self._test() if self.joint.wrt else []
        late = self._constants(by_helpers=True)
        used = "\n".join([code, *helpers])
        head = module_head(self.joint, self.setting, self.signature, self.seeds, used, self.offered, self.modules)
        parts = [
            "\n".join([*head, *self._constants(by_helpers=False)]),
            *public_functions(self.joint, self.setting, self.seeds),
            *(public_function(o, self.setting) for o in self.offered),
            *work,
            *map(self.words.put_into, [*helpers, *(["\n".join(late)] if late else []), *test]),
        ]
        return "\n\n\n".join(parts) + "\n"

    def _types(self) -> dict[str, str]:
        """Give the type of each tensor; an upstream gradient has that of its output, used or not."""
        joint, type_of = self.joint, self.words.type_of
        types = {n: type_of(len(p.indices(n))) for p in self.programs for n in [*p.inputs, *p.by_name]}
        types |= dict.fromkeys(self.signature.positions, f"NDArray[{self.words.np}.intp]")
        return types | {name: types[y] for y, name in joint.upstream.items()}

    @property
    def _has_positions(self) -> bool:
        return bool(self.signature.positions)

    def _entry_helpers(self) -> list[str]:
        """Give the functions that check what the user gives."""
        return entry_helpers(bool(self.joint.wrt), any(o.tangents for o in self.offered), self._has_positions)

    def work(self) -> list[str]:
        """Write the functions that compute."""
        joint, sizes, options = self.joint, self.sizes, self.options
        functions = [forward_function(make_plan(joint.forward, sizes, options), self.setting)]
        if joint.is_scalar:
            plan = make_plan(joint.program, sizes, options)
            functions.append(value_and_grad_function(plan, self.setting, joint.gradients))
        elif joint.wrt:
            plan = make_plan(joint.program, sizes, options)
            functions.append(vjp_function(plan, self.setting, joint.gradients, joint.upstream))
        further = (
            working_function(o, make_plan(o.joint.program, o.sizes, options), self.setting) for o in self.offered
        )
        return ["\n".join(lines) for lines in functions] + [*further]

    def _test(self) -> list[str]:
        """Write what runs as a script: the self-test, which differences can make where nothing is held constant."""
        if stops(self.joint.source):
            return [_UNTESTED]
        windows = [f'("{w.axis}", {_letters(w.terms)}, {w.constant})' for w in self.signature.windows]
        further = [further_test(self.offered)] if self.offered else []
        return [self_test(TEST if self.offered else "", self._has_positions, windows), *further, _MAIN]

    def _constants(self, by_helpers: bool) -> list[str]:
        """Write the module's numbers: those that its own helpers compute, which come after these, or the others."""
        items = self.constants.of_text.items()
        return [f"{name} = {text}" for text, name in items if bool(re.search(r"\b_\w+\(", text)) == by_helpers]


_UNTESTED = """if __name__ == "__main__":
    print("no test: the gradients hold what stop() gives constant")"""
_MAIN = """if __name__ == "__main__":
    raise SystemExit(0 if _self_test() else 1)"""


def _letters(terms: Sequence[tuple[str, int]]) -> str:
    """Write letters with their coefficients as a dictionary."""
    return "{" + ", ".join(f'"{letter}": {coefficient}' for letter, coefficient in terms) + "}"
