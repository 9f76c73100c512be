"""Results in the caller's arrays: they are written whole or not at all, and never over what is read."""

import shutil
from unittest import mock

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.diagnostics import ArrayError
from einsgrad.runtime.entries import CtypesEntry, make_entry
from einsgrad.runtime.into import Into

X = np.array([[1.0, 2.0], [3.0, 4.0]])
TARGETS = ["numpy", *(["native"] if shutil.which("gcc") or shutil.which("clang") else [])]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("EINSGRAD_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.mark.parametrize("target", TARGETS)
def test_outputs_and_gradients_are_written(target):
    f = eg.compile("y_ij = 2 x_ij", target=target)
    whole = np.zeros((2, 4))
    assert f.into(out=whole[:, ::2])(x=X).base is whole
    np.testing.assert_array_equal(whole, [[2, 0, 4, 0], [6, 0, 8, 0]])
    f, value, gradient = eg.compile("l = γ x_ij x_ij", target=target), np.empty(()), np.empty((2, 2))
    found, gradients = f.into({"l": value, "x": gradient}).value_and_grad(x=X, gamma=2.0)
    assert (found is value, gradients["x"] is gradient, float(value)) == (True, True, 60.0)
    np.testing.assert_array_equal(gradient, 4 * X)
    assert gradients["γ"] == 30


def test_some_of_several_outputs():
    f, z = eg.compile("y_ij = 2 x_ij; z = x_ij x_ij"), np.empty(())
    found = f.into({"z": z})(x=X)
    assert found.z is z
    assert (float(z), found.y.tolist()) == (30.0, (2 * X).tolist())


def problem(call):
    with pytest.raises(ArrayError) as caught:
        call()
    return caught.value.diagnostics[0]


def test_what_does_not_fit_is_refused_and_nothing_is_written():
    f, y = eg.compile("y_ij = 2 x_ij; z = x_ij x_ij"), np.zeros((2, 2))
    found = problem(lambda: f.into({"y": y, "z": np.zeros((), np.float32)})(x=X))
    assert (found.code, found.fix) == ("out-array", "np.empty((), np.float64)")
    assert found.message == (
        "the array for `z` has shape () and type float32; the result has shape () and type float64"
    )
    assert not y.any()
    assert problem(lambda: f.into({"y": y[:1]})(x=X)).fix == "np.empty((2, 2), np.float64)"
    y.flags.writeable = False
    assert problem(lambda: f.into({"y": y})).message == "the array for `y` can't be written to"
    assert problem(lambda: f.into({"y": 3.0})).message == "what `y` is to be written into is no array, but float"


def test_names():
    f = eg.compile("y_ij = 2 x_ij; z = x_ij x_ij")
    found = problem(lambda: f.into(np.empty(2)))
    assert (found.code, found.fix) == ("out-name", "f.into({'y': …, 'z': …})")
    assert problem(lambda: f.into({"q": np.empty(2)})).message == "there is no output and no input `q`"
    found = problem(lambda: f.into({"x": np.empty((2, 2))})(x=X))
    assert found.message == "there is an array for `x`, which this call does not compute"


def test_memory_is_not_shared():
    f, memory = eg.compile("y_ij = 2 x_ij; z_ij = x_ij"), np.zeros((3, 2))
    found = problem(lambda: f.into({"y": memory[:2], "z": memory[1:]}))
    assert (found.code, found.message) == ("out-overlap", "the arrays for `y` and `z` share memory")
    found = problem(lambda: f.into({"y": memory[1:]})(x=memory[:2]))
    assert found.message == "the array for `y` shares memory with the input `x`"
    f.into({"y": memory[:2]})(x=X)


@pytest.mark.skipif(TARGETS == ["numpy"], reason="there is no C compiler")
@pytest.mark.parametrize("entries", ["extension", "ctypes"])
def test_native_code_writes_directly(entries, monkeypatch):
    if entries == "ctypes":
        monkeypatch.setattr("einsgrad.runtime.native.make_entry", make_ctypes_entry)
    monkeypatch.setattr(Into, "_write", None)  # which copies
    f = eg.compile("y_ij = 2 x_ij; z = x_ij x_ij", target="native")
    for shape in ((2, 2), (3, 40)):
        x, y, z = np.random.default_rng(0).normal(size=shape), np.full(shape, np.nan), np.full((), np.nan)
        found = f.into({"y": y})(x=x)
        assert found.y is y
        assert (type(found.z), y.tolist()) == (np.float64, (2 * x).tolist())
        assert f.into({"z": z})(x=x.tolist()).z is z
        assert float(z) == found.z
    g, gradient = eg.compile("l = γ x_ij x_ij", target="native"), np.full((2, 2), np.nan)
    value, gradients = g.into({"x": gradient}).value_and_grad(x=X, gamma=2.0)
    assert (gradients["x"] is gradient, gradient.tolist(), value) == (True, (4 * X).tolist(), 60.0)


@pytest.mark.skipif(TARGETS == ["numpy"], reason="there is no C compiler")
def test_native_code_copies_where_it_may_read_what_it_writes():
    f, memory = eg.compile("y_i = 1_j x_j + x_i", target="native"), np.arange(4.0)
    out = f.into(memory)(x=memoryview(memory))
    assert (out is memory, out.tolist()) == (True, [6.0, 7.0, 8.0, 9.0])
    whole, integers = np.zeros(4), np.zeros(4, int)
    assert problem(lambda: f.into(integers)(x=np.arange(4.0))).code == "out-array"
    assert problem(lambda: f.into(whole)(x=np.arange(3.0))).fix == "np.empty((3,), np.float64)"
    assert not whole.any()
    assert not integers.any()


def make_ctypes_entry(*arguments):
    with mock.patch("einsgrad.runtime.entries.entry_type", return_value=CtypesEntry):
        return make_entry(*arguments)
