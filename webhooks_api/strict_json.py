"""JSON as the API takes it: what Python's reader lets through and others would read differently is refused."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 64


class NotStrictJSON(ValueError):
    """The text is not JSON, or not JSON that everybody reads alike; the message says why."""


def read_json(text: bytes) -> Any:
    """Read JSON in UTF-8.

    Raises:
        NotStrictJSON: malformed, not UTF-8, with a key twice in an object, NaN or a number that is too large, a
            lone surrogate, or nested deeper than `MAX_DEPTH`.
    """
    try:
        decoded = text.decode()
        value = _DECODER.decode(decoded)
    except UnicodeDecodeError:
        raise NotStrictJSON("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise NotStrictJSON(f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise NotStrictJSON(_TOO_DEEP) from None
    if "\\u" in decoded:
        _refuse_lone_surrogates(value)
    if _depth(value) > MAX_DEPTH:
        raise NotStrictJSON(_TOO_DEEP)
    return value


_TOO_DEEP = f"The body is nested deeper than {MAX_DEPTH}."


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise NotStrictJSON("An object in the body has a key twice.")
    return read


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotStrictJSON("A number in the body is too large.")
    return number


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # longer than Python converts
        raise NotStrictJSON("A number in the body is too large.") from None


def _constant(name: str) -> NoReturn:
    raise NotStrictJSON(f"{name} is not JSON.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_int=_integer, parse_constant=_constant
)


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NotStrictJSON("A text in the body holds a lone surrogate.") from None
    except RecursionError:
        raise NotStrictJSON(_TOO_DEEP) from None


def _depth(value: Any) -> int:
    """Return how deep lists and objects are nested; a walk in levels, which no depth can exhaust."""
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return depth
