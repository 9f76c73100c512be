"""Texts in which every tensor is a scalar, although they seem to be about matrices: a warning, in both dialects.

A statement seems to be so if all its names are capitals and it multiplies two of them, or a gradient by one. Letters
that all name common quantities of physics are taken for those: ``V = I R`` is Ohm's law.
"""

from __future__ import annotations

from collections.abc import Iterator

from einsgrad.diagnostics import Source
from einsgrad.frontend import surface as s
from einsgrad.frontend.dialects import PLAIN
from einsgrad.frontend.matrices import Form, index_forms, is_capital, labels_of
from einsgrad.frontend.names import LONGEST_FIX, Names
from einsgrad.frontend.syntax import parse_statement

_QUANTITIES = frozenset("CEFGILNPQRSTUV")


def warn_of_scalars(names: Names) -> None:
    """Warn of products of matrices that have no indices, in a text that has none at all."""
    if names.has_letters:
        return
    for statement in names.statements:
        tensors = list(_tensors(statement))
        pairs = [r for r in tensors if _is_pair(names, r)]
        if len(pairs) > 1 or not all(is_capital(r.key) or r in pairs for r in tensors):
            continue
        product = next((part for part in s.walk(*statement.sides) if _multiplies(part, pairs)), None)
        if product is not None and not _QUANTITIES.issuperset("".join(r.key for r in tensors)):
            _warn(names, statement, product, pairs)


def _warn(names: Names, statement: s.Statement, product: s.Part, pairs: list[s.Reference]) -> None:
    forms = _forms(names, statement, pairs)
    example = forms[0].text if forms else names.dialect.matrix_product
    subject = "every tensor of this text is a scalar"
    if pairs:
        subject = f"`{pairs[0].spelling}` is one name, and {subject}"
    labels = labels_of(forms) if len(forms) > 1 else []
    lines = [form.text for form in forms]
    if labels:
        lines = [f"{text}  {names.dialect.comment} {label}" for text, label in zip(lines, labels, strict=True)]
    message = f"{subject}: matrices are written with indices, as in `{example}`"
    names.warn(statement, product, "matrix-notation", message, fix="\n".join(lines) or None)


def _forms(names: Names, statement: s.Statement, pairs: list[s.Reference]) -> list[Form]:
    text = names.text(statement)
    if len(text) > LONGEST_FIX:
        return []
    for pair in pairs:
        text = f"{text[: pair.start]}{' '.join(pair.spelling)}{text[pair.end :]}"
        parsed = parse_statement(Source(text), 0, text, [])
        assert parsed is not None
        statement = parsed
    return index_forms(statement, text, names.dialect)


def _tensors(statement: s.Statement) -> Iterator[s.Reference]:
    """Yield the tensors of a statement, but a scalar that is only differentiated."""
    operands = {part.bare for part in s.walk(*statement.sides) if isinstance(part, s.Derivative)}
    for part in s.walk(*statement.sides):
        if isinstance(part, s.Reference) and part not in operands:
            yield part
        elif isinstance(part, s.Derivative):
            yield part.wrt


def _is_pair(names: Names, reference: s.Reference) -> bool:
    """Tell whether a name may be two: `WX`, an input, that occurs once."""
    key = reference.key
    is_two = len(key) == 2 and key.isascii() and key.isalpha() and key.isupper()
    return is_two and names.dialect is PLAIN and [o.reference.key for o in names.occurrences].count(key) == 1


def _multiplies(part: s.Part, pairs: list[s.Reference]) -> bool:
    if not isinstance(part, s.Term) or any(part.over):
        return False
    tensors = [factor for factor in part.factors if isinstance(factor, s.Reference | s.Derivative)]
    return len(tensors) > 1 or any(factor in pairs for factor in tensors)
