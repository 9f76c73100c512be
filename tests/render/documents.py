"""Derivations written by hand, to render."""

from oracle import indices

from einsgrad.frontend.parser import parse_program
from einsgrad.ir import build
from einsgrad.ir.derivation import Chain, Section, Step
from einsgrad.render.document import Document, Result
from einsgrad.render.layout import Fraction, Identifier, Operator, Row, Script


def reads(text):
    """The right-hand sides of equations in the plain dialect."""
    return [d.rhs for d in parse_program(text).definitions]


def t(name, letters=""):
    return build.tensor(name, indices(letters))


def partial(name):
    return Row((Operator("∂"), Identifier(name)))


def matmul():
    (equation,) = parse_program("y_ij = x_ik a_kj").definitions
    product, two_deltas, one_delta = reads(
        "r_ijpq = ∂(x_ik a_kj)/∂x_pq; s_ijpq = δ_ip δ_kq a_kj; t_ijpq = δ_ip a_qj",
    )
    upstream, chain, short, _ = reads(
        "r_pq = ∂l/∂y_ij ∂y_ij/∂x_pq; s_pq = ∂l/∂y_ij δ_ip a_qj; t_pq = ∂l/∂y_pj a_qj; y_ij = x_ij",
    )
    i, k, p, q = indices("ikpq")
    left = build.derivative(t("y", "ij"), t("x", "pq"))
    inner = build.derivative(t("x", "ik"), t("x", "pq"))
    deltas = build.product([build.delta(i, p), build.delta(k, q)])
    section = Section(
        equation,
        (
            Chain(
                left,
                (
                    Step(product, (t("y", "ij"), " = ", equation.rhs)),
                    Step(build.product([inner, t("a", "kj")], [k]), ("product rule",)),
                    Step(two_deltas, (inner, " = ", deltas)),
                    Step(one_delta, (build.delta(k, q), ": ", k, " → ", q)),
                ),
            ),
        ),
    )
    adjoint = Chain(
        build.derivative(t("l"), t("x", "pq")),
        (
            Step(upstream, ("chain rule",)),
            Step(chain, (left, " = ", one_delta)),
            Step(short, (build.delta(i, p), ": ", i, " → ", p)),
        ),
    )
    (gradient,) = parse_program("∂l/∂x_ik = ∂l/∂y_ij a_kj").definitions
    transposed = Script(Identifier("A"), above=Identifier("T", "upright"))
    matrix = Row(
        (
            Fraction(partial("l"), partial("X")),
            Operator("="),
            Fraction(partial("l"), partial("Y")),
            transposed,
        )
    )
    return Document("Matrix product", (section, Section(None, (adjoint,))), (Result(gradient, matrix, "ij,kj->ik"),))
