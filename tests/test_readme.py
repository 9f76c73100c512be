"""The README: what it shows is what happens."""

import doctest
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import TERMINAL_VARIABLES

import einsgrad as eg

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


# How far a gradient is from a difference quotient depends on the machine.
ROUNDING = re.compile(r"\d(\.\d)?e-\d+")


def blocks(language):
    return [text for name, text in BLOCKS if name == language]


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


def test_every_block_is_of_a_kind_that_is_tested():
    assert {name for name, _ in BLOCKS} == {"sh", "console", "python", "text"}


def test_it_opens_with_the_two_commands_that_the_gate_runs():
    first, second = blocks("sh")[0].splitlines()
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert first == "pip install . && einsgrad derive layer_norm"
    assert "\neinsgrad derive layer_norm\n" in gate
    assert f"'{second}'" in gate


def test_commands_print_what_is_shown(terminal):
    shown = 0
    for block in blocks("console"):
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            assert ROUNDING.sub("…", terminal(command)) == ROUNDING.sub("…", output), command
            shown += 1
    assert shown >= 6


def test_python_prints_what_is_shown():
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks("python")), {}, "README.md", "README.md", 0)
    assert len(examples.examples) >= 6
    result = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF).run(examples)
    assert result.failed == 0


def test_equations_are_programs():
    for text in blocks("text"):
        assert eg.parse(text).outputs


def test_files_it_points_to_exist():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
    folders = re.findall(r"^\| `([\w./]+)` \|", README, re.MULTILINE)
    assert folders
    assert [folder for folder in folders if not (ROOT / folder).exists()] == []
