"""What an expression without sums means: precedence, signs, fractions, functions, and the shape of the tree."""

from fractions import Fraction

import pytest

from einsgrad.frontend.parser import parse_program
from einsgrad.ir import build
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.nodes import Index

A, B, C, D, X = (build.tensor(name) for name in "abcdx")


def n(value):
    return build.literal(Fraction(value))


def times(*factors):
    return build.product(factors)


def over(node):
    return build.reciprocal(node)


def rhs(text):
    return parse_program(f"y = {text}").definitions[0].rhs


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a b c", times(A, B, C)),
        ("a*b c", times(A, B, C)),
        ("a (b c)", times(A, times(B, C))),
        ("a b c / d", times(A, B, C, over(D))),
        ("a/b c", times(A, over(B), C)),
        ("a / b / c", times(A, over(B), over(C))),
        ("a / (b c)", times(A, over(times(B, C)))),
        ("1/a b", times(over(A), B)),
        ("1/a", over(A)),
        ("2/a", times(n(2), over(A))),
        ("-1/a", times(n(-1), over(A))),
        ("1 (1/a)", times(n(1), over(A))),
        ("1/2", n("1/2")),
        ("1/2 a", times(n("1/2"), A)),
        ("1/2/3 a", times(n("1/6"), A)),
        ("3 * 1/2", times(n(3), n(1), over(n(2)))),
        ("a/2", times(A, over(n(2)))),
        ("1/0", times(n(1), over(n(0)))),
        ("(a)", A),
        ("((a b))", times(A, B)),
        ("a + b - c", build.add([A, B, times(n(-1), C)])),
        ("a - (b - c)", build.add([A, times(n(-1), build.add([B, times(n(-1), C)]))])),
        ("(a + b) + c", build.add([build.add([A, B]), C])),
        ("a - 2", build.add([A, n(-2)])),
        ("a - 2 b", build.add([A, times(n(-2), B)])),
        ("a - -b", build.add([A, times(n(-1), n(-1), B)])),
        ("-a b", times(n(-1), A, B)),
        ("-2 a", times(n(-2), A)),
        ("-(a b)", times(n(-1), A, B)),
        ("-(a b) c", times(n(-1), times(A, B), C)),
        ("-(a + b)", times(n(-1), build.add([A, B]))),
        ("+a", A),
        ("a * -b", times(n(-1), A, B)),
        ("a / -b", times(n(-1), A, over(B))),
        ("-a^2", times(n(-1), build.power(A, n(2)))),
        ("(-a)^2", build.power(times(n(-1), A), n(2))),
        ("a b^2", times(A, build.power(B, n(2)))),
        ("a^-1", over(A)),
        ("a^(-1)", over(A)),
        ("a^-b", build.power(A, times(n(-1), B))),
        ("a^(1/2)", build.power(A, n("1/2"))),
        ("a^b", build.power(A, B)),
        ("2^a", build.power(n(2), A)),
        ("(a^b)^c", build.power(build.power(A, B), C)),
        ("a^(b^c)", build.power(A, build.power(B, C))),
        ("a/b^2", times(A, over(build.power(B, n(2))))),
        ("exp(a) b", times(build.apply("exp", [A]), B)),
        ("exp (a)", build.apply("exp", [A])),
        ("exp(a)^2", build.power(build.apply("exp", [A]), n(2))),
        ("maximum(a, b + c)", build.apply("maximum", [A, build.add([B, C])])),
        ("a (b + c)", times(A, build.add([B, C]))),
        ("x(a) + x", build.add([times(X, A), X])),
        ("x(a)^2 + x", build.add([times(X, build.power(A, n(2))), X])),
        ("1/x(a) + x", build.add([times(over(X), A), X])),
        ("a^x(b) + x", build.add([times(build.power(A, X), B), X])),
    ],
)
def test_the_tree_of_an_expression(text, tree):
    assert rhs(text) is tree


@pytest.mark.parametrize("name", [name for name, function in FUNCTIONS.items() if function.arity == 1])
def test_every_function_of_one_argument(name):
    assert rhs(f"{name}(a)") is build.apply(name, [A])


@pytest.mark.parametrize("form", ["(a^T)_ji", "(a^T)_{ji}", "(a^T)_{j,i}", "( a ^ T )_ji", "((a^T))_ji"])
def test_a_component_of_a_transpose(form):
    assert parse_program(f"y_ij = {form}^2") == parse_program("y_ij = a_ij^2")


def test_a_fraction_is_folded_only_while_it_is_a_number_of_sensible_size():
    tiny = rhs("1/1e300/1e300")
    assert tiny.factors[0] is n("1e-300")
    assert tiny.factors[1] is over(n("1e300"))


def test_a_name_before_a_bracket_multiplies_if_it_is_a_tensor_elsewhere():
    i, j = Index("i"), Index("j")
    node = parse_program("y_i = b_ij(c_ij + 1_i d_j)").definitions[0].rhs
    assert node.factors[0] is build.tensor("b", [i, j])
    assert parse_program("y_i = λ(a_i + b_i); z = λ").inputs == ("λ", "a", "b")
    assert parse_program("y_i = λ (a_i + b_i)").inputs == ("λ", "a", "b")


@pytest.mark.parametrize(
    "text",
    [
        "y = a +\n b",
        "y =\n a + b",
        "y = (a\n + b\n)",
        "y = a + # why\n\n b",
        "  y = a + b  ;  # the end",
        "y = a + b\r\n",
        "y\t=\ta\u00a0+ b",
    ],
)
def test_a_statement_goes_on(text):
    assert parse_program(text).definitions[0].rhs is build.add([A, B])


def test_several_statements():
    program = parse_program("a = b; b = c\n# nothing\n\nd = (a;\n".replace("(a;", "a;"))
    assert [d.name for d in program.definitions] == ["a", "b", "d"]
    assert program.inputs == ("c",)
    assert program.outputs == ("d",)


def test_spans_of_statements():
    text = "a = b ; c = a # more\na == c"
    program = parse_program(text, "demo.ein")
    assert [program.spans[d].text for d in program.definitions] == ["a = b", "c = a"]
    assert program.spans[program.claims[0]].text == "a == c"
    assert program.spans[program.claims[0]].source.name == "demo.ein"
