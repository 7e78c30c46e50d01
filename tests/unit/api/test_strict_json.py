"""The JSON that the API accepts: nothing that other parsers would read differently."""

from __future__ import annotations

import json
import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webhooks_api.input.strict_json import NotStrictJSON, read_json

#: All notations of numbers in JSON.
NUMBER = r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?"


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
def test_json_that_all_parsers_read_alike_is_accepted(text: str) -> None:
    assert read_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize("depth", [1, 64])
@pytest.mark.parametrize("pair", ["[]", '{"a":}'])
def test_sixty_four_levels_are_accepted(depth: int, pair: str) -> None:
    read_json(nested(depth, pair))


@pytest.mark.parametrize("depth", [65, 1_000, 100_000])
@pytest.mark.parametrize("pair", ["[]", '{"a":}'])
def test_sixty_five_levels_are_refused(depth: int, pair: str) -> None:
    """No depth exhausts the stack of the parser."""
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
def test_json_that_parsers_read_differently_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(NotStrictJSON, match=reason):
        read_json(text)


def test_two_hundred_thousand_values_are_accepted() -> None:
    assert len(read_json(b"[%s0]" % (b"0," * 199_999))) == 200_000


@pytest.mark.parametrize("value", [b"0", b"[]", b"{}", b'""', b'{"a":0}'])
def test_more_than_two_hundred_thousand_values_are_refused(value: bytes) -> None:
    """Each would be a Python object, a hundred times as long in memory as in the text."""
    with pytest.raises(NotStrictJSON, match="more than 200000 values"):
        read_json(b"[%s]" % b",".join([value] * 200_001))


def test_marks_inside_strings_are_not_counted() -> None:
    text = json.dumps(["[" * 70, "," * 200_001, '\\"' * 10, "\\"])
    assert read_json(text.encode()) == json.loads(text)


@given(st.from_regex(NUMBER, fullmatch=True))
@settings(derandomize=True, database=None)
def test_a_kept_number_is_written_as_it_was_read(number: str) -> None:
    text = f'{{"a":[{number},{number}]}}'.encode()
    if math.isinf(float(number)):
        with pytest.raises(NotStrictJSON, match="too large"):
            read_json(text, keeps_numbers=True)
    else:
        assert msgspec.json.encode(read_json(text, keeps_numbers=True)) == text


@pytest.mark.parametrize("text", ["0.1", "1.5", "-2.5e-7", "100000.0", "1e16", "7", "12345678901234567890123"])
def test_a_kept_number_stays_a_number_if_python_writes_it_alike(text: str) -> None:
    """A few fields are numbers, and all other work with them is quicker."""
    assert isinstance(read_json(text.encode(), keeps_numbers=True), int | float)


def nested(depth: int, pair: str) -> bytes:
    """Return `depth` nested lists or objects; the innermost list is empty."""
    opening, closing = pair[:-1], pair[-1]
    innermost = "[]" if pair == "[]" else "{}"
    return (opening * (depth - 1) + innermost + closing * (depth - 1)).encode()
