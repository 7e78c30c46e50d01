"""A webhook: what a customer registers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webhooks.http.destinations import Destination


@dataclass(frozen=True)
class Webhook:
    """A registered webhook: at most one per profile and action.

    Attributes:
        source: the customer's own note on where it was registered from; not part of its identity.
    """

    action: str
    destination: Destination
    updated: datetime
    source: str | None = None

    @property
    def url(self) -> str:
        """The URL that events are sent to."""
        return self.destination.url
