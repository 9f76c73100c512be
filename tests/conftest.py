"""Its being here puts this folder on the import path, so that all tests share ``oracle`` and the like."""

import pytest
from command_line import Command


@pytest.fixture
def einsgrad(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Command(capsys, monkeypatch)
