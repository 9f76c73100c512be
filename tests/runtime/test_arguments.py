"""Argument checks: every way to give the wrong arrays, with the message that it gets."""

import numpy as np
import pytest

from einsgrad.calculus.joint import make_joint
from einsgrad.diagnostics import ArrayError
from einsgrad.frontend.parser import parse_program
from einsgrad.runtime.arguments import Arguments
from einsgrad.runtime.magnitudes import Magnitudes
from einsgrad.targets.signature import signature_of


def arguments(text):
    program = parse_program(text)
    signature = signature_of(make_joint(program, None, ()), {})
    return Arguments(program, program.inputs, Magnitudes(signature, program.inputs, exact=False), {})


def bind(text, **arrays):
    bound, integers, _ = arguments(text).bind(arrays)
    return bound, integers


def findings(text, **arrays):
    with pytest.raises(ArrayError) as caught:
        bind(text, **arrays)
    assert all(d.span is None for d in caught.value.diagnostics)
    return [(d.code, d.message, d.notes) for d in caught.value.diagnostics]


MATMUL = "y_ij = x_ik a_kj"


def test_arrays_come_in_the_order_of_the_program():
    x, a = np.ones((2, 3)), np.ones((3, 4))
    arrays, integers = bind(MATMUL, a=a, x=x)
    assert arrays[0] is x
    assert arrays[1] is a
    assert not integers


@pytest.mark.parametrize(
    ("then", "code"),
    [
        ({"a": np.ma.masked_array(np.ones((3, 4)))}, "masked-array"),
        ({"a": np.ones((3, 4), complex)}, "wrong-dtype"),
        ({"a": np.ones((4, 3))}, "size-mismatch"),
        ({"a": np.float64(1)}, "wrong-order"),
        ({"b": 1.0}, "unknown-input"),
    ],
)
def test_a_call_is_checked_also_after_one_that_fits(then, code):
    known = arguments(MATMUL)
    fitting = {"x": np.ones((2, 3)), "a": np.ones((3, 4))}
    known.bind(fitting)
    with pytest.raises(ArrayError) as caught:
        known.bind(fitting | then)
    assert [d.code for d in caught.value.diagnostics] == [code]
    bound, integers, _ = known.bind({"x": np.ones((2, 3), np.float32), "a": np.ones((3, 4), int)})
    assert [a.dtype for a in bound] == [np.float32, np.float32]
    assert integers == {"a"}


def test_missing_input():
    assert findings(MATMUL, x=np.ones((2, 3))) == [
        ("missing-input", "no array for the input `a`", ("the program takes x(i, k), a(k, j)",))
    ]


def test_unknown_input_proposes_the_nearest_name():
    found = findings("y = scale weight_i 1_i", scale=1.0, weigth=np.ones(2))
    assert found[0][:2] == ("unknown-input", "the program has no input `weigth`: did you mean weight?")
    assert found[0][2] == ("its inputs are scale, weight",)
    assert found[1][0] == "missing-input"


def test_one_input_given_under_two_names():
    (found,) = findings("l = gamma_i gamma_i", gamma=np.ones(2), γ=np.ones(2))
    assert found[:2] == ("repeated-input", "`gamma` is given twice: `γ` is the same name")


def test_wrong_order():
    (found,) = findings(MATMUL, x=np.ones(3), a=np.ones((3, 4)))
    assert found[:2] == ("wrong-order", "`x` has 1 axis (shape (3,)), the program gives it 2 (i, k)")
    (found,) = findings("y_i = λ x_i", λ=np.ones((1, 2)), x=np.ones(2))
    assert found[:2] == ("wrong-order", "`λ` has 2 axes (shape (1, 2)), the program gives it none, it is a scalar")


def test_sizes_that_disagree_name_index_tensors_axes_and_sizes():
    (found,) = findings(MATMUL, x=np.ones((2, 3)), a=np.ones((5, 4)))
    assert found == ("size-mismatch", "index `k` has size 5 on axis 0 of `a`, but size 3 on axis 1 of `x`", ())


def test_size_one_does_not_broadcast():
    (found,) = findings(MATMUL, x=np.ones((2, 3)), a=np.ones((1, 4)))
    assert found == (
        "size-mismatch",
        "index `k` has size 1 on axis 0 of `a`, but size 3 on axis 1 of `x`",
        ("an axis of size 1 does not broadcast",),
    )


def test_axes_of_one_range_with_different_letters():
    (found,) = findings("y_i = x_i + δ_ij z_j; w = z_k z_k", x=np.ones(2), z=np.ones(3))
    assert found == (
        "size-mismatch",
        "index `j` has size 3 on axis 0 of `z`, but size 2 on axis 0 of `x`",
        ("that axis of `x` has the index `i`",),
    )


def test_one_tensor_used_twice_in_one_equation():
    (found,) = findings("t = x_ii", x=np.ones((2, 3)))
    assert found[1] == "index `i` has size 3 on axis 1 of `x`, but size 2 on axis 0 of `x`"


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (np.ones(2, complex), "complex128"),
        (["a", "b"], "<U1"),
        ([None, 1], "object"),
        (np.array(["NaT"], "M8[s]"), "datetime64[s]"),
    ],
)
def test_arrays_that_are_no_real_numbers(value, dtype):
    (found,) = findings("y_i = 2 x_i", x=value)
    assert found[0] == "wrong-dtype"
    assert found[1] == f"`x` is an array of {dtype}: einsgrad computes with real numbers"


MASKED = np.ma.masked_array([1.0, 2.0], mask=[False, True])


@pytest.mark.parametrize("value", [MASKED, np.ma.masked_array([1.0, 2.0]), MASKED[::-1], [1.0, np.ma.masked]])
def test_masked_arrays_are_refused_since_their_masks_would_be_lost(value):
    (found,) = findings("y_i = 2 x_i", x=value)
    assert found[:2] == (
        "masked-array",
        "`x` is a masked array: einsgrad has no masks, and would compute with what this one hides",
    )
    assert ".filled(…)" in found[2][0]


def test_ragged_lists_are_no_arrays():
    (found,) = findings("y_ij = 2 x_ij", x=[[1.0], [1.0, 2.0]])
    assert found[0] == "not-an-array"
    assert found[1].startswith("`x` is no array: ")


def test_all_findings_come_at_once():
    codes = [code for code, _, _ in findings("y_ij = x_ik a_kj b_ij", x=np.ones(3), a=np.ones((3, 4), complex), b=1.0)]
    assert codes == ["wrong-order", "wrong-dtype", "wrong-order"]


def test_all_arrays_take_the_type_that_the_floating_ones_have_in_common():
    arrays, integers = bind("y_i = x_i a_i t_i", x=np.ones(2, np.float16), a=np.ones(2, np.float32), t=[1, 2])
    assert [a.dtype for a in arrays] == [np.float32] * 3
    assert integers == {"t"}
    arrays, integers = bind("y_i = 2 x_i", x=[True, False])
    assert arrays[0].dtype == np.float64
    assert integers == {"x"}


def test_subclasses_become_plain_arrays():
    class Own(np.ndarray):
        pass

    arrays, _ = bind(MATMUL, x=np.ones((1, 2)).view(Own), a=np.ones((2, 2)))
    assert type(arrays[0]) is np.ndarray


def test_a_number_of_python_takes_the_type_of_the_arrays():
    arrays, integers = bind("y_i = λ x_i", λ=0.5, x=np.ones(2, np.float32))
    assert [a.dtype for a in arrays] == [np.float32] * 2
    assert integers == frozenset()
    arrays, _ = bind("y_i = λ x_i", λ=np.float64(0.5), x=np.ones(2, np.float32))
    assert [a.dtype for a in arrays] == [np.float64] * 2
