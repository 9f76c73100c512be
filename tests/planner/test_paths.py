"""Contraction paths: any optimizer, limits that are kept or refused, and letters of every kind."""

import random
import time

import numpy as np
import opt_einsum
import pytest

import einsgrad as eg
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.nodes import Index
from einsgrad.planner.network_paths import Network, within
from einsgrad.planner.options import OPTIMIZERS, PlanOptions, plan_options, read_memory
from einsgrad.planner.paths import find_path
from einsgrad.reference import evaluate

# Letters on three operands and more, kept or not; repeated ones, lone ones, outer products.
PRODUCTS = [
    "a_i b_i c_ij d_i",
    "a_ir b_jr c_kr d_r",
    "a_ijk b_ir c_jr d_kr",
    "a_ii b_ij c_jj",
    "a_i b_j c_k d_ik",
    "a_ij b_jk c_kl d_li e_lj",
    "a_ni b_nij c_njk d_nk",
]


def free_letters(product, count):
    return "".join(sorted({c for word in product.split() for c in word.split("_")[1]})[:count])


def operands_of(product):
    return [tuple(map(Index, word.split("_")[1])) for word in product.split()]


def einsum_of(product, free, arrays):
    inputs = ",".join(word.split("_")[1] for word in product.split())
    return np.einsum(f"{inputs}->{free}", *(arrays[word.split("_")[0]] for word in product.split()))


def draw(product, sizes, seed=0):
    rng = np.random.default_rng(seed)
    return {word.split("_")[0]: rng.normal(size=[sizes[c] for c in word.split("_")[1]]) for word in product.split()}


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, pytest.param(opt_einsum.RandomGreedy(max_repeats=4), id="object")])
@pytest.mark.parametrize("product", PRODUCTS)
def test_every_optimizer_gives_a_path_of_all_operands(product, optimizer):
    operands = operands_of(product)
    path = find_path(operands, {Index("i")}, dict.fromkeys(map(Index, "ijklnr"), 7), plan_options(optimizer))
    assert len(path) == len(operands) - 1
    for step, (first, second) in enumerate(path):
        assert 0 <= first < second < len(operands) - step


@pytest.mark.parametrize("extents", [[2, 3, 4, 5, 2, 3], [1, 3, 1, 2, 1, 1], [0, 2, 3, 0, 2, 2], [3, 1, 0, 2, 1, 0]])
@pytest.mark.parametrize("free", [0, 1, 2])
@pytest.mark.parametrize("product", PRODUCTS)
def test_products_have_the_values_of_einsum_and_the_gradients_of_the_reference(product, free, extents):
    sizes = dict(zip("ijklnr", extents, strict=True))
    kept = free_letters(product, free)
    text = f"y_{kept} = {''.join(f'sum_{c} ' for c in free_letters(product, 9)[free:])}{product}" if kept else ""
    text = text or f"y = {''.join(f'sum_{c} ' for c in free_letters(product, 9))}{product}"
    arrays = draw(product, sizes)
    f = eg.compile(text, optimizer="dp")
    expected = einsum_of(product, kept, arrays)
    np.testing.assert_allclose(f(**arrays), expected, rtol=1e-12, atol=1e-12)
    value, pullback = f.vjp(**arrays)
    upstream = np.random.default_rng(1).normal(size=np.shape(value))
    derived = eg.grad(eg.parse(text))
    names = {"y": "∂l/∂y"} if kept else {}
    environment = {**arrays, **dict.fromkeys(names.values(), upstream)}
    used = {c: sizes[c] for c in free_letters(product, 9)}
    scale = 1 if kept else upstream
    reference = evaluate(derived, environment, used)
    for name, gradient in pullback(upstream).items():
        exact = reference[f"∂l/∂{name}" if kept else f"∂y/∂{name}"]
        np.testing.assert_allclose(gradient, scale * exact, rtol=1e-12, atol=1e-12)


def test_the_best_of_a_dozen_operands_is_found():
    # Thin between fat bonds: a greedy search closes the wrong ones first.
    rng = random.Random(5)
    edges = [(a, (a + step) % 12) for a in range(12) for step in (1, 5)]
    operands = [tuple(Index(f"i{k}") for k, edge in enumerate(edges) if node in edge) for node in range(12)]
    sizes = {i: rng.choice([2, 8, 32]) for i in sorted({i for o in operands for i in o}, key=str)}

    def cost(options):
        left, total = [set(o) for o in operands], 0
        for first, second in find_path(operands, (), sizes, options):
            b, a = left.pop(second), left.pop(first)
            total += int(np.prod([sizes[i] for i in a | b]))
            left.append(a ^ b)
        return total

    assert cost(PlanOptions()) == min(cost(PlanOptions(name)) for name in ("dp", "branch-1", "greedy"))


def test_a_users_optimizer_is_asked_in_the_letters_of_einsum():
    asked = []

    def in_turn(inputs, output, size_dict, memory_limit=None):
        asked.append((inputs, output, size_dict))
        return [(0, 1)] * (len(inputs) - 1)

    f = eg.compile("y_ik = a_ij b_jk s_k", wrt=(), sizes={"i": 5, "j": 6, "k": 7}, optimizer=in_turn)
    assert asked == [([{"a", "b"}, {"b", "c"}, {"c"}], {"a", "c"}, {"a": 5, "b": 6, "c": 7})]
    arrays = draw("a_ij b_jk s_k", {"i": 5, "j": 6, "k": 7})
    np.testing.assert_allclose(f(**arrays), np.einsum("ij,jk,k->ik", *arrays.values()))


def test_one_optimizer_object_serves_several_products():
    f = eg.compile("y = a_ij b_jk c_ki; z_i = a_ij b_jk c_kl d_l", optimizer=opt_einsum.RandomGreedy(max_repeats=2))
    rng = np.random.default_rng(0)
    arrays = {name: rng.normal(size=(3, 3)) for name in "abc"} | {"d": rng.normal(size=3)}
    np.testing.assert_allclose(f(**arrays)[1], arrays["a"] @ arrays["b"] @ arrays["c"] @ arrays["d"])


@pytest.mark.parametrize("path", [[(0, 1)], [(0, 0), (0, 1)], [(0, 5)], [], "ab", None])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(eg.UsageError) as caught:
        eg.compile("y_i = a_ij b_jk c_k", optimizer=lambda *_: path)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "not-a-path"
    assert diagnostic.message == f"the optimizer gave no contraction path of 3 operands: {path!r}"


def test_the_state_of_random_is_kept():
    random.seed(3)
    state = random.getstate()
    find_path(
        operands_of("a_ij b_jk c_kl d_lm e_mi"), (), dict.fromkeys(map(Index, "ijklm"), 3), PlanOptions("random-greedy")
    )
    assert random.getstate() == state


# --- limits of memory

RING = "y = a_ij b_jk c_kl d_li"


def largest(product, keep, sizes, options):
    left, found = [set(o) for o in operands_of(product)], 0
    for first, second in find_path(operands_of(product), keep, sizes, options):
        b, a = left.pop(second), left.pop(first)
        left.append((a | b) & {*keep, *(i for o in left for i in o)})
        found = max(found, 8 * int(np.prod([sizes[i] for i in left[-1]])) if len(left) > 1 else 0)
    return found


def test_a_dearer_path_is_taken_where_the_cheapest_needs_too_much_memory():
    sizes = {Index("i"): 40, Index("j"): 50, Index("k"): 2, Index("l"): 60}
    product = "a_ik b_kj c_jl d_li"
    free = largest(product, (), sizes, PlanOptions("greedy"))
    options = [PlanOptions(memory_limit=limit) for limit in (free, 8 * 120)]
    assert free > 8 * 120
    assert [largest(product, (), sizes, o) <= o.memory_limit for o in options] == [True, True]


def all_paths(count):
    if count == 1:
        yield []
    for second in range(count):
        for first in range(second):
            yield from ([(first, second), *rest] for rest in all_paths(count - 1))


@pytest.mark.parametrize("seed", range(8))
def test_the_search_within_memory_misses_nothing(seed):
    rng = random.Random(seed)
    inputs = tuple(tuple(rng.sample(range(6), rng.randint(0, 3))) for _ in range(5))
    network = Network(inputs, frozenset(rng.sample(range(6), 2)), tuple(rng.choice([1, 2, 5, 9]) for _ in range(6)))
    paths = list(all_paths(5))
    least = min(map(network.largest, paths))
    for limit in {*map(network.largest, paths)}:
        cheapest = min(network.multiplications(p) for p in paths if network.largest(p) <= limit)
        found = within(network, limit)
        assert (network.multiplications(found), network.largest(found) <= limit) == (cheapest, True)
    assert network.largest(within(network, least - 1)) == least


@pytest.mark.parametrize("length", [4, 24])
def test_where_no_path_keeps_within_memory_the_smallest_results_are_taken(length):
    letters = "ijklmnopqrstuvwxyzabcdef"[:length]
    ring = " ".join(f"t{k}_{a}{b}" for k, (a, b) in enumerate(zip(letters, letters[1:] + letters[0], strict=True)))
    sizes = dict.fromkeys(map(Index, letters), 100)
    assert largest(ring, (), sizes, PlanOptions(memory_limit=10_000)) == 80_000


def test_gradients_keep_within_the_limit_of_the_value():
    text = "y = a_ik b_kj c_jl d_li"
    sizes = {"i": 40, "j": 50, "k": 2, "l": 60}
    arrays = draw("a_ik b_kj c_jl d_li", sizes)
    free, limited = (eg.compile(text, sizes=sizes, memory_limit=m) for m in (None, "60 kB"))
    for name, gradient in free.value_and_grad(**arrays)[1].items():
        np.testing.assert_allclose(limited.value_and_grad(**arrays)[1][name], gradient, rtol=1e-10)


# --- options as users give them


@pytest.mark.parametrize(
    ("given", "code", "message", "fix"),
    [
        ({"optimizer": "gredy"}, "unknown-optimizer", "there is no optimizer 'gredy': did you mean greedy?", None),
        ({"optimizer": 3}, "unknown-optimizer", "there is no optimizer 3", None),
        ({"memory_limit": "much"}, "bad-memory-limit", "'much' is no amount of memory", 'memory_limit="200MB"'),
        ({"memory_limit": -1}, "bad-memory-limit", "-1 is no amount of memory", 'memory_limit="200MB"'),
        ({"memory_limit": True}, "bad-memory-limit", "True is no amount of memory", 'memory_limit="200MB"'),
        ({"search_time": 0}, "bad-search-time", "a search can't take 0 seconds", "search_time=1"),
        ({"search_time": "long"}, "bad-search-time", "a search can't take 'long' seconds", "search_time=1"),
        (
            {"search_time": 1, "optimizer": "dp"},
            "untimed-optimizer",
            "the search of 'dp' can't be timed",
            'optimizer="random-greedy"',
        ),
    ],
)
def test_options_that_are_none(given, code, message, fix):
    with pytest.raises(eg.UsageError) as caught:
        eg.compile("y_i = a_ij x_j", **given)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.message, diagnostic.fix) == (code, message, fix)


@pytest.mark.parametrize(
    ("text", "size"), [("0", 0), ("512", 512), ("1 kb", 1000), ("1KiB", 1024), ("0.5GB", 5 * 10**8), (7, 7)]
)
def test_amounts_of_memory(text, size):
    assert read_memory(text) == size


def test_a_search_stops_when_its_time_is_over():
    rng = random.Random(0)
    edges = [rng.sample(range(100), 2) for _ in range(200)]
    operands = [tuple(Index(f"i{k}") for k, edge in enumerate(edges) if node in edge) for node in range(100)]
    sizes = {i: 2 for o in operands for i in o}
    started = time.perf_counter()
    path = find_path(operands, (), sizes, PlanOptions(search_time=0.05))
    assert len(path) == 99
    assert time.perf_counter() - started < 20  # 1,024 trials would take minutes


def test_brackets_are_multiplied_out_only_where_that_is_allowed():
    text = "l = 1_ijk (t_ijk - a_ir b_jr c_kr)^2"
    assert "1_ijk" in str(parse_program(text))
    sizes = dict.fromkeys("ijk", 200) | {"r": 8}
    expanded, whole = (eg.compile(text, sizes=sizes, expand=expand).joint.program for expand in (True, False))
    assert "^2" not in str(expanded)
    assert "^2" in str(whole)
