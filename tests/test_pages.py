"""The README and the pages beside the grammar: what they show is what happens.

A block that follows the name of a file is that file; the commands of a page run where its files are.
"""

import doctest
import os
import pkgutil
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import TERMINAL_VARIABLES

import einsgrad as eg

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "grammar/README.md", "grammar/guide.md", "grammar/contributing.md", "grammar/CHANGELOG.md"]
TEXTS = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
FILE = re.compile(r"^`([\w.]+)`:\n\n```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

# How far a gradient is from a difference quotient depends on the machine, and so does which is the farthest.
ROUNDING = re.compile(r"(?<=at worst )the gradient of \w+ by \w+|\d(\.\d)?e-\d+")


def blocks(page, language):
    """Give the blocks in a language that are not files."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", FILE.sub("", TEXTS[page]), re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def commands(page):
    """Give the commands of a page, each with what it prints."""
    found = [re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE) for block in blocks(page, "console")]
    return [shown for block in found for shown in block]


@pytest.fixture
def terminal(tmp_path):
    """A shell in an empty folder, in which `einsgrad` and `python` are those under test."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, arguments in (("einsgrad", "-m einsgrad "), ("python", "")):
        script = tools / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    folder = tmp_path / "folder"
    folder.mkdir()
    inherited = {name: value for name, value in os.environ.items() if name not in TERMINAL_VARIABLES}
    environment = {**inherited, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}

    def shell(command):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        return done.stdout.decode()

    return shell


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_of_a_kind_that_is_tested(page):
    kinds = re.findall(r"^```(\w+)$", TEXTS[page], re.MULTILINE)
    assert set(kinds) <= {"sh", "console", "python", "text", "latex"}
    assert "sh" not in kinds or page == "README.md"


def test_the_readme_opens_with_the_two_commands_that_the_gate_runs():
    first, second = blocks("README.md", "sh")[0].splitlines()
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert first == "pip install . && einsgrad derive layer_norm"
    assert "\neinsgrad derive layer_norm\n" in gate
    assert f"'{second}'" in gate


@pytest.mark.parametrize(("page", "least"), [("README.md", 6), ("grammar/guide.md", 8)])
def test_commands_print_what_is_shown(page, least, terminal, tmp_path):
    for name, _, text in FILE.findall(TEXTS[page]):
        (tmp_path / "folder" / name).write_text(text, encoding="utf-8")
    shown = commands(page)
    assert len(shown) >= least
    for command, output in shown:
        assert ROUNDING.sub("…", terminal(command)) == ROUNDING.sub("…", output), command


@pytest.mark.parametrize(
    ("page", "least"), [("README.md", 6), ("grammar/guide.md", 10), ("grammar/contributing.md", 20)]
)
def test_python_prints_what_is_shown(page, least):
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks(page, "python")), {}, page, page, 0)
    assert len(examples.examples) >= least
    result = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF).run(examples)
    assert result.failed == 0


def test_the_commands_and_the_python_of_every_page_run():
    assert [page for page in PAGES if commands(page)] == ["README.md", "grammar/guide.md"]
    pages = ["README.md", "grammar/guide.md", "grammar/contributing.md"]
    assert [page for page in PAGES if blocks(page, "python")] == pages


@pytest.mark.parametrize("page", PAGES)
def test_equations_are_programs(page):
    for text in blocks(page, "text"):
        assert eg.parse(text).outputs
    for text in blocks(page, "latex"):
        assert eg.parse(text, dialect="latex").outputs


@pytest.mark.parametrize("page", PAGES)
def test_places_it_points_to_exist(page):
    folder = (ROOT / page).parent
    for file, anchor in re.findall(r"\]\(([^)#:]*)#?([^):]*)\)", TEXTS[page]):
        target = folder / file if file else ROOT / page
        assert target.exists(), file
        assert not anchor or anchor in anchors(target), anchor
    folders = re.findall(r"^\| `([\w./]+)` \|", TEXTS[page], re.MULTILINE)
    assert [folder for folder in folders if "/" in folder and not (ROOT / folder).exists()] == []


def anchors(page):
    """Give the places in a page, named as GitHub names them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def exists(name):
    """Tell whether what contributing.md names is a file or a folder, or can be imported."""
    if "/" in name or name.endswith((".py", ".lark")):
        return any((ROOT / folder / name).exists() for folder in ("", "einsgrad", "grammar"))
    try:
        return pkgutil.resolve_name(f"einsgrad.{name}") is not None
    except (ImportError, AttributeError):
        return False


def test_modules_that_are_named_exist():
    named = re.findall(r"`((?:[a-z_]+[/.])+\w+(?:\.\w+)?)`", TEXTS["grammar/contributing.md"])
    assert len(named) > 40
    assert [name for name in named if not exists(name)] == []
