"""Functions in native code: as those in NumPy code, whatever the arrays are like."""

import os
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.runtime import native

SOFTMAX = "y_bc = exp(x_bc) / (1_k exp(x_bk))"
LAYER = "h_bj = tanh(x_bi w_ij); L = 1/|b| 1_bj h_bj^2"

needs_compiler = pytest.mark.skipif(not any(map(shutil.which, ("gcc", "clang"))), reason="there is no C compiler")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("EINSGRAD_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def pair(text, **options):
    return eg.compile(text, target="native", **options), eg.compile(text, **options)


@needs_compiler
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_value_and_gradients_are_those_of_numpy(dtype):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(300, 40)).astype(dtype), rng.normal(size=(40, 50)).astype(dtype)
    function, reference = pair(LAYER, sizes={"b": 300, "i": 40, "j": 50})
    value, gradients = function.value_and_grad(x=x, w=w)
    wanted, expected = reference.value_and_grad(x=x, w=w)
    tolerance = 500 * np.finfo(dtype).eps
    assert type(value) is np.dtype(dtype).type
    np.testing.assert_allclose(value, wanted, rtol=tolerance)
    for name, gradient in expected.items():
        assert gradients[name].dtype == dtype
        np.testing.assert_allclose(gradients[name], gradient, rtol=0, atol=tolerance * abs(gradient).max())


def strided(x):
    return np.repeat(x, 2, axis=1)[:, ::2]


def transposed(x):
    return np.asfortranarray(x)


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def unaligned(x):
    return np.frombuffer(b"\0" + x.tobytes(), x.dtype, offset=1).reshape(x.shape) if x.size else x


def swapped(x):
    return x.astype(x.dtype.newbyteorder())


@needs_compiler
@pytest.mark.parametrize("shape", [(0, 3), (3, 1), (5, 7)])
@pytest.mark.parametrize("arrange", [strided, transposed, read_only, unaligned, swapped])
def test_any_layout_is_read(arrange, shape):
    rng = np.random.default_rng(1)
    x, g = rng.normal(size=shape), rng.normal(size=shape)
    function, reference = pair(SOFTMAX)
    value, pullback = function.vjp(x=arrange(x))
    wanted, expected = reference.vjp(x=x)
    np.testing.assert_allclose(value, wanted, rtol=1e-14)
    np.testing.assert_allclose(pullback(arrange(g))["x"], expected(g)["x"], rtol=1e-12, atol=1e-15)


@needs_compiler
def test_outputs_have_names_and_are_apart():
    function, _ = pair("y_i = exp(x_i); z_i = y_i a; n = |i| a")
    x = np.array([0.0, 1.0])
    result = function(x=x, a=2.0)
    assert result._fields == ("z", "n")
    assert result.n == 4.0
    np.testing.assert_allclose(result.z, 2 * np.exp(x))
    first, second = function.vjp(x=x, a=2.0)[0].z, function.vjp(x=x, a=2.0)[0].z
    assert not np.shares_memory(first, second)


@needs_compiler
def test_what_the_caller_does_to_outputs_leaves_gradients_as_they_are():
    function, reference = pair("y_i = exp(x_i)")
    x, g = np.array([0.5, 1.0]), np.array([1.0, 2.0])
    value, pullback = function.vjp(x=x)
    value[...] = 0
    np.testing.assert_allclose(pullback(g)["x"], reference.vjp(x=x)[1](g)["x"])


@needs_compiler
def test_kernels_for_short_loops_serve_their_sizes_only():
    function, reference = pair("e_nij = 1/2 (g_nij + g_nji); L = 1_n e_nij e_nij + 1/|i| 1_n e_nii")
    for n, i in ((50, 3), (50, 4), (2, 3), (50, 3)):
        g = np.random.default_rng(n + i).normal(size=(n, i, i))
        value, gradients = function.value_and_grad(g=g)
        wanted, expected = reference.value_and_grad(g=g)
        np.testing.assert_allclose(value, wanted, rtol=1e-13)
        np.testing.assert_allclose(gradients["g"], expected["g"], rtol=1e-13)
    assert "const int64_t n_i = 3;" in eg.compile(function.program, sizes={"i": 3}, target="native").source


@needs_compiler
def test_other_floating_types_run_in_numpy():
    function, _ = pair("y_i = 2 x_i")
    assert function(x=np.ones(2, np.float16)).dtype == np.float16


@needs_compiler
def test_many_threads_may_call_at_once():
    function, reference = pair(SOFTMAX, threads=2)
    x = [np.random.default_rng(k).normal(size=(50 + k, 64)) for k in range(8)]
    found = [None] * len(x)

    def call(k):
        for _ in range(20):
            found[k] = function(x=x[k])

    threads = [threading.Thread(target=call, args=(k,)) for k in range(len(x))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for array, result in zip(x, found, strict=True):
        np.testing.assert_allclose(result, reference(x=array), rtol=1e-14)


@needs_compiler
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("repeats", [1, 20])  # with and without vectors
def test_infinities_and_what_is_no_number_stand_where_they_do_in_numpy(dtype, repeats):
    edges = np.array([np.nan, np.inf, -np.inf, 1e3, 0.0, -1e3])
    x = np.array(np.meshgrid(edges, edges, edges)).reshape(3, -1).T.repeat(repeats, axis=1).astype(dtype)
    function, reference = pair("y_b = log(1_c exp(x_bc)); z_bc = exp(x_bc) / (1_k exp(x_bk))")
    with np.errstate(all="ignore"):
        wanted = reference(x=x)
    for result, expected in zip(function(x=x), wanted, strict=True):
        np.testing.assert_allclose(result, expected, rtol=1e-5)


@needs_compiler
def test_the_logarithm_of_no_exponentials_is_minus_infinity():
    function, reference = pair("y_b = log(1_c exp(x_bc))")
    x = np.ones((2, 0))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(function(x=x), reference(x=x))


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@needs_compiler
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory in use is told by Linux only")
def test_threads_that_end_leave_no_memory_behind():
    # The exponentials of all rows are kept until the sum over rows is there.
    function, _ = pair("u_bc = exp(x_bc); s_c = 1_b u_bc; y_bc = u_bc / s_c", sizes={"b": 1000, "c": 1000}, threads=1)
    x = np.zeros((1000, 1000))

    def call():
        thread = threading.Thread(target=function, kwargs={"x": x})
        thread.start()
        thread.join()

    call()
    before = resident_bytes()
    for _ in range(20):
        call()
    assert resident_bytes() - before < 5 * x.nbytes


@needs_compiler
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes can't be forked")
def test_a_forked_process_does_not_wait_for_threads():
    rows = 4000
    program = f"""
import os, signal
import numpy as np
import einsgrad as eg
function = eg.compile({SOFTMAX!r}, target="native", threads=2)
x = np.random.default_rng(0).normal(size=({rows}, 100))
whole = function(x=x)
child = os.fork()
if child == 0:
    signal.alarm(20)
    os._exit(0 if np.array_equal(function(x=x), whole) else 1)
raise SystemExit(os.waitpid(child, 0)[1])
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, env={**os.environ, "PYTHONPATH": os.getcwd()})
    assert done.returncode == 0


@needs_compiler
def test_results_are_the_same_in_every_run_with_as_many_threads():
    rng = np.random.default_rng(2)
    x, w = rng.normal(size=(2000, 64)), rng.normal(size=(64, 48))
    function, _ = pair(LAYER, threads=3)
    first = function.value_and_grad(x=x, w=w)
    for _ in range(5):
        value, gradients = function.value_and_grad(x=x, w=w)
        assert value == first[0]
        np.testing.assert_array_equal(gradients["w"], first[1]["w"])


@needs_compiler
def test_derived_quantities_are_native_too():
    function, reference = pair("l = x_i x_i x_i")
    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(function.hessian("x", x=x), reference.hessian("x", x=x))
    np.testing.assert_allclose(function.hvp({"x": x}, x=x)["x"], reference.hvp({"x": x}, x=x)["x"])


@needs_compiler
def test_the_source_is_c_with_the_equations():
    function, _ = pair("y_i = exp(x_i)")
    assert "/* y_i = exp(x_i) */" in function.source
    assert "int forward(" in function.source


def test_without_a_compiler_numpy_runs_and_one_warning_says_so(monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    native._warn_once.cache_clear()
    function = eg.compile("y_i = 2 x_i", target="native")
    with pytest.warns(RuntimeWarning, match="there is no C compiler.*pip install ziglang") as caught:
        result = function(x=np.ones(2))
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(result, [2.0, 2.0])
    np.testing.assert_array_equal(eg.compile("y_i = 3 x_i", target="native")(x=np.ones(2)), [3.0, 3.0])


def test_targets_are_checked():
    with pytest.raises(eg.UsageError) as caught:
        eg.compile("y = x", target="nativ")
    assert caught.value.diagnostics[0].code == "unknown-target"
    assert "targets are numpy and native" in str(caught.value)
    with pytest.raises(eg.UsageError) as caught:
        eg.compile("y = x", target="native", threads=0)
    assert caught.value.diagnostics[0].code == "threads-few"


@needs_compiler
def test_what_inverts_matrices_runs_in_numpy():
    native._warn_once.cache_clear()
    function, reference = pair("y_i = inv(A)_ij x_j")
    arrays = {"A": np.eye(2) * 2, "x": np.ones(2)}
    with pytest.warns(RuntimeWarning, match="inverses and determinants are computed by NumPy"):
        result = function(**arrays)
    np.testing.assert_array_equal(result, reference(**arrays))
    assert "np.linalg" in function.source
