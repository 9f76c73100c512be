"""Whole texts: papers with prose, and pasted environments."""

import pytest

import einsgrad as eg
from einsgrad.frontend.dialects import LATEX
from einsgrad.frontend.parser import parse_program

PAPER = r"""
\documentclass{article}
\usepackage{amsmath}
\newcommand{\R}{\mathbb{R}}   % $ y = 1 $ is no equation, and neither is $$ y = 2 $$
\begin{document}
\section{Method}
We normalise each row of $\mathbf{X} \in \R^{n \times h}$; it costs 5\% more, see \cite{ba2016}, where
\begin{itemize} \item $m_b = 3$ is the mean. \end{itemize}
\begin{equation}\label{eq:mean}
  m_b = \frac{1}{H} \sum_{h=1}^{H} x_{bh}, \qquad
  v_b = \frac{1}{H} \sum_{h=1}^{H} \left( x_{bh} - \mathbf{1}_h m_b \right)^2 .
\end{equation}
% \begin{equation} y = 5 \end{equation}
\begin{verbatim}
\begin{equation} y = 6 \end{equation}
\end{verbatim}
With these,
\begin{equation*}
  \begin{aligned}[t]
    \hat{x}_{bh} &= \frac{x_{bh} - \mathbf{1}_{h} m_{b}}{\sqrt{v_{b} + \varepsilon}}, \\[4pt]
    y_{bh} &= \hat{x}_{bh}\, \gamma_{h} \nonumber \\
           &\quad + \mathbf{1}_{b} \beta_{h}.
  \end{aligned}
\end{equation*}
Here \[ \varepsilon = 10^{-5} \] and $$ \mathcal{L} = \mathbf{1}_{bh} y_{bh} $$
\end{document}
y = 7
"""


def test_a_paper():
    program = parse_program(PAPER, "paper.tex", LATEX)
    assert program == parse_program("""
        H = |h|
        m_b = 1/H sum_h x_bh
        v_b = 1/H sum_h (x_bh - 1_h m_b)^2
        x̂_bh = (x_bh - 1_h m_b) / sqrt(v_b + ε)
        y_bh = x̂_bh γ_h + 1_b β_h
        ε = 10^-5
        L = 1_bh y_bh
    """)
    place = program.spans[program.by_name["y"]]
    assert (place.text[:14], place.text[-9:], place.line) == (r"y_{bh} &= \hat", r"\beta_{h}", 21)


@pytest.mark.parametrize(
    "gallery", ["layer_norm", "attention", "softmax", "matmul_gradients", "hessian_vector_product"]
)
def test_a_pasted_align_is_the_gallery_entry(gallery):
    assert eg.parse(PASTED[gallery]) == eg.load(gallery)


PASTED = {
    "layer_norm": r"""
\begin{align}
  \varepsilon &= 1e-5 \\
  H      &= \lvert h \rvert \label{eq:size} \\
  m_{b}  &= \frac{1}{H} \mathbf{1}_{h} x_{bh} \\
  v_{b}  &= \frac{1}{H} \mathbf{1}_{h} \left( x_{bh} - \mathbf{1}_{h} m_{b} \right)^{2} \\
  y_{bh} &= \frac{x_{bh} - \mathbf{1}_{h} m_{b}}{\sqrt{v_{b} + \varepsilon}} \gamma_{h} + \mathbf{1}_{b} \beta_{h}
\end{align}
""",
    "attention": r"""
D &= |d| \\
s_{bhij} &= \frac{q_{bhid} k_{bhjd}}{\sqrt{D}} + \mathbf{1}_{bh} m_{ij}, \\
a_{bhij} &= \frac{\exp(s_{bhij})}{\mathbf{1}_{n} \exp(s_{bhin})}, \\
y_{bhie} &= a_{bhij} v_{bhje}.
""",
    "softmax": r"\[ y_{bc} = \frac{e^{x_{bc}}}{\mathbf{1}_{k} e^{x_{bk}}} \]",
    "matmul_gradients": r"""
\begin{gather*}
  y_{ij} = x_{ik} a_{kj} \\
  \frac{\partial l}{\partial x_{pq}} \equiv \frac{\partial l}{\partial y_{pj}} a_{qj}, \quad
  \frac{\partial l}{\partial a_{pq}} \equiv x_{ip} \frac{\partial l}{\partial y_{iq}}
\end{gather*}
""",
    "hessian_vector_product": r"""
N &= |n| & z_n &= x_{ni} w_i \\
L &= \tfrac1N \mathbf{1}_n \left( \operatorname{softplus}(z_n) - t_n z_n \right) \\
g_p &= \frac{\partial L}{\partial w_p} \\
u_p &= \frac{\partial g_p}{\partial w_q} v_q
""",
}


def test_formulas_in_prose_count_where_nothing_is_displayed():
    assert parse_program(r"Let $y_i = a x_i$ and \(z = y_i y_i\), see (3).", dialect=LATEX) == parse_program(
        "y_i = a x_i; z = y_i y_i"
    )


@pytest.mark.parametrize(
    "name", ["align", "align*", "gather", "multline", "flalign", "eqnarray*", "equation", "aligned"]
)
def test_environments(name):
    text = rf"Thus \begin{{{name}}} y = x \end{{{name}}} holds."
    assert parse_program(text, dialect=LATEX) == parse_program("y = x")


@pytest.mark.parametrize("begin", [r"\begin{alignat}{2}", r"\begin{alignat*}{2}", r"\begin{ alignedat }{2}"])
def test_environments_with_an_argument(begin):
    name = begin[6:].partition("}")[0].strip("{ ")
    assert parse_program(rf"{begin} y &= x \end{{{name}}}", dialect=LATEX) == parse_program("y = x")


def test_the_gradients_of_a_paper_can_be_derived():
    derived = str(eg.grad(eg.parse(PASTED["layer_norm"]), of="y", wrt="β"))
    assert derived == "∂l/∂β_h = 1_b ∂l/∂y_bh\n"
