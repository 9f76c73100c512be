"""The functions that a generated module offers: they check what they are given and hand it to those that compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from einsgrad.calculus.joint import Joint
from einsgrad.ir.names import gradient_name
from einsgrad.ir.printer import print_tensor
from einsgrad.render.wrapping import display_width
from einsgrad.targets.names import python_name
from einsgrad.targets.numpy.functions import Setting, dictionary, function
from einsgrad.targets.numpy.lines import LINE, STEP, call, indented


def public_functions(joint: Joint, setting: Setting, seeds: Mapping[str, str]) -> list[str]:
    """Write ``forward`` and, where there are gradients, ``backward`` and ``value_and_grad`` or ``vjp``."""
    public = _Public(joint, setting, seeds)
    functions = [public.forward()]
    if joint.is_scalar:
        functions += [public.value_and_grad(), public.scaled_backward()]
    elif joint.wrt:
        functions += [public.vjp(), public.backward()]
    return ["\n".join(lines) for lines in functions]


def upstream_parameters(joint: Joint, setting: Setting) -> dict[str, str]:
    """Give the name of the parameter that takes the upstream gradient, for each output."""
    if not joint.is_scalar:
        return {y: setting.tensors[name] for y, name in joint.upstream.items()}
    (output,) = joint.outputs
    return {output: setting.names().new(python_name(gradient_name(joint.source.loss or "l", output)))}


class _Public:
    """Writes the functions of one module."""

    def __init__(self, joint: Joint, setting: Setting, seeds: Mapping[str, str]) -> None:
        self._joint = joint
        self._setting = setting
        self._words = setting.words
        self._seeds = seeds
        self._parameters = [f"{name}: {setting.words.given}" for name in setting.arguments]

    def forward(self) -> list[str]:
        """Write the function from the inputs to the outputs."""
        arrays = self._setting.names().new("arrays")
        body = [*self._setting.checked(arrays), f"return _forward(*{arrays})"]
        return self._function("forward", (), self._setting.returned_type, "Compute {}.", body)

    def value_and_grad(self) -> list[str]:
        """Write the function to a scalar output and its gradients."""
        arrays = self._setting.names().new("arrays")
        body = [*self._setting.checked(arrays), f"return _value_and_grad(*{arrays})"]
        returned = f"tuple[{self._setting.returned_type}, {self._words.gradients}]"
        return self._function("value_and_grad", (), returned, "Compute {}, and its gradients by name.", body)

    def scaled_backward(self) -> list[str]:
        """Write the function to the gradients of a scalar output."""
        names = self._setting.names()
        arrays, value, gradients, scale = map(names.new, ("arrays", "value", "gradients", "scale"))
        (seed,) = self._seeds.values()
        scaled = {x: f'{scale} * {gradients}["{x}"]' for x in self._joint.gradients}
        body = [
            *self._setting.checked(arrays),
            f"{value}, {gradients} = _value_and_grad(*{arrays})",
            f'{scale} = _upstream("{seed}", {seed}, {value})',
            *dictionary("return ", scaled, LINE - STEP),
        ]
        parameters = [f"{seed}: {self._words.given} = 1.0"]
        summary = "Compute the gradients by name, times the upstream gradient."
        return self._function("backward", parameters, self._words.gradients, summary, body)

    def vjp(self) -> list[str]:
        """Write the function to the outputs and to the function from upstream gradients to gradients."""
        names = self._setting.names()
        arrays, value, inner, pullback = map(names.new, ("arrays", "value", "inner", "pullback"))
        body = [
            *self._setting.checked(arrays),
            f"{value}, {inner} = _vjp(*{arrays})",
            "",
            *call(f"def {pullback}(", self._given_seeds, f") -> {self._words.gradients}:", LINE - STEP),
            *indented(self._pulled_back(inner, value, LINE - 2 * STEP)),
            "",
            f"return {value}, {pullback}",
        ]
        returned = f"tuple[{self._setting.returned_type}, {self._words.pullback}]"
        summary = "Compute {}, and a function from upstream gradients to gradients."
        return self._function("vjp", (), returned, summary, body)

    def backward(self) -> list[str]:
        """Write the function from inputs and upstream gradients to gradients."""
        names = self._setting.names()
        arrays, value, pullback = map(names.new, ("arrays", "value", "pullback"))
        body = [
            *self._setting.checked(arrays),
            f"{value}, {pullback} = _vjp(*{arrays})",
            *self._pulled_back(pullback, value, LINE - STEP),
        ]
        summary = f"Compute the gradients by name from the upstream gradient{'' if len(self._seeds) == 1 else 's'}."
        return self._function("backward", self._given_seeds, self._words.gradients, summary, body)

    @property
    def _given_seeds(self) -> list[str]:
        return [f"{self._seeds[y]}: {self._words.given}" for y in self._joint.outputs]

    def _pulled_back(self, pullback: str, value: str, columns: int) -> list[str]:
        """Write the return of what a pullback makes of the upstream gradients, checked."""
        values = {y: value if len(self._seeds) == 1 else f"{value}[{k}]" for k, y in enumerate(self._joint.outputs)}
        checked = [f'_upstream("{self._seeds[y]}", {self._seeds[y]}, {values[y]})' for y in self._joint.outputs]
        return call(f"return {pullback}(", checked, columns=columns)

    def _function(self, name: str, more: Sequence[str], returned: str, summary: str, body: Sequence[str]) -> list[str]:
        """Write a function of the inputs and of ``more``, with a docstring that names the outputs if they fit in."""
        outputs = ", ".join(print_tensor(y, self._joint.program.index_objects(y)) for y in self._joint.outputs)
        docstring = f'"""{summary.format(outputs)}"""'
        if display_width(docstring) > LINE - STEP:
            docstring = f'"""{summary.format("the outputs")}"""'
        return function(name, [*self._parameters, *more], returned, [docstring, *body])
