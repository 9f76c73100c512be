"""Words: what a module calls NumPy and its types, out of the way of the tensors' names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from einsgrad.targets.names import Names

_OURS = re.compile(r"\b(?:np(?=\.)|ArrayLike|Array|Scalar)\b")


@dataclass(frozen=True)
class Words:
    """What a module calls what it uses everywhere.

    Attributes:
        np: NumPy.
        given: the type of what users give, NumPy's ``ArrayLike``.
        array: the type of an array of floating numbers.
        scalar: the type of a tensor without indices, a NumPy scalar.
        gradients: the type of the dictionary of gradients.
        pullback: the type of the function that computes it from upstream gradients.
        outputs: the type of the outputs, if there are several.
    """

    np: str
    given: str
    array: str
    scalar: str
    gradients: str
    pullback: str
    outputs: str

    def type_of(self, order: int) -> str:
        """Give the type of a tensor with so many indices."""
        return self.array if order else self.scalar

    def put_into(self, text: str) -> str:
        """Give code that says ``np.``, ``ArrayLike``, ``Array`` and ``Scalar`` in these words.

        >>> words_beside(["np"]).put_into("def f(x: Array) -> Array: return np.exp(x)")
        'def f(x: Array) -> Array: return _np.exp(x)'
        """
        words = {"np": self.np, "ArrayLike": self.given, "Array": self.array, "Scalar": self.scalar}
        return _OURS.sub(lambda found: words[found[0]], text)


def words_beside(taken: Iterable[str]) -> Words:
    """Give the usual words, with an underscore before those that are taken."""
    names = Names(taken)
    usual = ("np", "ArrayLike", "Array", "Scalar", "Gradients", "Pullback", "Outputs")
    return Words(*map(names.new, usual))
