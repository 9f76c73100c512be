"""The surface tree: a statement as it is written, with the place of every part.

Both dialects build it. Places are relative to the statement's start, so that building needs no state. Names are
NFKC-normalised and carry the canonical spelling (``key``) that stands for all their spellings; which index is summed
where is not decided yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias, assert_never

from einsgrad.ir.equations import Relation


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Leaf(_Part):
    """A factor with no part below it."""


@dataclass(frozen=True, slots=True, eq=False)
class Letter(_Part):
    """An index."""

    key: str
    spelling: str


@dataclass(frozen=True, slots=True, eq=False)
class Number(Leaf):
    """A number, exact and not negative."""

    value: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class SizeOf(Leaf):
    """``|h|``."""

    letter: Letter


@dataclass(frozen=True, slots=True, eq=False)
class One(Leaf):
    """``1_ij``."""

    indices: tuple[Letter, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reference(Leaf):
    """``x_ij``, ``δ_ij`` or a constant; ``called`` where a bracket follows the name directly."""

    key: str
    spelling: str
    indices: tuple[Letter, ...]
    called: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """``2i+k-1``: letters with their coefficients, and a constant."""

    letters: tuple[Letter, ...]
    coefficients: tuple[int, ...]
    constant: int


Subscript: TypeAlias = Letter | Reference | Affine | int


@dataclass(frozen=True, slots=True, eq=False)
class Gather(_Part):
    """``x_{t_b,j}``, ``x[i,-1]`` or ``δ_{p,t_b}``: a reference some of whose ``subscripts`` are positions.

    These are tensors, numbers or affine expressions. ``reference`` is the same with a letter of no meaning in the place
    of each of them.
    """

    reference: Reference
    subscripts: tuple[Subscript, ...]

    @property
    def letters(self) -> tuple[Letter, ...]:
        """All letters in it, those of the positions among them, in the order of the text."""
        return tuple(letter for i in self.subscripts for letter in _letters_in(i))


@dataclass(frozen=True, slots=True, eq=False)
class Position(Leaf):
    """A letter in a condition, which stands for its position."""

    letter: Letter


@dataclass(frozen=True, slots=True, eq=False)
class Group(_Part):
    """An expression in brackets, or an explicit sum that follows other factors."""

    content: Content


@dataclass(frozen=True, slots=True, eq=False)
class Power(_Part):
    """``base ^ exponent``; ``negations`` counts the signs before the exponent."""

    base: Factor
    exponent: Factor
    negations: int


@dataclass(frozen=True, slots=True, eq=False)
class Call(_Part):
    """A known function with its arguments; a condition is the function that its sign is."""

    function: str
    arguments: tuple[Content, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Matrix(_Part):
    """A function of a matrix, whose row and column are the letters ``slots`` of the operand."""

    function: str
    operand: Content
    slots: tuple[Letter, Letter]
    indices: tuple[Letter, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Operator(_Part):
    """``max_j(…)``: an operator of the table over the letters that it names."""

    function: str
    operand: Content
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Derivative(_Part):
    """``∂ operand / ∂ wrt``."""

    operand: Content
    wrt: Reference

    @property
    def bare(self) -> Reference | None:
        """The operand, where it is a tensor and nothing else."""
        return sole_reference(self.operand)


@dataclass(frozen=True, slots=True, eq=False)
class Wrong(Leaf):
    """A part that is no expression: what is wrong, to be reported."""

    code: str
    message: str
    fix: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Term(_Part):
    """A product of factors, each multiplied or, where ``over`` says so, divided by.

    ``bound`` are the indices of an explicit sum over all of it, ``negations`` the number of signs before it.
    """

    factors: tuple[Factor, ...]
    over: tuple[bool, ...]
    bound: tuple[Letter, ...]
    negations: int


@dataclass(frozen=True, slots=True, eq=False)
class Sum(_Part):
    """Two or more terms, added."""

    terms: tuple[Term, ...]


Factor: TypeAlias = (
    Number
    | SizeOf
    | One
    | Reference
    | Position
    | Gather
    | Group
    | Power
    | Call
    | Matrix
    | Operator
    | Derivative
    | Wrong
)
Content: TypeAlias = Term | Sum
Part: TypeAlias = Factor | Content


@dataclass(frozen=True, slots=True, eq=False)
class Statement(_Part):
    """An equation or a claim; its parts' places count from ``start``, which counts from the start of the text.

    ``no_sum`` are the indices that a claim states to be free, or ``None`` where it states nothing; ``given`` is the
    sign of a claim that is given, ``None`` where it is to be proved; ``parameters`` the
    keys of those of the function that an equation defines.
    """

    is_claim: bool
    lhs: Content
    rhs: Content
    no_sum: tuple[Letter, ...] | None = None
    given: Relation | None = None
    parameters: tuple[str, ...] = ()

    @property
    def sides(self) -> tuple[Content, Content]:
        """Both sides."""
        return self.lhs, self.rhs


def single(factor: Factor) -> Term:
    """Make a product of one factor."""
    return Term(factor.start, factor.end, (factor,), (False,), (), 0)


def sole_factor(content: Content) -> Factor | None:
    """Give the one factor that an expression consists of, brackets aside; ``None`` if there is more to it."""
    while isinstance(content, Term):
        if len(content.factors) != 1 or content.over[0] or content.bound or content.negations:
            return None
        factor = content.factors[0]
        if not isinstance(factor, Group):
            return factor
        content = factor.content
    return None


def sole_reference(content: Content) -> Reference | None:
    """Give the one reference that an expression consists of, brackets aside."""
    factor = sole_factor(content)
    return factor if isinstance(factor, Reference) else None


def parts_of(part: Part) -> tuple[Part, ...]:
    """Give the parts directly below a part. What a derivative is taken by is none of them."""
    match part:
        case Number() | SizeOf() | One() | Reference() | Position() | Wrong():
            return ()
        case Gather(subscripts=subscripts):
            return tuple(i for i in subscripts if isinstance(i, Reference))
        case Group(content=content):
            return (content,)
        case Power(base=base, exponent=exponent):
            return (base, exponent)
        case Call(arguments=arguments):
            return arguments
        case Derivative(operand=operand) | Matrix(operand=operand) | Operator(operand=operand):
            return (operand,)
        case Term(factors=factors):
            return factors
        case Sum(terms=terms):
            return terms
        case _:
            assert_never(part)


def walk(*roots: Part) -> Iterator[Part]:
    """Yield all parts below ``roots``, parents first, in the order of the text."""
    stack: list[Part] = list(reversed(roots))
    while stack:
        part = stack.pop()
        yield part
        stack.extend(reversed(parts_of(part)))


def letters(*roots: Part) -> Iterator[Letter]:
    """Yield the letters below ``roots``, in the order of the text: on tensors, of explicit sums and in sizes."""
    for part in walk(*roots):
        match part:
            case Reference(indices=indices) | One(indices=indices) | Derivative(wrt=Reference(indices=indices)):
                yield from indices
            case Gather(subscripts=subscripts):
                yield from (i for s in subscripts if not isinstance(s, Reference) for i in _letters_in(s))
            case Term(bound=bound):
                yield from bound
            case Matrix(slots=slots, indices=indices):
                yield from (*slots, *indices)
            case Operator(letters=own):
                yield from own
            case SizeOf(letter=letter) | Position(letter=letter):
                yield letter
            case _:
                pass


def _letters_in(subscript: Subscript) -> tuple[Letter, ...]:
    match subscript:
        case int():
            return ()
        case Letter():
            return (subscript,)
        case Reference(indices=letters) | Affine(letters=letters):
            return letters
