"""Its being here puts this folder on the import path, so that all tests share ``oracle`` and the like."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import TERMINAL_VARIABLES, Command

ROOT = Path(__file__).parents[1]


@pytest.fixture
def einsgrad(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Command(capsys, monkeypatch)


@pytest.fixture
def process(tmp_path):
    """Run the command line in a process of its own."""

    def run(*argv, env=None, **options):
        inherited = {name: value for name, value in os.environ.items() if name not in TERMINAL_VARIABLES}
        environment = {**inherited, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **(env or {})}
        command = [sys.executable, "-m", "einsgrad", *argv]
        return subprocess.run(command, cwd=tmp_path, env=environment, timeout=60, check=False, **options)

    return run
