"""Random claims of the kind in which a prover goes wrong: a part that needs a value, and a side that builds on it.

Both sides are ``h(t + g(v) w)``, or with other brackets: ``t`` holds roots, logarithms, quotients and powers of
products with ``v``, in sums, on diagonals, beside deltas, in equations of their own and in derivatives; ``g`` is
``abs``, a sign, a root of a square and the like. Without a change a claim has the same ``g`` on both sides, so it is
right; with one ``g`` is left out of a side, which is right only if ``v`` has a sign, or is not zero, wherever ``t`` has
a value.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from programs import shuffled

from einsgrad.calculus.rewriting import broadcast
from einsgrad.ir import build
from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.letters import rename, separate
from einsgrad.ir.nodes import Expr, Index
from einsgrad.ir.program import Program

_I, _I1, _J, _J1 = map(Index, ("i", "i1", "j", "j1"))
_SAME = {_I: (_I, _I1), _I1: (_I, _I1), _J: (_J, _J1), _J1: (_J, _J1)}
# The axes of the inputs; letters that differ in digits have one range.
_INPUTS: dict[str, tuple[Index, ...]] = {
    "a": (),
    "b": (),
    "x": (_I,),
    "y": (_I,),
    "z": (_J,),
    "m": (_I, _I1),
    "n": (_I, _J),
}


def number(value: int | str) -> Expr:
    return build.literal(Fraction(value))


def f(name: str, *args: Expr) -> Expr:
    return build.apply(name, args)


def square(u: Expr) -> Expr:
    return build.power(u, number(2))


# What is left out of one side, and what stands there instead.
_CHANGES: tuple[tuple[Callable[[Expr], Expr], Callable[[Expr], Expr]], ...] = (
    (lambda v: f("abs", v), lambda v: v),
    (lambda v: square(f("sign", v)), lambda v: number(1)),
    (lambda v: f("sign", v), lambda v: number(1)),
    (lambda v: f("step", v), lambda v: number(1)),
    (lambda v: f("relu", v), lambda v: v),
    (lambda v: f("sqrt", square(v)), lambda v: v),
    (lambda v: f("maximum", v, number(0)), lambda v: v),
    (lambda v: build.power(v, number(0)), lambda v: square(f("sign", v))),
    (lambda v: f("log", square(v)), lambda v: build.product([number(2), f("log", v)])),
    (lambda v: build.product([f("sqrt", v), f("sqrt", v)]), lambda v: v),
    (lambda v: build.product([v, build.reciprocal(v)]), lambda v: number(1)),
    (lambda v: build.product([f("abs", v), build.reciprocal(v)]), lambda v: f("sign", v)),
    (lambda v: build.product([number(2), v]), lambda v: v),
    (lambda v: build.negate(v), lambda v: v),
)
_OUTSIDE: tuple[Callable[[Expr], Expr], ...] = (
    lambda u: u,
    lambda u: u,
    lambda u: f("abs", u),
    lambda u: f("exp", f("sin", u)),
    square,
    lambda u: f("atan", u),
    lambda u: build.product([number(3), u]),
)


class _Writer:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.definitions: list[Definition] = []

    def claim(self, changed: bool) -> Program:
        rng = self.rng
        v = self.atom()
        part = self.part(v)
        rich, plain = rng.choice(_CHANGES)
        outside, weight, style = rng.choice(_OUTSIDE), self.weight(), rng.random()
        free = list(dict.fromkeys((*part.free, *v.free)))

        def side(g: Callable[[Expr], Expr]) -> Expr:
            beside = build.product([g(v), weight])
            if style < 0.15:
                return outside(broadcast(build.product([part, beside]), free))
            if style < 0.3:
                return outside(
                    build.product(
                        [
                            broadcast(part, free),
                            build.reciprocal(build.add([number(3), square(broadcast(beside, free))])),
                        ]
                    )
                )
            return outside(build.add([broadcast(part, free), broadcast(beside, free)]))

        left, right = side(rich), shuffled(side(plain if changed else rich), rng)
        if free and rng.random() < 0.3:
            left, right = (self.summed(u, free) for u in (left, right))
            free = list(left.free)
        if rng.random() < 0.5:
            left, right = right, left
        free = tuple(dict.fromkeys((*left.free, *right.free)))
        sides = [separate(Definition(name, free, broadcast(u, free))).rhs for name, u in (("L", left), ("R", right))]
        return Program(tuple(self.definitions), (Claim(*sides, free, True),))

    def summed(self, u: Expr, free: list[Index]) -> Expr:
        """The sum over some of the free letters that the expression has."""
        over = self.rng.sample(free, self.rng.randint(1, len(free)))
        over = [i for i in over if i in u.free]
        return build.product([build.one(over), u], over) if over else u

    def atom(self) -> Expr:
        """A tensor, or a bracket with zeros of its own."""
        name = self.rng.choice([*_INPUTS, "m", "m", "m"])
        tensor = build.tensor(name, [self.rng.choice(_SAME[i]) for i in _INPUTS[name]])
        kind = self.rng.random()
        if kind < 0.7:
            return tensor
        if kind < 0.8:
            return build.add([tensor, number(self.rng.choice([1, -1, 2]))])
        if kind < 0.9:
            return build.add([tensor, broadcast(build.tensor("b"), tensor.free)])
        return build.product([tensor, build.tensor("a")])

    def weight(self) -> Expr:
        return self.rng.choice([number(1), build.tensor("b"), number(-2), f("exp", build.tensor("a"))])

    def part(self, v: Expr) -> Expr:
        """What needs a value: a limited function of a product with ``v``, somewhere in a larger expression."""
        rng = self.rng
        u = self.argument(v)
        limited = rng.choice(
            [
                lambda u: f("sqrt", u),
                lambda u: f("sqrt", u),
                lambda u: f("log", u),
                build.reciprocal,
                build.reciprocal,
                lambda u: build.power(u, number("-1/2")),
                lambda u: build.power(u, number("3/2")),
                lambda u: build.power(u, number(-2)),
                lambda u: build.power(u, build.tensor("b")),
                lambda u: f("log1p", u),
                lambda u: f("asin", u),
                lambda u: build.power(
                    u, build.add([build.tensor("b"), build.negate(square(f("sign", build.tensor("b"))))])
                ),
            ]
        )
        u = limited(u)
        if rng.random() < 0.2:
            u = build.product([u, self.factor()])
        if rng.random() < 0.15:
            by = build.tensor("a", ()) if rng.random() < 0.5 else build.tensor("x", (Index("p"),))
            u = build.derivative(u, by)
            if Index("p") in u.free:
                u = build.product([u, build.tensor("x", (Index("p"),))], [Index("p")])
        if rng.random() < 0.2:
            u = build.product([number(0), u])
        if rng.random() < 0.2:
            u = self.equation(u)
        free = list(u.free)
        if free and rng.random() < 0.5:
            weight = [self.factor()] if rng.random() < 0.4 else []
            whole = build.product([u, *weight])
            over = [i for i in rng.sample(free, rng.randint(1, len(free))) if i in whole.free]
            u = build.product([build.one(over), u, *weight], over)
        if {_I, _I1} <= set(u.free) and rng.random() < 0.4:
            u = rename(u, {_I1: _I})
        return build.product([u, self.atom()]) if rng.random() < 0.15 else u

    def argument(self, v: Expr) -> Expr:
        rng = self.rng
        factors = [v, *(self.factor() for _ in range(rng.choice([0, 1, 1, 2])))]
        rng.shuffle(factors)
        u = build.product(factors) if len(factors) > 1 else v
        kind = rng.random()
        if kind < 0.12:
            u = build.negate(u)
        if kind > 0.9:
            u = build.add([u, number(rng.choice([1, -1, 2]))])
        if kind > 0.7 and set(_SAME[_I]) & set(u.free):
            free = list(dict.fromkeys((*u.free, _I, _I1)))
            beside = build.product(
                [build.delta(_I, _I1), rng.choice([number(1), number(9), build.tensor("b"), build.tensor("x", [_I])])]
            )
            u = build.add([broadcast(u, free), broadcast(beside, free)])
        return u

    def factor(self) -> Expr:
        """Something that is positive, not negative, or of any sign."""
        u = self.atom()
        return self.rng.choice(
            [
                lambda: u,
                lambda: square(u),
                lambda: square(u),
                lambda: f("abs", u),
                lambda: f("exp", u),
                lambda: f("exp", u),
                lambda: square(f("sign", u)),
                lambda: build.reciprocal(u),
                lambda: build.power(u, number(-2)),
                lambda: build.add([square(u), number(1)]),
                lambda: build.size(self.rng.choice([_I, _J])),
                lambda: build.delta(_I, _I1),
                lambda: number(self.rng.choice(["2", "-3", "1/2"])),
                lambda: self._sum_of_positive(),
            ]
        )()

    def _sum_of_positive(self) -> Expr:
        over = Index("j2")
        return build.product([build.one([over]), f("exp", build.tensor("z", [over]))], [over])

    def equation(self, u: Expr) -> Expr:
        """The expression by way of an equation, used as it is or on a diagonal."""
        name = f"e{len(self.definitions)}"
        self.definitions.append(separate(Definition(name, u.free, u)))
        used = build.tensor(name, u.free)
        if {_I, _I1} <= set(u.free) and self.rng.random() < 0.6:
            used = rename(used, {_I1: _I})
        return used


def write_claim(rng: random.Random, changed: bool) -> Program:
    """A program with one claim, a right one if nothing is ``changed``."""
    return _Writer(rng).claim(changed)
