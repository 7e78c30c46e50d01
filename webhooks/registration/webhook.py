"""Webhooks: what a customer registers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Webhook:
    """A registration: at most one for each profile and action.

    Attributes:
        source: the customer's own note of where it was registered from; never part of the key.
    """

    action: str
    url: str
    updated: datetime
    source: str | None = None
