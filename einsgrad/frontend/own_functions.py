"""Functions of one's own: ``swish(u) = u sigmoid(u)``, a name for what it says.

Before: the names of the text are settled; an equation with parameters defines a function. After: each function is an
expression in its parameters, :attr:`Names.functions`, which stands wherever the function is applied. It has no other
meaning: differentiation, proofs and targets see the expression.
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping, Sequence

from einsgrad.frontend import surface as s
from einsgrad.frontend.findings import report_findings
from einsgrad.frontend.lexis import DELTA, IOTA, PI, counted
from einsgrad.frontend.names import Names
from einsgrad.frontend.resolve import Resolver
from einsgrad.ir.letters import separate_expression


def settle_functions(names: Names) -> None:
    """Resolve the functions that a text defines, and report what is wrong with them and their calls.

    What a function takes from the text beside its parameters, the statements that apply it take, too.
    """
    definitions = names.function_statements
    if not definitions:
        return
    for statement in names.statements:
        _check_calls(names, statement)
    for key, statement in definitions.items():
        _check_definition(names, key, statement)
    calls = {key: _called(names, statement) for key, statement in definitions.items()}
    try:
        order = list(graphlib.TopologicalSorter(calls).static_order())
    except graphlib.CycleError as error:
        _report_recursion(names, list(reversed(error.args[1])))
        order = []
    for key in order:
        _resolve(names, key, definitions[key])
    for statement in names.statements:
        called = _called(names, statement)
        if not called <= names.functions.keys():
            names.faulty.add(statement)
        elif not statement.parameters:
            names.take(statement, _taken(names, called, calls))


def _called(names: Names, statement: s.Statement) -> set[str]:
    """Give the functions of the text that a statement applies."""
    parts = s.walk(*statement.sides)
    return {part.function for part in parts if isinstance(part, s.Call)} & names.function_statements.keys()


def _taken(names: Names, called: set[str], calls: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield the tensors that functions take from the text, by key."""
    stack, seen = sorted(called), set(called)
    while stack:
        key = stack.pop()
        yield from names.uses(names.function_statements[key])
        stack += sorted(calls[key] - seen)
        seen |= calls[key]


def _check_calls(names: Names, statement: s.Statement) -> None:
    """Report calls with a wrong number of arguments, and functions that stand without any."""
    for part in s.walk(*statement.sides):
        match part:
            case s.Call(function=key, arguments=arguments) if key in names.function_statements:
                wanted = len(names.function_statements[key].parameters)
                if len(arguments) != wanted:
                    message = f"`{key}` takes {counted(wanted, 'argument')}, not {len(arguments)}"
                    names.refuse(statement, part, "arity", message)
            case s.Reference(key=key) if _stands_bare(names, statement, part):
                shown = ", ".join(names.function_statements[key].parameters)
                message = f"`{key}` is a function here: what it takes follows in brackets, as in `{key}({shown})`"
                names.refuse(statement, part, "own-function", message, fix=_without_space(names, statement, part))


def _stands_bare(names: Names, statement: s.Statement, part: s.Reference) -> bool:
    is_defined_here = bool(statement.parameters) and part is s.sole_reference(statement.lhs)
    return part.key in names.function_statements and not is_defined_here and part.key not in statement.parameters


def _without_space(names: Names, statement: s.Statement, part: s.Reference) -> str | None:
    """Give a statement without the space that stands between a function and its bracket, if one does."""
    rest = names.text(statement)[part.end :]
    blank = len(rest) - len(rest.lstrip())
    return names.edited(statement, part.end, "", part.end + blank) if rest.lstrip().startswith("(") else None


def _check_definition(names: Names, key: str, statement: s.Statement) -> None:
    """Report what makes an equation no element-wise function of its parameters."""
    parameters = statement.parameters
    left = s.sole_reference(statement.lhs)
    if left is not None and left.indices:
        message = f"`{key}` is applied to other arguments, and so it is a function, which has no indices"
        names.refuse(statement, left, "own-function", message)
    if len(set(parameters)) < len(parameters):
        names.refuse(statement, statement.lhs, "own-function", f"two parameters of `{key}` have one name")
    if not {DELTA, IOTA, PI}.isdisjoint(parameters):
        names.refuse(statement, statement.lhs, "reserved-name", "a parameter is called neither `δ` nor `ι` nor `π`")
    used = {part.key for part in s.walk(statement.rhs) if isinstance(part, s.Reference)}
    for parameter in dict.fromkeys(parameters):
        if parameter not in used:
            message = f"`{key}` does not use its parameter `{parameter}`"
            names.refuse(statement, statement.lhs, "own-function", message)
    for part, message in _misplaced(statement):
        names.refuse(statement, part, "own-function", message)


def _misplaced(statement: s.Statement) -> Iterator[tuple[s.Part, str]]:
    """Yield the parts that the body of a function cannot have, each with the reason."""
    for part in s.walk(statement.rhs):
        match part:
            case s.Reference(key=key, spelling=spelling, indices=indices) if indices and key in statement.parameters:
                message = f"the parameter `{spelling}` stands for a component, which has no indices: write `{spelling}`"
                yield part, message
            case s.SizeOf():
                yield part, "a size belongs to an equation: write `N = |…|`, and `N` in the function"
            case s.Derivative():
                yield part, "a function is written without derivatives: those of what it is applied to follow"


def _report_recursion(names: Names, cycle: Sequence[str]) -> None:
    statement = names.function_statements[cycle[0]]
    message = f"`{cycle[0]}` is defined by way of itself: {' → '.join(cycle)}"
    names.refuse(statement, statement.lhs, "cycle", message)


def _resolve(names: Names, key: str, statement: s.Statement) -> None:
    """Make the expression that a function is, unless something is wrong with it or with one that it applies."""
    if statement in names.faulty or not _called(names, statement) <= names.functions.keys():
        return
    resolver = Resolver(names, statement.rhs, ())
    body = resolver.resolve()
    report_findings(names, statement, resolver.findings, {})
    if all(finding.kind == "idle" for finding in resolver.findings):
        parameters = tuple(names.tensor_name(parameter) for parameter in statement.parameters)
        names.functions[key] = (parameters, separate_expression(body))
