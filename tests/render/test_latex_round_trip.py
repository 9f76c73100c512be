"""Programs written as LaTeX read back as the same programs."""

import random

import pytest
from programs import write_program

import einsgrad as eg
from einsgrad.gallery import names
from einsgrad.ir.conditions import is_condition
from einsgrad.ir.traversal import postorder
from einsgrad.render.latex import latex_program


def again(program):
    return eg.parse(latex_program(program), dialect="latex")


@pytest.mark.parametrize("name", names())
def test_gallery(name):
    program = eg.load(name)
    assert again(program) == program


@pytest.mark.parametrize("name", names())
def test_gradients_of_the_gallery(name):
    program = eg.grad(eg.load(name))
    if any(map(is_condition, postorder(*program.expressions()))):  # LaTeX texts have no conditions
        with pytest.raises(eg.LanguageError):
            again(program)
    else:
        assert again(program) == program


@pytest.mark.parametrize("seed", range(300))
def test_random_programs(seed):
    program = write_program(random.Random(seed))
    assert str(again(program)) == str(eg.parse(str(program)))
