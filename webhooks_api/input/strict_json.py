"""Strict JSON: text that Python accepts, but that other parsers would read differently, is refused."""

from __future__ import annotations

import codecs
import json
import math
from typing import Any, NoReturn

import msgspec

from webhooks import numbers

MAX_DEPTH = 64
#: The maximum number of values in a text. Each costs some 100 bytes of memory, and time, however short it is: 5 MB
#: of `{},{},{}` would be 1.6 million objects, and seconds of work.
MAX_VALUES = 200_000


class NotStrictJSON(ValueError):
    """The text is not JSON, or parsers disagree about it; the message says why."""


def read_json(text: bytes, *, keeps_numbers: bool = False) -> Any:
    """Read JSON in UTF-8.

    Args:
        keeps_numbers: whether a number that Python would write differently is kept as text (`webhooks.numbers`).

    Raises:
        NotStrictJSON: malformed, not UTF-8 or with a byte order mark, with a key twice in an object, NaN or a
            number that no double can hold, a lone surrogate, nested deeper than `MAX_DEPTH`, or more than
            `MAX_VALUES` values.
    """
    if text.startswith(codecs.BOM_UTF8):
        raise NotStrictJSON("The body begins with a byte order mark.")
    marks = _outside_of_strings(text)
    if sum(map(marks.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise NotStrictJSON(f"The body holds more than {MAX_VALUES} values.")
    value = _decoded(text, _KEEPING_DECODER if keeps_numbers else _DECODER)
    if _is_deeper(marks, MAX_DEPTH):
        raise NotStrictJSON(_TOO_DEEP)
    if b"\\u" in text:
        _refuse_lone_surrogates(value)
    return value


_TOO_DEEP = f"The body is nested deeper than {MAX_DEPTH}."


def _decoded(text: bytes, decoder: json.JSONDecoder) -> Any:
    try:
        return decoder.decode(text.decode())
    except UnicodeDecodeError:
        raise NotStrictJSON("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise NotStrictJSON(f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise NotStrictJSON(_TOO_DEEP) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise NotStrictJSON("An object in the body has a key twice.")
    return read


def _fraction(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotStrictJSON("A number in the body is too large.")
    return number


def _integer(text: str) -> int:
    if len(text) > 308:  # perhaps too large for a double, and too long for Python to convert
        _fraction(text)
    return int(text)


def _constant(name: str) -> NoReturn:
    raise NotStrictJSON(f"{name} is not JSON.")


def _kept_fraction(text: str) -> float | msgspec.Raw:
    _fraction(text)
    return numbers.fraction(text)


def _kept_integer(text: str) -> int | msgspec.Raw:
    _integer(text)
    return numbers.integer(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_fraction, parse_int=_integer, parse_constant=_constant
)
_KEEPING_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_kept_fraction, parse_int=_kept_integer, parse_constant=_constant
)


def _outside_of_strings(text: bytes) -> bytes:
    """Return JSON without its strings. No Python loop runs over its bytes, neither here nor below."""
    bare = text.replace(rb"\\", b"").replace(rb"\"", b"")
    return b"".join(bare.split(b'"')[::2])


def _is_deeper(marks: bytes, depth: int) -> bool:
    """Report whether JSON without its strings is nested deeper; each round removes the innermost brackets."""
    brackets = marks.translate(_ONE_KIND, delete=_NO_BRACKETS)
    for _ in range(depth):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return brackets != b""


_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        raise NotStrictJSON("A text in the body holds a lone surrogate.") from None
