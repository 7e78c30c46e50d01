"""What callers hand in, checked before anything is done with it; each message begins with the argument's name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from threading import TIMEOUT_MAX
from typing import TypeGuard

from webhooks_client.retries import Clock


def check_key(key: object) -> None:
    """Do nothing if this can stand in an `Authorization` header.

    Raises:
        ValueError: it cannot; the message does not quote it.
    """
    if not (isinstance(key, str) and re.fullmatch("[!-~]+", key)):
        raise ValueError("The key must be a string of printable ASCII without spaces.")


def check_timeout(timeout: object) -> None:
    """Do nothing if sockets take this many seconds.

    Raises:
        ValueError: they do not.
    """
    if not (_is_number(timeout) and 0 < timeout <= TIMEOUT_MAX):
        raise ValueError("The timeout must be a number of seconds above 0.")


def check_patience(patience: object) -> None:
    """Do nothing if this is a number of seconds; infinity is one.

    Raises:
        ValueError: it is none.
    """
    if not (_is_number(patience) and patience >= 0):
        raise ValueError("The patience must be a number of seconds, 0 or more.")


def check_clock(clock: object) -> None:
    """Do nothing if this is a clock.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(clock, Clock):
        raise ValueError("The clock must be a webhooks_client.retries.Clock.")  # noqa: TRY004  as for all others


def check_events(events: object) -> None:
    """Do nothing if these may be many events; a single one, or a text, would be taken for as many bad ones.

    Raises:
        ValueError: they are none.
    """
    if isinstance(events, Mapping | str | bytes) or not isinstance(events, Iterable):
        problem = "The events must be an iterable of events, such as a list; `send` takes one event."
        raise ValueError(problem)  # noqa: TRY004  as for all others


def check_text(name: str, value: object) -> None:
    """Do nothing if this is a string that is not empty.

    Raises:
        ValueError: it is none.
    """
    if not (isinstance(value, str) and value):
        raise ValueError(f"The {name} must be a string that is not empty.")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
