"""MathML: well-formed, each element with as many children as it takes, everything escaped."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from oracle import indices
from programs import PROGRAMS

import einsgrad as eg
from einsgrad.frontend.parser import parse_program
from einsgrad.gallery import names
from einsgrad.ir import build
from einsgrad.ir.nodes import Index
from einsgrad.render.layout import Fenced, Fraction, Identifier, Number, Operator, Row, Script, Text
from einsgrad.render.mathml import mathml
from einsgrad.render.typeset import typeset, typeset_tensor

CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3}
TOKENS = {"mi", "mn", "mo", "mtext"}
TIMES, COMMA, APPLY = "\u2062", "\u2063", "\u2061"


def parsed(layout):
    """The element, once its structure is found sound."""
    root = ET.fromstring(mathml(layout))
    for element in root.iter():
        assert element.tag in {"math", "mrow", "msqrt", "mspace", *CHILDREN, *TOKENS}
        assert len(element) == CHILDREN.get(element.tag, len(element))
        assert bool(element.text) == (element.tag in TOKENS)
    return root


def letters(layout):
    return "".join(parsed(layout).itertext())


def rhs(text):
    return typeset(parse_program(text).definitions[0].rhs)


@pytest.mark.parametrize(
    ("layout", "written"),
    [
        (Identifier("x"), "<mi>x</mi>"),
        (Identifier("gamma"), "<mi>γ</mi>"),
        (Identifier("hid"), "<mi>hid</mi>"),
        (Identifier("T", "upright"), '<mi mathvariant="normal">T</mi>'),
        (Identifier("1", "bold"), "<mi>𝟏</mi>"),
        (Identifier("i'", "index"), '<mrow><mi>i</mi><mo lspace="0" rspace="0">′</mo></mrow>'),
        (Identifier("i1", "index"), "<msub><mi>i</mi><mn>1</mn></msub>"),
        (Identifier("x̂"), '<mover accent="true"><mi>x</mi><mo stretchy="false">^</mo></mover>'),
        (Number("0.5"), "<mn>0.5</mn>"),
        (Operator("-"), "<mo>−</mo>"),
        (Operator("<"), "<mo>&lt;</mo>"),
        (Text("a & b"), "<mtext>a &amp; b</mtext>"),
        (Fraction(Number("1"), Number("2")), "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (
            Fenced("|", Identifier("x"), "|"),
            '<mrow><mo form="prefix" stretchy="false">|</mo><mi>x</mi>'
            '<mo form="postfix" stretchy="false">|</mo></mrow>',
        ),
        (
            Script(Operator("∑"), Identifier("i", "index")),
            '<munder><mo movablelimits="false">∑</mo><mi>i</mi></munder>',
        ),
    ],
)
def test_parts(layout, written):
    assert mathml(layout, display=False) == f"<math>{written}</math>"


def test_the_number_of_a_name_and_its_indices_stand_above_each_other():
    (script,) = parsed(typeset_tensor("W1", indices("ij")))
    assert script.tag == "msubsup"
    assert ["".join(part.itertext()) for part in script] == ["W", f"i{COMMA}j", "(1)"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("y = a b", f"a{TIMES}b"),
        ("y = a + b", "a+b"),
        ("y = -a b", f"−a{TIMES}b"),
        ("y = 2 * 3", "2⋅3"),
        ("y = exp(a) b", f"exp{APPLY}(a){TIMES}b"),
        ("y = a_i b_i", f"ai{TIMES}bi"),
        ("y = sum_i a_i", "∑iai"),
        ("y = maximum(a, b)", f"max{APPLY}(a,b)"),
    ],
)
def test_invisible_signs(text, shown):
    assert letters(rhs(text)) == shown


def test_brackets_stretch_around_fractions_only():
    tall, low = rhs("y = (a/b)^2"), rhs("y = (a + b)^2")
    assert {mo.get("stretchy") for mo in parsed(tall).iter("mo")} == {"true"}
    assert {mo.get("stretchy") for mo in parsed(low).iter("mo") if mo.text in "()"} == {"false"}


def test_a_function_stands_apart_from_the_sign_of_its_derivative():
    assert "<mi>∂</mi><mspace" in mathml(rhs("y_p = ∂exp(a)/∂b_p"))
    assert "<mspace" not in mathml(rhs("y_p = ∂(a + c)/∂b_p"))


def test_a_line_of_its_own_is_displayed():
    assert mathml(Number("1")) == '<math display="block"><mn>1</mn></math>'


def test_names_are_escaped():
    layout = typeset(build.tensor("x", [Index("i")]))
    assert "<script>" not in mathml(Row((layout, Identifier("<script>"), Text("<script>"))))


@pytest.mark.parametrize("name", names())
def test_the_gallery_is_well_formed(name):
    program = eg.load(name)
    for definition in program.definitions:
        assert letters(typeset_tensor(definition.name, definition.indices))
        assert letters(typeset(definition.rhs))


@settings(max_examples=150, deadline=None)
@given(PROGRAMS)
def test_random_programs_are_well_formed(program):
    for definition in program.definitions:
        assert letters(typeset(definition.rhs))
