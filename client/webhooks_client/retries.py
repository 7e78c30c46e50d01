"""When to try again: a decision as a value, and the clock it needs."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

RETRIED_STATUSES = frozenset({429, 502, 503, 504})

FIRST_WAIT = 0.2
MAX_WAIT = 5.0


@dataclass(frozen=True)
class Clock:
    """Where time and chance come from; tests hand in their own.

    Attributes:
        now: seconds on a clock that never goes back.
        sleep: waits so many seconds.
        jitter: a number from 0 up to 1, another each time.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


SYSTEM_CLOCK = Clock()


def next_wait(tries: int, remaining: float, retry_after: float | None, jitter: float) -> float | None:
    """Return the seconds to wait before trying again, or None to give up.

    Waits double from one try to the next up to 5 s, less up to a half by chance, so that many clients do not
    come back in step. The last one ends with the patience.

    Args:
        tries: how many were made so far, at least 1.
        remaining: seconds of patience that are left.
        retry_after: seconds that the service asked to stay away; None if it did not ask.
        jitter: a number from 0 up to 1.
    """
    asked = retry_after or 0.0
    if remaining <= 0 or asked > remaining:
        return None
    longest = min(MAX_WAIT, FIRST_WAIT * 2.0 ** min(tries - 1, 10))
    return min(asked + longest * (1 - jitter / 2), remaining)


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` asks for, None if it does not.

    It is a number, or a date; that is seen from the answer's own `Date`, so the clocks need not agree.
    """
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch("[0-9]{1,9}", value):
        return float(value)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, wait.total_seconds())
