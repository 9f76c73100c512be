"""Positions: ``e_{t_b,j}``, ``x[i,-1]`` and ``δ_{p,t_b}``, from the text to claims about them."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gathers import assert_gradients, sample

import einsgrad as eg
from einsgrad.diagnostics import ArrayError
from einsgrad.ir.program import Program
from einsgrad.reference import evaluate
from einsgrad.render.latex import latex_program

PROGRAMS = {
    "embedding": "y_bj = e_{t_b,j}",
    "embedding against a matrix": "y_bk = exp(e[t[b], j] w_jk)",
    "sequence": "y_bsj = e_{t_{bs},j} m_s",
    "class numbers": "l = 1_n (log(1_k exp(s_nk)) - s_{n,y_n})",
    "factorisation": "l = 1_n (r_n - u_{a_n,f} v_{b_n,f})^2",
    "messages": "h_vk = δ_{v,s_c} x_{d_c,j} w_jk q_vk",
    "two of one tensor": "E = sum_n q_{a_n} q_{b_n} / (1 + (x_{a_n,i} - x_{b_n,i}) (x_{a_n,i} - x_{b_n,i}))",
    "both axes": "y_b = e_{t_b,u_b}^2",
    "a letter of the positions again": "z_n = s_{y_n,n} w_n",
    "computed": "e_ij = sin(x_i z_j); y_b = e_{t_b,u_b}",
    "computed diagonal": "e_ij = δ_ij x_i; y_bj = e_{t_b,j}",
    "counts": "y_p = 1_b δ_{p,t_b} x_p",
    "one-hot": "y_pb = δ_{p,t_b} x_p",
    "equal positions": "y_p = δ_{p,t_b} δ_{p,u_c} g_bc x_p",
    "ends": "v = (x[0] - x[-1])^2 + x[1] x_i w_i",
    "columns": "y_i = sin(x[i,-1]) x[i,0] + x[i,1]",
    "a component": "y = a[0,-1]^2 w_i w_i",
    "position and number": "y_b = e[t[b],1] z[0]",
    "an equation's": "u_i = x_i^2; y_j = u[0] a[j,-1]",
    "at a number": "y_pj = δ[p,-1] g_j q_pj + δ[p,1] h_pj",
    "two places": "y_pq = δ[p,0] δ_{q,t_b} g_b q_pq",
    "positions of a selected letter": "y_i = δ_{i,t_j} δ_{j,u_b} g_b x_i z_j",
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_text_and_gradient_read_back(text: str) -> None:
    for program in (eg.parse(text), eg.grad(text)):
        assert eg.parse(str(program)) == program


@pytest.mark.parametrize("sizes", [(2, 3, 4), (4, 3), (1, 5, 2), (0,)], ids=str)
@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_value_and_gradients(text: str, sizes: tuple[int, ...]) -> None:
    program = eg.parse(text)
    assert_gradients(program, sample(program, sizes))


def test_hessian() -> None:
    text = PROGRAMS["factorisation"]
    arrays = sample(eg.parse(text), (3, 4, 2))
    f = eg.compile(text)
    found, step = f.hessian("u", "v", **arrays), 1e-6
    for place in np.ndindex(arrays["v"].shape):
        sides = []
        for sign in (1, -1):
            moved = arrays["v"].copy()
            moved[place] += sign * step
            sides.append(f.value_and_grad(**{**arrays, "v": moved})[1]["u"])
        np.testing.assert_allclose(found[(..., *place)], (sides[0] - sides[1]) / (2 * step), atol=1e-7)


@pytest.mark.parametrize("text", [PROGRAMS["class numbers"], PROGRAMS["messages"]])
def test_against_jax(text: str) -> None:
    jax = pytest.importorskip("jax")
    arrays = sample(eg.parse(text), (3, 4, 2))
    if "s" in arrays and arrays["s"].ndim == 2:

        def loss(s: Any) -> Any:
            scores = jax.nn.log_softmax(s, axis=1)
            return -scores[np.arange(len(s)), arrays["y"]].sum()

        wrt = "s"
    else:

        def loss(x: Any) -> Any:
            messages = jax.numpy.zeros(arrays["q"].shape).at[arrays["s"]].add(x[arrays["d"]] @ arrays["w"])
            return (messages * arrays["q"]).sum()

        wrt = "x"
    value, pullback = eg.compile(text).vjp(**arrays)
    found = pullback(np.ones(np.shape(value)))[wrt]
    np.testing.assert_allclose(found, jax.grad(loss)(arrays[wrt]), rtol=1e-5, atol=1e-6)


def test_single_precision_stays() -> None:
    value, pullback = eg.compile("y_bj = e_{t_b,j} w_j").vjp(
        e=np.ones((3, 2), np.float32), t=np.array([1, 1]), w=np.ones(2, np.float32)
    )
    assert {value.dtype, *(g.dtype for g in pullback(value).values())} == {np.dtype(np.float32)}


def test_latex_reads_back() -> None:
    for latex, plain in [
        (r"y_{bj} = e_{t_b j}", "y_bj = e_{t_b,j}"),
        (r"L = - \log p_{n, y_n}", "L = -log(p_{n,y_n})"),
        (r"y_k = \delta_{k, t_{b}} x_b", "y_k = δ_{k,t_b} x_b"),
        (r"y_{b} = e_{\mathrm{tok}_{b}}^2", "y_b = e_{tok_b,}^2"),
        (r"y_i = x_{i, [-1]} - x_{i,[ 0 ]} + \delta_{i,[1]} z_i", "y_i = x[i,-1] - x[i,0] + δ[i,1] z_i"),
        (r"y = x_{[0]}^2 w_{[−1]}", "y = x[0]^2 w[-1]"),
    ]:
        assert eg.parse(latex, dialect="latex") == eg.parse(plain)
    shown = eg.derive("y_bj = e_{t_b,j} w_j").latex()
    assert r"\frac{\partial e_{t_{b}, j}}{\partial e_{pq}} = \delta_{p, t_{b}} \delta_{jq}" in shown


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_text_and_gradient_read_back_from_latex(text: str) -> None:
    for program in (eg.parse(text), eg.grad(text)):
        assert eg.parse(latex_program(program), dialect="latex") == program


@pytest.mark.parametrize(
    ("latex", "code", "at"),
    [
        (r"y = \sum_{[0]} x_{i}", "positions", "[0]"),
        (r"y_{[0]} = x_{i} z_{i}", "left-side", "y_{[0]}"),
        (r"y = x_{t_{[0]}}", "positions", "_{[0]}"),
        (r"y = x_{0} + 1", "fixed-component", "0"),
        (r"y = x_{[1.5]}", "subscript", "[1.5]"),
        (r"y = x_{[i]}", "subscript", "[i]"),
        (r"y = x_{[0}", "subscript", "[0"),
        (r"y = \delta_{[0],[1]}", "positions", r"\delta_{[0],[1]}"),
        (r"y_i = \mathbf{1}_{[0]} x_i", "positions", "[0]"),
        (r"g_i = \frac{\partial l}{\partial x_{[0]}} z_i", "derivative-by", r"{\partial x_{[0]}}"),
    ],
)
def test_what_is_no_position_in_latex_is_an_error(latex: str, code: str, at: str) -> None:
    with pytest.raises(eg.LanguageError) as caught:
        eg.parse(latex, dialect="latex")
    found = caught.value.diagnostics[0]
    assert found.span is not None
    assert (found.code, latex[found.span.start : found.span.end]) == (code, at)


@pytest.mark.parametrize("size", range(4))
@pytest.mark.parametrize("target", ["numpy", "reference"])
def test_all_small_positions(size: int, target: str) -> None:
    """What each pair of positions and each number picks, or that it is outside, is as Python has it."""
    table = np.arange(10.0, 10.0 + size)
    gather = eg.parse("y_b = e_{t_b}")
    for pair in itertools.product(range(-2, 5), repeat=2):
        outside = any(not 0 <= k < size for k in pair)
        expected = {"position-range"} if outside else [table[k] for k in pair]
        assert picked(gather, target, e=table, t=np.array(pair)) == expected
    for k in range(-4, 5):
        expected = [table[k]] if -size <= k < size else {"position-range"}
        assert picked(eg.parse(f"y_j = x[{k}] 1_j z_j"), target, x=table, z=np.ones(1)) == expected


def picked(program: Program, target: str, **arrays: Any) -> list[float] | set[str]:
    """Give the components that are picked, or the codes of the error."""
    try:
        value = eg.compile(program)(**arrays) if target == "numpy" else evaluate(program, arrays)["y"]
    except ArrayError as error:
        return {d.code for d in error.diagnostics}
    return [float(x.real) for x in value]


NEIGHBOURS = {
    # gathers
    "y_bj = e_{t_b j u}": "dummy-once",
    "y_b = e_{,t_b}": "subscript",
    "y_bj = e_{tb,j}": "free-missing",
    "y_b = e_{t_{u_b}}": "positions",
    "y_b = e_{t_b + 1}": "index-arithmetic",
    "y_b = e_{2 t_b}": "fixed-component",
    "t_b = x_b; y_b = e_{t_b}": "positions",
    "y_b = e_{t_b} t_b": "positions",
    "y_{t_b} = e_b": "left-side",
    "y_b = sin(e)_{t_b}": "unexpected-token",
    # positions
    "y = x_0": "fixed-component",
    "y = x_{0}": "fixed-component",
    "y = x [0]": "unexpected-character",
    "y = x[0.5]": "subscript",
    "y = x[1e0]": "subscript",
    "y = x[0] x_ij z_ij": "order",
    "y = δ[0,1]": "positions",
    "y[0] = x_i z_i": "left-side",
    "y = x[--1]": "subscript",
    # iota
    "y = iota[0]": "positions",
    "y_b = iota_{t_b} z_b": "positions",
    "y = iota_i": "dummy-once",
    "y_i = iota_i z_i; w_j = iota z_j": "order",
    "y_i = iota(i) z_i": "subscript",
}


@pytest.mark.parametrize(("text", "code"), NEIGHBOURS.items(), ids=NEIGHBOURS)
def test_what_is_close_to_a_position_is_an_error(text: str, code: str) -> None:
    with pytest.raises(eg.LanguageError) as caught:
        eg.parse(text)
    assert caught.value.diagnostics[0].code == code
    assert caught.value.diagnostics[0].span is not None


@pytest.mark.parametrize(
    ("text", "inputs"),
    [("y_b = e_t_b", ("e_t",)), ("y = iota", ("iota",)), ("y_ij = iota_ij", ("iota",)), ("y_i = ι_i z_i", ("ι", "z"))],
)
def test_what_is_close_to_a_position_and_has_a_meaning_shows_it_in_its_inputs(text: str, inputs: Any) -> None:
    program = eg.parse(text)
    assert program.inputs == inputs
    assert not program.positions


def test_module_checks_itself(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(eg.compile(PROGRAMS["factorisation"]).source, encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_native_code_leaves_positions_to_numpy() -> None:
    with pytest.warns(RuntimeWarning, match="positions"):
        value = eg.compile("y_b = e_{t_b}", target="native")(e=np.array([1.0, 2.0]), t=[1, 1, 0])
    assert value.tolist() == [2, 2, 1]


@pytest.mark.parametrize("size", range(4))
@pytest.mark.parametrize("position", range(-2, 5))
def test_positions_out_of_range(size: int, position: int) -> None:
    f, arrays = eg.compile("y_bj = e_{t_b,j}"), {"e": np.ones((size, 2)), "t": np.array([0, position])[size == 0 :]}
    if 0 <= position < size:
        assert f(**arrays).shape == (2, 2)
        return
    with pytest.raises(eg.ArrayError) as caught:
        f(**arrays)
    (found,) = caught.value.diagnostics
    assert found.code == "position-range"
    assert found.message.startswith(f"`t` has {position} at (")
    assert found.message.endswith(f"axis 0 of `e` has size {size}")


@pytest.mark.parametrize("size", range(4))
@pytest.mark.parametrize("position", range(-4, 4))
def test_numbers_out_of_range(size: int, position: int) -> None:
    f, x = eg.compile(f"y_j = x[{position},j]"), np.arange(2.0 * size).reshape(size, 2)
    if -size <= position < size:
        np.testing.assert_array_equal(f(x=x), x[position])
        return
    with pytest.raises(eg.ArrayError, match="position-range"):
        f(x=x)


def test_a_component_is_no_view() -> None:
    x = np.ones((2, 3))
    eg.compile("y_i = x[0,i]")(x=x)[:] = 7
    assert np.all(x == 1)


def test_positions_of_a_call_are_checked_again() -> None:
    f = eg.compile("y_b = e_{t_b}")
    for t in ([0, 1], [1, 2], [2, 3]):
        arrays = {"e": np.ones(3), "t": np.array(t)}
        if max(t) < 3:
            f(**arrays)
        else:
            with pytest.raises(eg.ArrayError, match="position-range"):
                f(**arrays)


def test_no_derivative_by_positions() -> None:
    with pytest.raises(eg.UsageError, match="wrt-positions"):
        eg.compile("y_b = e_{t_b}", wrt="t")
    with pytest.raises(eg.ArrayError, match="position-type"):
        eg.compile("y_b = e_{t_b}")(e=[1.0], t=[0.0])


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("e_{t_b,j} w_j == w_k e_{t_b,k}", "proved"),
        ("∂e_{t_b,j}/∂e_pq == δ_{p,t_b} δ_jq", "proved"),
        ("e_{t_b,j} == e_{t_b,j} * 2", "refuted"),
        ("e_{t_b,j} w_j == e_{u_b,j} w_j", "refuted"),
        ("∂x[i,0]/∂x_pq == δ_ip δ[q,0]", "proved"),
        ("x[0] x_i == x_i x[0]", "proved"),
        ("x[0] x_i == x_i x[-1]", "refuted"),
    ],
)
def test_claims(claim: str, verdict: str) -> None:
    (found,) = eg.check(claim).claims
    assert found.verdict == verdict


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_check_compares_gradients(text: str) -> None:
    report = eg.check(text)
    assert report.ok, str(report)
    assert {found.wrt for found in report.gradients} == set(eg.parse(text).inputs) - eg.parse(text).positions


def test_positions_have_no_tangents() -> None:
    f = eg.compile("l = 1_b e_{t_b}^2")
    for product in (
        lambda: f.hvp({"t": np.ones(2)}, e=np.ones(3), t=[0, 1]),
        lambda: f.jvp({"e": np.ones(3), "t": [0, 1]}, {"t": np.ones(2)}),
    ):
        with pytest.raises(eg.ArrayError, match="wrt-positions"):
            product()
