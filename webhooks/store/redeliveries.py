"""Revivals in Redis, one by one and by recoveries.

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
from webhooks.store.connection import Client, Clock, Script, milliseconds, moment
from webhooks.store.ledger import WAKEUP_SLACK_MS
from webhooks.store.log import written_line

#: How long a recovery is known after its last step.
RECOVERY_LIFETIME = timedelta(days=7)
#: Recoveries of an account that may run at the same time.
MAX_RECOVERIES = 10
_LIFETIME = int(RECOVERY_LIFETIME.total_seconds())

#: What is told about a recovery when there is none.
_NO_RECOVERY = ("", "", "", "", "", "", "")


class RedisRedeliveries:
    """What has ended becomes owed again.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._revive = Script(redis, "revive", clock)

    def redeliver(self, revival: Redelivery) -> RedeliveryReceipt:
        """Have a delivery owed again, if it still stands as it was read."""
        _, answer = self._revive(WAKEUP_SLACK_MS, *_NO_RECOVERY, *_values(revival))
        return _redelivered(revival, *answer)


class RedisRecoveries:
    """Recoveries, and what they revive.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._redis = redis
        self._begin = Script(redis, "begin_recovery", clock)
        self._revive = Script(redis, "revive", clock)
        self._stalled = Script(redis, "stalled", clock)

    def begin(self, recovery: Recovery) -> None:
        """Store a new recovery. Without an `until` it is about what was accepted before now.

        Raises:
            TooManyRecoveries: `MAX_RECOVERIES` of its account have not finished.
        """
        span, wanted = recovery.span, recovery.wanted
        about = (span.account, span.profile or "", _written(span.since), _written(span.until))
        values = (WAKEUP_SLACK_MS, _LIFETIME, MAX_RECOVERIES, recovery.recovery_id, *about)
        if not self._begin(*values, wanted.action or "", wanted.state or ""):
            raise TooManyRecoveries

    def find(self, recovery_id: str) -> Recovery | None:
        """Return a recovery."""
        stored = self._redis.hgetall(f"recovery:{recovery_id}")
        return _recovery(recovery_id, stored) if stored else None

    def advance(
        self, recovery: Recovery, progress: Progress, revivals: Sequence[Redelivery]
    ) -> list[RedeliveryReceipt] | None:
        """Revive deliveries, and write down how far the recovery has come by it; None if another step is next."""
        place = "" if progress.place is None else str(progress.place)
        step = (recovery.recovery_id, recovery.step, _LIFETIME, progress.stage, place)
        values = [value for revival in revivals for value in _values(revival)]
        is_next, *answers = self._revive(WAKEUP_SLACK_MS, *step, progress.counted, progress.failed, *values)
        if not is_next:
            return None
        return [_redelivered(revival, *answer) for revival, answer in zip(revivals, answers, strict=True)]

    def stalled(self, limit: int) -> list[tuple[str, int]]:
        """Return those that nobody has heard of for a while, with their next steps; they have time again then."""
        return [(recovery_id, int(step)) for recovery_id, step in self._stalled(WAKEUP_SLACK_MS, _LIFETIME, limit)]

    def on_their_way(self, account: str) -> int:
        """Return how many deliveries of an account have been published and have not ended."""
        return int(self._redis.get(f"onItsWay:{account}") or 0)


def _values(revival: Redelivery) -> tuple[object, ...]:
    """Return what revive.lua takes of a delivery."""
    record, delivery = revival.record, revival.record.delivery
    event = (delivery.action, delivery.profile, delivery.account, record.owner, record.title, record.payload)
    lines = "".join(f"{written_line(attempt)}\n" for attempt in revival.attempts)
    created = milliseconds(delivery.created)
    return (delivery.hook_id, record.token or "", *event, record.platform or "", created, revival.made, lines)


def _redelivered(revival: Redelivery, verdict: str, lane: str) -> RedeliveryReceipt:
    wakeup = WakeUp(revival.record.delivery.hook_id, 0.0, Lane(lane)) if lane else None
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
        wanted=LogFilter(stored["action"] or None, state),
        step=int(stored["step"]),
        stage=Stage(stored["stage"]),
        place=Cursor.read(stored["place"]) if stored["place"] else None,
        counted=int(stored["counted"]),
        done=int(stored["done"]),
        failed=int(stored["failed"]),
    )
