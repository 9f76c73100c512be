"""What commands write where: results to standard output, diagnostics to standard error, colour on a terminal only."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from einsgrad.diagnostics import Diagnostic

# What is coloured, wherever it stands. Later patterns win.
_STYLES = {
    r"(?m)^(\S+:\d+:\d+:)": "bold",
    r"(?m)^(\S+:\d+:\d+: )?error\[[\w-]+\]:": "bold red",
    r"(?m)^(\S+:\d+:\d+: )?warning\[[\w-]+\]:": "bold yellow",
    r"(?m)^ +\^+$": "red",
    r"(?m)^  (note|fix):": "cyan",
    r"(?m)^  not proved\b": "yellow",
    r"(?m)^  (proved|agrees)\b": "green",
    r"(?m)^  (refuted|disagrees)\b": "bold red",
    r"(?m): ok$": "green",
    r"(?m): (failed|bad input)$": "bold red",
}


def prepare_streams() -> None:
    """Let the standard streams write what the language is made of, whatever the locale, and exist even if closed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 — as long as the process lives
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def put(text: str) -> None:
    """Write a result to standard output."""
    _write(sys.stdout, text)


def tell(text: str) -> None:
    """Write a line of progress or complaint to standard error."""
    # A file's name, or a tensor's, may hold what would steer the terminal.
    shown = "".join(c if c.isprintable() or c == "\n" else "�" for c in text)
    try:
        _write(sys.stderr, shown + "\n")
        sys.stderr.flush()
    except BrokenPipeError:
        _abandon(sys.stderr)


def tell_all(diagnostics: Iterable[Diagnostic]) -> None:
    """Write diagnostics to standard error."""
    for diagnostic in diagnostics:
        tell(diagnostic.render())


def describe_os_error(error: OSError) -> str:
    """Give the system's complaint in a line, with the file that it is about."""
    what = error.strerror or str(error)
    return f"{error.filename}: {what}" if error.filename else what


def settle_output() -> None:
    """Give up on a standard output that can't be written, so that the interpreter does not try once more at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        _abandon(sys.stdout)


def _abandon(stream: TextIO) -> None:
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def _write(stream: TextIO, text: str) -> None:
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        stream.write(text)
        return
    from rich.console import Console
    from rich.text import Text

    shown = Text(text)
    for pattern, style in _STYLES.items():
        shown.highlight_regex(pattern, style)
    Console(file=stream, soft_wrap=True).print(shown, end="")
