"""Entitlements: what an account must pay for, so that its webhooks are registered and called (contract section 2).

The rules are one table. They are judged by the plan and the add-ons of the moment: when a webhook is registered,
when an event is accepted, and at each attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from webhooks.errors import AddOnRequired, PlanRequired


@dataclass(frozen=True)
class Subscription:
    """What an account pays for: a plan and add-ons."""

    plan: str
    add_ons: tuple[str, ...] = ()


class Accounts(Protocol):
    """Who knows what accounts pay for."""

    def subscription(self, ref_id: str) -> Subscription:
        """Return what an account pays for now."""


@dataclass(frozen=True)
class Needs:
    """What a subscription must be: to one of these plans, and with this add-on if one is named."""

    plans: tuple[str, ...]
    add_on: str | None = None

    def lacking(self, subscription: Subscription) -> PlanRequired | AddOnRequired | None:
        """Return what a subscription lacks, as an error to raise; None if it is enough."""
        if subscription.plan not in self.plans:
            return PlanRequired(self.plans)
        if self.add_on is not None and self.add_on not in subscription.add_ons:
            return AddOnRequired(self.add_on)
        return None

    def check(self, subscription: Subscription) -> None:
        """Refuse a subscription that is not enough.

        Raises:
            PlanRequired: it is to another plan.
            AddOnRequired: it lacks the add-on.
        """
        if lacking := self.lacking(subscription):
            raise lacking


#: What a webhook needs, whatever its action.
WEBHOOK = Needs(("premium", "launch", "business", "enterprise"))

_ANY = None
_TABLE: Mapping[tuple[str, str | None], Needs] = {
    # action, platform of the event
    ("scheduled", _ANY): WEBHOOK,
    ("social", _ANY): WEBHOOK,
    ("messages", _ANY): Needs(WEBHOOK.plans, "messaging"),
    ("messages", "twitter"): Needs(("enterprise",), "messaging"),
    ("batch", _ANY): WEBHOOK,
    ("feed", _ANY): WEBHOOK,
}


def needs_of(action: str, platform: str | None = None) -> Needs:
    """Return what a webhook of this action needs; or its events of this platform, if that is a special one."""
    return _TABLE.get((action, platform)) or _TABLE[action, _ANY]


def special_platform(action: str, event: Mapping[str, object]) -> str | None:
    """Return the platform of an event if such events have needs of their own; else it need not be known."""
    platform = event.get("platform")
    return platform if isinstance(platform, str) and (action, platform) in _TABLE else None
