"""Resending: a delivery that has ended is sent again, because a customer asks for it."""

from __future__ import annotations

from typing import Protocol

import structlog
from msgspec.structs import replace

from webhooks.accounts.plans import Accounts, needs_of
from webhooks.deliveries.delivery import Delivery, State
from webhooks.deliveries.wakeup import Ring, ring_together
from webhooks.delivery_log.entries import Records
from webhooks.delivery_log.search import record_of
from webhooks.errors import AttemptedTooOften, StillOwed, UnknownWebhook
from webhooks.redelivery.revival import Revival, Revived, Verdict, revival_of

log = structlog.get_logger()


class Revivals(Protocol):
    """Where what has ended becomes owed again."""

    def revive(self, revival: Revival) -> Revived:
        """Have a delivery owed again, if it still stands as it was read. One atomic step."""


class Resending:
    """Has a delivery attempted again, by its old hookId.

    Args:
        ring: called with its id.
    """

    def __init__(self, records: Records, revivals: Revivals, accounts: Accounts, ring: Ring) -> None:
        self._records = records
        self._revivals = revivals
        self._accounts = accounts
        self._ring = ring

    def resend(self, account: str, hook_id: str) -> Delivery:
        """Begin another round of attempts of an account's delivery; returns it as it stands now.

        Raises:
            UnknownDelivery: there is none by this hookId, or it is another account's.
            StillOwed: it has not ended.
            PlanRequired: the account's plan does not include it.
            AddOnRequired: the account lacks the add-on that it needs.
            UnknownWebhook: the webhook that it went to is not there any more.
            AttemptedTooOften: it was sent again and again before.
            RuntimeError: what is stored of it is damaged.
        """
        record = record_of(self._records, account, hook_id)
        if not record.delivery.state.has_ended:
            raise StillOwed
        needs_of(record.delivery.action, record.platform).check(self._accounts.subscription(account))
        revival = revival_of(record)
        if revival is None:
            raise AttemptedTooOften
        revived = self._revivals.revive(revival)
        if revived.verdict is Verdict.UNREGISTERED:
            raise UnknownWebhook
        if revived.verdict is Verdict.CHANGED:  # somebody else was quicker, or its time in the log is over
            record_of(self._records, account, hook_id)
            raise StillOwed
        if revived.alarm is None:
            raise RuntimeError(f"what is stored of delivery {hook_id} is damaged")
        ring_together(self._ring, [revived.alarm])
        log.info("delivery.resent", hook_id=hook_id, action=record.delivery.action, attempts=revival.made)
        return replace(record.delivery, state=State.QUEUED)
