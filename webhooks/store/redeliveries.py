"""Redeliveries in Redis, one by one and in recoveries.

They implement `webhooks.redelivery.resend.Redeliveries` and `webhooks.redelivery.bulk.Recoveries`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from webhooks.deliveries.delivery import State
from webhooks.deliveries.wakeup import Lane, WakeUp
from webhooks.delivery_log.entries import Cursor, LogFilter, Span
from webhooks.errors import TooManyRecoveries
from webhooks.redelivery.recovery import Progress, Recovery, Stage
from webhooks.redelivery.redelivery import Redelivery, RedeliveryReceipt, RedeliveryVerdict
from webhooks.store.connection import Client, Clock, milliseconds, moment
from webhooks.store.ledger import WAKEUP_SLACK_MS
from webhooks.store.log import written_line
from webhooks.store.rows import DeliveryRow
from webhooks.store.scripts import Script

#: How long a recovery is kept after its last step.
RECOVERY_LIFETIME = timedelta(days=7)
#: The maximum number of running recoveries of an account.
MAX_RECOVERIES = 10
_LIFETIME = int(RECOVERY_LIFETIME.total_seconds())

#: The values for a script if there is no recovery.
_NO_RECOVERY = ("", "", "", "", "", "", "")


class RedisRedeliveries:
    """Makes ended deliveries owed again.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._redeliver = Script(redis, "redelivery/redeliver", clock, delivery=DeliveryRow)

    def redeliver(self, redelivery: Redelivery) -> RedeliveryReceipt:
        """Make a delivery owed again, if it has not changed since it was read."""
        _, answer = self._redeliver(WAKEUP_SLACK_MS, *_NO_RECOVERY, *_row(redelivery))
        return _redelivered(redelivery, *answer)


class RedisRecoveries:
    """Recoveries and their redeliveries.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._redis = redis
        self._begin = Script(redis, "redelivery/begin_recovery", clock)
        self._redeliver = Script(redis, "redelivery/redeliver", clock, delivery=DeliveryRow)
        self._stalled = Script(redis, "redelivery/stalled", clock)

    def begin(self, recovery: Recovery) -> None:
        """Store a new recovery. Without `until`, it covers deliveries that were accepted before now.

        Raises:
            TooManyRecoveries: `MAX_RECOVERIES` of its account are running.
        """
        span, log_filter = recovery.span, recovery.log_filter
        about = (span.account, span.profile or "", _written(span.since), _written(span.until))
        values = (WAKEUP_SLACK_MS, _LIFETIME, MAX_RECOVERIES, recovery.recovery_id, *about)
        if not self._begin(*values, log_filter.action or "", log_filter.state or ""):
            raise TooManyRecoveries

    def find(self, recovery_id: str) -> Recovery | None:
        """Return a recovery."""
        stored = self._redis.hgetall(f"recovery:{recovery_id}")
        return _recovery(recovery_id, stored) if stored else None

    def advance(
        self, recovery: Recovery, progress: Progress, redeliveries: Sequence[Redelivery]
    ) -> list[RedeliveryReceipt] | None:
        """Redeliver, and record the progress of the recovery; None if another step is next."""
        cursor = "" if progress.cursor is None else str(progress.cursor)
        step = (recovery.recovery_id, recovery.step, _LIFETIME, progress.stage, cursor)
        values = [value for redelivery in redeliveries for value in _row(redelivery)]
        is_next, *answers = self._redeliver(WAKEUP_SLACK_MS, *step, progress.counted, progress.failed, *values)
        if not is_next:
            return None
        return [
            _redelivered(redelivery, *answer) for redelivery, answer in zip(redeliveries, answers, strict=True)
        ]

    def stalled(self, limit: int) -> list[tuple[str, int]]:
        """Return the stalled recoveries with their next steps, and restart their stall timeouts."""
        return [(recovery_id, int(step)) for recovery_id, step in self._stalled(WAKEUP_SLACK_MS, _LIFETIME, limit)]

    def owed_by(self, account: str) -> int:
        """Return how many deliveries of an account have been published and have not ended."""
        return int(self._redis.get(f"onItsWay:{account}") or 0)


def _row(redelivery: Redelivery) -> DeliveryRow:
    record, delivery = redelivery.record, redelivery.record.delivery
    return DeliveryRow(
        hook_id=delivery.hook_id,
        token=record.token or "",
        action=delivery.action,
        profile=delivery.profile,
        account=delivery.account,
        owner=record.owner,
        title=record.title,
        payload=record.payload,
        platform=record.platform or "",
        created=milliseconds(delivery.created),
        made=redelivery.made,
        log="".join(f"{written_line(attempt)}\n" for attempt in redelivery.attempts),
    )


def _redelivered(redelivery: Redelivery, verdict: str, lane: str) -> RedeliveryReceipt:
    wakeup = WakeUp(redelivery.record.delivery.hook_id, 0.0, Lane(lane)) if lane else None
    return RedeliveryReceipt(RedeliveryVerdict(verdict), wakeup)


def _written(moment: datetime | None) -> str:
    return "" if moment is None else str(milliseconds(moment))


def _recovery(recovery_id: str, stored: Mapping[str, Any]) -> Recovery:
    since = moment(stored["since"]) if stored["since"] else None
    span = Span(stored["account"], stored["profile"] or None, since, moment(stored["until"]))
    state = State(stored["state"]) if stored["state"] else None
    return Recovery(
        recovery_id=recovery_id,
        span=span,
        log_filter=LogFilter(stored["action"] or None, state),
        step=int(stored["step"]),
        stage=Stage(stored["stage"]),
        cursor=Cursor.read(stored["place"]) if stored["place"] else None,
        counted=int(stored["counted"]),
        done=int(stored["done"]),
        failed=int(stored["failed"]),
    )
