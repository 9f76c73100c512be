"""The article's rulebook: one test a rule, named after it; its invalid examples are errors, or refuted."""

from __future__ import annotations

import numpy as np
import pytest

import einsgrad as eg

RNG = np.random.default_rng(0)


def verdicts(text: str) -> list[str]:
    report = eg.check(text)
    assert not report.diagnostics, report.diagnostics
    return [claim.verdict for claim in report.claims]


def run(text: str, **arrays):
    return eg.compile(eg.parse(text), wrt=[])(**arrays)


def error(text: str) -> eg.Diagnostic:
    with pytest.raises(eg.LanguageError) as caught:
        eg.parse(text)
    return caught.value.diagnostics[0]


# -- tensor indices --------------------------------------------------------------------------------------


def test_the_number_of_indices_is_the_order():
    t = RNG.normal(size=(2, 3, 4))
    assert run("y_ijk = t_ijk", t=t).shape == (2, 3, 4)
    found = error("y_ijk = t_ijk + t_ij 1_k")
    assert found.code == "order"


def test_indices_can_use_any_letters():
    t = RNG.normal(size=(2, 3, 4))
    np.testing.assert_array_equal(run("y_ijk = t_ijk", t=t), run("y_abc = t_abc", t=t))


# -- free and dummy indices ------------------------------------------------------------------------------


def test_free_indices_repeat_the_equation():
    b, c = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
    np.testing.assert_array_equal(run("a_i = b_i c_i", b=b, c=c), [4.0, 10.0, 18.0])


def test_a_free_index_appears_in_every_term():
    assert error("a_ij = b_ij + c_i").code == "free-missing"


def test_a_free_index_can_be_renamed_in_all_terms():
    b = RNG.normal(size=3)
    np.testing.assert_array_equal(run("a_i = b_i + 2 b_i", b=b), run("a_j = b_j + 2 b_j", b=b))


def test_dummy_indices_are_summed():
    assert run("a = b_i c_i", b=np.array([1.0, 2.0]), c=np.array([3.0, 4.0])) == 11.0


def test_a_dummy_index_may_appear_more_than_twice():
    b, c, d = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 3)), RNG.normal(size=3)
    np.testing.assert_allclose(run("a_i = b_ik c_ik d_k", b=b, c=c, d=d), np.einsum("ik,ik,k->i", b, c, d))


def test_a_dummy_index_is_local_to_its_term():
    assert verdicts("a_i b_i + c_i d_i == a_j b_j + c_k d_k") == ["proved"]


def test_a_free_index_can_be_stated():
    assert verdicts("α_ij b_ij == b_ij α_ij (no sum i)") == ["proved"]
    assert verdicts("a_ij b_ij == a_ij b_ij + 0 c_i (no sum i)") == ["proved"]


# -- Kronecker delta -------------------------------------------------------------------------------------


def test_the_delta_is_one_where_its_indices_agree():
    np.testing.assert_array_equal(run("y_ij = δ_ij x_i 1_j", x=np.array([2.0, 3.0])), [[2.0, 0.0], [0.0, 3.0]])


def test_the_delta_is_symmetric():
    assert verdicts("δ_ij == δ_ji") == ["proved"]


def test_the_delta_selects():
    assert verdicts("δ_ki a_ij == a_kj") == ["proved"]


def test_the_delta_replaces_an_index_in_several_tensors():
    assert verdicts("δ_ki b_ij c_ij == b_kj c_kj (no sum k, j)") == ["proved"]
    assert verdicts("δ_ki b_ij c_ij == b_kj c_kj (no sum k)") == ["proved"]


def test_the_delta_replaces_in_either_direction():
    assert verdicts("δ_ij b_ip c_qj == b_jp c_qj") == ["proved"]
    assert verdicts("δ_ij b_ip c_qj == b_ip c_qi") == ["proved"]


def test_the_trace_of_the_delta_is_the_size():
    assert verdicts("δ_ii x_i == |i| x_i (no sum i)") != ["proved"]
    assert verdicts("δ_jj a_ij == |j| a_ij (no sum j)") != ["proved"]
    assert verdicts("δ_ij δ_ij x_k y_k δ_ik == x_k y_k") == ["proved"]


# -- one-tensor ------------------------------------------------------------------------------------------


def test_the_one_tensor_contracts():
    assert run("a = 1_i b_i", b=np.array([1.0, 2.0, 4.0])) == 7.0


def test_the_one_tensor_broadcasts():
    f = eg.compile(eg.parse("a_ij = 1_i b_j"), sizes={"i": 2})
    np.testing.assert_array_equal(f(b=np.array([1.0, 2.0, 3.0])), [[1.0, 2.0, 3.0]] * 2)


def test_the_contraction_of_one_tensors_is_the_size():
    assert verdicts("1_n 1_n x_n == 1_n x_n") == ["proved"]
    assert verdicts("1_n 1_n (1_m x_mn z_n) == |n| x_mn z_n 1_m") != ["proved"]
    assert run("a = 1_n 1_n + 0 (1_n x_n)", x=np.ones(5)) == 5.0
    assert run("a = 1_n 1_n 1_n 1_n + 0 (1_n x_n)", x=np.ones(5)) == 5.0


def test_one_tensors_merge():
    assert verdicts("1_i 1_j + 0 x_ij == 1_ij") == ["proved"]


def test_a_one_tensor_is_dropped_where_another_tensor_carries_the_index():
    assert verdicts("1_ij b_ij c_j == b_ij c_j (no sum i)") == ["proved"]


# -- substitution ----------------------------------------------------------------------------------------


def test_substitution_uses_the_same_free_indices():
    given = "c_j = d_jj; "
    assert verdicts(given + "b_i c_i == b_i d_ii (no sum i)") == ["proved"]
    assert verdicts(given + "b_i c_i == b_i d_jj (no sum i)") == ["refuted"]


def test_substitution_uses_different_dummy_indices():
    given = "c_i = d_ij e_j; "
    assert verdicts(given + "b_ij 1_j c_i == b_ij 1_j d_ik e_k (no sum i)") == ["proved"]
    assert verdicts(given + "b_ij 1_j c_i == b_ij 1_j d_ij e_j (no sum i)") == ["refuted"]


def test_substitution_into_a_contraction_is_wrong():
    assert verdicts("β = c_k d_k; b_k c_k d_k == b_k β") == ["refuted"]


# -- addition and multiplication -------------------------------------------------------------------------


def test_only_tensors_of_one_order_are_added():
    assert error("y_ij = a_ij + b_i").code == "free-missing"
    assert verdicts("a_ij + b_ij == b_ij + a_ij") == ["proved"]


def test_a_scalar_is_broadcast_in_a_sum():
    assert verdicts("a_ij + b == a_ij + b 1_ij") == ["proved"]


@pytest.mark.parametrize(
    "claim",
    [
        "a_i + b_i == b_i + a_i",
        "(a_i + b_i) + c_i == a_i + (b_i + c_i)",
        "a_i b_j == b_j a_i",
        "a_i b_i == b_i a_i",
        "(a_i b_j) c_k == a_i (b_j c_k)",
        "(a_i b_j) c_j == a_i (b_j c_j)",
    ],
)
def test_addition_and_multiplication_commute_and_associate(claim):
    assert verdicts(claim) == ["proved"]


def test_factoring_needs_terms_of_one_order():
    assert error("a_i = b_ij (c_ij + d_j)").code == "free-missing"
    assert verdicts("b_ij c_ij + b_ij d_j == b_ij (c_ij + 1_i d_j) (no sum i)") == ["proved"]


# -- algebra ---------------------------------------------------------------------------------------------

GIVEN = "a_i = b_ik c_k; "


def test_a_function_may_be_applied_to_both_sides():
    assert verdicts(GIVEN + "exp(a_i) == exp(b_ik c_k)") == ["proved"]


def test_a_tensor_may_be_added_to_both_sides():
    assert verdicts(GIVEN + "a_i + γ_i == b_ik c_k + γ_i") == ["proved"]


def test_both_sides_may_be_multiplied_by_a_scalar():
    assert verdicts(GIVEN + "a_i λ == b_ik c_k λ") == ["proved"]


def test_both_sides_may_be_multiplied_with_new_free_indices():
    assert verdicts(GIVEN + "a_i γ_j == b_ik c_k γ_j") == ["proved"]


def test_both_sides_may_be_contracted_with_a_free_index():
    assert verdicts(GIVEN + "a_i γ_i == b_ik c_k γ_i") == ["proved"]


def test_contracting_a_dummy_index_again_is_wrong():
    assert verdicts(GIVEN + "a_i γ_k == b_ik c_k γ_k") == ["refuted"]
    report = eg.check("a_k 1_k γ_k == b_k 1_k γ_k")
    assert [c.verdict for c in report.claims] == ["refuted"]


def test_function_identities_hold_for_components():
    assert verdicts("a_ij = b_i c_j; a_ij^2 == b_i^2 c_j^2") == ["proved"]
    assert verdicts("log(a_i b_i) == log(a_i) + log(b_i)") != ["refuted"]


def test_function_identities_do_not_hold_through_a_contraction():
    assert verdicts("a_ij = b_ik c_jk; a_ij^2 == b_ik^2 c_jk^2") == ["refuted"]


# -- tensor calculus -------------------------------------------------------------------------------------


def test_the_derivative_operator_uses_new_free_indices():
    assert error("y_i = sin(x_i); g_i = ∂y_i/∂x_i").code == "derivative-index"
    assert verdicts("y_ij = sin(x_ij); ∂y_ij/∂x_ab == ∂(sin(x_ij))/∂x_ab") == ["proved"]


def test_the_derivative_of_a_tensor_by_itself_is_a_product_of_deltas():
    assert verdicts("∂x_i/∂x_p == δ_ip") == ["proved"]
    assert verdicts("∂x_ijk/∂x_pqr == δ_ip δ_jq δ_kr") == ["proved"]


FUNCTIONS_OF_X = "u_ab = sin(x_ab); v_cd = exp(x_cd); "


def test_product_rule():
    claim = "∂(u_ab v_cd)/∂x_pq == ∂u_ab/∂x_pq v_cd + u_ab ∂v_cd/∂x_pq"
    assert verdicts(FUNCTIONS_OF_X + claim) == ["proved"]


def test_product_rule_for_a_contraction():
    claim = "∂(u_ab v_bc)/∂x_pq == ∂u_ab/∂x_pq v_bc + u_ab ∂v_bc/∂x_pq"
    assert verdicts(FUNCTIONS_OF_X + claim) == ["proved"]


def test_quotient_rule():
    claim = "∂(u_ab / v_cd)/∂x_pq == 1 / v_cd^2 (∂u_ab/∂x_pq v_cd - u_ab ∂v_cd/∂x_pq)"
    assert verdicts(FUNCTIONS_OF_X + claim) == ["proved"]


def test_chain_rule_contracts_the_two_derivatives():
    given = "u_c = sin(x_c); y_a = w_ac u_c; "
    assert verdicts(given + "∂y_a/∂x_p == ∂y_a/∂u_c ∂u_c/∂x_p") == ["proved"]
    assert verdicts(given + "∂y_a/∂x_p == (∂y_a/∂u_c 1_c) (∂u_q/∂x_p 1_q)") == ["refuted"]


def test_chain_rule_of_nested_functions_has_separate_contractions():
    given = "v_e = exp(x_e); u_c = m_ce v_e; y_a = w_ac sin(u_c); "
    assert verdicts(given + "∂y_a/∂x_p == ∂y_a/∂u_c ∂u_c/∂v_e ∂v_e/∂x_p") == ["proved"]


def test_chain_rule_adds_up_several_paths():
    given = "u_c = sin(x_c); v_c = exp(x_c); y_a = w_ac u_c + z_ac v_c; "
    claim = "∂y_a/∂x_p == ∂y_a/∂u_c ∂u_c/∂x_p + ∂y_a/∂v_e ∂v_e/∂x_p"
    assert verdicts(given + claim) == ["proved"]


# -- examples --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "slope"), [("sin", "cos(x_p)"), ("exp", "exp(x_p)"), ("tanh", "(1 - tanh(x_p)^2)"), ("log", "1/x_p")]
)
def test_gradient_of_an_element_wise_function(function, slope):
    given = f"y_i = {function}(x_i); "
    assert verdicts(given + f"∂l/∂x_p == ∂l/∂y_p * {slope} (no sum p)") == ["proved"]


def test_gradients_of_matrix_multiplication():
    given = "y_ij = x_ik a_kj; "
    assert verdicts(given + "∂y_ij/∂x_pq == δ_ip a_qj") == ["proved"]
    assert verdicts(given + "∂l/∂x_pq == ∂l/∂y_pj a_qj") == ["proved"]
    assert verdicts(given + "∂y_ij/∂a_pq == x_ip δ_jq") == ["proved"]
    assert verdicts(given + "∂l/∂a_pq == ∂l/∂y_iq x_ip") == ["proved"]
    assert verdicts(given + "∂l/∂x_pq == ∂l/∂y_pj a_jq") == ["refuted"]
    printed = str(eg.grad(eg.parse(given), of="y"))
    assert printed == "∂l/∂x_ik = ∂l/∂y_ij a_kj\n∂l/∂a_kj = ∂l/∂y_ij x_ik\n"
