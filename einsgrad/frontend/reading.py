"""Reading: a file, or its bytes, to text."""

from __future__ import annotations

import codecs

from einsgrad.diagnostics import Diagnostic, LanguageError, Source, Span, UsageError
from einsgrad.frontend.lexis import MAX_TEXT

# A character has at most four bytes in UTF-8.
MAX_BYTES = 4 * MAX_TEXT
_OTHER_ENCODINGS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def read_file(path: str) -> str:
    """Read a file of equations.

    Raises:
        UsageError: the file can't be read.
        LanguageError: it is too long, not UTF-8, or holds a NUL byte.

    >>> read_file("nowhere.ein")
    Traceback (most recent call last):
        ...
    einsgrad.diagnostics.UsageError: error[no-file]: can't read `nowhere.ein`: No such file or directory
    """
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError([Diagnostic("no-file", f"can't read `{path}`: {reason}")]) from None
    return decode(content, path)


def decode(content: bytes, name: str) -> str:
    """Decode the bytes of a file: UTF-8, with or without a byte-order mark.

    Args:
        content: the bytes.
        name: how diagnostics call the file.

    Raises:
        LanguageError: the content is too long, not UTF-8, or holds a NUL byte.

    >>> decode("y = γ x".encode(), "demo.ein")
    'y = γ x'
    """
    whole = Span(0, 0, Source("", name))
    if len(content) > MAX_BYTES:
        raise LanguageError([Diagnostic("text-long", f"the file has more than {MAX_BYTES} bytes", whole)])
    for mark, encoding in _OTHER_ENCODINGS.items():
        if content.startswith(mark):
            raise LanguageError([Diagnostic("not-utf8", f"the file is {encoding}: save it as UTF-8", whole)])
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        start = len(error.object[: error.start].decode())
        source = Source(error.object.decode(errors="replace"), name)
        message = f"the byte 0x{error.object[error.start]:02X} is not UTF-8: save the file as UTF-8"
        raise LanguageError([Diagnostic("not-utf8", message, Span(start, start + 1, source))]) from None
    if "\0" in text:
        start = text.index("\0")
        message = "a NUL byte: this is no text file"
        raise LanguageError([Diagnostic("nul-byte", message, Span(start, start + 1, Source(text, name)))])
    return text
