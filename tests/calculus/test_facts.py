"""What may be concluded from a claim's having a value: each conclusion, and its nearest neighbours that are false.

Every neighbour comes with a point at which it is false, so that it is sure to be one.
"""

import numpy as np
import pytest
from forms import coincide, sides

import einsgrad as eg
from einsgrad.calculus.apart import family_ranges
from einsgrad.calculus.atoms import TooLargeError
from einsgrad.calculus.intervals import enclose
from einsgrad.calculus.sides import LEFT, RIGHT
from einsgrad.ir.letters import root
from einsgrad.ir.traversal import letters

RIGHT_ONES = [
    # a root
    "sqrt(x) + abs(x) == sqrt(x) + x",
    "x^(2/3) + abs(x) == x^(2/3) + x",
    "sqrt(3 x) + abs(x) == sqrt(3 x) + x",
    "sqrt(a + b) + abs(a + b) == sqrt(a + b) + a + b",
    # a logarithm, a root that is divided by
    "log(x) + abs(x) == log(x) + x",
    "log(x) + sign(x) == log(x) + 1",
    "1/sqrt(x) + sign(x) == 1/sqrt(x) + 1",
    "log1p(x) + abs(1 + x) == log1p(x) + 1 + x",
    # a quotient
    "1/x + sign(x)^2 == 1/x + 1",
    "x^-2 + sign(x)^2 == x^-2 + 1",
    "1/(x y) + sign(x)^2 == 1/(x y) + 1",
    "1/(x sign(y)) + sign(y)^2 == 1/(x sign(y)) + 1",
    # a product whose other factors are positive: by what they are, since the product is, by another part, as divisors
    "sqrt(exp(a) x) + abs(x) == sqrt(exp(a) x) + x",
    "sqrt((1 + a^2) x) + abs(x) == sqrt((1 + a^2) x) + x",
    "log(a^2 x) + abs(x) == log(a^2 x) + x",
    "sqrt(a^2 x) + 1/a + abs(x) == sqrt(a^2 x) + 1/a + x",
    "sqrt(x/a^2) + abs(x) == sqrt(x/a^2) + x",
    # all components; those on the diagonal are among them
    "sqrt(x_ij) + abs(x_ij) == sqrt(x_ij) + x_ij (no sum i, j)",
    "sqrt(x_ij) + 1_j abs(x_ii) == sqrt(x_ij) + 1_j x_ii (no sum i, j)",
    "y_ij = sqrt(x_ij); abs(x_ij) + 0 y_ij == x_ij + 0 y_ij (no sum i, j)",
    # with a value for the letters that the factor does not carry
    "sqrt(a exp(b_i)) + 1_i abs(a) == sqrt(a exp(b_i)) + 1_i a",
    "(1_i sqrt(a exp(b_i))) 1_k + 1_k abs(a) + b_k == (1_i sqrt(a exp(b_i))) 1_k + 1_k a + b_k",
    "(1_i sqrt(a_i)) + (1_i abs(a_i)) == (1_i sqrt(a_i)) + (1_i a_i)",
    "(1_ij sqrt(a_i exp(a_j))) + (1_k abs(a_k)) == (1_ij sqrt(a_i exp(a_j))) + (1_k a_k)",
    "1_j sign(a)^2 + b_j/(a d_j) == 1_j + b_j/(a d_j) (no sum j)",
    "a (1_j (b_j/(a d_j))) == 1_j (b_j/d_j)",
    # where a range is empty, something has no value
    "p_ij = exp(x_ij)/(1_k exp(x_ik)); 1_j p_ij == 1_i",
    "1/|i| 1_i 1_i a + 0 x_i 1_i == a + 0 x_i 1_i",
    # beside a delta
    "(s_ij + c δ_ij)^-1 (s_ij + c δ_ij) == 1_ij (no sum i, j)",
    "sign(x_ij + δ_ij) == sign(x_ij) + δ_ij (sign(x_ij + 1) - sign(x_ij))",
    "log(1_ij + δ_ij a_i) == δ_ij log(1 + a_i) (no sum i)",
    "(2 1_ij + δ_ij)^-1 == 1/2 1_ij - 1/6 δ_ij",
    # an exponent beside what it vanishes with
    "∂(x_i^p)/∂x_j == p x_i^(p - 1) δ_ij",
    "p x^(p - sign(p)^2) == p x^(p - 1)",
    "p x x^(p - sign(p)^2) == p x^p",
    "p x^(p + 1 - sign(p)^2) == p x^p",
    "p exp(b sign(p)^2) == p exp(b)",
    "p x^(p - sign(p)^2) + 0 log(x) == p x^(p - 1) + 0 log(x)",
    "a^p a^(-p) == 1",
    # cancelled, where it has to have a value
    "x/x == 1",
    "1_j exp(x_ij)/(1_k exp(x_ik)) == 1_i",
]


@pytest.mark.parametrize("claim", RIGHT_ONES)
def test_what_may_be_concluded(claim):
    assert coincide(claim)


NEIGHBOURS = [
    # no root, no logarithm, no quotient
    ("sqrt(x^2) + abs(x) == sqrt(x^2) + x", {"x": -1}),
    ("x^2 + abs(x) == x^2 + x", {"x": -1}),
    ("x^(1/3) x^(2/3) + abs(x + y) == x + abs(x) + abs(y)", {"x": 1, "y": -1}),
    ("sqrt(x) + sign(x) == sqrt(x) + 1", {"x": 0}),
    ("log1p(x) + abs(x) == log1p(x) + x", {"x": -0.5}),
    ("x^0 + sign(x)^2 == x^0 + 1", {"x": 0}),
    ("1/(x + y) + sign(x)^2 == 1/(x + y) + 1", {"x": 0, "y": 1}),
    # powers with an exponent that may be whole, and functions with another domain
    ("x^p + abs(x) == x^p + x", {"x": -1, "p": 2}),
    ("asin(x) + abs(x) == asin(x) + x", {"x": -1}),
    ("tan(x) + sign(x)^2 == tan(x) + 1", {"x": 0}),
    # a negative number, two open signs
    ("sqrt(-3 x) + abs(x) == sqrt(-3 x) + x", {"x": -1}),
    ("log(-x) + abs(x) == log(-x) + x", {"x": -1}),
    ("sqrt(a x) + abs(x) == sqrt(a x) + x", {"x": -1, "a": -1}),
    ("log(a x) + abs(x) == log(a x) + x", {"x": -1, "a": -1}),
    # factors that may be zero
    ("sqrt((x - 7)^2 y) + abs(y) == sqrt((x - 7)^2 y) + y", {"x": 7, "y": -1}),
    ("sqrt(a^2 x) + abs(x) == sqrt(a^2 x) + x", {"x": -1, "a": 0}),
    ("sqrt(abs(a) x) + abs(x) == sqrt(abs(a) x) + x", {"x": -1, "a": 0}),
    ("sqrt(a^2 x) + 1/x + abs(x) == sqrt(a^2 x) + 1/x + x", {"x": -1, "a": 0}),
    ("sqrt(sign(a)^2 x) + abs(x) == sqrt(sign(a)^2 x) + x", {"x": -1, "a": 0}),
    ("sqrt((a^2 + b^2) x) + abs(x) == sqrt((a^2 + b^2) x) + x", {"x": -1, "a": 0, "b": 0}),
    ("sqrt(|i| y) + abs(y) + 0 x_i 1_i == sqrt(|i| y) + y + 0 x_i 1_i", {"x": [], "y": -1}),
    ("sqrt(y (1_i exp(x_i))) + abs(y) == sqrt(y (1_i exp(x_i))) + y", {"x": [], "y": -1}),
    # the diagonal alone
    ("1_j sqrt(x_ii) + abs(x_ij) == 1_j sqrt(x_ii) + x_ij (no sum i, j)", {"x": [[1, -1], [1, 1]]}),
    ("1_j log(x_ii) + sign(x_ij)^2 == 1_j log(x_ii) + 1_ij (no sum i, j)", {"x": [[1, 0], [1, 1]]}),
    (
        "sqrt(a_i 1_j + a_j 1_i + 10 + 99 δ_ij) + 1_j abs(a_i + 5)"
        " == sqrt(a_i 1_j + a_j 1_i + 10 + 99 δ_ij) + 1_j (a_i + 5)",
        {"a": [-6]},
    ),
    # sums that may be empty: facts from inside, and factors that leave
    ("abs(a) + (1_i sqrt(a exp(b_i))) == a + (1_i sqrt(a exp(b_i)))", {"a": -1, "b": []}),
    ("sign(a)^2 + (1_i log(a^2 exp(b_i))) == 1 + (1_i log(a^2 exp(b_i)))", {"a": 0, "b": []}),
    (
        "(1_ij sqrt(a_i exp(b_j))) + (1_k abs(a_k)) == (1_ij sqrt(a_i exp(b_j))) + (1_k a_k)",
        {"a": [-1], "b": []},
    ),
    ("y_i = sqrt(a exp(b_i)); abs(a) + 1_i y_i == a + 1_i y_i", {"a": -1, "b": []}),
    ("sign(a)^2 + (1_j (b_j/(a d_j))) == 1 + (1_j (b_j/(a d_j)))", {"a": 0, "b": [], "d": []}),
    ("abs(c sign(a)^2 + (1_j (b_j/(a d_j)))) == abs(c + (1_j (b_j/(a d_j))))", {"a": 0, "b": [], "c": 1, "d": []}),
    ("abs(c sign(a)^2 + (1_j log(a b_j))) == abs(c + (1_j log(a b_j)))", {"a": 0, "b": [], "c": 1}),
    # deltas, without which a function would have no value on the diagonal
    ("abs((a_ij + δ_ij)^-1 + c_ij) == abs((a_ij + δ_ij)^-1 + c_ij sign(a_ij)^2)", {"a": [[0]], "c": [[1]]}),
    ("abs(log(a_ij + δ_ij) + c_ij) == abs(log(a_ij + δ_ij) + c_ij sign(a_ij)^2)", {"a": [[0]], "c": [[1]]}),
    (
        "c_kl + 0 (1_ij log(1_ij a + δ_ij b)) + abs(1/(1_kl a + δ_kl b))"
        " == c_kl + 0 (1_ij log(1_ij a + δ_ij b)) + 1/(1_kl a + δ_kl b)",
        {"a": -1, "b": 3, "c": [[0, 0], [0, 0]]},
    ),
    # exponents and arguments beside what is not zero with them, or where the product has no value otherwise
    ("x^(p - sign(p)^2) == x^(p - 1)", {"x": 2, "p": 0}),
    ("(p + 1) exp(b sign(p)^2) == (p + 1) exp(b)", {"p": 0, "b": 1}),
    ("abs(c sign(x)^2 + p x^(-sign(p)^2)) == abs(c + p x^(-sign(p)^2))", {"c": 1, "x": 0, "p": 0}),
    (
        "abs(c sign(x)^2 + p x^(q - sign(p)^2) x^(-q)) == abs(c + p x^(q - sign(p)^2) x^(-q))",
        {"c": 1, "x": 0, "p": 0, "q": 0},
    ),
    (
        "abs(p/log(b + 1 - sign(p)^2) + c) == abs(p/log(b + 1 - sign(p)^2) + c sign(log(b))^2)",
        {"p": 0, "b": 1, "c": 1},
    ),
    ("x^0 == sign(x)^2", {"x": 0}),
    ("a atan(a) a^p == a^(p + 1)", {"a": 1, "p": 1}),
    ("1/a + a^p == 1/a + exp(p log(abs(a)))", {"a": -1, "p": 1}),
    ("a^p (2 a)^p == a^(2 p)", {"a": 1, "p": 1}),
]


def is_refuted_at(text, arrays):
    """Whether both sides have a value at some arrays, and differ; sizes that no array has are 1."""
    both = sides(eg.parse(text))
    families, of_axis = family_ranges(both)
    arrays = {name: np.asarray(value, float) for name, value in arrays.items()}
    shapes = {of_axis[name, axis]: n for name, value in arrays.items() for axis, n in enumerate(value.shape)}
    used = letters(*both.expressions()).union(*(d.indices for d in both.definitions))
    found = enclose(both.in_order(), arrays, {i: shapes.get(families[root(i)], 1) for i in used})
    return bool(np.any(found[LEFT].is_apart_from(found[RIGHT])))


@pytest.mark.parametrize(("claim", "point"), NEIGHBOURS)
def test_neighbours_that_are_false(claim, point):
    assert is_refuted_at(claim, point)
    assert not coincide(claim)


def logarithms(count: int) -> list[str]:
    """Sums over ranges of their own, each of a part that may lack a value."""
    return [f"(1_i{k} log(a{k}_i{k}))" for k in range(count)]


def test_each_range_may_be_empty_by_itself():
    sums = logarithms(6)
    assert coincide(f"{' + '.join(sums)} == {' + '.join(sums[::-1])}")


def test_cases_are_bounded():
    # Their number doubles with each range.
    sums = logarithms(14)
    with pytest.raises(TooLargeError):
        coincide(f"{' + '.join(sums)} == {' + '.join(sums[::-1])}")
