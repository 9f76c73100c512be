"""Derived gradients as people read them, to the letter; each golden parses and is worth what it says.

``python tests/calculus/test_golden_gradients.py`` writes the goldens anew; read them before they are committed.
"""

import sys
from pathlib import Path

import pytest

import einsgrad as eg
from einsgrad.ir.verifier import verify

GOLDEN = Path(__file__).parent.parent / "golden"
NAMES = (
    "attention",
    "batch_norm",
    "cosine_similarity",
    "cp",
    "elastic_energy",
    "gaussian_mixture",
    "gru_cell",
    "info_nce",
    "l2_norm",
    "layer_norm",
    "logistic_regression",
    "lstm_cell",
    "mahalanobis",
    "matmul",
    "mlp",
    "mps_overlap",
    "softmax",
    "trace",
)


def path(name):
    return GOLDEN / f"gradients_{name}.ein"


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_the_golden_ones(name):
    assert str(eg.grad(eg.load(name))) == path(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_goldens_are_programs(name):
    program = eg.load(path(name))
    verify(program)
    assert all(output.startswith("∂") for output in program.outputs)


if __name__ == "__main__":
    for name in NAMES:
        path(name).write_text(str(eg.grad(eg.load(name))), encoding="utf-8")
    sys.exit(0)
