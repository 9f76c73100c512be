"""What is given: facts are read and printed, simplify gradients, count in proofs, and are obeyed by arrays."""

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.calculus.given_arrays import obeying, obeys
from einsgrad.diagnostics import UsageError
from einsgrad.reference import evaluate
from einsgrad.render.latex import latex_program
from einsgrad.validation import validate

FACTS = """\
E = v_ijab t_ia t_jb + s_i s_i + q_ki x_i x_k + p_bc p_bc
given v_ijab == v_jiba
given A_ij == -A_ji
given 1_c p_bc == 1
given q_ki q_kj == δ_ij
given s_i > 0
given u_i >= 0
"""


def test_facts_read_back_in_both_dialects():
    program = eg.parse(FACTS)
    assert str(program) == FACTS
    assert len(program.facts) == 6
    assert eg.parse(latex_program(program)) == program
    assert program.inputs == ("v", "t", "s", "q", "x", "p")


@pytest.mark.parametrize("sign", [r"\ge", r"\geq", "≥", ">"])
def test_latex_signs(sign):
    program = eg.parse(rf"\begin{{align}} y &= s_i s_i, \\ \text{{given }} s_i &{sign} 0 \end{{align}}")
    assert [fact.relation for fact in program.facts] == [">" if sign == ">" else ">="]


def test_given_is_a_name_too():
    assert eg.parse("given_i = x_i; y = given_i given_i").inputs == ("x",)


# Text, what is differentiated by, and the gradient with terms merged as a textbook has it.
GRADIENTS = [
    ("given A_ij == A_ji; l = x_i A_ij x_j", "x", "∂l/∂x_i = 2 A_ij x_j"),
    ("given A_ij == A_ji; l = x_i A_ij x_j", "A", "∂l/∂A_ij = x_i x_j"),
    (
        "given v_ijab == v_jiba; E = f_ia t_ia + (2 v_ijab - v_ijba) (T_ijab + t_ia t_jb)",
        "t",
        "∂E/∂t_ia = f_ia + 2 (2 v_ijab - v_ijba) t_jb",
    ),
    ("given v_iajb == v_jbia; E = 2 v_iajb c_ia c_jb - v_iajb c_ia c_jb", "c", "∂E/∂c_ia = 2 v_iajb c_jb"),
    ("given h_mn == h_nm; E = h_mn C_mi C_nj k_pi k_pj", "C", "∂E/∂C_mi = 2 h_mn C_nj k_pi k_pj"),
    (
        "given h_mn == h_nm; given g_mnls == g_lsmn; given g_mnls == g_nmls; "
        "E = h_mn D_mn + 1/2 g_mnls D_mn D_ls; D_mn = C_mi C_ni",
        "C",
        "D_mn = C_mi C_ni\n∂E/∂D_mn = h_mn + g_mnls D_ls\n∂E/∂C_mi = 2 ∂E/∂D_mn C_ni",
    ),
    (
        "given 1_c t_bc == 1; l = t_bc (1_c log(1_k exp(z_bk)) - z_bc)",
        "z",
        "∂l/∂z_bk = exp(z_bk) / (1_k' exp(z_bk')) - t_bk",
    ),
    ("given q_ki q_kj == δ_ij; l = q_ki x_i q_kj x_j", "x", "∂l/∂x_i = 2 x_i"),
    ("given s_i > 0; l = 1_i abs(s_i)^3", "s", "∂l/∂s_i = 3 s_i^2"),
]


@pytest.mark.parametrize(("text", "by", "gradient"), GRADIENTS)
def test_gradients_are_simplified(text, by, gradient):
    assert str(eg.grad(text, wrt=by)).strip() == gradient


@pytest.mark.parametrize(("text", "by", "gradient"), GRADIENTS)
def test_simplified_gradients_are_those_of_each_component(text, by, gradient):
    """At arrays that obey the facts they are what the gradients without the facts are."""
    program = eg.parse(text)
    bare = eg.parse(";".join(part for part in text.split(";") if "given" not in part))
    rng = np.random.default_rng(0)
    arrays = {x: rng.uniform(0.5, 1.5, (3,) * len(program.indices(x))) for x in program.inputs}
    arrays = obeying(program.given, arrays)
    assert obeys(program.given, arrays)
    values = [f.value_and_grad(**arrays)[1][by] for f in (eg.compile(program, wrt=by), eg.compile(bare, wrt=by))]
    np.testing.assert_allclose(*values, rtol=1e-12, atol=1e-12)
    derived, name = eg.grad(program, wrt=by), f"∂{program.outputs[0]}/∂{by}"
    known = {**arrays, **{x: evaluate(program, arrays)[x] for x in derived.inputs if x in program.by_name}}
    np.testing.assert_allclose(evaluate(derived, known)[name], values[1], rtol=1e-12, atol=1e-12)


def test_a_second_derivative_is_that_of_each_component():
    text = "given A_ij == A_ji; l = A_ij A_ji; g_pq = ∂l/∂A_pq; h_pqrs = ∂g_pq/∂A_rs"
    a = np.array([[1.0, 2.0], [2.0, 5.0]])
    expected = 2 * np.einsum("ps,qr->pqrs", np.eye(2), np.eye(2))
    np.testing.assert_allclose(eg.compile(text)(A=a), expected)


def test_a_derivation_names_the_fact():
    derivation = eg.derive("given A_ij == A_ji; l = x_i A_ij x_j", wrt="x")
    assert [step.rule for step in derivation.steps][-2:] == ["as derived", "A_pj = A_jp"]
    assert "A_pj = A_jp" in derivation.text()
    assert eg.derive("l = x_i A_ij x_j", wrt="x").steps[-1].rule != "A_pj = A_jp"


CLAIMS = [
    ("given A_ij == A_ji; A_ij x_i y_j == A_ij x_j y_i", "proved"),
    ("given A_ij == -A_ji; A_ij x_i x_j == 0", "proved"),
    ("given A_ij == -A_ji; A_ij x_i y_j == A_ij x_j y_i", "refuted"),
    ("given v_ijab == v_jiba; E = v_ijab t_ia t_jb; ∂E/∂t_kc == 2 v_kjcb t_jb", "proved"),
    ("given v_ijab == v_jiba; E = v_ijab t_ia t_jb; ∂E/∂t_kc == 2 v_kjbc t_jb", "refuted"),
    (
        "given 1_c t_bc == 1; l = -1/|b| t_bc log(p_bc); p_bc = exp(z_bc) / (1_k exp(z_bk)); "
        "∂l/∂z_bc == (p_bc - t_bc)/|b|",
        "proved",
    ),
    ("given 1_c t_bc == 1; t_bc t_bc == 1_b 1", "refuted"),
    ("given 1_bc t_bc == 3; a t_bc 1_bc == 3 a", "proved"),
    ("given 1_c t_bc == 1; 1_b t_bc == 1", "refuted"),
    ("given q_ki q_kj == δ_ij; q_ki x_i q_kj x_j == x_i x_i", "proved"),
    ("given q_ki q_kj == δ_ij; q_ki q_li x_k == x_l", "refuted"),
    ("given s_i >= 0; abs(s_i) == s_i", "proved"),
    ("given s_i > 0; sign(s_i) == 1", "proved"),
    ("given s_i >= 0; sign(s_i) == 1", "refuted"),
]


@pytest.mark.parametrize(("text", "verdict"), CLAIMS)
def test_facts_count_in_proofs(text, verdict):
    program = eg.parse(text)
    (claim,) = eg.check(program).claims
    assert claim.verdict == verdict
    if verdict == "proved":
        assert claim.given == (str(program).splitlines()[-1].removeprefix("given "),)
        assert str(claim).endswith(f", given {claim.given[0]}")
    else:
        assert claim.counterexample is not None
        assert obeys(program.given, claim.counterexample.arrays)
        assert claim.given == ()


def test_a_proof_that_needs_no_fact_names_none():
    report = eg.check("given A_ij == A_ji; A_ij x_j == x_j A_ij")
    assert report.claims[0].given == ()
    assert report.as_dict()["claims"][0]["given"] == []


def test_check_compares_at_arrays_that_obey():
    """At other arrays the merged terms would be off the differences."""
    assert eg.check("given A_ij == A_ji; l = x_i A_ij y_j + exp(x_i) A_ji x_j").ok


@pytest.mark.parametrize(
    "facts",
    [
        "given a_ijk == a_jki",
        "given a_ij == -a_ji",
        "given a_ijkl == -a_jikl; given a_ijkl == -a_ijlk; given a_ijkl == a_klij",
        "given 1_jk a_ijk == 2; given a_ijk > 0",
        "given 1_i a_ij == 1",
        "given a_ik a_jk == δ_ij",
        "given a_i > 0",
    ],
)
def test_arrays_obey(facts):
    program = eg.parse(facts)
    order = len(program.indices("a"))
    for numbers in (np.random.default_rng(0).normal(size=(3,) * order), np.zeros((2,) * order)):
        arrays = obeying(program.given, {"a": numbers})
        assert obeys(program.given, arrays) or not numbers.any()
    assert not obeys(program.given, {"a": np.random.default_rng(1).normal(size=(3,) * order) - 5})


@pytest.mark.parametrize(
    ("fact", "array", "message"),
    [
        ("a_ij == a_ji", [[1, 2], [3, 1]], "`a` breaks `given a_ij == a_ji` at i = 0, j = 1 (counted from 0)"),
        ("a_ij == a_ji", [[1, 2]], "`a` has the shape (1, 2), and breaks `given a_ij == a_ji`"),
        ("1_c a_bc == 1", [[0.5, 0.5], [1, 1]], "`a` breaks `given 1_c a_bc == 1` at b = 1 (counted from 0)"),
        ("1_i a_i == 1", [2.0], "`a` breaks `given 1_i a_i == 1`"),
        (
            "a_ki a_kj == δ_ij",
            [[1, 1], [0, 1]],
            "`a` breaks `given a_ki a_kj == δ_ij` at i = 0, j = 1 (counted from 0)",
        ),
        ("a_i > 0", [1, 0], "`a` breaks `given a_i > 0` at i = 1 (counted from 0)"),
        ("a_i >= 0", [1, float("nan")], "`a` breaks `given a_i >= 0` at i = 1 (counted from 0)"),
    ],
)
def test_arrays_that_break_a_fact_are_named(fact, array, message):
    with pytest.raises(UsageError) as caught:
        validate(eg.parse(f"given {fact}"), {"a": np.array(array)})
    assert [(d.code, d.message) for d in caught.value.diagnostics] == [("given-broken", message)]


def test_rounding_breaks_no_fact():
    p = np.full((2, 3), 1 / 3, dtype=np.float32)
    validate(eg.parse("given 1_c p_bc == 1"), {"p": p})
