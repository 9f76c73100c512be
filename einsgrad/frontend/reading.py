"""Reading: the bytes of a file to text."""

from __future__ import annotations

import codecs

from einsgrad.diagnostics import Diagnostic, LanguageError, Source, Span
from einsgrad.frontend.lexis import MAX_TEXT

_OTHER_ENCODINGS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def read_text(content: bytes, name: str) -> str:
    """Decode a file: UTF-8, with or without a byte-order mark.

    Args:
        content: the bytes of the file.
        name: how diagnostics call the file.

    Raises:
        LanguageError: the file is too long, not UTF-8, or holds a NUL byte.

    >>> read_text("y = γ x".encode(), "demo.ein")
    'y = γ x'
    """
    if len(content) > 4 * MAX_TEXT:
        message = f"the file has {len(content)} bytes, more than {4 * MAX_TEXT}"
        raise LanguageError([Diagnostic("text-long", message, Span(0, 0, Source("", name)))])
    for mark, encoding in _OTHER_ENCODINGS.items():
        if content.startswith(mark):
            message = f"the file is {encoding}: save it as UTF-8"
            raise LanguageError([Diagnostic("not-utf8", message, Span(0, 0, Source("", name)))])
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
