"""What the demo's checks look at, and what they find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webhooks_local.demo.scene import Sent
from webhooks_local.demo.table import Delivery
from webhooks_local.receiver.calls import Call


@dataclass(frozen=True)
class Schedule:
    """The settings that the checks depend on, in seconds: WEBHOOKS_RETRY_DELAYS and WEBHOOKS_TIMEOUT."""

    delays: Sequence[float]
    timeout: float


@dataclass(frozen=True)
class Evidence:
    """One event's journey, from all sides.

    Attributes:
        sent: what was sent, and where it must arrive.
        delivery: what Ringback says.
        calls: what the receiver got at that place.
        url: the URL of that place.
    """

    sent: Sent
    delivery: Delivery
    calls: Sequence[Call]
    url: str

    @property
    def name(self) -> str:
        """What a verdict calls it."""
        return f"{self.sent.event['action']} of {self.sent.profile.title}"

    @property
    def behaviour(self) -> str:
        """The first segment of the receiver's path: `ok`, `fail` or `hang`."""
        return self.sent.path.split("/")[1]

    @property
    def statuses(self) -> list[int | None]:
        """What was recorded of each attempt."""
        return [attempt["status"] for attempt in self.delivery["attempts"]]

    @property
    def durations(self) -> list[float]:
        """How many seconds each attempt took, as recorded."""
        return [attempt["ms"] / 1000 for attempt in self.delivery["attempts"]]


@dataclass(frozen=True)
class Verdict:
    """Whether a promise was kept; `seen` is what was measured, or what was wrong."""

    promise: str
    kept: bool
    seen: str = ""


def no_exception(promise: str, exceptions: Sequence[str]) -> Verdict:
    """Return the verdict on a promise that is kept if there is no exception to it."""
    return Verdict(promise, kept=not exceptions, seen=", ".join(exceptions))
