"""What a `∂…/∂…` stands for: a derivative to be taken, a gradient that an equation defines, or a given one."""

import pytest

from einsgrad.frontend.parser import parse_program
from einsgrad.ir import build
from einsgrad.ir.nodes import Derivative, Index, Tensor
from einsgrad.ir.traversal import postorder

P, Q = Index("p"), Index("q")


def kinds(program):
    """The derivatives and the gradient tensors of a program, as text."""
    nodes = [node for side in program.expressions() for node in postorder(side)]
    derivatives = {f"{n.operand.name} by {n.wrt.name}" for n in nodes if isinstance(n, Derivative)}
    return derivatives, {n.name for n in nodes if isinstance(n, Tensor) and n.name.startswith("∂")}


MATMUL = "y_ij = x_ik a_kj\n"


@pytest.mark.parametrize(
    ("text", "derivatives", "tensors", "loss"),
    [
        (MATMUL + "g_pq = ∂l/∂x_pq", {"l by x"}, set(), "l"),
        (MATMUL + "g_pq = ∂l/∂y_pq", set(), {"∂l/∂y"}, "l"),
        (MATMUL + "z_ij = exp(y_ij)\ng_pq = ∂l/∂y_pq", {"l by y"}, set(), "l"),
        (MATMUL + "∂l/∂x_pq = ∂l/∂y_pj a_qj", set(), {"∂l/∂y"}, "l"),
        (MATMUL + "∂l/∂x_pq = ∂l/∂y_pj a_qj\ng_pq = 2 ∂l/∂x_pq", set(), {"∂l/∂y", "∂l/∂x"}, "l"),
        ("∂l/∂x_pq = ∂l/∂y_pj a_qj", set(), {"∂l/∂y"}, "l"),
        ("∂l/∂x_p = ∂l/∂y_p y_p", set(), {"∂l/∂y"}, "l"),
        ("∂l/∂x_p = 2 x_p", set(), set(), None),
        ("f = w_i x_i\ng_p = ∂f/∂w_p", {"f by w"}, set(), None),
        ("f = w_i x_i\n∂f/∂w_p = x_p\ng_p = ∂f/∂w_p", {"f by w"}, set(), None),
        ("g_p = ∂f/∂w_p\nf = w_i x_i\nH_pq = ∂g_p/∂w_q", {"f by w", "g by w"}, set(), None),
        (MATMUL + "u_p = ∂y_pj/∂x_pk 1_jk".replace("_pk", "_qk") + " 1_q", {"y by x"}, set(), None),
        ("g_ip = ∂x_i/∂x_p", {"x by x"}, set(), None),
        ("g = ∂x/∂x", {"x by x"}, set(), None),
        ("y = x a\ng = ∂a/∂x", {"a by x"}, set(), None),
        (MATMUL + "∂l/∂x_pq == ∂l/∂y_pj a_qj", {"l by x"}, {"∂l/∂y"}, "l"),
        ("y_i = x_i\nd_p = ∂L/∂x_p ∂L/∂y_p", {"L by x"}, {"∂L/∂y"}, "L"),
    ],
)
def test_kinds_of_derivatives(text, derivatives, tensors, loss):
    program = parse_program(text)
    assert kinds(program) == (derivatives, tensors)
    assert program.loss == loss
    assert parse_program(str(program)) == program


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("E = x_i x_i\n∂E/∂x_p = 3 x_p", "∂E/∂x_p == 3 x_p"),
        ("∂E/∂x_p = 3 x_p\nE = x_i x_i", "∂E/∂x_p == 3 x_p"),
        ("y_i = sin(x_i)\n∂y_i/∂x_p = cos(x_i) δ_ip", "∂y_i/∂x_p == cos(x_i) δ_ip"),
        ("E = x_i x_i\ndiff(E, x_p) = 3 x_p", "∂E/∂x_p == 3 x_p"),
        ("∂(x_i x_i)/∂x_p = 2 x_p", "∂(x_i x_i)/∂x_p == 2 x_p"),
        ("y = x a\n∂x/∂x = 1", "∂x/∂x == 1"),
    ],
)
def test_an_equation_for_a_derivative_that_others_settle_is_a_claim(text, claim):
    same = [line for line in text.split("\n") if line.partition(" = ")[2] != claim.partition(" == ")[2]]
    program = parse_program(text)
    assert program == parse_program("\n".join([*same, claim]))
    assert program.outputs == parse_program("\n".join(same) or claim).outputs
    assert program.spans[program.claims[0]].text == next(line for line in text.split("\n") if line not in same)


def test_the_upstream_gradient_is_an_input():
    assert parse_program(MATMUL + "g_pq = ∂l/∂x_pq").inputs == ("x", "a", "∂l/∂y")
    assert parse_program("∂l/∂x_pq = ∂l/∂y_pj a_qj").inputs == ("∂l/∂y", "a")


def test_a_given_gradient_may_repeat_an_index():
    program = parse_program(MATMUL + "g = ∂l/∂y_ii")
    trace = build.product([build.tensor("∂l/∂y", [Index("i"), Index("i")])], [Index("i")])
    assert program.definitions[1].rhs is trace


def test_gradients_are_named_as_their_tensors_are_first_spelled():
    program = parse_program("y_i = gamma_i; ∂l/∂γ_p = ∂l/∂y_p")
    assert [d.name for d in program.definitions] == ["y", "∂l/∂gamma"]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("g_p = diff(f, w_p)", "g_p = ∂f/∂w_p"),
        ("g_p = ∂(f)/∂w_p", "g_p = ∂f/∂w_p"),
        ("g_p = ∂ f / ∂ w_p", "g_p = ∂f/∂w_p"),
        ("g_p = diff(x_i x_i, w_p)", "g_p = ∂(x_i x_i)/∂w_p"),
        ("g_ip = ∂exp(x_i)/∂w_p", "g_ip = ∂(exp(x_i))/∂w_p"),
        ("g_p = a ∂f/∂w_p b", "g_p = a (∂f/∂w_p) b"),
        ("g_p = a/∂f/∂w_p", "g_p = a / (∂f/∂w_p)"),
    ],
)
def test_forms_of_a_derivative(text, same):
    rest = "\nf = w_i x_i"
    assert parse_program(text + rest) == parse_program(same + rest)


def test_what_is_differentiated_sums_inside():
    i = Index("i")
    x, w = build.tensor("x", [i]), build.tensor("w", [P])
    node = parse_program("g_p = ∂(x_i x_i)/∂w_p; v = w_i w_i").definitions[0].rhs
    assert node is build.derivative(build.product([x, x], [i]), w)


def test_claims_say_which_indices_are_free():
    i, j, k = (Index(c) for c in "ijk")
    free = {text: parse_program(text).claims[0].free for text in CLAIMS}
    assert free == {text: tuple({"i": i, "j": j, "k": k}[c] for c in letters) for text, letters in CLAIMS.items()}


CLAIMS = {
    "a_kj == δ_ki a_ij": "kj",
    "a_ij b_ij == c_ij d_ij (no sum i)": "i",
    "a_ij b_ij == c_ij d_ij (no sum i, j)": "ij",
    "a_ij b_ij == b_ij a_ij": "",
    "exp(a_i) == b_i b_j b_j": "i",
    "a_i a_i + b_j == c_j": "j",
    "a_i - a_i == 0": "i",
    "sum_i a_i == 1_j a_j": "",
}


@pytest.mark.parametrize("text", CLAIMS)
def test_claims_print_and_parse(text):
    program = parse_program(text)
    assert parse_program(str(program)) == program
    assert program.claims[0].stated == ("no sum" in text)
