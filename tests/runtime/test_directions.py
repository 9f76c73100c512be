"""Products with directions: ``jvp``, ``hvp``, ``gnvp``, and second derivatives by two inputs."""

import numpy as np
import pytest
from calls import compiled, diagnostic_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import central_differences
from programs import PROGRAMS, draw_arrays

from einsgrad.diagnostics import ArrayError, UsageError
from einsgrad.ir.ranges import infer_ranges
from einsgrad.runtime.function import compile_program

RNG = np.random.default_rng(0)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
SIZES = {"i": 2, "i1": 2, "j": 3, "j1": 3, "k": 2}


def along(f, arrays, tangents, step=1e-6):
    """The tangent of a function of arrays by central differences."""
    ahead = f(**{x: a + step * tangents.get(x, 0) for x, a in arrays.items()})
    behind = f(**{x: a - step * tangents.get(x, 0) for x, a in arrays.items()})
    return (ahead - behind) / (2 * step)


# -- jvp


def test_a_tangent_is_how_fast_the_output_changes():
    f = compiled("y_ij = tanh(x_ik a_kj)")
    arrays = {"x": RNG.normal(size=(2, 3)), "a": RNG.normal(size=(3, 4))}
    tangents = {"x": RNG.normal(size=(2, 3)), "a": RNG.normal(size=(3, 4))}
    for moving in (["x"], ["a"], ["x", "a"], []):
        given = {x: tangents[x] for x in moving}
        value, tangent = f.jvp(arrays, given)
        np.testing.assert_array_equal(value, f(**arrays))
        np.testing.assert_allclose(tangent, along(f, arrays, given), atol=1e-8)
        assert tangent.shape == (2, 4)


def test_several_outputs_have_named_tangents():
    f = compiled("s_i = 2 x_i; gamma = x_i x_i; z_i = b_i")
    x, dx = np.array([1.0, 2.0]), np.array([0.5, 1.0])
    value, tangent = f.jvp({"x": x, "b": x}, {"x": dx})
    assert (value.s.tolist(), value.gamma, value.z.tolist()) == ([2.0, 4.0], 5.0, [1.0, 2.0])
    assert (tangent.s.tolist(), tangent.gamma, tangent.z.tolist()) == ([1.0, 2.0], 5.0, [0.0, 0.0])


def test_tangents_of_stable_forms_stay_finite():
    f = compiled("p_i = exp(x_i) / (1_k exp(x_k)); l = log(1_k exp(x_k)); s_i = sigmoid(x_i)")
    x = np.array([-1000.0, 1000.0, 0.0])
    value, tangent = f.jvp({"x": x}, {"x": np.array([1.0, 2.0, 3.0])})
    assert value.p.tolist() == [0.0, 1.0, 0.0]
    assert (tangent.p.tolist(), tangent.l, tangent.s.tolist()) == ([0.0, 0.0, 0.0], 2.0, [0.0, 0.0, 0.75])


def test_tails_are_kept_along_directions():
    """Where a function is close to one, differences to it are not zero."""
    f = compiled("s_i = sigmoid(x_i); t_i = tanh(x_i)")
    x, dx = np.array([40.0]), np.array([2.0])
    _, tangent = f.jvp({"x": x}, {"x": dx})
    np.testing.assert_allclose(tangent.s, 2 * np.exp(-40.0), rtol=1e-12)
    np.testing.assert_allclose(tangent.t, 8 * np.exp(-80.0), rtol=1e-12)
    g = compiled("l = 1_i softplus(x_i)")
    np.testing.assert_allclose(g.hvp({"x": dx}, x=x)["x"], 2 * np.exp(-40.0), rtol=1e-12)


def test_names_types_and_scalars():
    f = compiled("l = gamma x_i x_i")
    value, tangent = f.jvp({"γ": 2.0, "x": np.ones(2, np.float32)}, {"gamma": 1.5})
    assert (value, tangent) == (4.0, 3.0)
    assert value.dtype == tangent.dtype == np.float32
    value, tangent = f.jvp({"γ": 2, "x": np.ones(2, np.float32)}, {"x": [1, 2]})
    assert (value, tangent, tangent.dtype) == (4.0, 12.0, np.float32)


def test_intermediates_may_have_names_that_tangents_would_have():
    f = compiled("dx_i = x_i x_i; dy_i = 2 dx_i; y_i = dy_i dx_i; du = dx_i dy_i", of=["y", "du"])
    x, v = np.array([1.0, 2.0]), np.array([1.0, -1.0])
    _, tangent = f.jvp({"x": x}, {"x": v})
    np.testing.assert_allclose(tangent.y, 8 * x**3 * v)
    np.testing.assert_allclose(tangent.du, np.sum(8 * x**3 * v))


def test_upstream_gradients_of_the_text_are_inputs_that_may_move():
    f = compiled("y_i = sin(x_i); g_p = ∂l/∂x_p")
    x, u, v = RNG.normal(size=(3, 2))
    value, tangent = f.jvp({"x": x, "dl_dy": u}, {"x": v, "∂l/∂y": v})
    np.testing.assert_allclose(value.g, u * np.cos(x))
    np.testing.assert_allclose(tangent.y, np.cos(x) * v)
    np.testing.assert_allclose(tangent.g, v * np.cos(x) - u * np.sin(x) * v)


def test_sizes_that_no_input_tells_are_those_given():
    f = compiled("a_ij = 1_i b_j b_j", sizes={"i": 3})
    value, tangent = f.jvp({"b": np.ones(2)}, {"b": np.array([1.0, 2.0])})
    assert (value.shape, tangent.tolist()) == ((3, 2), [[2.0, 4.0]] * 3)


def test_one_letter_may_stand_on_axes_of_different_sizes():
    f = compiled("y_ij = x_id w_dj; z_id = y_ij v_jd; l = z_id z_id")
    arrays = {"x": RNG.normal(size=(2, 3)), "w": RNG.normal(size=(3, 4)), "v": RNG.normal(size=(4, 5))}
    tangents = {x: RNG.normal(size=a.shape) for x, a in arrays.items()}
    np.testing.assert_allclose(f.jvp(arrays, tangents)[1], along(f, arrays, tangents), rtol=1e-6)
    assert {x: h.shape for x, h in f.hvp(tangents, **arrays).items()} == {x: a.shape for x, a in arrays.items()}
    assert f.gnvp(tangents, **arrays)["v"].shape == (4, 5)


@pytest.mark.parametrize(
    ("tangents", "code", "message"),
    [
        ({"x": np.ones(3)}, "tangent-shape", "the tangent of `x` has shape (3,), but `x` has shape (2,)"),
        ({"z": 1.0}, "unknown-input", "the program has no input `z`"),
        (
            {"x": 1j * np.ones(2)},
            "wrong-dtype",
            "the tangent of `x` is no array of real numbers: an array of complex128",
        ),
        (
            {"gamma": 1.0, "γ": 1.0},
            "repeated-input",
            "`γ` has two tangents: `γ` is the same name",
        ),
        (
            np.ones(2),
            "tangent-names",
            "expected tangents by the names of inputs, such as {'x': …}, not ndarray",
        ),
        (
            {"x": np.ma.masked_array(np.ones(2))},
            "masked-array",
            "the tangent of `x` is a masked array: einsgrad has no masks, and would compute with what this one hides",
        ),
        ({"t": np.ones(2)}, "integer-gradient", "there is no gradient by `t`, which is an array of integers"),
    ],
)
def test_tangents_are_checked(tangents, code, message):
    f = compiled("l = γ x_i x_i t_i")
    arrays = {"x": np.ones(2), "γ": 1.0, "t": np.array([1, 2])}
    for call in (lambda: f.jvp(arrays, tangents), lambda: f.hvp(tangents, **arrays)):
        diagnostic = diagnostic_of(ArrayError, call)
        assert (diagnostic.code, diagnostic.message) == (code, message)


def test_inputs_are_neither_changed_nor_shared():
    f = compiled("y_i = x_i; z_i = x_i + b_i")
    arrays = {"x": np.ones(2), "b": np.ones(2)}
    dx = np.ones(2)
    value, tangent = f.jvp(arrays, {"x": dx})
    everything = [*arrays.values(), dx, *value, *tangent]
    assert not any(np.shares_memory(a, b) for k, a in enumerate(everything) for b in everything[:k])


# -- hvp and second derivatives by two inputs


def test_a_product_with_the_hessian_is_that_of_the_dense_one():
    f = compiled("z_n = x_ni w_i + b; l = 1_n softplus(z_n) / |n| + λ w_i w_i")
    arrays = {"x": RNG.normal(size=(4, 3)), "w": RNG.normal(size=3), "b": np.array(0.3), "λ": np.array(0.1)}
    v = {x: RNG.normal(size=a.shape) for x, a in arrays.items()}
    found = f.hvp(v, **arrays)
    for x in arrays:
        blocks = [np.tensordot(f.hessian(x, a, **arrays), v[a], v[a].ndim) for a in arrays]
        np.testing.assert_allclose(found[x], sum(blocks), atol=1e-12)
    np.testing.assert_allclose(f.hvp({"w": v["w"]}, **arrays)["w"], f.hessian("w", **arrays) @ v["w"], atol=1e-12)


def test_second_derivatives_by_two_inputs():
    f = compiled("l = 1_ij sin(x_i a_ij) y_j")
    arrays = {"x": RNG.normal(size=2), "a": RNG.normal(size=(2, 3)), "y": RNG.normal(size=3)}
    mixed = f.hessian("x", "a", **arrays)
    assert mixed.shape == (2, 2, 3)
    numeric = central_differences(lambda a: f.value_and_grad(**arrays | {"a": a})[1]["x"], arrays["a"])
    np.testing.assert_allclose(mixed, numeric, atol=1e-8)
    np.testing.assert_allclose(np.moveaxis(f.hessian("a", "x", **arrays), -1, 0), mixed, atol=1e-12)
    np.testing.assert_array_equal(f.hessian("x", "x", **arrays), f.hessian("x", **arrays))


def test_products_with_the_hessian_need_a_scalar():
    diagnostic = diagnostic_of(UsageError, lambda: compiled("y_i = 2 x_i").hvp({"x": np.ones(2)}, x=np.ones(2)))
    assert (diagnostic.code, diagnostic.fix) == ("not-scalar", None)
    assert diagnostic.message == "hvp needs one scalar output; this function computes y"


@pytest.mark.parametrize("text", ["l = a_i x_i", "l = a_i a_i + 1_i x_i"])
def test_the_hessian_of_what_is_linear_is_zero(text):
    f = compiled(text)
    assert f.hvp({"x": np.ones(2)}, x=np.ones(2), a=np.ones(2))["x"].tolist() == [0.0, 0.0]
    assert f.hvp({}, x=np.ones(2), a=np.ones(2)) == {}


@FEW
@given(PROGRAMS, st.integers(0, 10))
def test_random_programs_by_tangents_and_by_pullbacks(program, seed):
    """``u · J v = v · Jᵀ u``, and ``v · Jᵀ J v = |J v|²``."""
    arrays, rng = draw_arrays(program, SIZES, seed), np.random.default_rng(seed)
    letters = {index.name for _, index in infer_ranges(program).of_index}
    sizes = {letter: size for letter, size in SIZES.items() if letter in letters}
    with np.errstate(all="ignore"):
        f = compile_program(program, sizes=sizes)
        v = {x: rng.normal(size=np.shape(arrays[x])) for x in f.inputs}
        arrays = {x: arrays[x] for x in f.inputs}
        value, tangent = f.jvp(arrays, v)
        values, tangents = (r if isinstance(r, tuple) else (r,) for r in (value, tangent))
        upstream = {y: rng.normal(size=np.shape(r)) for y, r in zip(f.outputs, values, strict=True)}
        gradients = f.vjp(**arrays)[1](upstream)
        product = f.gnvp(v, **arrays) if len(f.outputs) > 1 else None
    forward = sum(np.sum(g * t) for g, t in zip(upstream.values(), tangents, strict=True))
    np.testing.assert_allclose(forward, _inner(gradients, v), rtol=1e-8, atol=1e-8)
    if product is not None:
        squares = sum(np.sum(t * t) for t in tangents)
        np.testing.assert_allclose(_inner(product, v), squares, rtol=1e-8, atol=1e-8)


# -- gnvp


def test_a_gauss_newton_product_of_outputs():
    f = compiled("y_i = tanh(a_ij x_j); s = x_j x_j")
    arrays = {"a": RNG.normal(size=(4, 3)), "x": RNG.normal(size=3)}
    v = RNG.normal(size=3)
    jacobians = f.jacobian("y", "x", **arrays), f.jacobian("s", "x", **arrays)[None]
    expected = sum(j.T @ j for j in jacobians) @ v
    np.testing.assert_allclose(f.gnvp({"x": v}, **arrays)["x"], expected)


LEAST_SQUARES = [
    "r_i = tanh(a_ij x_j) - b_i; E = r_i r_i",
    "r_i = tanh(a_ij x_j) - b_i; E = 1_i r_i^2",
    "r_i = tanh(a_ij x_j) - b_i; s = r_i r_i; E = s",
    "r_i = tanh(a_ij x_j) - b_i; s = r_i r_i / 2; t = s / 2; E = 3 s - 2 t",
    "E = 1_i (tanh(a_ij x_j) - b_i)^2",
    "y_i = tanh(a_ij x_j); E = 1_i (y_i - b_i)^2",
]


@pytest.mark.parametrize("text", LEAST_SQUARES)
def test_a_gauss_newton_product_of_least_squares(text):
    arrays = {"a": RNG.normal(size=(4, 3)), "x": RNG.normal(size=3), "b": RNG.normal(size=4)}
    v = RNG.normal(size=3)
    jacobian = compiled("r_i = tanh(a_ij x_j)").jacobian("r", "x", a=arrays["a"], x=arrays["x"])
    np.testing.assert_allclose(compiled(text).gnvp({"x": v}, **arrays)["x"], 2 * jacobian.T @ jacobian @ v)


def test_a_penalty_counts_with_its_second_derivatives():
    f = compiled("r_i = tanh(a_ij x_j) - b_i; E = 1/2 r_i r_i + λ x_j x_j x_j x_j")
    arrays = {"a": RNG.normal(size=(4, 3)), "x": RNG.normal(size=3), "b": RNG.normal(size=4), "λ": np.array(0.5)}
    v = RNG.normal(size=3)
    jacobian = f.jacobian("r", "x", **arrays)
    expected = jacobian.T @ jacobian @ v + 12 * 0.5 * arrays["x"] ** 2 * v
    np.testing.assert_allclose(f.gnvp({"x": v}, **arrays)["x"], expected)


def test_a_gauss_newton_product_takes_the_hessian_of_the_loss():
    f = compiled("z_nk = tanh(x_nd w_dk); l = 1_n log(1_k exp(z_nk)) - t_nk z_nk")
    arrays = {"x": RNG.normal(size=(4, 3)), "w": RNG.normal(size=(3, 2)), "t": np.eye(2)[[0, 1, 1, 0]]}
    v = RNG.normal(size=(3, 2))
    jacobian = f.jacobian("z", "w", **arrays)
    z = np.tanh(arrays["x"] @ arrays["w"])
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    curvature = np.einsum("nk,kl->nkl", p, np.eye(2)) - np.einsum("nk,nl->nkl", p, p)
    expected = np.einsum("nkab,nkl,nlcd,cd->ab", jacobian, curvature, jacobian, v)
    np.testing.assert_allclose(f.gnvp({"w": v}, **arrays)["w"], expected)


@pytest.mark.parametrize("text", ["E = x_i x_i x_i", "E = a_i x_i", "E = log(1_i exp(a_i x_i))"])
def test_a_loss_without_residuals_is_refused(text):
    f = compiled(text)
    diagnostic = diagnostic_of(UsageError, lambda: f.gnvp({"x": np.ones(2)}, **{x: np.ones(2) for x in f.inputs}))
    assert diagnostic.code == "no-residual"
    assert diagnostic.message == "gnvp: the equation of `E` names no residual that depends on x"
    assert diagnostic.fix == "give what `E` is a plain function of an equation of its own: r_i = …; E = r_i r_i"


def test_a_loss_that_cannot_be_cut_in_two_is_refused():
    f = compiled("r_i = sin(x_i); s = r_i r_i; E = s + s s")
    g = compiled("r_i = sin(x_i); s = r_i r_i; q = s s; E = s + q")
    assert f.gnvp({"x": np.ones(2)}, x=np.ones(2))["x"].shape == (2,)
    diagnostic = diagnostic_of(UsageError, lambda: g.gnvp({"x": np.ones(2)}, x=np.ones(2)))
    assert diagnostic.message == "gnvp: `E` is linear in `s` in one place and not in another"


def _inner(u, v):
    return sum(np.sum(u[x] * v[x]) for x in u)
