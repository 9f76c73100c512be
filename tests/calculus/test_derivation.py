"""Derivations: their lines are equal, end at the gradients that are compiled, and read as in the literature."""

import random

import pytest

import einsgrad as eg
from einsgrad.gallery import names
from tests.derivations import Judge
from tests.programs import write_program

# Their lines take minutes to evaluate by the reference interpreter.
LARGE = {"transformer_block"}


@pytest.mark.parametrize("name", sorted(set(names()) - LARGE))
def test_consecutive_lines_of_the_gallery_are_equal(name):
    judge = Judge(eg.load(name))
    assert judge.sections
    assert judge.disagreements() == []


@pytest.mark.parametrize("seed", range(60))
def test_consecutive_lines_of_random_programs_are_equal(seed):
    assert Judge(write_program(random.Random(seed))).disagreements() == []
