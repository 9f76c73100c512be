"""The command line on a terminal and in a pipe: colours and widths."""

import os
import re

import pytest

import einsgrad as eg


@pytest.fixture
def on_a_terminal(process):
    """Run the command line on a terminal of a given width, and give what it shows."""
    pty = pytest.importorskip("pty")
    import fcntl
    import struct
    import termios

    def run(*argv, columns=80, env=None):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process(*argv, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # how Linux tells the end
            pass
        os.close(ours)
        return shown.decode().replace("\r\n", "\n")

    return run


@pytest.mark.parametrize(
    ("env", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_colour_is_for_terminals_and_as_the_environment_asks(process, on_a_terminal, env, terminal, pipe):
    text = "y_ij = 1_j x_ij; y_ij == x_ij; y_ij == 2 x_ij"  # a warning on one stream, verdicts on the other
    shown = on_a_terminal("check", "-e", text, env=env)
    assert "refuted" in shown
    assert ("\x1b[31m" in shown and "\x1b[33m" in shown) is terminal
    assert ("\x1b[" in shown) is terminal
    piped = process("check", "-e", text, env=env, capture_output=True)
    assert (b"\x1b[" in piped.stdout) is (b"\x1b[" in piped.stderr) is pipe


@pytest.mark.parametrize("argv", [("--json",), ("--format", "latex"), ()])
def test_results_for_other_programs_are_never_coloured(process, argv):
    done = process("derive", "matmul", *argv, env={"FORCE_COLOR": "1"}, capture_output=True)
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_steps_are_wrapped_to_the_terminal(on_a_terminal, columns):
    shown = on_a_terminal("derive", "layer_norm", "--steps", columns=columns)
    assert shown == eg.derive(eg.load("layer_norm")).text(columns)


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_carets_stand_under_their_place_whatever_the_width(on_a_terminal, columns):
    sums = " + ".join(f"x{n}_i" for n in range(20))
    shown = on_a_terminal("check", "-e", f"y_i = {sums} + z_ij", columns=columns, env={"NO_COLOR": "1"})
    line, carets = re.search("\n(    .*)\n( *\\^)\n", shown).groups()
    assert line[len(carets) - 1] == "j"
    assert max(len(line), len(carets)) <= columns
    shown = on_a_terminal("check", "-e", f"y_i = {sums}; y_i == x1_i + 2 x2_i", columns=columns, env={"NO_COLOR": "1"})
    line, carets = re.search("\n(    .*)\n( *\\^+)\n", shown).groups()
    assert line[carets.index("^") : len(carets)].startswith("y_i == x1_i")
    assert max(len(line), len(carets)) <= columns


@pytest.mark.parametrize(("env", "width"), [({}, None), ({"COLUMNS": "70"}, 70), ({"COLUMNS": "0"}, 20)])
def test_steps_in_a_pipe_are_wrapped_where_columns_says_how_wide(process, env, width):
    done = process("derive", "layer_norm", "--steps", env=env, capture_output=True)
    assert done.stdout.decode() == eg.derive(eg.load("layer_norm")).text(width)
