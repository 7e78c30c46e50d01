"""Recovering: all deliveries of a kind are sent again in the background, step by step.

How far it has come is written down with each step, in one and the same: what was revived by a worker that dies is
not revived again by the next. A worker publishes the recovery it works on again after some steps; the sweep does
it for one of which nobody has heard for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from webhooks.accounts.plans import WEBHOOK, Accounts, needs_of
from webhooks.deliveries.wakeup import PublishIds, publish_grouped
from webhooks.delivery_log.entries import DeliveryRecords, LogFilter, Span
from webhooks.delivery_log.search import search
from webhooks.errors import UnknownRecovery
from webhooks.redelivery.recovery import Progress, Recovery, Stage, new_recovery_id
from webhooks.redelivery.redelivery import Redelivery, RedeliveryReceipt, redelivery_of

#: Steps that are made for one message, each of 50 deliveries at most; then other recoveries have their turn.
STEPS = 10
#: Deliveries that an account may have on their way, beyond which no more are revived for now: what is owed takes
#: three times the room of what has ended.
MAX_OWED = 5_000
#: Recoveries that one sweep publishes at most.
LIMIT = 1_000

_AFTER = {Stage.COUNTING: Stage.REVIVING, Stage.REVIVING: Stage.FINISHED}

log = structlog.get_logger()

#: Publishes a recovery by its id and the number of its next step. It never raises: the sweep makes up for it.
Publish = Callable[[str, int], None]


class Recoveries(Protocol):
    """Where recoveries are kept. Each call is one atomic step."""

    def begin(self, recovery: Recovery) -> None:
        """Store a new recovery; raises TooManyRecoveries."""

    def find(self, recovery_id: str) -> Recovery | None:
        """Return a recovery."""

    def advance(
        self, recovery: Recovery, progress: Progress, revivals: Sequence[Redelivery]
    ) -> list[RedeliveryReceipt] | None:
        """Revive deliveries, and write down how far the recovery has come by it; None if another step is next."""

    def stalled(self, limit: int) -> list[tuple[str, int]]:
        """Return those that nobody has heard of for a while, with their next steps; they have time again then."""

    def on_their_way(self, account: str) -> int:
        """Return how many deliveries of an account have been published and have not ended."""


class RecoveryRunner:
    """Begins recoveries and goes on with them."""

    def __init__(
        self,
        records: DeliveryRecords,
        recoveries: Recoveries,
        accounts: Accounts,
        publish_ids: PublishIds,
        publish: Publish,
    ) -> None:
        self._records = records
        self._recoveries = recoveries
        self._accounts = accounts
        self._publish_ids = publish_ids
        self._publish = publish

    def begin(self, span: Span, wanted: LogFilter) -> Recovery:
        """Begin a recovery of what is wanted of a part of an account's log.

        Raises:
            PlanRequired: the account's plan does not include webhooks.
            AddOnRequired: the account lacks the add-on that the wanted action needs.
            TooManyRecoveries: too many of the account have not finished.
        """
        needs = WEBHOOK if wanted.action is None else needs_of(wanted.action)
        needs.check(self._accounts.subscription(span.account))
        recovery = Recovery(new_recovery_id(), span, wanted)
        self._recoveries.begin(recovery)
        self._publish(recovery.recovery_id, recovery.step)
        return recovery

    def recovery(self, account: str, recovery_id: str) -> Recovery:
        """Return a recovery of an account.

        Raises:
            UnknownRecovery: there is none by this id, or it is another account's.
        """
        recovery = self._recoveries.find(recovery_id)
        if recovery is None or recovery.span.account != account:
            raise UnknownRecovery
        return recovery

    def go_on(self, recovery_id: str, step: int) -> None:
        """Make some steps of a recovery, and publish it again if it is not finished.

        Args:
            step: the number of the next step; nothing is done if another is by now.
        """
        for number in range(step, step + STEPS):
            recovery = self._recoveries.find(recovery_id)
            if recovery is None or recovery.step != number or not self._may_go_on(recovery):
                return
            if not self._make_step(recovery):
                return
        self._publish(recovery_id, step + STEPS)

    def wake(self) -> None:
        """Publish the recoveries of which nobody has heard for a while: a worker has died, or has to wait."""
        for recovery_id, step in self._recoveries.stalled(LIMIT):
            self._publish(recovery_id, step)

    def _may_go_on(self, recovery: Recovery) -> bool:
        if recovery.stage is not Stage.REVIVING:
            return recovery.stage is Stage.COUNTING
        return self._recoveries.on_their_way(recovery.span.account) < MAX_OWED

    def _make_step(self, recovery: Recovery) -> bool:
        """Count or revive some; False if somebody else has made this step."""
        seen = search(self._records, recovery.span, recovery.wanted, recovery.place, oldest_first=True)
        stage = recovery.stage if seen.end is not None else _AFTER[recovery.stage]
        if recovery.stage is Stage.COUNTING:
            return self._advance(recovery, Progress(stage, seen.end, counted=len(seen.found)))
        revivals = [revival for _, record in seen.found if (revival := redelivery_of(record)) is not None]
        progress = Progress(stage, seen.end, failed=len(seen.found) - len(revivals))
        return self._advance(recovery, progress, revivals)

    def _advance(self, recovery: Recovery, progress: Progress, revivals: Sequence[Redelivery] = ()) -> bool:
        redelivered = self._recoveries.advance(recovery, progress, revivals)
        if redelivered is None:
            return False
        publish_grouped(self._publish_ids, [one.wakeup for one in redelivered if one.wakeup is not None])
        if progress.stage is Stage.FINISHED:
            log.info("recovery.finished", recovery_id=recovery.recovery_id, account=recovery.span.account)
        return True
