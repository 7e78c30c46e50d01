"""Content codings: how a compressed feed is decoded, and which are refused."""

from __future__ import annotations

import gzip
import os
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from webhooks.feeds.content_codings import MAX_CODINGS, MAX_FEED_BYTES, plain_body
from webhooks.feeds.feed import FeedError

BODY = b"<rss version='2.0'/>" * 100
#: As long as the longest feed, and not compressible.
NOISE = os.urandom(MAX_FEED_BYTES // 2)


def raw_deflate(body: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(body) + deflater.flush()


def word(body: bytes, coding: str) -> str:
    with pytest.raises(FeedError) as error:
        plain_body(body, coding)
    return error.value.word


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", " gzip ", "gzip, identity", "identity,gzip,"])
@pytest.mark.parametrize("length", [0, 1, len(BODY)])
def test_a_gzipped_body_is_read(coding: str, length: int) -> None:
    assert plain_body(gzip.compress(BODY[:length]), coding) == BODY[:length]


@pytest.mark.parametrize("count", [2, 3, 50])
@pytest.mark.parametrize("padding", [b"", b"\0" * 600, b"<!-- cached -->"], ids=["none", "zeros", "garbage"])
def test_all_members_of_a_gzip_stream_are_read(count: int, padding: bytes) -> None:
    """Some compressors write one member for each flush; bytes after the last one are ignored."""
    step = -(-len(BODY) // count)
    members = [gzip.compress(BODY[start : start + step]) for start in range(0, len(BODY), step)]
    assert plain_body(b"".join(members) + padding, "gzip") == BODY


def test_a_member_may_end_anywhere() -> None:
    body = gzip.compress(NOISE) + gzip.compress(b"end")
    assert plain_body(body, "gzip") == NOISE + b"end"


@pytest.mark.parametrize(
    "compress", [zlib.compress, raw_deflate], ids=["as the standard says", "without a header"]
)
@pytest.mark.parametrize("length", [0, 1, len(BODY)])
def test_a_deflated_body_is_read(compress: Callable[[bytes], bytes], length: int) -> None:
    assert plain_body(compress(BODY[:length]), "deflate") == BODY[:length]


def test_several_codings_are_decoded_in_turn() -> None:
    assert plain_body(gzip.compress(gzip.compress(BODY)), "gzip, gzip") == BODY
    assert plain_body(gzip.compress(zlib.compress(BODY)), "deflate, gzip") == BODY
    assert word(BODY, ", ".join(["gzip"] * (MAX_CODINGS + 1))) == "protocol"


@pytest.mark.parametrize("coding", ["", "identity", "none", "UTF-8", "binary", "text/xml", ","])
def test_a_word_that_names_no_coding_is_ignored(coding: str) -> None:
    assert plain_body(BODY, coding) == BODY


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "BR"])
def test_a_coding_that_was_not_requested_is_refused(coding: str) -> None:
    assert word(BODY, coding) == "protocol"


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(BODY)[:-1], "gzip"),
        (gzip.compress(BODY)[:10], "gzip"),
        (gzip.compress(BODY) + gzip.compress(BODY)[:-1], "gzip"),
        (b"", "gzip"),
        (zlib.compress(BODY)[:-1], "deflate"),
        (raw_deflate(BODY)[:-1], "deflate"),
    ],
    ids=["its last byte", "its content", "its last member", "all", "of a zlib stream", "of a bare stream"],
)
def test_a_compressed_body_that_ends_early_is_not_trusted(body: bytes, coding: str) -> None:
    assert word(body, coding) == "truncated"


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (BODY, "gzip"),
        (gzip.compress(BODY)[:-8] + bytes(8), "gzip"),
        (gzip.compress(BODY) + b"\x1f\x8b garbage", "gzip"),
        (b"\xff" * 100, "deflate"),
    ],
    ids=["not compressed", "a wrong checksum", "a malformed member", "not deflated"],
)
def test_a_malformed_body_is_refused(body: bytes, coding: str) -> None:
    assert word(body, coding) == "protocol"


ZEROS = gzip.compress(bytes(MAX_FEED_BYTES))


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(bytes(100 * MAX_FEED_BYTES)), "gzip"),
        (ZEROS + gzip.compress(b"a"), "gzip"),
        (ZEROS * 100, "gzip"),
        (zlib.compress(bytes(100 * MAX_FEED_BYTES)), "deflate"),
        (gzip.compress(gzip.compress(bytes(100 * MAX_FEED_BYTES))), "gzip, gzip"),
    ],
    ids=["one member", "one byte more", "many members", "deflate", "twice"],
)
def test_a_body_that_is_too_long_takes_limited_memory(body: bytes, coding: str) -> None:
    assert plain_body(ZEROS, "gzip") == bytes(MAX_FEED_BYTES)
    tracemalloc.start()
    try:
        assert word(body, coding) == "too_large"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * MAX_FEED_BYTES
