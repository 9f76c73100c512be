"""Names: what each name of a text stands for, before any index is looked at.

Before: the surface trees of all statements. After: each name has one spelling, each equation a left-hand side that
defines one tensor, no tensor two equations, and every place where a name occurs is listed with its role. What a
derivative stands for is decided in :mod:`derivatives`, what must agree between statements in :mod:`checks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend import surface as s
from einsgrad.frontend.dialects import Dialect
from einsgrad.frontend.lexis import DELTA, IOTA, MAX_LETTERS, MAX_ORDER, PI
from einsgrad.frontend.occurrences import grouped, uses_of
from einsgrad.ir.letters import unused
from einsgrad.ir.names import gradient_name
from einsgrad.ir.nodes import Expr, Index

LONGEST_FIX = 2000
"""Characters of a statement beyond which no corrected statement is shown."""


class Role(Enum):
    """What a reference is to its statement."""

    LEFT = "defined here"
    USE = "a factor"
    OPERAND = "all that a derivative is taken of"
    BY = "what a derivative is taken by"
    POSITIONS = "what gives positions"


@dataclass(frozen=True, eq=False)
class Occurrence:
    """A place where a tensor occurs."""

    statement: s.Statement
    reference: s.Reference
    role: Role


@dataclass(frozen=True, eq=False)
class Target:
    """What an equation defines: a tensor or a gradient, by key, with its indices."""

    key: str
    indices: tuple[s.Letter, ...]
    part: s.Reference | s.Derivative


@dataclass
class Names:
    """What the names of a text stand for; tensors and letters are known by key (see :mod:`surface`).

    Attributes:
        dialect: how what errors propose is written.
        broken: the tensors whose equations have no parse: nothing is said about them.
        targets: what each equation defines.
        defined: the equation of each defined tensor.
        occurrences: all tensors, in the order of the text.
        derivatives: all derivatives but those on left-hand sides.
        gradients: the derivatives that stand for a tensor, an equation's or a given one.
        loss: the key of the downstream loss.
        has_sizes: whether ``|h|`` occurs.
        function_statements: the equation of each function that the text defines.
        functions: the parameters and the expression of each of them that is sound.
        faulty: the statements that have an error too basic for their indices to be looked at.
        errors: what is wrong with each statement.
    """

    source: Source
    statements: Sequence[s.Statement]
    broken: frozenset[str]
    problems: list[Diagnostic]
    dialect: Dialect
    targets: dict[s.Statement, Target] = field(default_factory=dict)
    defined: dict[str, s.Statement] = field(default_factory=dict)
    occurrences: list[Occurrence] = field(default_factory=list)
    derivatives: list[tuple[s.Statement, s.Derivative]] = field(default_factory=list)
    gradients: set[s.Derivative] = field(default_factory=set)
    loss: str | None = None
    has_sizes: bool = False
    function_statements: dict[str, s.Statement] = field(default_factory=dict)
    functions: dict[str, tuple[tuple[str, ...], Expr]] = field(default_factory=dict)
    faulty: set[s.Statement] = field(default_factory=set)
    errors: dict[s.Statement, list[Diagnostic]] = field(default_factory=dict)
    _uses: dict[s.Statement, list[str]] = field(default_factory=dict)
    _tensors: dict[str, str] = field(default_factory=dict)
    _letters: dict[str, Index] = field(default_factory=dict)
    _has_constant: bool = False
    _has_delta_tensor: bool = False
    _has_iota_tensor: bool = False

    def tensor_name(self, key: str) -> str:
        """Give the name of a tensor or gradient as first spelled in the text."""
        if key.startswith("∂"):
            of, _, wrt = key[1:].partition("/∂")
            return gradient_name(self.tensor_name(of), self.tensor_name(wrt))
        return self._tensors.get(key, key)

    def index(self, key: str) -> Index:
        """Give the index that a letter is, as first spelled in the text."""
        return self._letters[key]

    def indices(self, letters: Iterable[s.Letter]) -> list[Index]:
        """Give the indices that letters are."""
        return [self._letters[i.key] for i in letters]

    def is_constant(self, reference: s.Reference) -> bool:
        """Tell whether a reference is the constant π: no index, no equation, no derivative by it."""
        return reference.key == PI and self._has_constant

    def is_delta(self, reference: s.Reference) -> bool:
        """Tell whether a reference is the Kronecker delta: without two indices, `δ` may be a tensor of the text."""
        return reference.key == DELTA and (len(reference.indices) == 2 or not self._has_delta_tensor)

    def is_iota(self, reference: s.Reference) -> bool:
        """Tell whether a reference is ``iota_i``, the position as a number: no tensor of the text has that name."""
        return reference.key == IOTA and not self._has_iota_tensor

    def uses(self, statement: s.Statement) -> list[str]:
        """Give the tensors whose values a statement takes, by key."""
        return self._uses.get(statement, [])

    def take(self, statement: s.Statement, keys: Iterable[str]) -> None:
        """Note tensors whose values a statement takes by way of what it applies."""
        self._uses.setdefault(statement, []).extend(keys)

    @property
    def has_letters(self) -> bool:
        """Whether anything in the text has an index."""
        return bool(self._letters)

    @property
    def used(self) -> set[str]:
        """The tensors that some statement has as a factor, by key."""
        return {o.reference.key for o in self.occurrences if o.role is Role.USE}

    def span(self, statement: s.Statement, part: s.Part | s.Letter | None = None) -> Span:
        """Give the place of a statement, or of a part of it."""
        if part is None:
            return Span(statement.start, statement.end, self.source)
        return Span(statement.start + part.start, statement.start + part.end, self.source)

    def text(self, statement: s.Statement, part: s.Part | s.Letter | None = None) -> str:
        """Give the text of a statement, or of a part of it."""
        return self.span(statement, part).text

    def edited(self, statement: s.Statement, at: int, insertion: str, until: int | None = None) -> str | None:
        """Give the text of a statement with ``at:until`` replaced, or with an insertion; ``None`` if it is too long."""
        if statement.end - statement.start > LONGEST_FIX:
            return None
        text = self.text(statement)
        return text[:at] + insertion + text[at if until is None else until :]

    def report(
        self,
        statement: s.Statement,
        part: s.Part | s.Letter | None,
        code: str,
        message: str,
        *notes: str,
        fix: str | None = None,
    ) -> None:
        """Add an error about a part of a statement."""
        problem = Diagnostic(code, message, self.span(statement, part), notes, fix)
        self.problems.append(problem)
        self.errors.setdefault(statement, []).append(problem)

    def refuse(
        self,
        statement: s.Statement,
        part: s.Part | s.Letter | None,
        code: str,
        message: str,
        *notes: str,
        fix: str | None = None,
    ) -> None:
        """Add an error that leaves a statement without a meaning."""
        self.faulty.add(statement)
        self.report(statement, part, code, message, *notes, fix=fix)

    def warn(
        self, statement: s.Statement, part: s.Part, code: str, message: str, *notes: str, fix: str | None = None
    ) -> None:
        """Add a warning about a part of a statement."""
        self.problems.append(Diagnostic(code, message, self.span(statement, part), notes, fix, "warning"))


def collect_names(
    source: Source,
    statements: Sequence[s.Statement],
    broken: frozenset[str],
    problems: list[Diagnostic],
    dialect: Dialect,
) -> Names:
    """List where each name occurs and what each equation defines; report parts that are no expression."""
    names = Names(source, statements, broken, problems, dialect)
    names._has_delta_tensor = any(map(_has_delta_tensor, statements))
    names._has_iota_tensor = any(map(_has_iota_tensor, statements))
    for statement in statements:
        _collect_letters(names, statement)
        if statement.no_sum is not None:
            _check_no_sum(names, statement)
        if not statement.is_claim:
            _define(names, statement)
        for side in statement.sides if statement.is_claim else [statement.rhs]:
            _collect(names, statement, side)
    pi = [o for o in names.occurrences if o.reference.key == PI]
    names._has_constant = all(o.role in (Role.USE, Role.OPERAND) and not o.reference.indices for o in pi)
    return names


def _has_delta_tensor(statement: s.Statement) -> bool:
    """Tell whether a statement shows that `δ` is a tensor: an equation defines it, or something is derived by it."""
    left = None if statement.is_claim else s.sole_reference(statement.lhs)
    by = (part.wrt for part in s.walk(*statement.sides) if isinstance(part, s.Derivative))
    return any(r.key == DELTA and len(r.indices) != 2 for r in (left, *by) if r is not None)


def _has_iota_tensor(statement: s.Statement) -> bool:
    """Tell whether a statement shows that ``ι`` is a tensor: it is defined, derived by, or written in another way."""
    left = None if statement.is_claim else s.sole_reference(statement.lhs)
    if left is not None and left.key == IOTA:
        return True
    for part in s.walk(*statement.sides):
        match part:
            case s.Derivative(wrt=s.Reference(key=key)) if key == IOTA:
                return True
            case s.Reference(key=key, spelling=spelling, indices=indices) if key == IOTA:
                if len(indices) != 1 or spelling != "iota":
                    return True
    return False


def _collect_letters(names: Names, statement: s.Statement) -> None:
    own: set[str] = set()
    for letter in (*s.letters(*statement.sides), *(statement.no_sum or ())):
        own.add(letter.key)
        if letter.key not in names._letters:
            names._letters[letter.key] = Index(letter.spelling)
    if len(own) > MAX_LETTERS:
        message = f"a statement with {len(own)} indices, more than {MAX_LETTERS}"
        names.refuse(statement, None, "letters-many", message)


def _collect(names: Names, statement: s.Statement, side: s.Content) -> None:
    operands: set[s.Reference] = set()
    positions: set[s.Part] = set()
    for part in s.walk(side):
        match part:
            case s.Gather():
                positions.update(s.parts_of(part))
                _collect_gather(names, statement, part)
            case s.Reference() if part in positions:
                _occurs(names, statement, part, Role.POSITIONS)
            case s.Wrong(code=code, message=message, fix=fix):
                names.refuse(statement, part, code, message, fix=fix)
            case s.Derivative(wrt=wrt):
                names.derivatives.append((statement, part))
                if part.bare is not None:
                    operands.add(part.bare)
                _occurs(names, statement, wrt, Role.BY)
            case s.SizeOf():
                names.has_sizes = True
            case s.Reference(key=key) if key in statement.parameters:
                pass
            case s.Reference() if not names.is_delta(part) and not names.is_iota(part):
                _occurs(names, statement, part, Role.OPERAND if part in operands else Role.USE)
            case s.Reference(indices=indices) if names.is_delta(part) and len(indices) != 2:
                message = f"`δ` has two indices, not {len(indices)}"
                names.refuse(statement, part, "delta-indices", message)


def _collect_gather(names: Names, statement: s.Statement, part: s.Gather) -> None:
    """Note what stands at positions; of a delta one of two indices may be given so."""
    reference = part.reference
    for i in part.subscripts:
        if isinstance(i, s.Affine) and min(*i.coefficients, i.constant) < 0:
            message = "a subscript adds letters and a number, as in `x_{2i+k+1}`: taking away would leave the axis"
            names.refuse(statement, part, "index-arithmetic", message)
            return
    if names.is_iota(reference):
        message = "`iota` has a letter, not positions: these are numbers already"
        names.refuse(statement, part, "positions", message)
    elif not names.is_delta(reference):
        _occurs(names, statement, reference, Role.USE)
    elif len(part.subscripts) != 2:
        names.refuse(statement, part, "delta-indices", f"`δ` has two indices, not {len(part.subscripts)}")
    elif not any(isinstance(i, s.Letter) for i in part.subscripts):
        message = "one of the two indices of `δ` is a letter: tie the positions to one letter, one after the other"
        names.refuse(statement, part, "positions", message)


def _occurs(names: Names, statement: s.Statement, reference: s.Reference, role: Role) -> None:
    if names.is_delta(reference):
        message = "no derivative is taken by `δ`, and no equation defines it"
        names.refuse(statement, reference, "reserved-name", message)
        return
    if len(reference.indices) > MAX_ORDER:
        message = f"a tensor with {len(reference.indices)} indices, more than {MAX_ORDER}"
        names.refuse(statement, reference, "letters-many", message)
    names._tensors.setdefault(reference.key, reference.spelling)
    names.occurrences.append(Occurrence(statement, reference, role))
    if role in (Role.USE, Role.OPERAND, Role.POSITIONS):
        names._uses.setdefault(statement, []).append(reference.key)


def _target(names: Names, statement: s.Statement) -> Target | None:
    """Give what an equation defines; report a left-hand side that isn't one tensor."""
    part = s.sole_factor(statement.lhs)
    if isinstance(part, s.Reference) and not names.is_delta(part) and not names.is_iota(part) and not part.called:
        return Target(part.key, part.indices, part)
    if isinstance(part, s.Derivative) and part.bare is not None and not part.bare.indices:
        return Target(gradient_name(part.bare.key, part.wrt.key), part.wrt.indices, part)
    for wrong in s.walk(statement.lhs):
        if isinstance(wrong, s.Wrong):
            names.refuse(statement, wrong, wrong.code, wrong.message, fix=wrong.fix)
            return None
    if isinstance(part, s.Derivative):
        message = "an equation can define the derivative of a scalar, as `∂l/∂x_p`; give this one a name of its own"
        names.refuse(statement, statement.lhs, "left-side", message)
        return None
    if isinstance(part, s.Power) and isinstance(part.base, s.Reference) and _is_square(part):
        _refuse_square(names, statement, part.base)
        return None
    message = "the left-hand side of an equation is the tensor that it defines, as in `y_ij = …`"
    if any(isinstance(inner, s.Reference) and inner.called for inner in s.walk(statement.lhs)):
        note = "the parameters of a function are names without indices, as in `f(u) = …`"
        names.refuse(statement, statement.lhs, "left-side", message, note)
        return None
    notes = [f"that two expressions are equal is a claim, with `{names.dialect.claim.strip()}`"]
    if isinstance(part, s.Call) and all(s.sole_reference(argument) for argument in part.arguments):
        shown = names.text(statement, part).partition("(")[0]
        notes.append(f"`{shown}` is a function already: one of your own has another name")
    claim = names.edited(statement, statement.lhs.end, names.dialect.claim, statement.rhs.start)
    names.refuse(statement, statement.lhs, "left-side", message, *notes, fix=claim)
    return None


def _is_square(part: s.Power) -> bool:
    return isinstance(part.exponent, s.Number) and part.exponent.value == 2 and not part.negations


def _refuse_square(names: Names, statement: s.Statement, base: s.Reference) -> None:
    """Refuse ``σ^2 = …``, and show the equation for ``σ``."""
    left = _SQUARE.sub("", names.text(statement, statement.lhs)).strip()
    text, rhs = names.text(statement), statement.rhs
    root = names.dialect.root(names.text(statement, rhs))
    fix = None
    free = {letter.key for letter in s.letters(statement.lhs)}
    closes = all(use.closes or key in free for key, use in grouped(uses_of(rhs)[rhs]).items())
    if closes and len(text) <= LONGEST_FIX:
        fix = text[: statement.lhs.start] + left + text[statement.lhs.end : rhs.start] + root + text[rhs.end :]
    message = f"an equation defines a tensor, not its square: write what `{base.spelling}` is, or give it another name"
    names.refuse(statement, statement.lhs, "left-side", message, fix=fix)


_SQUARE = re.compile(r"\^\s*(?:2|\{\s*2\s*\})|²")


def _check_no_sum(names: Names, statement: s.Statement) -> None:
    if statement.is_claim:
        known = {letter.key for letter in s.letters(*statement.sides)}
        for letter in statement.no_sum or ():
            if letter.key not in known:
                names.refuse(statement, letter, "no-sum-unknown", f"the claim has no index `{letter.spelling}`")
        return
    message = "`(no sum …)` belongs to a claim: the left-hand side of an equation says which indices are free"
    names.refuse(statement, None, "no-sum", message, fix=_without_no_sum(names, statement))


def _without_no_sum(names: Names, statement: s.Statement) -> str | None:
    """Give an equation with `(no sum …)` as it is meant: without, if the letters are free, or as a claim."""
    if s.sole_reference(statement.lhs) is None:
        return names.edited(statement, statement.lhs.end, names.dialect.claim, statement.rhs.start)
    free = {letter.key for letter in s.letters(statement.lhs)}
    if not free.issuperset(letter.key for letter in statement.no_sum or ()):
        return None
    return names.edited(statement, statement.rhs.end, "", statement.end - statement.start)


def _define(names: Names, statement: s.Statement) -> None:
    target = None if statement in names.faulty else _target(names, statement)
    if target is None:
        return
    part = target.part
    if statement.parameters:
        if target.key in names.function_statements:
            names.report(statement, part, "defined-twice", f"the function `{target.key}` is defined twice")
        names.function_statements.setdefault(target.key, statement)
        return
    if isinstance(part, s.Reference):
        _occurs(names, statement, part, Role.LEFT)
    else:
        assert part.bare is not None
        names._tensors.setdefault(part.bare.key, part.bare.spelling)
        _occurs(names, statement, part.wrt, Role.BY)
    names.targets[statement] = target
    earlier = names.defined.get(target.key)
    if earlier is not None:
        line = names.span(earlier).line
        message = f"`{names.tensor_name(target.key)}` is defined twice: first on line {line}"
        names.report(statement, part, "defined-twice", message)
    else:
        names.defined[target.key] = statement
    _refuse_repeated(names, statement, target)


def _refuse_repeated(names: Names, statement: s.Statement, target: Target) -> None:
    seen: dict[str, Index] = {}
    new: list[tuple[s.Letter, Index]] = []
    deltas = ""
    taken = set(names.indices(s.letters(*statement.sides)))
    for letter in target.indices:
        if letter.key in seen:
            index = unused(taken)
            taken.add(index)
            new.append((letter, index))
            deltas += f"{names.dialect.delta(seen[letter.key], index)} "
        seen.setdefault(letter.key, names.index(letter.key))
    if not deltas:
        return
    text = names.text(statement)
    right = names.text(statement, statement.rhs)
    right = f"({right})" if isinstance(statement.rhs, s.Sum) else right
    fix = with_letters(text[: statement.rhs.start], 0, new) + deltas + right
    message = "an index occurs twice on the left-hand side: tie two indices with `δ` on the right"
    names.refuse(statement, target.part, "left-repeated", message, fix=fix)


def with_letters(text: str, at: int, new: Iterable[tuple[s.Letter, Index]]) -> str:
    """Give a text that begins at ``at`` of its statement with some of its letters replaced."""
    for letter, index in reversed(list(new)):
        text = text[: letter.start - at] + str(index) + text[letter.end - at :]
    return text
