"""The planner's rewrites: programs of the same values, and what each does to the cost."""

import random

import numpy as np
import pytest
from programs import write_program

import einsgrad as eg
from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.joint import make_joint
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.nodes import Index, Sum
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.verifier import verify
from einsgrad.planner.distribute import distribute
from einsgrad.planner.joint import plan_joint
from einsgrad.planner.pairwise import contract_pairwise
from einsgrad.planner.paths import find_path
from einsgrad.planner.share import share
from einsgrad.reference import evaluate


def letters(text):
    return [tuple(Index(c) for c in word) for word in text.split()]


def cheaper_with_more_terms(node):
    """An estimate by which every bracket that may be multiplied out is."""
    return 0.0 if isinstance(node, Sum) else 1.0


def distributed(text):
    program = rename_apart(parse_program(text))
    return str(distribute(program, [cheaper_with_more_terms] * len(program.definitions)))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("L = 1_ij (t_ij - a_i b_j)^2", "L = t_ij t_ij - 2 t_ij a_i b_j + a_i b_j a_i b_j\n"),
        ("y_k = w_nk (1_k x_nd - 1_n m_kd) v_d", "y_k = x_nd w_nk v_d - sum_n m_kd w_nk v_d\n"),
    ],
)
def test_dear_brackets_are_multiplied_out(text, result):
    assert distributed(text) == str(rename_apart(parse_program(result)))


@pytest.mark.parametrize(
    "text",
    [
        "y_h = g_bh (x_bh - 1_h m_b)",  # the bracket is no larger than x
        "y = sqrt(1_ij (t_ij - a_i b_j)^2)",  # a root makes the error of a difference of large numbers larger
        "q = 1_ij (t_ij - a_i b_j)^2; y = log(2 q) + 1",  # through a name, too
        "q = 1_ij (t_ij - a_i b_j)^2; y = 1 / (q + 1)",
        "d_ik = 1_j (1_k x_ij - 1_i c_kj)^2",  # distances that are given out must not be negative
    ],
)
def test_what_is_cheap_or_delicate_is_left_alone(text):
    assert distributed(text) == str(rename_apart(parse_program(text)))


def test_a_square_inside_an_exponential_is_multiplied_out():
    assert "^2" not in distributed("k_ij = exp(-1_d (1_j x_id - 1_i y_jd)^2)")


def test_the_error_of_a_square_is_that_of_its_terms():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(40, 3)), rng.normal(size=(50, 3))
    near = {"a": a, "b": b, "t": a @ b.T + 1e-4 * rng.normal(size=(40, 50))}
    program = eg.parse("L = 1_ij (t_ij - a_ir b_jr)^2")
    exact = np.sum((near["t"] - a @ b.T) ** 2)
    f = eg.compile(program, sizes={"i": 400, "j": 500, "r": 3})
    single = {name: array.astype(np.float32) for name, array in near.items()}
    value, _ = f.value_and_grad(**single)
    terms = np.sum(near["t"] ** 2) + np.sum((a @ b.T) ** 2)
    assert abs(value - exact) <= 8 * np.finfo(np.float32).eps * terms


def test_intermediate_results_are_named_once_and_letters_decide_what_is_summed():
    program = parse_program("y_n = x_ni a_ij b_jk v_k; z_n = w_ni a_ij b_jk v_k")
    sizes = [dict.fromkeys(map(Index, "nijk"), 10)] * 2
    assert str(contract_pairwise(program, sizes)).splitlines()[:2] == ["bv_j = b_jk v_k", "abv_i = a_ij bv_j"]


@pytest.mark.parametrize("text", ["y_ij = a_i b_j c_i", "y = a_ij δ_ij b_i c_j", "y = a_i b_i"])
def test_products_that_need_no_order_are_left_alone(text):
    program = parse_program(text)
    assert contract_pairwise(program, [dict.fromkeys(map(Index, "ijkp"), 10)]) == program


def test_a_pair_that_only_products_of_two_sum_gets_no_bracket():
    text = "y_h = a_bh c_b; z_h = 1_b a_bh c_b; u = 1_h a_bh c_b s_h"
    assert str(share(parse_program(text))) == str(parse_program(text))


def test_paths_look_at_letters_on_three_operands():
    # The vectors first: 64 products, where either vector times the matrix would be 4096.
    assert find_path(letters("i i ij"), {Index("j")}, dict.fromkeys(map(Index, "ij"), 64))[0] == (0, 1)


@pytest.mark.parametrize("seed", range(60))
def test_the_planned_program_has_the_values_of_the_unplanned_one(seed):
    rng = random.Random(seed)
    program = write_program(rng)
    if not program.inputs:
        return
    large = {index.name: rng.choice([50, 500]) for _, index in infer_ranges(program).of_index}
    plain, planned = make_joint(program, None, None), plan_joint(program, None, None, large)
    verify(planned.program)
    random_arrays = np.random.default_rng(seed)
    inputs = {n: random_arrays.uniform(0.4, 1.2, [2] * len(plain.program.indices(n))) for n in plain.program.inputs}

    def values(of):
        sizes = {index.name: 2 for _, index in infer_ranges(of).of_index}
        with np.errstate(all="ignore"):
            return evaluate(of, inputs, sizes)

    expected, found = values(plain.program), values(planned.program)
    for name in (*plain.outputs, *plain.gradients.values()):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-8, atol=1e-8)


def test_a_function_of_a_sum_is_spelled_out_with_sums_of_letters_of_their_own():
    program = plan_joint(eg.parse("y = gelu(sinh(1_i b_i)); z_j = silu(sum_i b_i c_ij)"), None, None, {}).program
    verify(program)
    assert "gelu" not in str(program)
