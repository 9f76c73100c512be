r"""Commands: what each control sequence of LaTeX is to the reader of mathematics.

One table: ``\frac`` is a fraction, ``\gamma`` a name, ``\,`` a space, and so on. What is known and not read has its
reason here; all else is unknown.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from types import MappingProxyType

from einsgrad.frontend.lexis import FUNCTION_NAMES
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.matrix_functions import MATRIX_FUNCTIONS
from einsgrad.ir.names import GREEK
from einsgrad.ir.reductions import OPERATORS

SKIP = "SKIP"
"""The type of tokens that only change how the page looks."""

VARIANTS = {
    "varepsilon": "ε", "vartheta": "θ", "varphi": "φ", "varrho": "ρ", "varsigma": "σ", "varkappa": "κ", "varpi": "π",
}  # fmt: skip
"""Other shapes of Greek letters."""

LETTERS: Mapping[str, str] = MappingProxyType({**GREEK, **VARIANTS, "Sigma": "Sigma", "ell": "l"})
r"""The name that a command for a letter stands for. ``Σ`` is a sign for sums in the plain dialect, ``Sigma`` is not."""

ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "widetilde": "\u0303", "dot": "\u0307",
    "ddot": "\u0308", "check": "\u030c", "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a",
    "overline": "\u0305", "underline": "\u0332",
}  # fmt: skip
"""The combining mark that an accent is, which belongs to the name."""

UPRIGHT = frozenset({"mathrm", "text", "textrm", "textnormal", "textup", "mbox", "operatorname", "operatorname*"})
"""Styles of words: names of several letters, functions, and prose."""

PROSE = frozenset({"text", "textrm", "textnormal", "textup", "mbox"})
"""Those of them that hold words between equations, too."""

STYLES = UPRIGHT | {
    "mathit", "mathsf", "mathtt", "mathbf", "mathcal", "mathscr", "mathfrak", "mathbb", "mathds", "mathbbm",
    "mathnormal", "boldsymbol", "bm", "pmb", "bold", "textit", "textsf", "texttt", "textbf", "vec",
}  # fmt: skip
"""Styles of names: they take an argument, and what is in it is the name."""

BOLD = frozenset({"mathbf", "mathbb", "mathds", "mathbbm", "boldsymbol", "bm", "pmb", "bold", "textbf"})
"""Styles in which a 1 is the one-tensor."""

SPELLINGS = {
    "ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "max": "maximum", "min": "minimum",
    "sgn": "sign", "ReLU": "relu", "GELU": "gelu", "GeLU": "gelu", "SiLU": "silu", "swish": "silu",
    "Sigmoid": "sigmoid", "logistic": "sigmoid", "Softplus": "softplus", "Swish": "silu", "Tanh": "tanh",
    "arsinh": "asinh", "arcosh": "acosh", "artanh": "atanh", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "LogSigmoid": "logsigmoid",
}  # fmt: skip
"""Functions under the names that authors have for them."""

UNSUPPORTED = {
    "int": "there are no integrals: an index is summed",
    "oint": "there are no integrals: an index is summed",
    "lim": "there are no limits",
    "pm": "write two equations, one for each sign",
    "mp": "write two equations, one for each sign",
    "otimes": "write the indices: the outer product is `a_{i} b_{j}`",
    "odot": r"write the indices: the product by element is `a_{i} b_{i}`",
    "circ": "write the indices: the product by element is `a_{i} b_{i}`",
    "nabla": r"write the derivative: `\frac{\partial l}{\partial x_{p}}`",
    "langle": "write the inner product with indices: `a_{i} b_{i}`",
    "rangle": "write the inner product with indices: `a_{i} b_{i}`",
    "forall": "the free indices are those of the left-hand side: leave it out",
    "underbrace": "put the remark into the text",
    "overbrace": "put the remark into the text",
    "infty": "there is no infinity",
    "dots": "write all terms, or a sum",
    "ldots": "write all terms, or a sum",
    "cdots": "write all terms, or a sum",
    "tr": "the trace is written with indices: `x_{ii}`",
    "Tr": "the trace is written with indices: `x_{ii}`",
    "in": "the range of an index is that of the tensors it stands on: leave it out",
    "approx": r"a claim of equality is written `\equiv`",
    "sim": r"a claim of equality is written `\equiv`",
    "propto": r"a claim of equality is written `\equiv`",
    "to": "an equation is written with `=`",
    "gets": "an equation is written with `=`",
    "leftarrow": "an equation is written with `=`",
    "rightarrow": "an equation is written with `=`",
    "Rightarrow": "write two equations",
    "dagger": "there are no complex numbers: the transpose swaps the indices",
    "star": "a name is a letter with accents, or a word: `\\mathrm{opt}`",
    "over": r"write `\frac{a}{b}`",
    "arg": "positions of a maximum or minimum are not there",
    "argmax": "positions of a maximum or minimum are not there",
    "argmin": "positions of a maximum or minimum are not there",
    "sup": "there are no reductions but the sum",
    "inf": "there are no reductions but the sum",
    "bmod": r"the remainder of `a` by `b` is `\operatorname{mod}(a, b)`",
    "mod": r"the remainder of `a` by `b` is `\operatorname{mod}(a, b)`",
    "%": r"the remainder of `a` by `b` is `\operatorname{mod}(a, b)`",
    "binom": "there are no binomial coefficients",
    "substack": "write one sum an index",
}
"""What is known and not read, and what to do instead."""

CONDITIONS = frozenset(
    {"lt", "gt", "le", "ge", "leq", "geq", "leqslant", "geqslant", "ne", "neq", "ll", "gg", "notin", "not", "lnot"}
)
"""Signs of conditions."""

NO_CONDITIONS = (
    r"conditions are not part of the language yet: `\operatorname{step}(x_{i})` is 1 where `x_{i} > 0`, 0 elsewhere, "
    r"`\delta_{ij}` where `i = j`"
)

ENVIRONMENTS = {
    "cases": NO_CONDITIONS.partition(": ")[2],
    "matrix": "name the matrix, and write its indices",
    "array": "name the matrix, and write its indices",
}
ENVIRONMENTS |= {f"{kind}cases": ENVIRONMENTS["cases"] for kind in "dr"}
ENVIRONMENTS |= {f"{kind}matrix": ENVIRONMENTS["matrix"] for kind in ("p", "b", "B", "v", "V", "small")}
"""Environments that are known and not read, and what to do instead."""

REFUSED = (
    (r"\langle", "write the inner product with indices: `a_{i} b_{i}`", "unsupported-command"),
    ("⟨", "write the inner product with indices: `a_{i} b_{i}`", "unsupported-command"),
    (r"\forall", "the free indices are those of the left-hand side: leave it out", "unsupported-command"),
    ("", r"the range of an index is that of the tensors it stands on: leave it out, its size is `\lvert i \rvert`",
     "sum-range"),
)  # fmt: skip
"""What several signs say together: how it begins, what to do instead, and the code of the error."""

MACROS = frozenset({"def", "newcommand", "renewcommand", "providecommand", "DeclareMathOperator", "let", "edef", "gdef",
                    "input", "include", "usepackage", "RequirePackage", "NewDocumentCommand", "newenvironment", "write",
                    "immediate", "openin", "openout", "read", "catcode", "csname", "expandafter", "loop"})  # fmt: skip
"""What would have to be executed."""

_SPACES = (
    r", ; : ! > / quad qquad enspace thinspace medspace thickspace negthinspace negmedspace negthickspace nonumber "
    r"notag displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits left right middle allowbreak nobreak "
    r"allowdisplaybreaks noindent hfill hfil relax mathstrut strut hline centering normalsize small footnotesize "
    r"bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm biggm Biggm big Big bigg Bigg"
)

_TYPES = {
    "FRAC": "frac dfrac tfrac cfrac",
    "SQRT": "sqrt",
    "SUM": "sum",
    "PARTIAL": "partial",
    "STAR": "cdot times ast bullet cdotp",
    "SLASH": "div slash",
    "TOP": "top intercal transpose",
    "PRIME": "prime",
    "EQUALS": "coloneqq triangleq eqdef coloneq",
    "CLAIMS": "equiv",
    "LPAR": "lparen",
    "RPAR": "rparen",
    "LSQUARE": "lbrack",
    "RSQUARE": "rbrack",
    "LCURLY": "{ lbrace",
    "RCURLY": "} rbrace",
    "BAR": "vert",
    "LBAR": "lvert",
    "RBAR": "rvert",
    "NORM": "| Vert",
    "LNORM": "lVert",
    "RNORM": "rVert",
    SKIP: _SPACES,
}


def _functions() -> dict[str, str]:
    commands = {f.latex[1:]: name for name, f in FUNCTIONS.items() if f.arity and re.fullmatch(r"\\[a-z]+", f.latex)}
    return {**commands, "ln": "log", "sqrt": "sqrt", "det": "det", "prod": "prod"}


FUNCTION_COMMANDS: Mapping[str, str] = MappingProxyType(_functions())
"""The functions that have a command of their own."""

COMMANDS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(LETTERS, "NAME")
    | dict.fromkeys(FUNCTION_COMMANDS, "FUNCTION")
    | {name: kind for kind, names in _TYPES.items() for name in names.split()}
    | {" ": SKIP, "\n": SKIP, "\t": SKIP}
)
"""The type of the token that each command is, without its backslash."""


def function_name(word: str) -> str | None:
    r"""Give the function that a word in upright letters is, or ``None``.

    >>> function_name("ReLU"), function_name("erf"), function_name("loss")
    ('relu', 'erf', None)
    """
    name = SPELLINGS.get(word, word)
    return name if name in FUNCTION_NAMES or name in MATRIX_FUNCTIONS or name in OPERATORS else None


def nearest_command(name: str) -> str:
    r"""Give ``": did you mean …?"`` for the nearest known command, or nothing.

    >>> nearest_command("fraq")
    ': did you mean `\\frac`?'
    """
    known = [c for c in [*COMMANDS, *STYLES, *ACCENTS] if c.isalpha()]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f": did you mean `\\{near[0]}`?" if near else ""
