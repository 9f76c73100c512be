"""Functions: values, gradients, Jacobians and Hessians, and what they promise about arrays."""

import threading
import traceback

import numpy as np
import pytest
from calls import compiled, diagnostic_of
from oracle import central_differences

from einsgrad.diagnostics import ArrayError, UsageError
from einsgrad.frontend.parser import parse_program
from einsgrad.runtime.function import compile_program

RNG = np.random.default_rng(0)


def test_call_gives_the_output():
    x, a = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 4))
    np.testing.assert_allclose(compiled("y_ij = x_ik a_kj")(x=x, a=a), x @ a)


def test_several_outputs_come_as_a_named_tuple():
    result = compiled("s_i = 2 x_i; t = x_i x_i")(x=np.array([1.0, 2.0]))
    assert (result.s.tolist(), result.t) == ([2.0, 4.0], 5.0)


def test_at_changes_one_input_at_a_time():
    f = compile_program(parse_program("y_i = x_i a + b_i"))
    arrays = {"x": np.array([1.0, 2.0]), "a": np.array(3.0), "b": np.array([0.5, 0.25])}
    changed = f.at(arrays)
    np.testing.assert_array_equal(changed("a", np.array(-1.0)), [-0.5, -1.75])
    np.testing.assert_array_equal(changed("b", np.array([0.0, 1.0])), [3.0, 7.0])
    with pytest.raises(ArrayError):
        f.at(arrays | {"b": np.ones(3)})


def test_value_and_grad():
    value, gradients = compiled("l = a_i x_i x_i")(x=np.ones(2), a=np.ones(2)), None
    assert value == 2.0
    value, gradients = compiled("l = a_i x_i x_i").value_and_grad(x=np.array([1.0, 2.0]), a=np.ones(2))
    assert value == 5.0
    assert gradients["x"].tolist() == [2.0, 4.0]
    assert gradients["a"].tolist() == [1.0, 4.0]


def test_value_and_grad_needs_a_scalar():
    diagnostic = diagnostic_of(UsageError, lambda: compiled("y_i = 2 x_i").value_and_grad(x=np.ones(2)))
    assert diagnostic.code == "not-scalar"
    assert diagnostic.message == "value_and_grad needs one scalar output; this function computes y"
    assert diagnostic.fix == "value, pullback = f.vjp(…)"


def test_vjp_takes_an_array_or_a_mapping():
    x, g = RNG.normal(size=3), RNG.normal(size=3)
    value, pullback = compiled("y_i = sin(x_i)").vjp(x=x)
    np.testing.assert_allclose(value, np.sin(x))
    np.testing.assert_allclose(pullback(g)["x"], g * np.cos(x))
    np.testing.assert_allclose(pullback({"y": g})["x"], g * np.cos(x))


def test_vjp_of_a_scalar_scales_the_gradient():
    _, pullback = compiled("l = x_i x_i").vjp(x=np.array([1.0, 2.0]))
    assert pullback(0.5)["x"].tolist() == [1.0, 2.0]


def test_vjp_of_several_outputs():
    x = RNG.normal(size=2)
    _, pullback = compiled("s_i = 2 x_i; gamma = x_i x_i").vjp(x=x)
    np.testing.assert_allclose(pullback({"s": np.ones(2), "γ": 3.0})["x"], 2 + 6 * x)
    diagnostic = diagnostic_of(ArrayError, lambda: pullback(np.ones(2)))
    assert diagnostic.code == "upstream-names"
    assert diagnostic.fix == "pullback({'s': …, 'gamma': …})"


@pytest.mark.parametrize(
    ("upstream", "code", "message"),
    [
        ({}, "upstream-names", "no upstream gradient for the output `y`"),
        ({"y": np.ones(2), "z": 1}, "upstream-names", "there is no output `z`"),
        (np.ones(3), "upstream-shape", "the upstream gradient of `y` has shape (3,), but `y` has shape (2,)"),
        (
            np.ones(2, complex),
            "wrong-dtype",
            "the upstream gradient of `y` is no array of real numbers: an array of complex128",
        ),
        (
            np.ma.masked_array(np.ones(2)),
            "masked-array",
            "the upstream gradient of `y` is a masked array: einsgrad has no masks, and would compute with what this "
            "one hides",
        ),
    ],
)
def test_upstream_gradients_are_checked(upstream, code, message):
    _, pullback = compiled("y_i = 2 x_i").vjp(x=np.ones(2))
    diagnostic = diagnostic_of(ArrayError, lambda: pullback(upstream))
    assert (diagnostic.code, diagnostic.message) == (code, message)


def test_jacobian_has_the_shape_of_the_output_then_of_the_input():
    f = compiled("y_ij = tanh(x_ik a_kj)")
    x, a = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 4))
    jacobian = f.jacobian("y", "x", x=x, a=a)
    assert jacobian.shape == (2, 4, 2, 3)
    np.testing.assert_allclose(jacobian, central_differences(lambda v: f(x=v, a=a), x), atol=1e-8)


def test_jacobian_of_an_intermediate_and_of_what_doesn_t_depend():
    f = compiled("m_i = sin(x_i); y = m_i m_i; z_i = 2 b_i")
    x, b = RNG.normal(size=3), RNG.normal(size=4)
    np.testing.assert_allclose(f.jacobian("m", "x", x=x, b=b), np.diag(np.cos(x)))
    assert f.jacobian("z", "x", x=x, b=b).shape == (4, 3)
    assert not f.jacobian("z", "x", x=x, b=b).any()


def test_hessian():
    f = compiled("l = x_i a_ij x_j")
    x, a = RNG.normal(size=3), RNG.normal(size=(3, 3))
    np.testing.assert_allclose(f.hessian("x", x=x, a=a), a + a.T)
    f = compiled("l = 1_ij exp(w_ij) sin(w_ij) + w_ij w_ij w_kj w_kj")
    w = RNG.normal(size=(2, 3))
    hessian = central_differences(lambda v: f.value_and_grad(w=v)[1]["w"], w)
    np.testing.assert_allclose(f.hessian("w", w=w), hessian, atol=1e-7)


def test_hessian_needs_a_scalar():
    diagnostic = diagnostic_of(UsageError, lambda: compiled("y_i = 2 x_i").hessian("x", x=np.ones(2)))
    assert diagnostic.message == "hessian needs one scalar output; this function computes y"


def test_names_may_be_spelled_in_any_way():
    f = compiled("l = gamma_i lambda_i")
    value, gradients = f.value_and_grad(γ=np.ones(2), λ=np.ones(2))
    assert value == 2.0
    assert sorted(gradients) == ["gamma", "lambda"]
    assert f.jacobian("l", "γ", gamma=np.ones(2), λ=np.ones(2)).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", ["self", "of", "wrt", "arrays", "np", "lambda", "given", "function"])
def test_tensors_may_have_the_names_of_parameters(name):
    f = compiled(f"l = {name}_i {name}_i")
    given = {name: np.array([1.0, 2.0])}
    assert f(**given) == 5.0
    assert f.value_and_grad(**given)[1][name].tolist() == [2.0, 4.0]
    assert f.vjp(**given)[1](1.0)[name].tolist() == [2.0, 4.0]
    assert f.jacobian("l", name, **given).tolist() == [2.0, 4.0]
    assert f.hessian(name, **given).tolist() == [[2.0, 0.0], [0.0, 2.0]]


def test_integer_inputs_are_data():
    f = compiled("l = x_i t_i")
    x = np.array([1.0, 2.0], np.float32)
    value, gradients = f.value_and_grad(x=x, t=np.array([3, 4]))
    assert value == 11.0
    assert value.dtype == np.float32
    assert list(gradients) == ["x"]
    assert gradients["x"].dtype == np.float32
    assert list(f.vjp(x=x, t=np.array([True, False]))[1](1.0)) == ["x"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: compiled("l = x_i t_i", wrt="t").value_and_grad(x=np.ones(2), t=np.array([1, 2])),
        lambda: compiled("y_i = x_i t_i", wrt=["x", "t"]).vjp(x=np.ones(2), t=np.array([1, 2])),
        lambda: compiled("l = x_i t_i").jacobian("l", "t", x=np.ones(2), t=np.array([1, 2])),
        lambda: compiled("l = t_i t_i").value_and_grad(t=[1, 2]),
    ],
)
def test_gradient_by_an_integer_input_is_refused(call):
    diagnostic = diagnostic_of(ArrayError, call)
    assert diagnostic.code == "integer-gradient"
    assert diagnostic.message == "there is no gradient by `t`, which is an array of integers"
    assert diagnostic.fix == "t=t.astype(float)"


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_floating_types_are_kept(dtype):
    f = compiled("y_ij = softplus(x_ik a_kj) / sqrt(2) + 1_ij λ")
    x, a, λ = np.ones((2, 3), dtype), np.ones((3, 4), dtype), dtype(0.5)
    value, pullback = f.vjp(x=x, a=a, λ=λ)
    assert value.dtype == dtype
    assert {g.dtype for g in pullback(value).values()} == {np.dtype(dtype)}


def test_python_numbers_and_lists_are_arrays():
    assert compiled("y_i = λ x_i")(x=[1.0, 2.0], λ=2).tolist() == [2.0, 4.0]


@pytest.mark.parametrize(
    "text", ["y_ij = x_ji", "y_i = x_ii", "y_ij = x_ij; z_ij = x_ij", "y_ij = x_ij + x_ij", "l = x_ij x_ji"]
)
def test_inputs_are_neither_changed_nor_shared(text):
    f = compiled(text)
    x = RNG.normal(size=(3, 3))
    before = x.copy()
    values, pullback = f.vjp(x=x)
    outputs = list(values) if isinstance(values, tuple) else [values]
    upstream = {y: np.ones_like(v) for y, v in zip(f.outputs, outputs, strict=True)}
    arrays = [x, *upstream.values(), *outputs, *pullback(upstream).values(), *pullback(upstream).values()]
    arrays = [a for a in arrays if isinstance(a, np.ndarray)]
    assert not any(np.shares_memory(a, b) for k, a in enumerate(arrays) for b in arrays[:k])
    np.testing.assert_array_equal(x, before)


def test_readonly_and_strided_inputs_will_do():
    x = np.arange(24.0).reshape(4, 6)[::2, ::-1]
    x.flags.writeable = False
    np.testing.assert_allclose(compiled("y_j = 1_i x_ij x_ij")(x=x), (x * x).sum(0))


@pytest.mark.parametrize("b", [0, 1, 3])
@pytest.mark.parametrize("h", [0, 1, 4])
def test_sizes_may_be_zero(b, h):
    f = compiled("z_bj = x_bh w_hj + 1_b c_j; p_bj = exp(z_bj) / (1_k exp(z_bk)); l = p_bj p_bj")
    x, w, c = np.ones((b, h)), np.ones((h, 2)), np.ones(2)
    value, gradients = f.value_and_grad(x=x, w=w, c=c)
    np.testing.assert_allclose(value, b * 0.5)
    assert [g.shape for g in gradients.values()] == [(b, h), (h, 2), (2,)]
    assert all(np.isfinite(g).all() for g in gradients.values())


def test_size_given_at_compile_time():
    f = compiled("a_ij = 1_i b_j", sizes={"i": 3})
    assert f(b=np.ones(2)).shape == (3, 2)
    assert f.vjp(b=np.ones(2))[1](np.ones((3, 2)))["b"].tolist() == [3.0, 3.0]
    diagnostic = diagnostic_of(ArrayError, lambda: compiled("a_ij = 1_i b_j"))
    assert diagnostic.code == "unknown-size"
    assert "index `i`" in diagnostic.message


def test_given_size_is_taken_for_the_letter_of_the_text():
    f = compiled("y_i = 2 x_i; z_ij = 1_i b_j", of="z", sizes={"i": 3})
    assert f(b=np.ones(2)).shape == (3, 2)


def test_of_takes_only_the_inputs_that_it_needs():
    f = compiled("y_i = 2 x_i; z_i = 3 b_i", of="z")
    assert f.inputs == ("b",)
    assert f(b=np.ones(2)).tolist() == [3.0, 3.0]
    assert list(f.vjp(b=np.ones(2))[1](np.ones(2))) == ["b"]


def test_gradient_by_an_input_that_the_output_doesn_t_need_is_zero():
    f = compiled("y_i = 2 x_i; z_i = 3 b_i", of="z", wrt=["x", "b"])
    gradients = f.vjp(b=np.ones(2), x=np.ones(3))[1](np.ones(2))
    assert gradients["x"].tolist() == [0.0, 0.0, 0.0]


def test_gradient_by_an_intermediate():
    _, gradients = compiled("m_i = sin(x_i); l = m_i m_i", wrt=["m"]).value_and_grad(x=np.ones(2))
    np.testing.assert_allclose(gradients["m"], 2 * np.sin([1.0, 1.0]))


def test_program_without_inputs():
    f = compiled("y = 2^0.5")
    assert f() == pytest.approx(2**0.5)


def test_unknown_names_are_refused_when_compiling():
    for call in (lambda: compiled("y_i = 2 x_i", of="z"), lambda: compiled("y_i = 2 x_i", wrt="z")):
        assert diagnostic_of(UsageError, call).code == "unknown-tensor"
    f = compiled("y_i = 2 x_i")
    assert diagnostic_of(UsageError, lambda: f.jacobian("y", "xx", x=np.ones(2))).code == "unknown-tensor"


def test_source_holds_everything():
    f = compiled("l = x_i x_i")
    assert "def value_and_grad(x: ArrayLike)" in f.source
    assert f.program.outputs == f.outputs == ("l",)
    assert f.joint.gradients == {"x": "∂l/∂x"}
    assert repr(f) == "Function(x -> l)"


def test_tracebacks_show_the_generated_line():
    f = compiled("y_i = log(x_i)")
    with np.errstate(all="raise"):
        try:
            f(x=np.array([-1.0]))
        except FloatingPointError:
            shown = traceback.format_exc()
    assert "y = np.log(x)" in shown


def test_many_threads_at_once():
    f = compiled("z_ij = x_ik a_kj; l = tanh(z_ij) z_ij")
    cases = [(RNG.normal(size=(k % 5 + 1, 3)), RNG.normal(size=(3, 4))) for k in range(40)]
    wanted = [compiled("z_ij = x_ik a_kj; l = tanh(z_ij) z_ij").value_and_grad(x=x, a=a) for x, a in cases]
    found = [None] * len(cases)

    def work(start):
        for k in range(start, len(cases), 4):
            found[k] = f.value_and_grad(x=cases[k][0], a=cases[k][1])

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for (value, gradients), (true_value, true_gradients) in zip(found, wanted, strict=True):
        assert value == true_value
        assert all(np.array_equal(gradients[x], true_gradients[x]) for x in gradients)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("t_i^2 == t_i t_i", "there is nothing to compute: no equation, only claims"),
        ("y_i = x_i", "there is no output"),
    ],
)
def test_what_has_no_output_is_not_compiled(text, message):
    found = diagnostic_of(UsageError, lambda: compiled(text, of=[]))
    assert (found.code, found.message) == ("no-output", message)


def test_constants_without_a_value_show_in_the_result_and_not_as_a_warning(recwarn):
    y = compiled("y_i = log(-1) x_i")(x=np.ones(2))
    assert np.isnan(y).all()
    assert not recwarn.list


def test_calls_of_another_magnitude_are_planned_anew_once():
    f = compiled("y_i = a_ij b_jk c_kl v_l", wrt=["v"])
    rng = np.random.default_rng(0)

    def arrays(n, m):
        return {
            "a": rng.normal(size=(n, m)),
            "b": rng.normal(size=(m, n)),
            "c": rng.normal(size=(n, m)),
            "v": rng.normal(size=m),
        }

    for n, m in [(60, 70), (2, 1000), (2, 1100), (1000, 2), (0, 5)]:
        given = arrays(n, m)
        expected = given["a"] @ (given["b"] @ (given["c"] @ given["v"]))
        np.testing.assert_allclose(f(**given), expected)
        value, pullback = f.vjp(**given)
        np.testing.assert_allclose(value, expected)
        slope = given["c"].T @ (given["b"].T @ (given["a"].T @ np.ones(n)))
        np.testing.assert_allclose(pullback(np.ones(n))["v"], slope, atol=1e-12)
    # One at once, and two for each of: near the usual sizes; one long axis of either kind; an empty one.
    assert len(f._compiled) == 9


def test_the_real_sizes_decide_what_is_contracted_first():
    f = compiled("y_il = a_ij b_jk c_kl", wrt=[])
    arrays = {"a": np.ones((1000, 2)), "b": np.ones((2, 1000)), "c": np.ones((1000, 2))}
    f(**arrays)
    planned = [module.code.source for module in f._compiled.values()]
    assert ["ab_ik = a_ij b_jk" in planned[0], "bc_jl = b_jk c_kl" in planned[1]] == [True, True]
