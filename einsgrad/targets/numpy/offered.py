"""What a module offers beside outputs and gradients: products with directions, and whole Hessians.

Before: for each function the program that it computes. After: its public function, the one that does the work, and the
test that compares it with central differences.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from einsgrad.calculus.joint import Joint
from einsgrad.planner.plan import Plan, needed
from einsgrad.targets.numpy.functions import Body, Setting, dictionary, function, quiet
from einsgrad.targets.numpy.lines import LINE, STEP, call, indented
from einsgrad.targets.signature import signature_of

FUNCTIONS = ("jvp", "hvp", "hessian")
"""What a module may offer."""

TEST = "_test_further"
"""The function that tests what is offered."""


@dataclass(frozen=True)
class Offered:
    """A function that a module offers.

    Attributes:
        name: one of ``FUNCTIONS``.
        joint: what it computes: its results are the outputs.
        tangents: the input of ``joint`` that takes the tangent of each input that moves; none for a Hessian.
        wrt: the inputs that it is a derivative by.
        sizes: sizes by the letters of ``joint``, from which costs are estimated.
    """

    name: str
    joint: Joint
    tangents: Mapping[str, str]
    wrt: tuple[str, ...]
    sizes: Mapping[str, int]


def public_function(offered: Offered, setting: Setting) -> str:
    """Write the function that checks what it is given and hands it on."""
    names = setting.names()
    arrays, given, place = names.new("arrays"), setting.words.given, setting.inputs.index
    body = setting.checked(arrays)
    tangents = {x: setting.tensors[tangent] for x, tangent in offered.tangents.items()}
    typed = [f'_tangent("{name}", {name}, {arrays}[{place(x)}])' for x, name in tangents.items()]
    body += call(f"{arrays} += [", typed, "]", LINE - STEP) if typed else []
    body.append(f"return _{offered.name}(*{arrays})")
    parameters = [f"{name}: {given}" for name in setting.arguments]
    parameters += [f"{name}: {given} | None = None" for name in tangents.values()]
    return "\n".join(function(offered.name, parameters, _returned(offered, setting), [_SUMMARY[offered.name], *body]))


def working_function(offered: Offered, plan: Plan, setting: Setting) -> str:
    """Write the function that computes, from the inputs and the tangents of those that move."""
    signature = signature_of(offered.joint, {})
    own = dataclasses.replace(
        setting,
        inputs=(*setting.inputs, *offered.tangents.values()),
        places=signature.places,
        windows=signature.windows,
        spelled=signature.spelled,
        sizes=offered.sizes,
    )
    body = Body(plan, own)
    results = [plan.results[name] for name in offered.joint.outputs]
    lines = body.statements.write(needed(plan.values, set(results)), results, LINE - STEP, offered.name)
    found = [body.statements.result(number) for number in results]
    returned = _returned(offered, setting)
    lines = [*body.preamble(), *lines, *_result(offered, found, setting)]
    return "\n".join(quiet(function(f"_{offered.name}", own.parameters(own.inputs), returned, lines), setting))


def further_test(offered: Sequence[Offered]) -> str:
    """Write the function that tests what is offered."""
    compared = "".join(_COMPARED[o.name] for o in offered)
    return _TEST.format(given=_GIVEN if any(o.tangents for o in offered) else "", compared=compared).strip("\n")


def tangent_parameters(offered: Sequence[Offered], setting: Setting) -> dict[str, str]:
    """Give the parameter that takes the tangent, by that of the input that moves."""
    return {setting.tensors[x]: setting.tensors[dx] for o in offered for x, dx in o.tangents.items()}


def _returned(offered: Offered, setting: Setting) -> str:
    match offered.name:
        case "jvp":
            return f"tuple[{setting.returned_type}, {setting.returned_type}]"
        case "hvp":
            return setting.words.gradients
        case _:
            return "dict[str, dict[str, Any]]"


def _result(offered: Offered, found: Sequence[str], setting: Setting) -> list[str]:
    """Write the return of what was found."""
    wrt, columns = offered.wrt, LINE - STEP
    match offered.name:
        case "jvp":
            count = len(setting.outputs)
            if count == 1:
                return call("return ", found, "", columns)
            outputs = [f"{setting.words.outputs}({', '.join(part)})" for part in (found[:count], found[count:])]
            return call("return (", outputs, ")", columns)
        case "hvp":
            return dictionary("return ", dict(zip(wrt, found, strict=True)), columns)
        case _:
            rows = [dict(zip(wrt, found[k:], strict=False)) for k in range(0, len(found), len(wrt))]
            lines = [dictionary(f'"{x}": ', row, columns - STEP - 1) for x, row in zip(wrt, rows, strict=True)]
            return ["return {", *indented(line for row in lines for line in [*row[:-1], f"{row[-1]},"]), "}"]


_SUMMARY = {
    "jvp": '"""Compute the outputs, and how fast they change along the tangents."""',
    "hvp": '"""Compute how fast the gradients change along the tangents."""',
    "hessian": '"""Compute the second derivatives by name and name."""',
}
_GIVEN = "    tangents = {_TANGENTS[name]: tangent for name, tangent in along.items()}\n"
_COMPARED = {
    "jvp": '        ("jvp", _as_tuple(jvp(**inputs, **tangents)[1]), slopes(outputs)),\n',
    "hvp": '        ("hvp", hvp(**inputs, **tangents).values(), slopes(gradients)),\n',
    "hessian": '        ("hessian", map(times, hessian(**inputs).values()), slopes(gradients)),\n',
}
_TEST = '''
def _test_further(random: np.random.Generator, inputs: dict[str, Any]) -> bool:
    """Compare derivatives along a random direction with central differences."""
    along = {{x: random.uniform(-1, 1, inputs[x].shape) for x in _DIFFERENTIATED}}
{given}
    def outputs(moved: dict[str, Any]) -> tuple[Any, ...]:
        return _as_tuple(forward(**moved))

    def gradients(moved: dict[str, Any]) -> list[Any]:
        found: Any = backward(**moved)
        return list(found.values())

    def slopes(function: Any) -> list[Any]:
        step = 1e-5
        steps = {{x: inputs[x] + step * v for x, v in along.items()}}
        back = {{x: inputs[x] - step * v for x, v in along.items()}}
        sides = function({{**inputs, **steps}}), function({{**inputs, **back}})
        return [(above - below) / (2 * step) for above, below in zip(*sides)]

    def times(row: dict[str, Any]) -> Any:
        blocks = [(row[_DIFFERENTIATED[x]], v) for x, v in along.items()]
        return sum(np.tensordot(block, v, v.ndim) for block, v in blocks)

    passed = True
    compared: list[tuple[str, Any, list[Any]]] = [
{compared}    ]
    for name, found, slope in compared:
        errors = [abs(a - b) / (1 + abs(b)) for a, b in zip(found, slope)]
        worst = max((float(np.max(error, initial=0)) for error in errors), default=0.0)
        passed = passed and worst < 1e-5
        print(f"{{name}} along a random direction: largest relative error {{worst:.1e}}")
    return passed
'''
