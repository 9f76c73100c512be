"""The benchmarks' workloads at their small sizes: einsgrad's equations give what the peers' formulas do."""

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("autograd")

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import libraries
import truth
from workloads import WORKLOADS


@pytest.mark.parametrize("name", WORKLOADS)
def test_equations_and_formula_agree(name):
    problem = truth.draw(WORKLOADS[name], "small")
    true_value, true_gradients = truth.true_results(problem)
    value, gradients = libraries.einsgrad(problem)()
    for found, true in zip([value, *gradients], [true_value, *true_gradients], strict=True):
        assert np.linalg.norm(true) > 0
        assert found.dtype == WORKLOADS[name].dtype
        np.testing.assert_allclose(found, true, rtol=1e-3, atol=1e-4 * np.max(np.abs(true)))
