"""The kernels of the whole gallery keep to their arrays, and do nothing that C leaves undefined."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import einsgrad as eg
from einsgrad.gallery import names
from einsgrad.ir.nodes import MatrixFunction
from einsgrad.ir.traversal import postorder

TESTS = Path(__file__).parents[2]
# Inverses, determinants and positions have no native code.
NODES = {name: postorder(*eg.load(name).expressions()) for name in names()}
WITHOUT = {name for name in names() if eg.load(name).positions}
WITHOUT |= {name for name, nodes in NODES.items() if any(isinstance(node, MatrixFunction) for node in nodes)}
BROKEN = """
import kernels, sanitized
build = sanitized.build
kernels.build = lambda text: build(text.replace("< n_i;", "<= n_i;"))
sanitized.run("hadamard", 5, "float64")
"""


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Give what runs Python with the sanitizers loaded, on a folder."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    pytest.importorskip("scipy")
    library = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True).stdout
    if not os.path.isabs(library.strip()):
        pytest.skip("gcc has no sanitizers")
    paths = os.pathsep.join(map(str, (TESTS.parent, TESTS)))
    environment = {
        **os.environ,
        "LD_PRELOAD": library.strip(),
        "ASAN_OPTIONS": "detect_leaks=0",  # Python leaves memory to the end
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": paths,
    }

    def run(*command):
        return subprocess.run(
            [sys.executable, *command], capture_output=True, text=True, check=False, env=environment, timeout=300
        )

    return run


def test_the_gallery_is_clean(checked, tmp_path):
    done = checked(str(TESTS / "sanitized.py"), str(tmp_path), *names())
    assert done.returncode == 0, done.stderr[-3000:]
    assert set(done.stdout.split()) == set(names()) - WITHOUT


def test_a_loop_that_goes_too_far_is_found(checked, tmp_path):
    done = checked("-c", BROKEN, str(tmp_path))
    assert done.returncode != 0
    assert "heap-buffer-overflow" in done.stderr
