r"""Dialects: how the parts of the language are spelled in each, for errors that say what to write."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from einsgrad.ir import build
from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.names import GREEK
from einsgrad.ir.nodes import Expr, Index
from einsgrad.ir.printer import print_claim, print_definition, print_tensor

_PLAIN_IDIOMS = {
    "softmax": "exp(x_ij) / (1_k exp(x_ik))",
    "logsumexp": "log(1_k exp(x_ik))",
    "mean": "1/|i| 1_i x_i",
    "norm": "sqrt(x_i x_i)",
    "dot": "a_i b_i",
    "trace": "x_ii",
    "transpose": "x_ji",
    "square": "x_i^2",
    "ln": "log(x_i)",
    "arcsin": "asin(x_i)",
    "arccos": "acos(x_i)",
    "arctan": "atan(x_i)",
    "swish": "silu(x_i)",
    "logistic": "sigmoid(x_i)",
    "heaviside": "step(x_i)",
}
_LATEX_IDIOMS = {
    "softmax": r"\frac{\exp(x_{ij})}{\sum_{k} \exp(x_{ik})}",
    "logsumexp": r"\log \sum_{k} \exp(x_{ik})",
    "mean": r"\frac{1}{\lvert i \rvert} \sum_{i} x_{i}",
    "norm": r"\sqrt{x_{i} x_{i}}",
    "dot": "a_{i} b_{i}",
    "trace": "x_{ii}",
    "tr": "x_{ii}",
    "transpose": "x_{ji}",
    "square": "x_{i}^{2}",
    "logistic": r"\operatorname{sigmoid}(x_{i})",
    "heaviside": r"\operatorname{step}(x_{i})",
    "diag": r"\delta_{ij} x_{i}",
    "eye": r"\delta_{ij}",
}
_ALIASES = MappingProxyType({"σ": "sigmoid", "sig": "sigmoid"})
_ARGUMENT = "positions of a maximum or minimum are not in the language"
_ABSENT = MappingProxyType(
    {
        "pinv": "pseudo-inverses are not in the language",
        "argmax": _ARGUMENT, "argmin": _ARGUMENT, "arg": _ARGUMENT,
    }
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Dialect:
    """How a dialect spells what errors propose.

    Attributes:
        one: the one-tensor with some indices.
        delta: the Kronecker delta.
        script: the indices of a tensor, as they follow its name.
        sum: the sign of an explicit sum.
        function: the name of a function before its bracket.
        claim: the sign of a claim, with its spaces.
        root: the square root of a text.
        times: the sign that makes a name before a bracket multiply, if it is to be proposed.
        idioms: how to write what readers may look for under another name.
        aliases: functions under names that are letters, by key.
        absent: what is said of functions that the language lacks, by name.
        statement: a whole equation or claim.
        comment: the sign that a comment begins with.
        matrix_product: a product of matrices as it is written.
        spreads: whether a term of a bracket is broadcast along what multiplies the bracket, with a warning.
    """

    one: Callable[[Sequence[Index]], str]
    delta: Callable[[Index, Index], str]
    script: Callable[[Sequence[Index]], str]
    sum: Callable[[Sequence[Index]], str]
    function: Callable[[str], str]
    claim: str
    root: Callable[[str], str]
    times: str
    idioms: Mapping[str, str]
    aliases: Mapping[str, str]
    absent: Mapping[str, str]
    statement: Callable[[Definition | Claim], str]
    comment: str
    matrix_product: str
    spreads: bool


# The LaTeX printer is loaded with the first error that needs it. It reads nothing but the program's nodes.


def _latex(node: Expr) -> str:
    from einsgrad.render.latex import latex_expression

    return latex_expression(node)


def _latex_sum(indices: Sequence[Index]) -> str:
    from einsgrad.render.latex import latex
    from einsgrad.render.layout import Operator, Script
    from einsgrad.render.typeset import typeset_indices

    return latex(Script(Operator("∑"), typeset_indices(indices)))


def _latex_statement(statement: Definition | Claim) -> str:
    from einsgrad.render.latex import latex_claim, latex_definition

    return latex_definition(statement) if isinstance(statement, Definition) else latex_claim(statement)


PLAIN = Dialect(
    one=lambda indices: print_tensor("1", indices),
    delta=lambda i, j: print_tensor("δ", [i, j]),
    script=lambda indices: print_tensor("x", indices).removeprefix("x"),
    sum=lambda indices: print_tensor("sum", indices),
    function=lambda name: name,
    claim=" == ",
    root=lambda text: f"sqrt({text})",
    times="",
    idioms=MappingProxyType(_PLAIN_IDIOMS),
    aliases=_ALIASES,
    absent=_ABSENT,
    statement=lambda s: print_definition(s) if isinstance(s, Definition) else print_claim(s),
    comment="#",
    matrix_product="y_ij = x_ik a_kj",
    spreads=False,
)
LATEX = Dialect(
    one=lambda indices: _latex(build.one(indices)),
    delta=lambda i, j: _latex(build.delta(i, j)),
    script=lambda indices: _latex(build.tensor("x", list(indices))).removeprefix("x"),
    sum=_latex_sum,
    function=lambda name: r"\operatorname{sqrt}" if name == "sqrt" else FUNCTIONS[name].latex,
    claim=r" \equiv ",
    root=lambda text: rf"\sqrt{{{text}}}",
    times=r" \cdot ",
    idioms=MappingProxyType(_LATEX_IDIOMS),
    aliases=_ALIASES,
    absent=_ABSENT,
    statement=_latex_statement,
    comment="%",
    matrix_product="y_{ij} = x_{ik} a_{kj}",
    spreads=True,
)

_PLAIN_COMMENT = re.compile(r"#[^\n]*")
_LATEX_SIGN = re.compile(r"\\(?P<command>[A-Za-z]+)|\\[^A-Za-z\s]|\^\{|&\s*[-=:≡+]|[-=+]\s*&|\$")


def detect(text: str) -> Dialect:
    r"""Tell the dialect of a text: LaTeX if it has signs or commands, other than Greek letters, that only LaTeX has.

    >>> detect(r"y_i = \gamma x_i") is PLAIN, detect(r"y_{i} &= x_{i}^{2}") is LATEX
    (True, True)
    """
    signs = _LATEX_SIGN.finditer(_PLAIN_COMMENT.sub("", text))
    return LATEX if any(sign["command"] not in GREEK for sign in signs) else PLAIN
