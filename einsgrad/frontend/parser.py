"""The parser: a text to a program.

The stages, in order: the text is split into statements, each statement parsed to a surface tree, the names of all of
them settled, the indices of each resolved. Each stage reports all it finds; a statement with an error takes no part in
the stages after, and the text is refused in the end, with everything that is wrong with it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from einsgrad.diagnostics import Diagnostic, LanguageError, Source, Span
from einsgrad.frontend import surface as s
from einsgrad.frontend.bare_derivatives import check_bare_derivatives
from einsgrad.frontend.checks import (
    check_calls,
    check_cycles,
    check_operator_names,
    check_orders,
    check_polygammas,
    check_positions,
    check_sizes,
    check_spellings,
    warn_of_exponentials,
    warn_of_near_names,
)
from einsgrad.frontend.combined_fixes import combine_fixes
from einsgrad.frontend.constants import check_constants
from einsgrad.frontend.derivatives import settle_derivatives, state_derivatives
from einsgrad.frontend.dialects import LATEX, PLAIN, Dialect
from einsgrad.frontend.findings import report_findings
from einsgrad.frontend.given import check_facts
from einsgrad.frontend.lexis import MAX_ERRORS, MAX_ORDER
from einsgrad.frontend.names import LONGEST_FIX, Names, collect_names
from einsgrad.frontend.occurrences import claim_letters
from einsgrad.frontend.own_functions import settle_functions
from einsgrad.frontend.plain import read_plain
from einsgrad.frontend.resolve import Finding, Policy, Resolver
from einsgrad.frontend.scalars import warn_of_scalars
from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.letters import separate, separate_expression
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Axis

if TYPE_CHECKING:
    from einsgrad.frontend.latex.macros import Expansion


def parse_program(text: str, name: str = "<input>", dialect: Dialect = PLAIN) -> Program:
    """Parse a text.

    Args:
        text: equations and claims; see the language reference in ``grammar/README.md``.
        name: how diagnostics call the text.
        dialect: the dialect that it is written in.

    Returns:
        The program; its ``spans`` say where each statement stands, its ``warnings`` what is legal and surely not meant.

    Raises:
        LanguageError: the text is no program; it holds every error of the text.

    >>> print(parse_program("y_ij = x_ik a_kj; H = |k|"), end="")
    y_ij = x_ik a_kj
    H = |k|
    """
    source = Source(text, name)
    problems: list[Diagnostic] = []
    if dialect is LATEX:
        # Imported with the first text in LaTeX: few programs read both dialects.
        from einsgrad.frontend.latex.macros import expand_macros
        from einsgrad.frontend.latex.reading import read_latex

        expansion = expand_macros(source)
        if expansion is not None:
            return _parse_expanded(expansion)
        statements, broken, ties = read_latex(source, problems)
    else:
        statements, broken = read_plain(source, problems)
        ties = []
    if not statements and not problems:
        problems.append(Diagnostic("empty", "the text has no equation and no claim", Span(0, len(text), source)))
    return build_program(source, statements, frozenset(broken), problems, dialect, ties)


def _parse_expanded(expansion: Expansion) -> Program:
    """Parse a text whose macros are expanded; places are those in the text as written."""
    try:
        program = parse_program(expansion.text, expansion.written.name, LATEX)
    except LanguageError as error:
        raise LanguageError([expansion.placed(problem) for problem in error.diagnostics]) from None
    spans = {statement: expansion.origin(span) for statement, span in program.spans.items()}
    warnings = tuple(map(expansion.placed, program.warnings))
    return dataclasses.replace(program, spans=MappingProxyType(spans), warnings=warnings)


def build_program(
    source: Source,
    statements: Sequence[s.Statement],
    broken: frozenset[str],
    problems: list[Diagnostic],
    dialect: Dialect,
    ties: Iterable[tuple[Axis, Axis]] = (),
) -> Program:
    """Make a program of the surface trees of its statements; all dialects meet here.

    Args:
        source: the text.
        statements: the statements that have a parse, in the order of the text.
        broken: the tensors, by key, whose equations have none.
        problems: what has been found to be wrong so far.
        dialect: how what errors propose is written.
        ties: axes that have one size although no letter says so, each a tensor's key and a position.

    Raises:
        LanguageError: there is an error, found now or before.
    """
    statements = state_derivatives(statements)
    names = collect_names(source, statements, broken, problems, dialect)
    settle_functions(names)
    settle_derivatives(names)
    check_bare_derivatives(names)
    check_orders(names)
    check_spellings(names)
    check_calls(names)
    check_positions(names)
    check_polygammas(names)
    check_operator_names(names)
    check_cycles(names)
    check_constants(names)
    warn_of_near_names(names)
    warn_of_exponentials(names)
    warn_of_scalars(names)
    resolved = {st: _resolved(names, st) for st in statements if st not in names.faulty and not st.parameters}
    tied = tuple(((names.tensor_name(a), i), (names.tensor_name(b), k)) for (a, i), (b, k) in ties)
    program = dataclasses.replace(_program(names, resolved), ties=tied)
    if not _errors(problems):
        check_sizes(names, program)
        check_facts(names, program)
    # Both statements of a chain `a = b = c` have its left-hand side, with what is wrong with it.
    problems = sorted(dict.fromkeys(_with_combined_fixes(names)), key=lambda d: d.span.start if d.span else 0)
    if _errors(problems):
        raise LanguageError(_shortened(problems))
    return dataclasses.replace(program, warnings=tuple(problems))


def _with_combined_fixes(names: Names) -> Iterable[Diagnostic]:
    """Give all findings, those about one statement with one fix where their fixes go together."""
    combined: dict[Diagnostic, Diagnostic] = {}
    for statement, errors in names.errors.items():
        if len(errors) > 1:
            combined |= combine_fixes(errors, statement.start, names.text(statement))
    return (combined.get(problem, problem) for problem in names.problems)


def _errors(problems: Iterable[Diagnostic]) -> bool:
    return any(d.severity == "error" for d in problems)


def _shortened(problems: list[Diagnostic]) -> list[Diagnostic]:
    if len(problems) <= MAX_ERRORS:
        return problems
    message = f"{len(problems) - MAX_ERRORS} more findings are not listed"
    return [*problems[:MAX_ERRORS], Diagnostic("errors-many", message, problems[MAX_ERRORS].span)]


def _program(names: Names, resolved: dict[s.Statement, Definition | Claim]) -> Program:
    return Program(
        definitions=tuple(value for value in resolved.values() if isinstance(value, Definition)),
        claims=tuple(v for st, v in resolved.items() if isinstance(v, Claim) and st.given is None),
        facts=tuple(v for st, v in resolved.items() if isinstance(v, Claim) and st.given is not None),
        loss=names.tensor_name(names.loss) if names.loss is not None else None,
        spans=MappingProxyType({value: names.span(statement) for statement, value in resolved.items()}),
    )


def _resolved(names: Names, statement: s.Statement) -> Definition | Claim:
    """Resolve a statement, and report what is wrong with its indices."""
    findings: list[Finding] = []
    result = _read(names, statement, Policy.REPORT, findings)
    is_ambiguous = any(finding.kind == "ambiguous" for finding in findings)
    report_findings(names, statement, findings, _readings(names, statement) if is_ambiguous else {})
    if isinstance(result, Claim) and len(result.free) > MAX_ORDER:
        message = f"a claim with {len(result.free)} free indices, more than {MAX_ORDER}"
        names.report(statement, None, "letters-many", message)
    return result


def _readings(names: Names, statement: s.Statement) -> dict[str, str]:
    """Print the readings of a statement with an ambiguous sum, if it is short: those that have no other error."""
    if statement.end - statement.start > LONGEST_FIX:
        return {}
    texts: dict[str, str] = {}
    for label, policy in (("one sum", Policy.ONE), ("separate sums", Policy.SEPARATE)):
        findings: list[Finding] = []
        result = _read(names, statement, policy, findings)
        if all(finding.kind in ("idle", "spread") for finding in findings):
            texts[label] = names.dialect.statement(result)
    return texts


def _read(names: Names, statement: s.Statement, policy: Policy, findings: list[Finding]) -> Definition | Claim:
    free = claim_letters(statement) if statement.is_claim else [i.key for i in names.targets[statement].indices]
    sides = []
    for side in statement.sides if statement.is_claim else [statement.rhs]:
        resolver = Resolver(names, side, tuple(free), statement.is_claim, policy)
        sides.append(resolver.resolve())
        findings += resolver.findings
    indices = tuple(names.index(key) for key in free)
    if statement.is_claim:
        lhs, rhs = (separate_expression(side) for side in sides)
        return Claim(lhs, rhs, indices, statement.no_sum is not None, statement.given or "==")
    return separate(Definition(names.tensor_name(names.targets[statement].key), indices, sides[0]))
