"""Derivations: their lines are equal, end at the gradients that are compiled, and read as in the literature."""

import random

import pytest
from derivations import Judge
from programs import write_program

import einsgrad as eg
from einsgrad.calculus.canonical import canonical_key
from einsgrad.calculus.derivation import derive_gradients
from einsgrad.calculus.derivative_rules import derivative_rules
from einsgrad.calculus.simplify import SIMPLIFICATION
from einsgrad.calculus.trace import tidy
from einsgrad.gallery import names
from einsgrad.ir import build
from einsgrad.ir.derivation import Chain, Section, Step
from einsgrad.ir.letters import rename
from einsgrad.ir.nodes import Derivative, Tensor
from einsgrad.ir.printer import print_expression
from einsgrad.ir.traversal import postorder


def chains(program, of=None, wrt=None):
    """All chains, by the text of their left-hand sides: the lines with their reasons."""
    program = eg.parse(program) if "=" in program else eg.load(program)
    sections, _ = derive_gradients(program, of, wrt)
    return {
        print_expression(chain.left): [(print_expression(s.expr), s.rule) for s in chain.steps]
        for section in sections
        for chain in section.chains
    }


# -- every line is right -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_consecutive_lines_of_the_gallery_are_equal(name):
    judge = Judge(eg.load(name))
    assert judge.sections
    assert judge.disagreements() == []


@pytest.mark.parametrize("seed", range(150))
def test_consecutive_lines_of_random_programs_are_equal(seed):
    assert Judge(write_program(random.Random(seed))).disagreements() == []


def test_a_wrong_line_is_noticed():
    judge = Judge(eg.load("matmul"))
    (section,) = judge.sections
    chain = section.chains[1]
    wrong = rename(chain.steps[-1].expr, {})
    steps = (*chain.steps[:-1], Step(build.negate(wrong), ("sign lost",)))
    judge.sections = (Section(section.equation, (Chain(chain.left, steps),)),)
    assert judge.disagreements() == [
        "∂l/∂y_ij δ_ip a_qj  =/=  -∂l/∂y_pj a_qj",
        "-∂l/∂y_pj a_qj  =/=  ∂l/∂x_pq",
    ]


@pytest.mark.parametrize("name", names())
def test_derivations_end_without_derivatives_at_the_gradients_that_are_compiled(name):
    program = eg.load(name)
    sections, derived = derive_gradients(program, None, None)
    assert str(derived) == str(eg.grad(program))
    ends = {}
    for section in sections:
        for chain in section.chains:
            last = chain.steps[-1].expr
            assert not any(isinstance(node, Derivative) for node in postorder(last))
            match chain.left:
                case Tensor(name=gradient, indices=new):
                    ends[gradient] = (new, last)
                case Derivative(operand=Tensor(name=y, indices=()), wrt=Tensor(name=x, indices=new)):
                    ends.setdefault(f"∂{y}/∂{x}", (new, last))
    for d in derived.definitions:
        if d.name in ends:
            new, last = ends[d.name]
            own = rename(last, dict(zip(new, d.indices, strict=True)))
            assert canonical_key(tidy(own)) == canonical_key(tidy(d.rhs)), d.name
    assert any(d.name in ends for d in derived.definitions)


# -- the lines of the literature -----------------------------------------------------------------------------------


def test_element_wise_function():
    assert chains("y_i = sin(x_i)") == {
        "∂y_i/∂x_p": [
            ("∂sin(x_i)/∂x_p", "definition of y"),
            ("cos(x_i) ∂x_i/∂x_p", "chain rule"),
            ("cos(x_i) δ_ip", "∂x_i/∂x_p = δ_ip"),
        ],
        "∂l/∂x_p": [
            ("∂l/∂y_i ∂y_i/∂x_p", "chain rule"),
            ("∂l/∂y_i cos(x_i) δ_ip", "Jacobian inserted"),
            ("∂l/∂y_p cos(x_p)", "δ_ip: i → p"),
        ],
    }


def test_matrix_multiplication():
    assert chains("y_ij = x_ik a_kj") == {
        "∂y_ij/∂x_pq": [
            ("∂(x_ik a_kj)/∂x_pq", "definition of y"),
            ("∂x_ik/∂x_pq a_kj", "product rule"),
            ("δ_ip δ_kq a_kj", "∂x_ik/∂x_pq = δ_ip δ_kq"),
            ("δ_ip a_qj", "δ_kq: k → q"),
        ],
        "∂l/∂x_pq": [
            ("∂l/∂y_ij ∂y_ij/∂x_pq", "chain rule"),
            ("∂l/∂y_ij δ_ip a_qj", "Jacobian inserted"),
            ("∂l/∂y_pj a_qj", "δ_ip: i → p"),
        ],
        "∂y_ij/∂a_pq": [
            ("∂(x_ik a_kj)/∂a_pq", "definition of y"),
            ("x_ik ∂a_kj/∂a_pq", "product rule"),
            ("x_ik δ_kp δ_jq", "∂a_kj/∂a_pq = δ_kp δ_jq"),
            ("x_ip δ_jq", "δ_kp: k → p"),
        ],
        "∂l/∂a_pq": [
            ("∂l/∂y_ij ∂y_ij/∂a_pq", "chain rule"),
            ("∂l/∂y_ij x_ip δ_jq", "Jacobian inserted"),
            ("∂l/∂y_iq x_ip", "δ_jq: j → q"),
        ],
    }


def test_layer_norm_has_a_section_for_each_equation_then_the_accumulated_adjoints():
    sections, _ = derive_gradients(eg.load("layer_norm"), None, None)
    heads = [section.equation.name if section.equation else None for section in sections]
    assert heads == ["m", "v", "y", None]
    lefts = [[print_expression(chain.left) for chain in section.chains] for section in sections]
    assert lefts == [
        ["∂m_b/∂x_pq"],
        ["∂v_b/∂m_p", "∂v_b/∂x_pq"],
        ["∂y_bh/∂v_p", "∂y_bh/∂m_p", "∂y_bh/∂x_pq", "∂y_bh/∂γ_p", "∂y_bh/∂β_p"],
        ["∂l/∂v_p", "∂l/∂m_p", "∂l/∂x_pq", "∂l/∂γ_p", "∂l/∂β_p"],
    ]


def test_a_tensor_that_several_equations_use_gets_a_term_for_each():
    found = chains("layer_norm")["∂l/∂x_pq"]
    assert found[0] == (
        "∂l/∂y_bh ∂y_bh/∂x_pq + ∂l/∂v_b ∂v_b/∂x_pq + ∂l/∂m_b ∂m_b/∂x_pq",
        "chain rule through y, v and m",
    )


def test_a_scalar_output_is_reached_directly_and_through_others():
    found = chains("z_i = sin(x_i); E = z_i x_i")["∂E/∂x_p"]
    assert found[0] == ("∂E/∂x_p + ∂E/∂z_i ∂z_i/∂x_p", "chain rule directly and through z")
    assert found[-1] == ("z_p + x_p cos(x_p)", "δ_ip: i → p")


def test_the_quotient_rule():
    found = chains("y_i = u_i / v_i", wrt="v")["∂y_i/∂v_p"]
    assert ("-u_i v_i^-2 ∂v_i/∂v_p", "quotient rule") in found


def test_the_gradient_of_a_scalar_is_its_jacobian():
    found = chains("E = x_i x_i")
    assert list(found) == ["∂E/∂x_p"]
    assert found["∂E/∂x_p"][-1] == ("2 x_p", "equal terms")


def test_what_reaches_an_output_by_another_has_a_name_beside_the_given_gradient():
    found = chains("y_i = sin(x_i); z_i = y_i y_i", of=["y", "z"])
    assert found["gy_p"][0] == ("∂l/∂y_p + ∂l/∂z_i ∂z_i/∂y_p", "chain rule")
    assert found["∂l/∂x_p"][0] == ("gy_i ∂y_i/∂x_p", "chain rule")


def test_a_derivative_in_an_equation_is_carried_out_in_its_section():
    found = chains("y_i = sin(x_i); J_ip = ∂y_i/∂x_p", of="J", wrt=[])
    assert found["∂y_i/∂x_p"] == [
        ("∂sin(x_i)/∂x_p", "definition of y"),
        ("cos(x_i) ∂x_i/∂x_p", "chain rule"),
        ("cos(x_i) δ_ip", "∂x_i/∂x_p = δ_ip"),
    ]


def test_new_free_indices_avoid_the_letters_of_the_program():
    found = chains("y_p = x_pq w_q; z = y_q y_q")
    assert "∂y_p/∂w_r" in found
    assert "∂y_p/∂x_rs" in found


def test_new_free_indices_avoid_the_names_of_tensors():
    assert "∂L/∂p_qr" in chains("L = p_ij p_ij")
    assert {"∂p_i/∂q_r", "∂p_i/∂s_r", "∂y_i/∂p_r", "∂l/∂p_r"} <= chains("p_i = q_i s_i; y_i = sin(p_i)").keys()


# -- the names of the rules ----------------------------------------------------------------------------------------

EXAMPLES = (
    "y_ij = x_ik a_kj",
    "y_i = u_i / v_i + u_i^3",
    "y_i = sin(x_i); z_p = ∂y_i/∂x_p 1_i; c_p = ∂y_i/∂w_p 1_i",
    "y_i = 1_i 1_j 1_j x_k x_k + exp(0) x_i",
    "y_i = δ_jj x_i + δ_ij^2 x_j + sqrt(x_i^4) + abs(x_i) abs(x_i)",
    "E = (x_i x_i)^2 + x_i x_i",
    "E = x_i x_i x_j x_j + 1_i (2 x_i w_i)^2 + 1_i (x_i w_i)^3",
    "y_i = [w_i > 0] (2 x_i + w_i) + [w_i > 0]^2 x_i",
    "y_i = [x_i > 0] x_i",
    "E = 1_i (δ_ij x_j + 2 w_i)^2; H_pq = ∂g_p/∂x_q; g_i = ∂E/∂x_i",
)


def test_each_rule_name_appears_in_some_derivation():
    said = {reason for text in (*EXAMPLES, *names()) for lines in chains(text).values() for _, reason in lines}
    together = "\n".join(said)
    rules = (*derivative_rules(lambda wrt: {wrt}, lambda operand, wrt: operand), *SIMPLIFICATION)
    missing = {rule.name for rule in rules if rule.explain is None and rule.name not in together}
    assert missing == set()
    for pattern in ("quotient rule", "power rule", "definition of y", "∂x_i/∂x_p = δ_ip", "∂y_i/∂w_j = 0"):
        assert pattern in together
    for pattern in ("δ_kq: k → q", "δ_jj = 1_j", "1_h dropped: x carries h", "1_j 1_j = |j|"):
        assert pattern in together
    for pattern in ("chain rule through y, v and m", "Jacobian inserted", "common factors in front"):
        assert pattern in together
