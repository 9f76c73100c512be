"""LaTeX as it is found in papers: raised indices, and terms of brackets that lack an index."""

import pytest

import einsgrad as eg
from einsgrad.diagnostics import LanguageError


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"E = \frac{1}{4} \sum_{ijab} v_{ij}^{ab} t_{ij}^{ab}", "E = 1/4 v_ijab t_ijab"),
        (r"r_{ij}^{ab} &= v^{ab}_{ij} + \sum_c f_{bc} t_{ij}^{ac}", "r_ijab = v_ijab + f_bc t_ijac"),
        (r"\text{given } v_{ij}^{ab} = v_{ji}^{ba}", "given v_ijab == v_jiba"),
        (r"y_{i} = x_{i}^{ab} a b", None),
        (r"y_{ij} = x_{i}^{j} z_{ij}", None),
    ],
)
def test_raised_indices(latex, plain):
    if plain is None:
        with pytest.raises(LanguageError) as caught:
            eg.parse(latex, dialect="latex")
        assert [d.code for d in caught.value.diagnostics] == ["upper-index"]
    else:
        assert eg.parse(latex, dialect="latex") == eg.parse(plain)


@pytest.mark.parametrize(
    ("latex", "plain", "term", "one"),
    [
        (r"J_{ik} = p_i (\delta_{ik} - p_k)", "J_ik = p_i (δ_ik - 1_i p_k)", "p_k", r"\mathbf{1}_{i}"),
        (r"g_k = \sum_i u_i p_i (\delta_{ik} - 2 p_k)", "g_k = u_i p_i (δ_ik - 2 1_i p_k)", "2 p_k", r"\mathbf{1}_{i}"),
        (
            r"y_{bh} = \gamma_h \frac{1}{s_b} (x_{bh} - m_b)",
            "y_bh = γ_h / s_b (x_bh - 1_h m_b)",
            "m_b",
            r"\mathbf{1}_{h}",
        ),
    ],
)
def test_a_term_of_a_bracket_is_broadcast_with_a_warning(latex, plain, term, one):
    program = eg.parse(latex, dialect="latex")
    assert program == eg.parse(plain)
    (warning,) = program.warnings
    assert (warning.code, warning.span.text) == ("bracket-broadcast", term)
    assert warning.message.startswith(f"`{term}` is read as `{one} {term}`")


@pytest.mark.parametrize(
    "latex", [r"y_{bh} = (x_{bh} - m_b)^2", r"y_{bh} = 2 (x_{bh} - m_b)", r"y_{bh} = x_{bh} - m_b"]
)
def test_what_stands_alone_is_not_broadcast(latex):
    with pytest.raises(LanguageError) as caught:
        eg.parse(latex, dialect="latex")
    assert [d.code for d in caught.value.diagnostics] == ["free-missing"]


def test_plain_text_says_it():
    with pytest.raises(LanguageError) as caught:
        eg.parse("J_ik = p_i (δ_ik - p_k)")
    assert caught.value.diagnostics[0].fix == "J_ik = p_i (δ_ik - 1_i p_k)"
