"""Functions that modules offer besides outputs and gradients: what they give and refuse, and that they are tested."""

import subprocess
import sys

import numpy as np
import pytest
from calls import diagnostic_of

import einsgrad as eg
from einsgrad.diagnostics import UsageError
from einsgrad.runtime.loading import load_module

ENERGY = "u_i = tanh(a_ij x_j); E = u_i u_i s"
RANDOM = np.random.default_rng(0)
A, X, DA, DX = (RANDOM.uniform(-1, 1, shape) for shape in [(3, 2), 2, (3, 2), 2])
GIVEN = {"a": A, "x": X, "s": 2.0}


@pytest.fixture(scope="module")
def function():
    return eg.compile(ENERGY)


@pytest.fixture(scope="module")
def source(function):
    return function.module("jvp", "hvp", "hessian")


@pytest.fixture(scope="module")
def module(source):
    return load_module(source)


def test_functions_of_a_module_are_those_of_the_function(function, module):
    value, tangent = module["jvp"](**GIVEN, da=DA, dx=DX, ds=0.5)
    assert (value, tangent) == pytest.approx(function.jvp(GIVEN, {"a": DA, "x": DX, "s": 0.5}))
    products = function.hvp({"a": DA, "x": DX, "s": 0.5}, **GIVEN)
    for name, product in module["hvp"](**GIVEN, da=DA, dx=DX, ds=0.5).items():
        np.testing.assert_allclose(product, products[name], rtol=1e-12)
    blocks = module["hessian"](**GIVEN)
    for one in GIVEN:
        for other in GIVEN:
            np.testing.assert_allclose(blocks[one][other], function.hessian(one, other, **GIVEN), rtol=1e-12)


def test_inputs_without_a_tangent_do_not_move(function, module):
    assert module["jvp"](**GIVEN, dx=DX)[1] == pytest.approx(function.jvp(GIVEN, {"x": DX})[1])
    np.testing.assert_allclose(module["hvp"](**GIVEN, dx=DX)["x"], function.hvp({"x": DX}, **GIVEN)["x"], rtol=1e-12)
    assert module["jvp"](**GIVEN)[1] == 0


def test_several_outputs_have_tangents_by_name():
    module = load_module(eg.compile("s_i = 2 x_i; t = x_i x_i").module("jvp"))
    value, tangent = module["jvp"](X, DX)
    np.testing.assert_array_equal(value.s, 2 * X)
    np.testing.assert_array_equal(tangent.s, 2 * DX)
    assert tangent.t == pytest.approx(2 * X @ DX)


def test_tangents_take_the_type_of_their_inputs_and_alias_nothing():
    jvp = load_module(eg.compile("y_i = x_i").module("jvp"))["jvp"]
    value, tangent = jvp(X.astype(np.float32), DX)
    assert value.dtype == tangent.dtype == np.float32
    value, tangent = jvp(X, DX)
    assert not np.shares_memory(value, X)
    assert not np.shares_memory(tangent, DX)


def test_tangents_of_the_wrong_shape_are_refused(module):
    with pytest.raises(ValueError, match=r"dx has shape \(3,\); expected that of the input, \(2,\)"):
        module["jvp"](**GIVEN, dx=np.ones(3))


def test_sizes_that_no_input_tells_are_those_given():
    module = load_module(eg.compile("l = 1_i 1_i exp(x_j x_j)", sizes={"i": 3}).module("jvp", "hvp", "hessian"))
    assert module["jvp"](X, DX)[1] == pytest.approx(6 * np.exp(X @ X) * (X @ DX))
    np.testing.assert_allclose(module["hessian"](X)["x"]["x"] @ DX, module["hvp"](X, DX)["x"], rtol=1e-12)


def test_a_module_tests_what_it_offers(source, tmp_path):
    def run(text):
        path = tmp_path / "module.py"
        path.write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)

    result = run(source)
    assert (result.returncode, result.stderr) == (0, "")
    named = [line.split()[0] for line in result.stdout.splitlines() if "random direction" in line]
    assert named == ["jvp", "hvp", "hessian"]
    for name in named:
        wrong = run(source.replace(f"return _{name}(*arrays)", f"return _{name}(*[1.1 * a for a in arrays])"))
        assert wrong.returncode == 1
        assert wrong.stdout.endswith("failed\n")


@pytest.mark.parametrize("name", ["jvp", "hvp", "hessian"])
def test_there_is_nothing_to_offer_without_inputs_that_move(name):
    diagnostic = diagnostic_of(UsageError, lambda: eg.compile("y = x x", wrt=()).module(name))
    assert diagnostic.code == "not-offered"
    assert diagnostic.message == f"there is no input to differentiate by, so a module can't offer {name}"


@pytest.mark.parametrize("name", ["hvp", "hessian"])
def test_second_derivatives_need_one_scalar_output(name):
    assert diagnostic_of(UsageError, lambda: eg.compile("y_i = x_i").module(name)).code == "not-scalar"


def test_other_functions_are_refused():
    diagnostic = diagnostic_of(UsageError, lambda: eg.compile("y = x").module("jpv"))
    assert diagnostic.code == "not-offered"
    assert diagnostic.message == "a module can't offer `jpv`: did you mean jvp?"
    assert diagnostic.notes == ("it can offer jvp, hvp, hessian",)
