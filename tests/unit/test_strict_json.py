"""JSON as the API takes it: nothing that others would read differently."""

from __future__ import annotations

import json

import pytest

from webhooks_api.strict_json import NotStrictJSON, read_json


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "null",
        '"Bäckerei 🥖"',
        "-0.5e-3",
        "1e308",
        "12345678901234567890123",
        "-" + "9" * 308,
        "1" + "0" * 308,
        "-0",
        "-0.0",
        "0.1234567890123456789",
        "1e-400",
        ' {"a": [1, {"a": true}]} ',
        r'"\ud83e\udd56"',
        r'"\\ud800"',
        '{"a": {"a": 1}, "b": {"a": 1}}',
        '"\\\\"',
        r'["\"[[[[", "\\", "{{"]',
        '"\u202e \u200d \ufeff"',
        r'"\u0000"',
    ],
)
def test_what_everybody_reads_alike_is_read(text: str) -> None:
    assert read_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize("depth", [1, 64])
@pytest.mark.parametrize("pair", ["[]", '{"a":}'])
def test_sixty_four_levels_are_read(depth: int, pair: str) -> None:
    read_json(nested(depth, pair))


@pytest.mark.parametrize("depth", [65, 1_000, 100_000])
@pytest.mark.parametrize("pair", ["[]", '{"a":}'])
def test_sixty_five_levels_are_too_many(depth: int, pair: str) -> None:
    """And no depth exhausts the reader."""
    with pytest.raises(NotStrictJSON, match="deeper than 64"):
        read_json(nested(depth, pair))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'{"a": 1} {}', "not JSON"),
        (b'"\n"', "not JSON"),
        (b"01", "not JSON"),
        (b"+1", "not JSON"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"<html>", "not JSON"),
        (b'{"a": 1, "a": 1}', "key twice"),
        (b'{"a": {"b": 1, "b": 2}}', "key twice"),
        (b'[{"a": 1, "\\u0061": 2}]', "key twice"),
        (b"NaN", "NaN is not JSON"),
        (b'{"a": Infinity}', "Infinity is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"1e400", "too large"),
        (b"[-1e400]", "too large"),
        (b"9" * 309, "too large"),
        (b"-" + b"9" * 5_000, "too large"),
        (rb'"\ud800"', "lone surrogate"),
        (rb'["\udc00\ud800"]', "lone surrogate"),
        (rb'{"\ud800": 1}', "lone surrogate"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        (b'"\xff"', "not UTF-8"),
        ('"é"'.encode("latin-1"), "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
    ],
)
def test_what_somebody_would_read_differently_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(NotStrictJSON, match=reason):
        read_json(text)


def test_two_hundred_thousand_values_are_read() -> None:
    assert len(read_json(b"[%s0]" % (b"0," * 199_999))) == 200_000


@pytest.mark.parametrize("value", [b"0", b"[]", b"{}", b'""', b'{"a":0}'])
def test_more_values_are_too_many_however_short(value: bytes) -> None:
    """Each would be an object of Python's: a hundred times as long in memory as in the text."""
    with pytest.raises(NotStrictJSON, match="more than 200000 values"):
        read_json(b"[%s]" % b",".join([value] * 200_001))


def test_what_stands_in_a_string_is_no_mark() -> None:
    text = json.dumps(["[" * 70, "," * 200_001, '\\"' * 10, "\\"])
    assert read_json(text.encode()) == json.loads(text)


def nested(depth: int, pair: str) -> bytes:
    """Return `depth` lists or objects, one in the other; the innermost list is empty."""
    opening, closing = pair[:-1], pair[-1]
    innermost = "[]" if pair == "[]" else "{}"
    return (opening * (depth - 1) + innermost + closing * (depth - 1)).encode()
