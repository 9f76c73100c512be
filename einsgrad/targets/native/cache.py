"""The cache: files that took a compiler to make, kept in the user's folder under the hash of what they were made from.

An entry is a folder named by its key. It is made beside its place and moved there when it is complete, so that nobody
sees half of one, and it holds the hash of its file, which is compared before the file is used. What is loaded runs with
the user's rights: a folder in which others can write, or that is theirs, is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from einsgrad.diagnostics import BuildError, Diagnostic

VARIABLE = "EINSGRAD_CACHE"
_DIGEST = "sha256"
_OWNER_ONLY = 0o700
# What is ours in the folder, for it may hold other things: an entry, its lock, an entry that is being made.
_LOCK = ".lock"
_OWN = re.compile(rf"([0-9a-f]{{64}})({_LOCK}|\.\w+\.tmp)?")


def cache_folder() -> Path:
    """Give the folder of the cache, which need not be there yet: ``$EINSGRAD_CACHE``, or the user's cache folder."""
    moved = os.environ.get(VARIABLE)
    if moved:
        return Path(moved).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("einsgrad", appauthor=False)


def key_of(*parts: object) -> str:
    """Give the key of what is made from these parts, which JSON can express.

    >>> key_of("int x;", ["-O3"]) == key_of("int x;", ["-O3"]) != key_of("int x;", ["-O2"])
    True
    """
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def cached(key: str, name: str, make: Callable[[Path], None]) -> Path:
    """Give the file ``name`` of the entry ``key``; where there is none, or a damaged one, ``make`` it first.

    Processes and threads that want the same entry wait for the first to make it.

    Args:
        key: what :func:`key_of` gives for everything that the file depends on.
        name: the file.
        make: writes the file, and what else is of interest, into a folder.

    Raises:
        BuildError: the cache can't be used, or others can write in it.
    """
    folder = _prepare_folder()
    file = folder / key / name
    if not _is_whole(file):
        try:
            with _alone(file.parent):
                if not _is_whole(file):
                    _make_entry(file, make)
        except OSError as error:
            raise _unusable(folder, f"can't be written: {error.strerror}") from error
    return file.absolute()


@dataclass(frozen=True)
class Contents:
    """How many entries a cache has, and how many bytes they take."""

    entries: int
    size: int


def contents() -> Contents:
    """Count what is in the cache."""
    entries = [cache_folder() / key for key, names in _own_names().items() if key in names]
    return Contents(len(entries), sum(map(_size, entries)))


def clear() -> None:
    """Remove all entries; those that are being made as soon as they are. Whatever else is in the folder stays.

    Raises:
        OSError: something can't be removed.
    """
    for key in _own_names():
        with _alone(cache_folder() / key):
            for name in _own_names().get(key, ()):
                if not name.endswith(_LOCK):
                    shutil.rmtree(cache_folder() / name)


def _size(entry: Path) -> int:
    try:
        return sum(file.stat().st_size for file in entry.iterdir())
    except FileNotFoundError:  # another process has cleared it
        return 0


def _own_names() -> dict[str, list[str]]:
    """Give the names of what is ours in the folder, by key."""
    names: dict[str, list[str]] = {}
    with suppress(FileNotFoundError):
        for name in os.listdir(cache_folder()):
            if own := _OWN.fullmatch(name):
                names.setdefault(own[1], []).append(name)
    return names


def _prepare_folder() -> Path:
    folder = cache_folder()
    try:
        folder.mkdir(_OWNER_ONLY, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, f"can't be made: {error.strerror}") from None
    _refuse_untrusted(folder)
    return folder


def _refuse_untrusted(folder: Path) -> None:
    found = folder.stat()
    if found.st_uid != os.geteuid():
        raise _unusable(folder, "belongs to another user, who could change what is loaded from it")
    if found.st_mode & stat.S_IWOTH:
        raise _unusable(folder, "can be written by everybody, who could change what is loaded from it")


def _unusable(folder: Path, reason: str) -> BuildError:
    note = f"{VARIABLE} names another folder for what is compiled"
    return BuildError([Diagnostic("cache-folder", f"the cache {folder} {reason}", notes=(note,))])


def _is_whole(file: Path) -> bool:
    try:
        _refuse_untrusted(file.parent)
        return file.with_name(_DIGEST).read_bytes() == _digest(file)
    except FileNotFoundError:
        return False


def _digest(file: Path) -> bytes:
    return hashlib.sha256(file.read_bytes()).hexdigest().encode()


def _make_entry(file: Path, make: Callable[[Path], None]) -> None:
    entry = file.parent
    scratch = Path(tempfile.mkdtemp(prefix=f"{entry.name}.", suffix=".tmp", dir=entry.parent))
    try:
        make(scratch)
        (scratch / _DIGEST).write_bytes(_digest(scratch / file.name))
        if not _is_whole(file):  # where there are no locks, another process may have been quicker
            shutil.rmtree(entry, ignore_errors=True)
            scratch.rename(entry)
    except OSError:
        if not _is_whole(file):
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _alone(entry: Path) -> Iterator[None]:
    """Let one thread of one process at a time work on an entry; the system frees the lock of one that dies.

    A file system without locks lets all of them in, which costs time and nothing else.
    """
    import fcntl  # not on Windows, where there is nothing to lock

    path = entry.with_name(entry.name + _LOCK)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                break
        os.close(descriptor)  # whoever had the lock before has removed the file: others lock another one
    try:
        yield
    finally:
        with suppress(OSError):
            os.unlink(path)
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # a forked process may have the descriptor, too
        os.close(descriptor)
