"""The C compiler: which one there is, with which flags it works, and what it says of a text that it can't compile.

Takes the text of a C file, gives the path of a shared library in the cache. What a compiler can do is tried once:
where the declarations of glibc's vector functions compile (see ``_PROBE``), ``EINSGRAD_LIBMVEC`` is defined, and where
OpenMP does, ``_OPENMP``.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from einsgrad.diagnostics import BuildError, Diagnostic
from einsgrad.targets.native.cache import cached, key_of

# Values stay what they are: flags that only say that nobody reads errno or the exception flags, and none that lets
# sums be reordered or infinities be ignored.
_FLAGS = ("-O3", "-fPIC", "-shared", "-fno-math-errno", "-fno-trapping-math")
# What is taken where it works: the first of each line.
_CHOICES: tuple[tuple[list[str], ...], ...] = (
    (["-march=native"], ["-mcpu=native"], []),
    (["-fopenmp"], ["-fopenmp-simd"], []),
    (["-DEINSGRAD_LIBMVEC"], []),
)
# Symbols of Python are found when an extension module is loaded; elsewhere than on macOS linkers take this for granted.
_LINK = ("-lm", *(("-Wl,-undefined,dynamic_lookup",) if sys.platform == "darwin" else ()))
# What a text may use. A warning is a failure, since clang ignores an attribute that it doesn't know, and so is a symbol
# that is missing: a C library with a vector version of tanh has those of all others.
_PROBE = """\
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#ifdef EINSGRAD_LIBMVEC
__attribute__((simd("notinbranch"))) double tanh(double);
__attribute__((simd("notinbranch"))) float tanhf(float);
#endif
int probe(int64_t n, double *x, float *y) {
#pragma omp parallel for
    for (int64_t i = 0; i < n; i++) x[i] = tanh(x[i]);
#pragma omp simd
    for (int64_t i = 0; i < n; i++) y[i] = tanhf(y[i]);
    return 0;
}
"""
_PROBE_FLAGS = ("-Werror", *(("-Wl,-z,defs",) if sys.platform == "linux" else ()))
_MOST_LINES = 40


class NoCompiler(Exception):  # noqa: N818 — nobody's error: what was to be compiled runs in another way
    """There is no C compiler; the message says what to install."""

    def __init__(self) -> None:
        super().__init__("there is no C compiler, neither $CC, nor gcc, nor clang: pip install ziglang installs one")


@dataclass(frozen=True)
class Compiler:
    """A C compiler: its command, what it says of itself, and the flags with which it works."""

    command: tuple[str, ...]
    version: str
    flags: tuple[str, ...]


def build(text: str, includes: Sequence[str] = (), suffix: str = ".so") -> Path:
    """Compile a C text into a shared library, or find it in the cache.

    Args:
        text: a whole C file.
        includes: folders of headers.
        suffix: how the library's name ends.

    Raises:
        NoCompiler: there is none.
        BuildError: the compiler fails; the error has its output.
    """
    compiler = find_compiler()
    flags = (*compiler.flags, *(f"-I{folder}" for folder in includes))
    versions = (compiler.version, sys.version, np.__version__)
    key = key_of(text, suffix, compiler.command, flags, versions, _processor())
    return cached(key, f"kernels{suffix}", lambda folder: _compile(compiler.command, flags, text, folder, suffix))


def find_compiler() -> Compiler:
    """Give the first of ``$CC``, gcc, clang and ziglang that is installed, and the flags with which it works.

    Raises:
        NoCompiler: there is none.
        BuildError: it can't compile anything.
    """
    command = _find_command()
    key = key_of(_PROBE, _PROBE_FLAGS, _FLAGS, _CHOICES, _LINK, command, _state_of(command), _processor())
    found = json.loads(cached(key, "compiler.json", lambda folder: _try_out(command, folder)).read_text())
    return Compiler(command, found["version"], tuple(found["flags"]))


def _find_command() -> tuple[str, ...]:
    if os.name == "posix":  # elsewhere libraries, and the rights to folders, are of another kind
        for first, *rest in filter(None, (_preferred(), ["gcc"], ["clang"])):
            if found := shutil.which(first):
                return (os.path.abspath(found) if os.path.dirname(first) else first, *rest)
        if importlib.util.find_spec("ziglang"):
            return (sys.executable, "-m", "ziglang", "cc")
    raise NoCompiler


def _preferred() -> list[str]:
    """Give the command that ``$CC`` is, if any."""
    given = os.environ.get("CC", "")
    try:
        return shlex.split(given)
    except ValueError as error:
        raise _failed([given], f"can't be run: {error}") from None


def _state_of(command: Sequence[str]) -> list[object]:
    """Give what changes when another version of a compiler is installed: the state of all files that it names."""
    files = [shutil.which(word) for word in command]
    if "ziglang" in command and (package := importlib.util.find_spec("ziglang")):
        files.append(package.origin)
    states = [os.stat(file) for file in files if file]
    return [(state.st_size, state.st_mtime_ns) for state in states]


def _try_out(command: Sequence[str], folder: Path) -> None:
    """Write down what a compiler says of itself, and the flags with which it works."""
    _, version = _run([*command, "--version"], folder)
    for choice in itertools.product(*_CHOICES):
        flags = [*_FLAGS, *itertools.chain(*choice)]
        try:
            _compile(command, [*flags, *_PROBE_FLAGS], _PROBE, folder, ".so")
        except BuildError as error:
            failure = error
            continue
        found = {"version": version, "flags": flags}
        (folder / "compiler.json").write_text(json.dumps(found), encoding="utf-8")
        return
    raise failure


def _compile(command: Sequence[str], flags: Sequence[str], text: str, folder: Path, suffix: str) -> None:
    (folder / "kernels.c").write_text(text, encoding="utf-8")
    # Names without their folder, so that the library doesn't depend on it and messages are short.
    whole = [*command, *flags, "kernels.c", "-o", f"kernels{suffix}", *_LINK]
    status, output = _run(whole, folder)
    if status:
        raise _failed(whole, f"ended with status {status}", output)


def _run(command: Sequence[str], folder: Path) -> tuple[int, str]:
    """Run a compiler in a folder; gives its status and what it says."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        raise _failed(command, f"can't be run: {error.strerror}") from None
    return done.returncode, done.stdout.decode(errors="replace")


def _failed(command: Sequence[str], how: str, output: str = "") -> BuildError:
    lines = output.splitlines()
    shown = [*lines[:_MOST_LINES], *([f"… {len(lines) - _MOST_LINES} more lines"] if len(lines) > _MOST_LINES else [])]
    notes = (f"the command: {shlex.join(command)}", *(f"its output: {line}" for line in shown))
    return BuildError([Diagnostic("compiler-failed", f"the C compiler {how}", notes=notes)])


@cache
def _processor() -> str:
    """Give what tells processors apart: code for one may not run on another that shares the folder."""
    known = {"vendor_id", "cpu family", "model", "model name", "flags", "CPU implementer", "CPU part", "Features"}
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            first = itertools.takewhile(str.strip, file)
            told = [line for line in first if line.partition(":")[0].strip() in known]
    except FileNotFoundError:
        told = [platform.processor()]
    return platform.machine() + "\n" + "".join(told)
