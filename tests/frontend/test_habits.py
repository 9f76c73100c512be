"""Habits of other notations: the one error that each gets, and that its fix means what its author meant."""

import numpy as np
import pytest
from habit_table import HABITS
from pasting import mended

import einsgrad as eg
from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.parser import parse_program

SIZE = 3


@pytest.mark.parametrize(
    ("text", "code", "message", "place", "fix", "meant"), HABITS, ids=lambda value: str(value)[:40]
)
def test_each_habit(text, code, message, place, fix, meant):
    with pytest.raises(LanguageError) as caught:
        parse_program(text)
    (found,) = (d for d in caught.value.diagnostics if d.severity == "error")
    assert (found.code, found.message, found.span.text, found.fix) == (code, message, place, fix)
    assert len(meant) == len((fix or "").splitlines())


@pytest.mark.parametrize(
    ("text", "choice", "meant"),
    [(text, choice, value) for text, *_, meant in HABITS for choice, value in enumerate(meant)],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_its_fix_means_what_the_author_meant(text, choice, meant, sign):
    program = parse_program(mended(text, choice))
    rng = np.random.default_rng(7)
    arrays = {name: rng.uniform(0.2, 0.9, (SIZE,) * len(program.indices(name))) for name in program.inputs}
    arrays = {name: array * rng.choice([1, sign], array.shape) for name, array in arrays.items()}
    with np.errstate(invalid="ignore"):
        found = eg.compile(program)(**arrays)
        wanted = eval(meant, {"np": np, **arrays})
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "y_i = b_ij(c_ij + d_ij)",
        "mean_i = z_i; y_i = mean_i (x_i + 1)",
        "mean_i = z_i; w_j = mean_i x_ij",
        "exp2 = a; y = exp2(b + c)",
        "y_i = x_i^n + n z_i",
        "y_i = a_i^n_i + b_i^n_i + 1_i n_i",
        "y_i = a^(1_i) + b^(n_i) + c^n_i",
        "y_i = x_i^a + a z_i",
        "y_ij = W_in[i,j] W_in_ij",
        "y_i = 2.*x_i + 3.",
        "y = x*2 # a (1), b ** c @ d, 5 %",
        "y_i = exp (x_i) sum_{j, k} A_ijk",
        "y = a (b + 2)",
        "y_i = maximum(x_i, 0) - minimum(0, x_i)",
        "a_i b_i == b_i a_i (no sum i)",
        "y_i = δ_ij x_j^2 |i| (2) x_i",
        "for_i = x_i; y_i = for_i",
        "T = 2; y_ij = A_ij^T + B^T 1_ij",
    ],
)
def test_what_is_no_habit_is_read(text):
    parse_program(text)


@pytest.mark.parametrize(
    "text", ["||" * 40000, "a" * 90000, "x[" * 900 + "]" * 900, "<" * 90000, "f." * 40000, "|" * 90001]
)
def test_hostile_texts_are_refused(text):
    with pytest.raises(LanguageError):
        parse_program(f"y = {text}")
