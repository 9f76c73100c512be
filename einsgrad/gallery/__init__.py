"""The gallery: equation files that ship with the package, each a formula that people differentiate."""

from __future__ import annotations

from functools import cache
from importlib import resources

from einsgrad.diagnostics import Diagnostic, UsageError, did_you_mean

_SUFFIX = ".ein"


@cache
def names() -> tuple[str, ...]:
    """Give the names of the equation files, in alphabetical order.

    >>> "layer_norm" in names()
    True
    """
    found = (entry.name for entry in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX)))


def read(name: str) -> str:
    """Give the text of an equation file.

    Raises:
        UsageError: the gallery has no such file.

    >>> print(read("transpose"), end="")
    # transpose — the transpose of a matrix, A = Bᵀ
    a_ij = b_ji
    """
    # Only a name that is listed is ever looked up, so a name is never a path.
    if name not in names():
        message = f"the gallery has no `{name}`{did_you_mean(name, names())}"
        raise UsageError([Diagnostic("unknown-gallery-name", message, notes=("`einsgrad gallery` lists its names",))])
    return resources.files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")


def describe(name: str) -> str:
    """Give the first line of an equation file, which says what it is.

    Raises:
        UsageError: the gallery has no such file.

    >>> describe("transpose")
    'transpose — the transpose of a matrix, A = Bᵀ'
    """
    return read(name).partition("\n")[0].removeprefix("# ")
