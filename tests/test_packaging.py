"""What is shipped, and what importing it loads."""

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


def python(code):
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.mark.parametrize("module", ["einsgrad", "einsgrad.cli"])
def test_imports_only_what_it_needs(module):
    loaded = python(f"import sys, {module}; print(*sys.modules)").split()
    assert module in loaded
    assert not {
        "numpy",
        "opt_einsum",
        "lark",
        "rich",
        "shtab",
        "platformdirs",
        "jax",
        "torch",
        "autograd",
        "scipy",
    } & set(loaded)


def test_importing_loads_no_stage_of_the_compiler():
    loaded = python("import sys, einsgrad; print(*sys.modules)").split()
    own = {name for name in loaded if name.startswith("einsgrad.") and not name.startswith("einsgrad.ir")}
    assert own == {"einsgrad.api", "einsgrad.diagnostics", "einsgrad.display"}


@pytest.mark.parametrize(
    ("target", "others"),
    [
        ("numpy", ["einsgrad.targets.native", "einsgrad.runtime.native"]),
        ("native", ["einsgrad.runtime.sliced"]),
    ],
)
def test_compiling_loads_only_its_target_and_the_readers_of_its_dialect(target, others):
    code = f"import sys, einsgrad as eg; eg.compile(eg.load('softmax'), target='{target}'); print(*sys.modules)"
    loaded = python(code).split()
    assert "einsgrad.frontend.plain" in loaded
    assert not {*others, "einsgrad.frontend.latex.reading", "einsgrad.frontend.matrix.reading"} & set(loaded)


def test_version_is_stated_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == einsgrad.__version__


def test_public_names_exist_and_no_submodule_hides_one():
    assert sorted(einsgrad.__all__) == einsgrad.__all__
    modules = {path.stem for path in (ROOT / "einsgrad").iterdir()}
    assert not modules & set(einsgrad.__all__)
    assert all(hasattr(einsgrad, name) for name in einsgrad.__all__)


CLIENT = """\
import einsgrad as eg

program: eg.Program = eg.parse("y_i = w_ij x_j")
report: eg.Report = eg.check(program)
derivation: eg.Derivation = eg.derive("y_i = w_ij x_j", wrt=["x"])
function: eg.Function = eg.compile("y_i = w_ij x_j", of="y")
gradients: eg.Program = eg.grad(program)
rules: list[str] = [step.rule for step in derivation.steps]
wrong: int = report.ok and function.source
eg.Funktion
"""


def test_a_client_is_checked_by_its_type_checker(tmp_path, pytestconfig):
    pytest.importorskip("mypy")
    (tmp_path / "client.py").write_text(CLIENT, encoding="utf-8")
    cache = str(pytestconfig.cache.mkdir("mypy"))  # the next run takes a tenth of the time
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", cache, "client.py"]
    environment = {**os.environ, "MYPYPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    found = [line.partition(": error: ")[0] for line in done.stdout.splitlines() if line.startswith("client.py")]
    assert found == ["client.py:9", "client.py:10"], done.stdout + done.stderr


def test_classes_are_loaded_when_they_are_used():
    for name in ("Derivation", "Function", "Report"):
        assert (
            python(f"import einsgrad; print(einsgrad.{name}.__name__, {name!r} in dir(einsgrad))") == f"{name} True\n"
        )
    with pytest.raises(AttributeError, match="module 'einsgrad' has no attribute 'Funktion'"):
        _ = einsgrad.Funktion


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
