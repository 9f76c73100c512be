"""Contraction paths: the order in which the operands of a product are contracted, found by opt_einsum.

Any of its optimizers can be asked, or one of the user's; whatever it answers becomes a path of pairs. Where a path has
an intermediate result that is larger than a call may hold, the cheapest path without one is taken, and where there is
none the one of the smallest results: slices of it may fit.
"""

from __future__ import annotations

import copy
import functools
import itertools
import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from opt_einsum import paths
from opt_einsum.parser import get_symbol
from opt_einsum.path_random import RandomGreedy

from einsgrad.diagnostics import Diagnostic, UsageError
from einsgrad.ir.nodes import Index
from einsgrad.planner.network_paths import Network, Path, within
from einsgrad.planner.options import DEFAULT, PlanOptions
from einsgrad.planner.plan import Labels

# Up to this many operands the best path is searched for exhaustively.
_EXHAUSTIVE = 4
# Up to this many, the best path without outer products is, if few pairs of operands have letters in common.
_DYNAMIC = 14
_PAIRS_EACH = 2
# Up to this many, among all paths there are, where memory is short.
_ALL_PATHS = 10
# How many random paths are tried at most where memory is short, or where the time for a search is given.
_SMALL_TRIALS, _TIMED_TRIALS = 64, 1024
# Bytes of a number, of double precision: single precision takes half of what is allowed.
_ITEM = 8


def find_path(
    operands: Sequence[Labels],
    keep: Collection[Index],
    sizes: Mapping[Index, int],
    options: PlanOptions = DEFAULT,
) -> Path:
    """Find a path along which a product of operands is contracted, where the letters ``keep`` are not summed.

    Raises:
        UsageError: the user's optimizer gave none.

    >>> i, j, k = map(Index, "ijk")
    >>> find_path([(i, j), (j, k), (k,)], {i}, dict.fromkeys((i, j, k), 10))
    [(1, 2), (0, 1)]
    """
    if len(operands) <= 2:
        return [(0, 1)] if len(operands) == 2 else []
    # Numbers for letters: opt_einsum breaks ties by set order, which is the same in every run for numbers only.
    number = {letter: k for k, letter in enumerate(dict.fromkeys(i for labels in operands for i in labels))}
    network = Network(
        tuple(tuple(number[i] for i in labels) for labels in operands),
        frozenset(number[i] for i in number if i in keep),
        tuple(sizes[i] for i in number),
    )
    path = _search(network, options)
    if options.memory_limit is None or _ITEM * network.largest(path) <= options.memory_limit:
        return list(path)
    return list(_smaller(network, options.memory_limit // _ITEM))


@functools.lru_cache(maxsize=512)  # the same product is planned for the forward function and for each set of gradients
def _search(network: Network, options: PlanOptions) -> Path:
    if callable(options.optimizer):
        return _ask(network, options.optimizer)
    count = len(network.inputs)
    if options.search_time is not None and (options.optimizer != "auto" or count > _ALL_PATHS):
        trials = {"random-greedy": 32, "random-greedy-128": 128}.get(options.optimizer, _TIMED_TRIALS)
        return _run(network, RandomGreedy(max_repeats=trials, max_time=options.search_time))
    if options.optimizer == "auto":
        return _automatic(network)
    return _run(network, paths.get_path_fn(options.optimizer))


def _automatic(network: Network) -> Path:
    """Search as well as takes some milliseconds.

    Among a dozen operands opt_einsum's own choice finds paths that cost two or three times what the best one does, and
    at times twenty. Dynamic programming finds that, but for outer products, and is fast where operands have few
    neighbours.
    """
    count = len(network.inputs)
    if count <= _EXHAUSTIVE:
        return _run(network, paths.optimal)
    found = [_run(network, paths.auto)]
    if count <= _DYNAMIC:
        pairs = sum(not set(a).isdisjoint(b) for a, b in itertools.combinations(network.inputs, 2))
        if pairs <= _PAIRS_EACH * count:
            found.append(_run(network, paths.dynamic_programming))
    return min(found, key=lambda path: network.multiplications(path))


def _run(network: Network, search: Any) -> Path:
    """Search by an optimizer of opt_einsum.

    It remembers what a pair leaves by the letters of the two, which is wrong where a letter stands on three operands
    and two of them look alike. A letter of size one on each, never summed, tells all operands apart.
    """
    extents = dict(enumerate(network.extents))
    tags = range(len(extents), len(extents) + len(network.inputs))
    extents.update(dict.fromkeys(tags, 1))
    inputs = [frozenset([*letters, tag]) for letters, tag in zip(network.inputs, tags, strict=True)]
    with _random_state_kept():
        return _pairs(search(inputs, network.output.union(tags), extents, None), len(inputs))


def _ask(network: Network, optimizer: Any) -> Path:
    """Search by the user's optimizer: a copy, since one that keeps account of its search serves one product only."""
    symbols = [get_symbol(k) for k in range(len(network.extents))]
    inputs = [frozenset(symbols[k] for k in letters) for letters in network.inputs]
    output = frozenset(symbols[k] for k in network.output)
    extents = dict(zip(symbols, network.extents, strict=True))
    given = copy.deepcopy(optimizer)(inputs, output, extents, None)
    try:
        return _pairs(given, len(inputs))
    except (TypeError, ValueError, IndexError):
        message = f"the optimizer gave no contraction path of {len(inputs)} operands: {given!r}"
        raise UsageError([Diagnostic("not-a-path", message)]) from None


def _pairs(given: Iterable[Sequence[int]], count: int) -> Path:
    """Give a path in pairs: opt_einsum's may take one operand, to sum by itself, or several at a time.

    >>> _pairs([(0,), (0, 1, 2), (0, 1)], 4)
    [(1, 2), (1, 2), (0, 1)]
    """
    theirs, ours, path = list(range(count)), list(range(count)), []
    for positions in given:
        taken = [theirs[k] for k in positions]
        theirs = [operand for operand in theirs if operand not in taken]
        first, *others = taken
        for other in others:
            a, b = sorted((ours.index(first), ours.index(other)))
            path.append((a, b))
            ours = [operand for operand in ours if operand not in (first, other)]
            first = count = count + 1
            ours.append(first)
        theirs.append(first)
    if len(ours) != 1 or any(a == b for a, b in path):
        raise ValueError("operands are left")
    return path


def _smaller(network: Network, limit: int) -> Path:
    """Give the cheapest path within a limit of elements; where none is found, the one of the smallest results."""
    if len(network.inputs) <= _ALL_PATHS:
        return within(network, limit)
    return _run(network, RandomGreedy(max_repeats=_SMALL_TRIALS, minimize="size"))


@contextmanager
def _random_state_kept() -> Iterator[None]:
    """Keep the state of :mod:`random`, which opt_einsum sets for each random path."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
