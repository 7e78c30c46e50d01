"""Exact numbers: the numbers of an event reach its receiver character by character.

Python reads `1.10` or `12345678901234567890.12` as a double, which holds 17 digits and loses the notation. A
number that would be written differently is kept as raw text instead, which msgspec writes unchanged.
"""

from __future__ import annotations

from json import JSONDecoder
from typing import Any

from msgspec import Raw
from msgspec.json import encode


def fraction(text: str) -> float | Raw:
    """Return a number with a fraction or an exponent as a value that is written in the same characters."""
    number = float(text)
    return number if encode(number) == text.encode() else Raw(text)


def integer(text: str) -> int | Raw:
    """Return an integer as a value that is written in the same characters: in Python all are but `-0`."""
    return Raw(text) if text == "-0" else int(text)


def read(text: str) -> Any:
    """Read JSON that Ringback wrote, with numbers that are written in the same characters again."""
    return _DECODER.decode(text)


_DECODER = JSONDecoder(parse_float=fraction, parse_int=integer)
