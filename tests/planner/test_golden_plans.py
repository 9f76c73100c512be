"""Plans of gallery programs as ``explain`` tells them, so that a change of plan is seen in review.

``python tests/planner/test_golden_plans.py`` writes the goldens anew.
"""

from pathlib import Path

import pytest

import einsgrad as eg

GOLDEN = Path(__file__).parents[1] / "golden"
PROGRAMS = (
    "attention",
    "bilinear",
    "cp",
    "gaussian_likelihood",
    "info_nce",
    "layer_norm",
    "logistic_regression",
    "lstm_cell",
    "mlp",
    "mps_overlap",
    "rms_norm",
    "softmax",
)


def plan_of(name):
    return f"{eg.compile(eg.load(name)).explain()}".rstrip("\n") + "\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_plan_is_the_golden_one(name):
    assert plan_of(name) == (GOLDEN / f"plan_{name}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for name in PROGRAMS:
        (GOLDEN / f"plan_{name}.txt").write_text(plan_of(name), encoding="utf-8")
