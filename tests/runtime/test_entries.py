"""Entries: which arrays they take, and how they give results on, in C as through ctypes."""

import ctypes
import gc
import shutil
import sys
from collections import namedtuple

import numpy as np
import pytest

from einsgrad.runtime import entries
from einsgrad.runtime.entries import CtypesEntry, Grouping, make_entry
from einsgrad.targets.native.compiler import build
from einsgrad.targets.native.kernels import Argument, Kernel

pytestmark = pytest.mark.skipif(not any(map(shutil.which, ("gcc", "clang"))), reason="there is no C compiler")

# y_ij = a x_ij + c, s = the sum of y; c is the size of an index that no array has, t how many threads there may be.
TEXT = """\
#include <stdint.h>
typedef @real real;
int affine(const int64_t *sizes, const void *const *in, void *const *out, int threads) {
    const real *x = in[0], *a = in[1];
    real *y = out[0], sum = 0;
    for (int64_t k = 0; k < sizes[0] * sizes[1]; k++)
        sum += y[k] = *a * x[k] + (real)sizes[2];
    *(real *)out[1] = sum;
    *(real *)out[2] = (real)threads;
    return sizes[0] == 13;
}
"""
AFFINE = Kernel(
    "affine",
    "affine",
    (Argument("x", (0, 1)), Argument("a", ())),
    (Argument("y", (0, 1)), Argument("s", ()), Argument("t", ())),
    ("i", "j", "k"),
    True,
    {1: 3},
)
REALS = {"float32": "float", "float64": "double"}
Outputs = namedtuple("Outputs", ["y", "s"])
GROUPINGS = {
    "all": Grouping(2, Outputs, None),
    "gradients": Grouping(1, Outputs, ("s", "t")),
    "dictionary": Grouping(0, Outputs, ("y", "s", "t")),
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("EINSGRAD_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(params=["extension", "ctypes"])
def affine(request, monkeypatch):
    if request.param == "ctypes":
        monkeypatch.setattr(entries, "entry_type", lambda: CtypesEntry)
    else:
        assert entries.entry_type() is not CtypesEntry

    def make(dtype, grouping="all"):
        library = ctypes.CDLL(str(build(TEXT.replace("@real", REALS[dtype]))))
        return make_entry(library.affine, AFFINE, dtype == "float64", {"k": 7}, GROUPINGS[grouping], 2)

    return make


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize("rows", [0, 1, 200, 20_000])
def test_results_come_as_arrays_and_scalars(affine, dtype, rows):
    x = np.arange(3 * rows, dtype=dtype).reshape(rows, 3)
    for a in (np.dtype(dtype).type(2), np.array(2, dtype)):
        outputs, (t,) = affine(dtype)(x, a)
        assert type(outputs) is Outputs
        assert outputs.y.dtype == dtype
        np.testing.assert_array_equal(outputs.y, 2 * x + 7)
        np.testing.assert_allclose(outputs.s, (2 * x + 7).sum(dtype=float), rtol=1e-3)
        assert type(outputs.s) is type(t) is np.dtype(dtype).type
        assert t == 2


def test_results_are_grouped(affine):
    x, a = np.ones((1, 3)), np.float64(2)
    y, others = affine("float64", "gradients")(x, a)
    assert y.tolist() == [[9, 9, 9]]
    assert others == {"s": 27, "t": 2}
    named = affine("float64", "dictionary")(x, a)
    assert list(named) == ["y", "s", "t"]
    assert named["y"].tolist() == [[9, 9, 9]]


def unaligned():
    return np.frombuffer(b"\0" + bytes(24), offset=1).reshape(1, 3)


@pytest.mark.parametrize(
    ("x", "a"),
    [
        (np.ones((2, 6))[:, ::2], None),
        (np.asfortranarray(np.ones((2, 3))), None),
        (unaligned(), None),
        (np.ones((2, 3), ">f8" if sys.byteorder == "little" else "<f8"), None),
        (np.ones((2, 3), np.float32), None),
        (np.ones((2, 3), int), None),
        (np.ones((2, 4)), None),
        (np.ones(3), None),
        (np.ma.masked_array(np.ones((2, 3))), None),
        ([[1.0, 2.0, 3.0]], None),
        (None, None),
        (np.ones((2, 3)), np.float32(2)),
        (np.ones((2, 3)), np.ones(1)),
        (np.ones((2, 3)), 2),
    ],
)
def test_what_a_kernel_does_not_read_is_left_to_the_caller(affine, x, a):
    assert affine("float64")(x, np.float64(2) if a is None else a) is NotImplemented


def test_strides_of_a_single_row_do_not_matter(affine):
    x = np.arange(12.0).reshape(4, 3)[::2][1:]
    np.testing.assert_array_equal(affine("float64")(x, np.float64(2))[0].y, 2 * x + 7)


def test_the_number_of_arrays_has_to_be_right(affine):
    x, a = np.ones((2, 3)), np.float64(2)
    assert affine("float64")(x) is NotImplemented
    assert affine("float64")(x, a, a) is NotImplemented


def test_a_kernel_that_fails_is_short_of_memory(affine):
    with pytest.raises(MemoryError, match="no memory for the intermediate values"):
        affine("float64")(np.ones((13, 3)), np.float64(1))


def test_read_only_arrays_are_read(affine):
    x = np.ones((2, 3))
    x.flags.writeable = False
    np.testing.assert_array_equal(affine("float64")(x, np.float64(1))[0].y, x + 7)


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_calls_keep_no_references(affine, grouping):
    entry = affine("float64", grouping)
    x, a, failing = np.ones((50, 3)), np.float64(2), np.ones((13, 3))

    def call():
        entry(x, a)
        entry(x, x)
        with pytest.raises(MemoryError):
            entry(failing, a)

    call()
    gc.collect()
    counted = [sys.getrefcount(o) for o in (x, a, failing, NotImplemented)]
    before = sys.getallocatedblocks()
    for _ in range(2000):  # so that what pytest itself keeps, some hundred blocks, can't hide one kept by each call
        call()
    gc.collect()
    assert [sys.getrefcount(o) for o in (x, a, failing)] == counted[:3]
    assert sys.getrefcount(NotImplemented) <= counted[3] + 50
    assert sys.getallocatedblocks() < before + 1000
