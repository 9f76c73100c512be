"""Backward einsum strings: each is run, with its operands made as they are explained, and compared with differences."""

import itertools
import string

import numpy as np
import opt_einsum
import pytest
from oracle import central_differences

import einsgrad as eg
from einsgrad.api import backward_einsums
from einsgrad.diagnostics import LanguageError
from einsgrad.ir.names import identifier

STRINGS = [
    # products of matrices and vectors, the output given or not
    "ik,kj->ij", "ik,kj", "ki,kj->ij", "ik,jk->ij", "ij,j->i", "i,ij,j->", "i,ij,j", "ij,jk,kl->il", "ab,bc,cd,de->ae",
    "bik,bkj->bij", "ijk,k->ij", "abc,abd->cd", "ij,ij->ij", "ij,ij->", "i,j->ij", "i,i", "i,i->i", "ir,jr,kr->ijk",
    "pqr,ip,jq,kr->ijk", "ij->ji", "ba", "ijk->kij",
    # scalars, and nothing at all
    ",i->i", "i,->i", ",->", "", "->", ",ij,->ji",
    # an index that appears nowhere else: one-tensors
    "i->", "ij->i", "ij->", "ijk->j", "ij,k->", "ij,kl->ik", "i,j->", "ij,j->j",
    # repeated in an operand: deltas
    "ii", "ii->", "ii->i", "iij,j->i", "iij,jkl->k", "iii->i", "iii->", "iijj->ij", "iijj->", "ijj,j->ij", "ijij->ji",
    "ii,jj->", "ii,i->i", "iji,k->k",
    # spaces, capitals, letters that are not ASCII
    " i j , jk -> i k ", "aB,Bc->ca", "Ii,iI->I", "αβ,βγ->αγ", "éé->é",
    # ellipses
    "...ij,...jk->...ik", "...ij,jk->...ik", "ij,...jk->...ik", "...ij,...jk", "i...,j...->ij...", "i...j,j->i...",
    "...->...", "...", "...,...->...", ",...->...", "...ii->...i", "...ii->...", "...i->...", "...i->i", "...->",
    "b...a", "i->i...", "...i,i->", "a...b,...->", "iij...->j", "B...i,ij->B...j", "...,...i,i",
]  # fmt: skip


def contract(subscripts, *operands):
    """What a reader runs: np.einsum, or opt_einsum for letters that NumPy doesn't know."""
    if set(subscripts) <= set(string.ascii_letters + "->,. "):
        return np.einsum(subscripts, *operands, optimize=True)
    return opt_einsum.contract(subscripts, *operands)


def draw_operands(subscripts, ellipsis, rng):
    left = "".join(subscripts.partition("->")[0].split())
    letters = sorted(set(left) - set(",."))
    sizes = {letter: 2 + position % 3 for position, letter in enumerate(letters)}
    groups = [group.partition("...") for group in left.split(",")]
    return [
        rng.normal(size=[*(sizes[c] for c in before), *(ellipsis if dots else ()), *(sizes[c] for c in after)])
        for before, dots, after in groups
    ]


def made_as_explained(note, arrays):
    """Evaluate the Python expression at the end of a note."""
    return eval(note[note.index("np.") :], {"np": np, **arrays})


def run_backward(backward, arrays):
    notes = iter(backward.notes)
    operands = [
        made_as_explained(next(notes), arrays) if name in ("δ", "1") else arrays[identifier(name)]
        for name in backward.operands
    ]
    assert backward.coefficient == 1
    return contract(backward.subscripts, *operands)


CASES = [(s, e) for s in STRINGS for e in [(), (3,), (2, 3)] if "..." in s or not e]


@pytest.mark.parametrize(("subscripts", "ellipsis"), CASES)
def test_against_differences(subscripts, ellipsis):
    rng = np.random.default_rng(0)
    operands = draw_operands(subscripts, ellipsis, rng)
    upstream = rng.normal(size=np.shape(contract(subscripts, *operands)))
    names = [backward.equation.name.removeprefix("∂l/∂") for backward in backward_einsums(subscripts)]
    arrays = {**dict(zip(names, operands, strict=True)), "dl_dout": upstream}
    assert names
    for position, backward in enumerate(backward_einsums(subscripts)):

        def loss(x, position=position):
            return np.sum(upstream * contract(subscripts, *operands[:position], x, *operands[position + 1 :]))

        expected = central_differences(loss, operands[position])
        np.testing.assert_allclose(run_backward(backward, arrays), expected, atol=1e-7)


@pytest.mark.parametrize("subscripts", [s for s in STRINGS if "..." not in s and s.isascii()])
def test_plain_einsum_takes_what_no_note_restricts(subscripts):
    operands = draw_operands(subscripts, (), np.random.default_rng(0))
    out = np.einsum(subscripts, *operands)
    backwards = backward_einsums(subscripts)
    arrays = {b.equation.name.removeprefix("∂l/∂"): x for b, x in zip(backwards, operands, strict=True)}
    for backward in backwards:
        given = [a for a in backward.operands if a not in ("δ", "1")]
        made = [made_as_explained(note, arrays) for note in backward.notes]
        found = np.einsum(backward.subscripts, *(arrays.get(a, out) for a in given), *made)
        assert found.shape == arrays[backward.equation.name.removeprefix("∂l/∂")].shape


def test_the_upstream_gradient_takes_the_operands_place():
    assert eg.einsum_grad("ik,kj->ij") == ["ij,kj->ik", "ik,ij->kj"]
    assert [b.operands for b in backward_einsums("i,ij,j->")][1] == ("a", "∂l/∂out", "c")


def test_deltas_and_ones_come_last_and_are_explained():
    (backward,) = backward_einsums("iij->i")
    assert (backward.subscripts, backward.operands) == ("i,ik,j->ikj", ("∂l/∂out", "δ", "1"))
    assert backward.notes == ("δ_ik: the identity matrix, np.eye(a.shape[0])", "1_j: ones, np.ones(a.shape[2])")


def test_a_sum_over_the_ellipsis_is_explained():
    first, second = backward_einsums("...ij,jk->...ik")
    assert (first.subscripts, first.notes) == ("...ik,jk->...ij", ())
    assert second.subscripts == "...ij,...ik->jk"
    assert second.notes == (
        "the sum over `...`: np.einsum takes it with optimize=True, and opt_einsum.contract always",
    )


def test_ones_around_an_ellipsis():
    (backward,) = backward_einsums("i...jk->k")
    assert backward.subscripts == "k,...ij->i...jk"
    assert backward.notes == ("1_...ij: ones, np.ones((*a.shape[1:-2], a.shape[0], a.shape[-2]))",)


def test_letters_that_run_out_go_on_beyond_ascii():
    letters = string.ascii_letters
    chain = ",".join(map("".join, itertools.pairwise(letters)))
    *_, backward = backward_einsums(f"{chain},ZZ->")
    assert backward.subscripts == f"{chain},,ZÀ->ZÀ"
    assert (
        backward.notes[-1] == "np.einsum knows the 52 letters a to z and A to Z; opt_einsum.contract takes any letter"
    )
    arrays = [np.ones((1, 1))] * 50 + [np.array([[2.0, 3.0]])]
    found = opt_einsum.contract(backward.subscripts, *arrays, 10.0, np.eye(2))
    np.testing.assert_array_equal(found, [[20.0, 0.0], [0.0, 30.0]])


def test_new_letters_are_letters_of_einsum_strings():
    operand = "".join(letter * 2 for letter in string.ascii_letters)
    (backward,) = backward_einsums(f"{operand}->")
    assert len(set(backward.subscripts.partition("->")[2])) == 104
    assert len(eg.einsum_grad(backward.subscripts)) == 53


@pytest.mark.parametrize(("subscripts", "column"), [("ij->k", 5), ("i..", 2), ("i-j", 2)])
def test_malformed_strings_are_errors(subscripts, column):
    with pytest.raises(LanguageError, match=rf"^<einsum>:1:{column}: error"):
        eg.einsum_grad(subscripts)
