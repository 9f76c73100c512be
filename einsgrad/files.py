"""Files that commands write and read: whole or not at all, and arrays without code in them."""

from __future__ import annotations

import os
import secrets
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from einsgrad.diagnostics import Diagnostic, UsageError

# What NumPy and zipfile raise for a file that is damaged, encrypted, or something else altogether.
_DAMAGE = (ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


@contextmanager
def replacing(path: str) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of ``path`` once the block ends well, and leaves no trace where it fails.

    An existing file keeps its mode, and a link keeps pointing to it. What is no regular file, such as ``/dev/null`` or
    a pipe, can't be replaced: it is written to.

    Raises:
        UsageError: ``path`` is a directory.
        OSError: it can't be written.

    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "out.txt")
    >>> with replacing(path) as file:
    ...     _ = file.write(b"all of it")
    ...     os.path.exists(path)
    False
    >>> os.path.exists(path)
    True
    """
    target = os.path.realpath(path)
    existing = os.stat(target) if os.path.exists(target) else None
    if existing and stat.S_ISDIR(existing.st_mode):
        raise UsageError([Diagnostic("output-directory", f"{path} is a directory: name a file to write")])
    if existing and not stat.S_ISREG(existing.st_mode):
        with open(target, "wb") as file:
            yield file
        return
    # Beside the target, since only within one file system is replacing a single step.
    temporary = os.path.join(os.path.dirname(target), f".einsgrad-{secrets.token_hex(8)}.tmp")
    with _naming(path):
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if existing:
                os.chmod(temporary, stat.S_IMODE(existing.st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        with _naming(path):
            os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def replacing_all(folder: str, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder, which is made if need be: none of them takes its place before all are complete.

    Args:
        folder: theirs.
        contents: of each file by its path, the folder's included.

    Raises:
        UsageError: there is a file where the folder should be.
        OSError: the folder can't be made, or a file can't be written.

    >>> import tempfile
    >>> folder = os.path.join(tempfile.mkdtemp(), "new")
    >>> replacing_all(folder, {os.path.join(folder, name): b"" for name in ("a.c", "a.h")})
    >>> sorted(os.listdir(folder))
    ['a.c', 'a.h']
    """
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise UsageError([Diagnostic("output-file", f"{folder} is a file: name a folder to write")])
    is_new = not os.path.exists(folder)
    os.makedirs(folder, exist_ok=True)
    try:
        with ExitStack() as stack:
            for path, content in contents.items():
                stack.enter_context(replacing(path)).write(content)
    except BaseException:
        if is_new:
            with suppress(OSError):
                os.rmdir(folder)
        raise


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Let an error of the system speak of the file that the user named, not of the temporary one."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def refuse_same(output: str, *inputs: str | None) -> None:
    """Refuse to write over what was read.

    Raises:
        UsageError: ``output`` is one of the ``inputs``.
    """
    for path in inputs:
        if path is not None and os.path.exists(path) and os.path.exists(output) and os.path.samefile(path, output):
            raise UsageError([Diagnostic("output-is-input", f"{output} is the input: name another file to write")])


def write_arrays(path: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays to an npz file, whole or not at all.

    ``numpy.savez`` takes the names as keywords, so an array could not be called ``file``.

    Raises:
        UsageError: ``path`` is a directory.
        OSError: it can't be written.
    """
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def read_arrays(path: str) -> dict[str, NDArray[Any]]:
    """Read all arrays of an npz file; nothing in it is executed.

    Raises:
        UsageError: it is no npz file, or holds something other than arrays.
        OSError: it can't be read.
    """
    try:
        with open(path, "rb") as file:
            if not zipfile.is_zipfile(file):
                raise _not_arrays(path, "it is no archive")
            file.seek(0)
            archive = np.load(file, allow_pickle=False)
            return {name: _checked(path, name, archive[name]) for name in archive.files}
    except _DAMAGE as error:
        raise _not_arrays(path, str(error)) from None


def _checked(path: str, name: str, array: object) -> NDArray[Any]:
    if not isinstance(array, np.ndarray):
        raise _not_arrays(path, f"`{name}` in it is no array")
    return array


def _not_arrays(path: str, reason: str) -> UsageError:
    note = "write one with numpy.savez(path, x=x, a=a)"
    return UsageError([Diagnostic("not-an-npz", f"{path} is no npz file of arrays: {reason}", notes=(note,))])
