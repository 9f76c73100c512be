"""Claims: lists of right and wrong ones, mutations, and what a verdict comes with."""

from __future__ import annotations

import dataclasses
import itertools
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import write_program

import einsgrad as eg
from einsgrad.calculus import claims
from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.claims import judge
from einsgrad.calculus.counterexamples import Search
from einsgrad.calculus.rewriting import broadcast
from einsgrad.calculus.sides import needed
from einsgrad.gallery import names
from einsgrad.ir import build
from einsgrad.ir.equations import Claim, Definition, uses
from einsgrad.ir.letters import rename, separate
from einsgrad.ir.nodes import Expr, Gather, Literal, Product, Sum, Tensor
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import postorder, transform
from einsgrad.reference import evaluate, evaluate_expression, index_sizes

LISTS = Path(__file__).parent / "claims"


def claims_of(name: str) -> list:
    """Each claim of a list, with the equations of its block, under the block's title."""
    found = []
    for block in (LISTS / name).read_text(encoding="utf-8").split("# ---\n"):
        lines = [line for line in block.splitlines() if line.strip()]
        title = next((line[2:] for line in reversed(lines) if line.startswith("#") and "===" not in line), "")
        statements = [line for line in lines if not line.startswith("#")]
        equations = [line for line in statements if "==" not in line]
        for claim in (line for line in statements if "==" in line):
            found.append(pytest.param("\n".join([*equations, claim]), id=f"{title}: {claim}"))
    return found


RIGHT, WRONG = claims_of("right.ein"), claims_of("wrong.ein")


def judged(text: str):
    (found,) = judge(eg.parse(text))
    return found


def test_there_are_enough_claims_and_a_third_is_wrong():
    assert len(RIGHT) >= 100
    assert len(RIGHT) + len(WRONG) >= 200
    assert 2 * len(WRONG) >= len(RIGHT)


@pytest.mark.parametrize("text", RIGHT)
def test_right_claims_are_proved(text):
    assert judged(text).verdict == "proved"


@pytest.mark.parametrize("text", WRONG)
def test_wrong_claims_are_refuted(text):
    found = judged(text)
    assert found.verdict == "refuted"
    example = found.counterexample
    at = tuple(example.place.values())
    assert example.left[at] != example.right[at]


@pytest.mark.parametrize("text", WRONG)
def test_wrong_claims_would_not_be_proved_without_numbers_either(text, monkeypatch):
    monkeypatch.setattr(claims, "search", lambda *_: Search(None, points=1))
    assert judged(text).verdict == "not proved"


@pytest.mark.parametrize("text", [p for p in WRONG if "∂" not in p.values[0]])
def test_counterexamples_hold_for_the_reference_interpreter(text):
    example = judged(text).counterexample
    program = eg.parse(text)
    (claim,) = program.claims
    extents = index_sizes(program, example.arrays, example.sizes)
    used = needed(program.by_name, [*uses(claim.lhs), *uses(claim.rhs)])
    sizes = {i.name: n for extent in extents for i, n in extent.items()}
    values = {**example.arrays, **evaluate(Program(used), example.arrays, sizes)}
    left, right = (evaluate_expression(side, values, extents[-1], claim.free) for side in (claim.lhs, claim.rhs))
    np.testing.assert_allclose(left, example.left)
    np.testing.assert_allclose(right, example.right)


# -- numbers that can be trusted -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "(1e8 + x) - 1e8 == x",
        "(1e17 + x_i) - 1e17 == x_i",
        "log(exp(x)) == x",
        "exp(x) - exp(x) + y == y",
        "exp(700 x) exp(-700 x) == 1",
        "(x + 1e-9)^2 - x^2 == 2e-9 x + 1e-18",
        "1e10 (sqrt(1 + 1e-10 x^2) - 1) == x^2/(1 + sqrt(1 + 1e-10 x^2))",
        "1 - cos(1e-8 x)^2 == sin(1e-8 x)^2",
        "log1p(exp(-abs(x))) + maximum(x, 0) == softplus(x)",
        "atan(x) + atan(1/x) == π/2 sign(x)",
        "1e20 (log1p(exp(-abs(x))) + maximum(x, 0)) == 1e20 softplus(x)",
        "exp(u/(u + v)) exp(v/(u + v)) == exp(1)",
    ],
)
def test_rounding_refutes_nothing(text):
    assert judged(text).verdict != "refuted"


@pytest.mark.parametrize(
    "text",
    [
        "x_i == x_i + 1e-6",
        "x == 1.0001 x",
        "x == x + 1e-13",
        "1e8 x == 1e8 x + 1e-6",
        "x/3 == 0.33333333333333 x",
        "π x == 3.14159265358979 x",
        "exp(x) == 2.718281828459 ^ x",
    ],
)
def test_small_differences_refute(text):
    assert judged(text).verdict == "refuted"


@pytest.mark.parametrize(
    "text",
    ["log(-x x - 1) == x", "sqrt(-1 - x^2) == 1", "asin(2 + x^2) == 0", "log(x) + log(-x) == 0", "1/(x - x) == 1"],
)
def test_without_a_point_in_the_domain_nothing_is_claimed(text):
    found = judged(text)
    assert found.verdict == "not proved"
    assert found.note == "no point was found at which both sides have a value"


@pytest.mark.parametrize("text", ["asin(x_i) == x_i", "log(1 - x_i x_i) == 0", "sqrt(a_i - b_i) == a_i"])
def test_points_are_sought_in_the_domain(text):
    assert judged(text).verdict == "refuted"


def test_kinks_are_met():
    for text in ("step(x) + step(-x) == 1", "sign(x)^2 == 1", "step(a - b) + step(b - a) == 1", "x^0 == sign(x)^2"):
        assert judged(text).verdict == "refuted"


def test_a_claim_that_is_too_large_is_not_proved_and_does_not_hang():
    product = " ".join(f"(a{k} + b{k})" for k in range(20))
    turned = " ".join(f"(a{k} + b{k})" for k in range(19))
    found = judged(f"({product}) c == {turned} a19 c + {turned} b19 c")
    assert found.verdict == "not proved"
    assert found.note == "their normal forms are too large to compare, but the sides agree at 34 points"


def test_a_claim_without_a_proof_says_at_how_many_points_it_holds():
    found = judged("atan(x) + atan(1/x) == π/2 sign(x)")
    assert found.verdict == "not proved"
    assert found.note == "their normal forms differ, but the sides agree at 31 points"


@pytest.mark.parametrize(
    "text",
    [
        "abs(a) + (1_i sqrt(a exp(b_i))) == a + (1_i sqrt(a exp(b_i)))",
        "sign(a)^2 + (1_j (b_j/(a d_j))) == 1 + (1_j (b_j/(a d_j)))",
        "(1_ij sqrt(a_i exp(b_j))) + (1_k abs(a_k)) == (1_ij sqrt(a_i exp(b_j))) + (1_k a_k)",
    ],
)
def test_empty_ranges_are_tried(text):
    assert judged(text).verdict == "refuted"


# -- counterexamples -------------------------------------------------------------------------------------------------


def test_a_counterexample_says_all_that_a_person_needs():
    example = judged("y_ij = x_ik a_kj; ∂l/∂x_pq == ∂l/∂y_pj a_jq").counterexample
    assert str(example).splitlines() == [
        "∂l/∂y = [[0., 0.], [0., 1.]]",
        "a = [[0., 0.], [1., 0.]]",
        "left side: [[0., 0.], [0., 0.]]",
        "right side: [[0., 0.], [1., 0.]]",
        "0 is not 1 at p = 1, q = 0 (counted from 0)",
    ]


def test_sizes_that_no_array_has_are_part_of_it():
    example = judged("y_ij = x_ik a_kj; y_ij == y_ij 1_k 1_k").counterexample
    assert example.sizes == {"k": 2}
    assert str(example).startswith("|k| = 2\n")


def test_letters_are_those_of_the_claim():
    example = judged("h_i = w_ij x_j; y_i = v_ij h_j; y_i == v_ij h_j + u_i").counterexample
    assert list(example.place) == ["i"]


def test_a_scalar_is_enough_where_it_is():
    example = judged("y_i = a_i b_i; y_i == a_i + b_i").counterexample
    assert all(value.shape == (1,) for value in example.arrays.values())
    assert all(value in (0.0, 1.0) for value in example.arrays.values())


# -- wrong claims are never proved -----------------------------------------------------------------------------------


def negated(node: Expr) -> Expr:
    return build.negate(node)


def doubled(node: Expr) -> Expr:
    return build.product([build.literal(2), node])


def transposed(node: Expr) -> Expr:
    if isinstance(node, Tensor) and len(node.indices) == 2 and node.name in "pABCPQSWX":  # those that are square
        return build.tensor(node.name, node.indices[::-1])
    return node


def shortened(node: Expr) -> Expr:
    if isinstance(node, Sum) and len(node.terms) > 1 and set(node.terms[0].free) == set(node.free):
        return build.add(node.terms[:1])
    if isinstance(node, Product) and isinstance(node.factors[-1], Literal) and len(node.factors) > 1:
        return build.product(node.factors[:-1], node.summed)
    return node


def mutated(node: Expr, rng: random.Random) -> Expr:
    """An expression with one part changed, as a person might get it wrong; the same where nothing fits."""
    places = [n for n in postorder(node) if n.free or not isinstance(n, Literal)]
    for _ in range(10 if places else 0):
        place, change = rng.choice(places), rng.choice([negated, doubled, transposed, shortened])
        changed = change(place)
        if changed is not place and set(changed.free) == set(place.free):
            return transform(node, lambda n, place=place, changed=changed: changed if n is place else n)
    return node


def differs_somewhere(program: Program) -> bool:
    """Whether the reference interpreter finds the sides of a claim different at random points, beyond all rounding."""
    (claim,) = program.claims
    sides = [
        Definition(name, claim.free, broadcast(side, claim.free)) for name, side in (("L", claim.lhs), ("R", claim.rhs))
    ]
    whole = Program((*program.definitions, *sides))
    sizes = {"i": 2, "j": 3, "k": 2, "i1": 2, "j1": 3}
    shapes = {"a": "", "b": "i", "c": "j", "d": "ij", "f": "jk", "g": "ik", "p": "ii", "q": "ijk"}
    for seed in range(3):
        rng = np.random.default_rng(seed)
        arrays = {x: rng.uniform(-2, 2, [sizes[axis] for axis in shapes[x]]) for x in whole.inputs}
        values = evaluate(whole, arrays, sizes)
        left, right = values["L"], values["R"]
        if np.all(np.isfinite(left) & np.isfinite(right)) and np.any(
            np.abs(left - right) > 1e-3 * (1 + np.abs(left) + np.abs(right))
        ):
            return True
    return False


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.integers(0, 10**6))
def test_a_mutated_claim_is_not_proved_where_numbers_differ(seed):
    rng = random.Random(seed)
    program = write_program(rng)
    d = program.definitions[-1]
    changed = separate(Definition(d.name, d.indices, mutated(d.rhs, rng))).rhs
    if set(changed.free) != set(d.indices):
        return
    claimed = dataclasses.replace(program, claims=(Claim(build.tensor(d.name, d.indices), changed, d.indices, True),))
    with np.errstate(all="ignore"):
        wrong = differs_somewhere(claimed)
    (found,) = judge(claimed)
    if wrong:
        assert found.verdict != "proved"
    if changed is d.rhs:
        assert found.verdict != "refuted"


@pytest.mark.parametrize(("text", "seed"), list(itertools.product([p.values[0] for p in RIGHT[::2]], range(2))))
def test_a_side_that_is_changed_is_not_proved_unless_it_stays_right(text, seed):
    program = eg.parse(text)
    (claim,) = program.claims
    changed = mutated(claim.rhs, random.Random(seed))
    if set(changed.free) != set(claim.rhs.free):
        return
    (found,) = judge(dataclasses.replace(program, claims=(dataclasses.replace(claim, rhs=changed),)))
    (beside,) = judge(dataclasses.replace(program, claims=(dataclasses.replace(claim, lhs=changed),)))
    assert found.verdict == "refuted" or beside.verdict != "refuted"


# -- the gallery -----------------------------------------------------------------------------------------------------


def inlined(program: Program) -> dict[str, Expr]:
    """What defines each tensor, with all equations put into one another; a gather is of a tensor, and stays."""
    found: dict[str, Expr] = {}
    gathered = {node.operand for node in postorder(*program.expressions()) if isinstance(node, Gather)}

    def put_in(node: Expr) -> Expr:
        if isinstance(node, Tensor) and node.name in found and node not in gathered:
            mapping = dict(zip(program.by_name[node.name].indices, node.indices, strict=True))
            return rename(found[node.name], mapping)
        return node

    for d in program.in_order():
        found[d.name] = transform(d.rhs, put_in)
    return found


@pytest.mark.parametrize("name", names())
def test_gradients_of_the_gallery_are_equal_to_themselves_with_equations_put_in(name):
    program = rename_apart(eg.grad(eg.load(name), of=None, wrt=None))
    whole = inlined(program)
    gradients = [d for d in program.definitions if d.name.startswith("∂")]
    assert gradients
    themselves = tuple(Claim(build.tensor(d.name, d.indices), whole[d.name], d.indices, True) for d in gradients)
    assert {found.verdict for found in judge(dataclasses.replace(program, claims=themselves))} == {"proved"}
