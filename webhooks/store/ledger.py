"""The ledger in Redis: implements `webhooks.deliveries.ledger.Ledger`, one Lua script for each atomic step."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from webhooks.deliveries.delivery import State
from webhooks.deliveries.ledger import (
    Claim,
    Claimed,
    Entry,
    Idempotency,
    NewDelivery,
    Postponement,
    Receipt,
    Recorded,
    Verdict,
)
from webhooks.deliveries.retry import MOST_INTERRUPTIONS
from webhooks.deliveries.wakeup import Alarm, Lane, MessageList
from webhooks.errors import StorageUnavailable
from webhooks.runtime.baton import BATON
from webhooks.store.accounts import needs_values
from webhooks.store.breaker import Breaker
from webhooks.store.claims import ended_by, line_of, read_claim
from webhooks.store.connection import Client, Clock, Script, milliseconds
from webhooks.store.ended import packed

#: How long a producer's idempotency key is known (contract section 3).
IDEMPOTENCY_LIFETIME = timedelta(hours=24)
#: Deliveries that are due within this time are published by whoever stores them, if not by the script that does;
#: later ones by the sweep.
RING_AHEAD_MS = 5_000
#: How long after its due time a delivery's alarm rings for the first time; that of a new one in the lane for bulk
#: later for each that its account has on their way, up to a limit: 2,000 are delivered in a second, or more.
GRACE_MS = 3_000
GRACE_FOR_EACH_MS = 0.5
MOST_GRACE_FOR_ALL_MS = 300_000
#: How long until it rings again: as long as the delivery was overdue when it was to ring, within these.
LEAST_ALARM_PAUSE_MS = 10_000
MOST_ALARM_PAUSE_MS = 300_000
#: How long a postponed delivery waits at most, should its queue be lost.
LONGEST_POSTPONED_MS = 3_600_000
#: How many of a queue are resumed the first time, unless their receiver hangs.
FIRST_RESUMED = 200
#: How many of a queue are resumed at least, so that those who wait have a chance beside those who come; or of all
#: queues together whose receivers hang at the same host.
LEAST_RESUMED = 10
#: How long replicas may take; less than the second that a command may.
REPLICATION_MS = 800


class RedisLedger:
    """Deliveries in Redis.

    Args:
        history: how long an ended delivery is kept.
        clock: milliseconds since 1970, for tests; the server's clock if None.
        replicas: how many replicas must have a new delivery before `accept` returns.
        lanes: the lanes, if these are lists in the same Redis. What is due at once is put there in the step that
            accepts it then, and nobody else need publish it.
    """

    def __init__(
        self,
        redis: Client,
        history: timedelta,
        clock: Clock | None = None,
        replicas: int = 0,
        lanes: Mapping[str, MessageList] | None = None,
    ) -> None:
        self._redis = redis
        lists = [lanes[lane] for lane in (Lane.EXPRESS, Lane.BULK)] if lanes else []
        self._lanes = [value for one in lists for value in (one.key, one.message)] or [""] * 4
        self._replicas = replicas
        self._replication = Breaker()
        self._lifetime = max(1, int(history.total_seconds()))  # Redis takes whole seconds, and none for an error
        self._accept = Script(redis, "accept", clock)
        self._claim = Script(redis, "claim", clock)
        self._record = Script(redis, "record", clock)
        self._release = Script(redis, "release", clock)
        self._postpone = Script(redis, "postpone", clock)
        self._resume = Script(redis, "resume", clock)
        self._alarms = Script(redis, "alarms", clock)

    def accept(self, deliveries: Sequence[NewDelivery]) -> list[Receipt]:
        """Resolve new deliveries and store those that have a webhook to go to, and whose account pays for it.

        Raises:
            StorageUnavailable: they may have been stored, but not on as many replicas as there must be; or these
                have just been found to lag, and nothing was stored.
        """
        key_lifetime = int(IDEMPOTENCY_LIFETIME.total_seconds())
        grace = (GRACE_MS, GRACE_FOR_EACH_MS, MOST_GRACE_FOR_ALL_MS)
        lifetimes = (LONGEST_POSTPONED_MS, key_lifetime, self._lifetime)
        values: list[object] = [RING_AHEAD_MS, *grace, *lifetimes, *self._lanes]
        for new in deliveries:
            key, fingerprint = _idempotency(new.idempotency)
            due = "" if new.due is None else milliseconds(new.due)
            values += (
                new.hook_id,
                new.action,
                new.profile,
                new.payload,
                due,
                int(new.notifies),
                int(new.mails),
                key,
                fingerprint,
                *needs_values(new.action, new.platform),
                new.platform or "",
            )
        answers = self._accept_on_replicas(values) if self._replicas else self._accept(*values)
        return [_receipt(*answer) for answer in answers]

    def _accept_on_replicas(self, values: Sequence[object]) -> list[Any]:
        self._replication.check()
        with self._redis.client() as connection:  # waiting is for what was written on the same connection
            answers = self._accept(*values, client=connection)
            if connection.wait(self._replicas, REPLICATION_MS) < self._replicas:
                self._replication.hung()
                raise StorageUnavailable
        self._replication.answered()
        return answers

    def claim(self, hook_ids: Sequence[str], lease: float, token: str) -> Claimed:
        """Claim those that are due, for `lease` seconds."""
        values = (round(lease * 1000), token, RING_AHEAD_MS, MOST_INTERRUPTIONS, self._lifetime)
        granted, early, parked, damaged = self._claim(*values, *hook_ids)
        claims = []
        with BATON:
            for answer in granted:
                try:
                    claims.append(read_claim(token, answer))
                except (KeyError, TypeError, ValueError):
                    # Its webhook cannot be read. Its neighbours are leased by now, so they must be called.
                    damaged.append(answer[0])
        return Claimed(claims, [_alarm(*answer) for answer in early], parked, damaged)

    def record(self, entries: Sequence[Entry]) -> list[Recorded]:
        """Write down what has ended, unless the claim had outlived its lease."""
        values: list[object] = [GRACE_MS, self._lifetime]
        with BATON:
            for entry in entries:
                values += _written(entry)
        return [Recorded(bool(written), Lane(lane or Lane.EXPRESS)) for written, lane in self._record(*values)]

    def release(self, claims: Sequence[Claim]) -> list[str]:
        """Give claims back; returns the hookIds that are due at once."""
        return self._release(*(value for claim in claims for value in (claim.hook_id, claim.token)))

    def postpone(self, postponements: Sequence[Postponement]) -> None:
        """Give claims back whose attempts have not begun; each waits in its queue until it is resumed."""
        values: list[object] = [LONGEST_POSTPONED_MS]
        for one in postponements:
            values += (one.claim.hook_id, one.claim.token, one.queue)
        self._postpone(*values)

    def resume(self, limit: int) -> list[Alarm]:
        """Take up to `limit` deliveries from the queues of what was postponed, the oldest of each first."""
        return [_alarm(*answer) for answer in self._resume(GRACE_MS, LEAST_RESUMED, FIRST_RESUMED, limit)]

    def alarms(self, limit: int, ahead: float, long: Collection[str] = ()) -> list[Alarm]:
        """Take up to `limit` alarms that ring within `ahead` seconds, and set each anew."""
        pauses = (LEAST_ALARM_PAUSE_MS, MOST_ALARM_PAUSE_MS)
        values = (round(ahead * 1000), *pauses, limit, LONGEST_POSTPONED_MS, ",".join(long))
        return [_alarm(*answer) for answer in self._alarms(*values)]


def _idempotency(idempotency: Idempotency | None) -> tuple[str, str]:
    if idempotency is None:
        return "", ""
    return f"idempotency:{idempotency.producer}:{idempotency.key}", idempotency.fingerprint


def _written(entry: Entry) -> tuple[object, ...]:
    claim = entry.claim
    delay = "" if entry.delay is None else round(entry.delay * 1000)
    written = line_of(entry) if entry.delay is not None else packed(ended_by(entry))
    return claim.hook_id, claim.token, claim.account, entry.state.value, delay, written


def _receipt(verdict: str, hook_id: str, state: str, wait: str, lane: str) -> Receipt:
    words = State if hook_id else Verdict
    return Receipt(
        verdict=Verdict(verdict),
        hook_id=hook_id or None,
        state=words(state) if state else None,
        alarm=_alarm(hook_id, wait, lane) if wait else None,
    )


def _alarm(hook_id: str, wait: str, lane: str = Lane.EXPRESS) -> Alarm:
    return Alarm(hook_id, int(wait) / 1000, Lane(lane))
