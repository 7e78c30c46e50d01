"""Plans and add-ons: what an account must pay for to register webhooks and have them called (contract section 2).

The rules are one table. They are checked against the current plan and add-ons when a webhook is registered, when
an event is accepted, and at each attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from webhooks.errors import AddOnRequired, PlanRequired


@dataclass(frozen=True)
class Subscription:
    """The plan and the add-ons that an account pays for."""

    plan: str
    add_ons: tuple[str, ...] = ()


class AccountPlans(Protocol):
    """Where the subscriptions of accounts are read."""

    def subscription(self, ref_id: str) -> Subscription:
        """Return the current subscription of an account."""


@dataclass(frozen=True)
class Needs:
    """What a subscription must include: one of these plans, and this add-on if it is given."""

    plans: tuple[str, ...]
    add_on: str | None = None

    def lacking(self, subscription: Subscription) -> PlanRequired | AddOnRequired | None:
        """Return what a subscription lacks, as the error to report; None if it lacks nothing."""
        if subscription.plan not in self.plans:
            return PlanRequired(self.plans)
        if self.add_on is not None and self.add_on not in subscription.add_ons:
            return AddOnRequired(self.add_on)
        return None

    def check(self, subscription: Subscription) -> None:
        """Refuse a subscription that lacks something.

        Raises:
            PlanRequired: the plan is another one.
            AddOnRequired: the add-on is missing.
        """
        if lacking := self.lacking(subscription):
            raise lacking


#: What every webhook needs.
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
    """Return what a webhook for an action needs, or its events of a platform that has a rule of its own."""
    return _TABLE.get((action, platform)) or _TABLE[action, _ANY]


def special_platform(action: str, event: Mapping[str, object]) -> str | None:
    """Return the platform of an event if the action has a rule for that platform; otherwise None."""
    platform = event.get("platform")
    return platform if isinstance(platform, str) and (action, platform) in _TABLE else None
