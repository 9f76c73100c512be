"""Which compiler is taken, with which flags, and what it says."""

import ctypes
import importlib.util
import os
import shlex
from pathlib import Path

import pytest

from einsgrad.diagnostics import BuildError
from einsgrad.targets.native.cache import cache_folder
from einsgrad.targets.native.compiler import NoCompiler, build, find_compiler

# A script that writes one, as if it were a compiler; called without `-o`, it does nothing.
EMPTY_LIBRARY = 'while [ $# -gt 1 ] && [ "$1" != -o ]; do shift; done\n[ $# -lt 2 ] || : > "$2"'
OWN_PATH = shlex.quote(os.environ.get("PATH", ""))
HYPOTENUSE = """\
#include <math.h>
double f(double x, double y) { return sqrt(x * x + y * y); }
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EINSGRAD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CC", raising=False)


@pytest.fixture
def compiler():
    try:
        return find_compiler()
    except NoCompiler as reason:
        pytest.skip(str(reason))


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Let only programs be found that the test writes, and no ziglang; gives what writes one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    def write(name, script):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / name).chmod(0o700)
        return folder / name

    monkeypatch.setenv("PATH", str(folder))
    return write


def function(path, arguments=2):
    f = ctypes.CDLL(str(path)).f
    f.restype, f.argtypes = ctypes.c_double, (ctypes.c_double,) * arguments
    return f


@pytest.mark.usefixtures("compiler")
def test_a_text_becomes_a_library():
    path = build(HYPOTENUSE)
    assert function(path)(3.0, 4.0) == 5.0
    assert path.with_name("kernels.c").read_text(encoding="utf-8") == HYPOTENUSE
    assert build(HYPOTENUSE) == path


@pytest.mark.usefixtures("compiler")
def test_what_a_library_depends_on_tells_it_from_others(tmp_path):
    for value in "12":
        (tmp_path / value).mkdir()
        (tmp_path / value / "value.h").write_text(f"#define VALUE {value}\n", encoding="utf-8")
    text = '#include "value.h"\ndouble f(void) { return VALUE; }\n'
    paths = [build(text, [str(tmp_path / value)]) for value in "12"]
    assert [function(path, 0)() for path in paths] == [1.0, 2.0]
    other = build(text, [str(tmp_path / "1")], ".abi3.so")
    assert other.name == "kernels.abi3.so"
    assert len({*paths, other}) == 3


@pytest.mark.usefixtures("compiler")
def test_no_flag_changes_values():
    is_nan = function(build("double f(double x, double y) { return x != x; }"))
    assert (is_nan(float("nan"), 0.0), is_nan(1.0, 0.0)) == (1.0, 0.0)
    rounding = function(build("double f(double x, double y) { return ((x + y) - x) - y; }"))
    assert rounding(1.0, 1e-17) == -1e-17
    zero = function(build("double f(double x, double y) { return 1 / (x * y); }"))
    assert zero(-1.0, 0.0) == float("-inf")


def test_the_flags_are_those_that_work(compiler):
    assert {"-O3", "-fno-math-errno", "-fno-trapping-math"} <= set(compiler.flags)
    text = """\
    #ifdef _OPENMP
    #include <omp.h>
    #endif
    double f(void) {
        double count = 0;
    #pragma omp parallel for reduction(+ : count)
        for (int i = 0; i < 1000; i++) count += 1;
        return count;
    }
    """
    assert function(build(text), 0)() == 1000.0


def test_a_compiler_with_less_is_used_with_less(compiler, programs):
    command, refused = shlex.join(compiler.command), "-fopenmp|-m*=native|-DEINSGRAD_LIBMVEC"
    programs("gcc", f'for a; do case "$a" in {refused}) exit 1;; esac; done\nPATH={OWN_PATH}\nexec {command} "$@"')
    assert " ".join(find_compiler().flags) == "-O3 -fPIC -shared -fno-math-errno -fno-trapping-math -fopenmp-simd"
    assert function(build(HYPOTENUSE))(3.0, 4.0) == 5.0


def test_compilers_are_tried_in_order(programs, monkeypatch):
    for name in ("clang", "gcc", "mine"):
        programs(name, EMPTY_LIBRARY)
        if name == "mine":
            monkeypatch.setenv("CC", "mine -m64")
        assert find_compiler().command == (("mine", "-m64") if name == "mine" else (name,))
    monkeypatch.setenv("CC", "not_there")
    assert find_compiler().command == ("gcc",)


def test_a_compiler_that_changes_compiles_anew(programs, monkeypatch):
    paths = []
    for version in ("1.9", "1.10"):
        script = programs("gcc", f'[ "$1" = --version ] && echo gcc {version} && exit\n{EMPTY_LIBRARY}')
        paths.append(build("int x;"))
    assert len(set(paths)) == 2
    monkeypatch.chdir(script.parent)
    monkeypatch.setenv("CC", "./gcc")
    assert find_compiler().command == (str(script),)
    assert build("int x;") not in paths


def test_no_compiler_is_a_condition_of_its_own(programs):
    with pytest.raises(NoCompiler, match=r"neither \$CC, nor gcc, nor clang: pip install ziglang installs one"):
        build("int x;")
    assert not cache_folder().exists()


def test_ziglang_is_a_compiler_where_it_is_installed(monkeypatch):
    pytest.importorskip("ziglang", reason="ziglang is not installed")
    monkeypatch.setenv("PATH", "")
    assert find_compiler().command[1:] == ("-m", "ziglang", "cc")
    assert function(build(HYPOTENUSE))(3.0, 4.0) == 5.0


def test_a_text_that_does_not_compile_is_an_error_with_the_compilers_words(compiler):
    with pytest.raises(BuildError) as raised:
        build("int f(void) { return missing; }\n")
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.code, diagnostic.message) == ("compiler-failed", "the C compiler ended with status 1")
    command, *output = diagnostic.notes
    assert command.startswith(f"the command: {' '.join(compiler.command)} -O3 ")
    assert command.endswith(" kernels.c -o kernels.so -lm")
    assert any("kernels.c:1:" in line and "missing" in line for line in output)
    assert [entry.name for entry in cache_folder().iterdir() if not (entry / "compiler.json").exists()] == []


def test_a_compiler_that_cannot_be_run_is_an_error(programs):
    programs("gcc", "").write_bytes(b"\0 no program")
    with pytest.raises(BuildError, match=r"error\[compiler-failed\]: the C compiler can't be run: Exec format error"):
        build("int x;")


def test_a_command_that_does_not_end_is_an_error(monkeypatch):
    monkeypatch.setenv("CC", "gcc 'x")
    with pytest.raises(
        BuildError, match=r"error\[compiler-failed\]: the C compiler can't be run: No closing quotation"
    ):
        build("int x;")


def test_flags_are_found_anew_where_other_flags_are_tried(programs, monkeypatch):
    programs("gcc", EMPTY_LIBRARY)
    assert find_compiler().flags[0] == "-O3"
    monkeypatch.setattr("einsgrad.targets.native.compiler._FLAGS", ("-O2",))
    assert find_compiler().flags[0] == "-O2"


def test_long_output_is_cut(programs):
    programs("gcc", 'i=0; while [ $i -lt 50 ]; do i=$((i+1)); echo "line $i"; done; exit 3')
    with pytest.raises(BuildError, match="ended with status 3") as raised:
        build("int x;")
    notes = raised.value.diagnostics[0].notes
    assert notes[1:3] == ("its output: line 1", "its output: line 2")
    assert notes[-2:] == ("its output: line 40", "its output: … 10 more lines")


def test_the_folder_of_the_build_is_in_no_library(compiler):
    path = build(HYPOTENUSE)
    assert str(cache_folder()).encode() not in path.read_bytes()
    assert not [file for file in Path(path).parent.iterdir() if file.name not in ("kernels.c", "kernels.so", "sha256")]
