"""What generated modules promise: their names, their functions, their checks, and that they stand alone."""

import ast
import math
import subprocess
import sys
from unittest import mock

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.calculus.joint import make_joint
from einsgrad.diagnostics import ArrayError
from einsgrad.frontend.parser import parse_program
from einsgrad.runtime.loading import load_module
from einsgrad.targets.numpy.module import generate

NORM = "m_b = 1/|h| 1_h x_bh; y_bh = x_bh - 1_h m_b"


def source_of(text, of=None, wrt=None, sizes=None):
    return generate(make_joint(parse_program(text), of, wrt), sizes)


def module_of(text, **options):
    return load_module(source_of(text, **options))


def test_scalar_output_has_value_and_grad_and_a_scaled_backward():
    module = module_of("l = x_i x_i")
    x = np.array([1.0, 2.0])
    value, gradients = module["value_and_grad"](x)
    assert (value, gradients["x"].tolist()) == (5.0, [2.0, 4.0])
    assert module["backward"](x)["x"].tolist() == [2.0, 4.0]
    assert module["backward"](x, dl_dl=3.0)["x"].tolist() == [6.0, 12.0]
    assert "vjp" not in module


def test_other_outputs_have_vjp_and_backward():
    module = module_of("y_ij = x_ik a_kj")
    x, a, g = np.ones((2, 3)), np.arange(12.0).reshape(3, 4), np.ones((2, 4))
    value, pullback = module["vjp"](x, a)
    np.testing.assert_array_equal(value, x @ a)
    for gradients in (pullback(g), module["backward"](x, a=a, dl_dy=g)):
        np.testing.assert_array_equal(gradients["x"], g @ a.T)
        np.testing.assert_array_equal(gradients["a"], x.T @ g)
    assert "value_and_grad" not in module


def test_several_outputs_come_as_a_named_tuple():
    module = module_of("s_i = 2 x_i; t = x_i x_i")
    outputs = module["forward"](np.array([1.0, 3.0]))
    assert outputs._fields == ("s", "t")
    assert outputs.s.tolist() == [2.0, 6.0]
    assert outputs.t == 10.0


def test_without_gradients_there_is_forward_alone():
    source = source_of("y_i = 2 x_i", wrt=())
    module = load_module(source)
    assert not {"backward", "vjp", "value_and_grad", "_self_test"} & set(module)


@pytest.mark.parametrize("text", ["y_ij = x_ik a_kj", NORM, "l = gelu(x_i) δ_ij x_j; z_ij = δ_ij x_i"])
def test_module_imports_numpy_and_the_standard_library_only(text):
    imports = [n for n in ast.walk(ast.parse(source_of(text))) if isinstance(n, ast.Import | ast.ImportFrom)]
    names = {n.module if isinstance(n, ast.ImportFrom) else n.names[0].name for n in imports}
    assert names <= {"numpy", "numpy.typing", "collections.abc", "typing"}


def einsums(text):
    calls = (n for n in ast.walk(ast.parse(source_of(text))) if isinstance(n, ast.Call))
    return {n.args[0].value for n in calls if ast.unparse(n.func) == "np.einsum"}


def test_einsum_is_not_used_for_what_blas_can_do():
    text = "y_bh = x_bij w_ijh v_bh; z_i = x_bij u_bj; t = 1_b x_bjj; p_b = x_bij x_bij; q_bi = x_bij u_bj"
    assert einsums(text) == {"ijj->ij"}


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("y_j = x_ij w_ij", "ij,ij->j"),
        ("y_ik = x_ijk w_ijk", "ijk,ijk->ik"),
        ("y_j = x_ij w_ji", "ij,ji->j"),
        ("y_j = x_ijk w_kji", "ijk,kji->j"),
        ("y_ir = x_ijr b_jr", "ijk,jk->ki"),  # matrices that are interleaved
        ("y_rs = x_ijrs b_ijs", "ijkl,ijl->lk"),
    ],
)
def test_products_with_vectors_that_blas_would_gather_from_far_apart_are_einsums(text, spec):
    assert spec in einsums(text)
    f = eg.compile(text)
    rng = np.random.default_rng(0)
    sizes = dict(zip("ijkrs", (2, 3, 4, 5, 6), strict=True))
    arrays = {name: rng.normal(size=[sizes[i] for i in f.program.indices(name)]) for name in f.program.inputs}
    terms = ",".join("".join(f.program.indices(name)) for name in f.inputs)
    exact = np.einsum(f"{terms}->{''.join(f.program.indices('y'))}", *(arrays[name] for name in f.inputs))
    np.testing.assert_allclose(f(**arrays), exact, rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("y_j = x_ij 1_i", "_column_sums(x)"),
        ("y_i = x_ij 1_j", "_row_sums(x)"),
        ("y_k = x_ijk 1_ij", "_column_sums(_column_sums(x))"),
        ("y_j = x_ijk 1_ik", "_column_sums(_row_sums(x))"),
        ("y_ik = x_ijk 1_j", "_column_sums(x)"),
        ("y_jk = x_ijk 1_i", "x.sum(axis=0)"),
        ("y_jk = x_ijkn 1_in", "_row_sums(x).sum(axis=0)"),
        ("y = x_ij 1_ij", "x.sum()"),
    ],
)
def test_sums_over_one_of_the_last_two_axes_are_products_with_ones(text, code):
    assert f" = {code}" in source_of(text)
    f = eg.compile(text)
    shape = (2, 3, 4, 5)[: len(f.program.indices("x"))]
    x = np.random.default_rng(0).normal(size=shape)
    letters = "".join(f.program.indices("x"))
    np.testing.assert_allclose(f(x=x), np.einsum(f"{letters}->{''.join(f.program.indices('y'))}", x), rtol=1e-12)
    assert f(x=np.zeros((0,) * len(shape))).sum() == 0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("y = np_i self_i", ["np", "self"]),
        ("lambda = in_i class_i", ["in", "class"]),
        ("y_i = out_i print float_i forward_i", ["out", "print", "float", "forward"]),
        ("y_i = t1_i t2_i / (1_j t1_j t2_j) + dtype_i", ["t1", "t2", "dtype"]),
        ("y_i = n_b[i] x_i / |b| + 0 1_b z_b", ["n_b", "x", "z"]),
        ("y_i = pullback_i value_i inner_i vjp_i backward_i", ["pullback", "value", "inner", "vjp", "backward"]),
        ("y = gradients_i key_i gradient_i", ["gradients", "key", "gradient"]),
        ("y_ij = δ_ij dtype_i np_i", ["dtype", "np"]),
        ("y_i = sqrt(2) item_i range_i", ["item", "range"]),
    ],
)
def test_tensors_may_have_any_name(text, names, tmp_path):
    program = parse_program(text)
    assert set(program.inputs) == set(names)
    path = tmp_path / "module.py"
    path.write_text(generate(make_joint(program, None, None)), encoding="utf-8")
    result = subprocess.run([sys.executable, "-W", "error", path], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("ok\n")


def test_gradients_are_keyed_as_the_program_spells():
    module = module_of("l = gamma_i lambda_i")
    _, gradients = module["value_and_grad"](gamma=np.ones(2), lambda_=np.ones(2))
    assert sorted(gradients) == ["gamma", "lambda"]


def test_broken_gradient_fails_the_self_test(tmp_path):
    source = source_of("l = x_i x_i")
    broken = source.replace("dl_dx = 2 * x", "dl_dx = 3 * x")
    assert broken != source
    path = tmp_path / "broken.py"
    path.write_text(broken)
    result = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stdout.endswith("failed\n")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"x": np.ones((2, 3)), "a": np.ones((4, 5))},
            "index k: axis 0 of a has size 4, but axis 1 of x has size 3",
        ),
        (
            {"x": np.ones((2, 3)), "a": np.ones((1, 5))},
            "index k: axis 0 of a has size 1, but axis 1 of x has size 3",
        ),
        ({"x": np.ones(3), "a": np.ones((4, 5))}, "x has 1 axes; expected 2: (i, k)"),
    ],
)
def test_sizes_are_checked_on_entry(arrays, message):
    with pytest.raises(ValueError, match="^" + message.replace("(", r"\(").replace(")", r"\)") + "$"):
        module_of("y_ij = x_ik a_kj")["forward"](**arrays)


def test_complex_input_is_refused():
    with pytest.raises(TypeError, match="x is an array of complex128"):
        module_of("y_i = 2 x_i")["forward"](np.ones(2, complex))


def test_masked_arrays_are_refused():
    masked = np.ma.masked_array(np.ones(2))
    module = module_of("y_i = 2 x_i")
    with pytest.raises(TypeError, match="x is a masked array, and its mask would be lost"):
        module["forward"](masked)
    with pytest.raises(TypeError, match="dl_dy is a masked array, and its mask would be lost"):
        module["backward"](np.ones(2), masked)


def test_upstream_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"dl_dy has shape \(3,\); expected that of the output, \(2,\)"):
        module_of("y_i = 2 x_i")["backward"](np.ones(2), np.ones(3))


def test_integers_are_promoted_to_the_type_of_the_others():
    forward = module_of("y_i = x_i t_i")["forward"]
    assert forward(np.ones(2, np.float32), np.array([1, 2])).dtype == np.float32
    assert forward(np.array([1, 2]), np.array([True, False])).dtype == np.float64


@pytest.mark.parametrize("text", ["y_ij = x_ji", "y_i = x_ii", "y_ij = x_ij; z_ij = x_ij", "y_ij = x_ij; z_ji = y_ij"])
def test_views_of_inputs_are_copied(text):
    x = np.arange(9.0).reshape(3, 3)
    outputs = module_of(text)["forward"](x)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    assert not any(np.shares_memory(x, y) for y in outputs)
    assert len(outputs) < 2 or not np.shares_memory(*outputs)


def test_value_may_be_changed_before_the_pullback_runs():
    module = module_of("y_i = exp(x_i)")
    x = np.array([0.0, 1.0])
    value, pullback = module["vjp"](x)
    value[...] = 0
    np.testing.assert_allclose(pullback(np.ones(2))["x"], np.exp(x))


def test_value_that_is_a_view_of_what_the_pullback_uses_is_a_copy():
    module = module_of("s_ij = exp(x_ij); y_ji = s_ij", of="y")
    x = np.array([[0.0, 1.0], [2.0, 3.0]])
    value, pullback = module["vjp"](x)
    value[...] = 0
    np.testing.assert_allclose(pullback(np.ones((2, 2)))["x"], np.exp(x))


@pytest.mark.parametrize("text", ["y_i = x_i / (|i| - 2)", "y_i = x_i + 1/(2 - 2)", "y_i = sqrt(1/(|i| - 2)) x_i"])
def test_a_quotient_of_numbers_that_has_no_value_is_nan(text):
    assert np.isnan(module_of(text, wrt=())["forward"](np.ones(2))).all()


def test_upstream_gradient_of_a_scalar_keeps_the_type_of_the_output():
    gradients = module_of("l = x_i x_i")["backward"](np.ones(2, np.float32), np.float64(3))
    assert gradients["x"].dtype == np.float32
    with pytest.raises(ValueError, match=r"dl_dl has shape \(2,\); expected that of the output, \(\)"):
        module_of("l = x_i x_i")["backward"](np.ones(2), np.ones(2))


def test_inputs_and_upstream_gradients_without_axes_become_scalars():
    module = module_of("s = 2 x; y_i = x z_i")
    outputs, pullback = module["vjp"](np.array(3, np.float32), np.ones(2, np.float32))
    gradients = pullback(np.array(1.0), np.ones(2))
    assert type(outputs.s) is type(gradients["x"]) is np.float32
    assert gradients["x"] == 4


def test_complex_upstream_gradient_is_refused():
    with pytest.raises(TypeError, match="dl_dy is an array of complex128"):
        module_of("y_i = 2 x_i")["backward"](np.ones(2), np.ones(2, complex))


def test_names_that_look_like_digits_are_the_only_ones_that_linters_are_silenced_for():
    assert "# ruff: noqa: E741, RUF100\n" in source_of("l = x_i x_i")
    assert "noqa" not in source_of("s = x_i x_i")


def test_pullback_gives_new_arrays_every_time():
    _, pullback = module_of("y_i = x_i + a_i")["vjp"](np.ones(2), np.ones(2))
    upstream = np.ones(2)
    arrays = [*pullback(upstream).values(), *pullback(upstream).values(), upstream]
    assert not any(np.shares_memory(a, b) for k, a in enumerate(arrays) for b in arrays[:k])


def test_size_that_no_input_tells_must_be_given():
    assert module_of("a_ij = 1_i b_j", sizes={"i": 3})["forward"](np.ones(2)).shape == (3, 2)
    with pytest.raises(ArrayError) as caught:
        source_of("a_ij = 1_i b_j")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "unknown-size"
    assert diagnostic.message == "the size of index `i` is not known: no input has an axis of this range"
    assert diagnostic.fix == 'sizes={"i": …}, or --sizes i=…'
    assert diagnostic.span is None


@pytest.mark.parametrize(
    "text",
    ["l = 2 + 0 x", "l = sqrt(2) + 0 x", "l = |i| + 0 1_i v_i + 0 x", "l = x", "m = x; l = m", "l = 3 x", "l = erf(x)"],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_output_without_axes_is_a_scalar_of_the_inputs_type(text, dtype):
    given = {"x": np.array(2, dtype), "v": np.ones(3, dtype)}
    program = parse_program(text)
    value = module_of(text, wrt=())["forward"](**{name: given[name] for name in program.inputs})
    assert type(value) is dtype


def test_outputs_of_one_value_without_axes_are_scalars_each():
    outputs = module_of("l = x; m = x", wrt=())["forward"](np.array(2.0))
    assert [type(value) for value in outputs] == [np.float64, np.float64]


@pytest.mark.parametrize(("text", "size"), [("y = 1/|i| 1_i x_i", 0), (NORM, 0), ("l = x_i x_i / |i|", 0)])
def test_mean_over_nothing_is_nan_without_a_warning(text, size):
    module = module_of(text)
    x = np.zeros((2, size)) if "x_bh" in text else np.zeros(size)
    outputs = module["forward"](x)
    assert np.isnan(outputs).all()


def test_same_products_are_computed_once():
    source = source_of("s_ij = a_ik b_kj; l = s_ij s_ij + a_ik b_kj c_ij", wrt=())
    assert source.count("a @ b") == 1


def test_products_equal_up_to_letters_are_computed_once():
    source = source_of("s_ij = a_ik b_kj; u_pq = exp(b_rq a_pr); l = s_ij u_ij", wrt=())
    assert source.count("@") == 1


def test_constants_don_t_promote_float32():
    module = module_of("y_i = sqrt(2) x_i / log(3) + π / |i| + gelu(x_i)")
    assert module["forward"](np.ones(3, np.float32)).dtype == np.float32


def test_long_sums_are_split_into_statements():
    terms = " + ".join(f"exp(x{k}_i) cos(x{k}_i)" for k in range(60))
    source = source_of(f"y_i = {terms}")
    assert max(map(len, source.split('"""', 2)[2].splitlines())) <= 88
    module = load_module(source)
    arrays = {f"x{k}": np.full(2, k / 60) for k in range(60)}
    wanted = sum(math.exp(k / 60) * math.cos(k / 60) for k in range(60))
    np.testing.assert_allclose(module["forward"](**arrays), wanted)


def test_deep_nesting_compiles():
    text = "x_i"
    for _ in range(300):
        text = f"sin({text} + a_i)"
    value = module_of(f"y_i = {text}", wrt=())["forward"](x=np.ones(1), a=np.ones(1))
    assert np.isfinite(value).all()


def test_a_number_that_a_helper_computes_is_known_in_time():
    module = module_of("y_i = gelu(1) x_i + exp(2)")
    np.testing.assert_allclose(module["forward"](np.array([1.0])), [0.8413447460685429 + np.exp(2)])


def test_module_says_that_it_needs_scipy():
    source = source_of("y_i = lgamma(x_i)")
    assert source.count("scipy") == 2
    without, needs_it = mock.patch.dict(sys.modules, {"scipy": None}), r"this module needs SciPy: pip install scipy"
    with without, pytest.raises(ImportError, match=needs_it):
        exec(source, {})
    assert "scipy" not in source_of("y_i = erfc(x_i) + gelu(x_i)")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_special_functions_keep_the_type(dtype):
    f = eg.compile("y_i = polygamma(1, x_i) + lgamma(x_i) + digamma(x_i) + erfinv(x_i) + logndtr(x_i)")
    value, pullback = f.vjp(x=np.array([0.2, 0.7], dtype))
    assert (value.dtype, pullback(value)["x"].dtype) == (dtype, dtype)
