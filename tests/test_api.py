"""The public functions: spellings, defaults, errors; and layer norm beside jax."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import einsgrad as eg


def finding(call, kind=eg.EinsgradError):
    with pytest.raises(kind) as caught:
        call()
    (found,) = caught.value.diagnostics
    return found


def test_a_program_prints_as_itself():
    text = "m_b = 1/|h| 1_h x_bh\ny_bh = (x_bh - 1_h m_b) γ_h\n"
    program = eg.parse(text)
    assert str(program) == text
    assert eg.parse(str(program)) == program


def test_every_spelling_of_a_name_will_do():
    program = eg.parse("y_i = gamma x_i")
    assert program.inputs == ("gamma", "x")
    assert program.indices("γ") == ()
    assert str(eg.grad(program, wrt="γ")) == "∂l/∂gamma = ∂l/∂y_i x_i\n"
    x = np.ones(2)
    np.testing.assert_array_equal(eg.compile(program)(γ=2.0, x=x), eg.compile(program)(gamma=2.0, x=x))


def test_unknown_names_are_answered_with_the_nearest():
    program = eg.parse("yield_i = weight_i")
    with pytest.raises(eg.UsageError) as caught:
        eg.grad(program, of="yeild")
    (found,) = caught.value.diagnostics
    assert found.code == "unknown-tensor"
    assert "did you mean yield?" in found.message


def test_an_input_is_no_output():
    with pytest.raises(eg.UsageError) as caught:
        eg.grad(eg.parse("y_i = 2 x_i"), of="x")
    assert caught.value.diagnostics[0].code == "not-an-output"
    with pytest.raises(eg.UsageError) as caught:
        eg.grad(eg.parse("y_i = 2 x_i"), wrt="y")
    assert caught.value.diagnostics[0].code == "wrt-output"


def test_a_text_will_do_where_a_program_is_taken():
    text = r"y_{i} = w_{ij} x_j"
    program = eg.parse(text)
    assert eg.grad(text, wrt="x") == eg.grad(program, wrt="x")
    assert eg.derive(text, wrt="x") == eg.derive(program, wrt="x")
    assert eg.compile(text, wrt="x").source == eg.compile(program, wrt="x").source


@pytest.mark.parametrize("function", [eg.grad, eg.derive, eg.compile])
def test_a_bad_text_is_told_where_a_program_is_taken(function):
    assert finding(lambda: function("y_i = x_ij")).code == "dummy-once"


PROGRAM = eg.parse("y_i = x_i")


@pytest.mark.parametrize(
    "call",
    [
        lambda: eg.parse(b"y_i = x_i"),
        lambda: eg.load(3),
        lambda: eg.load(b"matmul"),
        lambda: eg.grad(None),
        lambda: eg.derive(["y_i = x_i"]),
        lambda: eg.compile(np.ones(2)),
        lambda: eg.check(None),
        lambda: eg.einsum_grad(["ij->i"]),
        lambda: eg.grad(PROGRAM, wrt=3),
        lambda: eg.grad(PROGRAM, wrt=["x", 3]),
        lambda: eg.derive(PROGRAM, of=3),
        lambda: eg.compile(PROGRAM, sizes=3),
        lambda: eg.compile(PROGRAM).jacobian("y", None, x=[1.0]),
        lambda: PROGRAM.indices(3),
    ],
)
def test_arguments_of_another_type_are_refused(call):
    found = finding(call, eg.UsageError)
    assert found.code == "wrong-type"
    assert found.message.startswith("expected ")


@pytest.mark.parametrize("name", ["layer_norm", "mine.ein", "paper.tex", Path("paper")])
def test_the_name_of_a_file_is_no_text(name):
    found = finding(lambda: eg.derive(name), eg.UsageError)
    assert (found.code, found.fix) == ("file-name", f"einsgrad.load({str(name)!r})")


def test_what_is_shown_of_an_object_is_short_and_tells_what_it_is():
    assert repr(eg.load("layer_norm")) == "Program(x, γ, β -> y; 5 equations)"
    assert repr(eg.parse("a_i == a_i; a_i == b_i")) == "Program(2 claims)"
    assert repr(eg.parse("y_i = x_i; y_i == x_i")) == "Program(x -> y; 1 equation; 1 claim)"
    assert repr(eg.derive("y_i = x_i w_i", wrt="x")) == "Derivation(∂l/∂x; 6 steps)"
    assert repr(eg.compile("y_i = x_i w_i")) == "Function(x, w -> y)"
    assert repr(eg.parse("y = " + " + ".join(f"x{n}" for n in range(40)))) == (
        "Program(x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, … (40) -> y; 1 equation)"
    )


def test_a_dialect_that_is_not_there_is_refused():
    with pytest.raises(eg.UsageError) as caught:
        eg.parse("y = 1", dialect="typst")
    assert caught.value.diagnostics[0].code == "unknown-dialect"


def test_a_text_says_which_dialect_it_is_in():
    assert eg.parse("y_{i} = ab_i^{2} c").inputs == ("a", "b", "c")
    assert eg.parse("y_{i} = ab_i c").inputs == ("ab", "c")
    assert eg.parse("y_{i} = ab_i c", dialect="latex").inputs == ("a", "b", "c")


def test_a_latex_file_is_read(tmp_path):
    file = tmp_path / "paper.tex"
    file.write_text("y_i = ab_i", encoding="utf-8")
    assert eg.load(file).inputs == ("a", "b")


def test_check_takes_latex():
    report = eg.check(r"y_{i} &= \frac{x_{i}}{2} \\ &= \tfrac12 x_{i}")
    assert [claim.verdict for claim in report.claims] == ["proved"]


def test_load_takes_files_and_gallery_names(tmp_path):
    file = tmp_path / "mine.ein"
    file.write_text("y_i = 2 x_i\n", encoding="utf-8")
    assert eg.load(file).outputs == ("y",)
    assert eg.load("matmul").inputs == ("x", "a")
    with pytest.raises(eg.EinsgradError):
        eg.load("layer_nrom")


@pytest.mark.parametrize(
    ("subscripts", "expected"),
    [
        ("ik,kj->ij", ["ij,kj->ik", "ik,ij->kj"]),
        ("i,i->", [",i->i", "i,->i"]),
        ("ij->ji", ["ji->ij"]),
        ("ii->i", ["i,ij->ij"]),
        ("ii->", [",ij->ij"]),
        ("ij->i", ["i,j->ij"]),
        ("bij,bjk->bik", ["bik,bjk->bij", "bij,bik->bjk"]),
        ("i,j->ij", ["ij,j->i", "i,ij->j"]),
        ("ab,bc,cd->ad", ["ad,bc,cd->ab", "ab,ad,cd->bc", "ab,bc,ad->cd"]),
    ],
)
def test_backward_einsum_strings(subscripts, expected):
    assert eg.einsum_grad(subscripts) == expected


def test_layer_norm_agrees_with_jax():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=(2, 64, 768))
    γ, β = rng.normal(size=(2, 768))

    def layer_norm(x, γ, β):
        mean = x.mean(axis=1, keepdims=True)
        variance = ((x - mean) ** 2).mean(axis=1, keepdims=True)
        return (x - mean) / jax.numpy.sqrt(variance + 1e-5) * γ + β

    value, pullback = eg.compile(eg.load("layer_norm")).vjp(x=x, γ=γ, β=β)
    expected, pull = jax.vjp(layer_norm, x, γ, β)
    np.testing.assert_allclose(value, expected, rtol=0, atol=1e-10)
    for got, want in zip(pullback(g).values(), pull(g), strict=True):
        np.testing.assert_allclose(got, want, rtol=0, atol=1e-10)
