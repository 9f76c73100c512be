"""What matrix notation refuses: code, message, place and fix; and what no text may do."""

import random

import pytest

import einsgrad as eg
from einsgrad.frontend.matrix.reading import parse_matrix

DECLARED = "X: n×d, A: d×d, w: d, v: d, y: n, λ: scalar\n"

ERRORS = [
    ("f = X y", "matrix-shape", "`X y` does not fit: `X` is n×d, `y` is a vector of length n", "X y", "f = Xᵀ y"),
    ("f = w X", "matrix-shape", "`w X` does not fit: `w` is a vector of length d, `X` is n×d", "w X", "f = wᵀ Xᵀ"),
    ("f = w v", "matrix-shape", "`w v` does not fit: `w` is a vector of length d, `v` is a vector of length d", "w v",
     "f = wᵀ v"),
    ("f = 2 X (w + v) A", "matrix-shape",
     "`(w + v) A` does not fit: `(w + v)` is a vector of length d, `A` is d×d", "(w + v) A", "f = 2 X (w + v)ᵀ A"),
    ("f = w + y", "matrix-shape",
     "the shapes differ: `w` is a vector of length d, `y` is a vector of length n", "y", None),
    ("f = w + vᵀ", "matrix-shape", "the shapes differ: `w` is a vector of length d, `vᵀ` is a row of length d", "vᵀ",
     "f = w + v"),
    ("f = X ⊙ A", "matrix-shape", "the shapes differ: `X` is n×d, `A` is d×d", "A", None),
    ("f = A + λ", "matrix-shape", "`λ` is a scalar, `A` is d×d", "λ", None),
    ("f = w / v", "matrix-shape", "`v` is a vector of length d, and only a scalar divides", "v", None),
    ("f = w^2", "matrix-shape", "`w` is a vector of length d, which has no power: by component it is `w.^2`", "w^2",
     "f = w.^2"),
    ("f = X^2", "matrix-shape", "a power is that of a square matrix, and `X` is n×d", "X", None),
    ("f = A^λ", "matrix-shape", "a power of a matrix is a whole number up to 16; by component it is `A.^λ`", "A^λ",
     "f = A.^λ"),
    ("f = 2^w", "matrix-shape", "an exponent is a scalar, and `w` is a vector of length d", "2^w", None),
    ("f = X⁻¹", "matrix-shape", "an inverse is that of a square matrix, and `X` is n×d", "X", None),
    ("f = tr(X)", "matrix-shape", "a trace is that of a square matrix, and `X` is n×d", "X", None),
    ("f = |X|", "matrix-shape", "a determinant is that of a square matrix, and `X` is n×d", "X", None),
    ("f = ‖A‖", "matrix-shape", "`A` is d×d, which has several norms: the Frobenius norm is `‖A‖_F`", "‖A‖",
     "f = ‖A‖_F"),
    ("f = ‖w‖_∞", "norm", "the maximum norm is not part of matrix notation", "w", None),
    ("f = ‖A‖_*", "norm", "there is no norm `*` here: `‖A‖_F`, `‖x‖`, `‖x‖_1` are known", "‖A‖_*", None),
    ("f = B w", "matrix-undeclared", "`B` has no shape", "B", None),
    ("f = Xw", "matrix-undeclared", "`Xw` is not declared; a product is `X w`", "Xw", "f = X w"),
    ("f = 1ᵀ 1", "matrix-size", "nothing says which size `1` has: write `1_n`, with `n` the size", "1", None),
    ("f = tr(I)", "matrix-size", "nothing says which size `I` has: write `I_n`, with `n` the size", "I", None),
    ("f = ∂v/∂w", "derivative-undefined", "`v` is an input: its derivative by `w` is zero", "v", None),
    ("f = ∂A/∂A", "matrix-shape",
     "the derivative of d×d by d×d has more than two axes: write it with indices, or differentiate a scalar",
     "∂A/∂A", None),
    ("g = vec(A)", "matrix-shape",
     "`vec` has two letters for one axis: it can stand in a product, and is no equation of its own", "vec(A)", None),
    ("f = A .* A w", "ambiguous-product",
     "`.*` before a product has two readings: write `(A .* B) * C` or `A .* (B * C)`", ".* A w", None),
    ("w = v v", "matrix-shape", "`v v` does not fit: `v` is a vector of length d, `v` is a vector of length d", "v v",
     "w = vᵀ v"),
    ("y = w", "matrix-shape", "the left-hand side is a vector of length n, the right-hand side is a vector of length d",
     "w", None),
    ("wᵀ = v", "left-side",
     "the left-hand side of an equation is one name; that two sides are equal is claimed with `==`", "wᵀ", None),
    ("f = f + λ", "cycle", "`f` is defined by way of itself", "f = f + λ", None),
    ("f = exp(w, v)", "arity", "`exp` takes 1 argument, not 2", "exp(w, v)", None),
    ("f = tr(A, A)", "arity", "`tr` takes 1 argument, not 2", "tr(A, A)", None),
    ("f = (w, v)", "unexpected-token", "a comma stands between the arguments of a function only", "(w, v)", None),
    ("f = w +", "unexpected-end", "the expression ends where a term should go on", "+", None),
    ("f = w ) v", "unexpected-token", "`)` is unexpected here: the bracket ends where a term should go on", ")", None),
    ("f = x_$", "unexpected-character", "`_` is unexpected", "_", None),
    ("w v", "no-equation", "a statement is an equation `f = …` or a claim `… == …`", "w v", None),
    ("f = w = v", "no-equation", "an equation has one `=`", "= v", None),
    ("B: d×", "matrix-declaration", "a declaration is `X: n×d`, `w: d`, `λ: scalar`, or `X ∈ R^{n×d}`", "d×", None),
    ("w: n", "matrix-declaration",
     "`w` is declared twice: as a vector of length d and as a vector of length n", "w", None),
    ("n: d", "matrix-declaration", "`n` is declared as a vector of length d, and is a size, too", "n", None),
    ("exp: d", "reserved-name",
     "`exp` is a function, not a tensor: write `exp(…)`, or choose another name", "exp", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "message", "place", "fix"), ERRORS, ids=[row[0] for row in ERRORS])
def test_error(text, code, message, place, fix):
    with pytest.raises(eg.LanguageError) as error:
        parse_matrix(DECLARED + text)
    (found,) = error.value.diagnostics
    assert (found.code, found.message, found.span.text, found.fix) == (code, message, place, fix)


@pytest.mark.parametrize("fix", [row[4] for row in ERRORS if row[4] is not None])
def test_fix_is_read(fix):
    if fix in ("w = vᵀ v", "f = 2 X (w + v)ᵀ A"):  # one transpose fits a pair, and not what stands around it
        with pytest.raises(eg.LanguageError):
            parse_matrix(DECLARED + fix)
    else:
        assert parse_matrix(DECLARED + fix).outputs == ("f",)


def test_all_errors_at_once():
    with pytest.raises(eg.LanguageError) as error:
        parse_matrix(DECLARED + "f = X y\ng = w v\nh = f + g")
    assert [d.span.text for d in error.value.diagnostics] == ["X y", "w v"]


def test_depth_and_length_are_bounded():
    for text, code in [
        ("f = " + "(" * 5000 + "w" + ")" * 5000, "nesting-deep"),
        ("f = " + "w + " * 40_000 + "w", "statement-long"),
    ]:
        with pytest.raises(eg.LanguageError) as error:
            parse_matrix(DECLARED + text)
        assert [d.code for d in error.value.diagnostics] == [code]


def test_long_sums_and_products():
    assert parse_matrix(DECLARED + "f = " + " + ".join(["wᵀ v"] * 2000)).outputs == ("f",)
    assert parse_matrix(DECLARED + "f = wᵀ " + "A " * 300 + "v").outputs == ("f",)


def test_no_text_ends_in_anything_but_an_error():
    chance = random.Random(5)
    parts = [
        *"XAwvyλ()+-*/^=:;,'|‖",
        "ᵀ",
        "⁻¹",
        "²",
        "⊙",
        "∂",
        "∇_w",
        "tr",
        "diag",
        "inv",
        "vec",
        "exp",
        "1",
        "I",
        "\\frac",
        "{",
        "}",
        "_F",
        "==",
        "\n",
    ]
    refused = 0
    for _ in range(400):
        text = "".join(chance.choice(parts) + chance.choice(["", " "]) for _ in range(chance.randrange(1, 14)))
        try:
            parse_matrix(DECLARED + "f = " + text)
        except eg.LanguageError as error:
            refused += 1
            found = [d.span for d in error.diagnostics]
            assert None not in found
    assert 0 < refused < 400
