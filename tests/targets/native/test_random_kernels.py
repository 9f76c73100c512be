"""Random programs: native code and NumPy code agree, infinities and NaN included."""

import random
import shutil

import numpy as np
import pytest
from programs import write_program

import einsgrad as eg

pytestmark = pytest.mark.skipif(not any(map(shutil.which, ("gcc", "clang"))), reason="there is no C compiler")
SIZES = {"i": 3, "j": 4, "k": 2, "l": 5}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("EINSGRAD_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def same(found, expected):
    """Compare arrays, infinities and NaN by their places."""
    scale = max(1.0, float(np.max(np.abs(expected), initial=0, where=np.isfinite(expected))))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * scale)


@pytest.mark.parametrize("seed", range(6))
def test_native_code_computes_what_numpy_code_computes(seed):
    program = write_program(random.Random(seed))
    function, reference = (eg.compile(program, target=target, sizes=known(program)) for target in ("native", "numpy"))
    rng = np.random.default_rng(seed)
    shapes = {x: [SIZES.get(i.rstrip("'"), 3) for i in program.indices(x)] for x in program.inputs}
    arrays = {x: rng.uniform(0.3, 1.2, shape) for x, shape in shapes.items()}
    agree(function, reference, arrays)
    for special in (np.nan, np.inf, -np.inf, 0.0):
        spoiled = {x: array.copy() for x, array in arrays.items()}
        for array in spoiled.values():
            array.flat[-1:] = special
        with np.errstate(all="ignore"):
            same_outputs(function(**spoiled), reference(**spoiled))


def known(program):
    letters = {i for y in (*program.inputs, *program.by_name) for i in program.indices(y)}
    return {i: SIZES.get(i, 3) for i in letters}


def same_outputs(found, expected):
    for one, other in zip(*((y if isinstance(y, tuple) else (y,)) for y in (found, expected)), strict=True):
        same(one, other)


def agree(function, reference, arrays):
    """Compare outputs and gradients."""
    value, pullback = function.vjp(**arrays)
    wanted, expected = reference.vjp(**arrays)
    same_outputs(value, wanted)
    outputs = wanted if isinstance(wanted, tuple) else (wanted,)
    upstream = {y: np.ones(np.shape(v)) for y, v in zip(reference.outputs, outputs, strict=True)}
    gradients = pullback(upstream)
    for name, gradient in expected(upstream).items():
        same(gradients[name], gradient)
