"""Products of Jacobians and Hessians with directions, on the files of the gallery: against JAX, and their cost."""

import models_algebra  # noqa: F401
import models_learning  # noqa: F401
import models_matrices  # noqa: F401
import models_networks  # noqa: F401
import models_positions  # noqa: F401
import models_science  # noqa: F401
import numpy as np
import pytest
from models import MODELS

import einsgrad as eg
from einsgrad import gallery
from einsgrad.calculus.directional import hvp
from einsgrad.ir.ranges import infer_ranges
from einsgrad.planner.cost import total_cost
from einsgrad.planner.joint import plan_directional, plan_joint
from einsgrad.planner.plan import needed
from einsgrad.planner.planning import make_plan, nominal_sizes


def is_scalar(name):
    program = eg.load(name)
    return len(program.outputs) == 1 and not program.indices(program.outputs[0])


# Of the scalars products with the Hessian are tested, which are tangents of gradients.
SCALARS = [name for name in gallery.names() if is_scalar(name)]


def direction(name):
    rng = np.random.default_rng(7)
    return {x: rng.normal(size=np.shape(array)) for x, array in MODELS[name].apart()[0].items()}


@pytest.mark.parametrize("name", [name for name in gallery.names() if name not in SCALARS])
def test_tangents_against_jax(name):
    jax = pytest.importorskip("jax")
    (arrays, positions), tangents = MODELS[name].apart(), direction(name)
    found = eg.compile(eg.load(name)).jvp({**arrays, **positions}, tangents)
    with jax.enable_x64(True):
        expected = jax.jvp(lambda given: MODELS[name]({**given, **positions}, jax.numpy), (arrays,), (tangents,))
    for results, wanted in zip(found, expected, strict=True):
        results = results if isinstance(results, tuple) else (results,)
        for result, value in zip(results, wanted, strict=True):
            np.testing.assert_allclose(result, value, rtol=1e-9, atol=1e-10)
            assert np.shape(result) == np.shape(value)


@pytest.mark.parametrize("name", SCALARS)
def test_products_with_the_hessian_against_jax(name):
    jax = pytest.importorskip("jax")
    (arrays, positions), tangents = MODELS[name].apart(), direction(name)
    found = eg.compile(eg.load(name)).hvp(tangents, **arrays, **positions)
    with jax.enable_x64(True):
        gradient = jax.grad(lambda given: MODELS[name]({**given, **positions}, jax.numpy)[0])
        _, expected = jax.jvp(gradient, (arrays,), (tangents,))
    assert set(found) == set(arrays)
    for x, product in found.items():
        np.testing.assert_allclose(product, expected[x], rtol=1e-8, atol=1e-9, err_msg=x)


@pytest.mark.parametrize(
    "name", ["attention", "logistic_regression", "mahalanobis", "ridge_regression", "poisson_regression"]
)
def test_gauss_newton_products_are_those_of_a_positive_matrix(name):
    """Symmetric, and no curvature is negative: each of these losses is convex in its residuals, or has outputs."""
    f, arrays = eg.compile(eg.load(name)), MODELS[name].arrays()
    by = [x for x in arrays if x not in ("t", "λ")]
    u, v = ({x: np.random.default_rng(seed).normal(size=np.shape(arrays[x])) for x in by} for seed in (1, 2))
    product = f.gnvp(v, **arrays)
    assert inner(v, product) > 0
    np.testing.assert_allclose(inner(u, product), inner(v, f.gnvp(u, **arrays)), rtol=1e-9)


def inner(u, v):
    return sum(np.sum(u[x] * v[x]) for x in u)


def flops(joint):
    ranges = infer_ranges(joint.program)
    plan = make_plan(joint.program)
    return total_cost(plan.values, needed(plan.values, set(plan.results.values())), nominal_sizes(ranges, {})).flops


@pytest.mark.parametrize("name", SCALARS)
def test_a_product_with_the_hessian_costs_at_most_four_gradients(name):
    program = eg.load(name)
    gradient = plan_joint(program, None, None, {})
    by = [x for x in program.inputs if x not in program.positions]
    product = plan_directional(hvp(program, program.outputs, by), {})
    assert flops(product) <= 4 * flops(gradient)
