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
    "bik,bkj->bij", "ijj,j->ij", "", "->", "...", "...i", "i...", "...ij,...jk->...ik", "...ij,jk->...ik",
    "...ij,...jk", "i...j,j->i...", "...,...", "...ii->...", "b...a", "i->i...", "i->...", ", ...i -> i...", "Aa...,aA",
]  # fmt: skip


@pytest.mark.parametrize("subscripts", STRINGS)
def test_as_numpy_computes_it(subscripts):
    program = parse_einsum(subscripts)
    verify(program)
    assert parse_program(str(program)) == program
    rng = np.random.default_rng(0)
    sizes = {c: 2 + n % 3 for n, c in enumerate(sorted(set(subscripts) & set(string.ascii_letters)))}
    sizes["."] = 2  # the reference interpreter takes `...` as one axis
    left = subscripts.partition("->")[0].replace(" ", "").replace("...", ".").split(",")
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


def test_the_ellipsis_is_one_index():
    assert str(parse_einsum("...ij,jk->...ik")) == "out_{ellipsis,i,k} = a_{ellipsis,i,j} b_jk\n"
    assert str(parse_einsum("...i->i")) == "out_i = 1_{ellipsis,} a_{ellipsis,i}\n"


def test_an_implicit_output_begins_with_the_ellipsis():
    assert parse_einsum("b...a").indices("out") == ("ellipsis", "a", "b")


NO_INDEX = "is no index: an einsum string has letters, `...`, commas and one `->`"


@pytest.mark.parametrize(
    ("subscripts", "code", "message", "at", "place"),
    [
        ("i1->i", "einsum-character", f"`1` {NO_INDEX}", 1, "1"),
        ("i\0", "einsum-character", f"the character U+0000 {NO_INDEX}", 1, "\0"),
        ("i²", "einsum-character", f"`²` {NO_INDEX}", 1, "²"),
        ("ĳ", "einsum-character", f"`ĳ` {NO_INDEX}", 0, "ĳ"),
        ("i_j", "einsum-character", f"`_` {NO_INDEX}", 1, "_"),
        ("i>j", "einsum-character", f"`>` {NO_INDEX}", 1, ">"),
        ("(ij)->i"[1:], "einsum-character", f"`)` {NO_INDEX}", 2, ")"),
        ("ij->i,j", "einsum-output", "the output is one group of letters, without a comma or another `->`", 5, ","),
        ("a->b->c", "einsum-output", "the output is one group of letters, without a comma or another `->`", 4, "->"),
        ("ij->jii", "einsum-output", "`i` occurs 2 times in the output", 6, "i"),
        ("ij->k", "einsum-output", "the output has `k`, which no operand has", 4, "k"),
        ("ij->I", "einsum-output", "the output has `I`, which no operand has", 4, "I"),
        ("i..j->i", "einsum-ellipsis", "`.` is part of no `...`", 1, "."),
        ("....i", "einsum-ellipsis", "`.` is part of no `...`", 3, "."),
        ("...i...,i", "einsum-ellipsis", "a second `...` in one group of letters", 4, "..."),
        ("i...->...i...", "einsum-ellipsis", "a second `...` in one group of letters", 10, "..."),
    ],
)
def test_errors(subscripts, code, message, at, place):
    with pytest.raises(LanguageError) as caught:
        parse_einsum(subscripts)
    found = caught.value.diagnostics[0]
    assert (found.code, found.message, found.span.start, found.span.text) == (code, message, at, place)


def test_all_errors_at_once():
    with pytest.raises(LanguageError) as caught:
        parse_einsum("i1,.j->a,b")
    assert [d.span.start for d in caught.value.diagnostics] == [1, 3, 8]
