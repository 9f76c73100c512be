"""Random programs with operators, conditions, inverses and determinants: as in :mod:`test_random_programs`.

Sizes are from 1: a mean of nothing is none.
"""

from __future__ import annotations

import random

import pytest
import test_random_programs as properties
from constructs import write_constructs

import einsgrad as eg
from einsgrad.ir.verifier import verify


@pytest.mark.parametrize("seed", range(200))
def test_printing_and_parsing_gives_the_same_program(seed: int) -> None:
    program = write_constructs(random.Random(seed))
    verify(program)
    assert str(eg.parse(str(program))) == str(program)


@pytest.mark.parametrize(
    "agree",
    [
        properties.test_values_and_gradients_agree_with_the_reference,
        properties.test_hessian_vector_products_agree_with_differences_of_gradients,
    ],
    ids=["values and gradients", "Hessians"],
)
@pytest.mark.parametrize("seed", range(60))
def test_what_is_compiled_agrees(seed: int, agree) -> None:
    rng = random.Random(seed)
    program = write_constructs(rng)
    agree.hypothesis.inner_test(program, {axis: rng.randint(1, 4) for axis in "ijk"}, seed)
