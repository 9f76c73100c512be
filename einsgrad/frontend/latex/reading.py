r"""Reading: a LaTeX text to the surface trees of its statements.

The stages, in order: the mathematics of the text is found, scanned to tokens, set apart into chains of equations; what
its letters are is found out; then each chain is parsed. ``a = b = c`` is the equation ``a = b`` and the claim
``a == c``. A sum that runs to ``N`` adds the equation that says what ``N`` is, unless the text has one; all that runs
to ``N`` has one size.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

from einsgrad.diagnostics import Diagnostic, Source, Span
from einsgrad.frontend import surface as s
from einsgrad.frontend.given import sign_of_fact
from einsgrad.frontend.latex.applied import (
    applied_names,
    own_functions,
    parameters_of,
    with_functions,
    without_arguments,
)
from einsgrad.frontend.latex.conditions import NO_UNEQUAL, over_all
from einsgrad.frontend.latex.facts import Context, Facts, collect_facts, indices_of, key_of
from einsgrad.frontend.latex.prose import read_prose
from einsgrad.frontend.latex.regions import find_regions
from einsgrad.frontend.latex.rows import Chain, no_sum_letters, split_rows
from einsgrad.frontend.latex.scanner import scan
from einsgrad.frontend.latex.scopes import free_letters
from einsgrad.frontend.latex.spelling import check_runs, check_styles
from einsgrad.frontend.latex.syntax import parse_side
from einsgrad.frontend.latex.tokens import Token
from einsgrad.frontend.lexis import (
    MAX_STATEMENT,
    MAX_STATEMENTS,
    MAX_TEXT,
    LexicalError,
    Subscript,
    canonical,
    read_words,
)
from einsgrad.frontend.names import LONGEST_FIX
from einsgrad.ir.equations import Relation
from einsgrad.ir.ranges import Axis

Tie: TypeAlias = tuple[Axis, Axis]


def read_latex(source: Source, problems: list[Diagnostic]) -> tuple[list[s.Statement], set[str], list[Tie]]:
    r"""Give the statements of a text that have a parse, and the tensors, by key, whose equations have none.

    The third are pairs of axes, each a tensor's key and a position, that have one size since sums over both run to it.

    >>> statements, _, _ = read_latex(Source(r"y_{i} &= a_{i} b \\ &= b a_{i}"), [])
    >>> [statement.is_claim for statement in statements]
    [False, True]
    """
    if len(source.text) > MAX_TEXT:
        message = f"the text has {len(source.text)} characters, more than {MAX_TEXT}"
        problems.append(Diagnostic("text-long", message, Span(MAX_TEXT, MAX_TEXT + 1, source)))
        return [], set(), []
    chains: list[Chain] = []
    regions = find_regions(source, problems)
    for region in regions:
        if not region.is_prose:
            tokens = scan(source, region.start, region.end, problems)
            chains += split_rows(source, region, tokens, problems)
    chains += read_prose(source, (region for region in regions if region.is_prose), chains, problems)
    chains.sort(key=lambda chain: chain.start)
    if not _is_in_limits(source, chains, problems):
        return [], set(), []
    applied = applied_names(chains)
    own = own_functions(chains, applied)
    parameters = {chain.start: parameters_of(chain, own) for chain in chains}
    applied = {key: arguments for key, arguments in applied.items() if key not in own}
    chains = without_arguments(source, [with_functions(chain, own) for chain in chains], applied, problems)
    facts = dataclasses.replace(collect_facts(source, chains, applied), own=frozenset(own))
    check_styles(source, chains, problems)
    reader = _Reader(source, facts, _defined(chains), problems)
    statements = [
        _with_parameters(statement, own, parameters[chain.start])
        for chain in chains
        for statement in reader.read(chain)
    ]
    return statements, reader.broken, reader.ties()


def _with_parameters(statement: s.Statement, own: Collection[str], parameters: tuple[str, ...]) -> s.Statement:
    """Give the definition of a function its parameters; other statements of its chain have none."""
    left = s.sole_reference(statement.lhs)
    defines = not statement.is_claim and left is not None and left.key in own
    return dataclasses.replace(statement, parameters=parameters) if defines else statement


def _is_in_limits(source: Source, chains: list[Chain], problems: list[Diagnostic]) -> bool:
    if len(chains) > MAX_STATEMENTS:
        place = chains[MAX_STATEMENTS]
        message = f"the text has {len(chains)} statements, more than {MAX_STATEMENTS}"
        problems.append(Diagnostic("statements-many", message, Span(place.start, place.end, source)))
        return False
    return True


def _defined(chains: Iterable[Chain]) -> dict[str, Chain]:
    """Give the tensors that equations seem to define, by key: what their left-hand sides begin with."""
    found: dict[str, Chain] = {}
    for chain in chains:
        first = chain.sides[0][0] if chain.sides[0] else None
        is_equation = bool(chain.relations) and chain.relations[0].type == "EQUALS" and not chain.is_given
        if is_equation and first is not None and first.type == "NAME":
            found.setdefault(key_of(first), chain)
    return found


class _Reader:
    """Reads one chain after the other; ``limits`` are the axes of what has run so far, by the name that it runs to."""

    def __init__(self, source: Source, facts: Facts, defined: dict[str, Chain], problems: list[Diagnostic]) -> None:
        self.source, self.facts, self.defined, self.problems = source, facts, defined, problems
        self.limits: dict[str, list[Axis]] = {}
        self.broken: set[str] = set()

    def read(self, chain: Chain) -> list[s.Statement]:
        """Give the statements of a chain; none, and its tensor among the broken ones, if it has no parse."""
        found = None if chain.is_broken else self._read(chain)
        if found is None:
            self.broken |= {key for key, of in self.defined.items() if of is chain}
        return found or []

    def _read(self, chain: Chain) -> list[s.Statement] | None:
        text = self.source.text[chain.start : chain.end]
        if not self._is_whole(chain) or not check_runs(self.source, chain, self.facts, self.problems):
            return None
        context = Context(text, self.facts, indices_of(chain))
        sides = [self._side(chain, side, context) for side in chain.sides]
        no_sum = self._no_sum(chain)
        if any(side is None for side in sides) or (chain.no_sum and no_sum is None):
            return None
        whole = [side for side in sides if side is not None]
        if not self._has_no_norm(chain, text, whole) or not self._has_no_condition(chain, context, whole):
            return None
        lhs, *others = whole
        is_sound = not any(isinstance(part, s.Wrong) for part in s.walk(lhs))
        statements = []
        for k, (relation, rhs) in enumerate(zip(chain.relations, others, strict=True)):
            is_claim = k > 0 or relation.type != "EQUALS" or chain.is_given
            if k == 0 or is_sound:
                end = rhs.end if no_sum is None else len(text)
                given = sign_of_fact(relation.text) if chain.is_given else None
                statements.append(_statement(chain.start, end, is_claim, lhs, rhs, no_sum, given))
        return [*self._sizes(chain, context, whole), *statements]

    def _is_whole(self, chain: Chain) -> bool:
        """Tell whether a chain is one, and not too long; report what is wrong with it."""
        if chain.end - chain.start > MAX_STATEMENT:
            length = chain.end - chain.start
            message = f"a statement of {length} characters, more than {MAX_STATEMENT}: split it into several equations"
            self._report("statement-long", message, chain.start, chain.start + 1)
            return False
        if not chain.relations:
            message = (
                r"no equation and no claim: no `=`, no `\equiv` (a row that goes on begins or ends with an operator)"
            )
            self._report("no-equation", message, chain.start, chain.end)
            return False
        return True

    def _side(self, chain: Chain, side: tuple[Token, ...], context: Context) -> s.Content | None:
        if side:
            return parse_side(self.source, side, chain.start, context, self.problems)
        relation = next(r for k, r in enumerate(chain.relations) if not chain.sides[k] or not chain.sides[k + 1])
        message = f"`{relation.text}` has nothing on one side"
        self._report("unexpected-end", message, relation.start, relation.end)
        return None

    def _has_no_norm(self, chain: Chain, text: str, sides: list[s.Content]) -> bool:
        """Tell whether a chain has no norm; report the first one, with all of them written out as sums."""
        from einsgrad.frontend.latex.norms import WHAT_TO_WRITE, norms_of, written_out  # loads Lark

        found = norms_of(sides)
        if not found:
            return True
        fix, note = text, ""
        if len(text) <= LONGEST_FIX:
            fix, note = written_out(text, sides, free_letters(sides, chain.relations[0].type == "CLAIMS"))
        place = Span(chain.start + found[0].start, chain.start + found[0].end, self.source)
        notes = (note,) if note else ()
        self.problems.append(Diagnostic("norm", WHAT_TO_WRITE, place, notes, fix if fix != text else None))
        return False

    def _has_no_condition(self, chain: Chain, context: Context, sides: list[s.Content]) -> bool:
        """Tell whether a chain has no sum over letters that differ; report the first, with all of them written out."""
        if not context.conditions:
            return True
        is_equation = chain.relations[0].type == "EQUALS"
        fix = None
        if is_equation and len(context.text) <= LONGEST_FIX:
            fix = over_all(context.text, sides, context.conditions, free_letters(sides, is_claim=False))
        first = context.conditions[0]
        self._report("sum-range", NO_UNEQUAL, chain.start + first.start, chain.start + first.end, fix)
        return False

    def _no_sum(self, chain: Chain) -> tuple[s.Letter, ...] | None:
        if chain.no_sum is None:
            return None
        text, start = no_sum_letters(chain.no_sum)
        try:
            letters = read_words(text, 0)
        except LexicalError as mistake:
            at = chain.no_sum.start + start
            self._report(mistake.code, mistake.message, at + mistake.start, at + mistake.end)
            return None
        return tuple(_letter(letter, chain.no_sum.start + start - chain.start) for letter in letters)

    def _sizes(self, chain: Chain, context: Context, sides: list[s.Content]) -> list[s.Statement]:
        """Give the equations that say what the upper limits of sums are, where the text has none."""
        found = []
        for name, letter in context.limits:
            if name.key in self.defined:
                continue
            if name.key not in self.limits:
                size = s.SizeOf(letter.start, letter.end, letter)
                found.append(_statement(chain.start, name.end, False, s.single(name), s.single(size), None))
            self.limits.setdefault(name.key, []).extend(_axes(sides, letter))
        return found

    def ties(self) -> list[Tie]:
        """Pair the first axis of each size that sums run to with the others."""
        return [(axes[0], axis) for axes in self.limits.values() for axis in dict.fromkeys(axes[1:])]

    def _report(self, code: str, message: str, start: int, end: int, fix: str | None = None) -> None:
        self.problems.append(Diagnostic(code, message, Span(start, end, self.source), fix=fix))


def _axes(sides: list[s.Content], letter: s.Letter) -> Iterator[Axis]:
    """Give the axes of tensors that a letter stands on."""
    for part in s.walk(*sides):
        if isinstance(part, s.Reference):
            yield from ((part.key, axis) for axis, other in enumerate(part.indices) if other.key == letter.key)


def _statement(
    start: int,
    end: int,
    is_claim: bool,
    lhs: s.Content,
    rhs: s.Content,
    no_sum: tuple[s.Letter, ...] | None,
    given: Relation | None = None,
) -> s.Statement:
    return s.Statement(start, start + end, is_claim, lhs, rhs, no_sum, given)


def _letter(subscript: Subscript, at: int) -> s.Letter:
    start, end = at + subscript.start, at + subscript.end
    return s.Letter(start, end, canonical(subscript.spelling), subscript.spelling)
