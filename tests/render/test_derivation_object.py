"""The object that ``derive`` gives: what it holds beside the formats, which have goldens."""

import pytest

import einsgrad as eg
from einsgrad.gallery import names
from einsgrad.ir.derivation import print_reason


def derive(text, **choice):
    return eg.derive(eg.parse(text), **choice)


def test_steps_are_all_lines_in_order_with_their_rules():
    steps = derive("y_i = sin(x_i)").steps
    assert [step.rule for step in steps] == [
        "definition of y",
        "chain rule",
        "∂x_i/∂x_p = δ_ip",
        "chain rule",
        "Jacobian inserted",
        "δ_ip: i → p",
    ]


def test_sections_chains_and_steps_tell_what_they_are():
    derivation = eg.derive(eg.load("layer_norm"), wrt="γ")
    assert repr(derivation.sections) == (
        "(Section('y_bh = (x_bh - 1_h m_b) / sqrt(v_b + ε) γ_h + 1_b β_h', 2 chains),)"
    )
    chain = derive("y_i = sin(x_i)").sections[0].chains[0]
    assert repr(chain) == "Chain('∂y_i/∂x_p', 3 steps)"
    assert repr(chain.steps[1]) == "Step('cos(x_i) ∂x_i/∂x_p', 'chain rule')"
    assert repr(eg.derive(eg.load("layer_norm")).sections[-1]) == "Section(all equations, 5 chains)"


def test_the_program_is_that_of_grad():
    program = eg.load("attention")
    derivation = eg.derive(program, wrt=["q", "k"])
    assert derivation.program == eg.grad(program, wrt=["q", "k"])


def test_matrix_notation_has_a_line_for_each_gradient_that_matrices_can_say():
    assert derive("y_ij = x_ik a_kj").matrix() == "∂l/∂X = ∂l/∂Y Aᵀ\n∂l/∂A = Xᵀ ∂l/∂Y"
    assert derive("y_ij = x_i a_j t_ijk 1_k", wrt=["x", "t"]).matrix() == ""


def test_einsum_strings_come_with_their_operands_and_their_number():
    results = {r.equation.name: r.einsum for r in derive("E = 3 x_i a_ij x_j").document.results}
    assert results == {"∂E/∂x": None, "∂E/∂a": "3 × i,j->ij  (x, x)"}
    (trace,) = derive("t = x_ii").document.results
    assert trace.einsum == "ij->ij  (δ)"


def test_without_steps_all_equations_are_results():
    whole = eg.derive(eg.load("layer_norm"), wrt="x")
    alone = whole.without_steps()
    assert alone.steps == ()
    assert [r.equation.name for r in alone.document.results] == [d.name for d in whole.program.definitions]
    assert [r.equation.name for r in whole.document.results] == ["∂l/∂v", "∂l/∂m", "∂l/∂x"]


def test_the_title_names_what_is_differentiated_by():
    derivation = derive("y_i = x_i gamma_i")
    assert print_reason(derivation.document.title) == "Gradients by x, gamma"
    assert r"\paragraph{Gradients by $x$, $\gamma$.}" in derivation.latex()
    assert derivation.markdown().startswith("# Gradients by $x$, $\\gamma$\n")
    assert "<title>Gradients by x, gamma</title>" in derivation.html()
    assert print_reason(derive("y_i = 1_i").document.title) == "Gradients"


def test_jupyter_shows_mathematics():
    derivation = derive("y_i = sin(x_i)")
    assert derivation._repr_markdown_() == derivation.markdown()
    assert r"\frac{\partial l}{\partial x_{i}}" in derivation.program._repr_latex_()


def test_it_prints_as_its_text():
    derivation = derive("y_i = sin(x_i)")
    assert str(derivation) == derivation.text()


@pytest.mark.parametrize("name", names())
def test_latex_has_commands_for_all_that_is_not_ascii(name):
    assert eg.derive(eg.load(name)).latex().isascii()
