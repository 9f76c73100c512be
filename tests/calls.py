"""Compiles programs for tests, and catches what their calls raise."""

import pytest

from einsgrad.frontend.parser import parse_program
from einsgrad.runtime.function import compile_program


def compiled(text, of=None, wrt=None, sizes=None):
    return compile_program(parse_program(text), of, wrt, sizes)


def diagnostic_of(error, call):
    """Give the one diagnostic of the error that a call raises."""
    with pytest.raises(error) as caught:
        call()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.span is None
    return diagnostic
