"""Programs: inputs and outputs, order, names."""

import pytest
from oracle import indices

from einsgrad.diagnostics import UsageError
from einsgrad.ir import build
from einsgrad.ir.equations import Claim, Definition, uses
from einsgrad.ir.names import canonical_name, gradient_name, identifier, split_gradient_name
from einsgrad.ir.program import Program

i, j, k, p, q = indices("ijkpq")


def t(name, letters=""):
    return build.tensor(name, indices(letters))


def equation(name, letters, rhs):
    return Definition(name, indices(letters), rhs)


# Written against the order of evaluation: y uses m, m uses x and a.
CHAIN = Program(
    (
        equation("y", "ij", build.product([t("m", "ik"), t("γ", "kj")], [k])),
        equation("m", "ik", build.product([t("x", "ik"), t("a", "k")])),
        equation("z", "i", build.apply("exp", [t("b", "i")])),
    )
)


def test_inputs_come_in_order_of_appearance():
    assert CHAIN.inputs == ("γ", "x", "a", "b")


def test_outputs_are_what_no_equation_uses_unless_others_are_asked_for():
    assert CHAIN.outputs == ("y", "z")
    assert CHAIN.forward_outputs == ("y", "z")
    assert Program(CHAIN.definitions, requested=("m",)).outputs == ("m",)


def test_in_order_puts_each_definition_after_what_it_uses():
    assert [d.name for d in CHAIN.in_order()] == ["m", "y", "z"]


def test_in_order_survives_a_long_chain():
    links = [equation("t0", "", t("x"))]
    links += [equation(f"t{n}", "", build.apply("sin", [t(f"t{n - 1}")])) for n in range(1, 5_000)]
    program = Program(tuple(reversed(links)))
    assert [d.name for d in program.in_order()] == [f"t{n}" for n in range(5_000)]


def test_claims_make_neither_inputs_nor_outputs():
    program = Program((equation("y", "", t("x")),), claims=(Claim(t("y"), t("w"), ()),))
    assert program.inputs == ("x",)
    assert program.outputs == ("y",)
    assert program.indices("w") == ()


def test_the_downstream_loss_makes_upstream_gradients_inputs():
    gradient = build.derivative(t("l"), t("x", "p"))
    program = Program((equation("y", "i", build.apply("sin", [t("x", "i")])), equation("g", "p", gradient)), loss="l")
    assert program.inputs == ("x", "∂l/∂y")
    assert program.forward_outputs == ("y",)
    assert program.indices("dl_dy") == ("i",)


def test_a_gradient_that_enters_taints_what_follows():
    definitions = (
        equation("y", "i", build.apply("sin", [t("x", "i")])),
        equation("∂l/∂x", "p", build.product([t("∂l/∂y", "p"), build.apply("cos", [t("x", "p")])])),
        equation("n", "", build.product([t("∂l/∂x", "p"), t("∂l/∂x", "p")], [p])),
    )
    program = Program(definitions)
    assert program.inputs == ("x", "∂l/∂y")
    assert program.outputs == ("y", "n")
    assert program.forward_outputs == ("y",)


def test_indices_are_as_defined_or_as_first_used():
    assert CHAIN.indices("y") == ("i", "j")
    assert CHAIN.indices("gamma") == ("k", "j")


def test_any_spelling_of_a_name_will_do():
    assert CHAIN.resolve_name("gamma") == "γ"


def test_an_unknown_name_names_the_nearest():
    program = Program((equation("weights", "i", t("bias", "i")),))
    with pytest.raises(UsageError) as caught:
        program.indices("weight")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "unknown-tensor"
    assert diagnostic.message == "the program has no tensor `weight`: did you mean weights?"
    assert diagnostic.notes == ("it has weights, bias",)
    assert diagnostic.span is None


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("x", "x"),
        ("lambda", "λ"),
        ("Gamma", "Γ"),
        ("Gammas", "Gammas"),
        ("ﬁt", "fit"),
        ("dl_dx", "∂l/∂x"),
        ("dloss_dlambda", "∂loss/∂λ"),
        ("∂l/∂lambda", "∂l/∂λ"),
        ("delta", "δ"),
        ("d", "d"),
    ],
)
def test_canonical_name(spelling, canonical):
    assert canonical_name(spelling) == canonical
    assert canonical_name(canonical) == canonical


def test_gradient_names():
    assert gradient_name("l", "W1") == "∂l/∂W1"
    assert split_gradient_name("∂l/∂W1") == ("l", "W1")
    assert split_gradient_name("W1") is None
    assert identifier("∂l/∂W1") == "dl_dW1"
    assert identifier("W1") == "W1"


def test_uses_looks_under_derivatives_and_not_at_what_they_are_taken_by():
    node = build.product([build.derivative(t("y", "i"), t("x", "p")), t("v", "p")], [p])
    assert uses(node) == ("y", "v")


def test_equal_programs_are_equal_and_print_alike():
    again = Program(tuple(Definition(d.name, d.indices, d.rhs) for d in CHAIN.definitions))
    assert again == CHAIN
    assert hash(again) == hash(CHAIN)
    assert str(again) == str(CHAIN) == "y_ij = m_ik γ_kj\nm_ik = x_ik a_k\nz_i = exp(b_i)\n"
