"""Which indices are summed, and where: each rule with its examples, by what the equations evaluate to."""

import numpy as np
import pytest

from einsgrad.diagnostics import LanguageError
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.verifier import verify
from einsgrad.reference import evaluate

RNG = np.random.default_rng(0)
N = 3
SHAPES = {
    **dict.fromkeys("abcdgpqvwxz", 1),
    **dict.fromkeys(["A", "B", "C", "R", "X", "W"], 2),
    **dict.fromkeys(["s", "λ", "ε"], 0),
}
ARRAYS = {name: RNG.uniform(0.5, 1.5, (N,) * order) for name, order in SHAPES.items()}
a, b, c, d, g, p, q, v, w, x, z = (ARRAYS[name] for name in "abcdgpqvwxz")
A, B, C, R, X, W = (ARRAYS[name] for name in "ABCRXW")
s = ARRAYS["s"]
SUM = "ambiguous-sum"


def value(text):
    program = parse_program(text)
    verify(program)
    assert parse_program(str(program)) == program
    arrays = {name: ARRAYS[name] for name in program.inputs}
    return evaluate(program, arrays, {"i": N, "j": N, "k": N})[program.outputs[-1]]


def codes(text):
    with pytest.raises(LanguageError) as caught:
        parse_program(text)
    return [found.code for found in caught.value.diagnostics]


CASES = {
    "free and dummy": ("y_ij = A_ik B_kj", A @ B),
    "the diagonal": ("y_i = A_ii", np.diag(A)),
    "the trace": ("y = A_ii", np.trace(A)),
    "the trace among factors": ("y = s A_ii", s * np.trace(A)),
    "more than twice": ("y = a_i b_i c_i", np.sum(a * b * c)),
    "each term has its own sums": ("y = a_i b_i + c_i d_i", a @ b + c @ d),
    "a one-tensor sums": ("y = 1_i a_i", a.sum()),
    "a one-tensor broadcasts": ("y_ij = 1_i a_j", np.tile(a, (N, 1))),
    "a one-tensor alone": ("u = a_i a_i; y = 1_i 1_i", N),
    "a scalar term in a sum": ("y_i = a_i + s", a + s),
    "a number in a sum": ("y_i = a_i + 1", a + 1),
    "a scalar term in an inner sum": ("y_i = a_i (b_i + s)", a * (b + s)),
    "a diagonal matrix": ("y_ij = δ_ij a_i", np.diag(a)),
    "an argument sums": ("y_i = log(1_j exp(X_ij))", np.log(np.exp(X).sum(1))),
    "outside a power": ("y_b = 1_h (X_bh - 1_h a_b)^2", ((X - a[:, None]) ** 2).sum(1)),
    "inside a power": ("y = (x_h g_h)^2", (x @ g) ** 2),
    "in an argument, each term": (
        "y = sigmoid(w_i x_i + v_i z_i + s)",
        1 / (1 + np.exp(-(w @ x + v @ z + s))),
    ),
    "in brackets": ("y = s (a_i b_i)", s * (a @ b)),
    "a quotient of brackets": ("y = -(x_i a_i) / (v_i a_i)", -(x @ a) / (v @ a)),
    "a quotient of three": ("y = s (x_i a_i) / (v_i a_i) / (1_i b_i)", s * (x @ a) / (v @ a) / b.sum()),
    "a quotient of brackets with a free index": ("y_b = (W_bi x_i) / (X_bi x_i)", (W @ x) / (X @ x)),
    "a quotient of brackets that don't sum": ("y = 1_i (a_i) / (b_i)", np.sum(a / b)),
    "in a denominator": ("y_i = a_i / (1_j b_j)", a / b.sum()),
    "one reading: a function and a factor": ("y = p_i log(p_i / q_i)", np.sum(p * np.log(p / q))),
    "one reading: terms that all have the letter": (
        "y_ij = a_n (R_nk R_nk δ_ij - R_ni R_nj)",
        np.einsum("n,nk,nk,ij->ij", a, R, R, np.eye(N)) - np.einsum("n,ni,nj->ij", a, R, R),
    ),
    "one reading: a term that can't sum": ("y = c_i (a_i b_i + d_i)", np.sum(c * (a * b + d))),
    "claimed by a one-tensor": ("y = 1_i (w_i x_i)^2", np.sum((w * x) ** 2)),
    "claimed by a free index": ("y_i = (w_i x_i)^2", (w * x) ** 2),
    "claimed by an explicit sum": ("y = sum_i (w_i x_i)^2", np.sum((w * x) ** 2)),
    "claimed among others": ("y = 1_i (a_i b_i) (c_i d_i)", np.sum(a * b * c * d)),
    "an explicit sum": ("y = sum_i a_i", a.sum()),
    "an explicit sum of two": ("y = Σ_{i,j} A_ij", A.sum()),
    "an explicit sum binds the rest": ("y = s sum_i a_i b_i", s * (a @ b)),
    "an explicit sum after a sign": ("y = -∑_i a_i", -a.sum()),
    "an explicit sum after a number": ("y = 2 sum_i a_i b_i", 2 * (a @ b)),
    "an explicit sum in a term": ("y = sum_i a_i + s", a.sum() + s),
    "an explicit sum beside a dummy": ("y = sum_i A_ij b_j", (A @ b).sum()),
    "an explicit sum of a power": ("y = sum_i A_ii^2", np.sum(np.diag(A) ** 2)),
    "two explicit sums of one letter": ("y = (sum_i a_i) (sum_i b_i)", a.sum() * b.sum()),
    "the square of a trace": ("y = (A_ii)^2", np.trace(A) ** 2),
    "the squares of the diagonal": ("y_i = A_ii^2", np.diag(A) ** 2),
    "a power with the letter in both": ("y = a_i^b_i", np.sum(a**b)),
    "two arguments with the letter": ("y = maximum(a_i, b_i)", np.maximum(a, b).sum()),
    "two arguments that sum": ("y = maximum(a_i b_i, c_i d_i)", max(a @ b, c @ d)),
    "one argument broadcasts": ("y_ij = maximum(A_ij, a_i)", np.maximum(A, a[:, None])),
    "separate letters": ("y = a_i b_i / (sqrt(a_j a_j) sqrt(b_k b_k))", a @ b / np.sqrt(a @ a) / np.sqrt(b @ b)),
    "a sum within a sum": ("y_i = A_ij (B_jk c_k)", A @ (B @ c)),
    "a sum in each factor": ("y_ik = (A_ij B_jk) (C_kl X_li)", (A @ B) * (C @ X).T),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_summed(case):
    text, expected = CASES[case]
    np.testing.assert_allclose(value(text), expected, rtol=1e-12)


AMBIGUOUS = {
    "y = a_i b_i / (sqrt(a_i a_i) sqrt(b_i b_i))": (
        np.sum(a * b / (np.abs(a) * np.abs(b))),
        a @ b / (np.sqrt(a @ a) * np.sqrt(b @ b)),
    ),
    "y = sqrt(a_i a_i) sqrt(b_i b_i)": (np.sum(a * b), np.sqrt((a @ a) * (b @ b))),
    "y = (1_i a_i)(1_i b_i)": (a @ b, a.sum() * b.sum()),
    "y = A_ii^2": (np.sum(np.diag(A) ** 2), np.trace(A) ** 2),
    "y = s / A_ii": (np.sum(s / np.diag(A)), s / np.trace(A)),
    "y = 2^A_ii": (np.sum(2 ** np.diag(A)), 2 ** np.trace(A)),
    "y = a_i b_i (c_i d_i)": (np.sum(a * b * c * d), (a @ b) * (c @ d)),
    "y = exp(a_i b_i) (c_i d_i + x_i z_i)": (
        np.sum(np.exp(a * b) * (c * d + x * z)),
        np.exp(a @ b) * (c @ d + x @ z),
    ),
    "y_j = X_jk (A_ij b_i) (A_ik c_i)": (
        np.einsum("jk,ij,i,ik,i->j", X, A, b, A, c),
        np.einsum("jk,ij,i,lk,l->j", X, A, b, A, c),
    ),
    "y = (A_ij B_ij) (C_ij R_ij)": (np.sum(A * B * C * R), np.sum(A * B) * np.sum(C * R)),
}


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_two_readings_are_refused_and_both_can_be_pasted(text):
    with pytest.raises(LanguageError) as caught:
        parse_program(text)
    (found,) = caught.value.diagnostics
    assert found.code == SUM
    assert "can be summed once, over the whole product, or separately in each group" in found.message
    one, separate = found.fix.splitlines()
    assert one.endswith("# one sum")
    assert separate.endswith("# separate sums")
    for reading, expected in zip((one, separate), AMBIGUOUS[text], strict=True):
        np.testing.assert_allclose(value(reading), expected, rtol=1e-12)
    assert [note.partition(": ")[2] for note in found.notes] == [t.partition("  #")[0] for t in (one, separate)]


def test_an_ambiguous_claim_is_refused_too():
    with pytest.raises(LanguageError) as caught:
        parse_program("x_ii^2 == y")
    (found,) = caught.value.diagnostics
    assert found.fix == "sum_i x_ii^2 == y  # one sum\n(x_ii)^2 == y  # separate sums"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("y = x_i", ["dummy-once"]),
        ("y_i = A_ij", ["dummy-once"]),
        ("y = x_i + z_j", ["dummy-once", "dummy-once"]),
        ("y = (a_i b_i + c_i)", ["dummy-once"]),
        ("y = exp(x_i)", ["dummy-once"]),
        ("y_ij = A_ij + a_i", ["free-missing"]),
        ("y_i = s", ["free-missing"]),
        ("y_i = s + λ", ["free-missing"]),
        ("y_i = A_ij (B_ij + d_j)", ["free-missing"]),
        ("y_bh = X_bh - m_b", ["free-missing"]),
        ("y_i = sum_i a_i", ["sum-taken"]),
        ("y = sum_i b", ["sum-unused"]),
    ],
)
def test_what_is_refused(text, found):
    assert codes(text) == found


@pytest.mark.parametrize(
    "text", ["y = x_i", "y = 2x_i", "y_i = a / A_ij", "y = log(exp(x_i))", "y = -x_i", "y = λ(x_i); u = λ"]
)
def test_the_fix_for_a_single_dummy_can_be_pasted(text):
    with pytest.raises(LanguageError) as caught:
        parse_program(text)
    first = caught.value.diagnostics[0]
    assert first.code == "dummy-once"
    parse_program(text.replace(text.split(";")[0], first.fix))


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("y_i = s", "y_i = 1_i s"),
        ("y_i = 2 s", "y_i = 2 1_i s"),
        ("y_i = 3", "y_i = 3 1_i"),
        ("y_i = 1/s", "y_i = 1/s 1_i"),
        ("y_i = s + λ", "y_i = 1_i (s + λ)"),
        ("y_ij = A_ij - a_i", "y_ij = A_ij - 1_j a_i"),
        ("y_ij = A_ij (B_ij - a_i)^2", "y_ij = A_ij (B_ij - 1_j a_i)^2"),
    ],
)
def test_the_fix_for_a_missing_index_can_be_pasted(text, fixed):
    with pytest.raises(LanguageError) as caught:
        parse_program(text)
    (found,) = caught.value.diagnostics
    assert found.fix == fixed
    parse_program(fixed)


def test_where_only_one_reading_is_well_formed_that_one_is_proposed():
    # One sum outside would leave `y_n` without the index.
    with pytest.raises(LanguageError) as caught:
        parse_program("E = 1/2 (y_n - x_ni w_i) (y_n - x_ni w_i)")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.text) == ("ambiguous-sum", "1/2 (y_n - x_ni w_i) (y_n - x_ni w_i)")
    text = "E = 1/2 (y_n - x_ni w_i) (y_n - x_ni' w_i')"
    assert found.notes == (f"separate sums: {text}",)
    assert str(parse_program(found.fix)).strip() == text
