"""Runs the kernels of programs under the sanitizers of gcc, in a process that has loaded these: see the test of them.

python tests/sanitized.py FOLDER NAME…
"""

import os
import subprocess
import sys
from pathlib import Path

import kernels
import numpy as np

import einsgrad as eg
from einsgrad.ir.ranges import infer_ranges
from einsgrad.targets.native.kernels import NotNative

FLAGS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fopenmp", "-shared", "-fPIC", "-g1", "-O0"]
# Those that plans are made for: products go to BLAS, and loops through blocks.
PLANNED = 96
# For the compiler, which is not to be checked.
PLAIN = {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}


def build(text):
    """Compile with checks, into the folder of the command line."""
    folder = Path(sys.argv[1])
    path = folder / f"k{len(list(folder.iterdir()))}.c"
    path.write_text(text, encoding="utf-8")
    subprocess.run(["gcc", *FLAGS, str(path), "-o", str(path.with_suffix(".so")), "-lm"], check=True, env=PLAIN)
    return path.with_suffix(".so")


def run(name, size, dtype):
    """Run all kernels of a program of the gallery on arrays of about a size."""
    program = eg.load(name)
    letters = {letter.name for letter in infer_ranges(program).letter.values() if not letter.is_axis}
    compiled = kernels.Kernels(program, dict.fromkeys(letters, PLANNED), dtype)
    ranges = infer_ranges(program)
    extents = {r: size + k % 3 for k, r in enumerate(sorted(ranges.letter))}
    random = np.random.default_rng(0)

    def draw(tensor):
        shape = [extents[ranges.of_axis[tensor, k]] for k in range(len(program.indices(tensor)))]
        return random.uniform(0.3, 1.2, shape).astype(dtype)

    arrays = {x: draw(x) for x in program.inputs}
    upstream = {y: draw(y) for y in program.outputs}
    compiled.value_and_gradients(arrays, upstream)


if __name__ == "__main__":
    kernels.build = build
    for number, name in enumerate(sys.argv[2:]):
        try:
            run(name, 5, ("float32", "float64")[number % 2])
        except NotNative:
            continue
        print(name, flush=True)
