"""The gallery's equations and gradients in matrix notation, to the letter; ``-`` is what matrices can't say.

``python tests/render/test_matrix_gallery.py`` writes the golden file anew; read it before it is committed.
"""

from pathlib import Path

import einsgrad as eg
from einsgrad.gallery import names
from einsgrad.ir.printer import print_definition
from einsgrad.render.matrix import matrix_definition, matrix_names
from einsgrad.render.unicode import unicode

GOLDEN = Path(__file__).parents[1] / "golden" / "matrix_gallery.txt"


def describe(name):
    program = eg.load(name)
    gradients = eg.grad(program)
    definitions = [*program.definitions, *(d for d in gradients.definitions if d not in program.definitions)]
    shown = matrix_names(definitions)
    lines = [f"== {name}"]
    for definition in definitions:
        layout = matrix_definition(definition, shown)
        lines += [print_definition(definition), f"    {unicode(layout) if layout else '-'}"]
    return "\n".join(lines) + "\n"


def test_the_gallery_in_matrix_notation():
    assert "\n".join(map(describe, names())) == GOLDEN.read_text(encoding="utf-8")


if __name__ == "__main__":
    GOLDEN.write_text("\n".join(map(describe, names())), encoding="utf-8")
