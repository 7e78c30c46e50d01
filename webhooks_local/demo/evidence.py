"""The evidence that the demo's checks use, and their results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webhooks_local.demo.scene import Sent
from webhooks_local.demo.table import Delivery
from webhooks_local.receiver.calls import Call


@dataclass(frozen=True)
class Schedule:
    """The settings on which the checks depend, in seconds: WEBHOOKS_RETRY_DELAYS and WEBHOOKS_TIMEOUT."""

    delays: Sequence[float]
    timeout: float


@dataclass(frozen=True)
class Evidence:
    """An event as the producer, Ringback and the receiver saw it.

    Attributes:
        sent: the event, and the path where it must arrive.
        delivery: the delivery as the API returns it.
        calls: the calls that the receiver got on that path.
        url: the URL with that path.
    """

    sent: Sent
    delivery: Delivery
    calls: Sequence[Call]
    url: str

    @property
    def name(self) -> str:
        """The name of the event in results."""
        return f"{self.sent.event['action']} of {self.sent.profile.title}"

    @property
    def behaviour(self) -> str:
        """The first segment of the receiver's path: `ok`, `fail` or `hang`."""
        return self.sent.path.split("/")[1]

    @property
    def statuses(self) -> list[int | None]:
        """The recorded status of each attempt."""
        return [attempt["status"] for attempt in self.delivery["attempts"]]

    @property
    def durations(self) -> list[float]:
        """The recorded duration of each attempt, in seconds."""
        return [attempt["ms"] / 1000 for attempt in self.delivery["attempts"]]


@dataclass(frozen=True)
class CheckResult:
    """Whether a promise was kept; `seen` says what was measured, or what was wrong."""

    promise: str
    kept: bool
    seen: str = ""


def without_exception(promise: str, exceptions: Sequence[str]) -> CheckResult:
    """Return the result on a promise that is kept if there is no exception to it."""
    return CheckResult(promise, kept=not exceptions, seen=", ".join(exceptions))
