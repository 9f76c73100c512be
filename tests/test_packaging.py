"""What is shipped, and how long it takes to import."""

import os
import subprocess
import sys
import tomllib
import zipfile
from importlib import resources
from pathlib import Path

import pytest

import einsgrad

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
# Prints the seconds that importing einsgrad takes once what it may rely on is there.
STOPWATCH = """\
import time, numpy, opt_einsum
start = time.perf_counter()
import einsgrad
print(time.perf_counter() - start)
"""


def python(code):
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.mark.parametrize("module", ["einsgrad", "einsgrad.cli"])
def test_imports_only_what_it_needs(module):
    loaded = python(f"import sys, {module}; print(*sys.modules)").split()
    assert module in loaded
    assert not {"lark", "rich", "jax", "torch", "autograd", "scipy"} & set(loaded)


def test_imports_quickly():
    # The least of several runs, since a busy machine only ever adds.
    assert min(float(python(STOPWATCH)) for _ in range(7)) <= 0.05


def test_version_is_stated_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == einsgrad.__version__


def test_public_names_exist_and_no_submodule_hides_one():
    assert sorted(einsgrad.__all__) == einsgrad.__all__
    modules = {path.stem for path in (ROOT / "einsgrad").iterdir()}
    assert not modules & set(einsgrad.__all__)
    assert all(hasattr(einsgrad, name) for name in einsgrad.__all__)


def test_data_is_found_where_the_package_is():
    assert resources.files("einsgrad").joinpath("py.typed").is_file()
    assert resources.files("einsgrad.gallery").joinpath("layer_norm.ein").is_file()


def test_wheel_holds_the_grammar_the_gallery_and_nothing_else(tmp_path):
    pytest.importorskip("hatchling")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, timeout=120, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    data = {f"einsgrad/gallery/{path.name}" for path in (ROOT / "einsgrad" / "gallery").glob("*.ein")}
    assert "einsgrad/gallery/layer_norm.ein" in data
    assert (
        data | {"einsgrad/grammar/einsgrad.lark", "einsgrad/grammar/latex.lark", "einsgrad/py.typed", "einsgrad/cli.py"}
        <= held
    )
    assert all(name.startswith(("einsgrad/", f"einsgrad-{einsgrad.__version__}.dist-info/")) for name in held)
    assert not [name for name in held if name.endswith(".pyc")]
