"""Affine subscripts ``x_{2i+k+1}``, from the text to claims about them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import einsgrad as eg
from einsgrad.reference import evaluate
from einsgrad.render.latex import latex_expression

RNG = np.random.default_rng(0)

# Each text, and the shapes of its inputs.
PROGRAMS: dict[str, dict[str, tuple[int, ...]]] = {
    "y_i = x_{i+k} w_k": {"x": (9,), "w": (3,)},
    "y_i = sin(x_{2i+k+1}) w_k": {"x": (10,), "w": (3,)},
    "y_i = x_{3i+2k} w_k^2": {"x": (14,), "w": (3,)},
    "y_boi = x_{b,c,i+k} w_ock": {"x": (2, 3, 7), "w": (4, 3, 2)},
    "y_boij = x_{b,c,2i+k,j+m} w_ockm": {"x": (2, 2, 7, 5), "w": (3, 2, 3, 2)},
    "y_cij = x_{c,i+k,j+m} w_ckm": {"x": (2, 5, 4), "w": (2, 3, 2)},
    "u_i = x_{i+1}^2 w_i; l = u_i u_i z_i": {"x": (5,), "w": (4,), "z": (4,)},
    "y_i = x_{i+k} x_{i+k} w_k": {"x": (6,), "w": (2,)},
    "u_i = x_{i+k} v_k; y_i = u_{i+k}^2 w_k": {"x": (8,), "v": (3,), "w": (2,)},
    "y_i = max_k(x_{2i+k} + 1_i w_k)": {"x": (8,), "w": (2,)},
    "y_p = δ_{p,i+k} g_i w_k x_p": {"x": (6,), "g": (4,), "w": (3,)},
    "y_pi = δ_{p,2i+1} q_i x_p": {"x": (6,), "q": (3,)},
}


def arrays(text: str) -> dict[str, Any]:
    return {name: RNG.normal(size=shape) for name, shape in PROGRAMS[text].items()}


@pytest.mark.parametrize("text", PROGRAMS)
def test_compiled_is_as_evaluated(text: str) -> None:
    program, given = eg.parse(text), arrays(text)
    assert eg.parse(str(program)) == program
    f = eg.compile(text)
    np.testing.assert_allclose(f(**given), evaluate(program, given)[program.outputs[0]], rtol=1e-12)


@pytest.mark.parametrize("text", PROGRAMS)
def test_gradients_are_as_differences(text: str) -> None:
    given = arrays(text)
    f = eg.compile(text)
    value, pullback = f.vjp(**given)
    upstream = RNG.normal(size=value.shape)
    gradients = pullback(upstream)
    for name, array in given.items():
        direction, h = RNG.normal(size=array.shape), 1e-6
        above, below = (f(**given | {name: array + s * h * direction}) for s in (1, -1))
        difference = np.sum(upstream * (above - below)) / (2 * h)
        assert np.sum(gradients[name] * direction) == pytest.approx(difference, rel=1e-5, abs=1e-7)


def test_convolutions_are_torchs() -> None:
    torch = pytest.importorskip("torch")
    x, w = RNG.normal(size=(2, 3, 9, 8)), RNG.normal(size=(4, 3, 3, 2))
    f = eg.compile("y_boij = x_{b,c,2i+k,2j+m} w_ockm")
    tx, tw = (torch.tensor(a, requires_grad=True) for a in (x, w))
    wanted = torch.nn.functional.conv2d(tx, tw, stride=2)
    value, pullback = f.vjp(x=x, w=w)
    np.testing.assert_allclose(value, wanted.detach().numpy(), rtol=1e-10)
    upstream = RNG.normal(size=value.shape)
    wanted.backward(torch.tensor(upstream))
    gradients = pullback(upstream)
    assert tx.grad is not None
    assert tw.grad is not None
    np.testing.assert_allclose(gradients["x"], tx.grad.numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(gradients["w"], tw.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("size", range(6))
@pytest.mark.parametrize("window", range(1, 4))
@pytest.mark.parametrize("stride", [1, 2])
def test_a_letter_gets_the_largest_range_that_fits(size: int, window: int, stride: int) -> None:
    x, w = RNG.normal(size=size), RNG.normal(size=window)
    found = eg.compile(f"y_i = x_{{{'' if stride == 1 else stride}i+k}} w_k")(x=x, w=w)
    wanted = sliding_window_view(x, window)[::stride] @ w if size >= window else np.zeros(0)
    np.testing.assert_allclose(found, wanted)


@pytest.mark.parametrize("size", range(6))
@pytest.mark.parametrize("other", range(6))
def test_subscripts_stay_on_their_axes(size: int, other: int) -> None:
    f, x, w = eg.compile("y_i = x_{i+1} w_i"), np.arange(float(size)), np.ones(other)
    if not other or other < size:
        np.testing.assert_array_equal(f(x=x, w=w), x[1 : other + 1])
        return
    with pytest.raises(eg.ArrayError, match=rf"`i\+1` goes from 1 to {other}, but axis 0 of `x` has size {size}"):
        f(x=x, w=w)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("∂x_{i+k}/∂x_p == δ_{p,i+k}", "proved"),
        ("x_{i+k} w_k == w_m x_{i+m}", "proved"),
        ("x_{2i+k} w_k == x_{i+k} w_k", "refuted"),
        ("x_{i+k} w_k == 2 x_{i+k} w_k", "refuted"),
        ("∂(x_{i+k} w_k)/∂w_m == x_{i+m}", "proved"),
    ],
)
def test_claims(claim: str, verdict: str) -> None:
    (found,) = eg.check(claim).claims
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("y_i = x_{i-1} w_i", "index-arithmetic", "x_{i-1}"),
        ("y_i = x_{i-k} w_k", "index-arithmetic", "x_{i-k}"),
        ("y_i = x_{i/2} w_i", "index-arithmetic", "i/2"),
        ("y_i = x_{2*i} w_i", "index-arithmetic", "2*i"),
        ("y_{i+1} = x_i", "left-side", "y_{i+1}"),
        ("y_i = sum_{i+k} x_{i+k}", "positions", "i+k"),
        ("y_i = δ_{i+k,j+1} x_j w_k", "positions", "δ_{i+k,j+1}"),
    ],
)
def test_errors(text: str, code: str, part: str) -> None:
    with pytest.raises(eg.LanguageError) as caught:
        eg.parse(text)
    found = caught.value.diagnostics[0]
    assert found.code == code
    assert found.span is not None
    assert text[found.span.start : found.span.end] == part


def test_no_size_without_another() -> None:
    with pytest.raises(eg.ArrayError, match="unknown-size"):
        eg.compile("y_ij = x_{i+j}")(x=np.ones(4))
    np.testing.assert_array_equal(
        eg.compile("y_ij = x_{i+j}", sizes={"i": 2})(x=np.arange(4.0)), [[0, 1, 2], [1, 2, 3]]
    )


def test_latex() -> None:
    assert latex_expression(eg.parse("y_i = x_{2i+k+1,j} w_kj").definitions[0].rhs) == "x_{2 i + k + 1, j} w_{kj}"


@pytest.mark.parametrize("text", PROGRAMS)
def test_modules_test_themselves_on_axes_that_are_long_enough(text: str, capsys) -> None:
    module: dict[str, Any] = {}
    exec(eg.compile(text).source, module)
    assert module["_self_test"]()
    *gradients, verdict = capsys.readouterr().out.splitlines()
    assert verdict == "ok"
    assert gradients
    assert all("0" not in line.partition("shape (")[2].partition(")")[0].split(", ") for line in gradients)
