"""Statements: the values of a plan as assignments, under the equations that they come from.

A value that is used once, close by, is written where it is used; every other gets a variable. A tensor of the program
keeps its name.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from einsgrad.ir.printer import print_definition
from einsgrad.planner.plan import (
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
from einsgrad.targets.numpy.expressions import Context, expression, subscripts
from einsgrad.targets.numpy.text import LINE, Text, aligned, tuple_of

# Where an expression gets longer or deeper than this, its longest part gets a variable.
_LENGTH = 84
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
        self._pending: set[int] = set()
        self._sizes: dict[int, str] = {}
        self._dtype: list[str] = []
        self._constant = _constants(plan)
        self._context = Context(plan, self._constant, self._size, self._common_dtype, np)
        for number, value in enumerate(plan.values):
            if isinstance(value.op, Input) and value.op.name in tensors:
                self._texts[number] = Text(tensors[value.op.name])

    @property
    def sizes(self) -> dict[int, str]:
        """The variables of the ranges whose sizes the statements use."""
        return dict(sorted(self._sizes.items()))

    @property
    def dtype(self) -> str | None:
        """The variable of the inputs' common floating type, if the statements use it."""
        return self._dtype[0] if self._dtype else None

    def result(self, number: int) -> str:
        """Give the expression that stands for a result: an array, or a NumPy scalar if it has no axes.

        Operations and helper functions give scalars by themselves. A number has no type yet, and an input without axes
        is an array of order zero, which belongs to the caller.
        """
        value, code = self._plan.values[number], self._among_arrays(number).code
        if value.is_number:
            return f"{self._common_dtype()}.type({code})"
        if isinstance(value.op, Input) and not value.labels:
            return f"{code}[()]"
        return code

    def write(self, wanted: Iterable[int], results: Iterable[int], captured: Iterable[int] = ()) -> list[str]:
        """Write the values ``wanted``, in order.

        Args:
            wanted: the values to write; inputs among them have names already.
            results: those that a return statement names next.
            captured: those that another function uses.
        """
        order = iter(sorted(wanted))
        single = self._used_once(set(wanted), set(results), set(captured))
        lines: list[str] = []
        number = next(order, None)
        for block in self._plan.blocks:
            written: list[str] = []
            while number is not None and number < block.stop:
                written += self._value(number, number in single)
                number = next(order, None)
            if written:
                quoted = textwrap.wrap(print_definition(block.definition), LINE, break_long_words=True)
                lines += [*("# " + line for line in quoted), *written]
        return lines

    def _used_once(self, wanted: set[int], results: set[int], captured: set[int]) -> set[int]:
        """Give the values that may be written where they are used: once, under the same equation."""
        values, blocks = self._plan.values, self._plan.blocks
        block_of = {n: k for k, b in enumerate(blocks) for n in range(b.start, b.stop)}
        users = [(o.value, n) for n in wanted for o in operands(values[n].op)]
        uses = Counter(used for used, _ in users)
        uses.update(results)
        crossing = {used for used, user in users if block_of.get(used) != block_of.get(user)}
        whole = {n for n in results if values[n].labels}
        return {n for n in wanted if uses[n] == 1} - crossing - whole - captured - self._plan.names.keys()

    def _value(self, number: int, single: bool) -> list[str]:
        value = self._plan.values[number]
        if isinstance(value.op, Input):
            return []
        if isinstance(value.op, Scatter):
            return self._scatter(number, value, value.op)
        lines: list[str] = []
        text = self._text_of(value)
        while (len(text.code) > _LENGTH or text.depth > _DEPTH) and self._pending.intersection(_used(value.op)):
            longest = max(self._pending.intersection(_used(value.op)), key=lambda n: (len(self._texts[n].code), -n))
            lines += self._assign(longest, self._texts[longest].code)
            text = self._text_of(value)
        self._pending.difference_update(_used(value.op))
        atom = isinstance(value.op, Number | Extent) or value.op == Pointwise("π", ())
        if atom or single or number in self._constant:
            self._texts[number] = text
            if not atom and number not in self._constant:
                self._pending.add(number)
            return lines
        return lines + self._assign(number, text.code)

    def _text_of(self, value: Value) -> Text:
        texts = self._texts.__getitem__ if value.is_number else self._among_arrays
        return expression(value, [texts(o.value) for o in operands(value.op)], self._context)

    def _among_arrays(self, number: int) -> Text:
        """Give the expression that stands for a value outside of numbers: what is computed once for all has a name."""
        text = self._texts[number]
        if number not in self._constant or _is_plain(self._plan.values[number].op):
            return text
        return Text(self._constants.name(text.code))

    def _assign(self, number: int, code: str) -> list[str]:
        """Write an assignment to the value's variable, with its axes in a comment."""
        name = self._new_name(number)
        self._texts[number] = Text(name)
        self._pending.discard(number)
        labels = self._plan.values[number].labels
        return [f"{name} = {code}" + (f"  # {tuple_of([str(i) for i in labels])}" if labels else "")]

    def _new_name(self, number: int) -> str:
        tensor = self._plan.names.get(number)
        return self._tensors[tensor] if tensor is not None else self._names.numbered("t")

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
            sign = "+=" if position else "="
            lines.append(f"{view}[...] {sign} {aligned(text, operand.labels, axes).code}")
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
