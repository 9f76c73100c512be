"""Lowering against the reference interpreter, on random expressions that no simplifier has seen."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle import indices

from einsgrad.calculus.apart import rename_apart
from einsgrad.calculus.joint import Joint
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.reference import evaluate
from einsgrad.runtime.loading import load_module
from einsgrad.targets.numpy.module import generate

LETTERS = indices("ijkm")


def compiled(program, sizes=None):
    """The module of a program as it stands: planned and written, but not simplified or differentiated."""
    apart = rename_apart(program)
    joint = Joint(program, apart, apart, program.outputs, (), {}, {})
    return load_module(generate(joint, sizes))


def range_sizes(program, draw_size):
    """A size for each range, and the sizes of all letters by them."""
    ranges = infer_ranges(program)
    sizes = {number: draw_size() for number in sorted({*ranges.of_axis.values(), *ranges.of_index.values()})}
    return ranges, sizes


letter = st.sampled_from(LETTERS)


@st.composite
def atoms(draw, names):
    """A factor without factors."""
    kind = draw(st.sampled_from(["tensor"] * 5 + ["delta", "one", "size", "number", "denominator", "square", "exp"]))
    if kind == "delta":
        return build.delta(draw(letter), draw(letter))
    if kind == "one":
        return build.one(draw(st.lists(letter, min_size=1, max_size=2)))
    if kind == "size":
        return build.size(draw(letter))
    if kind == "number":
        return build.literal(
            draw(st.sampled_from([Fraction(-1), Fraction(2), Fraction(1, 3), Fraction("0.5"), Fraction(1)]))
        )
    tensor = build.tensor(next(names), draw(st.lists(letter, max_size=3)))
    if kind == "denominator":
        return build.power(tensor, build.literal(draw(st.sampled_from([-1, -2]))))
    if kind == "square":
        return build.power(tensor, build.literal(2))
    return build.apply("exp", [tensor]) if kind == "exp" else tensor


@st.composite
def products(draw, names, free, depth=1):
    """A product with the free indices ``free``: what it lacks of them it gets from one-tensors."""
    factors = draw(st.lists(atoms(names), min_size=1, max_size=4))
    if depth and draw(st.booleans()):
        inner = draw(st.lists(letter, max_size=2, unique=True))
        factors.append(draw(sums(names, tuple(inner), depth - 1)))
    carried = {i for f in factors for i in f.free}
    factors += [build.one([i]) for i in free if i not in carried]
    return build.product(draw(st.permutations(factors)), carried - set(free))


@st.composite
def sums(draw, names, free, depth=1):
    """A sum of products, with a scalar term now and then."""
    terms = [draw(products(names, free, depth)) for _ in range(draw(st.integers(1, 3)))]
    if len(terms) > 1 and draw(st.booleans()):
        terms.append(build.tensor(next(names)))
    terms = [build.negate(t) if draw(st.booleans()) else t for t in terms]
    return terms[0] if len(terms) == 1 else build.add(terms)


@st.composite
def programs(draw):
    """One equation, or two of which the second uses the first."""
    names = iter([f"{c}{k}" for k in ("", *range(9)) for c in "abcdefgh"])
    free = tuple(draw(st.lists(letter, max_size=3, unique=True)))
    first = Definition("y", free, draw(sums(names, free)))
    if not draw(st.booleans()):
        return Program((first,))
    used = build.tensor("y", draw(st.lists(letter, min_size=len(free), max_size=len(free))))
    outer = tuple(draw(st.lists(letter, max_size=2, unique=True)))
    other = draw(products(names, outer))
    factors = [used, other, *(build.one([i]) for i in outer if i not in (*used.free, *other.free))]
    product = build.product(factors, {i for f in factors for i in f.free} - set(outer))
    return Program((first, Definition("z", outer, product)), requested=("y", "z"))


def random_arrays(program, ranges, sizes, dtype, rng):
    return {
        x: rng.uniform(0.5, 1.5, [sizes[ranges.of_axis[x, k]] for k in range(len(program.indices(x)))]).astype(dtype)
        for x in program.inputs
    }


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(program=programs(), data=st.data())
def test_random_programs_agree_with_the_reference_interpreter(dtype, program, data):
    assume(not infer_ranges(program).unsettled)
    ranges, sizes = range_sizes(program, lambda: data.draw(st.integers(0, 4)))
    letters = {i.name: sizes[number] for (_, i), number in ranges.of_index.items()}
    assume(all(letters[i.name] == sizes[number] for (_, i), number in ranges.of_index.items()))
    arrays = random_arrays(program, ranges, sizes, dtype, np.random.default_rng(0))
    before = {x: array.copy() for x, array in arrays.items()}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        wanted = evaluate(program, arrays, letters)
        found = compiled(program, letters)["forward"](**arrays)
    found = found if isinstance(found, tuple) else (found,)
    tolerance = 1e-10 if dtype == np.float64 else 2e-4
    for name, value in zip(program.outputs, found, strict=True):
        assert value.shape == wanted[name].shape
        np.testing.assert_allclose(value, wanted[name], rtol=tolerance, atol=tolerance, equal_nan=True)
        assert value.dtype == (dtype if arrays else np.float64)
        assert not any(np.shares_memory(value, array) for array in arrays.values())
    assert all(np.array_equal(arrays[x], before[x]) for x in arrays)
    assert not any(np.shares_memory(a, b) for a in found for b in found if a is not b)
