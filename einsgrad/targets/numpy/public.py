"""The functions that a generated module offers: they check what they are given and hand it to those that compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from einsgrad.calculus.joint import Joint
from einsgrad.ir.names import gradient_name
from einsgrad.ir.printer import print_tensor
from einsgrad.targets.names import python_name
from einsgrad.targets.numpy.functions import Setting
from einsgrad.targets.numpy.text import wrapped


def public_functions(joint: Joint, setting: Setting, seeds: Mapping[str, str]) -> list[str]:
    """Write ``forward`` and, where there are gradients, ``backward`` and ``value_and_grad`` or ``vjp``."""
    given = ", ".join(f"{setting.tensors[x]}={setting.tensors[x]}" for x in setting.inputs)
    checked = f"*_floating(_AXES{', ' if given else ''}{given})"
    outputs = ", ".join(print_tensor(y, joint.program.index_objects(y)) for y in joint.outputs)
    functions = [_forward(setting, checked, outputs)]
    if joint.is_scalar:
        functions += [_value_and_grad(setting, checked, outputs), _scaled_backward(setting, checked, *seeds.values())]
    elif joint.wrt:
        functions += [_vjp(joint, setting, checked, outputs, seeds), _backward(joint, setting, checked, seeds)]
    return ["\n".join(wrapped(function)) for function in functions]


def upstream_parameters(joint: Joint, setting: Setting) -> dict[str, str]:
    """Give the name of the parameter that takes the upstream gradient, for each output."""
    if not joint.is_scalar:
        return {y: setting.tensors[name] for y, name in joint.upstream.items()}
    (output,) = joint.outputs
    return {output: setting.names().new(python_name(gradient_name(joint.source.loss or "l", output)))}


def dictionary(name: str, pairs: Sequence[str]) -> list[str]:
    """Write the assignment of a dictionary, one pair a line."""
    return [f"{name} = {{", *(f"    {pair}," for pair in pairs), "}"] if pairs else [f"{name} = {{}}"]


def _forward(setting: Setting, checked: str, outputs: str) -> str:
    return f'''def forward({setting.parameters}):
    """Compute {outputs}."""
    return _forward({checked})'''


def _value_and_grad(setting: Setting, checked: str, outputs: str) -> str:
    return f'''def value_and_grad({setting.parameters}):
    """Compute {outputs}, and its gradients by name."""
    return _value_and_grad({checked})'''


def _scaled_backward(setting: Setting, checked: str, seed: str) -> str:
    names = setting.names()
    gradients, key, gradient = names.new("gradients"), names.new("key"), names.new("gradient")
    parameters = setting.parameters + (", " if setting.parameters else "")
    return f'''def backward({parameters}{seed}=1.0):
    """Compute the gradients by name, times the upstream gradient."""
    {gradients} = _value_and_grad({checked})[1]
    return {{{key}: {seed} * {gradient} for {key}, {gradient} in {gradients}.items()}}'''


def _vjp(joint: Joint, setting: Setting, checked: str, outputs: str, seeds: Mapping[str, str]) -> str:
    names = setting.names()
    value, inner, pullback = names.new("value"), names.new("inner"), names.new("pullback")
    parameters = ", ".join(seeds[y] for y in joint.outputs)
    return f'''def vjp({setting.parameters}):
    """Compute {outputs}, and a function from upstream gradients to gradients by name."""
    {value}, {inner} = _vjp({checked})

    def {pullback}({parameters}):
        return {inner}({_checked_seeds(joint, seeds, value)})

    return {value}, {pullback}'''


def _backward(joint: Joint, setting: Setting, checked: str, seeds: Mapping[str, str]) -> str:
    names = setting.names()
    value, pullback = names.new("value"), names.new("pullback")
    given = ", ".join(seeds[y] for y in joint.outputs)
    parameters = setting.parameters + (", " if setting.parameters else "")
    return f'''def backward({parameters}{given}):
    """Compute the gradients by name from the upstream gradient{"" if len(seeds) == 1 else "s"}."""
    {value}, {pullback} = _vjp({checked})
    return {pullback}({_checked_seeds(joint, seeds, value)})'''


def _checked_seeds(joint: Joint, seeds: Mapping[str, str], value: str) -> str:
    values = {y: value if len(seeds) == 1 else f"{value}[{k}]" for k, y in enumerate(joint.outputs)}
    return ", ".join(f'_upstream("{seeds[y]}", {seeds[y]}, {values[y]})' for y in joint.outputs)
