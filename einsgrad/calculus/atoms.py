"""Atoms: what monomials are made of, with a canonical order of the letters inside them.

A monomial is a product of powers of atoms that carry free letters only. A tensor is an atom, and so are a size, a
delta, the prime of a root, a function of forms, a whole contraction ``a_ik b_kj``, and a bracket ``(a_i + b_i)`` that
is divided by. An atom is closed: inside, its letters are numbers, first its slots, then those that it sums. So
renaming letters of a monomial never looks into an atom and never captures, and equal atoms are equal whatever letters
their author chose.

The letters inside an atom are told apart by the company they keep, refined until nothing changes; those that stay
alike are tried in each order up to a bound, beyond which equal atoms may be told apart (never the other way round).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, NamedTuple, TypeAlias

from einsgrad.ir.given import Given

Kind: TypeAlias = Literal["tensor", "size", "delta", "number", "function", "contraction", "bracket"]
Exponent: TypeAlias = int | Fraction
Letters: TypeAlias = tuple[Any, ...]

_MOST_ORDERS = 720
_DEEPEST = 32


class Factor(NamedTuple):
    """``sign(a)^sign |a|^exponent``, for the atom ``a`` with ``letters`` in its slots.

    So ``a`` is (1, 1), ``abs(a)`` and ``sqrt(a)^2`` are (1, 0), ``1/a`` is (-1, 1), ``sign(a)^2`` is (0, 2), and each
    product or power of these is another one. Of an atom that can't be negative the sign is left out.
    """

    atom: int
    letters: Letters
    exponent: Exponent
    sign: int


Monomial: TypeAlias = tuple[Factor, ...]
Form: TypeAlias = dict[Monomial, Fraction]
# The number of an argument, and one of its terms.
Item: TypeAlias = tuple[int, Monomial, Fraction]
# An order of the slots under which an atom stays what it is, or changes its sign.
Symmetry: TypeAlias = tuple[tuple[int, ...], int]


class TooLargeError(Exception):
    """The bound on the work for one form, or on the depth of functions in functions, is reached."""


class UndefinedError(Exception):
    """An expression has no value anywhere: zero is divided by."""


@dataclass(frozen=True, slots=True)
class Atom:
    """What an atom is.

    Attributes:
        kind: what sort of atom.
        name: of the tensor or function; the number of a size's or a delta's range; the number that is a number.
        ranges: of the letters that a contraction sums; they are numbered after the slots.
        items: the terms of the arguments, with numbers for letters; of a contraction, the one product that it sums.
    """

    kind: Kind
    name: str | int
    ranges: tuple[int, ...] = ()
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Signs:
    """Atoms that are known not to be negative, or not to be zero, wherever all of a claim is defined."""

    nonnegative: frozenset[int] = frozenset()
    nonzero: frozenset[int] = frozenset()

    def __or__(self, other: Signs) -> Signs:
        return Signs(self.nonnegative | other.nonnegative, self.nonzero | other.nonzero)


@dataclass(slots=True)
class Atoms:
    """The atoms of a claim, each once, and what is known of them.

    Attributes:
        functions: how each function of the language is written as a form, and how a form is summed.
        rules: what becomes of some products; each gives ``None`` for the others.
        budget: how many factors may still be looked at.
        multiply_out: whether brackets in products are multiplied out.
        known: the signs that may be used.
        given: what is given of tensors.
        made_anew: the forms of atoms in which letters have become one.
    """

    functions: Mapping[str, Callable[..., Form]]
    rules: tuple[Callable[[Atoms, Monomial], Form | None], ...]
    budget: int
    multiply_out: bool = True
    known: Signs = Signs()
    given: Given = field(default_factory=Given)
    made_anew: dict[tuple[int, Letters], Form] = field(default_factory=dict)
    _table: list[Atom] = field(default_factory=list)
    _symmetries: list[tuple[Symmetry, ...]] = field(default_factory=list)
    _depths: list[int] = field(default_factory=list)
    _numbers: dict[Atom, int] = field(default_factory=dict)
    _closed: dict[Any, tuple[int, Letters, int]] = field(default_factory=dict)
    _signs: dict[int, tuple[bool, bool]] = field(default_factory=dict)
    _fresh: Iterator[int] = field(default_factory=itertools.count)

    def __getitem__(self, number: int) -> Atom:
        return self._table[number]

    def spend(self, factors: int) -> None:
        """Count factors that are looked at.

        Raises:
            TooLargeError: there have been too many.
        """
        self.budget -= factors
        if self.budget < 0:
            raise TooLargeError

    def fresh_letter(self) -> str:
        """Give a letter that no form has."""
        return f"·{next(self._fresh)}"

    def symbol(self, kind: Kind, name: str | int, letters: Sequence[str] = ()) -> Factor:
        """Make a factor of an atom that has nothing inside."""
        straight = tuple(range(len(letters)))
        symmetries: dict[tuple[int, ...], int] = {straight: 1}
        if kind == "delta":
            symmetries[1, 0] = 1
        elif kind == "tensor" and isinstance(name, str):
            symmetries |= self.given.symmetries.get(name, {})
        return self.factor(self._intern(Atom(kind, name), tuple(symmetries.items())), tuple(letters))

    def named(self, name: str, letters: Letters, like: int) -> Factor:
        """Make a factor of an atom with nothing inside that has the symmetries of another atom."""
        symmetries = tuple((order, 1) for order, sign in self._symmetries[like] if sign == 1)
        return self.factor(self._intern(Atom("tensor", name), symmetries), letters)

    def factor(self, number: int, letters: Letters) -> Factor:
        """Make the first power of an atom."""
        return Factor(number, letters, 1, 0 if self.nonnegative(number) else 1)

    def _intern(self, atom: Atom, symmetries: tuple[Symmetry, ...]) -> int:
        number = self._numbers.setdefault(atom, len(self._table))
        if number == len(self._table):
            depth = 1 + max((self._depths[f.atom] for _, m, _ in atom.items for f in m), default=0)
            if depth > _DEEPEST:
                raise TooLargeError
            self._table.append(atom)
            self._symmetries.append(symmetries)
            self._depths.append(depth)
        return number

    # -- letters ---------------------------------------------------------------------------------------------------

    def arrange(self, factor: Factor) -> tuple[Factor, int]:
        """Give the factor with its letters in the least order that its symmetries allow, and the sign that it takes."""
        symmetries = self._symmetries[factor.atom]
        if len(symmetries) == 1:
            return factor, 1
        letters = factor.letters
        best, turn = min((tuple(letters[k] for k in order), -turn) for order, turn in symmetries)
        return factor._replace(letters=best), -turn if factor.sign % 2 else 1

    def close(
        self,
        kind: Kind,
        name: str,
        items: Iterable[Item],
        bound: Mapping[str, int] | None = None,
        parity: int = 0,
    ) -> tuple[Factor, int]:
        """Make an atom of terms, and give it as a factor and with the sign that it takes.

        Args:
            kind: of the atom.
            name: of the atom.
            items: its terms.
            bound: the letters that a contraction sums, with their ranges.
            parity: 1 if the atom stays the same when its terms change their sign, -1 if it changes its sign with them.

        Returns:
            The factor, and a sign: 0 if the atom is its own negative.
        """
        items, bound = sorted(items), bound or {}
        number = {i: n for n, i in enumerate(dict.fromkeys(i for _, m, _ in items for f in m for i in f.letters))}
        numbered = tuple(
            (at, tuple(f._replace(letters=tuple(number[i] for i in f.letters)) for f in m), c) for at, m, c in items
        )
        key = (kind, name, numbered, tuple(bound.get(i) for i in number))
        if key not in self._closed:
            self._closed[key] = self._close(kind, name, numbered, {number[i]: bound[i] for i in bound}, parity)
        atom, slots, sign = self._closed[key]
        letters = list(number)
        return self.factor(atom, tuple(letters[n] for n in slots)), sign

    def _close(
        self, kind: Kind, name: str, items: tuple[Item, ...], bound: Mapping[int, int], parity: int
    ) -> tuple[int, Letters, int]:
        """Do so for terms that have numbers for letters; give the atom, its letters and its sign."""
        signed = [(items, 1)]
        if parity:
            signed.append((tuple((position, m, -c) for position, m, c in items), parity))
        best: tuple[Item, ...] | None = None
        found: list[tuple[Letters, int]] = []
        for order in itertools.islice(self._orders(items, bound), _MOST_ORDERS):
            mapping = {letter: number for number, letter in enumerate(order)}
            for terms, sign in signed:
                self.spend(sum(len(m) for _, m, _ in terms))
                content = self._relabel(terms, mapping)
                if best is None or content > best:  # the greater has the positive first term
                    best, found = content, []
                if content == best:
                    found.append((order[: len(order) - len(bound)], sign))
        assert best is not None
        slots, sign = found[0]
        symmetries = dict.fromkeys((tuple(slots.index(letter) for letter in other), s * sign) for other, s in found)
        vanishes = any((same, -s) in symmetries for same, s in symmetries)
        ranges = tuple(bound[letter] for letter in order[len(slots) :])
        number = self._intern(Atom(kind, name, ranges, best), tuple(symmetries))
        return number, slots, 0 if vanishes else sign

    def _relabel(self, items: Iterable[Item], mapping: Mapping[Any, int]) -> tuple[Item, ...]:
        relabelled = []
        for position, monomial, coefficient in items:
            factors = []
            for factor in monomial:
                new, sign = self.arrange(factor._replace(letters=tuple(mapping[i] for i in factor.letters)))
                factors.append(new)
                coefficient *= sign
            relabelled.append((position, tuple(sorted(factors)), coefficient))
        return tuple(sorted(relabelled))

    def _orders(self, items: tuple[Item, ...], bound: Mapping[int, int]) -> Iterator[Letters]:
        """Yield the orders of the letters of some terms, free ones first, that their company leaves open."""
        letters = dict.fromkeys(i for _, monomial, _ in items for factor in monomial for i in factor.letters)
        colours = {i: bound[i] + 1 if i in bound else 0 for i in letters}
        count = len(set(colours.values()))
        while count < len(colours):
            signs = {i: (colours[i], self._company(i, items, colours)) for i in letters}
            ranked = {s: rank for rank, s in enumerate(sorted(set(signs.values())))}
            colours = {i: ranked[signs[i]] for i in letters}
            if len(ranked) == count:
                break
            count = len(ranked)
        classes: dict[tuple[bool, int, int], list[int]] = {}
        for i in letters:
            classes.setdefault((i in bound, bound.get(i, 0), colours[i]), []).append(i)
        members = [classes[key] for key in sorted(classes)]
        for choice in itertools.product(*map(itertools.permutations, members)):
            yield tuple(itertools.chain.from_iterable(choice))

    def _company(self, letter: int, items: tuple[Item, ...], colours: Mapping[int, int]) -> tuple[Any, ...]:
        seen = []
        for position, monomial, coefficient in items:
            factors = []
            for factor in monomial:
                shown = tuple(-1 if i == letter else colours[i] for i in factor.letters)
                if len(self._symmetries[factor.atom]) > 1:
                    shown = min(tuple(shown[k] for k in order) for order, _ in self._symmetries[factor.atom])
                factors.append((factor.atom, factor.exponent, factor.sign, shown))
            seen.append((position, abs(coefficient), tuple(sorted(factors))))
        return tuple(sorted(seen))

    # -- signs -----------------------------------------------------------------------------------------------------

    def nonnegative(self, number: int) -> bool:
        """Tell whether the atom is known not to be negative."""
        return self._known_signs(number)[0]

    def nonzero(self, number: int) -> bool:
        """Tell whether the atom is known not to be zero."""
        return self._known_signs(number)[1]

    def _known_signs(self, number: int) -> tuple[bool, bool]:
        if number not in self._signs:
            nonnegative, nonzero = self._own_signs(self._table[number])
            self._signs[number] = (
                nonnegative or number in self.known.nonnegative,
                nonzero or number in self.known.nonzero,
            )
        return self._signs[number]

    def _own_signs(self, atom: Atom) -> tuple[bool, bool]:
        """What the atom's kind tells of its sign. A size may be zero, and so may a sum over it."""
        match atom.kind:
            case "tensor":
                strict = self.given.bounds.get(str(atom.name))
                return strict is not None, bool(strict)
            case "size" | "delta":
                return True, False
            case "number":
                return True, True
            case "function":
                positive = atom.name in ("exp", "π")
                return positive, positive
            case "contraction" | "bracket":
                sure = all(c > 0 and all(f.sign != 1 for f in m) for _, m, c in atom.items)
                apart = any(all(self.nonzero(f.atom) for f in m) for _, m, _ in atom.items)
                return sure, sure and apart and atom.kind == "bracket"

    def use(self, signs: Signs) -> None:
        """Use these signs from now on. Forms made before are out of date."""
        self.known = signs
        self._signs.clear()
        self.made_anew.clear()
