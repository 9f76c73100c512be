"""The kernels compute what the NumPy target computes, for sizes other than those that they were planned for."""

import shutil

import numpy as np
import pytest
from kernels import Kernels

import einsgrad as eg
from einsgrad.ir.ranges import infer_ranges
from einsgrad.targets.native import writer

pytestmark = pytest.mark.skipif(not any(map(shutil.which, ("gcc", "clang"))), reason="there is no C compiler")

# Planned for sizes at which products go to BLAS, loops to threads, and outer loops through blocks; and for few.
LARGE, SMALL = 96, 4
# Sizes of data that are far larger than those of parameters.
ROWS, PARAMETERS = 4000, 16

# What each is here for.
PROGRAMS = {
    "rows, in one loop": "y_bc = exp(x_bc) / (1_k exp(x_bk))",
    "sums over the outer axis": "m_c = 1/|b| 1_b x_bc; y_bc = (x_bc - 1_b m_c) γ_c",
    "a product in blocks, its gradients summed": "h_bj = tanh(x_bi w_ij); L = 1/|b| 1_bj h_bj^2",
    "a product over a batch": "s_bij = q_bid k_bjd; a_bij = exp(s_bij) / (1_k exp(s_bik)); y_bid = a_bij v_bjd",
    "operands that no matrix product can read": "y_npq = x_nj b_pjq; L = y_npq y_npq",
    "a result with its axes the other way round": "y_ji = x_ik w_kj",
    "a result of which the program needs a diagonal": "c_ij = a_ik b_kj; y_i = c_ii + exp(c_ii)",
    "a Jacobian with deltas": "y_i = x_i^2 + a_ij x_j; J_ip = ∂y_i/∂x_p",
    "numbers of sizes": "y_i = x_i / |i| + sqrt(2 π) |j| a_ij b_j",
    "an output that is an input's": "y = a; z_i = a x_i",
    "an output that the pullback keeps": "y_i = exp(x_i); z_i = y_i a",
    "gradients that are zero": "y_i = step(x_i) a_i; z = 1_i a_i",
    "the residual of a tensor": "L = 1_ijk (t_ijk - a_ir b_jr c_kr)^2",
    "values read at two positions": "u_ik = exp(x_ik); z_ij = u_ik u_jk; v_ij = z_ij + tanh(z_ji)",
    "a batch along the last axis": "y_ijb = x_ikb w_kjb",
    "a result that is used the other way round": "c_ij = a_ik b_kj; y_ji = exp(c_ij); z_ji = c_ij",
    "a product with rows of two letters, in blocks": "c_abj = x_abi w_ij; y_ij = tanh(c_abj) x_abi",
    "an operand whose blocks cut a group of letters": "y_nq = x_njk b_kqj",
    "a result that no matrix product can write": "y_jin = x_nik w_kj; z_nj = exp(y_jin) 1_i",
    "functions": "y_i = relu(x_i) + sigmoid(x_i) + softplus(x_i) + gelu(x_i) + silu(x_i) + abs(x_i) + x_i^a",
    "functions of the error, of angles and logarithms": "y_i = logsigmoid(x_i) + erfc(x_i) + log2(x_i) + log10(x_i) + "
    "asinh(x_i) + acosh(1 + x_i) + atanh(x_i/2) + atan2(x_i, a) + hypot(x_i, a)",
    "special functions": "y_i = lgamma(x_i) + digamma(x_i - 1) + polygamma(2, x_i) + erfinv(x_i/2) + logndtr(x_i - 2)",
    "special functions far out": "y_i = erfinv(1 - x_i/1e6) + 1e-6 logndtr(-30 x_i) + "
    "digamma(9 x_i) + polygamma(1, 40 x_i)",
    "whole parts": "y_i = floor(3 x_i) x_i + round(3 x_i) + mod(5 x_i, a) + mod(-5 x_i, a)",
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("EINSGRAD_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def some_arrays(program, size, rng, dtype):
    ranges = infer_ranges(program)
    extents = {r: size + k % 3 if size > 1 else size for k, r in enumerate(sorted(ranges.letter))}
    return {
        x: rng.uniform(0.3, 1.2, [extents[ranges.of_axis[x, k]] for k in range(len(program.indices(x)))]).astype(dtype)
        for x in program.inputs
    }


def assert_as_numpy(kernels, arrays, rng, dtype):
    """Compare value and gradients of all inputs, for random upstream gradients."""
    function = kernels.function
    value, pullback = function.vjp(**{x: arrays[x] for x in function.inputs})
    values = dict(zip(function.outputs, [value] if len(function.outputs) == 1 else value, strict=True))
    upstream = {y: rng.normal(size=np.shape(v)).astype(dtype) for y, v in values.items()}
    found, gradients = kernels.value_and_gradients(arrays, upstream)
    for name, wanted in [*values.items(), *pullback(upstream).items()]:
        got = found[name] if name in found else gradients[name]
        scale = max(1.0, float(np.max(np.abs(wanted), initial=0)))
        np.testing.assert_allclose(got, wanted, rtol=0, atol=scale * 64 * np.finfo(dtype).eps, err_msg=name)


MANY_ROWS = {
    "a sum of products that is copied where it belongs": "y_npq = x_nj b_pjq; L = y_npq y_npq",
    "a tensor train": "y_n = u_ni a_ip v_nj b_pjq w_nq; L = 1_n (y_n - t_n)^2",
}


@pytest.mark.parametrize("planned", [SMALL, LARGE])
@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_kernels_compute_what_numpy_computes(text, planned):
    program = eg.parse(text)
    dtype = "float32" if planned == SMALL else "float64"
    kernels = Kernels(program, dict.fromkeys(letters_of(program), planned), dtype)
    rng = np.random.default_rng(1)
    for size in (0, 1, 2, 7, 40):
        assert_as_numpy(kernels, some_arrays(program, size, rng, dtype), rng, dtype)


@pytest.mark.parametrize("text", [*PROGRAMS.values(), *MANY_ROWS.values()], ids=[*PROGRAMS, *MANY_ROWS])
def test_many_blocks_compute_what_one_computes(text, monkeypatch):
    monkeypatch.setattr(writer, "_ROWS", 4)
    monkeypatch.setattr(writer, "_MOST", 4)
    program = eg.parse(text)
    letters = letters_of(program)
    planned = (
        {i: ROWS if i == "n" else PARAMETERS for i in letters} if "n" in letters else dict.fromkeys(letters, LARGE)
    )
    kernels = Kernels(program, planned, "float64", threads=2)
    rng = np.random.default_rng(2)
    for size in (3, 19):
        assert_as_numpy(kernels, some_arrays(program, size, rng, "float64"), rng, "float64")


def letters_of(program):
    return {letter.name.rstrip("'") for letter in infer_ranges(program).letter.values()}
