"""Loading: the text of a generated module as functions."""

from __future__ import annotations

import hashlib
import linecache
from typing import Any

import numpy as np

from einsgrad.special import scipy_special


def load_module(source: str) -> dict[str, Any]:
    """Run the text of a generated module in a namespace of its own, and give that.

    Tracebacks show the lines of the text. A constant of the module that is infinite or undefined shows in its results,
    not as a warning of NumPy's.

    Raises:
        UsageError: the text needs SciPy, and there is none.

    >>> load_module("def forward(x): return 2 * x")["forward"](21)
    42
    """
    filename = f"<einsgrad {hashlib.sha256(source.encode()).hexdigest()[:12]}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"__name__": "einsgrad.generated"}
    if "_special." in source:
        scipy_special()
    with np.errstate(all="ignore"):
        exec(compile(source, filename, "exec"), namespace)
    return namespace
