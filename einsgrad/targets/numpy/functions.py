"""The functions that do the work in a generated module: straight lines of array code, without checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from einsgrad.ir.letters import root as root_letter
from einsgrad.planner.plan import Plan, needed, operands, root
from einsgrad.targets.names import Names
from einsgrad.targets.numpy.lines import LINE, STEP, assignment, call, display, indented
from einsgrad.targets.numpy.statements import Constants, Statements
from einsgrad.targets.numpy.words import Words
from einsgrad.targets.signature import LetterWindow, unknown_size


@dataclass(frozen=True)
class Setting:
    """What the functions of a module have in common.

    Attributes:
        inputs: the tensors that the user gives, in order.
        outputs: the tensors that come out.
        tensors: the Python name of each tensor.
        types: the type of each tensor.
        words: what NumPy and the types are called.
        constants: the module's numbers.
        places: for each letter that stands for an axis of an input, such an axis.
        sizes: sizes given at compile time, by letter.
        spelled: the letter of the text for each letter.
        positions: the names in Python of the inputs that give positions.
        windows: the affine subscripts, which tell the sizes of letters that no axis has.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tensors: Mapping[str, str]
    types: Mapping[str, str]
    words: Words
    constants: Constants
    places: Mapping[str, tuple[str, int]]
    sizes: Mapping[str, int]
    spelled: Mapping[str, str]
    positions: tuple[str, ...]
    windows: tuple[LetterWindow, ...]

    @property
    def arguments(self) -> list[str]:
        """The names of the inputs in Python."""
        return [self.tensors[name] for name in self.inputs]

    def checked(self, arrays: str) -> list[str]:
        """Write the assignment of the inputs, checked."""
        given = [f"{name}={name}" for name in self.arguments]
        if self.positions:
            return call(f"{arrays} = _indexing(", ["_AXES", "_POSITIONS", *given], columns=LINE - STEP)
        return call(f"{arrays} = _floating(", ["_AXES", *given], columns=LINE - STEP)

    @property
    def returned_type(self) -> str:
        """The type of the outputs."""
        return self.types[self.outputs[0]] if len(self.outputs) == 1 else self.words.outputs

    def parameters(self, names: Iterable[str]) -> list[str]:
        """Give the parameters that take some tensors, with their types."""
        return [f"{self.tensors[name]}: {self.types[name]}" for name in names]

    def names(self) -> Names:
        """Give the names that a function may not use for anything else."""
        words = self.words
        used = (words.np, words.given, words.array, words.scalar, words.gradients, words.pullback, words.outputs)
        return Names([*self.tensors.values(), *used])


def forward_function(plan: Plan, setting: Setting) -> list[str]:
    """Write ``_forward``: from the inputs to the outputs."""
    body = Body(plan, setting)
    results = [plan.results[y] for y in setting.outputs]
    # What NumPy's operations return has any type for a checker, which a function must not return for another.
    types = {results[0]: setting.returned_type} if len(results) == 1 else {}
    lines = body.statements.write(needed(plan.values, set(results)), results, LINE - STEP, "forward", annotations=types)
    texts = [body.statements.result(n) for n in results]
    if len(texts) == 1 and not texts[0].isidentifier():
        (name,) = setting.outputs
        lines += assignment(f"{setting.tensors[name]}: {setting.returned_type}", texts[0], "", LINE - STEP)
        texts = [setting.tensors[name]]
    returned = _outputs(texts, "", setting)
    parameters = setting.parameters(setting.inputs)
    lines = function("_forward", parameters, setting.returned_type, [*body.preamble(), *lines, *returned])
    return quiet(lines, setting)


def value_and_grad_function(plan: Plan, setting: Setting, gradients: Mapping[str, str]) -> list[str]:
    """Write ``_value_and_grad``: the scalar output and its gradients, from what they have in common."""
    body = Body(plan, setting)
    results = [plan.results[name] for name in [*setting.outputs, *gradients.values()]]
    lines = body.statements.write(needed(plan.values, set(results)), results, LINE - STEP, "value_and_grad")
    value, *found = (body.statements.result(number) for number in results)
    pairs = dict(zip(gradients, found, strict=True))
    name = body.names.new("gradients")
    lines += dictionary(f"{name}: {setting.words.gradients} = ", pairs, LINE - STEP)
    returned = f"tuple[{setting.returned_type}, {setting.words.gradients}]"
    parameters = setting.parameters(setting.inputs)
    lines = [*body.preamble(), *lines, f"return {value}, {name}"]
    return quiet(function("_value_and_grad", parameters, returned, lines), setting)


def vjp_function(plan: Plan, setting: Setting, gradients: Mapping[str, str], upstream: Mapping[str, str]) -> list[str]:
    """Write ``_vjp``: the outputs, and the function that takes upstream gradients to gradients.

    What the outputs need is computed at once; what only the gradients need waits for the pullback.
    """
    body = Body(plan, setting)
    outputs = [plan.results[y] for y in setting.outputs]
    results = [plan.results[g] for g in gradients.values()]
    early = needed(plan.values, set(outputs))
    late = needed(plan.values, set(results)) - early
    captured = {o.value for n in late for o in operands(plan.values[n].op)} & early
    lines = body.statements.write(early, outputs, LINE - STEP, "vjp", captured)
    late_lines = body.statements.write(late, results, LINE - 2 * STEP, "pullback")
    pairs = {x: body.statements.result(plan.results[g]) for x, g in gradients.items()}
    late_lines += dictionary("return ", pairs, LINE - 2 * STEP)
    pullback = body.names.new("pullback")
    texts = []
    for number in outputs:
        text = body.statements.result(number)
        is_shared = root(plan.values, number) in captured and plan.values[number].labels
        texts.append(f"{text}.copy()" if is_shared else text)
    parameters = setting.parameters(upstream[y] for y in setting.outputs)
    inner = quiet(function(pullback, parameters, setting.words.gradients, late_lines, LINE - STEP), setting)
    returned = f"tuple[{setting.returned_type}, Callable[..., {setting.words.gradients}]]"
    last = _outputs(texts, f", {pullback}", setting)
    lines = [*body.preamble(), *lines, "", *inner, "", *last]
    return quiet(function("_vjp", setting.parameters(setting.inputs), returned, lines), setting)


class Body:
    """The inside of one function."""

    def __init__(self, plan: Plan, setting: Setting) -> None:
        self._plan = plan
        self._setting = setting
        self.names = setting.names()
        self.statements = Statements(plan, self.names, dict(setting.tensors), setting.words.np, setting.constants)

    def preamble(self) -> list[str]:
        """Write the assignments of sizes and dtype that the statements written so far use."""
        lines = [f"{name} = {self._size(number)}" for number, name in self.statements.sizes.items()]
        if self.statements.dtype is not None:
            np, setting = self._setting.words.np, self._setting
            arrays = [name for name in setting.arguments if name not in setting.positions]
            function = f"{np}.result_type(" if arrays else f"{np}.dtype("
            lines += call(f"{self.statements.dtype} = {function}", arrays or [f"{np}.float64"], columns=LINE - STEP)
        return lines

    def _size(self, number: int) -> str:
        return self._size_of(root_letter(self._plan.letters[number]).name, frozenset())

    def _size_of(self, letter: str, beyond: frozenset[str]) -> str:
        """Give a size, which may follow from affine subscripts and sizes other than those ``beyond``."""
        if letter in self._setting.places:
            name, axis = self._setting.places[letter]
            return f"{self._setting.tensors[name]}.shape[{axis}]"
        if letter in self._setting.sizes:
            return str(self._setting.sizes[letter])
        if letter not in beyond and (found := self._windowed(letter, beyond | {letter})):
            return found[0] if len(found) == 1 else f"min({', '.join(found)})"
        raise unknown_size(self._setting.spelled.get(letter, letter))

    def _windowed(self, letter: str, beyond: frozenset[str]) -> list[str]:
        """Give the sizes a letter can have at most, one for each affine subscript that tells one."""
        found = []
        for window in self._setting.windows:
            terms = dict(window.terms)
            if terms.get(letter, 0) <= 0 or beyond & (terms.keys() - {letter} | {window.axis}):
                continue
            rest = [(c, self._size_of(i, beyond)) for i, c in terms.items() if i != letter and c > 0]
            first = self._size_of(window.axis, beyond)
            less = [f" - {size}" if c == 1 else f" - {c} * {size}" for c, size in rest]
            offset = sum(c for c, _ in rest) - 1 - window.constant + terms[letter]
            last = f"{first}{''.join(less)}" + (f" {'-' if offset < 0 else '+'} {abs(offset)}" if offset else "")
            found.append(f"max(({last}) // {terms[letter]}, 0)" if terms[letter] != 1 else f"max({last}, 0)")
        return list(dict.fromkeys(found))


def function(
    name: str, parameters: Sequence[str], returned: str, body: Iterable[str], columns: int = LINE
) -> list[str]:
    """Write a function."""
    return [*call(f"def {name}(", parameters, f") -> {returned}:", columns), *indented(body)]


def quiet(lines: list[str], setting: Setting) -> list[str]:
    """Let a function warn of nothing where a condition masks what may have no value."""
    if not any("_where(" in line for line in lines):
        return lines
    return [f'@{setting.words.np}.errstate(divide="ignore", invalid="ignore", over="ignore")', *lines]


def dictionary(head: str, items: Mapping[str, str], columns: int) -> list[str]:
    """Write a statement that ends in a dictionary, on one line if it fits."""
    pairs = [f'"{key}": {text}' for key, text in items.items()]
    line = f"{head}{{{', '.join(pairs)}}}"
    return [line] if len(line) <= columns else display(f"{head}{{", pairs, "}")


def _outputs(texts: Sequence[str], tail: str, setting: Setting) -> list[str]:
    """Write the return of outputs, and of what follows them."""
    if len(texts) == 1:
        return [f"return {texts[0]}{tail}"]
    return call(f"return {setting.words.outputs}(", texts, f"){tail}", LINE - STEP)
