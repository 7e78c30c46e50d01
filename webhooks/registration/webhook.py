"""A webhook: what a customer registers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webhooks.http.destinations import Destination


@dataclass(frozen=True)
class Webhook:
    """A registration: at most one for each profile and action.

    Attributes:
        source: the customer's own note of where it was registered from; never part of the key.
    """

    action: str
    destination: Destination
    updated: datetime
    source: str | None = None

    @property
    def url(self) -> str:
        """Where events are sent."""
        return self.destination.url
