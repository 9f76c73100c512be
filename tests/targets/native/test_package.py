"""Native code that stands alone: what is written, that it runs without einsgrad, and what it says when it can't."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.diagnostics import ArrayError, UsageError

pytestmark = pytest.mark.skipif(not any(map(shutil.which, ("gcc", "clang"))), reason="there is no C compiler")

LAYER = "h_bj = tanh(x_bi w_ij); L = 1/|b| 1_bj h_bj^2"
SOFTMAX = "y_bc = exp(x_bc) / (1_k exp(x_bk))"


def write(folder, text, name="mine", **options):
    files = eg.compile(text, target="native", **options).files(name)
    for file, content in files.items():
        (folder / file).write_text(content, encoding="utf-8")
    return files


def run(folder, code, **environment):
    """Run code beside the files, in a process that doesn't find einsgrad."""
    blocked = "import sys; sys.modules['einsgrad'] = None; sys.path.insert(0, '.')\n"
    command = [sys.executable, "-I", "-c", blocked + code]
    environment = {"PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)


@pytest.mark.parametrize("text", [LAYER, SOFTMAX, "y_i = os_i np_i results_i; z = found_j found_j"])
def test_the_module_tests_itself_without_einsgrad(tmp_path, text):
    write(tmp_path, text)
    done = run(tmp_path, "import runpy; runpy.run_path('mine.py', run_name='__main__')")
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["ok"]), done.stderr


@pytest.mark.parametrize("hidden", ["threadpoolctl", "nothing"])
def test_large_products_with_and_without_blas(tmp_path, hidden):
    sizes = {"b": 96, "i": 80, "j": 72}
    files = write(tmp_path, LAYER, sizes=sizes)
    assert "void mine_set_blas_float32(void *gemm_of_blas);" in files["mine.h"]
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(96, 80)).astype("f4"), rng.normal(size=(80, 72)).astype("f4")
    np.savez(tmp_path / "in.npz", x=x, w=w)
    code = f"""
sys.modules[{hidden!r}] = None
import mine, numpy as np
value, gradients = mine.value_and_grad(**np.load("in.npz"))
np.savez("out.npz", L=value, **gradients)
"""
    done = run(tmp_path, code, OMP_NUM_THREADS="2")
    assert done.returncode == 0, done.stderr
    found = np.load(tmp_path / "out.npz")
    value, gradients = eg.compile(LAYER).value_and_grad(x=x.astype(float), w=w.astype(float))
    assert found["x"].dtype == np.float32
    np.testing.assert_allclose(found["L"], value, rtol=1e-5)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(found[name], gradient, rtol=0, atol=2e-5 * abs(gradient).max())


def test_a_wrong_kernel_fails_the_self_test(tmp_path):
    files = write(tmp_path, "l = x_i x_i")
    wrong = files["mine.c"].replace("= 2 * x[i]", "= 3 * x[i]")
    assert wrong != files["mine.c"]
    (tmp_path / "mine.c").write_text(wrong)
    done = run(tmp_path, "import runpy; runpy.run_path('mine.py', run_name='__main__')")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "failed")


def test_the_header_says_what_kernels_take(tmp_path):
    files = write(tmp_path, "y_b = x_bi w_i")
    assert (
        "/* sizes  b, i\n"
        "   in     x[b, i], w[i], ∂l/∂y[b]\n"
        "   out    ∂l/∂x[b, i], ∂l/∂w[i] */\n"
        "int mine_pullback(const int64_t *sizes, const void *const *in,\n"
        "                  void *const *out, int threads);\n"
    ) in files["mine.h"]
    assert "#ifndef MINE_H\n" in files["mine.h"]
    assert "   y_b = x_bi w_i" in files["mine.c"]


def test_what_is_kept_is_compiled_once(tmp_path):
    write(tmp_path, SOFTMAX)
    code = "import mine, numpy as np; print(mine.forward(np.zeros((1, 2))))"
    first, second = run(tmp_path, code), run(tmp_path, "import subprocess; subprocess.run = None\n" + code)
    assert first.stdout == second.stdout == "[[0.5 0.5]]\n", second.stderr
    assert [path.suffix for path in tmp_path.iterdir() if path.name.startswith("mine-")] == [".so"]


def test_other_types_and_missing_compilers_are_refused(tmp_path):
    write(tmp_path, SOFTMAX)
    done = run(tmp_path, "import mine, numpy as np; mine.forward(np.zeros((1, 2), np.float16))")
    assert "TypeError: there is code for float32 and float64, not for float16" in done.stderr
    done = run(tmp_path, "import mine, numpy as np; mine.forward(np.zeros((1, 2)))", PATH="/nowhere")
    assert "RuntimeError: there is no C compiler: neither $CC, nor gcc, nor clang" in done.stderr
    done = run(tmp_path, "import mine, numpy as np; mine.forward(np.zeros((1, 2)))", CC="false")
    assert "RuntimeError: the C compiler fails: false -O3" in done.stderr


def test_a_size_that_nothing_tells_is_asked_for():
    with pytest.raises(ArrayError) as caught:
        eg.compile("y_ij = x_i 1_j", target="native").files("mine")
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.fix) == ("unknown-size", 'sizes={"j": …}, or --sizes j=…')
    assert (
        '_SIZES: dict[str, int] = {"j": 3}'
        in eg.compile("y_ij = x_i 1_j", target="native", sizes={"j": 3}).files("mine")["mine.py"]
    )


def test_what_has_no_native_code_is_refused():
    with pytest.raises(UsageError) as caught:
        eg.compile("y_ij = inv(A)_ij", target="native").files("mine")
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.fix) == ("no-native-code", "--target numpy")
