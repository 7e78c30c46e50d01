"""Resending one ended delivery, at the customer's request."""

from __future__ import annotations

from typing import Protocol

import structlog
from msgspec.structs import replace

from webhooks.accounts.plans import AccountPlans, needs_of
from webhooks.deliveries.delivery import Delivery, State
from webhooks.deliveries.wakeup import PublishIds, publish_grouped
from webhooks.delivery_log.entries import DeliveryRecords
from webhooks.delivery_log.search import record_of
from webhooks.errors import AttemptedTooOften, StillOwed, UnknownWebhook
from webhooks.redelivery.redelivery import Redelivery, RedeliveryReceipt, RedeliveryVerdict, redelivery_of

log = structlog.get_logger()


class Redeliveries(Protocol):
    """Where ended deliveries become owed again."""

    def redeliver(self, redelivery: Redelivery) -> RedeliveryReceipt:
        """Make a delivery owed again, if it has not changed since it was read. One atomic step."""


class Resender:
    """Makes another round of attempts for a delivery, under the same hookId.

    Args:
        publish_ids: called with its id.
    """

    def __init__(
        self,
        records: DeliveryRecords,
        redeliveries: Redeliveries,
        accounts: AccountPlans,
        publish_ids: PublishIds,
    ) -> None:
        self._records = records
        self._redeliveries = redeliveries
        self._accounts = accounts
        self._publish_ids = publish_ids

    def resend(self, account: str, hook_id: str) -> Delivery:
        """Begin another round of attempts for an account's delivery; returns the delivery as it is now.

        Raises:
            UnknownDelivery: there is none with this hookId, or it is another account's.
            StillOwed: it has not ended.
            PlanRequired: the account's plan does not include it.
            AddOnRequired: the account lacks the add-on that it needs.
            UnknownWebhook: its webhook has been removed.
            AttemptedTooOften: it has too many attempts.
            RuntimeError: its record is damaged.
        """
        record = record_of(self._records, account, hook_id)
        if not record.delivery.state.has_ended:
            raise StillOwed
        needs_of(record.delivery.action, record.platform).check(self._accounts.subscription(account))
        redelivery = redelivery_of(record)
        if redelivery is None:
            raise AttemptedTooOften
        redelivered = self._redeliveries.redeliver(redelivery)
        if redelivered.verdict is RedeliveryVerdict.UNREGISTERED:
            raise UnknownWebhook
        if redelivered.verdict is RedeliveryVerdict.CHANGED:  # another caller was faster, or it has expired
            record_of(self._records, account, hook_id)
            raise StillOwed
        if redelivered.wakeup is None:  # the only verdict that is left: damaged
            raise RuntimeError(f"the record of delivery {hook_id} is damaged")
        publish_grouped(self._publish_ids, [redelivered.wakeup])
        log.info("delivery.resent", hook_id=hook_id, action=record.delivery.action, attempts=redelivery.made)
        return replace(record.delivery, state=State.QUEUED)
