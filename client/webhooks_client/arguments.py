"""Checks of the caller's arguments; each message begins with the name of the argument."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from threading import TIMEOUT_MAX
from typing import TypeGuard

from webhooks_client.retries import Clock


def check_key(key: object) -> None:
    """Check that a key fits into an `Authorization` header.

    Raises:
        ValueError: it does not; the message does not quote the key.
    """
    if not (isinstance(key, str) and re.fullmatch("[!-~]+", key)):
        raise ValueError("The key must be a string of printable ASCII without spaces.")


def check_timeout(timeout: object) -> None:
    """Check that sockets accept this timeout in seconds.

    Raises:
        ValueError: they do not.
    """
    if not (_is_number(timeout) and 0 < timeout <= TIMEOUT_MAX):
        raise ValueError("The timeout must be a number of seconds above 0.")


def check_patience(patience: object) -> None:
    """Check that this is a number of seconds; infinity is allowed.

    Raises:
        ValueError: it is not.
    """
    if not (_is_number(patience) and patience >= 0):
        raise ValueError("The patience must be a number of seconds, 0 or more.")


def check_clock(clock: object) -> None:
    """Check that this is a clock.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(clock, Clock):
        raise ValueError("The clock must be a webhooks_client.retries.Clock.")  # noqa: TRY004  as for all others


def check_events(events: object) -> None:
    """Check that this is an iterable of events; each key of a single event would be sent as an invalid event.

    Raises:
        ValueError: it is one event, a string, or not iterable.
    """
    if isinstance(events, Mapping | str | bytes) or not isinstance(events, Iterable):
        problem = "The events must be an iterable of events, such as a list; `send` takes one event."
        raise ValueError(problem)  # noqa: TRY004  as for all others


def check_string(name: str, value: object) -> None:
    """Check that an argument is a string that is not empty.

    Raises:
        ValueError: it is not.
    """
    if not (isinstance(value, str) and value):
        raise ValueError(f"The {name} must be a string that is not empty.")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
