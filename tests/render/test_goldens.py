"""Programs and derivations as they are written, to the letter.

``python tests/render/test_goldens.py`` writes the goldens anew; read them before they are committed.
"""

import sys
from pathlib import Path

import pytest

import einsgrad as eg
from einsgrad.render.latex import latex_program

GOLDEN = Path(__file__).parent.parent / "golden"


def derivation(name):
    return eg.derive(eg.load(name))


def gradients(name):
    return latex_program(eg.grad(eg.load(name)))


GOLDENS = {
    "latex_christoffel.tex": lambda: latex_program(eg.load("christoffel")),
    "latex_gaussian_kl.tex": lambda: latex_program(eg.load("gaussian_kl")),
    "latex_layer_norm.tex": lambda: latex_program(eg.load("layer_norm")),
    "latex_matmul_gradients.tex": lambda: latex_program(eg.load("matmul_gradients")),
    "latex_gradients_info_nce.tex": lambda: gradients("info_nce"),
    "latex_gradients_mlp.tex": lambda: gradients("mlp"),
    "latex_gradients_elastic_energy.tex": lambda: gradients("elastic_energy"),
    "derivation_matmul.tex": lambda: derivation("matmul").latex(),
    "derivation_matmul.md": lambda: derivation("matmul").markdown(),
    "derivation_matmul.txt": lambda: derivation("matmul").text(),
    "derivation_matmul.html": lambda: derivation("matmul").html(),
    "derivation_pointwise.txt": lambda: derivation("pointwise").text(),
    "derivation_layer_norm.txt": lambda: derivation("layer_norm").text(),
    "derivation_layer_norm.tex": lambda: derivation("layer_norm").latex(),
    "derivation_softmax.txt": lambda: derivation("softmax").text(),
    "derivation_hessian_vector_product.txt": lambda: derivation("hessian_vector_product").text(),
}


@pytest.mark.parametrize("file", GOLDENS)
def test_output_is_the_golden_one(file):
    assert GOLDENS[file]() == (GOLDEN / file).read_text(encoding="utf-8")


if __name__ == "__main__":
    for file, write in GOLDENS.items():
        (GOLDEN / file).write_text(write(), encoding="utf-8")
    sys.exit(0)
