r"""Pasting fixes into LaTeX: what a user does with them."""

from einsgrad.diagnostics import LanguageError, Source
from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.latex.regions import find_regions
from einsgrad.frontend.latex.rows import split_rows
from einsgrad.frontend.latex.scanner import scan
from einsgrad.frontend.parser import parse_program


def first_error(text):
    """Give the first error of a text, or ``None``."""
    try:
        parse_program(text, dialect=LATEX)
    except LanguageError as error:
        return next(d for d in error.diagnostics if d.severity == "error")
    return None


def chain_at(text, place):
    """Give where the chain of equations begins and ends that a place is in."""
    source = Source(text)
    for region in find_regions(source, []):
        for chain in split_rows(source, region, scan(source, region.start, region.end, []), []):
            if chain.start <= place < chain.end:
                return chain.start, chain.end
    raise AssertionError(place)


def pasted(text, error, line):
    """Give the text with one line of a fix pasted: in the place of its statement, or of what the carets mark."""
    line = line.split("  % ")[0]
    start, end = (error.span.start, error.span.end)
    if "=" in line or r"\equiv" in line:
        start, end = chain_at(text, error.span.start)
    return text[:start] + line + text[end:]


def mended(text, choice=0):
    """Paste fixes, line ``choice`` where there are several, until none is offered; each error is a later one.

    Gives the text, and the error that is left.
    """
    error = first_error(text)
    while error is not None and error.fix is not None:
        lines = error.fix.splitlines()
        before, text = error, pasted(text, error, lines[min(choice, len(lines) - 1)])
        error = first_error(text)
        assert error is None or (error.span.start, error.code) > (before.span.start, before.code)
    return text, error
