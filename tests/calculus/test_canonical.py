"""Keys: equal for every renaming and order of an expression, different for what is only nearly the same."""

import random
from itertools import combinations, pairwise

import pytest
from oracle import indices

from einsgrad.calculus import canonical
from einsgrad.calculus.canonical import canonical_key
from einsgrad.calculus.simplify import simplifier
from einsgrad.ir import build
from einsgrad.ir.letters import rename
from einsgrad.ir.nodes import Index


def t(name, *letters):
    return build.tensor(name, letters)


def spread(node, letters):
    """Give a term that carries all letters."""
    missing = [i for i in letters if i not in node.free]
    return build.product([node, build.one(missing)]) if missing else node


def ring(letters, name="a"):
    return [t(name, i, j) for i, j in zip(letters, (*letters[1:], letters[0]), strict=True)]


def pairs(letters):
    return [t(name, i) for i in letters for name in "ab"]


def hub(letters):
    return [build.add([spread(t("a", i), letters) for i in letters]), *(t("b", i) for i in letters)]


def joined_pairs(letters):
    half = len(letters) // 2
    both = list(zip(letters[:half], letters[half:], strict=True))
    terms = [spread(build.product([t("a", i), t("b", j)]), letters) for i, j in both]
    return [build.add(terms), *(t("c", i, j) for i, j in both)]


def complete(letters):
    return [t("d", i, j) for i in letters for j in letters if i != j]


def path(letters):
    return [
        t("x", letters[0]),
        *(t("a", i, j) for i, j in pairwise(letters)),
        t("x", letters[-1]),
    ]


def two_rings(letters):
    half = len(letters) // 2
    return [*ring(letters[:half]), *ring(letters[half:])]


def joined_rings(letters):
    """Rings of two sizes, in which each letter has the same company, but not the same place."""
    first = max(1, len(letters) // 2 - 1)
    return [*complete(letters), *ring(letters[:first]), *ring(letters[first:])]


SHAPES = [ring, pairs, hub, joined_pairs, complete, path, two_rings, joined_rings]


def letters_of(count):
    return [Index(f"i{k}") for k in range(count)]


def shuffled(factors, letters, rng):
    names = [Index(f"z{k}") for k in range(len(letters))]
    rng.shuffle(names)
    factors = [rename(f, dict(zip(letters, names, strict=True))) for f in factors]
    rng.shuffle(factors)
    return build.product(factors, names)


@pytest.mark.parametrize("count", [2, 6, 8])
@pytest.mark.parametrize("shape", SHAPES)
def test_letters_and_order_do_not_matter(shape, count):
    letters = letters_of(count)
    factors = shape(letters)
    key = canonical_key(build.product(factors, letters))
    rng = random.Random(count)
    for _ in range(5):
        assert canonical_key(shuffled(factors, letters, rng)) == key


def test_products_of_one_skeleton_are_told_apart():
    letters = letters_of(6)
    nearly = [
        ring(letters),
        two_rings(letters),
        [*ring(letters[:2]), *ring(letters[2:])],
        [*ring(letters)[:-1], t("a", letters[0], letters[-1])],
        [*ring(letters)[:-1], t("a", letters[-1], letters[-1])],
    ]
    keys = [canonical_key(build.product(factors, letters)) for factors in nearly]
    assert all(a != b for a, b in combinations(keys, 2))


def test_a_sum_over_both_is_no_product_of_sums():
    i, j = indices("ij")
    inside = build.product([t("a", i), t("b", i)], [i])
    assert canonical_key(build.product([inside, t("c")])) != canonical_key(
        build.product([t("a", i), t("b", j), t("c")], [i, j])
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_a_bound_on_the_orders_never_makes_different_ones_equal(shape, monkeypatch):
    monkeypatch.setattr(canonical, "_MOST_ORDERS", 1)
    letters = letters_of(6)
    whole = shape(letters)
    for position in range(len(whole)):
        rest = build.product([*whole[:position], *whole[position + 1 :], t("a", letters[0], letters[2])], letters)
        assert canonical_key(rest) != canonical_key(build.product(whole, letters))


@pytest.mark.parametrize("shape", [ring, pairs, hub, path, two_rings])
def test_keys_of_many_letters_that_are_alike_take_polynomial_work(shape, monkeypatch):
    looked_at = []
    plain = canonical._Part._keys

    def counting(self, factors, names):
        looked_at.append(len(factors))
        return plain(self, factors, names)

    monkeypatch.setattr(canonical._Part, "_keys", counting)
    work = []
    for count in (10, 20):
        looked_at.clear()
        letters = letters_of(count)
        canonical_key(build.product(shape(letters), letters))
        work.append(sum(looked_at))
    assert work[0] > 0
    assert work[1] <= 2**3 * work[0]


def test_equal_terms_with_alike_letters_are_collected():
    letters = letters_of(12)
    rng = random.Random(1)
    terms = [shuffled(two_rings(letters), letters, rng) for _ in range(3)]
    collected = simplifier()(build.add(terms))
    assert collected.factors[0] is build.literal(3)
