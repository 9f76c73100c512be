"""Every file of the gallery against a function written by hand: its value, and all its gradients."""

import functools

import models_algebra  # noqa: F401
import models_learning  # noqa: F401
import models_matrices  # noqa: F401
import models_networks  # noqa: F401
import models_positions  # noqa: F401
import models_science  # noqa: F401
import numpy as np
import pytest
from models import MODELS
from oracle import central_differences

import einsgrad as eg
from einsgrad import gallery
from einsgrad.calculus.joint import make_joint
from einsgrad.diagnostics import UsageError
from einsgrad.ir.nodes import Derivative
from einsgrad.ir.traversal import postorder
from einsgrad.ir.verifier import verify
from einsgrad.reference import evaluate

each_file = pytest.mark.parametrize("name", gallery.names())


@functools.cache
def program(name):
    return eg.parse(gallery.read(name))


def upstream_for(name):
    """An upstream gradient for each output of a file, drawn at random; 1 for a scalar."""
    rng = np.random.default_rng(99)
    values = MODELS[name](MODELS[name].arrays())
    scalar = len(values) == 1 and np.ndim(values[0]) == 0
    return tuple(np.ones(()) if scalar else rng.normal(size=np.shape(value)) for value in values)


@functools.cache
def gradients(name):
    """The gradients of a file by einsgrad, for the upstream gradients above."""
    function = eg.compile(program(name))
    upstream = upstream_for(name)
    _, pullback = function.vjp(**MODELS[name].arrays())
    outputs = program(name).outputs
    return pullback(upstream[0] if len(outputs) == 1 else dict(zip(outputs, upstream, strict=True)))


def test_every_file_has_a_model_and_every_model_a_file():
    assert set(gallery.names()) == set(MODELS)


@each_file
def test_files_open_with_a_line_that_says_what_they_are(name):
    assert gallery.read(name).startswith(f"# {name} — ")
    assert gallery.describe(name).startswith(f"{name} — ")
    assert gallery.read(name).endswith("\n")


@each_file
def test_files_are_sound_programs_without_warnings(name):
    verify(program(name))
    assert program(name).warnings == ()
    assert set(program(name).inputs) == set(MODELS[name].shapes)


@each_file
def test_files_print_and_parse_again(name):
    assert eg.parse(str(program(name))) == program(name)


@each_file
def test_gradients_print_and_parse_again(name):
    derived = eg.grad(program(name))
    assert eg.parse(str(derived)) == derived


@each_file
def test_files_pass_their_own_check(name):
    report = eg.check(gallery.read(name))
    assert report.ok, report.diagnostics
    assert [claim.verdict for claim in report.claims] == ["proved"] * len(program(name).claims)


@each_file
def test_forward_by_the_reference_interpreter(name):
    has_derivatives = any(isinstance(node, Derivative) for d in program(name).definitions for node in postorder(d.rhs))
    forward = make_joint(program(name), None, None).forward if has_derivatives else program(name)
    arrays = MODELS[name].arrays()
    found = evaluate(forward, arrays)
    for output, value in zip(program(name).outputs, MODELS[name](arrays), strict=True):
        np.testing.assert_allclose(found[output], value, rtol=1e-10, atol=1e-12)


@each_file
def test_gradients_by_the_reference_interpreter(name):
    """What is differentiated is sound, and right before anything is compiled."""
    joint = make_joint(program(name), None, None)
    verify(joint.program)
    upstream = dict(zip(joint.outputs, upstream_for(name), strict=True))
    given = {tensor: upstream[output] for output, tensor in joint.upstream.items()}
    found = evaluate(joint.program, {**MODELS[name].arrays(), **given})
    for wrt, gradient in gradients(name).items():
        np.testing.assert_allclose(found[joint.gradients[wrt]], gradient, rtol=1e-9, atol=1e-10, err_msg=f"∂/∂{wrt}")


@each_file
def test_forward_by_the_compiled_function(name):
    arrays = MODELS[name].arrays()
    found = eg.compile(program(name))(**arrays)
    expected = MODELS[name](arrays)
    for result, value in zip(found if len(expected) > 1 else (found,), expected, strict=True):
        np.testing.assert_allclose(result, value, rtol=1e-10, atol=1e-12)
        assert np.shape(result) == np.shape(value)


@each_file
def test_gradients_against_central_differences(name):
    model, upstream = MODELS[name], upstream_for(name)
    arrays, positions = model.apart()
    found = gradients(name)
    assert set(found) == set(arrays)
    for wrt, array in arrays.items():

        def weighted(x, wrt=wrt):
            return sum((g * y).sum() for g, y in zip(upstream, model({**arrays, **positions, wrt: x}), strict=True))

        expected = central_differences(weighted, array)
        np.testing.assert_allclose(found[wrt], expected, rtol=1e-5, atol=1e-6, err_msg=f"∂/∂{wrt}")
        assert np.shape(found[wrt]) == array.shape


@each_file
def test_gradients_against_jax(name):
    jax = pytest.importorskip("jax")
    given, positions = MODELS[name].apart()
    with jax.enable_x64(True):
        _, pullback = jax.vjp(lambda arrays: MODELS[name]({**arrays, **positions}, jax.numpy), given)
        (expected,) = pullback(tuple(jax.numpy.asarray(g) for g in upstream_for(name)))
    for wrt, gradient in gradients(name).items():
        np.testing.assert_allclose(gradient, expected[wrt], rtol=1e-9, atol=1e-10, err_msg=f"∂/∂{wrt}")


def test_an_unknown_name_names_the_nearest():
    with pytest.raises(UsageError) as caught:
        gallery.read("layernorm")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "unknown-gallery-name"
    assert diagnostic.message == "the gallery has no `layernorm`: did you mean layer_norm?"
    assert diagnostic.notes == ("`einsgrad gallery` lists its names",)
    assert diagnostic.span is None


@pytest.mark.parametrize("name", ["../reference", "matmul.ein", "", ".", "/etc/passwd", "__init__"])
def test_a_name_is_never_a_path(name):
    with pytest.raises(UsageError, match="the gallery has no"):
        gallery.describe(name)
