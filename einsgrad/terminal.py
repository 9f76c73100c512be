"""What commands write where: results to standard output, diagnostics to standard error.

Whether there is colour, and how wide the terminal is, rich decides: colour on a terminal, or where ``FORCE_COLOR`` asks
for it, and none with ``NO_COLOR``.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from einsgrad.diagnostics import Diagnostic

# What is coloured in reports and diagnostics. Later patterns win. No other styles, which NO_COLOR would not turn off.
_COLOURS = {
    r"(?m)^(\S+:\d+:\d+: )?error\[[\w-]+\]:": "red",
    r"(?m)^(\S+:\d+:\d+: )?warning\[[\w-]+\]:": "yellow",
    r"(?m)^ +\^+$": "red",
    r"(?m)^  (note|fix):": "cyan",
    r"(?m)^  not proved\b": "yellow",
    r"(?m)^  (proved|agrees)\b": "green",
    r"(?m)^  (refuted|disagrees)\b": "red",
    r"(?m): ok$": "green",
    r"(?m): (failed|bad input)$": "red",
}
# In fewer columns than this nothing can be read, whatever the terminal says.
_NARROWEST = 20


def prepare_streams() -> None:
    """Let the standard streams write what the language is made of, whatever the locale, and exist even if closed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 — as long as the process lives
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def put(text: str) -> None:
    """Write a result to standard output, as it is."""
    sys.stdout.write(text)


def show(text: str) -> None:
    """Write a report to standard output, in colours where there are any."""
    _write(sys.stdout, text)


def output_width() -> int | None:
    """Give the width to which what is for reading is fitted on standard output, ``None`` for any.

    A terminal has one, and ``COLUMNS`` says one; in a file or a pipe lines stay whole.
    """
    return _width(sys.stdout)


def tell(text: str) -> None:
    """Write a line of progress or complaint to standard error."""
    try:
        _write(sys.stderr, text + "\n")
        sys.stderr.flush()
    except BrokenPipeError:
        _abandon(sys.stderr)


def tell_all(diagnostics: Iterable[Diagnostic]) -> None:
    """Write diagnostics to standard error."""
    for diagnostic in diagnostics:
        tell(diagnostic.render(_width(sys.stderr)))


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


def _width(stream: TextIO) -> int | None:
    from rich.console import Console

    console = Console(file=stream)
    if console.is_terminal or os.environ.get("COLUMNS"):
        return max(console.width, _NARROWEST)
    return None


def _write(stream: TextIO, text: str) -> None:
    from rich.console import Console
    from rich.text import Text

    # A file's name, or a tensor's, may hold what would steer the terminal.
    harmless = "".join(c if c.isprintable() or c == "\n" else "�" for c in text)
    console = Console(file=stream, soft_wrap=True)
    if console.color_system is None:
        stream.write(harmless)
        return
    shown = Text(harmless)
    for pattern, colour in _COLOURS.items():
        shown.highlight_regex(pattern, colour)
    console.print(shown, end="")
