"""What the tests of the command line share."""

import io
import sys
from pathlib import Path

from einsgrad.cli import main

COMMANDS = ("check", "derive", "show", "compile", "explain", "run", "einsum", "gallery", "cache", "completion")
MATMUL = "y_ij = x_ik a_kj"
MATMUL_GRADIENTS = "∂l/∂x_ik = ∂l/∂y_ij a_kj\n∂l/∂a_kj = ∂l/∂y_ij x_ik\n"
ENERGY = "E = x_i x_i γ_i"
BAD = "y_i = x_ij\nz_i = sofmax(w_i)\n"
# What a user's environment may say about colour and width.
TERMINAL_VARIABLES = ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM")


class Command:
    """Runs the command line in this process."""

    def __init__(self, capsys, monkeypatch):
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def __call__(self, *argv, stdin=b""):
        for variable in TERMINAL_VARIABLES:
            self.monkeypatch.delenv(variable, raising=False)
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self.capsys.readouterr()
        status = main([str(a) for a in argv])
        out, err = self.capsys.readouterr()
        return status, out, err

    def good(self, *argv, stdin=b""):
        """Run a command that has nothing to complain about, and give what it writes to standard output."""
        status, out, err = self(*argv, stdin=stdin)
        assert (status, err) == (0, "")
        return out

    def bad(self, *argv, stdin=b""):
        """Run a command that can't take its input, and give what it writes to standard error."""
        status, out, err = self(*argv, stdin=stdin)
        assert (status, out) == (2, "")
        assert "Traceback" not in err
        return err


def write(name, text):
    Path(name).write_text(text, encoding="utf-8")
    return name
