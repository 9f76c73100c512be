"""LaTeX: how names, numbers, expressions and statements are written, to be read back as the same."""

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from oracle import indices
from programs import PROGRAMS

import einsgrad as eg
from einsgrad.frontend.parser import parse_program
from einsgrad.gallery import names
from einsgrad.ir import build
from einsgrad.ir.nodes import Index
from einsgrad.render.latex import escape, latex, latex_claim, latex_expression, latex_program
from einsgrad.render.layout import Identifier, Operator, Row, Script, Text
from einsgrad.render.typeset import typeset_reason, typeset_tensor


def rhs(text):
    return parse_program(text).definitions[0].rhs


@pytest.mark.parametrize(
    ("name", "letters", "written"),
    [
        ("x", "ij", r"x_{ij}"),
        ("λ", "", r"\lambda"),
        ("gamma", ["h"], r"\gamma_{h}"),
        ("Γ", "ij", r"\Gamma_{ij}"),
        ("Α", "", r"\mathrm{Α}"),
        ("ο", "", r"\mathrm{ο}"),
        ("W1", "ij", r"W^{(1)}_{ij}"),
        ("γ12", "", r"\gamma^{(12)}"),
        ("W01", "ij", r"\mathrm{W01}_{ij}"),
        ("x̂", "i", r"\hat{x}_{i}"),
        ("ŷ", "i", r"\hat{y}_{i}"),
        ("x̄", "", r"\bar{x}"),
        ("ñ", "", r"\tilde{n}"),
        ("ẋ", "", r"\dot{x}"),
        ("γ̂1", "i", r"\hat{\gamma}^{(1)}_{i}"),
        ("wz", "ij", r"\mathrm{wz}_{ij}"),
        ("W_in", "ij", r"\mathrm{W\_in}_{ij}"),
        ("dγx", "", r"\mathrm{d\gamma x}"),
        ("x", ["i'", "j"], r"x_{i'j}"),
        ("x", ["i", "i1", "j"], r"x_{i i1 j}"),
        ("x", ["alpha", "i"], r"x_{\alpha, i}"),
        ("x", ["α", "β''"], r"x_{\alpha\beta''}"),
        ("x", ["batch", "hid'"], r"x_{\mathit{batch}, \mathit{hid}'}"),
        ("x", ["hid"], r"x_{\mathit{hid}}"),
        ("∂l/∂x", "pq", r"\frac{\partial l}{\partial x_{pq}}"),
        ("∂l/∂dEdγ", "", r"\frac{\partial l}{\partial \mathrm{dEd\gamma}}"),
    ],
)
def test_names_and_indices(name, letters, written):
    assert latex(typeset_tensor(name, [Index(letter) for letter in letters])) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2", "2"),
        ("1/2", r"\frac{1}{2}"),
        ("-2/3", r"-\frac{2}{3}"),
        ("0.1", "0.1"),
        ("1e-5", "0.00001"),
        ("1.5e-12", "0.0000000000015"),
        ("1e20", "100000000000000000000"),
    ],
)
def test_numbers(value, written):
    assert latex_expression(build.literal(Fraction(value))) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("y_ij = x_ij w_j 1_i δ_jk 1_k", r"x_{ij} w_{j} \mathbf{1}_{i} \delta_{jk} \mathbf{1}_{k}"),
        ("y = |i| x_i x_i", r"\lvert i \rvert x_{i} x_{i}"),
        ("y_i = -a_i + 2 b_i - 3", r"-a_{i} + 2 b_{i} - 3"),
        ("y_i = a_i - (b_i - c_i)", r"a_{i} - (b_{i} - c_{i})"),
        ("y = a wz wx", r"a \, \mathrm{wz} \, \mathrm{wx}"),
        ("y = 2 1_i a_i", r"2 \, \mathbf{1}_{i} a_{i}"),
        ("y = wz + wx", r"\mathrm{wz} + \mathrm{wx}"),
        ("y = 2 * 3 a", r"2 \cdot 3 a"),
        ("y = sum_i a_i", r"\sum_{i} a_{i}"),
        ("y = sum_i wz_i", r"\sum_{i} \mathrm{wz}_{i}"),
        ("y = 2 (sum_i a_i)", r"2 \left( \sum_{i} a_{i} \right)"),
        ("y = π a", r"\pi a"),
    ],
)
def test_products_and_sums(text, written):
    assert latex_expression(rhs(text)) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("y = a/b", r"\frac{a}{b}"),
        ("y = a c/b d", r"\frac{a c}{b} d"),
        ("y = a/b/c", r"\frac{a}{b} \frac{1}{c}"),
        ("y = 1/b c", r"\frac{1}{b} c"),
        ("y = -1/b", r"-\frac{1}{b}"),
        ("y = (a + c)/b", r"\frac{a + c}{b}"),
        ("y = d (a + c)/b", r"\frac{d (a + c)}{b}"),
        ("y = (a c)/b", r"\frac{(a c)}{b}"),
        ("y = a/(b c)", r"\frac{a}{b c}"),
        ("y = a/(b + c)", r"\frac{a}{b + c}"),
        ("y = a/(-b)", r"\frac{a}{-b}"),
        ("y = 2/3 a/b", r"\frac{2}{3} \frac{a}{b}"),
        ("y = a * (1/2)", r"a \cdot \left( \frac{1}{2} \right)"),
        ("y = 1/n * 1/2 a", r"\frac{\frac{1}{n} \cdot 1}{2} a"),
        ("y = 1 (1/b)", r"1 \left( \frac{1}{b} \right)"),
        ("y = ∂f/∂a c/b; f = a a", r"\frac{\partial f}{\partial a} \frac{c}{b}"),
        ("y = a / (x_ii)", r"\frac{a}{(x_{ii})}"),
        ("y = 1 / (x_ii)", r"\frac{1}{(x_{ii})}"),
        ("y = a / (sum_i x_i)", r"\frac{a}{\sum_{i} x_{i}}"),
    ],
)
def test_fractions(text, written):
    assert latex_expression(rhs(text)) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("y_i = x_i^2", r"x_{i}^{2}"),
        ("y_i = x_i^-2", r"x_{i}^{-2}"),
        ("y_i = x_i^(1/2)", r"x_{i}^{\frac{1}{2}}"),
        ("y_i = x_i^p", r"x_{i}^{p}"),
        ("y_i = (x_i + 1)^2", r"(x_{i} + 1)^{2}"),
        ("y = (x^2)^3", r"(x^{2})^{3}"),
        ("y = (-x)^2", r"(-x)^{2}"),
        ("y = (x/z)^2", r"\left( \frac{x}{z} \right)^{2}"),
        ("y_i = W1_i^2", r"(W^{(1)}_{i})^{2}"),
        ("y = e^x", r"(e)^{x}"),
        ("y_i = e_i^2", r"e_{i}^{2}"),
        ("y = a^(x_ii)", r"a^{(x_{ii})}"),
        ("y = exp(x)^2", r"\exp(x)^{2}"),
        ("y = sqrt(x)^3", r"\sqrt{x}^{3}"),
        ("g_p = (∂f/∂x_p)^2; f = x_j x_j", r"\left( \frac{\partial f}{\partial x_{p}} \right)^{2}"),
    ],
)  # fmt: skip
def test_powers(text, written):
    assert latex_expression(rhs(text)) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("y_i = exp(x_i)", r"\exp(x_{i})"),
        ("y_i = exp(x_i / 2)", r"\exp\left( \frac{x_{i}}{2} \right)"),
        ("y_i = sqrt(x_i)", r"\sqrt{x_{i}}"),
        ("y_i = relu(x_i)", r"\operatorname{relu}(x_{i})"),
        ("y_i = asin(x_i)", r"\arcsin(x_{i})"),
        ("y_i = maximum(x_i, z_i)", r"\max(x_{i}, z_{i})"),
        ("y_i = abs(x_i)", r"\lvert x_{i} \rvert"),
        ("y_i = abs(x_i / 2)", r"\left\lvert \frac{x_{i}}{2} \right\rvert"),
        ("y = abs(λ)", r"\operatorname{abs}(\lambda)"),
        ("y = abs(-λ)", r"\lvert -\lambda \rvert"),
    ],
)
def test_functions(text, written):
    assert latex_expression(rhs(text)) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("g_pq = ∂y_i/∂x_pq 1_i; y_i = x_ij x_ij", r"\frac{\partial y_{i}}{\partial x_{pq}} \mathbf{1}_{i}"),
        ("g_ip = ∂exp(x_i / 2)/∂x_p", r"\frac{\partial \exp\left( \frac{x_{i}}{2} \right)}{\partial x_{p}}"),
        ("g_p = ∂(x_i x_i)/∂x_p", r"\frac{\partial (x_{i} x_{i})}{\partial x_{p}}"),
        ("g_pq = ∂(∂f/∂x_p)/∂x_q; f = x_i x_i",
         r"\frac{\partial \left( \frac{\partial f}{\partial x_{p}} \right)}{\partial x_{q}}"),
    ],
)  # fmt: skip
def test_derivatives(text, written):
    assert latex_expression(rhs(text)) == written


def test_a_maximum_over_indices():
    x = build.tensor("x", indices("ij"))
    assert latex_expression(build.reduction("max", x, indices("j"))) == r"\max_{j}(x_{ij})"


def test_claims():
    (claim,) = parse_program("a_i b_i c_ij == b_i a_i c_ij (no sum i, j)").claims
    assert latex_claim(claim) == (r"a_{i} b_{i} c_{ij} \equiv b_{i} a_{i} c_{ij} \quad \text{(no sum $i$, $j$)}")


def test_programs_align_at_the_equals_sign():
    assert latex_program(parse_program("y = a b\ny == b a")) == (
        "\\begin{align*}\ny &= a b \\\\\ny &\\equiv b a\n\\end{align*}\n"
    )


def test_jupyter_shows_programs():
    assert parse_program("y_i = 2 x_i")._repr_latex_() == (
        r"$\displaystyle \begin{aligned}y_{i} &= 2 x_{i}\end{aligned}$"
    )


def test_reasons():
    k, q = indices("kq")
    reason = (build.delta(k, q), ": ", k, " → ", q)
    assert latex(typeset_reason(reason)) == r"\delta_{kq}\text{: }k \to q"


def test_a_superscript_on_a_name_with_a_number_compiles():
    assert latex(Script(Identifier("W1"), above=Operator("⊤"))) == r"{W^{(1)}}^{\top}"


def test_words_are_escaped():
    assert latex(Row((Text("50% of W_in & {x}"),))) == r"\text{50\% of W\_in \& \{x\}}"
    assert escape("a\\b^c~") == r"a\textbackslash{}b\textasciicircum{}c\textasciitilde{}"


def balanced(text):
    depth = 0
    for token in re.findall(r"\\\\|\\[{}]|[{}]", text):
        depth += {"{": 1, "}": -1}.get(token, 0)
        assert depth >= 0, text
    assert depth == 0, text
    assert text.count(r"\left") == text.count(r"\right"), text
    assert text.count("(") == text.count(")"), text
    assert not re.search(r"[_^]\{[^{}]*\}[_^]\{[^{}]*\}[_^]", re.sub(r"\^\{\(\d+\)\}", "", text)), text


@pytest.mark.parametrize("name", names())
def test_the_gallery_has_balanced_brackets(name):
    balanced(latex_program(eg.load(name)))


@settings(max_examples=200, deadline=None)
@given(PROGRAMS)
def test_random_programs_have_balanced_brackets(program):
    balanced(latex_program(program))
