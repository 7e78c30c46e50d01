"""Resending: a delivery that has ended is sent again, because a customer asks for it."""

from __future__ import annotations

from typing import Protocol

import structlog
from msgspec.structs import replace

from webhooks.accounts.plans import Accounts, needs_of
from webhooks.deliveries.delivery import Delivery, State
from webhooks.deliveries.wakeup import PublishIds, publish_grouped
from webhooks.delivery_log.entries import DeliveryRecords
from webhooks.delivery_log.search import record_of
from webhooks.errors import AttemptedTooOften, StillOwed, UnknownWebhook
from webhooks.redelivery.redelivery import Redelivery, RedeliveryReceipt, RedeliveryVerdict, redelivery_of

log = structlog.get_logger()


class Redeliveries(Protocol):
    """Where what has ended becomes owed again."""

    def redeliver(self, revival: Redelivery) -> RedeliveryReceipt:
        """Have a delivery owed again, if it still stands as it was read. One atomic step."""


class Resender:
    """Has a delivery attempted again, by its old hookId.

    Args:
        ring: called with its id.
    """

    def __init__(
        self, records: DeliveryRecords, revivals: Redeliveries, accounts: Accounts, publish_ids: PublishIds
    ) -> None:
        self._records = records
        self._revivals = revivals
        self._accounts = accounts
        self._publish_ids = publish_ids

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
        revival = redelivery_of(record)
        if revival is None:
            raise AttemptedTooOften
        redelivered = self._revivals.redeliver(revival)
        if redelivered.verdict is RedeliveryVerdict.UNREGISTERED:
            raise UnknownWebhook
        if (
            redelivered.verdict is RedeliveryVerdict.CHANGED
        ):  # somebody else was quicker, or its time in the log is over
            record_of(self._records, account, hook_id)
            raise StillOwed
        if redelivered.wakeup is None:
            raise RuntimeError(f"what is stored of delivery {hook_id} is damaged")
        publish_grouped(self._publish_ids, [redelivered.wakeup])
        log.info("delivery.resent", hook_id=hook_id, action=record.delivery.action, attempts=revival.made)
        return replace(record.delivery, state=State.QUEUED)
