"""What is to come of a call, as values."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Ending:
    """How a first attempt has ended, in the words of the delivery log.

    Attributes:
        state: the delivery's, after it.
    """

    state: str
    status: int | None
    error: str | None
    detail: str | None

    def __str__(self) -> str:
        words = (self.state, self.status, self.error, self.detail)
        return " ".join(str(word) for word in words if word is not None)


@dataclass(frozen=True)
class Expected:
    """What is to come of each call of a behaviour.

    Attributes:
        endings: the attempt ends in one of these ways.
        requests: how often the receiver is asked; None if it is once, and some calls are made again.
        reached: whether a connection may be made.
        waits: whether the attempt takes all its time, or else ends by itself; None if it may be either.
    """

    endings: tuple[Ending, ...]
    requests: int | None = 1
    reached: bool = True
    waits: bool | None = False


def delivered(
    status: int = 200, detail: str | None = None, *, requests: int | None = 1, waits: bool = False
) -> Expected:
    """Return that the event is delivered; `detail` is what was wrong with the answer's body."""
    return Expected((Ending("delivered", status, None, detail),), requests, waits=waits)


def refused(status: int, detail: str | None = None) -> Expected:
    """Return that the answer's status is no success."""
    return Expected((Ending("retrying", status, None, detail),))


def failed(error: str, detail: str | None = None, *, requests: int = 1) -> Expected:
    """Return that there is no usable answer."""
    return Expected((_failure(error, detail),), requests)


def not_asked(error: str, detail: str | None = None) -> Expected:
    """Return that the attempt fails before the receiver is sent the event."""
    return failed(error, detail, requests=0)


def not_reached(error: str) -> Expected:
    """Return that no connection is made."""
    return replace(not_asked(error), reached=False, waits=error == "timeout")


def timed_out(*, requests: int = 1) -> Expected:
    """Return that the deadline passes before there is an answer."""
    return Expected((_failure("timeout"),), requests, waits=True)


def either(one: Expected, other: Expected) -> Expected:
    """Return that the attempt ends as one says or as the other does; in all else they must agree."""
    waits = one.waits if one.waits == other.waits else None
    return replace(one, endings=one.endings + other.endings, waits=waits)


def _failure(error: str, detail: str | None = None) -> Ending:
    return Ending("retrying", 503 if error == "timeout" else None, error, detail)
