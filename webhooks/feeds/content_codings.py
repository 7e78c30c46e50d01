"""Content codings: what is undone of the compression of a feed, as `Content-Encoding` names it."""

from __future__ import annotations

import zlib

from webhooks.feeds.feed import TRUNCATED, FeedError

#: Bytes of a feed at most, as it comes and without its compression.
MAX_FEED_BYTES = 2_000_000
#: Codings of one body at most: each costs as much as the whole feed.
MAX_CODINGS = 4

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_BITS = zlib.MAX_WBITS | 16
_RAW_BITS = -zlib.MAX_WBITS
#: Bytes that are handed to zlib at once. It copies what it leaves of them, so that many small members of a gzip
#: stream would cost the square of their number if it were handed all that is left each time.
_PIECE = 1_024
#: Codings that the IANA registers, or that servers use, and that are neither asked for nor undone.
_UNKNOWN = frozenset(
    {"aes128gcm", "br", "compress", "dcb", "dcz", "exi", "pack200-gzip", "x-compress", "zstd", "bzip2", "x-bzip2"}
)


def plain_body(body: bytes, content_encoding: str) -> bytes:
    """Return a body without its compression.

    A word that names no coding at all, as `none` or `UTF-8`, says nothing about the body: it is read as it stands.

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
    """Return all members of a gzip stream. What follows the last one and is no member is padding."""
    plain, at = bytearray(), 0
    while at == 0 or body.startswith(_GZIP_MAGIC, at):
        at = _append(plain, body, at, _GZIP_BITS)
    return bytes(plain)


def _inflated(body: bytes) -> bytes:
    """Return what `deflate` holds: a zlib stream, as the standard says, or a bare one, as some servers send it."""
    is_zlib = len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0
    plain = bytearray()
    _append(plain, body, 0, zlib.MAX_WBITS if is_zlib else _RAW_BITS)
    return bytes(plain)


def _append(plain: bytearray, body: bytes, at: int, bits: int) -> int:
    """Append what the stream at this position holds; returns where it ends."""
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
