"""Renaming and separating random expressions never changes what they mean."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle import indices

import einsgrad as eg
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import rename, separate, separate_expression
from einsgrad.ir.nodes import Index, Size
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import letters, postorder
from einsgrad.ir.verifier import verify
from einsgrad.reference import evaluate_expression

LETTERS = indices("ijk")
SIZE = 2


def array(name, order):
    return np.random.default_rng([ord(name[0]), order]).uniform(0.5, 1.5, (SIZE,) * order)


ARRAYS = {f"{name}{order}": array(name, order) for name in "abc" for order in range(5)}


@st.composite
def leaves(draw, free):
    if not free:
        return draw(st.sampled_from([build.literal(2), build.size(LETTERS[0]), build.tensor("a0")]))
    axes = draw(st.permutations(free))
    if draw(st.booleans()):
        axes = [*axes, draw(st.sampled_from(free))]
    choices = [build.tensor(f"{name}{len(axes)}", axes) for name in "abc"] + [build.one(free)]
    if len(free) == 2:
        choices.append(build.delta(*free))
    return draw(st.sampled_from(choices))


@st.composite
def products(draw, free, depth):
    """Two or three factors; sums may use any letter that is not free here, so nested sums share letters."""
    summed = (
        draw(st.sets(st.sampled_from([i for i in LETTERS if i not in free]), max_size=1)) if len(free) < 3 else set()
    )
    carried = sorted({*free, *summed})
    count = draw(st.integers(2, 3))
    shares = [draw(st.sets(st.sampled_from(carried))) if carried else set() for _ in range(count - 1)]
    shares.append(set(carried) - set().union(*shares) | (draw(st.sets(st.sampled_from(carried))) if carried else set()))
    return build.product([draw(expressions(sorted(share), depth - 1)) for share in shares], summed)


@st.composite
def expressions(draw, free, depth=3):
    """An expression whose free indices are ``free``."""
    free = tuple(free)
    kind = (
        draw(st.sampled_from(["leaf", "product", "product", "sum", "power", "apply", "maximum"])) if depth else "leaf"
    )
    if kind == "leaf":
        return draw(leaves(free))
    if kind == "product":
        return draw(products(free, depth))
    below = draw(expressions(free, depth - 1))
    if kind == "sum":
        return build.add([below, draw(expressions(draw(st.sampled_from([free, ()])), depth - 1))])
    if kind == "power":
        return build.power(below, draw(st.sampled_from([build.literal(2), build.literal(-1)])))
    if kind == "apply":
        return build.apply("sin", [below])
    return build.apply("maximum", [below, draw(expressions(draw(st.sampled_from([free, ()])), depth - 1))])


any_expression = st.sets(st.sampled_from(LETTERS)).flatmap(lambda free: expressions(sorted(free)))


def value(node, axes):
    sizes = dict.fromkeys({*letters(node), *axes, *LETTERS}, SIZE)
    return evaluate_expression(node, ARRAYS, sizes, axes)


@settings(max_examples=150, deadline=None)
@given(any_expression)
def test_separating_keeps_the_meaning_and_is_done_once(node):
    apart = separate_expression(node)
    assert apart.free == node.free
    np.testing.assert_array_equal(value(apart, node.free), value(node, node.free))
    assert separate_expression(apart) is apart
    verify(Program((separate(Definition("y", node.free, node)),)))


@settings(max_examples=150, deadline=None)
@given(any_expression, st.permutations(LETTERS))
def test_renaming_keeps_the_meaning(node, order):
    mapping = dict(zip(LETTERS, order, strict=True))
    renamed = rename(node, mapping)
    assert renamed.free == tuple(mapping[i] for i in node.free)
    np.testing.assert_array_equal(value(renamed, renamed.free), value(node, node.free))
    back = {new: old for old, new in mapping.items()}
    assert separate_expression(rename(renamed, back)).free == node.free


@settings(max_examples=50, deadline=None)
@given(any_expression)
def test_renaming_to_a_letter_from_elsewhere_keeps_the_meaning(node):
    mapping = {i: Index(f"new{n}") for n, i in enumerate(node.free)}
    renamed = rename(node, mapping)
    np.testing.assert_array_equal(value(renamed, renamed.free), value(node, node.free))


@settings(max_examples=300, deadline=None)
@given(any_expression)
def test_what_is_printed_reads_as_the_same_program(node):
    definition = separate(Definition("y", node.free, node))
    assume(not any(isinstance(n, Size) for n in postorder(definition.rhs)))
    program = Program((definition,))
    assert eg.parse(str(program)) == program
