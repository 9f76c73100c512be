"""Statements: the values of a plan as assignments, under the equations that they come from.

A value that is used once, close by, is written where it is used; every other gets a variable. A tensor of the program
keeps its name.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from einsgrad.planner.buffers import assign_buffers
from einsgrad.planner.plan import (
    Contract,
    Extent,
    Input,
    Number,
    Op,
    Plan,
    Pointwise,
    Scatter,
    Value,
    operands,
)
from einsgrad.targets.names import Names
from einsgrad.targets.numpy.expressions import Context, contraction_of, expression, takes_out
from einsgrad.targets.numpy.lines import LINE, assignment, call, equation
from einsgrad.targets.numpy.naming import LONGEST, lead, temporary_name
from einsgrad.targets.numpy.text import Text, aligned, subscripts, tuple_of

# Values of more elements than this are written into buffers.
_LARGE = 2**15

# Where an expression gets deeper than this, or too long for a line, its longest part gets a variable.
_DEPTH = 5


@dataclass
class Constants:
    """Numbers that need computing but no input: module-level variables by their text."""

    names: Names
    of_text: dict[str, str] = field(default_factory=dict)

    def name(self, text: str) -> str:
        """Give the variable that holds a number."""
        if text not in self.of_text:
            self.of_text[text] = self.names.numbered("_c")
        return self.of_text[text]


class Statements:
    """Writes the values of a plan in one function, or in a function and one nested in it."""

    def __init__(self, plan: Plan, names: Names, tensors: dict[str, str], np: str, constants: Constants) -> None:
        self._plan = plan
        self._names = names
        self._tensors = tensors
        self._constants = constants
        self._texts: dict[int, Text] = {}
        self._variables: dict[int, str | None] = {}
        self._matrices: dict[str, Text] = {}
        self._columns = LINE
        self._part = ""
        self._annotations: Mapping[int, str] = {}
        self._pending: set[int] = set()
        self._buffers: dict[int, str] = {}
        self.buffer_shapes: list[tuple[int, ...]] = []
        self._sizes: dict[int, str] = {}
        self._dtype: list[str] = []
        self._constant = _constants(plan)
        self._context = Context(plan, self._constant, self._size, self._common_dtype, np)
        for number, value in enumerate(plan.values):
            if isinstance(value.op, Input):
                self._texts[number] = Text(tensors[value.op.name])
                self._variables[number] = tensors[value.op.name]

    @property
    def sizes(self) -> dict[int, str]:
        """The variables of the ranges whose sizes the statements use."""
        return dict(sorted(self._sizes.items()))

    @property
    def dtype(self) -> str | None:
        """The variable of the inputs' common floating type, if the statements use it."""
        return self._dtype[0] if self._dtype else None

    @property
    def named(self) -> Collection[int]:
        """The values that have a variable."""
        return self._variables.keys()

    @property
    def buffered(self) -> Collection[int]:
        """The values that are written into buffers."""
        return self._buffers.keys()

    def result(self, number: int) -> str:
        """Give the expression that stands for a result: an array, or a NumPy scalar if it has no axes.

        Inputs without axes are scalars, and operations and helper functions make scalars of scalars. A number has no
        type yet.
        """
        code = self._among_arrays(number).code
        return f"{self._common_dtype()}.type({code})" if self._plan.values[number].is_number else code

    def write(
        self,
        wanted: Iterable[int],
        results: Iterable[int],
        columns: int,
        owner: str,
        captured: Iterable[int] = (),
        annotations: Mapping[int, str] | None = None,
    ) -> list[str]:
        """Write the values ``wanted``, in order.

        Args:
            wanted: the values to write; inputs among them have names already.
            results: those that a return statement names next.
            columns: how wide a line may be.
            owner: the function, whose buffers are its own.
            captured: those that another function uses.
            annotations: types to write beside variables.
        """
        self._columns, self._annotations = columns, annotations or {}
        order = iter(sorted(wanted))
        single = self._used_once(set(wanted), set(results), set(captured))
        single -= {number for number in single if self._buffer_shape(number) is not None}
        lines = self._make_buffers(sorted(wanted), single, {*results, *captured}, owner)
        number = next(order, None)
        for block in self._plan.blocks:
            written: list[str] = []
            self._part = f"{self._tensors[block.definition.name]}_part"
            while number is not None and number < block.stop:
                written += self._value(number, number in single)
                number = next(order, None)
            if written:
                lines += [*("# " + line for line in equation(block.definition, columns - 2)), *written]
        return lines

    def _make_buffers(
        self, wanted: Sequence[int], single: Collection[int], leaving: Collection[int], owner: str
    ) -> list[str]:
        """Choose the values that are written into buffers, and write the line that provides these."""
        values, user = self._plan.values, {}
        for number in wanted:
            user.update({operand.value: number for operand in operands(values[number].op) if operand.value in single})
        buffers = assign_buffers(self._plan, wanted, user, leaving, self._buffer_shape)
        self.buffer_shapes = buffers.shapes
        names = [self._names.numbered("buffer") for _ in buffers.shapes]
        self._buffers = {number: names[buffer] for number, buffer in buffers.of_value.items()}
        if not names:
            return []
        shapes = [self._context.shape(ranges) for ranges in buffers.shapes]
        head = f"{', '.join(names) if len(names) > 1 else f'({names[0]},)'} = _buffers("
        return call(head, [f'"{owner}"', self._common_dtype(), *shapes], ")", self._columns)

    def _buffer_shape(self, number: int) -> tuple[int, ...] | None:
        """Give the ranges of the buffer that a value can be written into, if it is known to be large."""
        value, extents = self._plan.values[number], self._plan.extents
        if not value.labels or not all(r in extents for r in value.ranges) or not takes_out(value):
            return None
        return value.ranges if math.prod(extents[r] for r in value.ranges) >= _LARGE else None

    def _used_once(self, wanted: set[int], results: set[int], captured: set[int]) -> set[int]:
        """Give the values that may be written where they are used: once, under the same equation."""
        values, blocks = self._plan.values, self._plan.blocks
        block_of = {n: k for k, b in enumerate(blocks) for n in range(b.start, b.stop)}
        users = [(o.value, n) for n in wanted for o in operands(values[n].op)]
        uses = Counter(used for used, _ in users)
        crossing = {used for used, user in users if block_of.get(used) != block_of.get(user)}
        return {n for n in wanted if uses[n] == 1} - crossing - results - captured - self._plan.names.keys()

    def _value(self, number: int, single: bool) -> list[str]:
        value = self._plan.values[number]
        if isinstance(value.op, Input):
            return []
        if isinstance(value.op, Scatter):
            return self._scatter(number, value, value.op)
        lines: list[str] = []
        room = self._columns - len(" = ") - (LONGEST if single else self._width(number) + len(self._axes(number)) + 4)
        out = self._buffers.get(number, "")
        text = self._text_of(value, out)
        while (len(text.code) > room or text.depth > _DEPTH) and self._pending.intersection(_used(value.op)):
            longest = max(self._pending.intersection(_used(value.op)), key=lambda n: (len(self._texts[n].code), -n))
            lines += self._assign(longest, self._texts[longest].code)
            text = self._text_of(value, out)
        if isinstance(value.op, Contract) and len(text.code) > room:
            new, text = self._in_parts(value, value.op, room, out)
            lines += new
        self._pending.difference_update(_used(value.op))
        if number in self._buffers:
            return lines + self._assign(number, text.code)
        atom = isinstance(value.op, Number | Extent) or value.op == Pointwise("π", ())
        if atom or single or number in self._constant:
            self._texts[number] = text
            if not atom and number not in self._constant:
                self._pending.add(number)
            return lines
        return lines + self._assign(number, text.code)

    def _text_of(self, value: Value, out: str) -> Text:
        return expression(value, self._operands(value), self._context, out)

    def _operands(self, value: Value) -> list[Text]:
        texts = self._texts.__getitem__ if value.is_number else self._among_arrays
        return [texts(operand.value) for operand in operands(value.op)]

    def _in_parts(self, value: Value, op: Contract, room: int, out: str) -> tuple[list[str], Text]:
        """Write a contraction with variables for its factors, the longer one or both; later ones share them."""
        parts = contraction_of(value, op, self._operands(value), self._context, out)
        factors = [parts.left, parts.right]
        lines: list[str] = []
        for k in sorted((0, 1), key=lambda k: -len(factors[k].code)):
            code = factors[k].code
            if len(parts.multiply(*factors).code) > room and not code.isidentifier():
                if code not in self._matrices:
                    first = lead(self._plan, (op.left, op.right)[k].value, self._variables)
                    telling = f"{first}_matrix" if first else ""
                    name = self._names.distinct(telling if 0 < len(telling) <= LONGEST else self._part)
                    lines += assignment(name, code, "", self._columns)
                    self._matrices[code] = Text(name)
                factors[k] = self._matrices[code]
        return lines, parts.multiply(*factors)

    def _among_arrays(self, number: int) -> Text:
        """Give the expression that stands for a value outside of numbers: what is computed once for all has a name."""
        text = self._texts[number]
        if number not in self._constant or _is_plain(self._plan.values[number].op):
            return text
        return Text(self._constants.name(text.code))

    def _assign(self, number: int, code: str) -> list[str]:
        """Write an assignment to the value's variable, with its axes in a comment."""
        return assignment(self._new_variable(number), code, self._axes(number), self._columns)

    def _axes(self, number: int) -> str:
        labels = self._plan.values[number].labels
        return tuple_of([str(i) for i in labels]) if labels else ""

    def _new_variable(self, number: int) -> str:
        """Give a value a variable, and with it the type that is to be written beside it."""
        tensor = self._plan.names.get(number)
        telling = temporary_name(self._plan, number, self._variables) if tensor is None else self._tensors[tensor]
        name = self._names.distinct(telling or self._part) if tensor is None else self._tensors[tensor]
        self._variables[number] = telling and name
        self._texts[number] = Text(name)
        self._pending.discard(number)
        return name + self._annotation(number)

    def _width(self, number: int) -> int:
        """Give how wide the variable of a value may be, its type included."""
        tensor = self._plan.names.get(number)
        return (len(self._tensors[tensor]) if tensor is not None else LONGEST) + len(self._annotation(number))

    def _annotation(self, number: int) -> str:
        return f": {self._annotations[number]}" if number in self._annotations else ""

    def _scatter(self, number: int, value: Value, op: Scatter) -> list[str]:
        """Write a new array with operands added onto its diagonals."""
        np = self._context.np
        texts = [self._among_arrays(o.value) for o, _ in op.pieces]
        shape, dtype = self._context.shape(value.ranges), self._common_dtype()
        lines = self._assign(number, f"{np}.zeros({shape}, {dtype})")
        name = self._texts[number].code
        for position, (text, (operand, letters)) in enumerate(zip(texts, op.pieces, strict=True)):
            axes = tuple(dict.fromkeys(letters))
            whole = axes == letters
            view = name if whole else f'{np}.einsum("{subscripts(letters)}->{subscripts(axes)}", {name})'
            code = aligned(text, operand.labels, axes).code
            lines += assignment(f"{view}[...]", code, "", self._columns, "+=" if position else "=")
        return lines

    def _size(self, range_: int) -> str:
        if range_ not in self._sizes:
            self._sizes[range_] = self._names.new(f"n_{self._plan.letters[range_]}")
        return self._sizes[range_]

    def _common_dtype(self) -> str:
        if not self._dtype:
            self._dtype.append(self._names.new("dtype"))
        return self._dtype[0]


def _used(op: Op) -> set[int]:
    return {operand.value for operand in operands(op)}


def _is_plain(op: Op) -> bool:
    return isinstance(op, Number) or op == Pointwise("π", ())


def _constants(plan: Plan) -> set[int]:
    """Give the numbers that depend on no size."""
    found: set[int] = set()
    for number, value in enumerate(plan.values):
        if value.is_number and not isinstance(value.op, Extent) and all(o.value in found for o in operands(value.op)):
            found.add(number)
    return found
