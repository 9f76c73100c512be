"""How names, indices and numbers are written: every form, and that equivalent forms are one program."""

from fractions import Fraction

import pytest

from einsgrad.frontend.lexis import canonical, plain_spelling, read_number, read_reference
from einsgrad.frontend.parser import parse_program
from einsgrad.ir import build
from einsgrad.ir.nodes import Index, Literal, One, Product, Size, Tensor


def rhs(text):
    return parse_program(text).definitions[0].rhs


@pytest.mark.parametrize(
    ("form", "name", "indices"),
    [
        ("x_ij", "x", "i j"),
        ("x_{ij}", "x", "i j"),
        ("x_{i j}", "x", "i j"),
        ("x_{i,j}", "x", "i j"),
        ("x_{ i , j }", "x", "i j"),
        ("x[i,j]", "x", "i j"),
        ("x[i, j]", "x", "i j"),
        ("x_i1j'", "x", "i1 j'"),
        ("x_i12j''k", "x", "i12 j'' k"),
        ("x_i′", "x", "i'"),
        ("x_{batch,hid}", "x", "batch hid"),
        ("x_{batch hid}", "x", "batch hid"),
        ("x[hid]", "x", "hid"),
        ("x_{hid,}", "x", "hid"),
        ("x_{hid}", "x", "h i d"),
        ("W_in_ij", "W_in", "i j"),
        ("W_in[i,j]", "W_in", "i j"),
        ("W_in_{ab,c}", "W_in", "ab c"),
        ("W1_αβ", "W1", "α β"),
        ("x[α']", "x", "α'"),
        ("λ", "λ", ""),
        ("λ[]", "λ", ""),
        ("lambda_Aa", "lambda", "A a"),
        ("ж_щ", "ж", "щ"),
        ("ϵ_i", "ε", "i"),
        ("µ", "μ", ""),
        ("é_i", "é", "i"),
        ("e\u0301_i", "é", "i"),
    ],
)
def test_each_form_of_a_reference(form, name, indices):
    found, subscripts = read_reference(form)
    assert (found, " ".join(s.spelling for s in subscripts)) == (name, indices)


@pytest.mark.parametrize("form", ["x_ij", "x_{ij}", "x_{i j}", "x_{i,j}", "x[i,j]", "x[i j]"])
def test_equivalent_forms_are_one_program(form):
    assert parse_program(f"y_ij = {form}") == parse_program("y_ij = x_ij")
    assert parse_program(f"{form} = y_ij") == parse_program("x_ij = y_ij")


def test_a_subscript_knows_where_it_stands():
    assert [(s.start, s.end) for s in read_reference("x_i1j'")[1]] == [(2, 4), (4, 6)]
    assert [(s.start, s.end) for s in read_reference("x_{ab, c}")[1]] == [(3, 5), (7, 8)]


@pytest.mark.parametrize(
    ("form", "indices"), [("1_h", "h"), ("1_{ij}", "i j"), ("1_{hid,}", "hid"), ("1[i,j]", "i j"), ("1_h'k2", "h' k2")]
)
def test_each_form_of_the_one_tensor(form, indices):
    letters = [Index(i) for i in indices.split()]
    node = rhs(f"y[{','.join(indices.split())}] = {form} a")
    assert node.factors[0] is build.one(letters)


def test_delta_in_every_spelling():
    for form in ("δ_ij", "delta_ij", "delta_{i,j}", "δ[i,j]"):
        assert rhs(f"y_ij = {form}") is build.delta(Index("i"), Index("j"))


def test_sizes():
    assert rhs("H = |h|; y_h = x_h") is build.size(Index("h"))
    assert rhs("H = | hid |; y = x[hid] x[hid]") is build.size(Index("hid"))


def test_the_first_spelling_is_the_name():
    program = parse_program("y_i = gamma x_i; z = γ + γ")
    assert program.inputs == ("gamma", "x")
    assert parse_program("z = γ + γ; y_i = gamma x_i").inputs == ("γ", "x")
    assert parse_program("y_α = x_α; s = a[alpha] a_α").indices("a") == ("α",)
    assert parse_program("alpha_i = x_i; y = α_i α_i").inputs == ("x",)
    assert canonical("Sigma") == "Sigma"


def test_pi_is_the_constant_unless_it_is_something_else():
    pi = build.apply("π", ())
    assert rhs("y = pi x").factors[0] is pi
    assert rhs("y = π^2").base is pi
    assert parse_program("y = pi_i x_i").inputs == ("pi", "x")
    assert rhs("y = π; pi = 3") is build.tensor("π")
    assert parse_program("y = ∂(π π)/∂π").inputs == ("π",)


@pytest.mark.parametrize("name", ["lambda", "in", "np", "out", "d", "e", "class", "self", "print", "diff", "W1", "no"])
def test_ordinary_names(name):
    program = parse_program(f"y_i = {name}_i {name}_i + {name}_i")
    assert program.inputs == (name,)
    assert parse_program(str(program)) == program


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", "2"),
        ("0.5", "1/2"),
        (".5", "1/2"),
        ("2.", "2"),
        ("1e-5", "1/100000"),
        ("1E5", "100000"),
        ("2e+1", "20"),
        ("0.1", "1/10"),
        ("0", "0"),
        ("0e999", "0"),
    ],
)
def test_numbers_are_exact(text, value):
    assert read_number(text) == Fraction(value)
    assert rhs(f"y = {text}") is build.literal(Fraction(value))


def test_a_number_multiplies_what_follows_it():
    x, e, e1 = (build.tensor(name, [Index("i")]) for name in ("x", "e", "e1"))
    assert rhs("y_i = 2x_i") is build.product([build.literal(2), x])
    assert rhs("y_i = 2e_i") is build.product([build.literal(2), e])
    assert rhs("y_i = 2e1_i") is build.product([build.literal(2), e1])
    assert rhs("y_i = 1e-5x_i") is build.product([build.literal(Fraction("1e-5")), x])
    assert rhs("y_i = 2e - 5 + x_i").terms[0] is build.product([build.literal(2), build.tensor("e")])


def test_superscripts_and_subscripts_have_a_plain_spelling():
    assert plain_spelling("xᵢⱼ²") == "x_ij^2"
    assert plain_spelling("x_iⱼ") == "x_ij"
    assert plain_spelling("a¹²") == "a^12"


def test_kinds_of_leaves():
    assert [type(f) for f in rhs("y = 2 |i| 1_i x_i").factors] == [Literal, Size, One, Tensor]
    assert isinstance(rhs("y = x_ii"), Product)
