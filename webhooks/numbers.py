"""Numbers as they are written: those of an event reach its receiver to the letter.

Python reads `1.10` or `12345678901234567890.12` as a double, which holds 17 digits and not how they were written.
A number that would be written otherwise is its own text instead, which msgspec writes as it is.
"""

from __future__ import annotations

from json import JSONDecoder
from typing import Any

from msgspec import Raw
from msgspec.json import encode


def fraction(text: str) -> float | Raw:
    """Return a number with a fraction or an exponent as what is written in the same characters again."""
    number = float(text)
    return number if encode(number) == text.encode() else Raw(text)


def integer(text: str) -> int | Raw:
    """Return an integer as what is written in the same characters again: all but `-0` are in Python."""
    return Raw(text) if text == "-0" else int(text)


def read(text: str) -> Any:
    """Read JSON that we wrote, each number as what is written in the same characters again."""
    return _DECODER.decode(text)


_DECODER = JSONDecoder(parse_float=fraction, parse_int=integer)
