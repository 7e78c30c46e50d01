"""JSON whose numbers keep their digits: decimals are written as numbers, and what is read is written as it was.

Python's `json` reads `1.10` or `12345678901234567890.12` as a double, which has 17 digits, and writes no decimals.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Written:
    """A number in the characters in which it was read, as Python's own would be written in others."""

    text: str

    def __str__(self) -> str:
        return self.text


def loads(text: str | bytes, **options: Any) -> Any:
    """Read JSON; where a number would lose something, there is a `Written` in its place.

    Args:
        options: those of Python's `json.loads`.

    Raises:
        ValueError, RecursionError: it is not JSON, or nested too deeply.
    """
    return json.loads(text, parse_float=_fraction, parse_int=_integer, **options)


def dumps(value: Any, **options: Any) -> str:
    """Return JSON, with each `decimal.Decimal` and each `Written` as a number.

    Args:
        options: those of Python's `json.dumps`.

    Raises:
        TypeError, ValueError: there is something in it that JSON has not, or a decimal that no double can hold.
    """
    text = json.dumps(value, default=_marked, **options)
    return _MARKED.sub(r"\1", text) if _MARK in text else text


def _fraction(text: str) -> float | Written:
    number = float(text)
    return number if repr(number) == text or math.isinf(number) else Written(text)


def _integer(text: str) -> int | Written:
    return Written(text) if text == "-0" else int(text)


# `json` writes texts for what it does not know, but no numbers. The mark stands before such a text and cannot be
# guessed, so that nobody's text is taken for one.
_MARK = uuid.uuid4().hex
_MARKED = re.compile(f'"{_MARK}([^"]*)"')


def _marked(value: object) -> str:
    if isinstance(value, Decimal):
        if not math.isfinite(float(value)):
            raise ValueError(f"No double can hold the decimal {value}.")
    elif not isinstance(value, Written):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return f"{_MARK}{value!s}"
