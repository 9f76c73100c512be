"""An example for each code that einsgrad reports, by what it is about: see ``test_error_page``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["plain", "latex", "matrix", "einsum", "python", "command"]


@dataclass(frozen=True)
class Example:
    """A text that causes a code, and the text mended; where the message has a fix, that is what mends it.

    The variables of the environment belong to the text, not to the text mended.
    """

    code: str
    text: str
    mended: str | None = None
    kind: Kind = "plain"
    environment: Mapping[str, str] = field(default_factory=dict)


def latex(code, text, mended=None):
    return Example(code, text, mended, "latex")


def matrix(code, text, mended=None):
    return Example(code, text, mended, "matrix")


def einsum(code, text, mended=None):
    return Example(code, text, mended, "einsum")


def python(code, text, mended=None, **environment):
    return Example(code, text, mended, "python", environment)


def command(code, text, mended=None):
    return Example(code, text, mended, "command")


SECTIONS = {
    "Sums": [
        Example("dummy-once", "y_i = x_ih"),
        Example("free-missing", "y_ij = x_ij + b_j"),
        Example("ambiguous-sum", "y = x_i z_i / sqrt(x_i x_i)"),
        Example("sum-taken", "y_i = sum_i x_i", "y_i = 1_i (sum_j x_j)"),
        Example("sum-unused", "y = sum_i a", "y = sum_i 1_i a"),
        Example("sum-index", "y = sum(x_i)"),
        Example("sum-empty", "y = a sum_i", "y = a (sum_i x_i)"),
        Example("sum-range", "s = sum_{i=1} x_i"),
        Example("sum-denominator", "y = a / sum_i x_i", "y = a / (sum_i x_i)"),
        Example("no-sum", "a_i = b_i c_i (no sum i)"),
        Example("no-sum-unknown", "a_i b_i == b_i a_i (no sum j)", "a_i b_i == b_i a_i (no sum i)"),
    ],
    "What an equation defines": [
        Example("left-side", "2 y = x"),
        Example("left-repeated", "y_ii = x_i"),
        Example("defined-twice", "y = a; y = b", "y = a; z = b"),
        Example("cycle", "y = y + 1", "z = y + 1"),
        Example("order", "y = x_i x_i + x", "y = x_i x_i + b"),
        Example("size-unknown", "H = |h|; y_i = x_i", "H = |i|; y_i = x_i"),
        Example("size-ambiguous", "H = |h|; y = a_h a_h; z = b_h b_h", "H = |h|; y = a_h a_h; z = b_k b_k"),
        Example("given-unknown", "given x_i == y_i; l = x_i y_i", "l = x_i x_i"),
        Example("given-defined", "given y_ij == y_ji; y_ij = x_i x_j"),
        Example(
            "given-contradicts",
            "given 1_i p_i == 1; given 1_i p_i == 2; l = p_i x_i",
            "given 1_i p_i == 1; l = p_i x_i",
        ),
        Example("delta-indices", "y = δ_ijk X_ijk", "y = δ_ij δ_jk X_ijk"),
        Example("own-function", "f(u) = u exp(u_i); y_i = f(x_i)", "f(u) = u exp(u); y_i = f(x_i)"),
    ],
    "Derivatives": [
        Example("derivative-index", "g_p = ∂(x_p x_p)/∂x_p"),
        Example("derivative-by", "g = diff(x_i x_i, 2)", "g_p = diff(x_i x_i, x_p)"),
        Example("derivative-power", "y = z z; g = ∂y/∂z^2", "y = z z; g = (∂y/∂z)^2"),
        Example("derivative-undefined", "mean_i = x_i; g_ip = ∂maen_i/∂x_p", "mean_i = x_i; g_ip = ∂mean_i/∂x_p"),
        Example(
            "several-losses", "y_i = x_i; g_p = ∂l/∂x_p + ∂k/∂x_p", "y_i = x_i; k = y_i y_i; g_p = ∂l/∂x_p + ∂k/∂x_p"
        ),
    ],
    "Names and indices": [
        Example("unknown-function", "y_i = sofplus(x_i)"),
        Example("name-clash", "dl_dx[i] = x_i; ∂l/∂x_p = x_p", "g_i = x_i; ∂l/∂x_p = x_p"),
        Example("reserved-name", "step_i = x_i", "steps_i = x_i"),
        Example("bad-name", "y = x'", "y = x1"),
        Example("subscript", "y = x_{}", "y = x[]"),
        Example("fixed-component", "y = x_0", "y = x0"),
        Example("index-bracket", "y_ij = (a b)_ij", "y_ij = a_ik b_kj"),
        Example("positions", "h_bj = e_{t_b,j} t_b", "h_bj = e_{t_b,j} w_b"),
        Example("raised-character", "y_i = x_iⁿ"),
        Example("bars", "y_i = |x_i|"),
        Example("name-long", "y = " + "x" * 101, "y = x"),
    ],
    "Syntax": [
        Example("no-equation", "x + 3", "y = x + 3"),
        Example("empty", "# y = x", "y = x"),
        Example("unexpected-character", "y = x $ 2", "y = x * 2"),
        Example("unexpected-token", "y = x = z", "y = x; x = z"),
        Example("unexpected-end", "y = x_ik a_kj +", "y_ij = x_ik a_kj"),
        Example("bracket-unclosed", "y = (a + b", "y = (a + b)"),
        Example("bracket-unopened", "y = a) + b", "y = a + b"),
        Example("bracket-mismatch", "y = (a]", "y = (a)"),
        Example("power-chain", "y = x^2^3", "y = x^(2^3)"),
        Example("comma", "y = (a, b)", "y = maximum(a, b)"),
        Example("arity", "y = maximum(a)", "y = maximum(a, 0)"),
        Example("number-number", "y = 2 3", "y = 2 * 3"),
        Example("number-range", "y = 10^(10^10)", "y = 10^10"),
    ],
    "Other notations": [
        Example("notation", "x += 1", "y = x + 1"),
        Example("operator-factors", "y_i = max_j x_ij w_j", "y_i = max_j(x_ij w_j)"),
        Example("operator-name", "mean_i = x_i; y_i = mean_i(x_i + 1_i)", "mean_i = x_i; y_i = mean_i (x_i + 1_i)"),
        Example("norm", "E = ||x_i - y_i||^2"),
        Example("inverse", "y_ij = a^-1_ij"),
        Example("matrix-letters", "y_ij = inv(a_ij + b_ij)", "y_ij = inv_ij(a_ij + b_ij)"),
        Example("transpose", "y_ij = A.T_ij"),
        Example("upper-index", "y_ij = t_i^j"),
        Example("power-index", "y_i = x^2_i + z_i"),
        Example("function-power", "y_i = sin^2(x_i)"),
        Example("condition", "y_i = (x_i > 0) z_i"),
        Example("index-arithmetic", "y_i = x_{i/2} w_i", "y_i = x_{2i} w_i"),
        python("dialect", 'eg.parse("y_{i} = ab_{i}")', 'eg.parse("y_{i} = ab_{i}", dialect="latex")'),
    ],
    "LaTeX": [
        latex("script-braces", r"y_i = x_ij z_j"),
        latex("double-script", r"y = x_i_j z_{ij}", r"y = x_{ij} z_{ij}"),
        latex("braces", r"y = 2 {a + b}", r"y = 2 (a + b)"),
        latex("name-styles", r"y = \mathbf{x}_i x_i", r"y = \mathbf{x}_i \mathbf{x}_i"),
        latex("function-argument", r"y_i = \log x_i z_i"),
        latex("root-order", r"y = \sqrt[n]{x}", r"y = x^{1/n}"),
        latex("derivative", r"y = \partial_x z", r"y = \frac{\partial z}{\partial x}"),
        latex("determinant", r"L = |\Sigma| + x_i \Sigma_{ij} x_j"),
        latex("unknown-command", r"y = \fraq{1}{2}", r"y = \frac{1}{2}"),
        latex("unsupported-command", r"y = x \pm z", r"y = x + z"),
        latex("macro", r"\input{a} y = x", "y = x"),
        latex("environment", r"A = \begin{pmatrix} a & b \end{pmatrix}", r"A_{ij} = B_{ij}"),
        latex("environment-unclosed", r"\begin{align} y &= x", r"\begin{align} y &= x \end{align}"),
    ],
    "Matrix notation": [
        matrix("matrix-shape", "X: n×d, y: n; g = X y"),
        matrix("matrix-undeclared", "X: n×d, w: d; y = Xw"),
        matrix("matrix-size", "s = 1ᵀ 1", "x: n; s = 1_nᵀ 1"),
        matrix("matrix-declaration", "x: n×; s = xᵀ x", "x: n; s = xᵀ x"),
        matrix("ambiguous-product", "A: n×n, B: n×n, x: n; y = A .* B x", "A: n×n, B: n×n, x: n; y = (A .* B) x"),
    ],
    "Warnings": [
        Example("idle-one", "y_ij = exp(x_ij) / (1_j exp(x_ij))", "y_ij = exp(x_ij) / (1_k exp(x_ik))"),
        Example("exponential", "y_i = e^x_i", "y_i = exp(x_i)"),
        Example("matrix-notation", "Y = X A"),
        Example("near-name", "mean_i = 2 x_i; y_i = meen_i x_i", "mean_i = 2 x_i; y_i = mean_i x_i"),
        Example("no-value", "y = x / (1 - 1)", "y = x / (1 + 1)"),
        Example("zero-derivative", "y = x_i x_i; g_p = ∂y/∂z_p", "y = x_i x_i; g_p = ∂y/∂x_p"),
        latex("bracket-broadcast", r"J_{ik} = p_i (\delta_{ik} - p_k)", r"J_{ik} = p_i \delta_{ik} - p_i p_k"),
        latex("prose", r"With $L = x_i x_i$ we have \[ y_i = 2 x_i. \]", r"\[ L = x_i x_i, \quad y_i = 2 x_i. \]"),
    ],
    "Files and limits": [
        python("no-file", 'eg.load("layer_nrom")', 'eg.load("layer_norm")'),
        python("not-utf8", 'eg.load("latin1.ein")'),
        python("nul-byte", 'eg.load("zeros.ein")'),
        python("text-long", 'eg.parse("#" * 2_000_001 + "y = x")', 'eg.parse("#" * 2_000 + "\\ny = x")'),
        python("statement-long", 'eg.parse("y = " + "x + " * 30_000 + "x")', 'eg.parse("y = " + "x + " * 3 + "x")'),
        python("statements-many", 'eg.parse("y = x;" * 20_001)', 'eg.parse("y = x;")'),
        python(
            "letters-many",
            'eg.parse("1_{" + ",".join(f"i{k}" for k in range(65)) + "} == 1")',
            'eg.parse("1_{" + ",".join(f"i{k}" for k in range(64)) + "} == 1")',
        ),
        python("nesting-deep", 'eg.parse("y = " + "(" * 1_001 + "x" + ")" * 1_001)', 'eg.parse("y = ((x))")'),
        python("number-long", 'eg.parse("y = " + "1" * 401)', 'eg.parse("y = 1e100")'),
        python("errors-many", r'eg.parse("\n".join(f"y{k} = x_i" for k in range(1_001)))'),
    ],
    "Einsum strings": [
        einsum("einsum-character", "i?,jk->ik", "ij,jk->ik"),
        einsum("einsum-output", "ij,jk->il", "ij,jk->ik"),
        einsum("einsum-ellipsis", "i..,jk->ik", "i...,jk->...ijk"),
    ],
    "From Python": [
        python("missing-input", 'eg.compile("y_i = x_i")()', 'eg.compile("y_i = x_i")(x=np.ones(3))'),
        python(
            "unknown-input", 'eg.compile("y_i = x_i")(x=np.ones(3), X=0.0)', 'eg.compile("y_i = x_i")(x=np.ones(3))'
        ),
        python("repeated-input", 'eg.compile("y = γ")(γ=1.0, gamma=2.0)', 'eg.compile("y = γ")(gamma=2.0)'),
        python("not-an-array", 'eg.compile("y_i = x_i")(x=[1.0, [2.0]])', 'eg.compile("y_i = x_i")(x=[1.0, 2.0])'),
        python(
            "masked-array",
            'eg.compile("y_i = x_i")(x=np.ma.masked_invalid([1.0, np.nan]))',
            'eg.compile("y_i = x_i")(x=np.ma.masked_invalid([1.0, np.nan]).filled(0.0))',
        ),
        python(
            "singular-matrix",
            'eg.compile("y_i = inv(A)_ij x_j")(A=np.ones((2, 2)), x=np.ones(2))',
            'eg.compile("y_i = inv(A)_ij x_j")(A=np.eye(2), x=np.ones(2))',
        ),
        python("wrong-order", 'eg.compile("y_i = x_i")(x=1.0)', 'eg.compile("y_i = x_i")(x=[1.0])'),
        python(
            "position-type",
            'eg.compile("y_b = e_{t_b}")(e=[1.0, 2.0], t=[0.0])',
            'eg.compile("y_b = e_{t_b}")(e=[1.0, 2.0], t=[0])',
        ),
        python(
            "position-range",
            'eg.compile("y_b = e_{t_b}")(e=[1.0, 2.0], t=[2])',
            'eg.compile("y_b = e_{t_b}")(e=[1.0, 2.0], t=[1])',
        ),
        python(
            "wrt-positions",
            'eg.grad("y_b = e_{t_b}", wrt="t")',
            'eg.grad("y_b = e_{t_b}", wrt="e")',
        ),
        python("wrong-dtype", 'eg.compile("y_i = x_i")(x=["1"])', 'eg.compile("y_i = x_i")(x=[1])'),
        python(
            "size-mismatch",
            'eg.compile("y = x_i z_i")(x=np.ones(3), z=np.ones(1))',
            'eg.compile("y = x_i z_i")(x=np.ones(3), z=np.ones(3))',
        ),
        python(
            "integer-gradient",
            'eg.compile("y = x_i x_i").value_and_grad(x=[1, 2])',
            'eg.compile("y = x_i x_i").value_and_grad(x=[1.0, 2.0])',
        ),
        python(
            "not-scalar",
            'eg.compile("y_i = x_i").value_and_grad(x=[1.0])',
            'eg.compile("y_i = x_i").vjp(x=[1.0])',
        ),
        python(
            "upstream-names",
            'eg.compile("y = x; z_i = x 1_i + a_i").vjp(x=1.0, a=[2.0])[1](1.0)',
            'eg.compile("y = x; z_i = x 1_i + a_i").vjp(x=1.0, a=[2.0])[1]({"y": 1.0, "z": [0.0]})',
        ),
        python(
            "upstream-shape",
            'eg.compile("y_i = x_i").vjp(x=[1.0, 2.0])[1](1.0)',
            'eg.compile("y_i = x_i").vjp(x=[1.0, 2.0])[1]([1.0, 0.0])',
        ),
        python(
            "tangent-names",
            'eg.compile("y = x").jvp({"x": 1.0}, 2.0)',
            'eg.compile("y = x").jvp({"x": 1.0}, {"x": 2.0})',
        ),
        python(
            "tangent-shape",
            'eg.compile("y_i = x_i").jvp({"x": [1.0, 2.0]}, {"x": 1.0})',
            'eg.compile("y_i = x_i").jvp({"x": [1.0, 2.0]}, {"x": [1.0, 0.0]})',
        ),
        python(
            "no-residual",
            'eg.compile("y = x_i x_i x_i").gnvp({"x": [1.0]}, x=[2.0])',
            'eg.compile("r_i = x_i x_i; y = r_i x_i").gnvp({"x": [1.0]}, x=[2.0])',
        ),
        python("unknown-size", 'eg.compile("y_i = 1_i")()', 'eg.compile("y_i = 1_i", sizes={"i": 3})()'),
        python(
            "unknown-index",
            'eg.compile("y_i = x_i", sizes={"j": 3})',
            'eg.compile("y_i = x_i", sizes={"i": 3})',
        ),
        python("bad-size", 'eg.compile("y_i = x_i", sizes={"i": -3})', 'eg.compile("y_i = x_i", sizes={"i": 3})'),
        python("unknown-tensor", 'eg.grad("y_i = x_i", wrt="X")', 'eg.grad("y_i = x_i", wrt="x")'),
        python("not-an-output", 'eg.grad("y_i = x_i", of="x")', 'eg.grad("y_i = x_i", of="y")'),
        python("wrt-output", 'eg.grad("y_i = x_i", wrt="y")', 'eg.grad("y_i = x_i", wrt="x")'),
        python("no-output", 'eg.compile("a_i b_i == b_i a_i")', 'eg.compile("y = a_i b_i")'),
        python("wrong-type", "eg.parse(3)", 'eg.parse("y = 3")'),
        python("unknown-dialect", 'eg.parse("y = x", dialect="tex")', 'eg.parse("y = x", dialect="latex")'),
        python("file-name", 'eg.compile("layer_norm")', 'eg.compile(eg.load("layer_norm"))'),
    ],
    "Arrays for results": [
        python(
            "out-name",
            'eg.compile("y_i = x_i").into({"z": np.empty(2)})',
            'eg.compile("y_i = x_i").into({"y": np.empty(2)})',
        ),
        python("out-array", 'eg.compile("y_i = x_i").into([0, 0])', 'eg.compile("y_i = x_i").into(np.empty(2))'),
        python(
            "out-overlap",
            'eg.compile("y_i = x_i; z_i = x_i").into(dict.fromkeys("yz", np.empty(2)))',
            'eg.compile("y_i = x_i; z_i = x_i").into({"y": np.empty(2), "z": np.empty(2)})',
        ),
    ],
    "Planning": [
        python("unknown-target", 'eg.compile("y = x", target="nativ")', 'eg.compile("y = x", target="native")'),
        python("not-offered", 'eg.compile("y = x x").module("jpv")', 'eg.compile("y = x x").module("jvp")'),
        python("threads-few", 'eg.compile("y = x", target="native", threads=0)', 'eg.compile("y = x", threads=1)'),
        python(
            "unknown-optimizer", 'eg.compile("y = x", optimizer="gready")', 'eg.compile("y = x", optimizer="greedy")'
        ),
        python(
            "not-a-path", 'eg.compile("y = a_i b_ij c_j", optimizer=lambda *_: [])', 'eg.compile("y = a_i b_ij c_j")'
        ),
        python(
            "bad-memory-limit", 'eg.compile("y = x", memory_limit="lots")', 'eg.compile("y = x", memory_limit="2 GB")'
        ),
        python(
            "memory-limit",
            'eg.compile("y = sqrt(1_n exp(x_n)^2)", sizes={"n": 1000}, memory_limit="5 kB")',
            'eg.compile("y = sqrt(1_n exp(x_n)^2)", sizes={"n": 1000}, memory_limit="20 kB")',
        ),
        python("bad-search-time", 'eg.compile("y = x", search_time=-1)', 'eg.compile("y = x", search_time=1)'),
        python(
            "untimed-optimizer",
            'eg.compile("y = x", optimizer="dp", search_time=1)',
            'eg.compile("y = x", optimizer="random-greedy", search_time=1)',
        ),
    ],
    "Native code": [
        python("no-scipy", 'without_scipy("y_i = lgamma(x_i)")'),
        python("compiler-failed", 'build("int f(void) { return 0; }")', CC="false"),
        python(
            "no-native-code",
            'eg.compile("y_ij = inv(A)_ij", target="native").files("y")',
            'eg.compile("y_ij = inv(A)_ij").files("y")',
        ),
        python("cache-folder", 'build("int f(void) { return 0; }")', EINSGRAD_CACHE="y.ein"),
    ],
    "From the command line": [
        command("unknown-gallery-name", "einsgrad gallery layer_nrom", "einsgrad gallery layer_norm"),
        command("output-is-input", "einsgrad compile y.ein -o y.ein", "einsgrad compile y.ein -o y.py"),
        command("output-directory", "einsgrad compile y.ein -o .", "einsgrad compile y.ein -o y.py"),
        command(
            "output-file",
            "einsgrad compile y.ein --target native -o x.npz",
            "einsgrad compile y.ein --target native -o y",
        ),
        command("not-an-npz", "einsgrad run y.ein --inputs y.ein", "einsgrad run y.ein --inputs x.npz"),
        command(
            "given-broken",
            "einsgrad run shares.ein --inputs x.npz --validate",
            "einsgrad run shares.ein --inputs x.npz",
        ),
        command(
            "upstream-missing",
            "einsgrad run y.ein --inputs x.npz --grad",
            "einsgrad run y.ein --inputs upstream.npz --grad",
        ),
    ],
}
