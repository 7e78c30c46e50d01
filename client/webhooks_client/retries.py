"""When a call is retried, and the clock that the decision needs."""

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
    """The source of time and of random numbers; tests pass their own.

    Attributes:
        now: returns seconds of a monotonic clock.
        sleep: waits for a number of seconds.
        jitter: returns a random number from 0 up to 1.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


SYSTEM_CLOCK = Clock()


def next_wait(attempts: int, remaining: float, retry_after: float | None, jitter: float) -> float | None:
    """Return the seconds to wait before the next attempt, or None to give up.

    The wait doubles with each attempt up to 5 s. Jitter shortens it by up to a half, so that many clients do not
    retry at the same moment. The last wait ends with the patience.

    Args:
        attempts: the number of attempts made so far, at least 1.
        remaining: seconds of patience that are left.
        retry_after: seconds that the service asked to wait; None if it did not ask.
        jitter: a number from 0 up to 1.
    """
    requested = retry_after or 0.0
    if remaining <= 0 or requested > remaining:
        return None
    longest = min(MAX_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 10))
    return min(requested + longest * (1 - jitter / 2), remaining)


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` asks for; None if the header is missing or malformed.

    The header contains a number or a date. A date is compared with the `Date` of the same answer, so that the
    clocks of client and service need not agree.
    """
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch("[0-9]{1,9}", value):
        return float(value)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, wait.total_seconds())
