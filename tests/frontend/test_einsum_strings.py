"""Einsum strings as programs: the same numbers as NumPy, and clear errors."""

import string

import numpy as np
import pytest

from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.einsum import parse_einsum
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.verifier import verify
from einsgrad.reference import evaluate

STRINGS = [
    "ik,kj->ij", "ik,kj", "ji", "ba", "ij->ji", "ii", "ii->", "ii->i", "i->", "ij->i", "ij->", "i,i", "i,i->i",
    "i,j->ij", "ij,ij->ij", "iij,jkl->k", "abc,abd->cd", ",i->i", ",->", "i j , jk -> i k", "aB,Bc->ca", "i,ij,j",
    "bik,bkj->bij", "ijj,j->ij",
]  # fmt: skip


@pytest.mark.parametrize("subscripts", STRINGS)
def test_as_numpy_computes_it(subscripts):
    program = parse_einsum(subscripts)
    verify(program)
    assert parse_program(str(program)) == program
    rng = np.random.default_rng(0)
    sizes = {c: 2 + n % 3 for n, c in enumerate(sorted(set(subscripts) & set(string.ascii_letters)))}
    left = subscripts.partition("->")[0].replace(" ", "").split(",")
    operands = [rng.normal(size=[sizes[c] for c in operand]) for operand in left]
    names = "abcdefgh"
    value = evaluate(program, dict(zip(names, operands, strict=False)))["out"]
    np.testing.assert_allclose(value, np.einsum(subscripts, *operands), rtol=1e-12)


def test_how_it_prints():
    assert str(parse_einsum("ik,kj->ij")) == "out_ij = a_ik b_kj\n"
    assert str(parse_einsum("ijk->j")) == "out_j = 1_ik a_ijk\n"
    assert str(parse_einsum("ii->i")) == "out_i = a_ii\n"


def test_more_than_52_letters_and_26_operands():
    letters = string.ascii_letters + "αβγδεπßŋéж"
    program = parse_einsum(f"{letters},{letters[::-1]}->")
    assert len(program.definitions[0].rhs.summed) == len(letters)
    assert parse_program(str(program)) == program
    many = parse_einsum(",".join(["i"] * 30))
    assert many.inputs[24:28] == ("y", "z", "a1", "b1")


@pytest.mark.parametrize(
    ("subscripts", "code", "message", "place"),
    [
        ("...i->i", "einsum-ellipsis", "`...` is not yet supported: write the letters out", "..."),
        ("i1->i", "einsum-character", "`1` is no index: an einsum string has letters, commas and one `->`", "1"),
        (
            "i\0",
            "einsum-character",
            "the character U+0000 is no index: an einsum string has letters, commas and one `->`",
            "\0",
        ),
        ("i²", "einsum-character", "`²` is no index: an einsum string has letters, commas and one `->`", "²"),
        ("ĳ", "einsum-character", "`ĳ` is no index: an einsum string has letters, commas and one `->`", "ĳ"),
        ("ij->i,j", "einsum-output", "the output is one group of letters, without a comma", ","),
        ("ij->ii", "einsum-output", "`i` occurs 2 times in the output", "i"),
        ("ij->k", "einsum-output", "the output has `k`, which no operand has", "k"),
    ],
)
def test_errors(subscripts, code, message, place):
    with pytest.raises(LanguageError) as caught:
        parse_einsum(subscripts)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.span.text) == (code, message, place)


def test_two_arrows():
    with pytest.raises(LanguageError) as caught:
        parse_einsum("a->b->c")
    assert [d.span.start for d in caught.value.diagnostics] == [4, 5]
