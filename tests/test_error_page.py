"""The page of errors: every code has an example that causes it alone, and the text mended is right.

``python tests/test_error_page.py`` writes the page anew.
"""

import ast
import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from command_line import TERMINAL_VARIABLES
from error_examples import SECTIONS

import einsgrad as eg
from einsgrad.cli import main
from einsgrad.diagnostics import EinsgradError
from einsgrad.targets.native.compiler import build

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "grammar" / "errors.md"
EXAMPLES = [example for section in SECTIONS.values() for example in section]
WORD = re.compile(r"[a-z0-9-]+")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
# Words with a hyphen in the sources that are no codes.
OTHER_SLUGS = {"utf-8", "one-tensors"}
# What can't be mended in one line.
UNMENDED = {"no-scipy", "not-utf8", "nul-byte", "errors-many", "compiler-failed", "cache-folder"}
# What is never alone.
BESIDE = {"errors-many": ["dummy-once"]}

HEAD = """\
# What each error means

One example for each code: a text that causes it, what is printed, and the text mended, by the `fix` or as it stands
below. The rules behind them are in the [reference](README.md). `python tests/test_error_page.py` writes this page.
"""


def fill(folder):
    """Put the files into a folder that examples refer to."""
    (folder / "y.ein").write_text("y_i = 2 x_i\n", encoding="utf-8")
    (folder / "shares.ein").write_text("l = x_i x_i; given 1_i x_i == 1\n", encoding="utf-8")
    (folder / "latin1.ein").write_bytes("y = 2 x  # für später\n".encode("latin-1"))
    (folder / "zeros.ein").write_bytes(b"y = x\0")
    np.savez(folder / "x.npz", x=np.ones(3))
    np.savez(folder / "upstream.npz", x=np.ones(3), dl_dy=np.ones(3))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    fill(tmp_path)
    monkeypatch.chdir(tmp_path)
    for variable in TERMINAL_VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def without_scipy(text):
    """Compile where SciPy is not installed."""
    with mock.patch.dict(sys.modules, {"scipy": None}):
        eg.compile(text)


def run(kind, text):
    """Do what an example shows; gives its findings as they are printed, each with its code and its fix."""
    if kind == "command":
        return run_command(text)
    findings = ()
    try:
        if kind == "einsum":
            eg.einsum_grad(text)
        elif kind == "python":
            eval(text, {"eg": eg, "np": np, "build": build, "without_scipy": without_scipy})
        else:
            findings = eg.parse(text, dialect=kind, name="text").warnings
    except EinsgradError as error:
        findings = error.diagnostics
    return [(d.code, d.render(), d) for d in findings]


def cause(example):
    """Do what an example shows, in its environment and with a cache of its own."""
    with mock.patch.dict(os.environ, {"EINSGRAD_CACHE": "cache", **example.environment}):
        return run(example.kind, example.text)


def run_command(text):
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed), contextlib.redirect_stdout(io.StringIO()):
        status = main(shlex.split(text)[1:])
    shown = printed.getvalue().rstrip()
    found = re.findall(r"error\[([\w-]+)\]", shown)
    assert (status == 0) == (not found), shown
    return [(code, shown, None) for code in found]


def pasted(example, diagnostic):
    """Give the text with each line of the fix, if any, in the place of its statement, or of what the carets mark."""
    if example.kind not in ("plain", "latex", "matrix") or diagnostic.fix is None:
        return
    declared = example.text[: example.text.find(";") + 1] if example.kind == "matrix" else ""
    before, after = example.text[: diagnostic.span.start], example.text[diagnostic.span.end :]
    for line in diagnostic.fix.splitlines():
        yield f"{declared} {line}".lstrip() if "=" in line else before + line + after


def entry(example):
    """Give the page's entry of an example."""
    (_, printed, _), *_ = (found for found in cause(example) if found[0] == example.code)
    prompt = {"python": ">>> ", "command": "$ "}.get(example.kind)
    shown = printed if prompt is None else f"{prompt}{example.text}\n{printed}"
    shown = "".join(f"$ export {name}={value}\n" for name, value in example.environment.items()) + shown
    lines = [f"### `{example.code}`\n", "```text", shown, "```"]
    if example.mended is not None:
        lines.append(f"\nMended: `{example.mended}`")
    return "\n".join(lines) + "\n"


def page():
    sections = [f"## {title}\n\n" + "\n".join(entry(e) for e in examples) for title, examples in SECTIONS.items()]
    return "\n".join([HEAD, *sections])


def codes_of_sources():
    """Give the words that have the shape of a code, those with a hyphen, and are neither listed nor keys."""
    found = set()
    for path in (ROOT / "einsgrad").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        lists = [n.elts for n in nodes if isinstance(n, ast.Tuple)] + [n.keys for n in nodes if isinstance(n, ast.Dict)]
        listed = {id(e) for elements in lists if all(is_word(e, WORD) for e in elements) for e in elements}
        found |= {n.value for n in nodes if is_word(n, SLUG) and id(n) not in listed}
    return found - OTHER_SLUGS


def is_word(node, shape):
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and shape.fullmatch(node.value) is not None


def codes_of_the_reference():
    """Give the codes that the reference lists as errors and as warnings, which has those of one word, too."""
    section = (ROOT / "grammar" / "README.md").read_text(encoding="utf-8").split("## Errors")[1]
    table, warnings = section.split("\nWarnings are about")
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    return {code for row in rows for code in re.findall("`(.*?)`", row)} | set(re.findall("`([a-z-]{4,})`", warnings))


def test_every_code_has_one_example():
    codes = [example.code for example in EXAMPLES]
    assert len(codes) == len(set(codes))
    assert set(codes) >= {"dummy-once", "order", "size-mismatch"}
    assert codes_of_the_reference() >= {"order", "prose"}
    assert codes_of_sources() | codes_of_the_reference() <= set(codes)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.code)
@pytest.mark.usefixtures("folder")
def test_each_example_causes_its_code_alone(example):
    found = {code for code, _, _ in cause(example)}
    assert found == {example.code, *BESIDE.get(example.code, ())}


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.code not in UNMENDED], ids=lambda e: e.code)
@pytest.mark.usefixtures("folder")
def test_what_is_mended_is_right(example):
    (_, _, diagnostic), *_ = cause(example)
    mended = [*pasted(example, diagnostic), *([] if example.mended is None else [example.mended])]
    assert mended
    for text in mended:
        assert run(example.kind, text) == []


@pytest.mark.usefixtures("folder")
def test_the_page_shows_the_examples():
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        fill(Path(scratch))
        with contextlib.chdir(scratch):
            written = page()
    PAGE.write_text(written, encoding="utf-8")
