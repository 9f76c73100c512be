"""Processes that each run one library: they are sent a JSON object a line, and answer likewise."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cores  # noqa: F401 - keeps us, and the processes, to two cores

HERE = Path(__file__).parent


class DiedError(Exception):
    """A process has ended, with these last words."""


class Worker:
    """A process that runs one library."""

    def __init__(self, script: str, *arguments: str, variables: Mapping[str, str] | None = None) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - open as long as the process
        self._process = subprocess.Popen(
            _command(script, arguments),
            env={**_environment(), **(variables or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,  # a pipe that nobody reads would fill up
            text=True,
        )

    def listen(self) -> dict[str, Any] | None:
        """Give the next message; ``None`` where the process has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        message: dict[str, Any] | None = json.loads(line) if line else None
        return message

    def ask(self, question: Any) -> dict[str, Any]:
        """Send a message, and give the answer."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        answer = self.listen()
        if answer is None:
            raise DiedError(self.last_words())
        return answer

    def last_words(self) -> str:
        """Give the last line that a dead process wrote to standard error."""
        self._process.wait()
        self._errors.seek(0)
        return (self._errors.read().strip().splitlines() or ["no message"])[-1]

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._errors.close()


def output(script: str, *arguments: str) -> str:
    """Run a process to its end, and give what it prints."""
    command = _command(script, arguments)
    return subprocess.run(command, env=_environment(), check=True, stdout=subprocess.PIPE, text=True).stdout


def _command(script: str, arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, str(HERE / script), *arguments]


def _environment() -> dict[str, str]:
    """Give the environment without what picks the kernels of OpenBLAS: that is not how a library runs by itself."""
    return {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
