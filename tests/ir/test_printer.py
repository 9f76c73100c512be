"""The printer: what each expression reads as."""

from fractions import Fraction

import pytest
from oracle import indices

from einsgrad.ir import build
from einsgrad.ir.equations import Claim
from einsgrad.ir.nodes import Index
from einsgrad.ir.printer import print_claim, print_expression, print_number, print_tensor

i, j, k, p = indices("ijkp")


def t(name, letters=""):
    return build.tensor(name, indices(letters))


def n(value):
    return build.literal(Fraction(value))


def times(*factors):
    return build.product(factors)


def contract(letters, *factors):
    return build.product(factors, indices(letters))


a, b, c = t("a", "i"), t("b", "i"), t("c", "i")
x, w = t("x", "ij"), t("w", "j")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("12", "12"),
        ("1/2", "1/2"),
        ("1/3", "1/3"),
        ("0.1", "0.1"),
        ("0.05", "0.05"),
        ("1e-5", "1e-5"),
        ("1e-15", "1e-15"),
        ("1.5", "3/2"),
        ("2.75", "11/4"),
        ("1/7", "1/7"),
        ("0.1234567890123456789", "1234567890123456789e-19"),
    ],
)
def test_numbers(value, text):
    assert print_number(Fraction(value)) == text
    assert Fraction(text) == Fraction(value)


@pytest.mark.parametrize(
    ("name", "letters", "text"),
    [
        ("x", [], "x"),
        ("W1", ["i", "j"], "W1_ij"),
        ("x", ["i1", "j'"], "x_i1j'"),
        ("x", ["batch", "hid"], "x_{batch,hid}"),
        ("x", ["batch", "i"], "x_{batch,i}"),
        ("x", ["hid"], "x_{hid,}"),
        ("W_in", ["i", "hid"], "W_in[i,hid]"),
        ("W_in", [], "W_in[]"),
        ("∂l/∂x", ["p", "q"], "∂l/∂x_pq"),
        ("∂l/∂W_in", ["p"], "∂l/∂W_in[p]"),
        ("∂l/∂x", [], "∂l/∂x"),
    ],
)
def test_tensors(name, letters, text):
    assert print_tensor(name, [Index(letter) for letter in letters]) == text


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (contract("j", x, w), "x_ij w_j"),
        (contract("i", t("x", "ii")), "x_ii"),
        (contract("j", x), "sum_j x_ij"),
        (contract("i", times(a, b), times(a, c)), "sum_i (a_i b_i) (a_i c_i)"),
        (contract("i", a, build.apply("log", [times(a, build.reciprocal(b))])), "a_i log(a_i/b_i)"),
        (times(contract("i", a, b), contract("j", w, w)), "(a_i b_i) (w_j w_j)"),
        (contract("j", build.one([j]), build.power(times(x, w), n(2))), "1_j (x_ij w_j)^2"),
        (build.power(contract("j", x, w), n(2)), "(x_ij w_j)^2"),
        (times(build.delta(i, j), a), "δ_ij a_i"),
        (times(build.one(indices("ij")), t("λ")), "1_ij λ"),
        (build.size(i), "|i|"),
        (build.apply("π", []), "π"),
        (build.apply("maximum", [a, n(-1)]), "maximum(a_i, -1)"),
        (build.reduction("max", x, [j]), "max_j(x_ij)"),
    ],
)
def test_products_and_atoms(node, text):
    assert print_expression(node) == text


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (build.add([a, b]), "a_i + b_i"),
        (build.add([a, build.negate(b)]), "a_i - b_i"),
        (build.add([build.negate(a), n(-2)]), "-a_i - 2"),
        (build.add([a, times(n(-2), b)]), "a_i - 2 b_i"),
        (build.add([a, build.add([b, c])]), "a_i + (b_i + c_i)"),
        (build.add([a, build.negate(build.add([b, c]))]), "a_i - (b_i + c_i)"),
        (times(t("λ"), build.add([a, b])), "λ (a_i + b_i)"),
        (build.power(build.add([a, b]), n(-2)), "(a_i + b_i)^-2"),
        (build.power(a, n(2)), "a_i^2"),
        (build.power(a, n("1/2")), "a_i^(1/2)"),
        (build.power(a, b), "a_i^b_i"),
        (build.power(build.power(a, n(2)), n(3)), "(a_i^2)^3"),
        (build.negate(build.power(a, n(2))), "-a_i^2"),
        (build.power(build.negate(a), n(2)), "(-a_i)^2"),
        (build.power(n(-2), n(2)), "(-2)^2"),
        (build.power(n("1/2"), a), "(1/2)^a_i"),
    ],
)
def test_sums_signs_and_powers(node, text):
    assert print_expression(node) == text


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (build.reciprocal(a), "1/a_i"),
        (times(a, build.reciprocal(b)), "a_i/b_i"),
        (times(a, build.reciprocal(b), c), "a_i/b_i c_i"),
        (times(a, build.reciprocal(times(b, c))), "a_i / (b_i c_i)"),
        (times(a, build.reciprocal(build.apply("sqrt", [build.add([b, c])]))), "a_i / sqrt(b_i + c_i)"),
        (times(n(2), build.reciprocal(a)), "2/a_i"),
        (times(n("1/2"), a), "1/2 a_i"),
        (times(a, n("1/2")), "a_i * (1/2)"),
        (times(n(2), n(3)), "2 * 3"),
        (times(n(2), build.reciprocal(n(3))), "2 * 3^-1"),
    ],
)
def test_divisions(node, text):
    assert print_expression(node) == text


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (build.derivative(t("y", "i"), t("x", "p")), "∂y_i/∂x_p"),
        (build.derivative(contract("i", a, a), t("a", "p")), "∂(a_i a_i)/∂a_p"),
        (build.derivative(build.apply("exp", [a]), t("x", "p")), "∂exp(a_i)/∂x_p"),
        (build.derivative(t("∂l/∂y", "i"), t("x", "p")), "∂(∂l/∂y_i)/∂x_p"),
        (contract("p", build.derivative(t("y", "i"), t("x", "p")), t("v", "p")), "∂y_i/∂x_p v_p"),
        (contract("j", t("∂l/∂y", "pj"), t("a", "qj")), "∂l/∂y_pj a_qj"),
        (build.power(t("∂l/∂y", "i"), n(2)), "(∂l/∂y_i)^2"),
    ],
)
def test_derivatives(node, text):
    assert print_expression(node) == text


def test_claims():
    claim = Claim(times(a, b), times(b, a), (i,), stated=True)
    assert print_claim(claim) == "a_i b_i == b_i a_i (no sum i)"
    assert print_claim(Claim(a, b, (i,))) == "a_i == b_i"


def test_printing_survives_depth():
    node = t("x")
    for _ in range(2_000):
        node = build.apply("sin", [node])
    assert print_expression(node) == "sin(" * 2_000 + "x" + ")" * 2_000
