"""Marks: parts of a product that mean something only together with what stands beside them, and arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from einsgrad.frontend import surface as s
from einsgrad.frontend.tree import SumMark

INVISIBLE = "braces don't show: put brackets around what belongs together"
HOW_TO_DERIVE = r"a derivative is written `\frac{\partial y_{i}}{\partial x_{p}}`"


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Bare(_Place):
    """A name whose scripts are not known yet."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Argument(_Place):
    """What a command or ``^`` takes, with its braces."""

    content: s.Content


@dataclass(frozen=True, slots=True, eq=False)
class Raised(_Place):
    """``^`` and its argument."""

    argument: Argument


@dataclass(frozen=True, slots=True, eq=False)
class FunctionMark(_Place):
    r"""``\\log`` or ``\\sin^2`` before its argument."""

    function: str
    power: Argument | None = None
    named: tuple[s.Letter, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PartialMark(_Place):
    r"""``\\partial`` or ``\\partial^2``."""

    order: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Operator(_Place):
    r"""``\\frac{\\partial}{\\partial x_p}`` before what it differentiates."""

    wrt: tuple[s.Reference, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Quotient(_Place):
    r"""``\\frac{above}{below}``, a product with what stands around it."""

    above: Argument
    below: Argument


@dataclass(frozen=True, slots=True, eq=False)
class Braces(_Place):
    """An expression in braces, which don't show."""

    content: s.Content


@dataclass(frozen=True, slots=True, eq=False)
class Top(s.Wrong):
    r"""``\\top``: wrong everywhere but in a superscript."""


@dataclass(frozen=True, slots=True, eq=False)
class Transposed(s.Wrong):
    """``a^T`` without indices: wrong everywhere but in brackets that have them."""

    reference: s.Reference | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A factor of a product in matrix notation: its text without the transpose sign, and what it seems to be."""

    text: str
    kind: Literal["matrix", "vector", "scalar"]
    is_transposed: bool


@dataclass(frozen=True, slots=True, eq=False)
class MatrixProduct(s.Wrong):
    """``A B^T`` without indices: wrong everywhere; ``None`` where there is more in it than letters."""

    matrices: tuple[Matrix, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Arguments(s.Wrong):
    """Several expressions in brackets: wrong everywhere but after a function."""

    contents: tuple[s.Content, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Bars(s.Call):
    """``|x_i|``: an absolute value."""


@dataclass(frozen=True, slots=True, eq=False)
class Determinant(s.Wrong):
    r"""``|\\Sigma|`` of a matrix: wrong everywhere but after a logarithm."""

    matrix: s.Reference | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Norm(s.Wrong):
    r"""``\\|x_i\\|_2^2``: with its subscript and its superscript as they are written; refused in :mod:`norms`."""

    operand: s.Content | None = None
    order: str = ""
    power: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Differential(s.Wrong):
    r"""``\\partial y``: wrong everywhere but in a fraction."""

    operand: s.Content | None = None
    order: int = 1


Mark: TypeAlias = Bare | FunctionMark | PartialMark | Operator | Quotient | Braces
Item: TypeAlias = s.Factor | SumMark | Mark
"""What stands in a product, beside operators."""
