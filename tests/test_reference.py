"""The reference interpreter against values worked out by hand or by loops, and its refusals."""

import math

import numpy as np
import pytest
from oracle import indices

from einsgrad import reference
from einsgrad.diagnostics import ArrayError, InternalError
from einsgrad.ir import build
from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.program import Program
from einsgrad.reference import evaluate, evaluate_expression, index_sizes

i, j, k, h, p = indices("ijkhp")
X = np.arange(6.0).reshape(2, 3)
W = np.array([1.0, 10.0, 100.0])
SQUARE = np.arange(9.0).reshape(3, 3)


def t(name, letters=""):
    return build.tensor(name, indices(letters))


def contract(letters, *factors):
    return build.product(factors, indices(letters))


def value(node, axes="", **arrays):
    sizes = {i: 2, j: 3, k: 3}
    given = {name: np.asarray(array, float) for name, array in arrays.items()}
    return evaluate_expression(node, given, sizes, indices(axes))


@pytest.mark.parametrize(
    ("node", "axes", "expected"),
    [
        (build.literal(3), "", 3.0),
        (build.size(j), "", 3.0),
        (t("x", "ij"), "ij", X),
        (t("x", "ij"), "ji", X.T),
        (t("s", "jj"), "j", [0.0, 4.0, 8.0]),
        (contract("j", t("s", "jj")), "", 12.0),
        (build.delta(j, k), "jk", np.eye(3)),
        (build.delta(j, j), "j", np.ones(3)),
        (contract("j", build.delta(j, j)), "", 3.0),
        (build.one([i, j]), "ij", np.ones((2, 3))),
        (contract("j", build.one([j]), build.one([j])), "", 3.0),
        (contract("j", t("x", "ij"), t("w", "j")), "i", X @ W),
        (contract("j", t("x", "ij")), "i", X.sum(1)),
        (contract("ij", t("x", "ij"), t("w", "j")), "", (X @ W).sum()),
        (build.product([t("w", "j"), t("x", "ij")]), "ij", X * W),
        (contract("j", build.delta(j, k), t("w", "j")), "k", W),
        (build.add([t("x", "ij"), build.literal(1)]), "ij", X + 1),
        (build.add([t("s", "jk"), t("s", "kj")]), "jk", SQUARE + SQUARE.T),
        (build.power(t("w", "j"), build.literal(-1)), "j", 1 / W),
        (build.power(t("w", "j"), t("x", "ij")), "ij", W**X),
        (build.apply("maximum", [t("w", "j"), t("x", "ij")]), "ij", np.maximum(W, X)),
        (build.apply("π", []), "", math.pi),
        (build.reduction("max", t("x", "ij"), [j]), "i", [2.0, 5.0]),
        (t("λ"), "ij", np.full((2, 3), 7.0)),
        (t("w", "j"), "ij", np.tile(W, (2, 1))),
    ],
)
def test_nodes(node, axes, expected):
    found = value(node, axes, x=X, w=W, s=SQUARE, λ=7)
    np.testing.assert_array_equal(found, expected)
    assert found.shape == np.shape(expected)
    assert found.dtype == np.float64


def test_a_product_sums_as_nested_loops_do():
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(2, 3)), rng.normal(size=(3, 3)), rng.normal(size=(3, 2))
    found = value(contract("jk", t("a", "ij"), t("b", "jk"), t("c", "ki")), "i", a=a, b=b, c=c)
    expected = [sum(a[m, n] * b[n, q] * c[q, m] for n in range(3) for q in range(3)) for m in range(2)]
    np.testing.assert_allclose(found, expected)


LAYER_NORM = Program(
    (
        Definition("y", (i, h), build.product([t("c", "ih"), build.reciprocal(build.apply("sqrt", [t("v", "i")]))])),
        Definition("c", (i, h), build.add([t("x", "ih"), build.negate(build.product([t("m", "i"), build.one([h])]))])),
        Definition("m", (i,), contract("h", build.reciprocal(build.size(h)), build.one([h]), t("x", "ih"))),
        Definition("v", (i,), contract("h", build.reciprocal(build.size(h)), t("c", "ih"), t("c", "ih"))),
    )
)


def test_a_program_in_any_order():
    x = np.random.default_rng(1).normal(size=(4, 7))
    found = evaluate(LAYER_NORM, {"x": x})
    assert list(found) == ["y", "c", "m", "v"]
    np.testing.assert_allclose(found["y"], (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True))


def test_integers_are_promoted_and_inputs_left_alone():
    x = np.array([[1, 2, 6]])
    found = evaluate(LAYER_NORM, {"x": x})
    assert found["m"].tolist() == [3.0]
    assert x.tolist() == [[1, 2, 6]]
    copy = evaluate(Program((Definition("y", (i,), t("x", "i")),)), {"x": (given := np.ones(2))})["y"]
    copy[:] = 5
    assert given.tolist() == [1, 1]


def test_names_in_any_spelling():
    program = Program((Definition("y", (), build.product([t("γ"), t("∂l/∂x")])),))
    assert evaluate(program, {"gamma": 2, "dl_dx": 3})["y"] == 6


def test_sizes_for_letters_that_no_array_has():
    ones = Program((Definition("y", (i, j), build.one([i, j])), Definition("n", (), build.size(p))))
    found = evaluate(ones, {}, sizes={"i": 2, "j": 1, "p": 9})
    assert found["y"].shape == (2, 1)
    assert found["n"] == 9


def test_arrays_go_before_sizes_and_letters_are_local():
    program = Program((Definition("y", (i,), t("x", "i")), Definition("z", (i,), build.one([i]))))
    found = evaluate(program, {"x": [1, 2, 3]}, sizes={"i": 2})
    assert (found["y"].shape, found["z"].shape) == ((3,), (2,))


def test_zero_sizes():
    found = evaluate(LAYER_NORM, {"x": np.ones((0, 3))})
    assert found["y"].shape == (0, 3)
    total = Program(
        (Definition("s", (), contract("i", t("x", "i"))), Definition("m", (), build.reduction("max", t("x", "i"), [i])))
    )
    empty = evaluate(total, {"x": []})
    assert (empty["s"], empty["m"]) == (0, -np.inf)
    shift = Program((Definition("m", (), build.reduction("shift", t("x", "i"), [i])),))
    assert evaluate(shift, {"x": []})["m"] == np.finfo(float).min


def test_complex_inputs_carry_a_complex_step():
    program = Program((Definition("y", (i,), build.apply("gelu", [build.apply("abs", [t("x", "i")])])),))
    x = np.array([-0.7, 0.4])
    step = evaluate(program, {"x": x + 1e-30j})["y"].imag / 1e-30
    high, low = (evaluate(program, {"x": x + e})["y"] for e in (1e-6, -1e-6))
    np.testing.assert_allclose(step, (high - low) / 2e-6, rtol=1e-8)


def test_the_table_has_every_function_of_the_language():
    assert set(reference.POINTWISE) == set(FUNCTIONS)


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("sigmoid", 1000, 1.0),
        ("sigmoid", -1000, 0.0),
        ("softplus", 1000, 1000.0),
        ("softplus", -50, math.exp(-50)),
        ("erf", 0.5, math.erf(0.5)),
        ("gelu", 1.0, 0.5 * (1 + math.erf(1 / math.sqrt(2)))),
        ("silu", 2.0, 2 / (1 + math.exp(-2))),
        ("relu", -3.0, 0.0),
        ("sign", -3.0, -1.0),
        ("step", 3.0, 1.0),
        ("log1p", 1e-20, 1e-20),
        ("expm1", 1e-20, 1e-20),
    ],
)
def test_functions(name, x, expected):
    found = value(build.apply(name, [t("u")]), u=x)
    assert found == pytest.approx(expected, rel=1e-15)


def test_what_is_undefined_is_nan_or_infinite_without_a_warning():
    assert np.isnan(value(build.apply("log", [t("u")]), u=-1))
    assert value(build.power(t("u"), build.literal(-1)), u=0) == np.inf


@pytest.mark.parametrize(
    ("arrays", "code", "message"),
    [
        ({"x": np.ones((2, 3))}, "missing-input", "no array for the input `w`"),
        ({"x": np.ones(3), "w": np.ones(3)}, "wrong-order", "`x` has 2 indices, but its array has 1 axes"),
        (
            {"x": np.ones((2, 3)), "w": np.ones(4)},
            "size-mismatch",
            "index `j` has size 3 by axis 1 of `x` and size 4 by axis 0 of `w`",
        ),
        (
            {"x": np.ones((2, 3)), "w": np.ones(1)},
            "size-mismatch",
            "index `j` has size 3 by axis 1 of `x` and size 1 by axis 0 of `w`",
        ),
    ],
)
def test_arrays_that_do_not_fit(arrays, code, message):
    program = Program((Definition("y", (i,), contract("j", t("x", "ij"), t("w", "j"))),))
    with pytest.raises(ArrayError) as caught:
        evaluate(program, arrays)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.message, diagnostic.span) == (code, message, None)


def test_an_unknown_size():
    with pytest.raises(ArrayError) as caught:
        evaluate(Program((Definition("y", (i,), build.one([i])),)), {})
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "unknown-size"
    assert diagnostic.message == "no array has an axis of index `i`: give its size"
    assert diagnostic.span is None


def test_derivatives_are_refused():
    program = Program((Definition("y", (i, p), build.derivative(t("x", "i"), t("x", "p"))),))
    with pytest.raises(InternalError, match="derivative that no pass expanded"):
        evaluate(program, {"x": [1.0]})


def test_depth_is_no_matter():
    node = t("x")
    for _ in range(5_000):
        node = build.add([node, build.literal(1)])
    assert evaluate(Program((Definition("y", (), node),)), {"x": 2})["y"] == 5_002


def test_index_sizes_cover_claims_and_leave_out_what_is_open():
    program = Program(
        (Definition("y", (i,), t("x", "i")),),
        (Claim(t("y", "j"), build.one([j]), (j,)), Claim(build.one([k]), build.one([k]), (k,))),
    )
    assert index_sizes(program, {"x": np.ones(4)}) == [{i: 4}, {j: 4}, {}]


def test_further_arrays_settle_sizes():
    zero = Definition("∂l/∂x", (i,), build.product([build.literal(0), build.one([i])]))
    assert evaluate(Program((zero,)), {"x": np.ones(4)})["∂l/∂x"].tolist() == [0, 0, 0, 0]
