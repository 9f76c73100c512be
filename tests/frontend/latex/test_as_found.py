"""LaTeX as it is found in papers: raised indices, terms of brackets that lack an index, macros."""

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


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\newcommand{\loss}{\mathcal{L}} \loss = x_i x_i", "L = x_i x_i"),
        (r"\newcommand\w{\mathbf{w}}\def\x{x_i} y = \w_i\x", "y = w_i x_i"),
        (
            r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} L = x_i x_i; g_p = \pd{L}{x_p}",
            "L = x_i x_i; g_p = ∂L/∂x_p",
        ),
        (r"\def\sq#1#2{#1_#2 #1_#2} y = \sq x i", "y = x_i x_i"),
        (r"\DeclareMathOperator{\sm}{sigmoid} \[ y_i = \sm(x_i) \]", "y_i = sigmoid(x_i)"),
        (r"\newcommand{\a}{\b x_i}\newcommand{\b}{2} y_i = \a", "y_i = 2 x_i"),
        (r"\newcommand{\half}{\frac12} y_i = \half x_i % \newcommand{\half}{3}", "y_i = 1/2 x_i"),
    ],
)
def test_macros_are_expanded(latex, plain):
    program = eg.parse(latex, dialect="latex")
    assert program == eg.parse(plain)
    assert all(span.source.text == latex for span in program.spans.values())


def test_places_are_those_of_the_text_as_written():
    text = r"\newcommand{\x}{x_i} y = \x q_j; \quad z = 2 w_k"
    with pytest.raises(LanguageError) as caught:
        eg.parse(text, dialect="latex")
    assert [(d.code, d.span.text) for d in caught.value.diagnostics] == [
        ("dummy-once", r"\x"),
        ("dummy-once", "j"),
        ("dummy-once", "k"),
    ]
    program = eg.parse(r"\def\p{(\delta_{ik} - p_k)} J_{ik} = p_i \p", dialect="latex")
    assert [(w.code, w.span.text) for w in program.warnings] == [("bracket-broadcast", r"\p")]


@pytest.mark.parametrize(
    "definitions",
    [
        r"\def\a{\a}",
        r"\def\a{\b}\def\b{\a}",
        "".join(rf"\def\{a}{{{(chr(92) + b) * 12}}}" for a, b in zip("abcdef", "bcdefg", strict=True))
        + r"\def\g{xxxxxxxxxx}",
        r"\def\b{}\def\a{" + r"\b" * 150_000 + "} y = " + r"\a " * 100 + ";",
    ],
)
def test_macros_without_an_end_are_refused(definitions):
    with pytest.raises(LanguageError) as caught:
        eg.parse(rf"{definitions} y = \a", dialect="latex")
    assert [d.code for d in caught.value.diagnostics] == ["macro"]
