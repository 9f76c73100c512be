"""The cache of native code: whole entries or none, made once, by nobody else."""

import errno
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from einsgrad.diagnostics import BuildError
from einsgrad.targets.native.cache import Contents, cache_folder, cached, clear, contents, key_of

ROOT = Path(__file__).parents[3]
KEY = key_of("what it is made from")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EINSGRAD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write_word(scratch):
    (scratch / "file").write_bytes(b"word")


def forbidden(scratch):
    raise AssertionError("made although it is there")


def python(code, folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "EINSGRAD_CACHE": str(folder)}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def code_of(call, *arguments):
    with pytest.raises(BuildError) as raised:
        call(*arguments)
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.notes == ("EINSGRAD_CACHE names another folder for what is compiled",)
    return diagnostic.code, diagnostic.message


def test_a_file_is_made_once(folder):
    file = cached(KEY, "file", write_word)
    assert file == folder / KEY / "file"
    assert file.read_bytes() == b"word"
    assert cached(KEY, "file", forbidden) == file
    assert sorted(os.listdir(folder)) == [KEY]
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_folder_is_the_users_unless_it_is_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("EINSGRAD_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = cache_folder()
    assert folder.name == "einsgrad"
    assert tmp_path in folder.parents
    monkeypatch.setenv("EINSGRAD_CACHE", "~/moved")
    assert cache_folder() == tmp_path / "moved"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EINSGRAD_CACHE", "here")
    assert cached(KEY, "file", write_word) == tmp_path / "here" / KEY / "file"


@pytest.mark.parametrize("name", ["file", "sha256"])
@pytest.mark.parametrize("damage", [b"wor", b"", None])
def test_a_damaged_entry_is_made_anew(name, damage):
    file = cached(KEY, "file", write_word)
    if damage is None:
        file.with_name(name).unlink()
    else:
        file.with_name(name).write_bytes(damage)
    assert cached(KEY, "file", write_word).read_bytes() == b"word"
    cached(KEY, "file", forbidden)


def test_what_fails_leaves_nothing_behind(folder):
    def fail(scratch):
        write_word(scratch)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        cached(KEY, "file", fail)
    assert os.listdir(folder) == []
    assert cached(KEY, "file", write_word).read_bytes() == b"word"


def test_a_folder_in_which_everybody_can_write_is_refused(folder):
    file = cached(KEY, "file", write_word)
    for loose in (folder, file.parent):
        loose.chmod(0o777)
        expected = f"the cache {loose} can be written by everybody, who could change what is loaded from it"
        assert code_of(cached, KEY, "file", forbidden) == ("cache-folder", expected)
        loose.chmod(0o700)
    assert cached(KEY, "file", forbidden) == file


def test_a_folder_of_somebody_else_is_refused(folder, monkeypatch):
    cached(KEY, "file", write_word)
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    expected = f"the cache {folder} belongs to another user, who could change what is loaded from it"
    assert code_of(cached, KEY, "file", forbidden) == ("cache-folder", expected)


def test_a_folder_that_cannot_be_made_is_an_error(folder):
    folder.write_text("a file", encoding="utf-8")
    assert code_of(cached, KEY, "file", forbidden) == ("cache-folder", f"the cache {folder} can't be made: File exists")


def test_a_folder_that_cannot_be_written_is_an_error(folder, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(tempfile, "mkdtemp", fail)
    expected = f"the cache {folder} can't be written: Read-only file system"
    assert code_of(cached, KEY, "file", forbidden) == ("cache-folder", expected)
    assert os.listdir(folder) == []


def test_an_open_umask_opens_nothing(folder):
    before = os.umask(0)
    try:
        file = cached(KEY, "file", write_word)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (folder, file.parent)} == {0o700}


def test_processes_make_an_entry_once(folder, tmp_path):
    code = f"""
import os, time
from einsgrad.targets.native.cache import cached

def make(scratch):
    with open({str(tmp_path / "log")!r}, "a") as log:
        log.write("made\\n")
    time.sleep(0.2)
    (scratch / "file").write_bytes(b"word" * 100_000)

print(len(cached({KEY!r}, "file", make).read_bytes()))
"""
    running = [python(code, folder) for _ in range(6)]
    assert [process.communicate(timeout=60)[0] for process in running] == ["400000\n"] * 6
    assert (tmp_path / "log").read_text(encoding="utf-8") == "made\n"
    assert os.listdir(folder) == [KEY]


def test_a_process_that_dies_stops_nobody(folder):
    code = f"""
import os
from einsgrad.targets.native.cache import cached

cached({KEY!r}, "file", lambda scratch: os._exit(3))
"""
    process = python(code, folder)
    process.communicate(timeout=60)
    assert process.returncode == 3
    assert len(os.listdir(folder)) == 2
    assert cached(KEY, "file", write_word).read_bytes() == b"word"
    clear()
    assert os.listdir(folder) == []


def run_in_threads(count, call):
    results = []
    threads = [threading.Thread(target=lambda: results.append(call())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_threads_make_an_entry_once():
    made = []

    def make(scratch):
        made.append(scratch)
        write_word(scratch)

    results = run_in_threads(8, lambda: cached(KEY, "file", make).read_bytes())
    assert results == [b"word"] * 8
    assert len(made) == 1


def test_without_locks_the_first_entry_stays(folder, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def fail(*_):
        raise OSError("no locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    together = threading.Barrier(3, timeout=60)

    def make(scratch):
        together.wait()
        write_word(scratch)

    results = run_in_threads(3, lambda: cached(KEY, "file", make).read_bytes())
    assert results == [b"word"] * 3
    assert os.listdir(folder) == [KEY]


def test_contents_are_counted_and_cleared(folder):
    assert contents() == Contents(0, 0)
    clear()
    cached(KEY, "file", write_word)
    cached(key_of("another"), "file", write_word)
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    (folder / ("a" * 64 + ".txt")).write_text("mine", encoding="utf-8")
    assert contents() == Contents(2, 2 * (4 + 64))
    clear()
    assert contents() == Contents(0, 0)
    assert sorted(os.listdir(folder)) == ["a" * 64 + ".txt", "notes.txt"]


def test_clearing_waits_for_what_is_being_made(folder):
    is_made, may_end = threading.Event(), threading.Event()

    def make(scratch):
        is_made.set()
        may_end.wait(timeout=60)
        write_word(scratch)

    maker = threading.Thread(target=lambda: cached(KEY, "file", make))
    maker.start()
    is_made.wait(timeout=60)
    clearer = threading.Thread(target=clear)
    clearer.start()
    clearer.join(timeout=0.2)
    assert clearer.is_alive()
    may_end.set()
    maker.join(timeout=60)
    clearer.join(timeout=60)
    assert os.listdir(folder) == []


def test_the_command_shows_and_clears_it(einsgrad, folder):
    cached(KEY, "file", write_word)
    assert einsgrad.good("cache") == f"folder   {folder}\nentries  1\nsize     68 B\n"
    status, out, err = einsgrad("cache", "--clear")
    assert (status, out, err) == (0, "", f"removed 1 entry, 68 B, from {folder}\n")
    assert einsgrad.good("cache") == f"folder   {folder}\nentries  0\nsize     0 B\n"
