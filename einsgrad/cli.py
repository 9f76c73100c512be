"""The command line: a command that is run, and what becomes of errors.

Results go to standard output, diagnostics and progress to standard error. The exit status is 0 if all is well, 1 if a
check failed, 2 for bad input or usage.
"""

from __future__ import annotations

import re
import sys
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from einsgrad import commands
from einsgrad.diagnostics import EinsgradError, InternalError, did_you_mean
from einsgrad.options import build_parser
from einsgrad.terminal import describe_os_error, prepare_streams, settle_output, tell

# As the shell reports a process that an interrupt or a closed pipe ended.
_INTERRUPTED, _PIPE_CLOSED = 130, 141
_DEFECT = 70


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and give its exit status.

    Args:
        argv: the arguments after the program's name; those of the process if left out.

    >>> main(["derive", "-e", "y_i = sin(x_i)"])
    ∂l/∂x_i = ∂l/∂y_i cos(x_i)
    0
    """
    prepare_streams()
    try:
        try:
            return _run(argv)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        settle_output()
        return _PIPE_CLOSED
    except OSError as error:
        tell(f"einsgrad: {describe_os_error(error)}")
        settle_output()
    except MemoryError as error:
        tell(f"einsgrad: not enough memory: {error}")
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        traceback.print_exc()
        tell(str(error if isinstance(error, InternalError) else InternalError(repr(error))))
        return _DEFECT
    return commands.BAD_INPUT


def _run(argv: Sequence[str] | None) -> int:
    parser = build_parser()
    try:
        arguments = _parse(parser, argv)
    except SystemExit as stop:  # how argparse ends --help, --version and usage errors
        return int(stop.code or 0)
    if arguments.command is None:
        parser.print_help()
        return commands.OK
    try:
        status: int = arguments.command(arguments)
    except EinsgradError as error:
        return commands.reject(error.diagnostics, "json" in arguments and arguments.json)
    return status


def _parse(parser: ArgumentParser, argv: Sequence[str] | None) -> Namespace:
    arguments, unknown = parser.parse_known_args(argv)
    chosen: ArgumentParser = arguments.parser
    if unknown:
        near = did_you_mean(unknown[0], re.findall(r"--[\w-]+", chosen.format_help()))
        chosen.error(f"unrecognized arguments: {' '.join(unknown)}{near}")
    if "equations" in arguments and bool(arguments.equations) == bool(arguments.file):
        chosen.error("give a FILE, or -e EQUATION in its place")
    return arguments
