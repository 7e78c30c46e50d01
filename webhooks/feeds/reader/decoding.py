"""The text of a document: which encoding it is in, by its first bytes, its header, and what it says itself."""

from __future__ import annotations

import codecs
import re

#: First bytes that only one encoding has: byte order marks, then `<` and another ASCII character.
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
#: Encodings of two or four bytes each: a document in one of them would have been known by its first bytes.
_WIDE = re.compile(r"utf[-_]?(?:16|32)|ucs|unicode", re.IGNORECASE)
#: What is declared as one encoding and is mostly written in a larger one.
_LARGER = {"gb2312": "gb18030"}
#: Takes each byte that is no UTF-8 for Windows-1252.
_BYTE_BY_BYTE = "ringback-windows-1252"


def decoded(body: bytes, content_type: str) -> str:
    """Return the text of a document.

    Its first bytes decide; else its header, then what it declares itself, unless it cannot be decoded so. Else it
    is UTF-8, and each byte in it that is none is Windows-1252: so one wrong byte changes no other character.

    Args:
        content_type: the header that came with it.
    """
    mark, marked = _marked(body)
    body = body[len(mark) :]
    encodings = [marked] if marked else [*_told(body, content_type), "utf-8"]
    for encoding in encodings:
        try:
            return body.decode(_LARGER.get(encoding, encoding))
        except (LookupError, ValueError):  # there is no such encoding, or it is another
            continue
    return body.decode(encodings[-1], _BYTE_BY_BYTE)


def _marked(body: bytes) -> tuple[bytes, str]:
    """Return the byte order mark, and the encoding that the first bytes reveal; either may be empty."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return mark, encoding
    return b"", next((encoding for pattern, encoding in _PATTERNS if pattern.match(body)), "")


def _told(body: bytes, content_type: str) -> list[str]:
    """Return the encodings that the header and the document name, if a document without a mark can have them."""
    charset, declared = _CHARSET.search(content_type), _DECLARED.match(body)
    named = [charset[1]] if charset else []
    named += [declared[1].decode("ascii")] if declared else []
    return [name.lower() for name in named if not _WIDE.search(name)]


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("windows-1252", "replace"), error.end


codecs.register_error(_BYTE_BY_BYTE, _windows_1252)
