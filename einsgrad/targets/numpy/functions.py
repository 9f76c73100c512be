"""The functions that do the work in a generated module: straight lines of array code, without checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from einsgrad.diagnostics import ArrayError, Diagnostic
from einsgrad.ir.letters import root as root_letter
from einsgrad.planner.plan import Plan, needed, operands, root
from einsgrad.targets.names import Names
from einsgrad.targets.numpy.statements import Constants, Statements
from einsgrad.targets.numpy.text import LINE, wrapped


@dataclass(frozen=True)
class Setting:
    """What the functions of a module have in common.

    Attributes:
        inputs: the tensors that the user gives, in order.
        outputs: the tensors that come out.
        tensors: the Python name of each tensor.
        np: what NumPy is called.
        constants: the module's numbers.
        places: for each letter that stands for an axis of an input, such an axis.
        sizes: sizes given at compile time, by letter.
        spelled: the letter of the text for each letter.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tensors: Mapping[str, str]
    np: str
    constants: Constants
    places: Mapping[str, tuple[str, int]]
    sizes: Mapping[str, int]
    spelled: Mapping[str, str]

    @property
    def parameters(self) -> str:
        """The parameter list of a function of the inputs."""
        return ", ".join(self.tensors[name] for name in self.inputs)

    def names(self) -> Names:
        """Give the names that a function may not use for anything else."""
        return Names([*self.tensors.values(), self.np])


def forward_function(plan: Plan, setting: Setting) -> list[str]:
    """Write ``_forward``: from the inputs to the outputs."""
    body = _Body(plan, setting)
    results = [plan.results[y] for y in setting.outputs]
    lines = body.statements.write(needed(plan.values, set(results)), results)
    returned = outputs_of([body.statements.result(n) for n in results])
    return _function("_forward", setting.parameters, [*body.preamble(), *lines, f"return {returned}"])


def value_and_grad_function(plan: Plan, setting: Setting, gradients: Mapping[str, str]) -> list[str]:
    """Write ``_value_and_grad``: the scalar output and its gradients, from what they have in common."""
    body = _Body(plan, setting)
    results = [plan.results[name] for name in [*setting.outputs, *gradients.values()]]
    lines = body.statements.write(needed(plan.values, set(results)), results)
    value = body.statements.result(results[0])
    returned = _dict({x: body.statements.result(plan.results[g]) for x, g in gradients.items()}, f"return {value}, ")
    return _function("_value_and_grad", setting.parameters, [*body.preamble(), *lines, *returned])


def vjp_function(plan: Plan, setting: Setting, gradients: Mapping[str, str], upstream: Mapping[str, str]) -> list[str]:
    """Write ``_vjp``: the outputs, and the function that takes upstream gradients to gradients.

    What the outputs need is computed at once; what only the gradients need waits for the pullback.
    """
    body = _Body(plan, setting)
    outputs = [plan.results[y] for y in setting.outputs]
    results = [plan.results[g] for g in gradients.values()]
    early = needed(plan.values, set(outputs))
    late = needed(plan.values, set(results)) - early
    captured = {o.value for n in late for o in operands(plan.values[n].op)} & early
    lines = body.statements.write(early, outputs, captured)
    late_lines = body.statements.write(late, results)
    late_lines += _dict({x: body.statements.result(plan.results[g]) for x, g in gradients.items()}, "return ")
    pullback = body.names.new("pullback")
    parameters = ", ".join(setting.tensors[upstream[y]] for y in setting.outputs)
    returned = []
    for number in outputs:
        text = body.statements.result(number)
        returned.append(
            f"{text}.copy()" if root(plan.values, number) in captured and plan.values[number].labels else text
        )
    inner = _function(pullback, parameters, late_lines)
    return _function(
        "_vjp",
        setting.parameters,
        [*body.preamble(), *lines, "", *inner, "", f"return {outputs_of(returned)}, {pullback}"],
    )


class _Body:
    """The inside of one function."""

    def __init__(self, plan: Plan, setting: Setting) -> None:
        self._plan = plan
        self._setting = setting
        self.names = setting.names()
        self.statements = Statements(plan, self.names, dict(setting.tensors), setting.np, setting.constants)

    def preamble(self) -> list[str]:
        """Write the assignments of sizes and dtype that the statements written so far use."""
        lines = [f"{name} = {self._size(number)}" for number, name in self.statements.sizes.items()]
        if self.statements.dtype is not None:
            np, arrays = self._setting.np, self._setting.parameters
            lines.append(
                f"{self.statements.dtype} = {f'{np}.result_type({arrays})' if arrays else f'{np}.dtype({np}.float64)'}"
            )
        return lines

    def _size(self, number: int) -> str:
        letter = root_letter(self._plan.letters[number]).name
        if letter in self._setting.places:
            name, axis = self._setting.places[letter]
            return f"{self._setting.tensors[name]}.shape[{axis}]"
        if letter in self._setting.sizes:
            return str(self._setting.sizes[letter])
        letter = self._setting.spelled.get(letter, letter)
        message = f"the size of index `{letter}` is not known: no input has an axis of this range"
        raise ArrayError([Diagnostic("unknown-size", message, fix=f'sizes={{"{letter}": …}}, or --sizes {letter}=…')])


def outputs_of(texts: Sequence[str]) -> str:
    """Write what a function returns for some outputs."""
    return texts[0] if len(texts) == 1 else f"_Outputs({', '.join(texts)})"


def _dict(items: Mapping[str, str], head: str) -> list[str]:
    """Write a statement that ends in a dictionary, on one line if it fits."""
    pairs = [f'"{key}": {text}' for key, text in items.items()]
    line = f"{head}{{{', '.join(pairs)}}}"
    if len(line) <= LINE:
        return [line]
    return [f"{head}{{", *(f"    {pair}," for pair in pairs), "}"]


def _function(name: str, parameters: str, body: Iterable[str]) -> list[str]:
    return [*wrapped(f"def {name}({parameters}):"), *("    " + line if line else "" for line in body)]
