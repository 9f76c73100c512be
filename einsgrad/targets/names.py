"""Names in generated code: the equations' own, and ours out of their way."""

from __future__ import annotations

import itertools
import keyword
import re
from collections.abc import Iterable

from einsgrad.ir.names import identifier

_NOT_IN_NAMES = re.compile(r"\W")


def python_name(name: str) -> str:
    """Give a tensor's name as a Python identifier.

    >>> python_name("γ"), python_name("lambda"), python_name("∂l/∂x")
    ('γ', 'lambda_', 'dl_dx')
    """
    spelled = _NOT_IN_NAMES.sub("_", identifier(name))
    return spelled + "_" if keyword.iskeyword(spelled) else spelled


def python_names(names: Iterable[str]) -> dict[str, str]:
    """Give each tensor a Python identifier of its own.

    >>> python_names(["x", "∂l/∂x", "dl_dx"])
    {'x': 'x', '∂l/∂x': 'dl_dx', 'dl_dx': 'dl_dx_'}
    """
    taken: set[str] = set()
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        spelled = python_name(name)
        while spelled in taken:
            spelled += "_"
        taken.add(spelled)
        found[name] = spelled
    return found


class Names:
    """Gives out names that nobody else has; a name of ours that is taken gets an underscore in front.

    >>> names = Names(["np", "t1"])
    >>> names.new("np"), names.numbered("t"), names.numbered("t")
    ('_np', 't2', 't3')
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._counts: dict[str, int] = {}

    def new(self, wanted: str) -> str:
        """Give ``wanted``, or what comes nearest to it."""
        name = _NOT_IN_NAMES.sub("_", wanted)
        while name in self._taken or keyword.iskeyword(name):
            name = "_" + name
        self._taken.add(name)
        return name

    def distinct(self, wanted: str) -> str:
        """Give ``wanted``, with a number at its end if somebody has that.

        >>> names = Names(["exp_s"])
        >>> names.distinct("exp_s"), names.distinct("exp_s"), names.distinct("sum_x")
        ('exp_s_2', 'exp_s_3', 'sum_x')
        """
        name = _NOT_IN_NAMES.sub("_", wanted)
        candidates = itertools.chain([name], (f"{name}_{k}" for k in itertools.count(2)))
        found = next(c for c in candidates if c not in self._taken and not keyword.iskeyword(c))
        self._taken.add(found)
        return found

    def numbered(self, stem: str) -> str:
        """Give the next name of the form ``stem`` and a number."""
        while True:
            self._counts[stem] = self._counts.get(stem, 0) + 1
            name = f"{stem}{self._counts[stem]}"
            if name not in self._taken:
                self._taken.add(name)
                return name
