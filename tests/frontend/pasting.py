"""Pasting fixes: what a user does with them."""

from einsgrad.diagnostics import LanguageError, Source
from einsgrad.frontend.parser import parse_program
from einsgrad.frontend.statements import split_statements


def first_error(text):
    """Give the first error of a text, or ``None``."""
    try:
        parse_program(text)
    except LanguageError as error:
        return next(d for d in error.diagnostics if d.severity == "error")
    return None


def pasted(text, error, line):
    """Give the text with one line of a fix pasted: in the place of its statement, or of what the carets mark."""
    if "=" not in line:
        return text[: error.span.start] + line + text[error.span.end :]
    start, end = next(p for p in split_statements(Source(text), []) if p[0] <= error.span.start < p[1])
    return text[:start] + line.split("  # ")[0] + text[end:]


def mended(text, choice):
    """Paste fixes, line ``choice`` where there are several, until there is none; each error is at a later place."""
    error = first_error(text)
    while error is not None and error.fix is not None:
        lines = error.fix.splitlines()
        before, text = error, pasted(text, error, lines[min(choice, len(lines) - 1)])
        error = first_error(text)
        assert error is None or (error.span.start, error.code) > (before.span.start, before.code)
    return text
