"""Claims and checks: what is proved, what is refuted and by what, what a report says."""

from __future__ import annotations

import json

import numpy as np
import pytest

import einsgrad as eg
from einsgrad.checking import check_program
from einsgrad.diagnostics import Diagnostic
from einsgrad.report import GradientResult, Report

MATMUL = "y_ij = x_ik a_kj\n"

WRONG = [
    MATMUL + "∂l/∂x_pq == ∂l/∂y_pj a_jq",  # transpose
    MATMUL + "∂l/∂x_pq == -∂l/∂y_pj a_qj",  # sign
    MATMUL + "∂l/∂x_pq == 2 ∂l/∂y_pj a_qj",  # factor
    MATMUL + "∂l/∂a_pq == ∂l/∂y_iq x_pi",  # index
    "E = x_i a_ij x_j\n∂E/∂x_p == a_pj x_j",  # a term is missing
    "E = log(1_i exp(x_i))\n∂E/∂x_p == exp(x_p)",
    "y_i = tanh(x_i)\n∂y_i/∂x_p == δ_ip (1 - y_i)",
    "y_i = sqrt(x_i)\n∂y_i/∂x_p == δ_ip / y_i",
    "(a_i b_i)^2 == a_i^2 b_i^2 1_i 1",
    "a_i + b_i == a_i + 2 b_i",
]


@pytest.mark.parametrize("text", WRONG)
def test_wrong_claims_are_refuted_with_a_counterexample_that_can_be_redone(text):
    report = eg.check(text)
    (claim,) = report.claims
    assert claim.verdict == "refuted"
    assert not report.ok
    assert claim.span.text == text.splitlines()[-1]
    example = claim.counterexample
    assert not np.allclose(example.left, example.right)
    assert all(line in str(report) for line in str(example).splitlines())


def test_counterexamples_are_small_whole_numbers_where_that_is_enough():
    (claim,) = eg.check(WRONG[0]).claims
    assert all(value.shape == (2, 2) for value in claim.counterexample.arrays.values())
    assert all(np.all(value == np.round(value)) for value in claim.counterexample.arrays.values())


def test_the_smallest_counterexample_comes_first():
    (claim,) = eg.check("y_i = a_i b_i\ny_i == a_i + b_i").claims
    assert all(value.shape == (1,) for value in claim.counterexample.arrays.values())


@pytest.mark.parametrize(
    "text",
    [
        MATMUL + "∂l/∂x_pq == ∂l/∂y_pj a_qj",
        "E = x_i a_ij x_j\n∂E/∂x_p == (a_pj + a_jp) x_j",
        "E = (y_n - x_ni w_i)^2 1_n\n∂E/∂w_p == -2 x_np (y_n - x_ni w_i)",
        "y_i = tanh(x_i)\n∂y_i/∂x_p == δ_ip (1 - y_i^2)",
        "y_i = sigmoid(x_i)\n∂y_i/∂x_p == y_i (1 - y_i) δ_ip",
        "E = 1/2 x_i x_i\nH_pq = ∂(∂E/∂x_p)/∂x_q\nH_pq == δ_pq",
    ],
)
def test_right_claims_are_proved(text):
    report = eg.check(text)
    assert [c.verdict for c in report.claims] == ["proved"]
    assert report.ok


def test_what_agrees_without_a_proof_is_not_proved():
    report = eg.check("log1p(exp(-abs(x_i))) + maximum(x_i, 0) == softplus(x_i)")
    (claim,) = report.claims
    assert claim.verdict == "not proved"
    assert claim.note.startswith("their normal forms differ, but the sides agree at ")
    assert str(report).splitlines() == [
        "not proved  <input>:1:1",
        f"    {claim.span.text}",
        "    " + "^" * len(claim.span.text),
        f"    {claim.note}",
    ]
    assert report.ok


def test_bad_text_is_reported_and_not_raised():
    report = eg.check("y_i = x_ij\nz = sofmax(y_i)")
    assert not report.ok
    assert {d.code for d in report.diagnostics} >= {"dummy-once"}
    assert "x_ij" in str(report)


def test_gradients_are_compared_with_differences():
    report = eg.check("y_ij = log(x_ik) a_kj")
    assert [g.wrt for g in report.gradients] == ["x", "a"]
    assert all(g.ok and g.error < 1e-6 for g in report.gradients)


@pytest.mark.parametrize(
    "text",
    [
        "y_i = relu(-x_i)",  # off where all inputs are positive
        "y_j = relu(w_ji relu(-x_i))",
        "y_i = relu(x_i - 2.5)",
        "l = 1_i maximum(0, -y_i s_i)",
        "y_i = acos(3 x_i)",  # not finite at the first points
        "y_i = log(-x_i - 2)",
        "y_i = sigmoid(100 x_i + 300)",  # moves, but by 1e-100
        "y_i = 1e-9 x_i",
    ],
)
def test_a_point_where_nothing_moves_is_left_for_another(text, monkeypatch):
    assert {(g.ok, g.note, g.error < 1e-6) for g in eg.check(text).gradients} == {(True, "", True)}
    tamper(monkeypatch)
    assert not eg.check(text).ok


@pytest.mark.parametrize("text", ["y_i = sign(x_i)", "y_i = 0 x_i", "y_i = 1e10 + x_i", "y_i = relu(x_i - 100)"])
def test_a_check_that_saw_nothing_says_so(text):
    report = eg.check(text)
    (gradient,) = report.gradients
    note = "nothing was seen: at the random points no output moves with it, or too little to measure"
    assert (gradient.ok, gradient.note, str(gradient.error)) == (True, note, "nan")
    assert str(report).endswith(f"gradient of y by x: {note}")
    assert report.as_dict()["gradients"][0]["note"] == note


def test_a_check_without_a_finite_value_says_so():
    (gradient,) = eg.check("y_i = log(-abs(x_i))").gradients
    assert gradient.note == "a value is not finite at the random points"


def tamper(monkeypatch):
    """Make the gradients of whatever is compiled wrong by 1 %."""
    from einsgrad import central_differences

    real = central_differences.compile_program

    class Tampered:
        def __init__(self, function):
            self.function = function

        def at(self, arrays):
            return self.function.at(arrays)

        def vjp(self, **arrays):
            value, pullback = self.function.vjp(**arrays)
            return value, lambda upstream: {x: 1.01 * g for x, g in pullback(upstream).items()}

    monkeypatch.setattr(central_differences, "compile_program", lambda *args: Tampered(real(*args)))


def test_a_wrong_gradient_is_noticed(monkeypatch):
    # The check itself is checked: a function whose code is tampered with disagrees.
    tamper(monkeypatch)
    report = check_program(eg.parse("y_i = sin(x_i)"))
    assert not report.ok
    assert "disagrees" in str(report)


def test_a_report_is_plain_data_for_tools():
    data = json.loads(json.dumps(eg.check("y_i = 2 x_i\ny_i == x_i").as_dict()))
    assert data["ok"] is False
    assert data["claims"][0]["verdict"] == "refuted"
    assert (data["claims"][0]["file"], data["claims"][0]["line"], data["claims"][0]["column"]) == ("<input>", 2, 1)
    assert data["claims"][0]["counterexample"] == {
        "arrays": {"x": [1.0]}, "sizes": {}, "place": {"i": 0}, "left": [2.0], "right": [1.0],
    }  # fmt: skip
    assert data["gradients"][0]["wrt"] == "x"


def test_indices_that_no_input_has_get_a_size():
    assert eg.check("a_ij = 1_i b_j").ok


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("y_i = x_i w_i; y_i == w_i x_i", "ok: 1 claim proved, 2 gradients confirmed"),
        ("y_i = x_i; y_i == 2 x_i; y_i == x_i", "failed: 1 claim refuted, 1 claim proved, 1 gradient confirmed"),
        ("y_i = x_ij; z_i = sofmax(w_i)", "bad input: 2 errors"),
        ("y_ij = 1_j x_ij", "ok: 1 warning, 1 gradient confirmed"),
        ("y_i = 1_i", "ok: nothing to check"),
    ],
)
def test_a_report_shows_itself_in_a_line_and_in_notebooks(text, told):
    report = eg.check(text)
    assert repr(report) == f"Report({told})"
    assert [repr(claim) for claim in report.claims] == [f"ClaimResult({c.verdict}: {c.text})" for c in report.claims]
    head, _, details = report._repr_markdown_().partition("\n")
    assert head == f"**{told}**"
    assert details == (f"\n```text\n{report}\n```\n" if str(report) else "")


def test_a_report_counts_what_is_worst_first():
    report = Report(
        diagnostics=(Diagnostic("near-name", "x beside X", severity="warning"),),
        gradients=(
            GradientResult(("y",), "x", 1e-9, True),
            GradientResult(("y",), "a", 0.5, False),
            GradientResult(("y",), "b", float("nan"), True, "not finite"),
        ),
    )
    assert repr(report.gradients[1]) == "GradientResult(disagrees: gradient of y by a: 5e-01 off central differences)"
    told = "failed: 1 warning, 1 gradient wrong, 1 gradient unchecked, 1 gradient confirmed"
    assert repr(report) == f"Report({told})"
    assert str(report).splitlines()[1:] == [
        "agrees      gradient of y by x: 1e-09 off central differences",
        "disagrees   gradient of y by a: 5e-01 off central differences",
        "unchecked   gradient of y by b: not finite",
    ]


@pytest.mark.parametrize("order", [40, 60, 64])
def test_tensors_of_many_axes_are_checked_at_a_small_point(order):
    letters = ",".join(f"i{k}" for k in range(order))
    (gradient,) = eg.check(f"t[{letters}] = sin(u[{letters}])").gradients
    assert gradient.ok
    assert gradient.error < 1e-6


def test_sums_over_more_letters_than_an_array_has_axes():
    first, second = (",".join(f"{letter}{k}" for k in range(40)) for letter in "ij")
    report = eg.check(f"y = t[{first}] u[{second}] t[{second}] u[{first}]\ny == t[{first}] u[{first}]")
    assert [claim.verdict for claim in report.claims] == ["not proved"]
    assert [g.ok for g in report.gradients] == [True, True]


@pytest.mark.parametrize(
    "text",
    ["y = log(-1) + x", "y = x/0", "y = log(x - 5)", "y = exp(x 1000)", "x/0 == 3", "y = a x; a = 2^1000; b = a^2"],
)
def test_no_warning_of_numpy_reaches_the_reader(text, recwarn):
    eg.check(text)
    assert not recwarn.list


@pytest.mark.parametrize(("factor", "verdict"), [(2, "proved"), (3, "refuted")])
def test_a_gradient_that_the_text_states_as_an_equation_is_judged(factor, verdict):
    text = f"E = x_i x_i; ∂E/∂x_p = {factor} x_p; u_p = x_p - η ∂E/∂x_p"
    report = eg.check(text)
    (claim,) = report.claims
    assert (claim.verdict, claim.span.text, report.ok) == (verdict, f"∂E/∂x_p = {factor} x_p", factor == 2)
    assert [g.wrt for g in report.gradients] == ["x", "η"]


def test_a_stated_gradient_changes_nothing_that_is_derived_or_computed():
    stated, plain = (eg.parse("E = x_i x_i" + more) for more in ("; ∂E/∂x_p = 3 x_p", ""))
    assert eg.grad(stated) == eg.grad(plain)
    value, gradients = eg.compile(stated).value_and_grad(x=np.array([1.0, 2.0]))
    assert (value, gradients["x"].tolist()) == (5, [2, 4])
