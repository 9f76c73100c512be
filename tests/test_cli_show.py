"""`einsgrad show`, and `derive --matrix`."""

RIDGE = "X: n×d, w: d, y: n, λ: scalar; r = X w - y; f = rᵀ r + λ wᵀ w"


def test_plain_is_the_default(einsgrad):
    assert einsgrad.good("show", "-e", RIDGE) == "r_i = X_ij w_j - y_i\nf = r_i r_i + λ w_j w_j\n"
    assert einsgrad.good("show", "-e", r"y_{i} &= \frac{1}{2} x_{i}") == "y_i = 1/2 x_i\n"


def test_latex(einsgrad):
    assert einsgrad.good("show", "-e", RIDGE, "--dialect", "latex") == (
        "\\begin{align*}\nr_{i} &= X_{ij} w_{j} - y_{i} \\\\\nf &= r_{i} r_{i} + \\lambda w_{j} w_{j}\n\\end{align*}\n"
    )


def test_matrix(einsgrad):
    text = "y_i = a_ij x_j; t_ijk = x_i x_j x_k; x_i x_i == x_j x_j"
    assert einsgrad.good("show", "-e", text, "--dialect", "matrix") == (
        "𝐲 = A 𝐱\n# t_ijk = x_i x_j x_k\n# x_i x_i == x_j x_j\n"
    )


def test_what_show_writes_is_read_again(einsgrad, tmp_path):
    path = tmp_path / "ridge.tex"
    path.write_text(einsgrad.good("show", "-e", RIDGE, "--dialect", "latex"), encoding="utf-8")
    assert einsgrad.good("show", path) == einsgrad.good("show", "-e", RIDGE)


def test_derive_writes_matrix_notation_first(einsgrad):
    out = einsgrad.good("derive", "--matrix", "-e", RIDGE, "--wrt", "w")
    assert out == (
        "# 𝐫 = X 𝐰 - 𝐲\n# ∂f/∂𝐫 = 2 𝐫\n# ∂f/∂𝐰 = 2 λ 𝐰 + Xᵀ ∂f/∂𝐫\n"
        "r_i = X_ij w_j - y_i\n∂f/∂r_i = 2 r_i\n∂f/∂w_j = 2 λ w_j + ∂f/∂r_i X_ij\n"
    )


def test_matrix_wants_declarations(einsgrad):
    err = einsgrad.bad("derive", "--matrix", "-e", "f = xᵀ A x")
    assert "error[matrix-undeclared]: `x` has no shape" in err
    assert "declare it, as in `x: n`" in err
