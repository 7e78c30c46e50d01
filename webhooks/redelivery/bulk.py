"""Recoveries: many ended deliveries are redelivered in the background, step by step.

The progress is written in the same atomic step as the redeliveries, so nothing is redelivered twice when a worker
dies. A worker publishes its recovery again after some steps; the sweep publishes recoveries that have stalled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from webhooks.accounts.plans import WEBHOOK, AccountPlans, needs_of
from webhooks.deliveries.wakeup import PublishIds, publish_grouped
from webhooks.delivery_log.entries import DeliveryRecords, LogFilter, Span
from webhooks.delivery_log.search import search
from webhooks.errors import UnknownRecovery
from webhooks.redelivery.recovery import Progress, Recovery, Stage, new_recovery_id
from webhooks.redelivery.redelivery import Redelivery, RedeliveryReceipt, redelivery_of

#: Steps per message, each of up to 50 deliveries; then other recoveries continue.
STEPS = 10
#: While an account has more owed deliveries than this, its recoveries pause: an owed delivery takes three times
#: the memory of an ended one.
MAX_OWED = 5_000
#: Recoveries that one sweep publishes.
LIMIT = 1_000

_AFTER = {Stage.COUNTING: Stage.REDELIVERING, Stage.REDELIVERING: Stage.FINISHED}

log = structlog.get_logger()

#: Publishes a recovery by its id and the number of its next step. It never raises: the sweep publishes stalled
#: recoveries.
Publish = Callable[[str, int], None]


class Recoveries(Protocol):
    """Where recoveries are kept. Each call is one atomic step."""

    def begin(self, recovery: Recovery) -> None:
        """Store a new recovery; raises TooManyRecoveries."""

    def find(self, recovery_id: str) -> Recovery | None:
        """Return a recovery."""

    def advance(
        self, recovery: Recovery, progress: Progress, redeliveries: Sequence[Redelivery]
    ) -> list[RedeliveryReceipt] | None:
        """Redeliver, and record the progress of the recovery; None if another step is next."""

    def stalled(self, limit: int) -> list[tuple[str, int]]:
        """Return the stalled recoveries with their next steps, and restart their stall timeouts."""

    def owed_by(self, account: str) -> int:
        """Return how many deliveries of an account have been published and have not ended."""


class RecoveryRunner:
    """Begins recoveries and makes their steps."""

    def __init__(
        self,
        records: DeliveryRecords,
        recoveries: Recoveries,
        accounts: AccountPlans,
        publish_ids: PublishIds,
        publish: Publish,
    ) -> None:
        self._records = records
        self._recoveries = recoveries
        self._accounts = accounts
        self._publish_ids = publish_ids
        self._publish = publish

    def begin(self, span: Span, log_filter: LogFilter) -> Recovery:
        """Begin a recovery of the matching deliveries in a part of an account's log.

        Raises:
            PlanRequired: the account's plan does not include webhooks.
            AddOnRequired: the account lacks the add-on that the action needs.
            TooManyRecoveries: too many recoveries of the account are running.
        """
        needs = WEBHOOK if log_filter.action is None else needs_of(log_filter.action)
        needs.check(self._accounts.subscription(span.account))
        recovery = Recovery(new_recovery_id(), span, log_filter)
        self._recoveries.begin(recovery)
        self._publish(recovery.recovery_id, recovery.step)
        return recovery

    def recovery(self, account: str, recovery_id: str) -> Recovery:
        """Return a recovery of an account.

        Raises:
            UnknownRecovery: there is none with this id, or it is another account's.
        """
        recovery = self._recoveries.find(recovery_id)
        if recovery is None or recovery.span.account != account:
            raise UnknownRecovery
        return recovery

    def make_steps(self, recovery_id: str, step: int) -> None:
        """Make some steps of a recovery, and publish it again unless it has finished.

        Args:
            step: the number of the next step; nothing is done if another step is next by now.
        """
        for number in range(step, step + STEPS):
            recovery = self._recoveries.find(recovery_id)
            if recovery is None or recovery.step != number or not self._may_go_on(recovery):
                return
            if not self._make_step(recovery):
                return
        self._publish(recovery_id, step + STEPS)

    def publish_stalled(self) -> None:
        """Publish the recoveries that have stalled: a worker has died, or too many deliveries are owed."""
        for recovery_id, step in self._recoveries.stalled(LIMIT):
            self._publish(recovery_id, step)

    def _may_go_on(self, recovery: Recovery) -> bool:
        if recovery.stage is not Stage.REDELIVERING:
            return recovery.stage is Stage.COUNTING
        return self._recoveries.owed_by(recovery.span.account) < MAX_OWED

    def _make_step(self, recovery: Recovery) -> bool:
        """Count or redeliver some; False if another worker has made this step."""
        seen = search(self._records, recovery.span, recovery.log_filter, recovery.cursor, oldest_first=True)
        stage = recovery.stage if seen.end is not None else _AFTER[recovery.stage]
        if recovery.stage is Stage.COUNTING:
            return self._advance(recovery, Progress(stage, seen.end, counted=len(seen.found)))
        redeliveries = [
            redelivery for _, record in seen.found if (redelivery := redelivery_of(record)) is not None
        ]
        progress = Progress(stage, seen.end, failed=len(seen.found) - len(redeliveries))
        return self._advance(recovery, progress, redeliveries)

    def _advance(self, recovery: Recovery, progress: Progress, redeliveries: Sequence[Redelivery] = ()) -> bool:
        redelivered = self._recoveries.advance(recovery, progress, redeliveries)
        if redelivered is None:
            return False
        publish_grouped(self._publish_ids, [one.wakeup for one in redelivered if one.wakeup is not None])
        if progress.stage is Stage.FINISHED:
            log.info("recovery.finished", recovery_id=recovery.recovery_id, account=recovery.span.account)
        return True
