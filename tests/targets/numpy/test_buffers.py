"""Buffers: values of large plans are written into kept memory, and nobody notices but the clock."""

import random
import threading

import numpy as np
import pytest
from programs import draw_arrays, write_program

from einsgrad.calculus.apart import sizes_apart
from einsgrad.calculus.joint import make_joint
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.planner.joint import plan_joint
from einsgrad.reference import evaluate
from einsgrad.runtime.function import compile_program
from einsgrad.runtime.loading import load_module
from einsgrad.targets.numpy.module import write_module
from einsgrad.targets.signature import signature_of

LARGE = {"b": 4096, "h": 1024}
NORM = "m_b = 1_h x_bh/|h|; v_b = 1_h (x_bh - 1_h m_b)^2/|h|; y_bh = (x_bh - 1_h m_b) / sqrt(v_b + 1) γ_h"


def source_of(text, sizes, wrt=None):
    return compile_program(parse_program(text), None, wrt, sizes).source


def test_only_values_that_are_known_to_be_large_get_buffers():
    assert "_buffers" not in source_of(NORM, None)
    assert "_buffers" not in source_of(NORM, {"b": 16, "h": 64})
    assert "_buffers" in source_of(NORM, LARGE)


def test_a_chain_of_element_wise_operations_takes_one_buffer():
    source = source_of("y_b = 1_h tanh(sin(exp(x_bh) + 1) - 1_b a_h)", LARGE, wrt=())
    assert source.count("out=buffer1") == 5
    assert "buffer2" not in source


def test_a_buffer_is_not_taken_over_while_its_value_is_needed():
    source = source_of("s_bh = exp(x_bh); y_b = 1_h (sin(s_bh) + cos(s_bh))", LARGE, wrt=())
    lines = [line.strip() for line in source.splitlines() if "out=buffer" in line]
    assert [line.rsplit("out=", 1)[1][:7] for line in lines] == ["buffer1", "buffer2", "buffer1", "buffer2"]


@pytest.mark.parametrize("seed", range(80))
def test_values_and_gradients_of_random_programs(seed):
    rng = random.Random(seed)
    program = write_program(rng)
    sizes = {"i": 2, "j": 3, "k": 4, "i1": 2, "j1": 3}
    arrays = draw_arrays(program, sizes, seed)
    letters = {index.name for _, index in infer_ranges(program).of_index}
    given = {letter: size for letter, size in sizes.items() if letter in letters}
    large = sizes_apart(program, dict.fromkeys(given, 500))
    joint = plan_joint(program, None, None, large)
    namespace = load_module(write_module(joint, signature_of(joint, given), large))
    with np.errstate(all="ignore"):
        expected = evaluate(program, arrays, sizes)
        found = results(namespace, joint, arrays)
        # Another call writes over the buffers, and must not reach what the first one gave.
        before = [np.array(array) for array in found]
        results(namespace, joint, {name: array + 1 for name, array in arrays.items()})
    plain = make_joint(program, None, None)
    for y, array in zip(plain.outputs, found, strict=False):
        np.testing.assert_allclose(array, expected[y], rtol=1e-9, atol=1e-9, equal_nan=True)
    for array, kept in zip(found, before, strict=True):
        np.testing.assert_array_equal(array, kept)
    with np.errstate(all="ignore"):
        usual = compile_program(program, None, None, given).vjp(**arrays)[1](upstream(joint, expected))
    for name, array in zip(joint.gradients, found[len(joint.outputs) :], strict=True):
        np.testing.assert_allclose(array, usual[name], rtol=1e-8, atol=1e-8, equal_nan=True)


def upstream(joint, expected):
    return 1.0 if joint.is_scalar else {y: np.ones_like(expected[y]) for y in joint.outputs}


def results(namespace, joint, arrays):
    """The outputs, then the gradients, for upstream gradients of one."""
    given = [arrays[x] for x in signature_of(joint, {}).inputs]
    if joint.is_scalar:
        value, gradients = namespace["_value_and_grad"](*given)
        return [value, *(gradients[x] for x in joint.gradients)]
    if not joint.wrt:
        value = namespace["_forward"](*given)
        return list(value) if isinstance(value, tuple) else [value]
    value, pullback = namespace["_vjp"](*given)
    values = list(value) if isinstance(value, tuple) else [value]
    gradients = pullback(*(np.ones_like(v) for v in values))
    return [*values, *(gradients[x] for x in joint.gradients)]


def test_results_share_no_memory_from_call_to_call():
    f = compile_program(parse_program(NORM), None, None, None)
    x, γ = np.random.default_rng(0).normal(size=(300, 400)), np.ones(400)
    first, first_pullback = f.vjp(x=x, γ=γ)
    kept = first.copy()
    second, second_pullback = f.vjp(x=-2 * x, γ=γ)
    assert not np.shares_memory(first, second)
    np.testing.assert_array_equal(first, kept)
    slopes = first_pullback(np.ones_like(first))
    # The pullback of the first call still knows the first arrays.
    again, again_pullback = f.vjp(x=x, γ=γ)
    np.testing.assert_allclose(slopes["γ"], again_pullback(np.ones_like(again))["γ"])
    other = second_pullback(np.ones_like(second))
    assert not any(np.shares_memory(slopes[name], other[name]) for name in slopes)


def test_threads_have_buffers_of_their_own():
    f = compile_program(parse_program(NORM), None, None, None)
    arrays = [np.random.default_rng(k).normal(size=(200, 300)) for k in range(4)]
    expected = [f(x=x, γ=np.ones(300)) for x in arrays]
    wrong = []

    def work(k):
        for _ in range(20):
            if not np.array_equal(f(x=arrays[k], γ=np.ones(300)), expected[k]):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
