"""What has more rows or terms than BLAS counts goes to it in parts; matrices with longer rows go to loops."""

import ctypes
import shutil

import kernels
import numpy as np
import pytest

import einsgrad as eg
from einsgrad.targets.native import file

pytestmark = pytest.mark.skipif(not any(map(shutil.which, ("gcc", "clang"))), reason="there is no C compiler")

MOST = 5
ROWS, COLUMNS, TERMS = "i", "j", "k"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("text", "many", "in_parts"),
    [
        ("y_ij = x_ik w_kj", ROWS, True),
        ("y_ij = x_ki w_kj", TERMS, True),
        ("y_ij = x_ki w_kj", ROWS, False),
        ("y_ij = x_ik w_kj", TERMS, False),
        ("y_ij = x_ik w_kj", COLUMNS, False),
        ("y_ij = x_ik w_jk", COLUMNS, False),
    ],
)
def test_blas_is_asked_for_no_more_than_it_counts(text, many, in_parts, dtype, monkeypatch):
    monkeypatch.setattr(file, "_BLAS", file._BLAS.replace("INT32_MAX", str(MOST)))
    program = eg.parse(text)
    compiled = kernels.Kernels(program, dict.fromkeys("ijk", 96), dtype, threads=1)
    assert f"MOST = {MOST}" in compiled.source.text
    asked = []
    gemm = _counting(kernels.GEMM[dtype], asked)
    compiled._library.set_blas(gemm)
    sizes = {"i": 3, "j": 4, "k": 2} | {many: 23}
    rng = np.random.default_rng(0)
    letters = {name: "".join(program.indices(name)) for name in ("x", "w")}
    arrays = {x: rng.normal(size=[sizes[i] for i in letters[x]]).astype(dtype) for x in letters}
    found = compiled.run("forward", arrays)["y"]
    expected = np.einsum(f"{letters['x']},{letters['w']}->ij", arrays["x"], arrays["w"])
    np.testing.assert_allclose(found, expected, rtol=1e-5 if dtype == "float32" else 1e-12, atol=1e-5)
    assert bool(asked) == in_parts
    assert all(count <= MOST for counts in asked for count in counts)


def _counting(name, asked):
    """Give a function of BLAS that notes the sizes that it is asked for."""
    form = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 13)
    function = form(kernels._blas(name))

    def note(*pointers):
        asked.append([ctypes.cast(p, ctypes.POINTER(ctypes.c_int))[0] for p in pointers[2:5]])
        function(*pointers)

    return form(note)
