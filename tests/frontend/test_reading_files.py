"""Files: encodings, NUL bytes, sizes, and what can't be read."""

import pytest

from einsgrad.diagnostics import LanguageError, UsageError
from einsgrad.frontend.lexis import MAX_TEXT
from einsgrad.frontend.reading import decode, read_file


def test_utf8_with_and_without_a_mark(tmp_path):
    assert decode("y = γ x".encode(), "demo") == "y = γ x"
    assert decode("y = γ x".encode("utf-8-sig"), "demo") == "y = γ x"
    path = tmp_path / "demo.ein"
    path.write_text("y = γ x", encoding="utf-8")
    assert read_file(str(path)) == "y = γ x"


@pytest.mark.parametrize(
    ("content", "code", "message", "line", "column"),
    [
        (b"a = b\ny = \xe9 x", "not-utf8", "the byte 0xE9 is not UTF-8: save the file as UTF-8", 2, 5),
        ("γ = 1\ny = \0".encode(), "nul-byte", "a NUL byte: this is no text file", 2, 5),
        ("y = x".encode("utf-16"), "not-utf8", "the file is UTF-16: save it as UTF-8", 1, 1),
        ("y = x".encode("utf-32"), "not-utf8", "the file is UTF-32: save it as UTF-8", 1, 1),
        (b"y" * (4 * MAX_TEXT + 1), "text-long", f"the file has more than {4 * MAX_TEXT} bytes", 1, 1),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_text(content, code, message, line, column):
    with pytest.raises(LanguageError) as caught:
        decode(content, "demo.ein")
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == (code, message)
    assert (found.span.source.name, found.span.line, found.span.column) == ("demo.ein", line, column)


@pytest.mark.parametrize(
    ("path", "reason"), [("nowhere.ein", "No such file"), (".", "Is a directory"), ("a\0b", "null byte")]
)
def test_what_cannot_be_read(path, reason):
    with pytest.raises(UsageError) as caught:
        read_file(path)
    (found,) = caught.value.diagnostics
    assert found.code == "no-file"
    assert reason in found.message
