"""The expected results of calls, as values."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Ending:
    """How a first attempt has ended, in the words of the delivery log.

    Attributes:
        state: the state of the delivery after it.
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
    """The expected result of each call of a behaviour.

    Attributes:
        endings: the allowed endings of the attempt.
        requests: the number of requests at the receiver; None if it is one, and some calls are repeated.
        reached: whether a connection may be made.
        waits: whether the attempt takes until its timeout; None if it may or may not.
    """

    endings: tuple[Ending, ...]
    requests: int | None = 1
    reached: bool = True
    waits: bool | None = False


def delivered(
    status: int = 200, detail: str | None = None, *, requests: int | None = 1, waits: bool = False
) -> Expected:
    """The event is delivered; `detail` names a fault of the answer's body."""
    return Expected((Ending("delivered", status, None, detail),), requests, waits=waits)


def refused(status: int, detail: str | None = None) -> Expected:
    """The status of the answer is not a success."""
    return Expected((Ending("retrying", status, None, detail),))


def failed(error: str, detail: str | None = None, *, requests: int = 1) -> Expected:
    """There is no usable answer."""
    return Expected((_failure(error, detail),), requests)


def not_asked(error: str, detail: str | None = None) -> Expected:
    """The attempt fails before the event is sent."""
    return failed(error, detail, requests=0)


def not_reached(error: str) -> Expected:
    """No connection is made."""
    return replace(not_asked(error), reached=False, waits=error == "timeout")


def timed_out(*, requests: int = 1) -> Expected:
    """The call times out before there is an answer."""
    return Expected((_failure("timeout"),), requests, waits=True)


def either(one: Expected, other: Expected) -> Expected:
    """The attempt ends in one way or in the other; everything else must be the same."""
    waits = one.waits if one.waits == other.waits else None
    return replace(one, endings=one.endings + other.endings, waits=waits)


def _failure(error: str, detail: str | None = None) -> Ending:
    return Ending("retrying", 503 if error == "timeout" else None, error, detail)
