"""Printing and parsing: the text of any program is a program again, and the same one."""

import random
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from programs import PROGRAMS

from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.parser import parse_program
from einsgrad.gallery import names, read
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import separate
from einsgrad.ir.nodes import Expr, Index
from einsgrad.ir.program import Program
from einsgrad.ir.verifier import verify

H, P, Q, *LETTERS = (Index(c) for c in "hpqijk")
ORDERS = {"s": 0, "λ": 0, "x": 1, "y": 1, "W_in": 1, "w": 2, "a": 2, "t": 3, "∂l/∂z": 1}
NUMBERS = [1, -1, 2, -2, 0, 3, Fraction(1, 2), Fraction(-1, 3), Fraction("1e-5"), Fraction(7, 10), Fraction(10**9)]

TEXTS = [
    "y_bh = (x_bh - 1_h m_b) / sqrt(v_b + ε) γ_h + 1_b β_h",
    "y = a_i b_i / (sqrt(a_j a_j) sqrt(b_k b_k))",
    "s = sum_i (a_i b_i)",
    "y = (sum_pq ∂s/∂w_pq) (sum_pq ∂s/∂w_pq) + s",
    "s = a (sum_i b_i) c - 2 sum_{i,hid} d[i,hid]",
    "y_{batch,} = x_{batch,hid} w_{hid,} |hid| + W_in[batch] - λ[]",
    "z_i' = x_i'i'' y_i''",
    "y = ∂(∂f/∂x_p)/∂x_q a_pq; f = x_i x_i",
    "∂l/∂x_pq = ∂l/∂y_pj a_qj; ∂l/∂b_p = 1_i ∂l/∂y_ip",
    "a_ij b_ij == c_ij d_ij (no sum i)\na_kj == δ_ki a_ij",
    "y = 1 (1/x) + 1 * 2^-1 + x/2/3 + 2/3 * 5^-1 - 1/b c / (1/2)",
    "y = -(a b) c - (-2) (a b) + (-1) (a + b) + 2^-x^2".replace("2^-x^2", "2^(-x^2)"),
    "y_i = maximum(1_i minimum(a, b), π x_i)^(1/2)",
]


@pytest.mark.parametrize("text", [*TEXTS, *map(read, names())], ids=lambda text: text.partition("\n")[0][:30])
def test_texts(text):
    program = parse_program(text)
    verify(program)
    printed = str(program)
    assert parse_program(printed) == program
    assert str(parse_program(printed)) == printed


def leaf(rng: random.Random) -> Expr:
    kind = rng.choices(["tensor", "one", "delta", "number", "pi", "size"], [60, 10, 10, 15, 3, 2])[0]
    if kind == "tensor":
        name = rng.choice(list(ORDERS))
        return build.tensor(name, [rng.choice(LETTERS) for _ in range(ORDERS[name])])
    if kind == "one":
        return build.one(rng.sample(LETTERS, rng.choice([1, 1, 2])))
    if kind == "delta":
        return build.delta(rng.choice(LETTERS), rng.choice(LETTERS))
    if kind == "number":
        return build.literal(rng.choice(NUMBERS))
    return build.apply("π", ()) if kind == "pi" else build.size(H)


def product(rng: random.Random, depth: int) -> Expr:
    factors = [expression(rng, depth - 1) for _ in range(rng.choice([1, 2, 2, 3, 4]))]
    factors = [build.reciprocal(f) if rng.random() < 0.2 else f for f in factors]
    carried = dict.fromkeys(i for f in factors for i in f.free)
    summed = [i for i in carried if rng.random() < 0.5]
    return build.product(factors, summed) if summed or len(factors) > 1 else factors[0]


def addition(rng: random.Random, depth: int) -> Expr:
    """Terms with the letters of the first that has most: others are summed over, missing ones broadcast."""
    terms = [expression(rng, depth - 1) for _ in range(rng.choice([2, 2, 3]))]
    free = max((term.free for term in terms), key=len)
    for position, term in enumerate(terms):
        extra = [i for i in term.free if i not in free]
        term = build.product([term], extra) if extra else term
        missing = [i for i in free if i not in term.free]
        terms[position] = build.product([build.one(missing), term]) if missing and term.free else term
    return build.add(terms)


def expression(rng: random.Random, depth: int) -> Expr:
    """Any expression at all, more tangled than a person would write."""
    kinds = ["leaf", "product", "sum", "function", "power", "derivative"]
    kind = rng.choices(kinds, [25, 40, 15, 10, 5, 5])[0] if depth else "leaf"
    if kind == "leaf":
        return leaf(rng)
    if kind == "product":
        return product(rng, depth)
    if kind == "sum":
        return addition(rng, depth)
    below = expression(rng, depth - 1)
    if kind == "function":
        return build.apply(rng.choice(["exp", "sin"]), [below])
    if kind == "power":
        exponents = [build.literal(2), build.literal(-1), build.literal(Fraction(1, 2)), expression(rng, depth - 1)]
        return build.power(below, rng.choice(exponents))
    if {P, Q} & set(below.free):
        return build.apply("maximum", [below, below])
    return build.derivative(below, build.tensor("w", [P, Q]))


def users() -> list[Definition]:
    """Equations that use every tensor, so that all of them are inputs whatever else the program says."""
    found = []
    for number, (name, order) in enumerate(ORDERS.items()):
        if not name.startswith("∂"):
            square = build.product([build.tensor(name, LETTERS[:order])] * 2, LETTERS[:order])
            found.append(Definition(f"use{number}", (), square))
    return found


def parsed_within_range(text: str) -> Program | None:
    """Parse a text; ``None`` for one like `exp(10^9)`, whose numbers no float can hold: that is refused."""
    try:
        return parse_program(text)
    except LanguageError as error:
        if {d.code for d in error.diagnostics if d.severity == "error"} == {"number-range"}:
            return None
        raise


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_expression_prints_and_parses(rng, depth):
    rhs = expression(rng, depth)
    definition = separate(Definition("out", rhs.free, rhs))
    loss = "l" if "∂l/" in str(Program((definition,))) else None
    size = Definition("v", (H,), build.product([build.size(H), build.tensor("u", [H])]))
    program = Program((definition, size, *users()), loss=loss)
    parsed = parsed_within_range(str(program))
    assume(parsed is not None)
    assert parsed == program


@settings(max_examples=100, deadline=None)
@given(PROGRAMS)
def test_any_sensible_program_prints_and_parses(program):
    assert parse_program(str(program)) == program
