"""Which compiler is taken, with which flags, and what it says."""

import ctypes

import pytest

from einsgrad.targets.native.compiler import NoCompiler, build, find_compiler

HYPOTENUSE = """\
#include <math.h>
double hypotenuse(double x, double y) { return sqrt(x * x + y * y); }
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EINSGRAD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CC", raising=False)


@pytest.fixture
def compiler():
    try:
        return find_compiler()
    except NoCompiler as reason:
        pytest.skip(str(reason))


@pytest.mark.usefixtures("compiler")
def test_a_text_becomes_a_library():
    path = build(HYPOTENUSE)
    hypotenuse = ctypes.CDLL(str(path)).hypotenuse
    hypotenuse.restype, hypotenuse.argtypes = ctypes.c_double, (ctypes.c_double, ctypes.c_double)
    assert hypotenuse(3.0, 4.0) == 5.0
    assert path.with_name("kernels.c").read_text(encoding="utf-8") == HYPOTENUSE
    assert build(HYPOTENUSE) == path
