"""What other notations write, in LaTeX: matrices without indices, and names before brackets that are no functions."""

MATRICES = "matrix notation is not part of this language: write the indices"
BRACKETS = "an expression in brackets has no indices: write them on its tensors, as in `a_{ik} b_{kj}`"
INVERSE = "can be the inverse of a matrix or the reciprocal of each component"
INVERSE_OF_EXPRESSION = (
    r"the inverse of an expression names the letters of its row and column: "
    r"`\operatorname{inv}_{ij}(a_{ik} b_{kj})`; that of a matrix is `(A^{-1})_{ij}`"
)
OWN = (
    "`f` is defined with `(x)`, and applied to something else it is a function: that has no scripts, and what it takes "
    "follows directly in brackets"
)
DERIVATIVE = r"a derivative is written `\frac{\partial y_{i}}{\partial x_{p}}`"
LEFT = "the left-hand side of an equation is the tensor that it defines, as in `y_ij = …`"
UNKNOWN = "is no function, and no tensor of this text"

ROWS = [
    # Transposes without indices.
    ("y = x^T A x", "transpose", f"{MATRICES}, as in `x_{{i}} A_{{ij}} x_{{j}}`", "x^T A x", None),
    ("z = a + x^⊤ y", "transpose", f"{MATRICES}, as in `x_{{i}} y_{{i}}`", "x^⊤ y", None),
    (r"Y = X^\top A X", "transpose", f"{MATRICES}, as in `X_{{ij}} A_{{ik}} X_{{kl}}`", r"X^\top A X", None),
    (
        r"y = \frac12 \mathbf{x}^\top \mathbf{A} \mathbf{x}",
        "transpose",
        rf"{MATRICES}, as in `\frac12 \mathbf{{x}}_{{i}} \mathbf{{A}}_{{ij}} \mathbf{{x}}_{{j}}`",
        r"\frac12 \mathbf{x}^\top \mathbf{A} \mathbf{x}",
        None,
    ),
    (r"y = \beta x^\top \bm{\gamma}", "transpose", rf"{MATRICES}, as in `\beta x_{{i}} \bm{{\gamma}}_{{i}}`",
     r"\beta x^\top \bm{\gamma}", None),
    (r"y = \theta^\top x", "transpose", rf"{MATRICES}, as in `\theta_{{i}} x_{{i}}`", r"\theta^\top x", None),
    ("y = x^T (A + B) x", "transpose", rf"{MATRICES}: the transpose of `a_{{ij}}` is `a_{{ji}}`", "x^T (A + B) x",
     None),
    ("y_{ij} = (AB)_{ij}", "index-bracket", BRACKETS, "(AB)_{ij}", "A_{ik} B_{kj}"),
    ("y_{ij} = (A B^T)_{ij}", "index-bracket", BRACKETS, "(A B^T)_{ij}", "A_{ik} B_{jk}"),
    (r"y_i = (\mathbf{A} \mathbf{x})_i", "index-bracket", BRACKETS, r"(\mathbf{A} \mathbf{x})_i",
     r"\mathbf{A}_{ij} \mathbf{x}_{j}"),
    ("y_i = (A b + c)_i", "index-bracket", BRACKETS, "(A b + c)_i", None),
    ("y_i = (A b^T)_i", "index-bracket", BRACKETS, "(A b^T)_i", None),
    # Inverses.
    (r"L = x_i \sigma^{-1}_{ij} x_j", "inverse", rf"`\sigma^{{-1}}_{{ij}}` {INVERSE}", r"\sigma^{-1}_{ij}",
     "(\\sigma^{-1})_{ij}\n1/\\sigma_{ij}"),
    ("y_{ij} = A_{ij}^{-1}", "inverse", f"`A_{{ij}}^{{-1}}` {INVERSE}", "A_{ij}^{-1}", "(A^{-1})_{ij}\n1/A_{ij}"),
    ("y_{ij} = A_{ij}⁻¹", "inverse", f"`A_{{ij}}⁻¹` {INVERSE}", "A_{ij}⁻¹", "(A^{-1})_{ij}\n1/A_{ij}"),
    ("y_{kij} = S_{kij}^{-1}", "inverse", f"`S_{{kij}}^{{-1}}` {INVERSE}", "S_{kij}^{-1}", "1/S_{kij}"),
    ("y_{ij} = (A^{-1} B)_{ij}", "inverse", INVERSE_OF_EXPRESSION, "(A^{-1} B)_{ij}", None),
    ("y_{ij} = (A + B)^{-1}_{ij}", "inverse", INVERSE_OF_EXPRESSION, "(A + B)^{-1}_{ij}", None),
    # Names before brackets, and what they are applied to, is one mistake.
    (r"y_n = \log \sigma(z_n)", "unknown-function", f"`σ` {UNKNOWN}: did you mean sigmoid?", r"\sigma",
     r"y_n = \log \operatorname{sigmoid}(z_n)"),
    (r"y = \sigma \left( x \right)^2", "unknown-function", f"`σ` {UNKNOWN}: did you mean sigmoid?", r"\sigma",
     r"y = \operatorname{sigmoid} \left( x \right)^2"),
    (r"y = \operatorname{sigmod}(x)", "unknown-function", f"`sigmod` {UNKNOWN}: did you mean sigmoid?",
     r"\operatorname{sigmod}", r"y = \operatorname{sigmoid}(x)"),
    (r"y = \operatorname{sofmax}(x)", "unknown-function", f"`sofmax` {UNKNOWN}: did you mean softmax?",
     r"\operatorname{sofmax}", None),
    (r"y_i = \operatorname{softmax}(x_i)", "sum-index",
     r"`\operatorname{softmax}` names its indices: write `\operatorname{softmax}_{i}`, "
     "with the indices that it is over",
     r"\operatorname{softmax}(x_i)", None),
    (r"y_i = \operatorname{softmax} x_i", "sum-index",
     r"`\operatorname{softmax}` names its indices: write `\operatorname{softmax}_{i}`, "
     "with the indices that it is over",
     r"\operatorname{softmax} x_i", None),
    (r"y_i = \mathrm{softmax}_j(x_{ij})", "dummy-once",
     r"`j` occurs once: to sum over it multiply by `\mathbf{1}_{j}`", "j",
     r"y_i = \mathbf{1}_{j} \mathrm{softmax}_j(x_{ij})"),
    (r"y = \operatorname{cross}(x)", "unknown-function", f"`cross` {UNKNOWN}", r"\operatorname{cross}", None),
    ("y = f(x)", "unknown-function", f"`f` {UNKNOWN}", "f", None),
    ("y = f(x) + x_i x_i", "unknown-function", f"`f` {UNKNOWN}", "f", None),
    ("y = f(x)^2", "unknown-function", f"`f` {UNKNOWN}", "f", None),
    ("y_i = f(x + z)_i", "unknown-function", f"`f` {UNKNOWN}", "f", None),
    (r"y = \lambda(a + b)", "unknown-function", f"`λ` {UNKNOWN}", r"\lambda", r"y = \lambda \cdot (a + b)"),
    (r"y_i = \mathrm{gain}_i (x_i + z_i)", "unknown-function", f"`gain` {UNKNOWN}", r"\mathrm{gain}_i",
     r"y_i = \mathrm{gain}_i \cdot  (x_i + z_i)"),
    ("f(x) = x^2; g = f^2(z)", "own-function", OWN, "f^2(z)", None),
    ("f(x) = x^2; g = f(z, w)", "arity", "`f` takes 1 argument, not 2", "f(z, w)", None),
    ("f(x) = x^2; g = f z + f(z)", "own-function",
     "`f` is a function here: what it takes follows in brackets, as in `f(x)`", "f", None),
    (r"y = \operatorname{sig}(x)", "unknown-function", f"`sig` {UNKNOWN}: did you mean sigmoid?",
     r"\operatorname{sig}", r"y = \operatorname{sigmoid}(x)"),
    (r"L = \mathbb{E}[x_i]", "unknown-function", f"`E` {UNKNOWN}", r"\mathbb{E}", None),
    ("y = f^{-1}(x)", "function-power",
     "`f^{-1}` before a bracket can be the inverse function, which is not in the language, or the reciprocal: "
     r"write the latter `\frac{1}{f}`", "f^{-1}", None),
    # Further signs that are read as something else elsewhere.
    ("g_{ip} = dy_{i}/dx_{p}", "derivative", DERIVATIVE, "dy_{i}/dx_{p}", None),
    (r"g = \mathrm{d} l / \mathrm{d} x", "derivative", DERIVATIVE, r"\mathrm{d} l / \mathrm{d} x", None),
    ("y_i = e^x_i", "script-braces", "put the exponent in braces", "e^x_i", "e^{x_i}"),
    (r"y_i = \mathbf{x_i} z_i", "bad-name", r"a subscript stands after the letter: write `\mathbf{x}_{i}`",
     r"\mathbf{x_i}", r"\mathbf{x}_{i}"),
    ("y_{ij} = A^H_{ij}", "transpose",
     "there is no conjugate transpose, since there are no complex numbers: the transpose swaps the indices",
     "A^H_{ij}", None),
    ("y_i = (x_i - 1)_+", "subscript", r"the positive part is written `\operatorname{relu}(x_i - 1)`",
     "(x_i - 1)_+", r"\operatorname{relu}(x_i - 1)"),
    ("y_{ij} = x_{i,,j}", "subscript", "a comma in a subscript stands between two indices", "i,,j", None),
    ("y_i = x_{,i}", "subscript", "a comma in a subscript stands between two indices", ",i", None),
    (r"y_i = x_i \bmod 2", "unsupported-command",
     r"`\bmod` is not part of the language: the remainder of `a` by `b` is `\operatorname{mod}(a, b)`", r"\bmod", None),
    (r"y_i = x_i \% 2", "unsupported-command",
     r"`\%` is not part of the language: the remainder of `a` by `b` is `\operatorname{mod}(a, b)`", r"\%", None),
    # What stands on the left.
    (r"\sigma^2 = x_i x_i", "left-side",
     "an equation defines a tensor, not its square: write what `σ` is, or give it another name", r"\sigma^2",
     r"\sigma = \sqrt{x_i x_i}"),
    (r"\sigma^2_b &= x_b^2 + \mathbf{1}_b", "left-side",
     "an equation defines a tensor, not its square: write what `σ` is, or give it another name", r"\sigma^2_b",
     r"\sigma_b &= \sqrt{x_b^2 + \mathbf{1}_b}"),
    (r"\log p(x) = -x^2", "left-side", LEFT, r"\log p(x)", None),
    (r"\sigma_b^2 = x_{bh}^2", "left-side",
     "an equation defines a tensor, not its square: write what `σ` is, or give it another name", r"\sigma_b^2", None),
    ("A(i,j) = B(i,j) c(i)", "subscript", "indices are written `A_{ij}`", "A(i,j)", "A_{ij} = B_{ij} c_{i}"),
    ("y_i = x[i]", "subscript", "square brackets hold no indices in LaTeX: write `x_{i}`", "x[i]", "x_{i}"),
]  # fmt: skip
