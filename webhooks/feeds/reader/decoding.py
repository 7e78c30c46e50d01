"""Decoding a document: its encoding is found from its first bytes, the header, and its declaration."""

from __future__ import annotations

import codecs
import re

#: First bytes that identify an encoding: byte order marks, or `<` and another ASCII character.
_MARKS = (
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
_PATTERNS = (
    (re.compile(rb"\0\0\0<"), "utf-32-be"),
    (re.compile(rb"<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0<\0[^\0]"), "utf-16-be"),
    (re.compile(rb"<\0[^\0]\0"), "utf-16-le"),
)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
#: Encodings with two or four bytes per character: a document in one of them is identified by its first bytes.
_WIDE = re.compile(r"utf[-_]?(?:16|32)|ucs|unicode", re.IGNORECASE)
#: Encodings that are declared where a larger one was mostly used.
_LARGER = {"gb2312": "gb18030"}
#: Reads each byte that is not UTF-8 as Windows-1252.
_BYTE_BY_BYTE = "ringback-windows-1252"


def decoded(body: bytes, content_type: str) -> str:
    """Return the text of a document.

    The first bytes decide; else the header, then the declaration, unless the document cannot be decoded with it.
    Else it is UTF-8, and each byte that is not UTF-8 is Windows-1252, so that a wrong byte changes no other
    character.

    Args:
        content_type: the header that came with it.
    """
    mark, marked = _marked(body)
    body = body[len(mark) :]
    encodings = [marked] if marked else [*_told(body, content_type), "utf-8"]
    for encoding in encodings:
        try:
            return body.decode(_LARGER.get(encoding, encoding))
        except (LookupError, ValueError):  # the encoding does not exist, or is a different one
            continue
    return body.decode(encodings[-1], _BYTE_BY_BYTE)


def _marked(body: bytes) -> tuple[bytes, str]:
    """Return the byte order mark, and the encoding that the first bytes identify; either may be empty."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return mark, encoding
    return b"", next((encoding for pattern, encoding in _PATTERNS if pattern.match(body)), "")


def _told(body: bytes, content_type: str) -> list[str]:
    """Return the encodings named by the header and the document that a document without a mark can have."""
    charset, declared = _CHARSET.search(content_type), _DECLARED.match(body)
    named = [charset[1]] if charset else []
    named += [declared[1].decode("ascii")] if declared else []
    return [name.lower() for name in named if not _WIDE.search(name)]


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("windows-1252", "replace"), error.end


codecs.register_error(_BYTE_BY_BYTE, _windows_1252)
