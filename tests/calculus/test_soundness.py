"""No proof of anything false: random claims, judged by their forms alone, and points at which they would be false.

The prover's own search for counterexamples is not asked. Run by hand, ``python tests/calculus/test_soundness.py 20000``
tries as many claims, each at more points and at all sizes; a second number is the seed of the first claim.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest does, when run by hand

from adversary import refutes
from forms import sides, sides_coincide
from random_claims import write_claim

from einsgrad.calculus.atoms import TooLargeError, UndefinedError
from einsgrad.ir.program import Program

CLAIMS, AT_ONCE = 1500, 100


def judged(seed: int) -> tuple[str, Program]:
    """The verdict on a random claim without any search, and the equations of its sides; odd ones are changed."""
    both = sides(write_claim(random.Random(seed), changed=seed % 2 == 1))
    try:
        return "proved" if sides_coincide(both) else "not proved", both
    except (TooLargeError, UndefinedError) as error:
        return type(error).__name__, both


@pytest.mark.parametrize("first", range(0, CLAIMS, AT_ONCE))
def test_what_is_proved_is_false_nowhere(first):
    proved = Counter[bool]()
    for seed in range(first, first + AT_ONCE):
        verdict, both = judged(seed)
        changed = seed % 2 == 1
        if verdict == "proved":
            proved[changed] += 1
            assert not changed or not refutes(both, points=12, most_sizes=6, seed=seed)
    # Most copies are recognised, and most changes are not explained away.
    assert proved[False] >= 0.7 * AT_ONCE / 2
    assert proved[True] <= 0.6 * AT_ONCE / 2


def main(count: int, first: int = 0) -> int:
    verdicts, wrong = Counter[str](), 0
    for seed in range(first, first + count):
        verdict, both = judged(seed)
        verdicts[verdict] += 1
        if verdict == "proved" and (found := refutes(both, points=40, seed=seed)):
            wrong += 1
            print(f"claim {seed}:\n{both}{found}")
    print(f"{count} claims: {dict(verdicts)}; {wrong} wrong proofs")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
