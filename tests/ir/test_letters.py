"""Renaming without capture, and keeping bound letters apart."""

import re

import pytest
from oracle import indices

from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import fresh, rename, root, separate, separate_expression, unused
from einsgrad.ir.nodes import Index, Product
from einsgrad.ir.traversal import postorder

i, j, k = indices("ijk")


def split(letters):
    """The indices of a text such as ``ij'k``."""
    return [Index(name) for name in re.findall("[a-z]'*", letters)]


def t(name, letters=""):
    return build.tensor(name, split(letters))


def contract(letters, *factors):
    return build.product(factors, split(letters))


def test_fresh_stays_in_the_family():
    assert fresh([], like=i) == Index("i'")
    assert fresh([i, Index("i'"), Index("i'''")], like=i) == Index("i''")
    assert fresh([Index("i'")], like=Index("i'")) == Index("i''")
    assert root(Index("batch''")) == Index("batch")


def test_unused_takes_another_family_and_never_runs_out():
    assert unused([]) == i
    assert unused([Index("i'")]) == j
    taken = set(indices("abcdefghijklmnopqrstuvwxyz"))
    new = unused(taken)
    assert new not in taken
    assert unused(taken | {new}) not in taken | {new}


@pytest.mark.parametrize(
    ("node", "renamed"),
    [
        (t("x", "ij"), t("x", "kj")),
        (t("x", "ii"), t("x", "kk")),
        (build.delta(i, j), build.delta(k, j)),
        (build.one([j, i]), build.one([j, k])),
        (build.power(t("x", "i"), t("y", "i")), build.power(t("x", "k"), t("y", "k"))),
        (build.derivative(t("y", "i"), t("x", "p")), build.derivative(t("y", "k"), t("x", "p"))),
        (build.derivative(t("y", "j"), t("x", "i")), build.derivative(t("y", "j"), t("x", "k"))),
        (build.add([t("x", "i"), build.size(i)]), build.add([t("x", "k"), build.size(i)])),
        (contract("j", t("x", "ij"), t("w", "j")), contract("j", t("x", "kj"), t("w", "j"))),
        (contract("i", t("x", "i"), t("w", "i")), contract("i", t("x", "i"), t("w", "i"))),
    ],
)
def test_rename_i_to_k(node, renamed):
    assert rename(node, {i: k}) is renamed


def test_rename_swaps():
    assert rename(t("x", "ij"), {i: j, j: i}) is t("x", "ji")


def test_rename_does_not_capture():
    row_sum = contract("j", t("x", "ij"), t("w", "j"))
    assert rename(row_sum, {i: j}) is contract("j'", t("x", "jj'"), t("w", "j'"))


def test_rename_does_not_capture_in_a_maximum():
    node = build.reduction("max", t("x", "ij"), [j])
    assert rename(node, {i: j}) is build.reduction("max", t("x", "jj'"), split("j'"))


def test_rename_does_not_capture_two_sums_down():
    inner = contract("k", t("x", "ijk"), t("w", "k"))
    node = contract("j", inner, t("v", "j"))
    renamed = rename(node, {i: k})
    assert renamed.free == (k,)
    assert renamed is contract("j", contract("k'", t("x", "kjk'"), t("w", "k'")), t("v", "j"))


def test_rename_stops_where_the_letter_is_bound():
    node = contract("", t("x", "i"), contract("i", t("y", "i"), t("z", "i")))
    assert rename(node, {i: k}) is contract("", t("x", "k"), contract("i", t("y", "i"), t("z", "i")))


def test_rename_survives_depth():
    node = t("x", "i")
    for _ in range(20_000):
        node = build.apply("sin", [node])
    assert rename(node, {i: k}).free == (k,)


SQUARE = contract("i", t("a", "i"), t("a", "i"))


@pytest.mark.parametrize(
    ("node", "apart"),
    [
        (contract("", SQUARE, SQUARE), contract("", SQUARE, contract("i'", t("a", "i'"), t("a", "i'")))),
        (build.add([SQUARE, SQUARE]), build.add([SQUARE, SQUARE])),
        (build.power(SQUARE, SQUARE), build.power(SQUARE, contract("i'", t("a", "i'"), t("a", "i'")))),
        (contract("", t("b", "i"), SQUARE), contract("", t("b", "i"), contract("i'", t("a", "i'"), t("a", "i'")))),
        (contract("", SQUARE, t("b", "i")), contract("", contract("i'", t("a", "i'"), t("a", "i'")), t("b", "i"))),
        (
            contract("i", t("b", "i"), t("c", "i"), build.apply("exp", [SQUARE])),
            contract("i", t("b", "i"), t("c", "i"), build.apply("exp", [contract("i'", t("a", "i'"), t("a", "i'"))])),
        ),
        (
            contract("", t("b", "i"), build.reduction("max", t("x", "i"), [i])),
            contract("", t("b", "i"), build.reduction("max", t("x", "i'"), split("i'"))),
        ),
    ],
    ids=["factors", "terms", "arguments", "free after", "free before", "scope", "maximum"],
)
def test_separate_expression(node, apart):
    assert separate_expression(node) is apart
    assert separate_expression(apart) is apart


def test_separate_keeps_bound_letters_off_the_left_hand_side():
    definition = Definition("y", (i,), build.add([t("b", "i"), SQUARE]))
    assert separate(definition).rhs is build.add([t("b", "i"), contract("i'", t("a", "i'"), t("a", "i'"))])


def test_separate_avoids_what_is_taken():
    definition = Definition("y", (i,), build.add([t("b", "i"), SQUARE]))
    assert separate(definition, taken=split("i'")).rhs is build.add(
        [t("b", "i"), contract("i''", t("a", "i''"), t("a", "i''"))]
    )


def test_separate_survives_depth():
    node = SQUARE
    for _ in range(500):
        node = contract("i", t("b", "i"), t("c", "i"), build.apply("sin", [node]))
    definition = separate(Definition("y", (), node))
    bound = [n.summed for n in postorder(definition.rhs) if isinstance(n, Product)]
    assert len(set(bound)) == len(bound) == 501
