"""The ledger in Redis: implements `webhooks.deliveries.ledger.Ledger`, one Lua script for each atomic step."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from webhooks.deliveries.delivery import State
from webhooks.deliveries.ledger import (
    AcceptVerdict,
    Claim,
    Claimed,
    Deferral,
    Entry,
    Idempotency,
    NewDelivery,
    Receipt,
    Recorded,
)
from webhooks.deliveries.retry import MAX_INTERRUPTIONS
from webhooks.deliveries.wakeup import CeleryList, Lane, WakeUp
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
PUBLISH_AHEAD_MS = 5_000
#: How long after its due time a delivery's alarm rings for the first time; that of a new one in the lane for bulk
#: later for each that its account has on their way, up to a limit: 2,000 are delivered in a second, or more.
WAKEUP_SLACK_MS = 3_000
WAKEUP_SLACK_FOR_EACH_MS = 0.5
MAX_WAKEUP_SLACK_MS = 300_000
#: How long until it rings again: as long as the delivery was overdue when it was to ring, within these.
MIN_WAKEUP_PAUSE_MS = 10_000
MAX_WAKEUP_PAUSE_MS = 300_000
#: How long a postponed delivery waits at most, should its queue be lost.
MAX_DEFERRED_MS = 3_600_000
#: How many of a queue are resumed the first time, unless their receiver hangs.
FIRST_RESUMED = 200
#: How many of a queue are resumed at least, so that those who wait have a chance beside those who come; or of all
#: queues together whose receivers hang at the same host.
MIN_RESUMED = 10
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
        lanes: Mapping[str, CeleryList] | None = None,
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
        self._defer = Script(redis, "postpone", clock)
        self._resume = Script(redis, "resume", clock)
        self._wakeups = Script(redis, "alarms", clock)

    def accept(self, deliveries: Sequence[NewDelivery]) -> list[Receipt]:
        """Resolve new deliveries and store those that have a webhook to go to, and whose account pays for it.

        Raises:
            StorageUnavailable: they may have been stored, but not on as many replicas as there must be; or these
                have just been found to lag, and nothing was stored.
        """
        key_lifetime = int(IDEMPOTENCY_LIFETIME.total_seconds())
        grace = (WAKEUP_SLACK_MS, WAKEUP_SLACK_FOR_EACH_MS, MAX_WAKEUP_SLACK_MS)
        lifetimes = (MAX_DEFERRED_MS, key_lifetime, self._lifetime)
        values: list[object] = [PUBLISH_AHEAD_MS, *grace, *lifetimes, *self._lanes]
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
        values = (round(lease * 1000), token, PUBLISH_AHEAD_MS, MAX_INTERRUPTIONS, self._lifetime)
        granted, early, parked, damaged = self._claim(*values, *hook_ids)
        claims = []
        with BATON:
            for answer in granted:
                try:
                    claims.append(read_claim(token, answer))
                except (KeyError, TypeError, ValueError):
                    # Its webhook cannot be read. Its neighbours are leased by now, so they must be called.
                    damaged.append(answer[0])
        return Claimed(claims, [_wakeup(*answer) for answer in early], parked, damaged)

    def record(self, entries: Sequence[Entry]) -> list[Recorded]:
        """Write down what has ended, unless the claim had outlived its lease."""
        values: list[object] = [WAKEUP_SLACK_MS, self._lifetime]
        with BATON:
            for entry in entries:
                values += _written(entry)
        return [Recorded(bool(written), Lane(lane or Lane.EXPRESS)) for written, lane in self._record(*values)]

    def release(self, claims: Sequence[Claim]) -> list[str]:
        """Give claims back; returns the hookIds that are due at once."""
        return self._release(*(value for claim in claims for value in (claim.hook_id, claim.token)))

    def defer(self, deferrals: Sequence[Deferral]) -> None:
        """Give claims back whose attempts have not begun; each waits in its queue until it is resumed."""
        values: list[object] = [MAX_DEFERRED_MS]
        for one in deferrals:
            values += (one.claim.hook_id, one.claim.token, one.queue)
        self._defer(*values)

    def resume(self, limit: int) -> list[WakeUp]:
        """Take up to `limit` deliveries from the queues of what was postponed, the oldest of each first."""
        return [_wakeup(*answer) for answer in self._resume(WAKEUP_SLACK_MS, MIN_RESUMED, FIRST_RESUMED, limit)]

    def wakeups(self, limit: int, ahead: float, long: Collection[str] = ()) -> list[WakeUp]:
        """Take up to `limit` alarms that ring within `ahead` seconds, and set each anew."""
        pauses = (MIN_WAKEUP_PAUSE_MS, MAX_WAKEUP_PAUSE_MS)
        values = (round(ahead * 1000), *pauses, limit, MAX_DEFERRED_MS, ",".join(long))
        return [_wakeup(*answer) for answer in self._wakeups(*values)]


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
    words = State if hook_id else AcceptVerdict
    return Receipt(
        verdict=AcceptVerdict(verdict),
        hook_id=hook_id or None,
        state=words(state) if state else None,
        wakeup=_wakeup(hook_id, wait, lane) if wait else None,
    )


def _wakeup(hook_id: str, wait: str, lane: str = Lane.EXPRESS) -> WakeUp:
    return WakeUp(hook_id, int(wait) / 1000, Lane(lane))
