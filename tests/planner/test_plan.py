"""What a plan computes, and how often: operations are made once, pairs go to BLAS, ones and deltas never exist."""

from collections import Counter
from fractions import Fraction

import pytest
from oracle import indices

from einsgrad.calculus.apart import rename_apart
from einsgrad.frontend.parser import parse_program
from einsgrad.planner.forms import tied
from einsgrad.planner.interning import PlanBuilder
from einsgrad.planner.joint import plan_joint
from einsgrad.planner.plan import Contract, Diagonal, Number, Pointwise, Reduce, Scatter, Spread, needed
from einsgrad.planner.planning import make_plan


def plan_of(text, **sizes):
    return make_plan(rename_apart(parse_program(text)), sizes)


def used(plan):
    """The operations that the results need, in order."""
    return [plan.values[n].op for n in sorted(needed(plan.values, set(plan.results.values())))]


def kinds(text, **sizes):
    """How many operations of each kind a text needs; element-wise ones by function."""
    names = (op.function if isinstance(op, Pointwise) else type(op).__name__ for op in used(plan_of(text, **sizes)))
    return {name: count for name, count in Counter(names).items() if name not in ("Input", "Number", "Extent")}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("y_ij = x_ik a_kj", {"Contract": 1}),
        ("l = x_i x_i", {"Contract": 1}),
        ("v_b = 1_h x_bh", {"Reduce": 1}),
        ("v_b = x_bh x_bh", {"Contract": 1}),
        ("v_h = x_bh z_bh", {"Contract": 1}),
        ("v_b = 1_h x_bh^2", {"Contract": 1}),
        ("y_ij = x_i z_j", {"multiply": 1}),
        ("t = x_ii", {"Diagonal": 1, "Reduce": 1}),
        ("y_ij = δ_ij x_i", {"Scatter": 1}),
        ("y_ij = δ_ik x_kj", {"Arrange": 1}),
        ("y = δ_ij x_i z_j", {"Contract": 1}),
        ("y_ij = 1_i x_j + z_ij", {"add": 1}),
        ("y_i = x_i / s", {"divide": 1}),
        ("y_i = x_i^2", {"square": 1}),
        ("y_i = x_i^-1", {"divide": 1}),
        ("y_i = x_i^0.5", {"sqrt": 1}),
        ("y_i = x_i^3", {"square": 1, "multiply": 1}),
        ("y_i = x_i^2.5", {"power": 1}),
        ("y_i = x_i - 2 z_i", {"multiply": 1, "subtract": 1}),
        ("y_i = -x_i + z_i", {"subtract": 1}),
    ],
)
def test_operations_of_an_equation(text, wanted):
    assert kinds(text) == wanted


def test_ones_and_deltas_are_no_arrays():
    operations = used(plan_of("y_jk = 1_i 1_j δ_ik x_i z_k w_ij"))
    assert not any(isinstance(op, Spread | Scatter) for op in operations)


@pytest.mark.parametrize(
    "text",
    [
        "s_ij = a_ik b_kj; u_pq = exp(a_pr b_rq); y_ij = s_ij u_ij",
        "s_ij = a_ik b_kj; u_qp = exp(b_rq a_pr); y_ij = s_ij u_ji",
        "s_ij = a_ik b_kj + exp(b_kj a_ik)",
    ],
)
def test_equal_products_are_contracted_once(text):
    assert kinds(text)["Contract"] == 1


def test_products_of_other_shapes_are_different():
    assert kinds("y_ij = a_ik a_kj + a_ik a_jk")["Contract"] == 2


def test_path_follows_the_sizes():
    text = "y_i = a_ij b_jk c_k"
    assert kinds(text) == {"Contract": 2}
    plan = plan_of(text)
    assert all(
        len(plan.values[n].labels) == 1 for n in needed(plan.values, set(plan.results.values())) - inputs_of(plan)
    )


def inputs_of(plan):
    return {n for n, value in enumerate(plan.values) if type(value.op).__name__ == "Input"}


def test_scalars_go_to_the_smallest_operand():
    plan = plan_of("y_bij = λ q_bid k_bjd", b=2, i=100, j=100, d=4)
    (scaled,) = [v for v in plan.values if isinstance(v.op, Pointwise)]
    assert len(scaled.labels) == 3
    assert isinstance(plan.values[plan.results["y"]].op, Contract)


def test_small_factors_are_multiplied_first():
    plan = plan_of("y_bh = x_bh s_b / t_b")
    assert kinds("y_bh = x_bh s_b / t_b") == {"divide": 1, "multiply": 1}
    shapes = {v.op.function: len(v.labels) for v in plan.values if isinstance(v.op, Pointwise)}
    assert shapes == {"divide": 1, "multiply": 2}


def test_maximum_and_sums_are_reductions():
    plan = plan_of("p_i = exp(x_i)/(1_j exp(x_j))")
    assert not any(isinstance(v.op, Contract) for v in plan.values)
    assert [v.op.function for v in plan.values if isinstance(v.op, Reduce)] == ["sum"]


def test_plans_are_in_order():
    plan = plan_of("m_b = 1/|h| 1_h x_bh; v_b = 1/|h| 1_h (x_bh - 1_h m_b)^2; y_bh = (x_bh - 1_h m_b) / sqrt(v_b)")
    assert [b.definition.name for b in plan.blocks] == ["m", "v", "y"]
    assert [b.start for b in plan.blocks] == [1, plan.blocks[0].stop, plan.blocks[1].stop]
    assert set(plan.names.values()) == {"m", "v", "y"}


def test_builder_computes_with_exact_numbers():
    builder = PlanBuilder({})
    third = builder.pointwise("divide", (builder.number(1), builder.number(3)))
    assert builder.known(third) == Fraction(1, 3)
    assert builder.known(builder.pointwise("power", (third, builder.number(2)))) == Fraction(1, 9)
    assert builder.known(builder.pointwise("divide", (builder.number(1), builder.number(0)))) is None


def test_builder_takes_letters_as_they_come():
    i, j, k, m = indices("ijkm")
    builder = PlanBuilder({0: 2, 1: 3, 2: 4})
    a = builder.input("a", (i, k), (0, 2))
    b = builder.input("b", (k, j), (2, 1))
    first = builder.contract(a, b, (i, j))
    a_again = type(a)(a.value, (m, j))
    b_again = type(b)(b.value, (j, k))
    again = builder.contract(b_again, a_again, (k, m))
    assert again.value == first.value
    assert again.labels == (m, k)


def test_number_and_diagonal_of_an_input_are_views():
    plan = plan_of("y_i = x_ii + 0 z_i")
    assert any(isinstance(v.op, Diagonal) for v in plan.values)
    assert any(isinstance(v.op, Number) for v in plan.values)


def test_tied_groups_merge():
    i, j, k, m = indices("ijkm")
    assert tied([(i, j), (k, m)]) == [(i, j), (k, m)]
    assert tied([(i, j), (k, m), (m, i)]) == [(k, m, i, j)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("q_hb = x_bd w_hd; y_h = 1_b exp(q_hb)", {"q", "y"}),  # the matrix product has its axes in the order b, h
        ("l = exp(x_ij) z_ij; s_ij = exp(x_ij); t_ij = 2 s_ij", {"l", "s", "t"}),  # made for l, and s all the same
        ("s_i = exp(x_i); t_i = exp(x_i); l = s_i t_i", {"s", "l"}),
        ("s_i = exp(x_i); t_ij = 1_i s_j; l = t_ij z_ij", {"s", "l"}),
        ("s_i = x_i; d_ij = δ_ij x_i; K = |i|; c = 2; y_ij = K c s_i d_ij", {"y"}),
    ],
)
def test_values_are_called_after_the_tensors_that_they_hold(text, wanted):
    plan = plan_of(text)
    assert set(plan.names.values()) == wanted
    assert len(plan.names) == len(wanted)


def test_a_tensor_that_is_a_result_is_the_result():
    plan = plan_of("y_hb = x_bd w_hd")
    assert plan.names == {plan.results["y"]: "y"}
    assert [str(i) for i in plan.values[plan.results["y"]].labels] == ["h", "b"]


def test_a_quotient_by_a_number_and_a_product_with_its_reciprocal_are_one_value():
    assert kinds("h_i = x_i / 2; y_i = h_i + exp(0.5 x_i); z_i = h_i / 3 + 1/3 h_i")["multiply"] == 3


@pytest.mark.parametrize(("second", "contractions"), [("a", 2), ("b", 3)])
def test_a_product_with_itself_is_known_to_be_symmetric(second, contractions):
    text = f"s_rq = a_ir {second}_iq; u_rq = exp(s_rq) s_rq; y_ir = a_iq u_qr; z_ir = a_iq u_rq"
    assert kinds(text)["Contract"] == contractions


def test_functions_are_spelled_out_where_their_derivatives_have_parts_in_common():
    program = parse_program("y_i = gelu(x_i)")
    assert "gelu" in str(plan_joint(program, None, (), {}).program)
    plan = make_plan(plan_joint(program, None, None, {}).program)
    assert [op.function for op in used(plan) if isinstance(op, Pointwise)].count("erf") == 1
