"""Random programs for property tests, built as a person might write them: several equations, all functions, repeated
indices, deltas, one-tensors, broadcasts, sums of every kind.

Functions with a limited domain get arguments inside it, and functions with a kink get arguments that are not on it, so
that values are finite and central differences are meaningful.
"""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.letters import rename, separate
from einsgrad.ir.nodes import Expr, Index, Product, Sum
from einsgrad.ir.program import Program
from einsgrad.ir.reductions import squared
from einsgrad.ir.traversal import children, rebuild, transform

# Letters that share a range: i and i1, j and j1.
RANGES = {"i": "i", "i1": "i", "j": "j", "j1": "j", "k": "k"}
LETTERS = [Index(name) for name in RANGES]
_INPUTS = {"a": "", "b": "i", "c": "j", "d": "ij", "f": "jk", "g": "ik", "p": "ii", "q": "ijk"}
_KINKED = ("abs", "sign", "relu", "step", "floor", "round")


class Writer:
    """Writes programs of what the language had from the start; :mod:`constructs` adds to it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.known: dict[str, str] = dict(_INPUTS)

    def program(self) -> Program:
        definitions = []
        for number in range(self.rng.randint(1, 3)):
            free = self.rng.sample(LETTERS, self.rng.choice([0, 0, 1, 1, 2]))
            rhs = self.expression(tuple(free), 2)
            if set(rhs.free) != set(free):
                rhs = build.product([build.one(free), rhs])
            name = f"y{number}"
            definitions.append(separate(Definition(name, tuple(free), rhs)))
            self.known[name] = [RANGES[i.name] for i in free]
        return Program(tuple(definitions))

    def expression(self, free: tuple[Index, ...], depth: int) -> Expr:
        """An expression that carries exactly ``free``."""
        kinds = ["leaf"] if depth == 0 else ["leaf", "product", "product", "sum", "function", "power", "quotient"]
        kind = self.rng.choice(kinds)
        if kind == "product":
            return self.product(free, depth)
        if kind == "sum":
            terms = [self.expression(free, depth - 1) for _ in range(self.rng.randint(2, 3))]
            if self.rng.random() < 0.3:
                terms.append(self.expression((), depth - 1))
            if self.rng.random() < 0.3:
                terms[-1] = build.negate(terms[-1])
            return build.add(terms) if all(set(t.free) == set(free) or not t.free for t in terms) else terms[0]
        if kind == "function":
            return self.function(self.expression(free, depth - 1), free, depth)
        if kind == "power":
            base = self.expression(free, depth - 1)
            if self.rng.random() < 0.2:
                return build.power(self.positive(base), self.expression((), 0))
            exponent = self.rng.choice([2, 2, 3, 1, 0])
            return squared(base) if exponent == 2 else build.power(base, build.literal(exponent))
        if kind == "quotient":
            above, below = self.expression(free, depth - 1), self.positive(self.expression(free, depth - 1))
            return build.product([above, build.reciprocal(below)])
        return self.leaf(free)

    def leaf(self, free: tuple[Index, ...]) -> Expr:
        """A tensor with these indices, times a one-tensor or a delta where none fits."""
        wanted = sorted(RANGES[i.name] for i in free)
        names = [name for name, axes in self.known.items() if sorted(axes) == wanted]
        if names and self.rng.random() < 0.8:
            return self.reference(self.rng.choice(names), list(free))
        if not free:
            number = build.literal(self.rng.choice([Fraction(2), Fraction(1, 2), Fraction("0.3")]))
            i = Index("i")
            total = build.product([build.size(i), build.one([i]), build.tensor("b", [i])], [i])
            return self.rng.choice([build.tensor("a"), number, total])
        pair = [(i, j) for i in free for j in free if i < j and RANGES[i.name] == RANGES[j.name]]
        if pair and self.rng.random() < 0.7:
            i, j = self.rng.choice(pair)
            rest = tuple(x for x in free if x not in (i, j))
            return build.product([build.delta(i, j), self.leaf(rest)])
        if len(free) == 1:
            return build.product([build.one(free), self.leaf(())])
        return build.product([self.leaf(free[:1]), self.leaf(free[1:])])

    def reference(self, name: str, free: list[Index]) -> Expr:
        left = list(free)
        self.rng.shuffle(left)
        indices = []
        for axis in self.known[name]:
            index = next(i for i in left if RANGES[i.name] == axis)
            left.remove(index)
            indices.append(index)
        return build.tensor(name, indices)

    def product(self, free: tuple[Index, ...], depth: int) -> Expr:
        summed = [i for i in self.rng.sample(LETTERS, self.rng.choice([0, 1, 1, 2])) if i not in free]
        count = self.rng.randint(2, 3)
        shares: list[list[Index]] = [[] for _ in range(count)]
        for index in (*free, *summed):
            for k in self.rng.sample(range(count), 2 if index in summed or self.rng.random() < 0.2 else 1):
                shares[k].append(index)
        factors = [self.expression(tuple(share), depth - 1) for share in shares]
        if self.rng.random() < 0.15 and not free and not summed:
            factors.append(build.product([build.tensor("p", [Index("i"), Index("i")])], [Index("i")]))
        return build.product(factors, summed)

    def function(self, u: Expr, free: tuple[Index, ...], depth: int) -> Expr:
        name = self.rng.choice([n for n, f in FUNCTIONS.items() if f.arity and f.is_named and n != "stop"])
        if name == "polygamma":
            return build.apply(name, [build.literal(self.rng.choice([0, 1, 2])), self.positive(u)])
        if FUNCTIONS[name].arity == 2:
            other = self.expression(free, depth - 1)
            if name in ("mod", "atan2", "hypot"):
                other = self.positive(other)
            return build.apply(name, [build.add([u, build.literal(Fraction("0.37"))]), other])
        if name in ("log", "log2", "log10", "sqrt", "lgamma", "digamma"):
            u = self.positive(u)
        elif name == "log1p":
            u = squared(u)
        elif name == "acosh":
            u = build.add([self.positive(u), build.literal(1)])
        elif name in ("asin", "acos", "atanh", "erfinv"):
            u = build.product([build.literal(Fraction("0.9")), build.apply("tanh", [u])])
        elif name == "tan":
            u = build.apply("tanh", [u])
        elif name in ("exp", "expm1", "sinh", "cosh"):
            u = build.apply("sin", [u])
        elif name in _KINKED:
            u = build.add([u, build.literal(Fraction("0.37"))])
        return build.apply(name, [u])

    def positive(self, u: Expr) -> Expr:
        return build.add([squared(u), build.literal(Fraction("0.7"))])


def write_program(rng: random.Random) -> Program:
    """A random program with inputs among a, b_i, c_j, d_ij, f_jk, g_ik, p_ii, q_ijk."""
    return Writer(rng).program()


def shuffled(node: Expr, rng: random.Random) -> Expr:
    """The same expression with factors and terms in another order and bound letters renamed."""

    def step(node: Expr) -> Expr:
        if isinstance(node, Product):
            mapping = {i: Index(i.name + "''") for i in node.summed}
            factors = [rename(f, mapping) for f in node.factors]
            rng.shuffle(factors)
            return build.product(factors, mapping.values())
        if isinstance(node, Sum):
            below = list(children(node))
            rng.shuffle(below)
            return rebuild(node, below)
        return node

    return transform(node, step)


def draw_arrays(program: Program, sizes: dict[str, int], seed: int) -> dict[str, np.ndarray]:
    """Random arrays for the inputs."""
    rng = np.random.default_rng(seed)
    return {x: rng.uniform(-1, 1, [sizes[axis] for axis in _INPUTS[x]]) for x in program.inputs}


PROGRAMS = st.randoms(use_true_random=False).map(write_program)
SIZES = st.fixed_dictionaries({axis: st.integers(0, 4) for axis in "ijk"})
