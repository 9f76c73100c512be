"""The kernels compute what the NumPy target computes, for sizes other than those that they were planned for."""

import shutil

import numpy as np
import pytest
from kernels import Kernels

import einsgrad as eg
from einsgrad.ir.ranges import infer_ranges

pytestmark = pytest.mark.skipif(not any(map(shutil.which, ("gcc", "clang"))), reason="there is no C compiler")

# Planned for sizes at which products go to BLAS, loops to threads, and outer loops through blocks; and for few.
LARGE, SMALL = 96, 4

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
    "functions": "y_i = relu(x_i) + sigmoid(x_i) + softplus(x_i) + gelu(x_i) + silu(x_i) + abs(x_i) + x_i^a",
    "functions of the error, of angles and logarithms": "y_i = logsigmoid(x_i) + erfc(x_i) + log2(x_i) + log10(x_i) + "
    "asinh(x_i) + acosh(1 + x_i) + atanh(x_i/2) + atan2(x_i, a) + hypot(x_i, a)",
    "special functions": "y_i = lgamma(x_i) + digamma(x_i - 1) + polygamma(2, x_i) + erfinv(x_i/2) + logndtr(x_i - 2)",
    "special functions far out": "y_i = erfinv(1 - x_i/1e6) + 1e-6 logndtr(-30 x_i) + "
    "digamma(9 x_i) + polygamma(1, 40 x_i)",
    "whole parts": "y_i = floor(3 x_i) x_i + round(3 x_i) + mod(5 x_i, a) + mod(-5 x_i, a)",
}


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


@pytest.mark.parametrize("planned", [SMALL, LARGE])
@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_kernels_compute_what_numpy_computes(text, planned, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("EINSGRAD_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    program = eg.parse(text)
    dtype = "float32" if planned == SMALL else "float64"
    sizes = {letter.name.rstrip("'"): planned for letter in infer_ranges(program).letter.values()}
    kernels = Kernels(program, sizes, dtype)
    rng = np.random.default_rng(1)
    for size in (0, 1, 2, 7, 40):
        assert_as_numpy(kernels, some_arrays(program, size, rng, dtype), rng, dtype)
