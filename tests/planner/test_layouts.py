"""Layouts: intermediate results lie so that contractions read them as they are, and nothing else changes."""

import random

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.calculus.apart import rename_apart
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.nodes import Index
from einsgrad.planner import planning
from einsgrad.planner.joint import plan_joint
from einsgrad.planner.layouts import choose_layouts, copied, groups_of
from einsgrad.planner.plan import Contract, Pointwise
from einsgrad.planner.planning import make_plan


def contractions(plan):
    return [value for value in plan.values if isinstance(value.op, Contract)]


def copies(plan):
    """The operands that contractions of a plan copy, as letters."""
    found = []
    for value in contractions(plan):
        left, right = value.op.left.labels, value.op.right.labels
        found += ["".join(map(str, c)) for c in copied(left, right, groups_of(left, right, value.labels))]
    return found


def plan_of(text, **sizes):
    return make_plan(rename_apart(parse_program(text)), sizes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t_noe = y_no g_ne; z_i = t_noe w_neoi", []),  # a product of smaller arrays, as its user wants it
        ("t_noe = y_no g_ne; z_ni = t_noe w_eoi", []),
        ("u_qri = g_pqr a_ip; z_jri = b_jq u_qri; y_ki = z_jri c_jrk", []),
        ("u_ijk = a_ip b_pjk; y_jl = u_ijk c_kil", []),
        ("y_jl = u_ijk c_ikl", ["ijk"]),  # an input lies as it does
        ("u_ijk = exp(x_ijk); y_jl = u_ijk c_ikl", ["ijk"]),  # so does what is computed element by element of it
    ],
)
def test_operands_that_are_copied(text, expected):
    assert copies(plan_of(text)) == expected


def elements_copied(plan):
    """How many elements the contractions of a plan copy where each size is 4; what is copied alike counts once."""
    found = set()
    for value in contractions(plan):
        left, right = value.op.left, value.op.right
        groups = groups_of(left.labels, right.labels, value.labels)
        for operand, own in ((left, groups.rows), (right, groups.columns)):
            if operand.labels in copied(left.labels, right.labels, groups):
                first, second = (own, groups.summed) if operand is left else (groups.summed, own)
                places = tuple(tuple(operand.labels.index(i) for i in group) for group in (first, second))
                found.add((operand.value, places, len(operand.labels)))
    return sum(4**axes for _, _, axes in found)


@pytest.mark.parametrize("name", ["tucker", "mps_overlap", "tensor_train", "self_attention", "transformer_block"])
def test_the_gallery_copies_less_or_as_much(name, monkeypatch):
    joint = plan_joint(eg.load(name), None, None, {})
    chosen = elements_copied(make_plan(joint.program))
    monkeypatch.setattr(planning, "choose_layouts", lambda plan, _: plan)
    as_lowered = elements_copied(make_plan(joint.program))
    assert chosen <= as_lowered
    assert (chosen < as_lowered) == (name in ("tucker", "mps_overlap", "transformer_block"))


def test_results_and_what_is_reduced_keep_their_order():
    plan = plan_of("t_noe = y_no g_ne; z_ni = t_noe w_eoi; s_no = 1_e t_noe; r = 1_noe t_noe")
    (product,) = (value for value in plan.values if isinstance(value.op, Pointwise))
    assert "".join(map(str, product.labels)) == "noe"
    f = eg.compile("t_noe = y_no g_ne; z_ni = t_noe w_eoi", of=["t", "z"], wrt=())
    rng = np.random.default_rng(0)
    y, g, w = rng.normal(size=(2, 3)), rng.normal(size=(2, 4)), rng.normal(size=(4, 3, 5))
    t, z = f(y=y, g=g, w=w)
    np.testing.assert_allclose(t, y[:, :, None] * g[:, None, :])
    np.testing.assert_allclose(z, np.einsum("no,ne,eoi->ni", y, g, w))


def test_a_plan_that_is_settled_stays_as_it_is():
    plan = plan_of("u_qri = g_pqr a_ip; z_jri = b_jq u_qri; y_ki = z_jri c_jrk")
    again = choose_layouts(plan, dict.fromkeys(plan.letters, 64))
    assert again == plan


@pytest.mark.parametrize("seed", range(40))
def test_networks_of_many_letters_have_the_values_of_einsum(seed):
    rng = random.Random(seed)
    letters = "abcdefg"
    words = ["".join(rng.sample(letters, rng.randint(1, 4))) for _ in range(rng.randint(3, 5))]
    used = sorted({*"".join(words)})
    free = "".join(rng.sample(used, rng.randint(1, min(3, len(used)))))
    sums = "".join(f"sum_{i} " for i in used if i not in free)
    text = f"y_{free} = {sums}{' '.join(f't{k}_{word}' for k, word in enumerate(words))}"
    random_arrays = np.random.default_rng(seed)
    sizes = {i: rng.randint(1, 3) for i in used}
    arrays = [random_arrays.normal(size=[sizes[i] for i in word]) for word in words]
    f = eg.compile(text, sizes={i: 30 * s for i, s in sizes.items()})
    named = {f"t{k}": array for k, array in enumerate(arrays)}
    exact = np.einsum(f"{','.join(words)}->{free}", *arrays)
    value, pullback = f.vjp(**named)
    np.testing.assert_allclose(value, exact, rtol=1e-10, atol=1e-10)
    upstream = random_arrays.normal(size=exact.shape)
    for k, word in enumerate(words):
        others = [*words[:k], *words[k + 1 :]]
        given = [*arrays[:k], *arrays[k + 1 :]]
        gradient = np.einsum(f"{','.join([free, word, *others])}->{word}", upstream, np.ones_like(arrays[k]), *given)
        np.testing.assert_allclose(pullback(upstream)[f"t{k}"], gradient, rtol=1e-10, atol=1e-10)


def test_groups_in_the_order_of_the_operand_that_need_not_be_copied():
    i, j, k, n = map(Index, "ijkn")
    groups = groups_of((i, k, j), (j, k, n), (i, n))
    assert groups.summed in ((k, j), (j, k))
    assert [len(c) for c in copied((i, k, j), (j, k, n), groups)] == [3]
    assert list(copied((i, j, k), (j, k, n), groups_of((i, j, k), (j, k, n), (i, n)))) == []
