"""Derivations in each format: what the goldens don't show."""

import re
import xml.etree.ElementTree as ET

import documents
from oracle import indices

import einsgrad as eg
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.derivation import Chain, Section, Step
from einsgrad.render.document import Document, Result
from einsgrad.render.html import html
from einsgrad.render.latex_document import latex_document
from einsgrad.render.markdown import markdown
from einsgrad.render.text import text

MATMUL = eg.derive(eg.load("matmul")).document
RENDERERS = (text, latex_document, markdown, html)


def one_chain(title, *lines):
    """A derivation of ``y`` whose lines are the right-hand sides of the texts."""
    steps = tuple(Step(documents.reads(line)[0], ("rule",)) for line in lines)
    return Document((title,), (Section(None, (Chain(documents.t("y", "i"), steps),)),), ())


def result(equation):
    return Document(("t",), (), (Result(parse_program(equation).definitions[0]),))


def test_a_line_longer_than_the_column_keeps_its_rule():
    long = " + ".join(["x_i"] * 30)
    lines = text(one_chain("t", "y_i = x_i", f"y_i = {long}")).splitlines()
    assert lines == ["Chain rule", "", "  y_i = x_i    [rule]", f"      = {long}    [rule]"]


def test_accents_take_no_place_in_a_column():
    lines = text(one_chain("t", "y_i = x̂_i", "y_i = a_i")).splitlines()
    assert lines == ["Chain rule", "", "  y_i = x̂_i    [rule]", "      = a_i    [rule]"]


def test_a_line_without_a_reason_has_no_brackets():
    chain = Chain(documents.t("y"), (Step(documents.t("x"), ()),))
    document = Document(("t",), (Section(None, (chain,)),), ())
    assert text(document) == "Chain rule\n\n  y = x\n"
    assert "y &= x\n" in latex_document(document)


def test_a_result_without_other_notations():
    assert text(result("∂l/∂x_i = 2 x_i")) == "Gradients\n  ∂l/∂x_i = 2 x_i\n"
    assert "<dl>" not in html(result("∂l/∂x_i = 2 x_i"))
    assert markdown(result("∂l/∂x_i = 2 x_i")).endswith("= 2 x_{i}\n$$\n")


def test_titles_are_escaped():
    title = "a_b <i> & $5"
    document = Document((title,), (), ())
    assert html(document).count("<h1>a_b &lt;i&gt; &amp; $5</h1>") == 1
    assert r"\paragraph{a\_b <i> \& \$5.}" in latex_document(document)
    assert markdown(document) == "# a\\_b \\<i\\> & \\$5\n"


def test_the_page_needs_no_script_and_no_network():
    page = html(MATMUL)
    assert not re.search(r"<script|https?:|url\(|@import|<link|src=", page)
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_the_page_is_well_formed():
    page = html(MATMUL).partition("<main>")[2].partition("</main>")[0]
    root = ET.fromstring(f"<main>{page.replace('<wbr>', '<wbr/>')}</main>")
    steps = [step for section in MATMUL.sections for chain in section.chains for step in chain.steps]
    assert len(root.findall(".//li")) == len(steps) == 14
    assert [heading.text for heading in root.iter("h2")][1:] == ["Gradients"]


def test_a_long_sum_can_break_before_its_signs():
    page = html(one_chain("t", "y_i = a_i - b_i + c_i"))
    right = re.search(r'<span class="right">(.*?)</span>', page)[1]
    assert right.count("<math>") == 3
    assert [part[:29] for part in right.split("<wbr>")[1:]] == ["<math><mrow><mrow></mrow><mo>"] * 2


def test_markdown_has_no_dollar_inside_a_block():
    k, q = indices("kq")
    chain = Chain(documents.t("y"), (Step(documents.t("x"), (k, " → ", q)),))
    block = markdown(Document(("t",), (Section(None, (chain,)),), ())).split("$$")[1]
    assert block == "\n\\begin{aligned}\ny &= x && \\textstyle k \\to q\n\\end{aligned}\n"


def test_every_format_ends_its_last_line():
    for render in RENDERERS:
        assert render(MATMUL).endswith("\n")
        assert not render(MATMUL).endswith("\n\n")
