"""Equations as einsum strings."""

from fractions import Fraction

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.reference import evaluate
from einsgrad.render.einsum import einsum_of


def only(text):
    return eg.parse(text).definitions[0]


@pytest.mark.parametrize(
    ("equation", "subscripts", "operands", "coefficient"),
    [
        ("y_ij = x_ik a_kj", "ik,kj->ij", ("x", "a"), 1),
        ("y_ij = x_ji", "ji->ij", ("x",), 1),
        ("y = -2 a_i b_i", "i,i->", ("a", "b"), -2),
        ("y_i = 1/2 λ a_i", ",i->i", ("λ", "a"), Fraction(1, 2)),
        ("y_i = 2 (3 a_i) (x_ij b_j)", "i,ij,j->i", ("a", "x", "b"), 6),
        ("y_i = 1_j x_ij", "ij->i", ("x",), 1),
        ("y_ij = 1_j b_i", "i,j->ij", ("b", "1"), 1),
        ("y_ij = 3 1_ij", "ij->ij", ("1",), 3),
        ("y_ij = δ_ij b_i", "ij,i->ij", ("δ", "b"), 1),
        ("y_i1i2 = x_i1k x_i2k", "jk,mk->jm", ("x", "x"), 1),
        ("y_{batch,out} = x_{batch,in} w_{in,out}", "jm,mk->jk", ("x", "w"), 1),
        ("y_αβ = x_βα", "βα->αβ", ("x",), 1),
    ],
)
def test_products(equation, subscripts, operands, coefficient):
    found = einsum_of(only(equation))
    assert (found.subscripts, found.operands, found.coefficient) == (subscripts, operands, coefficient)


@pytest.mark.parametrize(
    "equation",
    [
        "y_i = a_i + b_i",
        "y_i = exp(a_i)",
        "y_i = a_i^2",
        "y_i = a_i/b_i",
        "y = |i| + 0 a_i a_i",
        "y = 2",
        "y_i = 2 |i| a_i",
    ],
)
def test_what_is_no_einsum(equation):
    assert einsum_of(only(equation)) is None


def test_sizes_come_from_a_tensor_at_hand():
    notes = einsum_of(only("y_ijk = x_ik 1_j")).notes
    assert notes == ("1_j: ones, np.ones(|j|)",)
    notes = einsum_of(only("y_ijk = x_ik δ_ij")).notes
    assert notes == ("δ_ij: the identity matrix, np.eye(x.shape[0])",)
    notes = einsum_of(only("∂l/∂x_ij = ∂l/∂y_i 1_j")).notes
    assert notes == ("1_j: ones, np.ones(x.shape[1])",)


def test_value():
    program = eg.parse("y_i1 = 3 1_jk c_j x_ki1 λ")
    rng = np.random.default_rng(0)
    arrays = {"c": rng.normal(size=4), "x": rng.normal(size=(3, 2)), "λ": 0.5}
    found = einsum_of(program.definitions[0])
    value = float(found.coefficient) * np.einsum(found.subscripts, *(arrays[n] for n in found.operands))
    np.testing.assert_allclose(value, evaluate(program, arrays)["y"])


def test_deep_products_do_not_meet_the_recursion_limit():
    from einsgrad.ir import build
    from einsgrad.ir.equations import Definition

    node = build.tensor("x")
    for _ in range(5000):
        node = build.product([build.literal(1), node])
    assert einsum_of(Definition("y", (), node)).subscripts == "->"
