"""Gradients of programs, and derivatives that stand in equations: what they print, and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest
from oracle import central_differences

import einsgrad as eg
from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.differentiate import Differentiator
from einsgrad.ir.verifier import verify
from einsgrad.reference import evaluate

RNG = np.random.default_rng(0)


def gradients(text: str, of=None, wrt=None) -> str:
    program = eg.grad(eg.parse(text), of, wrt)
    verify(program)
    assert eg.parse(str(program)) == program
    return str(program)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y_ij = x_ik a_kj", ["∂l/∂x_ik = ∂l/∂y_ij a_kj", "∂l/∂a_kj = ∂l/∂y_ij x_ik"]),
        ("y_i = sin(x_i)", ["∂l/∂x_i = ∂l/∂y_i cos(x_i)"]),
        ("λ = b_i c_i", ["∂λ/∂b_i = c_i", "∂λ/∂c_i = b_i"]),
        ("λ = x_i x_i", ["∂λ/∂x_i = 2 x_i"]),
        ("λ = sqrt(x_i x_i)", ["∂λ/∂x_i = x_i / sqrt(x_i' x_i')"]),
        ("λ = a_ii", ["∂λ/∂a_ii' = δ_ii'"]),
        ("λ = x_i a_ij x_j", ["∂λ/∂x_i = a_ij x_j + x_i' a_i'i", "∂λ/∂a_ij = x_i x_j"]),
        ("y_ij = b_i c_j", ["∂l/∂b_i = ∂l/∂y_ij c_j", "∂l/∂c_j = ∂l/∂y_ij b_i"]),
        ("y_ij = b_ji", ["∂l/∂b_ji = ∂l/∂y_ij"]),
        ("y_ij = λ b_ij", ["∂l/∂λ = ∂l/∂y_ij b_ij", "∂l/∂b_ij = ∂l/∂y_ij λ"]),
        ("y_ij = 1_i b_j", ["∂l/∂b_j = 1_i ∂l/∂y_ij"]),
        ("y = 1_i b_i", ["∂y/∂b_i = 1_i"]),
        ("y_i = x_i^3", ["∂l/∂x_i = 3 ∂l/∂y_i x_i^2"]),
        ("y_i = a_i / b_i", ["y_i = a_i/b_i", "∂l/∂a_i = ∂l/∂y_i/b_i", "∂l/∂b_i = -∂l/∂y_i y_i/b_i"]),
        ("l = p_i log(p_i / q_i)", ["∂l/∂p_i = log(p_i/q_i) + 1", "∂l/∂q_i = -p_i/q_i"]),
        ("y_i = exp(-x_i)", ["y_i = exp(-x_i)", "∂l/∂x_i = -∂l/∂y_i y_i"]),
        ("y_i = maximum(a_i, b_i)", None),
        ("y_i = 2 x_i + 3", ["∂l/∂x_i = 2 ∂l/∂y_i"]),
        ("y_i = x_i + c", ["∂l/∂x_i = ∂l/∂y_i", "∂l/∂c = 1_i ∂l/∂y_i"]),
        ("y_i = sign(x_i)", ["∂l/∂x_i = 0 1_i"]),
    ],
)
def test_gradients_read_as_a_person_would_write_them(text, expected):
    printed = gradients(text).splitlines()
    if expected is not None:
        assert printed == expected


def test_intermediates_get_one_adjoint_equation_each():
    text = "h_j = tanh(w_jk x_k); y_i = v_ij h_j"
    assert gradients(text, wrt="w").splitlines() == [
        "u1_j = w_jk x_k",
        "h_j = tanh(u1_j)",
        "∂l/∂h_j = ∂l/∂y_i v_ij",
        "∂l/∂u1_j = ∂l/∂h_j (1 - h_j^2)",
        "∂l/∂w_jk = ∂l/∂u1_j x_k",
    ]


def test_several_paths_add_up():
    text = "h_i = exp(x_i); y_i = h_i x_i; l = h_i y_i"
    assert gradients(text).splitlines()[-1] == "∂l/∂x_i = h_i^2 + ∂l/∂h_i h_i"


def test_a_chain_of_200_equations_does_not_swell():
    lines = ["z0_i = x_i", *(f"z{k}_i = z{k - 1}_i + tanh(z{k - 1}_i)" for k in range(1, 200)), "L = z199_i z199_i"]
    program = eg.grad(eg.parse("\n".join(lines)), of="L", wrt="x")
    assert len(program.definitions) < 2 * len(lines)
    assert max(len(str(eg.Program((d,)))) for d in program.definitions) < 90


def test_a_scalar_that_is_called_anything_has_gradients_of_its_own():
    assert gradients("E = x_i x_i") == "∂E/∂x_i = 2 x_i\n"
    assert gradients("E = x_i x_i", of="E", wrt=["x"]) == "∂E/∂x_i = 2 x_i\n"


def test_the_loss_is_called_something_else_where_l_is_taken():
    assert gradients("y_i = l x_i", wrt="x") == "∂L/∂x_i = ∂L/∂y_i l\n"


def test_an_output_that_another_output_uses():
    text = "y_i = sin(x_i); z_i = y_i^2"
    program = eg.parse(text)
    f = eg.compile(program, of=["y", "z"])
    x, gy, gz = RNG.normal(size=(3, 4))
    _, pullback = f.vjp(x=x)
    expected = gy * np.cos(x) + gz * 2 * np.sin(x) * np.cos(x)
    np.testing.assert_allclose(pullback({"y": gy, "z": gz})["x"], expected)


def test_a_letter_with_several_ranges_keeps_them_apart():
    text = "h_i = w_ij x_j; y_i = v_ij tanh(h_j)"
    program = eg.parse(text)
    shapes = {"w": (3, 4), "x": (4,), "v": (2, 3)}
    arrays = {n: RNG.normal(size=s) for n, s in shapes.items()}
    _, pullback = eg.compile(program).vjp(**arrays)
    g = RNG.normal(size=2)
    h = arrays["w"] @ arrays["x"]
    inner = (arrays["v"].T @ g) * (1 - np.tanh(h) ** 2)
    np.testing.assert_allclose(pullback(g)["w"], np.outer(inner, arrays["x"]))
    gradients(text)


def test_sizes_stay_readable():
    # The equation of ∂l/∂m would have nothing to tell what |h| is: the mean's equation stays.
    program = eg.grad(eg.parse("y_b = 1_h (x_bh - 1_h m_b)"), wrt="m")
    text = str(program)
    assert text.splitlines()[-1] == "∂l/∂m_b = -|h| ∂l/∂y_b"
    assert eg.parse(text) == program
    got = eg.compile(eg.parse(text), of="∂l/∂m", wrt=[])(x=np.ones((2, 5)), dl_dy=np.array([1.0, 2.0]))
    np.testing.assert_array_equal(got, [-5.0, -10.0])


# -- derivatives in equations ------------------------------------------------------------------------------------------


def compiled(text: str, of: str):
    return eg.compile(eg.parse(text), of=of, wrt=[])


def test_gradient_hessian_and_hessian_vector_product():
    text = "E = 1/4 (x_i a_ij x_j)^2 + 1_i exp(x_i); g_p = ∂E/∂x_p; H_pq = ∂g_p/∂x_q; u_p = ∂g_p/∂x_q v_q"
    x, v, a = RNG.normal(size=3), RNG.normal(size=3), RNG.normal(size=(3, 3))

    def energy(x):
        return np.asarray(0.25 * (x @ a @ x) ** 2 + np.exp(x).sum())

    g = compiled(text, "g")
    np.testing.assert_allclose(g(x=x, a=a), central_differences(energy, x), rtol=1e-6)
    h = compiled(text, "H")(x=x, a=a)
    np.testing.assert_allclose(h, central_differences(lambda x: g(x=x, a=a), x), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(compiled(text, "u")(x=x, a=a, v=v), h @ v, rtol=1e-10)


def test_jacobian_across_equations():
    text = "h_j = tanh(w_jk x_k); y_i = h_i^2 + h_i; J_ip = ∂y_i/∂x_p; K_ij = ∂y_i/∂h_j"
    w, x = RNG.normal(size=(3, 2)), RNG.normal(size=2)

    def y(x):
        h = np.tanh(w @ x)
        return h**2 + h

    np.testing.assert_allclose(compiled(text, "J")(w=w, x=x), central_differences(y, x), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(compiled(text, "K")(w=w, x=x), np.diag(2 * np.tanh(w @ x) + 1))


def test_derivative_of_an_expression():
    assert str(eg.grad(eg.parse("y = x_i x_i"))).strip() == "∂y/∂x_i = 2 x_i"
    np.testing.assert_array_equal(compiled("g_p = ∂(x_i x_i)/∂x_p", "g")(x=np.array([1.0, 2.0])), [2.0, 4.0])
    np.testing.assert_array_equal(compiled("g_p = diff(x_i x_i, x_p)", "g")(x=np.array([1.0, 2.0])), [2.0, 4.0])


def test_second_derivative_in_one_expression():
    h = compiled("E = x_i x_i x_j y_j; H_pq = ∂(∂E/∂x_p)/∂x_q", "H")
    x, y = RNG.normal(size=3), RNG.normal(size=3)
    expected = 2 * (x @ y) * np.eye(3) + 2 * np.outer(x, y) + 2 * np.outer(y, x)
    np.testing.assert_allclose(h(x=x, y=y), expected)


def test_downstream_loss_goes_through_every_output():
    text = "y_i = sin(x_i); z_i = x_i^2; g_p = ∂l/∂x_p"
    program = eg.parse(text)
    assert program.inputs == ("x", "∂l/∂y", "∂l/∂z")
    x, gy, gz = RNG.normal(size=(3, 4))
    got = compiled(text, "g")(x=x, dl_dy=gy, **{"∂l/∂z": gz})
    np.testing.assert_allclose(got, gy * np.cos(x) + 2 * gz * x)


def test_derivative_by_an_intermediate_tensor():
    text = "h_i = exp(x_i); E = h_i h_i; g_i = ∂E/∂h_i"
    np.testing.assert_allclose(compiled(text, "g")(x=np.zeros(2)), [2.0, 2.0])


def test_jacobians_used_twice_are_named_once():
    lines = ["z0_i = x_i", *(f"z{k}_i = z{k - 1}_i + tanh(z{k - 1}_i)" for k in range(1, 25)), "J_pq = ∂z24_p/∂x_q"]
    program = rename_apart(eg.parse("\n".join(lines)))
    definitions = Differentiator(program).definitions
    assert len(definitions) < 60
    x = RNG.normal(size=2)
    whole = eg.Program(tuple(definitions.values()))
    verify(whole)

    def last(x):
        return evaluate(eg.parse("\n".join(lines[:-1])), {"x": x})["z24"]

    np.testing.assert_allclose(evaluate(whole, {"x": x})["J"], central_differences(last, x), rtol=1e-5)


@pytest.mark.parametrize(
    ("uses", "named"),
    [
        ("y_i = sin(z_i)", []),
        ("y_i = z_i + sin(z_i)", ["Jzx"]),
        ("u_i = sin(z_i); y_i = u_i + cos(z_i)", ["Jzx"]),
        ("u_i = sin(z_i); y_i = u_i", []),
    ],
)
def test_jacobians_are_named_from_the_second_use_on(uses, named):
    program = rename_apart(eg.parse(f"z_i = exp(w_ij x_j); {uses}; J_ip = ∂y_i/∂x_p"))
    assert [name for name in Differentiator(program).definitions if name[0] == "J" and name != "J"] == named


def test_a_given_gradient_stays_given():
    program = rename_apart(eg.parse("y_i = sin(x_i); g_p = 2 ∂l/∂y_p"))
    assert list(Differentiator(program).definitions) == ["y", "g"]


def test_gradients_are_differentiated_by_way_of_other_equations():
    text = "H_pq = ∂h_p/∂x_q; h_p = 2 g_p; g_p = ∂l/∂x_p; y_i = x_i^3"
    got = compiled(text, "H")(x=np.array([1.0, 2.0]), **{"∂l/∂y": np.array([1.0, 10.0])})
    np.testing.assert_allclose(got, [[12.0, 0.0], [0.0, 240.0]])


def test_jacobian_and_hessian_methods():
    f = eg.compile(eg.parse("y_i = a_ij x_j^2"))
    a, x = RNG.normal(size=(2, 3)), RNG.normal(size=3)
    np.testing.assert_allclose(f.jacobian("y", "x", a=a, x=x), 2 * a * x)
    f = eg.compile(eg.parse("E = a_ij x_i x_j"))
    np.testing.assert_allclose(f.hessian("x", a=a[:, :2], x=x[:2]), a[:, :2] + a[:, :2].T)


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("E = x_i x_i; y_p = E ∂E/∂x_p", "dEdx_i = 2 x_i"),
        ("E = x_i x_i; F = E w_i x_i; y_p = E ∂F/∂x_p + F ∂E/∂w_p", "dEdw_i = 0 1_i"),
    ],
)
def test_gradients_beside_the_equation_of_their_tensor_read_back(text, inner):
    derived = eg.grad(eg.parse(text))
    assert inner in str(derived).splitlines()
    assert not derived.claims
    assert eg.parse(str(derived)) == derived
