"""Errors about characters, commands, documents, rows and brackets of LaTeX, and the limits."""

from einsgrad.frontend import lexis

NO_CONDITIONS = (
    r"conditions are not part of the language yet: `\operatorname{step}(x_{i})` is 1 where `x_{i} > 0`, 0 elsewhere, "
    r"`\delta_{ij}` where `i = j`"
)

ROWS = [
    # Characters and commands.
    ("y = x < z", "condition", NO_CONDITIONS, "<", None),
    (r"y_i = \mathbb{1}[x_i \ge 0]", "condition", NO_CONDITIONS, r"\ge", None),
    ("y_i = [x_i ≠ 0]", "condition", NO_CONDITIONS, "≠", None),
    ("y = x # z", "unexpected-character", "`#` is unexpected: a comment begins with `%`", "#", None),
    ("y = x\x00", "unexpected-character", "the character U+0000 is unexpected", "\x00", None),
    # TeX skips spaces.
    (
        "y = x _ z",
        "dummy-once",
        r"`z` occurs once: to sum over it multiply by `\mathbf{1}_{z}`",
        "z",
        r"y = \mathbf{1}_{z} x _ z",
    ),
    (
        r"y = \fraq{1}{2}",
        "unknown-command",
        r"`\fraq` is no command that is known here: did you mean `\frac`?",
        r"\fraq",
        None,
    ),
    (r"y = \foobarbaz x", "unknown-command", r"`\foobarbaz` is no command that is known here", r"\foobarbaz", None),
    (
        r"y = \prod_i x_i",
        "unsupported-command",
        r"`\prod` is not part of the language: products over an index are not supported yet",
        r"\prod",
        None,
    ),
    (
        r"y = x \pm z",
        "unsupported-command",
        r"`\pm` is not part of the language: write two equations, one for each sign",
        r"\pm",
        None,
    ),
    (
        r"y = x \otimes z",
        "unsupported-command",
        r"`\otimes` is not part of the language: write the indices: the outer product is `a_{i} b_{j}`",
        r"\otimes",
        None,
    ),
    (
        r"y_i = x_i \forall i",
        "unsupported-command",
        r"`\forall i` is not part of the language: the free indices are those of the left-hand side: leave it out",
        r"\forall i",
        None,
    ),
    (
        r"y_i = x_i, \quad i = 1, \ldots, N",
        "sum-range",
        r"`i = 1, \ldots, N` is not part of the language: "
        r"the range of an index is that of the tensors it stands on: leave it out, its size is `\lvert i \rvert`",
        r"i = 1, \ldots, N",
        None,
    ),
    (
        r"c = \langle x, y \rangle",
        "unsupported-command",
        r"`\langle x, y \rangle` is not part of the language: write the inner product with indices: `a_{i} b_{i}`",
        r"\langle x, y \rangle",
        None,
    ),
    (
        r"\newcommand{a} y = x",
        "macro",
        r"`\newcommand`: macros are not expanded, and nothing is executed; write the mathematics out",
        r"\newcommand",
        None,
    ),
    (
        r"y = \input{a}",
        "macro",
        r"`\input`: macros are not expanded, and nothing is executed; write the mathematics out",
        r"\input",
        None,
    ),
    (
        "y_i = xᵢⱼ z_j",
        "raised-character",
        "superscript and subscript letters are not part of the language",
        "ᵢⱼ",
        "_{ij}",
    ),
    (r"y = \mathbf", "bad-name", r"`\mathbf` has no argument that is a name", r"\mathbf", None),
    # Where the mathematics is, and its rows.
    (r"\begin{align} y = x", "environment-unclosed", r"`\begin{align}` is never closed", r"\begin{align}", None),
    (
        r"y = \begin{cases} a \end{cases}",
        "environment",
        "`cases` is not part of the language: "
        r"`\operatorname{step}(x_{i})` is 1 where `x_{i} > 0`, 0 elsewhere, `\delta_{ij}` where `i = j`",
        r"\begin{cases}",
        None,
    ),
    (
        r"y_i = \left\{ \begin{array}{ll} x_i & x_i > 0 \\ 0 & \text{else} \end{array} \right. + z",
        "environment",
        "`array` is not part of the language: "
        r"`\operatorname{step}(x_{i})` is 1 where `x_{i} > 0`, 0 elsewhere, `\delta_{ij}` where `i = j`",
        r"\begin{array}",
        None,
    ),
    (
        r"A = \begin{pmatrix} a & b \\ c & d \end{pmatrix}",
        "environment",
        "`pmatrix` is not part of the language: name the matrix, and write its indices",
        r"\begin{pmatrix}",
        None,
    ),
    (
        r"y = \begin{tabular} a \end{tabular}",
        "environment",
        "`tabular` is not part of the language: no other environment stands in mathematics: write one equation a row",
        r"\begin{tabular}",
        None,
    ),
    (
        "x + 3",
        "no-equation",
        r"no equation and no claim: no `=`, no `\equiv` (a row that goes on begins or ends with an operator)",
        "x + 3",
        None,
    ),
    (
        "y = a, b",
        "no-equation",
        r"no equation and no claim: no `=`, no `\equiv` (a row that goes on begins or ends with an operator)",
        "b",
        None,
    ),
    (r"\text{hello there}", "empty", "the text has no equation and no claim", r"\text{hello there}", None),
    ("y = ", "unexpected-end", "`=` has nothing on one side", "=", None),
    ("= x", "unexpected-end", "`=` has nothing on one side", "=", None),
    ("y = x + ", "unexpected-end", "the expression ends where a term should go on", "+", None),
    ("y = x = ", "unexpected-end", "`=` has nothing on one side", "=", None),
    ("y = (a + b", "bracket-unclosed", "`(` is never closed", "(", None),
    (r"y = \left( a + b \\ z = w", "bracket-unclosed", "`(` is never closed", "(", None),
    ("y = a) + b", "bracket-unopened", "`)` closes no bracket", ")", None),
    (r"y = \lVert x_i", "bracket-unclosed", r"`\lVert` is never closed", r"\lVert", None),
    (r"y = \lVert x_i |", "bracket-unclosed", "`|` is never closed", "|", None),
    (r"y = x_i \right\|", "bracket-unopened", r"`\right\|` closes no bracket", r"\right\|", None),
    ("y = (a]", "bracket-mismatch", "`]` closes a `(`", "]", None),
    (r"y = \{a)", "bracket-mismatch", r"`)` closes a `\{`", ")", None),
    (r"y = \frac{a}{b", "bracket-unclosed", "`{` is never closed", "{", None),
    ("y = (a = b)", "unexpected-token", "`=` is unexpected in brackets", "=", None),
    ("y = ()", "unexpected-token", "`)` is unexpected here: the bracket ends where a term should go on", ")", None),
    (
        r"y = \frac{}{2}",
        "unexpected-token",
        "`}` is unexpected here: the braces end where a term should go on",
        "}",
        None,
    ),
    (r"y = \frac{a}", "unexpected-end", "the expression ends where a term should go on", "}", None),
    ("y = ^2", "unexpected-token", "`^` is unexpected here: a superscript belongs to a name or a bracket", "^", None),
    ("y = x ** 2", "unexpected-token", "`*` is unexpected here: a power is written `x^{2}`", "*", None),
    (
        r"y = a_i b_i \quad \text{(no sum $i$)}",
        "no-sum",
        "`(no sum …)` belongs to a claim: the left-hand side of an equation says which indices are free",
        r"y = a_i b_i \quad \text{(no sum $i$)}",
        r"y \equiv a_i b_i \quad \text{(no sum $i$)}",
    ),
    (r"a_i \equiv b_i \text{(no sum $j$)}", "no-sum-unknown", "the claim has no index `j`", "j", None),
    # Limits.
    ("%" * (lexis.MAX_TEXT + 1), "text-long", "the text has 2000001 characters, more than 2000000", "%", None),
    (
        "y = " + "x " * 50_000,
        "statement-long",
        "a statement of 100003 characters, more than 100000: split it into several equations",
        "y",
        None,
    ),
    (
        "a=b;" * (lexis.MAX_STATEMENTS + 1),
        "statements-many",
        "the text has 20001 statements, more than 20000",
        "a=b",
        None,
    ),
    ("y = " + "(" * 1001 + "x" + ")" * 1001, "nesting-deep", "brackets are nested more than 1000 deep", "(", None),
    ("y = " + "-" * 1001 + "x", "nesting-deep", "signs or sums are nested more than 1000 deep", "-" * 1001 + "x", None),
    ("", "empty", "the text has no equation and no claim", "", None),
    ("% nothing", "empty", "the text has no equation and no claim", "% nothing", None),
]
