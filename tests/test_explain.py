"""The report of a plan: what it counts, the memory it foretells, and how it is shown."""

import json
import tracemalloc

import numpy as np
import pytest

import einsgrad as eg
from einsgrad import gallery
from einsgrad.diagnostics import UsageError
from einsgrad.render.wrapping import display_width


def explained(text, wrt=None, **sizes):
    return eg.compile(eg.parse(text), wrt=wrt).explain(sizes)


def test_flops_and_paths_of_a_chain():
    report = explained("y_i = a_ij b_jk v_k", i=10, j=20, k=30)
    assert report.forward.flops == 2 * (20 * 30 + 10 * 20)
    assert [step for e in report.equations for step in e.path][:2] == ["b_jk v_k → bv_j", "a_ij bv_j → y_i"]
    assert report.sizes["j"] == 20


def test_the_total_counts_what_is_shared_once():
    report = explained("E = 1_ij exp(x_ij)^2")
    assert report.total.transcendental == report.forward.transcendental == 64 * 64
    assert report.total.flops < report.forward.flops + 2 * report.gradients["x"].flops


def test_naive_evaluation_is_a_loop_over_all_letters():
    assert explained("y_i = a_ij b_jk v_k", wrt=(), i=10, j=20, k=30).naive == 3 * 10 * 20 * 30


def test_an_index_that_is_not_there():
    with pytest.raises(UsageError) as caught:
        explained("y_i = x_i", q=3)
    assert caught.value.diagnostics[0].code == "unknown-index"


@pytest.mark.parametrize("name", ["layer_norm", "attention", "cp", "softmax", "mlp", "gaussian_mixture"])
def test_reports_fit_80_columns(name):
    text = str(eg.compile(eg.load(name)).explain())
    assert max(map(display_width, text.splitlines())) <= 80
    assert "all together" in text


MEASURED = {
    "E = 1_bh sin(x_bh w_h)^2": {"b": 2000, "h": 300},
    gallery.read("layer_norm"): {"b": 2000, "h": 300},
    gallery.read("softmax"): {"b": 2000, "c": 300},
    gallery.read("cp"): {"i": 100, "j": 90, "k": 80, "r": 16},
}


@pytest.mark.parametrize("text", MEASURED, ids=["sin", "layer_norm", "softmax", "cp"])
def test_memory_is_what_a_call_takes(text):
    program = eg.parse(text)
    f = eg.compile(program)
    sizes = MEASURED[text]
    shapes = {x: [sizes[i] for i in program.indices(x)] for x in program.inputs}
    arrays = {x: np.ones(shape, np.float32) for x, shape in shapes.items()}
    scalar = not program.indices(program.outputs[0])
    upstream = None if scalar else np.ones_like(f(**arrays))

    def call(function):
        if scalar:
            return function.value_and_grad(**arrays)
        value, pullback = function.vjp(**arrays)
        return value, pullback(upstream)

    call(f)  # plans, and makes buffers
    g = eg.compile(program, sizes=sizes)
    g._compile(g._wrt, g._magnitudes.of([arrays[x] for x in g.inputs]), {**g._apart, **sizes})
    tracemalloc.start()
    call(g)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert abs(peak - f.explain(sizes).peak) <= 0.1 * peak


def test_command(einsgrad):
    assert "x_ik a_kj → y_ij" in einsgrad.good("explain", "matmul", "--sizes", "i=10,k=20,j=30")
    data = json.loads(einsgrad.good("explain", "matmul", "--json"))
    assert data["ok"] is True
    assert data["forward"]["flops"] == 2 * 64**3
    graph = einsgrad.good("explain", "matmul", "--graph")
    assert graph.startswith("digraph plan {")
    assert graph.count("->") == 6
    status, out, _ = einsgrad("explain", "nosuch", "--json")
    assert status == 2
    assert json.loads(out)["ok"] is False


def test_loops_of_native_code():
    text = "h_bj = tanh(x_bi w_ij); L = 1/|b| 1_bj h_bj^2"
    report = eg.compile(text, target="native").explain({"b": 4000, "i": 96, "j": 96})
    (blocks, *_) = report.loops
    assert (blocks.letter, blocks.size, blocks.blocks, blocks.threads) == ("b", 4000, True, True)
    leaves = {leaf["value"]: leaf for leaf in leaves_of(report.as_dict()["loops"])}
    assert leaves["∂L/∂w_ij"] == {"value": "∂L/∂w_ij", "operation": "matrix product", "place": "result"}
    assert leaves["h_bj"]["place"] == "register"
    assert {"result", "register", "block"} == {leaf["place"] for leaf in leaves.values()}
    assert "loops of native code\n  for b < 4000, in blocks, on threads\n" in str(report)
    assert "      for j < 96\n        h_bj  tanh, register\n" in str(report)


def leaves_of(nodes):
    for node in nodes:
        yield from leaves_of(node["body"]) if "loop" in node else [node]


def test_there_are_loops_only_where_native_code_runs():
    for text, target in [("y_i = exp(x_i)", "numpy"), ("y_ij = inv(A)_ij", "native")]:
        report = eg.compile(text, target=target).explain()
        assert report.loops is None
        assert "loops" not in report.as_dict()
        assert "loops of native code" not in str(report)


def test_the_command_line_shows_loops(einsgrad):
    shown = einsgrad.good("explain", "softmax", "--target", "native")
    assert "loops of native code\n  for b < 64\n    for k < 64\n" in shown
    assert "      y_bc  divide, result\n" in shown
    assert json.loads(einsgrad.good("explain", "softmax", "--target", "native", "--json"))["loops"][0]["loop"] == "b"
