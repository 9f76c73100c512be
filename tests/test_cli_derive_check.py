"""The commands derive and check: what they print of derivations, claims and gradients."""

import json

import pytest
from command_line import BAD, ENERGY, MATMUL, MATMUL_GRADIENTS, write

import einsgrad as eg
from einsgrad.report import GradientResult, Report

# --- derive


@pytest.mark.parametrize("name", ["layer_norm", "softmax", "attention"])
def test_derived_equations_parse_again(einsgrad, name):
    text = einsgrad.good("derive", name)
    assert eg.parse(text) == eg.grad(eg.load(name))


def test_derive_takes_names_in_any_spelling(einsgrad):
    out = einsgrad.good("derive", "-e", ENERGY, "--wrt", "gamma, x", "--of", "E")
    assert out == "∂E/∂γ_i = x_i x_i\n∂E/∂x_i = 2 x_i γ_i\n" or out == str(eg.grad(eg.parse(ENERGY), "E", ["γ", "x"]))


def test_derive_unknown_name(einsgrad):
    assert "error[unknown-tensor]: the program has no tensor `q`" in einsgrad.bad("derive", "matmul", "--wrt", "q")


def test_derive_with_nothing_to_derive_by(einsgrad):
    status, out, err = einsgrad("derive", "-e", "y_i = 1_i")
    assert (status, out, err) == (0, "", "nothing to derive: the program has no input to differentiate by\n")


def test_derive_json(einsgrad):
    data = json.loads(einsgrad.good("derive", "-e", MATMUL, "--json"))
    assert data["outputs"] == ["∂l/∂x", "∂l/∂a"]
    first = {"name": "∂l/∂x", "identifier": "dl_dx", "indices": ["i", "k"], "equation": "∂l/∂x_ik = ∂l/∂y_ij a_kj"}
    assert data["equations"][0] == first
    assert "".join(e["equation"] + "\n" for e in data["equations"]) == MATMUL_GRADIENTS


def test_derive_steps_are_those_of_the_library(einsgrad):
    derivation = eg.derive(eg.load("layer_norm"), wrt="x")
    arguments = ["derive", "layer_norm", "--wrt", "x", "--steps"]
    assert einsgrad.good(*arguments) == derivation.text()
    assert einsgrad.good(*arguments, "--format", "latex") == derivation.latex()
    assert einsgrad.good(*arguments, "--format", "markdown") == derivation.markdown()
    assert einsgrad.good(*arguments, "--format", "html") == derivation.html()


def test_formats_without_steps_hold_all_equations(einsgrad):
    for form in ("latex", "markdown"):
        written = einsgrad.good("derive", "layer_norm", "--format", form)
        assert r"\frac{\partial l}{\partial x_{bh}}" in written
        assert "m_{b}" in written
        assert "product rule" not in written
    assert "<math" in einsgrad.good("derive", "layer_norm", "--format", "html")


def test_derive_json_with_steps(einsgrad):
    data = json.loads(einsgrad.good("derive", "-e", MATMUL, "--json", "--steps"))
    assert [section["equation"] for section in data["sections"]] == ["y_ij = x_ik a_kj"]
    first, second, *_ = data["sections"][0]["derivations"]
    assert first["left"] == "∂y_ij/∂x_pq"
    assert first["steps"][-1] == {"expression": "δ_ip a_qj", "rule": "δ_kq: k → q"}
    assert second["steps"][-1] == {"expression": "∂l/∂y_pj a_qj", "rule": "δ_ip: i → p"}
    assert data["results"][0]["matrix"] == "∂l/∂X = ∂l/∂Y Aᵀ"
    assert data["results"][0]["einsum"] == "ij,kj->ik  (∂l/∂y, a)"


def test_derive_json_holds_warnings(einsgrad):
    data = json.loads(einsgrad.good("derive", "-e", "y_ij = exp(x_ij) / (1_j exp(x_ij))", "--json"))
    assert data["ok"] is True
    assert {d["severity"] for d in data["diagnostics"]} == {"warning"}


@pytest.mark.parametrize("steps", [[], ["--steps"]])
def test_derive_json_of_bad_input(einsgrad, steps):
    status, out, err = einsgrad("derive", "-e", BAD, "--json", *steps)
    data = json.loads(out)
    assert (status, err, list(data), data["ok"]) == (2, "", ["ok", "diagnostics"], False)
    first, second = data["diagnostics"]
    assert first["code"] == "dummy-once"
    assert first["message"].startswith("`j` occurs once")
    assert first["span"] == {"file": "<equation>", "line": 1, "column": 10, "start": 9, "end": 10}
    assert first["fix"] == "y_i = 1_j x_ij"
    assert (second["code"], second["span"]["line"]) == ("unknown-function", 2)


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["nowhere.ein"], "no-file"),
        (["."], "no-file"),
        (["matmul", "--wrt", "X"], "unknown-tensor"),
        (["matmul", "--of", "x"], "not-an-output"),
    ],
)
@pytest.mark.parametrize("command", ["derive", "check"])
def test_json_of_what_is_no_program(einsgrad, command, argv, code):
    if command == "check" and len(argv) > 1:
        return
    status, out, err = einsgrad(command, *argv, "--json")
    data = json.loads(out)
    (found,) = data["diagnostics"] if command == "derive" else data["files"][0]["diagnostics"]
    assert (status, err, data["ok"], found["code"], found["span"]) == (2, "", False, code, None)


@pytest.mark.parametrize("form", ["text", "latex"])
def test_json_is_a_format_of_its_own(einsgrad, form):
    for argv in (["--json", "--format", form], ["--format", form, "--json"]):
        err = einsgrad.bad("derive", "matmul", *argv)
        assert err.startswith("usage: einsgrad derive ")
        assert "not allowed with argument" in err


@pytest.mark.parametrize(
    ("argv", "proposed"),
    [
        (["derive", "matmul", "--wrt", "X"], "the program has no tensor `X`: did you mean x?"),
        (["derive", "matmul", "--of", "Y"], "the program has no tensor `Y`: did you mean y?"),
        (["derive", "-e", "y_i = weight_i", "--wrt", "Wieght"], "did you mean weight?"),
        (["derive", "-e", "y_i = γ x_i", "--wrt", "gama"], "did you mean gamma?"),
        (["compile", "matmul", "--sizes", "K=3"], "the program has no index `K`: did you mean k?"),
    ],
)
def test_near_names_are_proposed(einsgrad, argv, proposed):
    assert proposed in einsgrad.bad(*argv)


# --- check


def test_check_good_equations(einsgrad):
    out = einsgrad.good("check", "matmul")
    assert out.startswith("matmul: ok\n  agrees      2 of 2, at worst the gradient of ")


def test_check_refuted_claim(einsgrad):
    path = write("claims.ein", f"{MATMUL}\n∂l/∂x_pq == ∂l/∂y_pj a_jq\n")
    status, out, err = einsgrad("check", path)
    assert (status, err) == (1, "")
    assert out.splitlines()[:4] == [
        "claims.ein: failed",
        "  refuted     claims.ein:2:1",
        "    ∂l/∂x_pq == ∂l/∂y_pj a_jq",
        "    ^^^^^^^^^^^^^^^^^^^^^^^^^",
    ]


def test_check_right_claim(einsgrad):
    out = einsgrad.good("check", "-e", f"{MATMUL}\n∂l/∂x_pq == ∂l/∂y_pj a_qj\n")
    assert out.splitlines()[1] == "  proved      <equation>:2:1: ∂l/∂x_pq == ∂l/∂y_pj a_qj"


def test_check_wrong_gradient(einsgrad, monkeypatch):
    results = (GradientResult(("y",), "x", 0.5, False), GradientResult(("y",), "a", float("nan"), True, "not finite"))
    monkeypatch.setattr(eg, "check", lambda program: Report(gradients=results))
    status, out, err = einsgrad("check", "-e", MATMUL)
    assert (status, err) == (1, "")
    assert out == (
        "equation: failed\n"
        "  unchecked   gradient of y by a: not finite\n"
        "  disagrees   gradient of y by x: 5e-01 off central differences\n"
    )
    status, out, err = einsgrad("check", "-e", MATMUL, "--json")
    assert status == 1
    assert [g["error"] for g in json.loads(out)["files"][0]["gradients"]] == [0.5, None]


def test_check_looks_at_all_files_and_the_worst_status_wins(einsgrad):
    refuted = write("refuted.ein", "y_i = x_i\nx_i == 2 x_i\n")
    bad = write("bad.ein", BAD)
    status, out, err = einsgrad("check", bad, "nowhere.ein", refuted, "trace")
    assert status == 2
    heads = [line for line in out.splitlines() if not line.startswith(" ")]
    assert heads == ["bad.ein: bad input", "nowhere.ein: bad input", "refuted.ein: failed", "trace: ok"]
    assert "bad.ein:1:10: error[dummy-once]" in err
    assert "nowhere.ein" in err
    assert einsgrad("check", "trace", refuted, "matmul")[0] == 1


def test_check_json(einsgrad):
    bad = write("bad.ein", BAD)
    status, out, err = einsgrad("check", "--json", "trace", bad, "nowhere.ein")
    data = json.loads(out)
    assert (status, err, data["ok"]) == (2, "", False)
    assert [(f["file"], f["ok"]) for f in data["files"]] == [("trace", True), (bad, False), ("nowhere.ein", False)]
    first = data["files"][1]["diagnostics"][0]
    assert (first["code"], first["span"]["line"], first["span"]["column"]) == ("dummy-once", 1, 10)
