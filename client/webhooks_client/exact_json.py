"""JSON whose numbers keep all their digits when they are read and written, and that takes `decimal.Decimal`.

Python's `json` reads `1.10` or `12345678901234567890.12` as a double, which has 17 digits, and cannot write a
Decimal.
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
class NumberText:
    """A number as the text in which it was read, because Python would write the number in other characters."""

    text: str

    def __str__(self) -> str:
        return self.text


def loads(text: str | bytes, **options: Any) -> Any:
    """Read JSON. A number that would not be written as it was read becomes a `NumberText`.

    Args:
        options: the options of Python's `json.loads`.

    Raises:
        ValueError, RecursionError: it is not JSON, or nested too deeply.
    """
    return json.loads(text, parse_float=_fraction, parse_int=_integer, **options)


def dumps(value: Any, **options: Any) -> str:
    """Return JSON, with each `decimal.Decimal` and each `NumberText` as a number.

    Args:
        options: the options of Python's `json.dumps`.

    Raises:
        TypeError, ValueError: the value contains something that JSON cannot express, or a Decimal beyond the range
            of a double.
    """
    text = json.dumps(value, default=_marked, **options)
    return _MARKED.sub(r"\1", text) if _MARK in text else text


def _fraction(text: str) -> float | NumberText:
    number = float(text)
    return number if repr(number) == text or math.isinf(number) else NumberText(text)


def _integer(text: str) -> int | NumberText:
    return NumberText(text) if text == "-0" else int(text)


# The `default` of `json.dumps` can return a string, but no number text. A random mark in front of such a string
# distinguishes it from every other string; its quotes are removed afterwards.
_MARK = uuid.uuid4().hex
_MARKED = re.compile(f'"{_MARK}([^"]*)"')


def _marked(value: object) -> str:
    if isinstance(value, Decimal):
        if not math.isfinite(float(value)):
            raise ValueError(f"No double can hold the decimal {value}.")
    elif not isinstance(value, NumberText):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return f"{_MARK}{value!s}"
