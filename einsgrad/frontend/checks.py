"""Checks: what must hold between the statements of a text.

Before: the names of the text. After: a tensor has the same number of indices everywhere, no tensor is defined by way of
itself, what is called is a function or a tensor, and, once all statements are resolved, each `|h|` means one range.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence

from einsgrad.frontend import surface as s
from einsgrad.frontend.dialects import PLAIN
from einsgrad.frontend.lexis import FUNCTION_NAMES
from einsgrad.frontend.names import Names, Occurrence, Role
from einsgrad.ir.names import canonical_name, gradient_name
from einsgrad.ir.nodes import Index
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Ranges, infer_ranges

_OPERATORS_OR_NAMES = frozenset({"mean", "norm"})
"""Operators whose names tensors may have as well."""


def check_orders(names: Names) -> None:
    """Report tensors that have different numbers of indices in different places."""
    first: dict[str, Occurrence] = {}
    for occurrence in sorted(names.occurrences, key=lambda o: (o.reference.called, o.role is not Role.LEFT)):
        reference = occurrence.reference
        if reference.called and reference.key not in first:
            continue
        if occurrence.role in (Role.OPERAND, Role.BY) and not reference.indices:
            continue  # see bare_derivatives
        other = first.setdefault(reference.key, occurrence)
        if len(other.reference.indices) != len(reference.indices):
            place = names.span(other.statement, other.reference)
            message = (
                f"`{reference.spelling}` has {_counted(len(reference.indices))} here "
                f"and {_counted(len(other.reference.indices))} in `{place.text}` on line {place.line}"
            )
            names.report(occurrence.statement, reference, "order", message)


def _counted(number: int) -> str:
    return "1 index" if number == 1 else f"{number or 'no'} indices"


_SHOWN = 5
"""Tensors that a message lists."""


def check_spellings(names: Names) -> None:
    """Report names that are one name where they have to be Python identifiers: ``dl_dx`` and ``∂l/∂x``."""
    gradients = {target.key for target in names.targets.values()}
    gradients |= {gradient_name(d.bare.key, d.wrt.key) for d in names.gradients if d.bare}
    taken = {canonical_name(key) for key in gradients if key.startswith("∂")}
    for occurrence in names.occurrences:
        key = occurrence.reference.key
        if canonical_name(key) != key and canonical_name(key) in taken:
            message = f"`{key}` is the name that `{canonical_name(key)}` has in Python: choose another"
            names.report(occurrence.statement, occurrence.reference, "name-clash", message)


def check_positions(names: Names) -> None:
    """Report positions that are no data: computed, used as numbers as well, or differentiated by."""
    given = {o.reference.key for o in names.occurrences if o.role is Role.POSITIONS}
    for occurrence in names.occurrences:
        name = occurrence.reference.spelling
        if occurrence.reference.key in given and occurrence.role is not Role.POSITIONS:
            message = f"`{name}` gives positions: it is an input, and stands nowhere but below a tensor"
            names.report(occurrence.statement, occurrence.reference, "positions", message)


def check_calls(names: Names) -> None:
    """Report names directly before a bracket that are neither functions nor tensors elsewhere in the text."""
    known = {o.reference.key for o in names.occurrences if not o.reference.called} | names.broken
    for occurrence in names.occurrences:
        reference = occurrence.reference
        if reference.called and reference.key not in known and not names.is_constant(reference):
            _refuse_call(names, occurrence)


def check_operator_names(names: Names) -> None:
    """Report ``mean_j x_ij`` where no equation defines ``mean``: a tensor, or the operator without brackets."""
    for statement in names.statements:
        for part in s.walk(*statement.sides):
            if not isinstance(part, s.Term):
                continue
            for left, right in itertools.pairwise(part.factors):
                if isinstance(left, s.Reference) and left.key in _OPERATORS_OR_NAMES and left.key not in names.defined:
                    _refuse_operator_name(names, statement, left, right)


def _refuse_operator_name(names: Names, statement: s.Statement, left: s.Reference, right: s.Factor) -> None:
    keys = {letter.key for letter in left.indices}
    if left.called or isinstance(right, s.Group) or not keys or not keys <= {letter.key for letter in s.letters(right)}:
        return
    text = names.text(statement)
    shown = f"{text[left.start : left.end]}({text[right.start : right.end]})"
    message = (
        f"`{text[left.start : left.end]}` may be the operator, or a tensor that no equation defines: "
        f"the operator is `{shown}`, a tensor needs another name"
    )
    fix = names.edited(statement, left.start, shown, right.end)
    names.refuse(statement, left, "operator-name", message, fix=fix)


def check_polygammas(names: Names) -> None:
    """Report a polygamma function whose order is no whole number: it has no derivative by its order."""
    for statement in names.statements:
        for part in s.walk(*statement.sides):
            match part:
                case s.Call(function="polygamma", arguments=(order, _)) if not _is_whole(order):
                    message = "the first argument of `polygamma` is a whole number, as in `polygamma(1, u)`"
                    names.refuse(statement, part, "arity", message)


def _is_whole(content: s.Content) -> bool:
    number = s.sole_factor(content)
    return isinstance(number, s.Number) and number.value.denominator == 1


def _refuse_call(names: Names, occurrence: Occurrence) -> None:
    reference, dialect = occurrence.reference, names.dialect
    message = f"`{reference.spelling}` is no function, and no tensor of this text"
    if reference.key in dialect.absent:
        message = f"{message}: {dialect.absent[reference.key]}"
        names.refuse(occurrence.statement, reference, "unknown-function", message)
        return
    near = _meant_function(names, reference)
    hint = f": did you mean {near}?" if near and near != reference.spelling else ""
    notes = [f"{near} is written {dialect.idioms[near]}"] if near in dialect.idioms else []
    fix = None
    if near in FUNCTION_NAMES:
        fix = names.edited(occurrence.statement, reference.start, dialect.function(near), reference.end)
    elif not near and dialect.times and _SUM_IN_BRACKET.match(names.text(occurrence.statement), reference.end):
        fix = names.edited(occurrence.statement, reference.end, dialect.times)
    names.refuse(occurrence.statement, reference, "unknown-function", message + hint, *notes, fix=fix)


_SUM_IN_BRACKET = re.compile(r"[^)\]]*[\w}]\s*[+\-−][^)\]]*[)\]](?!\s*_)")
"""What follows a name that may multiply a bracket: nobody multiplies by a single name in brackets."""


def _meant_function(names: Names, reference: s.Reference) -> str:
    """Give the function or idiom that a name is or is misspelled from; nothing if there is none, or it has indices."""
    dialect = names.dialect
    if reference.key in dialect.aliases:
        return dialect.aliases[reference.key]
    if reference.indices:
        return reference.key if reference.key in dialect.idioms else ""
    known = [*sorted(FUNCTION_NAMES), *dialect.idioms]
    return next(iter(difflib.get_close_matches(reference.spelling, known, n=1, cutoff=_LIKE)), "")


_LIKE = 0.8
"""How alike a name and the function must be: `sigmod` and `sigmoid` are, `cross` and `cos` aren't."""


def check_cycles(names: Names) -> None:
    """Report tensors that are defined by way of themselves."""
    below = {key: list(names.uses(statement)) for key, statement in names.defined.items()}
    for statement, derivative in names.derivatives:
        if derivative in names.gradients and derivative.bare and statement in names.targets:
            below[names.targets[statement].key].append(gradient_name(derivative.bare.key, derivative.wrt.key))
    done: set[str] = set()
    for root in below:
        path: dict[str, None] = {}
        stack: list[tuple[str, bool]] = [(root, False)]
        while stack:
            key, is_left = stack.pop()
            if is_left:
                del path[key]
                done.add(key)
            elif key in path:
                way = list(path)
                _report_cycle(names, [*way[way.index(key) :], key])
            elif key not in done:
                path[key] = None
                stack.append((key, True))
                stack.extend((k, False) for k in dict.fromkeys(below[key]) if k in below)


def _report_cycle(names: Names, cycle: list[str]) -> None:
    statement = names.defined[cycle[0]]
    shown = [names.tensor_name(key) for key in cycle]
    way = " → ".join(shown if len(shown) <= 2 * _SHOWN else [*shown[:_SHOWN], "…", *shown[-_SHOWN:]])
    message = f"`{names.tensor_name(cycle[0])}` is defined by way of itself: {way}"
    names.report(statement, names.targets[statement].part, "cycle", message)


def warn_of_near_names(names: Names) -> None:
    """Warn of inputs whose names differ from a defined tensor's by case, or by one letter of a longer name."""
    orders = {o.reference.key: len(o.reference.indices) for o in names.occurrences if not o.reference.called}
    used = {key for statement in names.statements for key in names.uses(statement)}
    seen: set[str] = set()
    by_shape: dict[str, list[str]] = {}
    for key in names.defined:
        for shape in _shapes(key):
            by_shape.setdefault(shape, []).append(key)
    for occurrence in names.occurrences:
        key = occurrence.reference.key
        if key in names.defined or key in names.broken or key in seen or occurrence.role is not Role.USE:
            continue
        seen.add(key)
        for other in dict.fromkeys(name for shape in _shapes(key) for name in by_shape.get(shape, ())):
            is_pair = _is_one_letter(other) and other in used
            if orders.get(other) == orders.get(key) and not is_pair and not _needs(names, other, key):
                message = f"`{names.tensor_name(key)}` is an input: did you mean `{names.tensor_name(other)}`?"
                names.warn(occurrence.statement, occurrence.reference, "near-name", message)
                break


def _is_one_letter(name: str) -> bool:
    """Tell whether a name is a letter, perhaps with a number: `W` and `w`, both in use, are two tensors."""
    return len(name.rstrip("0123456789")) == 1


def _needs(names: Names, tensor: str, other: str) -> bool:
    """Tell whether a tensor is computed from another, for which it can't stand then."""
    done: set[str] = set()
    stack = [tensor]
    while stack:
        key = stack.pop()
        if key in names.defined and key not in done:
            done.add(key)
            stack += names.uses(names.defined[key])
        elif key == other:
            return True
    return False


def warn_of_exponentials(names: Names) -> None:
    """Warn of ``e^x`` in a plain text that has no equation for ``e``; LaTeX reads it as the exponential."""
    if names.dialect is not PLAIN or "e" not in names.used or "e" in names.defined:
        return
    for statement in names.statements:
        for part in s.walk(*statement.sides):
            if isinstance(part, s.Power) and isinstance(part.base, s.Reference) and part.base.key == "e":
                message = f"`e` is an input here: the exponential is `exp({names.text(statement, part.exponent)})`"
                names.warn(statement, part, "exponential", message)


def _shapes(name: str) -> set[str]:
    """Give patterns that two names share if they differ by case, or by one letter that is no digit.

    >>> sorted(_shapes("Ab")), sorted(_shapes("abc"))
    (['ab'], ['?abc', '?bc', 'a?bc', 'a?c', 'ab?', 'ab?c', 'abc', 'abc?'])
    """
    shapes = {name.lower()}
    if len(name) >= 3:
        shapes |= {name[:k] + "?" + name[k + 1 :] for k in range(len(name)) if not name[k].isdigit()}
        shapes |= {name[:k] + "?" + name[k:] for k in range(len(name) + 1)}
    return shapes


def _place_of(range_: int, ranges: Ranges, names: Names, statements: Sequence[s.Statement]) -> str:
    """Say which range is meant: by an axis that has it, or by the statement in which it stands on no tensor."""
    for name, axis in ranges.axes.get(range_, ()):
        return f"axis {axis} of `{name}`"
    number, index = next(place for place, found in ranges.of_index.items() if found == range_)
    return f"the `{index}` on no tensor on line {names.span(statements[number]).line}"


def check_sizes(names: Names, program: Program) -> None:
    """Report each ``|h|`` for which the program, all of whose statements are resolved, has no range or several."""
    if not names.has_sizes:
        return
    statements = sorted(names.statements, key=lambda statement: (statement.is_claim, statement.given is not None))
    ranges = infer_ranges(program)
    sizes: dict[tuple[s.Statement, Index], s.SizeOf] = {}
    for statement in statements:
        for part in s.walk(*statement.sides):
            if isinstance(part, s.SizeOf):
                sizes.setdefault((statement, names.index(part.letter.key)), part)
    for number, index, found in ranges.unsettled:
        statement = statements[number]
        part = sizes[statement, index]
        if not found:
            message = f"`|{index}|`: no tensor of this text has an index `{index}`"
            is_tensor = canonical_name(index.name) in names.used
            notes = [f"the absolute value of the tensor `{index}` is `abs({index})`"] if is_tensor else []
            names.report(statement, part, "size-unknown", message, *notes)
            continue
        places = ", ".join(_place_of(range_, ranges, names, statements) for range_ in found[:_SHOWN])
        places += ", …" * (len(found) > _SHOWN)
        message = f"`|{index}|` has several meanings: `{index}` stands for {len(found)} ranges ({places})"
        note = f"put it in an equation where `{index}` stands on the tensor that is meant"
        names.report(statement, part, "size-ambiguous", message, note)
