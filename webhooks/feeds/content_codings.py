"""Content codings: decompress the body of a feed as its `Content-Encoding` says."""

from __future__ import annotations

import zlib

from webhooks.feeds.feed import TRUNCATED, FeedError

#: The maximum number of bytes of a feed, both as it arrives and decompressed.
MAX_FEED_BYTES = 2_000_000
#: The maximum number of codings of one body: each costs as much as the whole feed.
MAX_CODINGS = 4

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_BITS = zlib.MAX_WBITS | 16
_RAW_BITS = -zlib.MAX_WBITS
#: Bytes that are passed to zlib at once. It copies what it does not use, so many small members of a gzip stream
#: would take quadratic time if it got the whole rest each time.
_PIECE = 1_024
#: Other codings that the IANA registers or servers use. They are not requested, and not decoded.
_UNKNOWN = frozenset(
    {"aes128gcm", "br", "compress", "dcb", "dcz", "exi", "pack200-gzip", "x-compress", "zstd", "bzip2", "x-bzip2"}
)


def plain_body(body: bytes, content_encoding: str) -> bytes:
    """Return the decompressed body.

    A value that is not a coding, such as `none` or `UTF-8`, is ignored.

    Args:
        content_encoding: the header, which lists the codings in the order in which they were applied.

    Raises:
        FeedError: the body is longer than a feed may be, ends early, is malformed, or has another coding.
    """
    codings = [word.strip().lower() for word in content_encoding.split(",")]
    if len(codings) > MAX_CODINGS:
        raise FeedError("protocol")
    for coding in reversed(codings):
        body = _undone(body, coding)
    return body


def _undone(body: bytes, coding: str) -> bytes:
    try:
        if coding in {"gzip", "x-gzip"}:
            return _gunzipped(body)
        if coding == "deflate":
            return _inflated(body)
    except zlib.error:
        raise FeedError("protocol") from None
    if coding in _UNKNOWN:
        raise FeedError("protocol")
    return body


def _gunzipped(body: bytes) -> bytes:
    """Return all members of a gzip stream. Bytes after the last member are padding, and ignored."""
    plain, at = bytearray(), 0
    while at == 0 or body.startswith(_GZIP_MAGIC, at):
        at = _append(plain, body, at, _GZIP_BITS)
    return bytes(plain)


def _inflated(body: bytes) -> bytes:
    """Return the contents of `deflate`: a zlib stream as in the standard, or a raw one as some servers send it."""
    is_zlib = len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0
    plain = bytearray()
    _append(plain, body, 0, zlib.MAX_WBITS if is_zlib else _RAW_BITS)
    return bytes(plain)


def _append(plain: bytearray, body: bytes, at: int, bits: int) -> int:
    """Append the contents of the stream at this position; returns where the stream ends."""
    inflater = zlib.decompressobj(wbits=bits)
    while not inflater.eof:
        piece = body[at : at + _PIECE]
        if not piece:
            raise FeedError(TRUNCATED)
        plain += inflater.decompress(piece, MAX_FEED_BYTES + 1 - len(plain))
        if len(plain) > MAX_FEED_BYTES:
            raise FeedError("too_large")
        at += len(piece) - len(inflater.unused_data)
    return at
