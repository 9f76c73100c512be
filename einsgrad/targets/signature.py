"""The signature of a joint program: what its functions are given, and what must have one size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from einsgrad.calculus.apart import rename_apart, sizes_apart, spelled_before
from einsgrad.calculus.joint import Joint
from einsgrad.diagnostics import ArrayError, Diagnostic
from einsgrad.ir.equations import uses
from einsgrad.ir.letters import root
from einsgrad.ir.nodes import Derivative
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Ranges, infer_ranges
from einsgrad.ir.traversal import letters, postorder


@dataclass(frozen=True)
class LetterWindow:
    """An affine subscript: a letter for its axis, its letters with their coefficients, and its constant."""

    axis: str
    terms: tuple[tuple[str, int], ...]
    constant: int


@dataclass(frozen=True)
class Signature:
    """What a function of a program's inputs needs to know about them.

    Attributes:
        inputs: the tensors to be given, in order of appearance.
        axes: a letter for each axis of each input: axes with one letter must have one size.
        places: an axis of an input for each letter of the joint program, primes apart, that has such an axis.
        sizes: sizes by letter, in the letters of the joint program.
        spelled: the letter of the text for each letter of the joint program.
        positions: for each input that gives positions, the letters of the axes that these are on.
        windows: the affine subscripts, which tell the sizes of letters that no axis has.
    """

    inputs: tuple[str, ...]
    axes: Mapping[str, tuple[str, ...]]
    places: Mapping[str, tuple[str, int]]
    sizes: Mapping[str, int]
    spelled: Mapping[str, str]
    positions: Mapping[str, tuple[str, ...]]
    windows: tuple[LetterWindow, ...]


def signature_of(joint: Joint, sizes: Mapping[str, int]) -> Signature:
    """Give the signature of a joint program; ``sizes`` is by the letters of its source."""
    source = joint.source
    apart = rename_apart(source)
    ranges = infer_ranges(apart)
    wanted = {*_reachable(source, joint.outputs), *joint.forward.inputs, *joint.wrt}
    wanted |= _size_givers(joint.program, ranges, wanted, source.inputs)
    inputs = tuple(name for name in source.inputs if name in wanted)
    letter_of = {number: root(letter).name for number, letter in ranges.letter.items()}
    for x in reversed(inputs):
        for k, letter in reversed([*enumerate(apart.index_objects(x))]):
            if ranges.letter[ranges.of_axis[x, k]].is_axis:
                letter_of[ranges.of_axis[x, k]] = letter.name
    axes = {x: tuple(letter_of[ranges.of_axis[x, k]] for k in range(len(apart.indices(x)))) for x in inputs}
    first = {ranges.of_axis[x, k]: (x, k) for x in reversed(inputs) for k in reversed(range(len(axes[x])))}
    places = _derived_places(joint.program, set(inputs))
    places |= {root(i).name: first[number] for (_, i), number in ranges.of_index.items() if number in first}
    known = {letter for letters_ in axes.values() for letter in letters_}
    positions = {
        x: tuple(letter_of[number] for number in numbers if letter_of[number] in known)
        for x, numbers in ranges.positions.items()
        if x in inputs
    }
    spelled = spelled_before(source, apart)
    return Signature(inputs, axes, places, sizes_apart(source, sizes), spelled, positions, _windows(joint.program))


def unknown_size(letter: str) -> ArrayError:
    """Give the error that there is nothing to tell the size of an index, spelled as in the text."""
    message = f"the size of index `{letter}` is not known: no input has an axis of this range"
    return ArrayError([Diagnostic("unknown-size", message, fix=f'sizes={{"{letter}": …}}, or --sizes {letter}=…')])


def _windows(program: Program) -> tuple[LetterWindow, ...]:
    ranges = infer_ranges(program)
    named = {number: root(letter).name for number, letter in ranges.letter.items()}
    return tuple(
        LetterWindow(named[w.range], tuple((named[n], c) for n, c in w.terms), w.constant) for w in ranges.windows
    )


def _derived_places(program: Program, inputs: Set[str]) -> dict[str, tuple[str, int]]:
    """Give an axis of an input for letters that only derived equations have: by these a gradient has its own axes."""
    ranges = infer_ranges(program)
    found: dict[str, tuple[str, int]] = {}
    for (_, i), number in ranges.of_index.items():
        axis = next((axis for axis in ranges.axes.get(number, ()) if axis[0] in inputs), None)
        if axis is not None:
            found.setdefault(root(i).name, axis)
    return found


def _size_givers(program: Program, ranges: Ranges, wanted: Set[str], inputs: Sequence[str]) -> set[str]:
    """Give further inputs, needed for nothing but the size of an index: for each the first that has it."""
    by_letter = {root(i).name: number for (_, i), number in ranges.of_index.items()}
    used = {root(i).name for d in program.definitions for i in {*d.indices, *letters(d.rhs)}}
    place = {x: position for position, x in enumerate(inputs)}
    found: set[str] = set()
    for number in {by_letter[letter] for letter in used if letter in by_letter}:
        holders = {name for name, _ in ranges.axes.get(number, ()) if name in place}
        if holders and holders.isdisjoint(wanted):
            found.add(min(holders, key=place.__getitem__))
    return found


def _reachable(program: Program, outputs: tuple[str, ...]) -> set[str]:
    """Give the tensors that the outputs depend on, or are differentiated by: those tell the sizes of a derivative."""
    found: set[str] = set()
    stack = list(outputs)
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            if name in program.by_name:
                rhs = program.by_name[name].rhs
                stack += [*uses(rhs), *(node.wrt.name for node in postorder(rhs) if isinstance(node, Derivative))]
    return found
